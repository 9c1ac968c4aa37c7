//! Steps the worlds of the crate `operant` with random actions on one thread, at the number of
//! lanes where it is fastest, and prints one JSON line per world: operant-rival [WORLD [SECONDS]].
//!
//! The rival gets kind terms: its actions are drawn before the clock starts.

use std::env;
use std::hint::black_box;
use std::time::{Duration, Instant};

use operant_core::VecEnvironment;
use operant_envs::{CartPole, MountainCar, Pendulum};

const LANES: [usize; 6] = [16, 64, 256, 1024, 4096, 16384];

/// Rows of actions drawn in advance and used in turn.
const ROWS: usize = 64;

fn main() {
    let chosen = env::args().nth(1);
    let seconds: f64 = env::args().nth(2).map_or(1.0, |text| text.parse().expect("seconds"));
    let worlds: [(&str, Make, Draw); 3] = [
        (
            "CartPole-v1",
            |lanes| Box::new(CartPole::new(lanes, 500, 0.05, 1)),
            |bits| (bits % 2) as f32,
        ),
        (
            "MountainCar-v0",
            |lanes| Box::new(MountainCar::with_defaults(lanes)),
            |bits| (bits % 3) as f32,
        ),
        (
            "Pendulum-v1",
            |lanes| Box::new(Pendulum::with_defaults(lanes)),
            |bits| bits as f32 / u32::MAX as f32 * 4.0 - 2.0,
        ),
    ];
    for (world, make, draw) in worlds {
        if chosen.as_deref().is_some_and(|chosen| chosen != world) {
            continue;
        }
        let trial = |lanes: usize, time: f64| measure(make(lanes), draw, time);
        let speeds = LANES.map(|lanes| (trial(lanes, seconds / 10.0), lanes));
        let lanes = speeds.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).expect("some lanes").1;
        let speed = trial(lanes, seconds);
        println!(
            "{{\"rival\":\"operant\",\"world\":\"{world}\",\"lanes\":{lanes},\
             \"steps_per_s\":{speed:.0}}}"
        );
    }
}

type Make = fn(usize) -> Box<dyn VecEnvironment>;

/// An action made of random bits.
type Draw = fn(u32) -> f32;

/// Steps a second, over all lanes, with resets where episodes end.
fn measure(mut env: Box<dyn VecEnvironment>, draw: Draw, seconds: f64) -> f64 {
    let lanes = env.num_envs();
    let mut bits = 1_u64;
    let actions: Vec<f32> = (0..lanes * ROWS).map(|_| draw(next(&mut bits))).collect();
    let mut observations = vec![0.0; lanes * env.observation_size()];
    let mut rewards = vec![0.0; lanes];
    let mut flags = vec![0; lanes];
    let limit = Duration::from_secs_f64(seconds);

    env.reset(0);
    let start = Instant::now();
    let mut steps = 0;
    while start.elapsed() < limit {
        for row in actions.chunks_exact(lanes) {
            env.step(black_box(row));
            env.write_observations(black_box(&mut observations));
            env.write_rewards(black_box(&mut rewards));
            env.write_terminals(black_box(&mut flags));
            env.write_truncations(black_box(&mut flags));
        }
        steps += ROWS * lanes;
    }
    steps as f64 / start.elapsed().as_secs_f64()
}

/// The high half of a linear congruential generator.
fn next(bits: &mut u64) -> u32 {
    *bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*bits >> 32) as u32
}
