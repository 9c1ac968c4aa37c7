//! Tests of prioritised sampling: how often, and with which weight.

use super::*;
use plugin_api::needs::Schedule;

/// A full buffer of 50 steps in which learning found the error `slot` at each, and slots in order.
fn ranked(alpha: f64, beta: impl Into<Schedule>) -> World {
    let priorities = Some(Priorities { alpha, beta: beta.into(), epsilon: 0.5 });
    let settings = Replay { priorities, ..replay(50, 64) };
    let mut world = World::new(settings, 2, 0.2, Dtype::F32);
    world.run(70);
    let mut sample = world.buffer.make_sample();
    let mut rng = Rng::seeded(9);
    for _ in 0..60 {
        world.buffer.sample(&mut rng, 0, &mut sample).expect("it draws");
        // The sign of an error does not matter.
        let sign = |slot: usize| if slot.is_multiple_of(2) { 1.0 } else { -1.0 };
        let errors = sample.origins.iter().map(|origin| sign(origin.slot) * origin.slot as f32);
        let errors: Vec<f32> = errors.collect();
        world.buffer.set_priorities(&sample, &errors).expect("they are finite");
    }
    world
}

/// Priority of each of 52 slots as they should be; the two open ones have none.
fn expected(world: &World, alpha: f64) -> Vec<f64> {
    let open: Vec<usize> = world.buffer.rings.iter().map(super::super::ring::Ring::open).collect();
    let priority = |slot| if open.contains(&slot) { 0.0 } else { (slot as f64 + 0.5).powf(alpha) };
    (0..52).map(priority).collect()
}

#[test]
fn steps_are_drawn_in_proportion_to_their_priorities() {
    for alpha in [0.6, 1.0, 0.0] {
        let world = ranked(alpha, 0.4);
        let priorities = expected(&world, alpha);
        let total: f64 = priorities.iter().sum();
        let mut counts = vec![0.0; 52];
        let mut sample = world.buffer.make_sample();
        let mut rng = Rng::seeded(2);
        let batches = 3000;
        for _ in 0..batches {
            world.buffer.sample(&mut rng, 0, &mut sample).expect("it draws");
            sample.origins.iter().for_each(|origin| counts[origin.slot] += 1.0);
        }
        let drawn = f64::from(batches) * 64.0;
        let mut chi_square = 0.0;
        for (count, priority) in counts.into_iter().zip(priorities) {
            if priority == 0.0 {
                assert_eq!(count as u64, 0, "an open slot was drawn");
            } else {
                let expected: f64 = drawn * priority / total;
                chi_square += (count - expected).powi(2) / expected;
            }
        }
        // Strata only make frequencies more even.
        assert!(chi_square < 49.0 + 5.0 * 98.0_f64.sqrt(), "χ² is {chi_square}");
    }
}

#[test]
fn each_part_of_the_total_is_drawn_once() {
    let world = ranked(1.0, 0.4);
    let mut sample = world.buffer.make_sample();
    let mut rng = Rng::seeded(2);
    for _ in 0..100 {
        world.buffer.sample(&mut rng, 0, &mut sample).expect("it draws");
        assert!(sample.origins.is_sorted_by_key(|origin| origin.slot));
    }
}

#[test]
fn weights_are_those_of_the_paper_over_the_largest_of_the_batch() {
    let beta = Schedule::Linear { from: 0.4, to: 1.0, steps: 100 };
    let world = ranked(0.6, beta);
    let priorities = expected(&world, 0.6);
    let total: f64 = priorities.iter().sum();
    let mut sample = world.buffer.make_sample();
    for (run_step, beta) in [(0, 0.4), (50, 0.7), (1000, 1.0)] {
        world.buffer.sample(&mut Rng::seeded(4), run_step, &mut sample).expect("it draws");
        let weight = |slot: usize| (50.0 * priorities[slot] / total).powf(-beta);
        let slots = || sample.origins.iter().map(|origin| origin.slot);
        let largest = slots().map(weight).fold(0.0, f64::max);
        for (slot, &ours) in slots().zip(&sample.weights) {
            assert!((f64::from(ours) - weight(slot) / largest).abs() < 1e-6);
        }
    }
}

#[test]
fn new_steps_get_the_largest_priority() {
    let mut world = ranked(1.0, 0.4);
    world.step();
    let ranking = world.buffer.ranking.as_ref().expect("it has priorities");
    for ring in &world.buffer.rings {
        assert!((ranking.tree.get(ring.slot_of_age(1)) - 51.5).abs() < 1e-9);
    }
    let bins = world.buffer.stats().priorities;
    assert_eq!(bins.iter().map(|bin| bin.count).sum::<u64>(), 50);
}

#[test]
fn priorities_of_steps_that_are_gone_are_left_out() {
    let mut world = ranked(1.0, 0.4);
    let mut sample = world.buffer.make_sample();
    world.buffer.sample(&mut Rng::seeded(4), 0, &mut sample).expect("it draws");
    world.run(25);
    let before = world.buffer.ranking.clone().expect("it has priorities").tree;
    world.buffer.set_priorities(&sample, &[1000.0; 64]).expect("they are finite");
    let after = &world.buffer.ranking.as_ref().expect("it has priorities").tree;
    assert_eq!(&before, after, "every slot holds another step by now");
}

#[test]
fn priorities_that_are_not_numbers_are_refused() {
    let mut world = ranked(1.0, 0.4);
    let sample = world.buffer.make_sample();
    let refused = world.buffer.set_priorities(&sample, &[0.0, f32::NAN]);
    let message = refused.expect_err("it is refused").to_string();
    assert_eq!(message, "the agent set the priority of row 1 to NaN");
}
