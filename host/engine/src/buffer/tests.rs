//! Tests of the replay buffer against a history that forgets nothing, and the faults of older
//! systems.

#![expect(clippy::float_cmp, reason = "numbers are kept exactly")]

mod goes_on;
mod hindsight;
mod priorities;

use super::*;
use crate::lanes::segment::{Record, Segment, Widths};
use plugin_api::needs::{Head, Needs, Priorities, Replay};
use plugin_api::{Dtype, Rng, Space, TERMINATED, TRUNCATED, Task};
use std::collections::BTreeSet;

/// One step as it happened. Observations are numbers that never come twice, as four bytes.
#[derive(Clone, Debug, PartialEq)]
struct Happened {
    obs: [f32; 4],
    mask: [u8; 2],
    action: f32,
    reward: f64,
    flags: u8,
    next_obs: [f32; 4],
    next_mask: [u8; 2],
}

/// Lanes with episodes of random length, everything that happened in them, and a buffer that
/// watched.
struct World {
    rng: Rng,
    end_chance: f64,
    buffer: ReplayBuffer,
    lanes: usize,
    seen: u32,
    now: Vec<([f32; 4], [u8; 2])>,
    history: Vec<Vec<Happened>>,
    segment: Segment,
}

fn widths() -> Widths {
    Widths { obs: 4, action: 1, mask: 2, memory: 0 }
}

fn task(dtype: Dtype) -> Task {
    let observations = match dtype {
        Dtype::U8 => Space::range::<u8>(0.0, 255.0, &[4]),
        _ => Space::range::<f32>(0.0, 255.0, &[4]),
    };
    Task::new(observations, Space::discrete(2), 0).masked()
}

fn needs(replay: Replay) -> Needs {
    Needs::replay(replay, Head::Values)
}

impl World {
    fn new(replay: Replay, lanes: usize, end_chance: f64, dtype: Dtype) -> Self {
        let (needs, task) = (needs(replay), task(dtype));
        let buffer = ReplayBuffer::new(&needs, &task, lanes).expect("it fits");
        let segment = Segment::new(&Record::of(&needs, &task), widths(), 1, lanes);
        let mut world = Self {
            rng: Rng::seeded(7),
            end_chance,
            buffer,
            lanes,
            seen: 0,
            now: Vec::new(),
            history: vec![Vec::new(); lanes],
            segment,
        };
        world.now = (0..lanes).map(|_| world.look()).collect();
        world
    }

    /// An observation that never was before, and its mask.
    fn look(&mut self) -> ([f32; 4], [u8; 2]) {
        self.seen += 1;
        (self.seen.to_le_bytes().map(f32::from), [self.rng.below(2) as u8, 1])
    }

    /// Every lane takes a step; the buffer watches.
    fn step(&mut self) {
        for lane in 0..self.lanes {
            let (obs, mask) = self.now[lane];
            let (next_obs, next_mask) = self.look();
            let flags =
                if self.rng.chance(self.end_chance) { 1 + self.rng.below(3) as u8 } else { 0 };
            let (action, reward) = (self.rng.below(2) as f32, self.rng.uniform(-2.0, 2.0));
            let happened = Happened { obs, mask, action, reward, flags, next_obs, next_mask };
            self.now[lane] = if flags == 0 { (next_obs, next_mask) } else { self.look() };
            put(&mut self.segment, lane, &happened);
            self.history[lane].push(happened);
        }
        self.buffer.push(0, &self.segment);
    }

    fn run(&mut self, steps: usize) {
        (0..steps).for_each(|_| self.step());
    }

    /// Steps that a lane keeps.
    fn capacity_of(&self, lane: usize) -> usize {
        let capacity = self.buffer.capacity();
        capacity / self.lanes + usize::from(lane < capacity % self.lanes)
    }

    /// The place in the history of what a row of a sample begins with.
    fn place_of(&self, sample: &Sample, row: usize) -> (usize, usize) {
        let lane = sample.lane_ids[row] as usize;
        let obs = &sample.segment.obs[row * 4..][..4];
        let place = self.history[lane].iter().position(|happened| happened.obs == obs);
        (lane, place.expect("a sampled step has happened in its lane"))
    }

