//! The games keep what worlds promise, and whoever plays well wins.

use arcade::bricks::Bricks;
use arcade::cabinet::{Cabinet, CabinetParams, Game};
use arcade::catch::{Catch, FRUITS};
use plugin_api::prelude::*;

/// Plays until an episode ends; returns its rewards and steps.
fn play<G: Game>(
    world: &mut Cabinet<G>,
    rng: &mut Rng,
    mut choose: impl FnMut(&G, &mut Rng) -> i64,
) -> (f64, u32) {
    let mut obs = vec![0; world.task().observations.width()];
    world.reset(rng, &mut obs);
    let mut sum = 0.0;
    for steps in 1.. {
        let action = choose(world.game(), rng);
        let step = world.step(&[action], rng, &mut obs);
        sum += step.reward;
        if step.terminated || steps == world.task().max_steps {
            return (sum, steps);
        }
    }
    unreachable!("every episode ends")
}

/// The action that brings something at `from` closer to `to`, if it is not there.
fn towards(from: f32, to: f32, near: f32) -> i64 {
    if to > from + near { 2 } else { 3 * i64::from(to < from - near) }
}

fn cabinet<G: Game>() -> Cabinet<G> {
    Cabinet::new(&CabinetParams::default()).expect("the params fit")
}

#[test]
fn both_keep_what_a_world_promises() {
    plugin_api::testing::check_env::<Cabinet<Catch>>().assert_passed();
    plugin_api::testing::check_env::<Cabinet<Bricks>>().assert_passed();
}

#[test]
fn whoever_waits_below_catches_all() {
    let (mut world, mut rng) = (cabinet::<Catch>(), Rng::seeded(3));
    for _ in 0..50 {
        let (sum, steps) = play(&mut world, &mut rng, |game, _| {
            let (basket, goal) = game.basket_and_goal();
            towards(basket, goal.unwrap_or(basket), 5.0)
        });
        assert!((sum - f64::from(FRUITS)).abs() < 1e-9 && steps < 300, "{sum} in {steps}");
    }
    let lucky = (0..200).map(|_| play(&mut world, &mut rng, |_, rng| rng.integers(0, 4)).0);
    let mean = lucky.sum::<f64>() / 200.0;
    assert!(mean > 0.1 && mean < 1.0, "chance catches few: {mean}");
}

#[test]
fn whoever_follows_the_ball_breaks_the_wall() {
    let (mut world, mut rng) = (cabinet::<Bricks>(), Rng::seeded(4));
    let mut aim = 0.0;
    let mut most = 0.0_f64;
    for _ in 0..3 {
        let (sum, _) = play(&mut world, &mut rng, |game, rng| {
            let (paddle, ball) = game.paddle_and_ball();
            if rng.chance(0.02) {
                aim = rng.uniform(-5.0, 5.0) as f32;
            }
            towards(paddle, ball.map_or(paddle, |ball| ball[0]) + aim, 1.0)
        });
        most = most.max(sum);
    }
    assert!(most > 30.0, "{most}");
    let idle: f64 = (0..50).map(|_| play(&mut world, &mut rng, |_, _| 0).0).sum();
    assert!(idle / 50.0 < 5.0, "{idle}");
}
