//! Tests of saving and loading: a buffer goes on exactly, and damage is refused.

use super::*;
use plugin_api::archive::{Archive, State};

fn save(buffer: &mut ReplayBuffer) -> State {
    let mut archive = Archive::saving();
    buffer.state(&mut archive);
    let mut state = archive.finish().expect("it saves");
    state.entries.extend(buffer.freeze("").entries());
    state
}

fn load(buffer: &mut ReplayBuffer, state: State) -> plugin_api::Result<State> {
    let mut archive = Archive::loading(state);
    buffer.state(&mut archive);
    archive.finish()
}

fn fresh(settings: &Replay, dtype: Dtype, lanes: usize) -> ReplayBuffer {
    ReplayBuffer::new(&needs(settings.clone()), &task(dtype), lanes).expect("it fits")
}

#[test]
fn a_loaded_buffer_goes_on_like_the_one_that_was_saved() {
    for steps in [0, 1, 5, 37, 200] {
        for settings in [replay(50, 32), Replay { n_step: 3, ..prioritised(50, 32) }] {
            let mut world = World::new(settings.clone(), 3, 0.15, Dtype::U8);
            world.run(steps);
            let mut sample = world.buffer.make_sample();
            if steps > 0 {
                let errors: Vec<f32> = (0..32).map(|row| row as f32).collect();
                world.buffer.sample(&mut Rng::seeded(1), 0, &mut sample).expect("it draws");
                world.buffer.set_priorities(&sample, &errors).expect("they are finite");
            }
            let state = save(&mut world.buffer);
            let bytes = state.to_bytes();
            let mut loaded = fresh(&settings, Dtype::U8, 3);
            // What it held before must leave no trace.
            loaded.push(0, &world.segment);
            load(&mut loaded, State::from_bytes(&bytes).expect("its own bytes")).expect("it loads");
            assert_eq!(save(&mut loaded), state);
            assert_eq!(loaded.stats(), world.buffer.stats());
            let mut other = loaded.make_sample();
            let (mut rng, mut same) = (Rng::seeded(2), Rng::seeded(2));
            for _ in 0..60 {
                world.step();
                loaded.push(0, &world.segment);
                world.buffer.sample(&mut rng, 0, &mut sample).expect("it draws");
                loaded.sample(&mut same, 0, &mut other).expect("it draws");
                assert_eq!(sample.origins, other.origins);
                assert_eq!(sample.segment.obs, other.segment.obs);
                assert_eq!(sample.segment.next_obs, other.segment.next_obs);
                assert_eq!(sample.weights, other.weights);
                world.check(&other, &settings);
            }
            assert_eq!(save(&mut loaded), save(&mut world.buffer));
        }
    }
}

#[test]
fn only_slots_in_use_are_saved() {
    let mut world = World::new(replay(1_000_000, 4), 2, 0.1, Dtype::U8);
    world.run(10);
    assert!(save(&mut world.buffer).to_bytes().len() < 3000);
}

#[test]
fn a_state_of_another_buffer_is_refused() {
    let mut world = World::new(replay(50, 4), 2, 0.1, Dtype::U8);
    world.run(30);
    let state = save(&mut world.buffer);
    let refused = |settings: Replay, dtype, lanes| {
        let mut other = fresh(&settings, dtype, lanes);
        load(&mut other, state.clone()).expect_err("it is refused").to_string()
    };
    let message = refused(replay(60, 4), Dtype::U8, 2);
    assert_eq!(message, "the saved memory holds 50 steps, this one 60");
    refused(replay(50, 4), Dtype::U8, 3);
    refused(replay(50, 4), Dtype::F32, 2);
    refused(prioritised(50, 4), Dtype::U8, 2);
}

#[test]
fn damage_is_refused_and_leaves_a_buffer_that_works() {
    let settings = prioritised(20, 8);
    let mut world = World::new(settings.clone(), 2, 0.3, Dtype::U8);
    world.run(25);
    let state = save(&mut world.buffer);
    let names = ["heads", "totals", "kept", "flags", "finals", "priorities", "ends/free"];
    for name in names {
        let mut damaged = state.clone();
        let entry = damaged.entries.iter_mut().find(|entry| entry.name == name);
        entry.expect("it is saved").bytes.iter_mut().for_each(|byte| *byte ^= 0x3d);
        let mut other = fresh(&settings, Dtype::U8, 2);
        assert!(load(&mut other, damaged).is_err(), "{name}");
        let mut sample = other.make_sample();
        if !other.is_empty() {
            other.sample(&mut Rng::seeded(1), 0, &mut sample).expect("it draws");
        }
        other.push(0, &world.segment);
        other.stats();
    }
}
