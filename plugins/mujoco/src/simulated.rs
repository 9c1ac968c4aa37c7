//! What a world of this plugin is, and the environment around it.

use std::sync::Arc;

use libmujoco::{Model, Numbers, Simulation};
use plugin_api::Params;
use plugin_api::prelude::*;

use crate::scene::{self, View};

/// A world: a model, how it starts, what is seen of it and what that is worth.
pub trait World: Clone + Send + 'static {
    /// The name users write.
    const NAME: &'static str;
    /// Steps after which an episode is cut off.
    const MAX_STEPS: u32 = 1000;
    /// The mean return at which it counts as solved.
    const THRESHOLD: Option<f64> = None;
    /// How it is drawn.
    const VIEW: View;
    /// The params.
    type Params: Params;

    /// The world as the params describe it.
    fn new(params: &Self::Params, model: &Model) -> Result<Self>;

    /// The model to load, and how many of its steps make one of the world's.
    fn model(params: &Self::Params) -> (&str, i64);

    /// Changes the coordinates and velocities of the model's initial state to those of a start.
    fn start(&self, qpos: &mut [f64], qvel: &mut [f64], rng: &mut Rng);

    /// A place whose way within a step matters.
    fn place(&self, _now: &Simulation) -> [f64; 2] {
        [0.0; 2]
    }

    /// What a step brought; `way` is how the place moved in `dt`.
    fn judge(&self, now: &Simulation, action: &[f32], way: [f64; 2], dt: f64) -> Step;

    /// Elements of an observation.
    fn width(&self, model: &Model) -> usize;

    /// Writes what is seen.
    fn look(&self, now: &Simulation, row: &mut Row<'_>);
}

/// An observation that is being written, one part after another.
#[derive(Debug)]
pub struct Row<'a> {
    left: &'a mut [f64],
}

impl Row<'_> {
    /// Adds numbers.
    pub fn add(&mut self, numbers: impl IntoIterator<Item = f64>) {
        for number in numbers {
            let (first, left) = std::mem::take(&mut self.left).split_at_mut(1);
            first[0] = number;
            self.left = left;
        }
    }

    /// Adds numbers as they are.
    pub fn copy(&mut self, numbers: &[f64]) {
        let (first, left) = std::mem::take(&mut self.left).split_at_mut(numbers.len());
        first.copy_from_slice(numbers);
        self.left = left;
    }
}

/// The environment of a world.
#[derive(Clone, Debug)]
pub struct Simulated<W> {
    world: W,
    now: Simulation,
    frame_skip: i64,
    initial: (Vec<f64>, Vec<f64>),
    /// Where the world was after the last step; the library computes it before it moves on.
    place: [f64; 2],
}

impl<W: World> Simulated<W> {
    fn dt(&self) -> f64 {
        self.now.model().timestep * self.frame_skip as f64
    }

    fn look(&self, obs: &mut [f64]) {
        let mut row = Row { left: obs };
        self.world.look(&self.now, &mut row);
        debug_assert!(row.left.is_empty(), "the width is that of what is seen");
    }
}

impl<W: World> Env for Simulated<W> {
    const NAME: &'static str = W::NAME;
    type Params = W::Params;
    type Obs = f64;
    type Action = f32;

    fn new(params: &W::Params) -> Result<Self> {
        let (file, frame_skip) = W::model(params);
        let model = Model::load(file)?;
        let world = W::new(params, &model)?;
        let now = Simulation::new(Arc::new(model));
        let initial = (now.get(Numbers::Qpos).to_vec(), now.get(Numbers::Qvel).to_vec());
        Ok(Self { world, now, frame_skip, initial, place: [0.0; 2] })
    }

    fn task(&self) -> Task {
        let ranges = self.now.model().control_ranges();
        let bounds = |side: usize| ranges.iter().map(move |range| range[side] as f32);
        let (low, high): (Vec<f32>, Vec<f32>) = (bounds(0).collect(), bounds(1).collect());
        let observations = Space::unbounded::<f64>(&[self.world.width(self.now.model())]);
        let mut task = Task::new(observations, Space::bounded(&low, &high), W::MAX_STEPS)
            .determinism(Determinism::Machine)
            .frame_rate((1.0 / self.dt()).round());
        task.threshold = W::THRESHOLD;
        task
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [f64]) {
        self.now.reset();
        let (mut qpos, mut qvel) = self.initial.clone();
        self.world.start(&mut qpos, &mut qvel, rng);
        self.now.get_mut(Numbers::Qpos).copy_from_slice(&qpos);
        self.now.get_mut(Numbers::Qvel).copy_from_slice(&qvel);
        self.now.forward();
        self.place = self.world.place(&self.now);
        self.look(obs);
    }

    fn step(&mut self, action: &[f32], _rng: &mut Rng, obs: &mut [f64]) -> Step {
        for (control, action) in self.now.get_mut(Numbers::Ctrl).iter_mut().zip(action) {
            *control = f64::from(*action);
        }
        for _ in 0..self.frame_skip {
            self.now.step();
        }
        self.now.rne_post_constraint();
        let place = self.world.place(&self.now);
        let way = [place[0] - self.place[0], place[1] - self.place[1]];
        self.place = place;
        self.look(obs);
        self.world.judge(&self.now, action, way, self.dt())
    }

    fn state(&mut self, archive: &mut Archive) {
        let mut state = self.now.save();
        archive.slice("simulation", &mut state);
        archive.slice("place", &mut self.place);
        if archive.is_loading()
            && let Err(error) = self.now.load(&state)
        {
            archive.fail(error);
        }
    }

    fn render(&self, scene: &mut Scene) -> bool {
        scene::draw(self.now.clone(), W::VIEW, scene, |_| {});
        true
    }
}

/// Adds noise to all numbers, uniform within a distance.
pub(crate) fn shake(numbers: &mut [f64], distance: f64, rng: &mut Rng) {
    for number in numbers {
        *number += rng.uniform(-distance, distance);
    }
}

/// Adds noise to all numbers, normal with a deviation.
pub(crate) fn shake_normally(numbers: &mut [f64], deviation: f64, rng: &mut Rng) {
    for number in numbers {
        *number += deviation * rng.standard_normal();
    }
}

/// Two bounds of a param.
pub(crate) fn range(name: &str, bounds: &[f64]) -> Result<[f64; 2]> {
    match bounds {
        &[low, high] if low <= high => Ok([low, high]),
        _ => Err(Error::argument(format!(
            "`{name}` is {bounds:?}, but must be two numbers, the lower one first"
        ))),
    }
}
