//! What a world adds to the steps of the library, in processor time, so that what else the machine
//! does hardly counts.

use std::fs;
use std::sync::Arc;

use libmujoco::{Model, Numbers, Simulation};
use mujoco::ant::Ant;
use mujoco::fetch::Fetch;
use mujoco::fetch::errands::Reach;
use mujoco::half_cheetah::HalfCheetah;
use mujoco::hopper::Hopper;
use mujoco::humanoid::Humanoid;
use mujoco::inverted_double_pendulum::InvertedDoublePendulum;
use mujoco::inverted_pendulum::InvertedPendulum;
use mujoco::pusher::Pusher;
use mujoco::reacher::Reacher;
use mujoco::simulated::{Simulated, World};
use mujoco::standup::HumanoidStandup;
use mujoco::swimmer::Swimmer;
use mujoco::walker2d::Walker2d;
use plugin_api::prelude::*;
use plugin_api::space::SpaceSampler;

use crate::is_here;

const STEPS: usize = 4000;

/// Time this thread has spent on a processor, where the kernel tells it.
fn processor_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}

/// What a run did: the actions, and the states that its episodes began with.
struct Tape {
    actions: Vec<f32>,
    /// The step before which an episode began, with its coordinates and velocities.
    begins: Vec<(usize, Vec<f64>, Vec<f64>)>,
}

/// Steps a second of the world, and what it did.
fn ours<E: Env<Obs = f64, Action = f32>>() -> Option<(f64, Vec<f32>, Vec<usize>)> {
    let mut env = E::new(&E::Params::default()).expect("the library is here");
    let task = env.task();
    let mut sampler = SpaceSampler::new(&task.actions, 0).expect("actions can be drawn");
    let width = task.actions.width();
    let mut actions = vec![0.0; STEPS * width];
    actions.chunks_exact_mut(width).for_each(|action| sampler.sample(None, action));
    let (mut rng, mut obs) = (Rng::seeded(0), vec![0.0; task.observations.width()]);
    let mut begins = vec![0];
    let mut elapsed = 0;
    let start = processor_seconds()?;
    env.reset(&mut rng, &mut obs);
    for (at, action) in actions.chunks_exact(width).enumerate() {
        let step = env.step(action, &mut rng, &mut obs);
        elapsed += 1;
        if step.terminated || elapsed == task.max_steps {
            env.reset(&mut rng, &mut obs);
            begins.push(at + 1);
            elapsed = 0;
        }
    }
    Some((STEPS as f64 / (processor_seconds()? - start), actions, begins))
}

/// What the world asked the library for, and nothing else.
fn bare<W: World>(tape: &Tape) -> Option<f64> {
    let params = W::Params::default();
    let (file, frame_skip) = W::model(&params);
    let mut now = Simulation::new(Arc::new(Model::load(file).expect("the library is here")));
    let width = now.model().nu;
    let mut begins = tape.begins.iter().peekable();
    let start = processor_seconds()?;
    for (at, action) in tape.actions.chunks_exact(width).enumerate() {
        if let Some((_, qpos, qvel)) = begins.next_if(|(begin, ..)| *begin == at) {
            now.reset();
            now.get_mut(Numbers::Qpos).copy_from_slice(qpos);
            now.get_mut(Numbers::Qvel).copy_from_slice(qvel);
            now.forward();
        }
        let controls = now.get_mut(Numbers::Ctrl).iter_mut();
        controls.zip(action).for_each(|(control, action)| *control = f64::from(*action));
        for _ in 0..frame_skip {
            now.step();
        }
        now.rne_post_constraint();
    }
    Some(STEPS as f64 / (processor_seconds()? - start))
}

/// The states that the episodes of a run begin with.
fn tape<W: World>(actions: Vec<f32>, begins: Vec<usize>) -> Tape {
    let params = W::Params::default();
    let model = Model::load(W::model(&params).0).expect("the library is here");
    let world = W::new(&params, &model).expect("the defaults fit");
    let now = Simulation::new(Arc::new(model));
    let mut rng = Rng::seeded(0);
    let state = |begin: usize| {
        let mut qpos = now.get(Numbers::Qpos).to_vec();
        let mut qvel = now.get(Numbers::Qvel).to_vec();
        world.start(&mut qpos, &mut qvel, &mut rng);
        (begin, qpos, qvel)
    };
    Tape { actions, begins: begins.into_iter().map(state).collect() }
}

/// The best of some rounds in turn: ours, bare, and the ratio.
fn compare<W: World>() -> Option<(f64, f64, f64)> {
    let (_, actions, begins) = ours::<Simulated<W>>()?;
    let tape = tape::<W>(actions, begins);
    let (mut own, mut least) = (0.0_f64, 0.0_f64);
    for _ in 0..7 {
        own = own.max(ours::<Simulated<W>>()?.0);
        least = least.max(bare::<W>(&tape)?);
    }
    Some((own, least, own / least))
}

/// A world, and what measures it.
type Contestant = (&'static str, fn() -> Option<(f64, f64, f64)>);

const WORLDS: [Contestant; 11] = [
    (Ant::NAME, compare::<Ant>),
    (HalfCheetah::NAME, compare::<HalfCheetah>),
    (Hopper::NAME, compare::<Hopper>),
    (Humanoid::NAME, compare::<Humanoid>),
    (HumanoidStandup::NAME, compare::<HumanoidStandup>),
    (InvertedDoublePendulum::NAME, compare::<InvertedDoublePendulum>),
    (InvertedPendulum::NAME, compare::<InvertedPendulum>),
    (Pusher::NAME, compare::<Pusher>),
    (Reacher::NAME, compare::<Reacher>),
    (Swimmer::NAME, compare::<Swimmer>),
    (Walker2d::NAME, compare::<Walker2d>),
];

/// The bars leave room for an older processor and a moment that was noisy.
#[test]
#[ignore = "long: figures for the documentation"]
fn worlds_add_little_to_the_library() {
    if !is_here() {
        return;
    }
    let mut worst = f64::INFINITY;
    for (name, compare) in WORLDS {
        let Some((own, least, ratio)) = compare() else {
            return println!("skipped: schedstat is not installed");
        };
        println!("{name} {own:.0} steps a second, the library alone {least:.0}, {ratio:.3}");
        worst = worst.min(ratio);
    }
    assert!(worst > 0.85, "{worst}");
    let reach = (0..3).filter_map(|_| ours::<Fetch<Reach>>()).map(|(speed, ..)| speed);
    let reach = reach.fold(0.0, f64::max);
    println!("FetchReach-v4 {reach:.0} steps a second");
    assert!(reach > 1500.0, "{reach}");
}
