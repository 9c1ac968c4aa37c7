//! Two episodes for each of 1,100 seeds, for every world and many settings, equal to the last bit.

use crate::world::{Lane, Seen, Visitor, visit};
use plugin_api::BatchEnv;
use plugin_api::params::Values;

const GOLDEN: &str = include_str!("../golden/episodes.txt");
/// As in the script that wrote the golden file.
const STEPS_MAX: usize = 250;
const BLOCK: usize = 100;
const SMALL_SEEDS: u64 = 1000;

/// One world with its settings, and what it must do.
#[derive(Debug, Default)]
struct Case<'a> {
    name: &'a str,
    settings: &'a str,
    policy: Vec<u8>,
    /// First steps of a few seeds, as text.
    steps: Vec<&'a str>,
    /// Digests over blocks of seeds.
    blocks: Vec<&'a str>,
}

fn cases() -> Vec<Case<'static>> {
    let mut cases = Vec::<Case<'_>>::new();
    for line in GOLDEN.lines() {
        let (word, rest) = line.split_once(' ').expect("a word and its text");
        if word == "case" {
            let (name, settings) = rest.split_once(' ').unwrap_or((rest, ""));
            cases.push(Case { name, settings, ..Case::default() });
            continue;
        }
        let case = cases.last_mut().expect("a case comes first");
        match word {
            "policy" => case.policy = rest.bytes().map(|digit| digit - b'0').collect(),
            "step" => case.steps.push(rest),
            _ => case.blocks.push(rest.split_once(' ').expect("start and digest").1),
        }
    }
    cases
}

#[test]
fn every_episode_is_gymnasiums() {
    let cases = cases();
    assert_eq!(cases.len(), 20);
    for case in &cases {
        // The mask is part of Taxi's info there; here it has to be asked for.
        let masked = if case.name == "Taxi-v4" { " action_mask=true" } else { "" };
        visit(case.name, &format!("{}{masked}", case.settings), Replay(case));
    }
}

struct Replay<'a>(&'a Case<'a>);

impl Visitor for Replay<'_> {
    type Output = ();

    fn visit<B: BatchEnv<Obs = i64, Action = i64>>(self, values: &Values) {
        let case = self.0;
        let mut lane = Lane::<B>::new(values);
        let (mut lines, mut digest) = (case.steps.as_slice(), Fnv::new());
        while let Some(first) = lines.first() {
            let seed = first.split_once(' ').expect("a seed").0;
            let mine =
                lines.iter().take_while(|line| line.starts_with(&format!("{seed} "))).count();
            let seed = seed.parse().expect("a seed");
            play(&mut lane, case, seed, &mut digest, &lines[..mine]);
            lines = &lines[mine..];
        }
        let seeds = seeds();
        assert_eq!(case.blocks.len(), seeds.len().div_ceil(BLOCK));
        for (seeds, expected) in seeds.chunks(BLOCK).zip(&case.blocks) {
            let mut digest = Fnv::new();
            for &seed in seeds {
                play(&mut lane, case, seed, &mut digest, &[]);
            }
            let place = format!("{} {} seeds {}..", case.name, case.settings, seeds[0]);
            assert_eq!(format!("{:016x}", digest.0), **expected, "{place}");
        }
    }
}

fn play<B: BatchEnv<Obs = i64, Action = i64>>(
    lane: &mut Lane<B>,
    case: &Case<'_>,
    seed: u64,
    digest: &mut Fnv,
    lines: &[&str],
) {
    let mut lines = lines.iter();
    let mut check = |action: Option<usize>, seen: &Seen| {
        if let Some(line) = lines.next() {
            assert_eq!(written(seed, action, seen), **line, "{} {}", case.name, case.settings);
        }
    };
    let actions = lane.lanes.task().actions.choices().expect("one choice");
    let mut idx = 0;
    lane.reset(Some(seed));
    for episode in 0..2 {
        let mut obs = lane.seen.obs.clone();
        digest.add_seen(&Seen { reward: 0.0, ..lane.seen.clone() });
        check(None, &Seen { reward: 0.0, ..lane.seen.clone() });
        for step in 1..=STEPS_MAX {
            let action = choose(seed, idx, &obs, &case.policy, actions);
            idx += 1;
            let seen = lane.step(action);
            digest.add(&[action as u8]);
            digest.add_seen(&seen);
            check(Some(action), &seen);
            obs.clone_from(&seen.obs);
            if seen.terminated || seen.truncated {
                break;
            }
            if step == STEPS_MAX && episode == 0 {
                lane.reset(None);
            }
        }
    }
}

/// Even seeds wander; odd ones follow the policy three times of four.
fn choose(seed: u64, idx: u64, obs: &[i64], policy: &[u8], actions: usize) -> usize {
    let word = mixed(seed, idx);
    if !policy.is_empty() && seed % 2 == 1 && word >> 62 > 0 {
        return usize::from(policy[obs[0] as usize]);
    }
    ((word >> 8) % actions as u64) as usize
}

/// The finaliser of `SplitMix64`.
fn mixed(seed: u64, idx: u64) -> u64 {
    let x = seed.wrapping_add((idx + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

fn seeds() -> Vec<u64> {
    let edges = [u32::MAX.into(), 1 << 32, (1 << 32) + 1, 1 << 63, u64::MAX - 1, u64::MAX];
    let spread = (1..95).map(|k: u64| k.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    (0..SMALL_SEEDS).chain(edges).chain(spread).collect()
}

fn written(seed: u64, action: Option<usize>, seen: &Seen) -> String {
    let action = action.map_or("-".to_owned(), |action| action.to_string());
    let obs = seen.obs.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let mask: String = seen.mask.iter().map(ToString::to_string).collect();
    let mask = if mask.is_empty() { "-" } else { &mask };
    let (terminated, truncated) = (u8::from(seen.terminated), u8::from(seen.truncated));
    let (reward, prob) = (seen.reward, seen.prob);
    format!("{seed} {action} {obs} {reward:?} {terminated} {truncated} {prob:?} {mask}")
}

/// FNV-1a with 64 bits.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn add_seen(&mut self, seen: &Seen) {
        seen.obs.iter().for_each(|value| self.add(&value.to_le_bytes()));
        self.add(&seen.reward.to_le_bytes());
        self.add(&[seen.terminated.into(), seen.truncated.into()]);
        self.add(&seen.prob.to_le_bytes());
        self.add(&seen.mask);
    }
}