    /// Every row of a sample is a transition as it happened, and a lane still has to keep it.
    fn check(&self, sample: &Sample, replay: &Replay) {
        let segment = &sample.segment;
        for row in 0..sample.len() {
            let (lane, place) = self.place_of(sample, row);
            let history = &self.history[lane];
            assert!(place + self.capacity_of(lane) >= history.len(), "a step that was forgotten");
            let (first, mut last) = (&history[place], place);
            let (mut reward, mut span) = (0.0, 0);
            for happened in history[place..].iter().take(replay.n_step) {
                reward += replay.discount.powi(span) * happened.reward;
                span += 1;
                last = place + span as usize - 1;
                if happened.flags != 0 {
                    break;
                }
            }
            let last = &history[last];
            assert_eq!(segment.masks[row * 2..][..2], first.mask);
            assert_eq!(segment.actions[row].to_bits(), first.action.to_bits());
            assert!((segment.rewards[row] - reward).abs() < 1e-12, "over {span} steps");
            assert!((f64::from(sample.discounts[row]) - replay.discount.powi(span)).abs() < 1e-7);
            assert_eq!(segment.flags[row], last.flags);
            assert_eq!(segment.next_obs[row * 4..][..4], last.next_obs);
            assert_eq!(segment.next_masks[row * 2..][..2], last.next_mask);
        }
    }
}

/// Writes a step to a row of a segment.
fn put(segment: &mut Segment, row: usize, happened: &Happened) {
    segment.obs[row * 4..][..4].copy_from_slice(&happened.obs);
    segment.next_obs[row * 4..][..4].copy_from_slice(&happened.next_obs);
    segment.masks[row * 2..][..2].copy_from_slice(&happened.mask);
    segment.next_masks[row * 2..][..2].copy_from_slice(&happened.next_mask);
    segment.actions[row] = happened.action;
    segment.rewards[row] = happened.reward;
    segment.flags[row] = happened.flags;
}

fn replay(capacity: usize, batch: usize) -> Replay {
    Replay { capacity, batch, discount: 0.9, ..Replay::default() }
}

fn prioritised(capacity: usize, batch: usize) -> Replay {
    let priorities = Some(Priorities { alpha: 0.6, beta: 0.4.into(), epsilon: 0.01 });
    Replay { priorities, ..replay(capacity, batch) }
}

/// All lanes, lengths, kinds: 60 worlds, each watched before and after its rings have gone round.
#[test]
fn no_sampled_transition_spans_a_seam() {
    for (lanes, capacity) in [(1, 1), (1, 20), (3, 20), (4, 8), (7, 50)] {
        for end_chance in [0.0, 0.1, 1.0] {
            for (n_step, kind) in [(1, 0), (3, 0), (1, 1), (5, 1)] {
                let base = if kind == 0 { replay(capacity, 16) } else { prioritised(capacity, 16) };
                let replay = Replay { n_step, ..base };
                let dtype = if n_step == 1 { Dtype::U8 } else { Dtype::F32 };
                let mut world = World::new(replay.clone(), lanes, end_chance, dtype);
                let mut sample = world.buffer.make_sample();
                let mut rng = Rng::seeded(1);
                for _ in 0..120 {
                    world.step();
                    world.buffer.sample(&mut rng, 0, &mut sample).expect("it draws");
                    world.check(&sample, &replay);
                    let errors: Vec<f32> = (0..16).map(|_| rng.random_f32()).collect();
                    world.buffer.set_priorities(&sample, &errors).expect("they are finite");
                }
            }
        }
    }
}

#[test]
fn what_follows_the_newest_step_is_what_the_lane_sees_now() {
    let mut world = World::new(replay(12, 64), 2, 0.2, Dtype::F32);
    let mut sample = world.buffer.make_sample();
    let mut rng = Rng::seeded(3);
    let mut newest_seen = 0;
    for _ in 0..100 {
        world.step();
        world.buffer.sample(&mut rng, 0, &mut sample).expect("it draws");
        for row in 0..sample.len() {
            let (lane, place) = world.place_of(&sample, row);
            let newest = place + 1 == world.history[lane].len();
            if newest && world.history[lane][place].flags == 0 {
                assert_eq!(sample.segment.next_obs[row * 4..][..4], world.now[lane].0);
                newest_seen += 1;
            }
        }
    }
    assert!(newest_seen > 300, "the newest steps are sampled too: {newest_seen}");
}

