//! Goals are exchanged for those that were reached, and everything that depends on them follows.

use super::*;
use crate::buffer::Hindsight;
use crate::lanes::{Acting, LaneSetup, Lanes, Situation};
use plugin_api::abi::local::local;
use plugin_api::abi::module::{AgentExport, EnvExport, Exports};
use plugin_api::needs::{GoalStrategy, Relabel};
use plugin_api::params::Values;
use plugin_api::{Archive, Env, Result, Step};

/// Walks a step at a time from 0 to 7 and wishes for what it cannot reach.
#[derive(Clone, Debug)]
struct Walk {
    place: f32,
    episode: f32,
}

const LAST: f32 = 7.0;

impl Env for Walk {
    const NAME: &'static str = "walk";
    type Params = ();
    type Obs = f32;
    type Action = i64;

    fn new((): &()) -> Result<Self> {
        Ok(Self { place: 0.0, episode: 0.0 })
    }

    fn task(&self) -> Task {
        let one = || Space::unbounded::<f32>(&[1]);
        let observations = Space::dict([
            ("achieved_goal", one()),
            ("desired_goal", one()),
            ("observation", one()),
        ]);
        Task::new(observations, Space::discrete(2), LAST as u32).goals()
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [f32]) {
        (self.place, self.episode) = (0.0, rng.random_f32());
        obs.copy_from_slice(&[0.0, -1.0, self.episode]);
    }

    fn step(&mut self, _action: &[i64], _rng: &mut Rng, obs: &mut [f32]) -> Step {
        self.place += 1.0;
        obs.copy_from_slice(&[self.place, -1.0, self.episode]);
        self.goal_step(&[self.place], &[-1.0])
    }

    fn goal_step(&self, achieved: &[f32], desired: &[f32]) -> Step {
        let met = achieved == desired;
        Step::when(met, if met { 0.0 } else { -1.0 })
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("place", &mut self.place);
        archive.value("episode", &mut self.episode);
    }
}

struct ThisProgram;

impl Exports for ThisProgram {
    const CRATE: (&'static str, &'static str) = ("hindsight", "1.0.0");
    const ENVS: &'static [EnvExport] = &[EnvExport::each::<Walk>()];
    const AGENTS: &'static [AgentExport] = &[];
}

/// A row of a sample.
#[derive(Clone, Copy, Debug)]
struct Told {
    place: f32,
    wanted: f32,
    next_place: f32,
    reward: f64,
    flags: u8,
    discount: f32,
}

/// Samples of walks of which the latest goes on, with rows relabelled.
fn told(strategy: GoalStrategy, n_step: usize, ranked: bool) -> Vec<Told> {
    let relabel = Some(Relabel { strategy, ratio: 4.0 });
    let priorities = ranked.then(|| Priorities { alpha: 1.0, beta: 1.0.into(), epsilon: 0.1 });
    let replay = Replay {
        capacity: 50,
        batch: 64,
        n_step,
        discount: 0.5,
        relabel,
        priorities,
        ..Replay::default()
    };
    let needs = needs(replay.clone());
    let mut lanes = Lanes::new(&LaneSetup {
        plugin: local::<ThisProgram>().expect("it describes itself"),
        env: "walk".to_owned(),
        params: Values::new(),
        lanes: 2,
        acting: Acting::FREE,
        seed: 3,
        purpose: "train",
        shard_lanes: None,
    })
    .expect("they start");
    lanes.record(&Record::of(&needs, lanes.task()), 1);
    let mut buffer = ReplayBuffer::new(&needs, lanes.task(), 2).expect("it fits");
    // 24 steps of each lane are kept of 38: the oldest walk is partly gone, the latest unfinished.
    for _ in 0..38 {
        lanes.roll_free(Situation::default(), 1).expect("they walk");
        for shard in lanes.shards() {
            buffer.push(shard.first(), shard.segment());
        }
    }
    let mut hindsight = Hindsight::new(&lanes, &replay).expect("it has goals").expect("asked for");
    let (mut rng, mut sample, mut all) = (Rng::seeded(1), buffer.make_sample(), Vec::new());
    for _ in 0..50 {
        buffer.sample(&mut rng, 0, &mut sample).expect("there are steps");
        hindsight.relabel(&buffer, &mut rng, &mut sample).expect("the world knows");
        let segment = &sample.segment;
        for row in 0..64 {
            let (obs, next) = (&segment.obs[3 * row..][..3], &segment.next_obs[3 * row..][..3]);
            assert_eq!((obs[1], obs[2]), (next[1], next[2]), "one wish, one walk");
            all.push(Told {
                place: obs[0],
                wanted: obs[1],
                next_place: next[0],
                reward: segment.rewards[row],
                flags: segment.flags[row],
                discount: sample.discounts[row],
            });
        }
    }
    all
}

#[track_caller]
fn check(strategy: GoalStrategy, may_want: impl Fn(&Told) -> bool) {
    for (n_step, ranked) in [(1, false), (3, false), (1, true), (3, true)] {
        let told = told(strategy, n_step, ranked);
        let relabelled = told.iter().filter(|row| row.wanted >= 0.0).count() as f64;
        // Of four in five; three of 25 kept steps belong to walks that go on.
        let share = relabelled / told.len() as f64;
        assert!((0.62..0.78).contains(&share), "{share}");
        for row in told {
            let spanned = (row.next_place - row.place) as i32;
            let met = row.next_place == row.wanted;
            let ends = row.next_place == LAST;
            assert_eq!(row.flags & TERMINATED != 0, met, "{row:?}");
            assert_eq!(row.flags & TRUNCATED != 0, ends, "{row:?}");
            let full = spanned == n_step as i32;
            assert!(full || met || ends || row.wanted < 0.0, "stops too early: {row:?}");
            assert_eq!(row.discount, 0.5_f32.powi(spanned), "{row:?}");
            let paid = if met { spanned - 1 } else { spanned };
            let reward: f64 = (0..paid).map(|step| -(0.5_f64.powi(step))).sum();
            assert_eq!(row.reward, reward, "{row:?}");
            assert!(row.wanted < 0.0 || may_want(&row), "{row:?}");
        }
    }
}

#[test]
fn wishes_come_from_later_in_the_walk() {
    check(GoalStrategy::Future, |row| row.wanted > row.place && row.wanted <= LAST);
    let from_start: BTreeSet<u32> = told(GoalStrategy::Future, 1, false)
        .iter()
        .filter(|row| row.place == 3.0 && row.wanted >= 0.0)
        .map(|row| row.wanted as u32)
        .collect();
    assert_eq!(from_start, BTreeSet::from([4, 5, 6, 7]), "each of them, the next one too");
}

#[test]
fn wishes_come_from_the_end_of_the_walk() {
    check(GoalStrategy::Final, |row| row.wanted == LAST);
}

#[test]
fn wishes_come_from_anywhere_in_the_walk() {
    check(GoalStrategy::Episode, |row| row.wanted >= 1.0 && row.wanted <= LAST);
    let told = told(GoalStrategy::Episode, 1, false);
    assert!(told.iter().any(|row| row.wanted >= 0.0 && row.wanted <= row.place), "from before");
}
