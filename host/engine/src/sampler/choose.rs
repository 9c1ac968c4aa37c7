//! One choice out of a few, for many lanes at once: the best, any, or a mixture of both.

#![expect(clippy::inline_always, reason = "kernels take along what they call")]

use super::mixture::{Logs, Mixture, mixed};
use super::{Draw, Moment, Rule};
use plugin_api::Result;
use plugin_api::needs::Head;
use plugin_api::rng::Stream;
use plugin_api::simd::{Kernel, dispatch};

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// The first best.
    Best,
    /// Any choice with chance epsilon, else one of the best.
    Mixed { epsilon: f64 },
    /// Any choice; the head is not looked at.
    Uniform,
}

/// A Discrete space.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choices {
    pub(super) n: usize,
    pub(super) start: i64,
    pub(super) masked: bool,
}

/// Lanes whose random words are made together.
pub(super) const TILE: usize = 64;

impl Kind {
    /// What this file draws for a rule, if it does.
    pub(super) fn of(head: Head, rule: Rule) -> Option<Self> {
        let ranked = matches!(head, Head::Values | Head::Logits);
        match rule {
            Rule::Uniform => Some(Self::Uniform),
            Rule::Best if ranked => Some(Self::Best),
            Rule::Greedy if ranked => Some(Self::Mixed { epsilon: 0.0 }),
            Rule::Mixed { epsilon } if ranked => Some(Self::Mixed { epsilon }),
            _ => None,
        }
    }
}

/// Draws a choice for each row.
pub(super) fn draw(kind: Kind, space: Choices, moment: Moment, draw: &mut Draw<'_>) -> Result<()> {
    let forbidden = match kind {
        Kind::Best => best(space, draw),
        Kind::Uniform => dispatch(Uniform { space, moment, draw }),
        Kind::Mixed { epsilon } => mixed(Mixture::new(epsilon), space, moment, draw),
    };
    match forbidden {
        None => Ok(()),
        Some(row) => Err(moment.all_forbidden(row)),
    }
}

/// The mask of a row; empty where nothing is masked.
#[inline(always)]
pub(super) fn mask_row(space: Choices, masks: &[u8], row: usize) -> &[u8] {
    if space.masked { &masks[row * space.n..][..space.n] } else { &[] }
}

/// The first best choice of each row; returns the first row that allows none.
fn best(space: Choices, draw: &mut Draw<'_>) -> Option<usize> {
    for (row, values) in draw.head.chunks_exact(space.n).enumerate() {
        let mask = mask_row(space, draw.masks, row);
        let mut best = (space.n, f32::NEG_INFINITY);
        for (choice, &value) in values.iter().enumerate() {
            if value > best.1 && mask.get(choice) != Some(&0) {
                best = (choice, value);
            }
        }
        if best.0 == space.n {
            return Some(row);
        }
        write(space, draw, row, (best.0 as u32, 0.0));
    }
    None
}

/// Any choice that is allowed; the first row that allows none comes back.
struct Uniform<'a, 'b> {
    space: Choices,
    moment: Moment,
    draw: &'a mut Draw<'b>,
}

impl Kernel for Uniform<'_, '_> {
    type Output = Option<usize>;

    #[inline(always)]
    fn run(self) -> Option<usize> {
        let (space, draw) = (self.space, self.draw);
        let any = Mixture::new(1.0);
        let rows = draw.log_probs.len();
        if !space.masked {
            let log_prob = any.log_prob(space.n as u32, 0);
            for_each_tile(self.moment, rows, |first, words| {
                for (row, &word) in (first..).zip(words) {
                    let choice = (u64::from(word) * space.n as u64) >> 32;
                    write(space, draw, row, (choice as u32, log_prob));
                }
            });
            return None;
        }
        let mut logs = Logs::new();
        let mut forbidden = None;
        for_each_tile(self.moment, rows, |first, words| {
            for (row, &word) in (first..).zip(words) {
                let mask = mask_row(space, draw.masks, row);
                let allowed: u32 = mask.iter().map(|&allowed| u32::from(allowed != 0)).sum();
                if allowed == 0 {
                    forbidden = forbidden.or(Some(row));
                    continue;
                }
                let rank = ((u64::from(word) * u64::from(allowed)) >> 32) as u32;
                let choice = of_rank(rank, mask.iter().map(|&allowed| allowed != 0));
                write(space, draw, row, (choice, logs.get(&any, allowed, 0)));
            }
        });
        forbidden
    }
}

/// The place of the member with `rank` members before it.
#[inline(always)]
pub(super) fn of_rank(rank: u32, members: impl Iterator<Item = bool>) -> u32 {
    let (mut seen, mut place) = (0, 0);
    for member in members {
        seen += u32::from(member);
        place += u32::from(seen <= rank);
    }
    place
}

/// Calls back with the first row of each tile and the random words of its lanes.
#[inline(always)]
pub(super) fn for_each_tile(moment: Moment, rows: usize, mut with: impl FnMut(usize, &[u32])) {
    let mut words = [0; TILE];
    let mut first = 0;
    while first < rows {
        let lane = moment.first_lane + first as u64;
        let count = (rows - first).min(TILE - lane as usize % TILE);
        Stream::fill_u32(moment.key, lane, moment.lane_step, &mut words[..count]);
        with(first, &words[..count]);
        first += count;
    }
}

#[inline(always)]
pub(super) fn write(
    space: Choices,
    draw: &mut Draw<'_>,
    row: usize,
    (choice, log_prob): (u32, f32),
) {
    draw.actions[row] = choice as f32;
    let bytes = (space.start + i64::from(choice)).to_ne_bytes();
    draw.env_actions[row * 8..][..8].copy_from_slice(&bytes);
    draw.log_probs[row] = log_prob;
}