#[test]
fn cut_off_episodes_keep_their_kind_of_end_and_final_observation() {
    let mut world = World::new(replay(40, 200), 2, 0.5, Dtype::U8);
    world.run(60);
    let mut sample = world.buffer.make_sample();
    world.buffer.sample(&mut Rng::seeded(5), 0, &mut sample).expect("it draws");
    world.check(&sample, &replay(40, 200));
    let kinds: BTreeSet<u8> = sample.segment.flags.iter().copied().collect();
    assert_eq!(kinds, BTreeSet::from([0, TERMINATED, TRUNCATED, TERMINATED | TRUNCATED]));
}

#[test]
fn transitions_over_several_steps_discount_by_the_actual_number() {
    let settings = Replay { n_step: 4, ..replay(30, 300) };
    let mut world = World::new(settings.clone(), 1, 0.2, Dtype::F32);
    world.run(45);
    let mut sample = world.buffer.make_sample();
    world.buffer.sample(&mut Rng::seeded(5), 0, &mut sample).expect("it draws");
    world.check(&sample, &settings);
    let spans: BTreeSet<i32> =
        sample.discounts.iter().map(|d| (d.ln() / 0.9_f32.ln()).round() as i32).collect();
    assert_eq!(spans, BTreeSet::from([1, 2, 3, 4]));
    let longer = Replay { n_step: 2, discount: 0.5, ..settings };
    world.buffer.set(&longer).expect("spans may change");
    world.buffer.sample(&mut Rng::seeded(6), 0, &mut sample).expect("it draws");
    world.check(&sample, &longer);
}

/// An older system reseeded its generator with one of 101 seeds before every batch.
#[test]
fn sampling_goes_on_where_its_generator_was() {
    for settings in [replay(500, 8), prioritised(500, 8)] {
        let mut world = World::new(settings, 1, 0.1, Dtype::F32);
        world.run(500);
        let mut sample = world.buffer.make_sample();
        let mut rng = Rng::seeded(5);
        let mut batches = BTreeSet::new();
        for _ in 0..1000 {
            world.buffer.sample(&mut rng, 0, &mut sample).expect("it draws");
            batches.insert(sample.origins.iter().map(|origin| origin.slot).collect::<Vec<_>>());
        }
        assert_eq!(batches.len(), 1000);
        let state = rng.words();
        world.buffer.sample(&mut rng, 0, &mut sample).expect("it draws");
        let slots = sample.origins.clone();
        let mut again = Rng::from_words(state).expect("its own words");
        world.buffer.sample(&mut again, 0, &mut sample).expect("it draws");
        assert_eq!(sample.origins, slots, "the generator alone decides");
    }
}

#[test]
fn all_steps_are_drawn_alike_before_and_after_the_ring_has_gone_round() {
    for steps in [7, 40] {
        let mut world = World::new(replay(50, 1000), 3, 0.2, Dtype::F32);
        world.run(steps);
        let mut counts = vec![0.0; 53];
        let mut sample = world.buffer.make_sample();
        let mut rng = Rng::seeded(2);
        for _ in 0..100 {
            world.buffer.sample(&mut rng, 0, &mut sample).expect("it draws");
            sample.origins.iter().for_each(|origin| counts[origin.slot] += 1.0);
        }
        let expected = 100_000.0 / world.buffer.len() as f64;
        let drawn = counts.iter().filter(|count| **count > 0.0);
        assert_eq!(drawn.clone().count(), world.buffer.len());
        let chi_square: f64 = drawn.map(|count| (count - expected).powi(2) / expected).sum();
        let freedom = world.buffer.len() as f64 - 1.0;
        assert!(chi_square < freedom + 5.0 * (2.0 * freedom).sqrt(), "χ² is {chi_square}");
    }
}

#[test]
fn a_lane_that_starts_anew_without_an_end_leaves_a_seam() {
    let mut world = World::new(replay(20, 100), 1, 0.0, Dtype::F32);
    world.run(5);
    world.buffer.cut(0);
    world.buffer.cut(0);
    if let Some(newest) = world.history[0].last_mut() {
        newest.flags = TRUNCATED;
    }
    world.now[0] = world.look();
    world.run(4);
    let mut sample = world.buffer.make_sample();
    world.buffer.sample(&mut Rng::seeded(1), 0, &mut sample).expect("it draws");
    world.check(&sample, &replay(20, 100));
    assert!(sample.segment.flags.contains(&TRUNCATED));
}

#[test]
fn shards_may_bring_their_steps_one_after_another() {
    let mut world = World::new(replay(21, 16), 4, 0.3, Dtype::F32);
    let (needs, task) = (needs(replay(21, 16)), task(Dtype::F32));
    let mut cut = ReplayBuffer::new(&needs, &task, 4).expect("it fits");
    let record = Record::of(&needs, &task);
    for _ in 0..30 {
        world.step();
        for (first, lanes) in [(1, 3), (0, 1)] {
            let mut part = Segment::new(&record, widths(), 1, lanes);
            for row in 0..lanes {
                let history = &world.history[first + row];
                put(&mut part, row, &history[history.len() - 1]);
            }
            cut.push(first, &part);
        }
    }
    let (mut ours, mut theirs) = (cut.make_sample(), cut.make_sample());
    cut.sample(&mut Rng::seeded(1), 0, &mut ours).expect("it draws");
    world.buffer.sample(&mut Rng::seeded(1), 0, &mut theirs).expect("it draws");
    assert_eq!(ours.segment.obs, theirs.segment.obs);
    assert_eq!(ours.segment.next_obs, theirs.segment.next_obs);
}

#[test]
fn what_cannot_be_had_is_refused() {
    let refused = |needs: &Needs, lanes, says: &str| {
        let error = ReplayBuffer::new(needs, &task(Dtype::U8), lanes).expect_err("it is refused");
        assert!(error.to_string().contains(says), "{error}");
    };
    refused(&needs(replay(10, 4)), 11, "cannot hold one of each of 11 lanes");
    refused(&needs(replay(10, 0)), 1, "samples of 0 rows");
    refused(&needs(Replay { n_step: 0, ..replay(10, 4) }), 1, "over 0 steps");
    refused(&needs(replay(4_000_000_000, 4)), 1, "free; set a smaller capacity");
    refused(&needs(replay(5_000_000_000, 4)), 1, "");
    refused(&needs(replay(10, 4)).next_actions(), 1, "come with rollouts and episodes");
    refused(&Needs::rollout(4, Head::Values), 1, "does not ask for a memory");
    let mut world = World::new(replay(10, 4), 1, 0.0, Dtype::U8);
    let mut sample = world.buffer.make_sample();
    let drawn = world.buffer.sample(&mut Rng::seeded(1), 0, &mut sample);
    assert!(drawn.is_err_and(|error| error.to_string().contains("before any step")));
    assert!(world.buffer.set(&replay(11, 4)).is_err());
}

#[test]
fn statistics_count_what_is_kept() {
    let mut world = World::new(replay(30, 4), 3, 0.3, Dtype::F32);
    world.run(100);
    let stats = world.buffer.stats();
    let kept = |world: &World| -> Vec<Happened> {
        let of = |lane: usize| world.history[lane].iter().rev().take(10).cloned();
        (0..3).flat_map(of).collect()
    };
    let kept = kept(&world);
    assert_eq!((stats.steps, stats.capacity), (30, 30));
    assert_eq!(stats.ends, kept.iter().filter(|happened| happened.flags != 0).count() as u64);
    assert_eq!(stats.ages.iter().map(|bin| bin.count).sum::<u64>(), 30);
    for bin in &stats.rewards {
        let low = if bin.low < 0.0 { bin.low.next_up() } else { bin.low };
        let high = if bin.low < 0.0 { bin.high.next_up() } else { bin.high };
        let inside = kept.iter().filter(|happened| (low..high).contains(&happened.reward));
        assert_eq!(inside.count() as u64, bin.count, "{bin:?}");
    }
    let ended: usize =
        world.history.iter().flatten().filter(|happened| happened.flags != 0).count();
    assert_eq!(stats.episodes, ended as u64);
    assert!(stats.priorities.is_empty());
}
