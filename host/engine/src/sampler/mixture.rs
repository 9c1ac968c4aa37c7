//! The mixture of any choice and one of the best, for many lanes at once. Its loops are free of
//! branches that the draws would make unpredictable.

#![expect(clippy::float_cmp, reason = "ties and marked values are exactly equal")]
#![expect(clippy::inline_always, reason = "kernels take along what they call")]

use super::choose::{Choices, TILE, for_each_tile, mask_row, of_rank, write};
use super::{Draw, Moment};
use crate::maths;
use plugin_api::simd::{Kernel, dispatch};

/// Splits the 2^32 words between any choice and the best ones, each part evenly among its choices.
///
/// Places are computed in f32, which moves the chance of a choice by less than 1e-7 times their
/// number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mixture {
    epsilon: f64,
    /// Words below it draw any choice.
    below: u32,
    /// 2 / the number of words that draw any choice, and one of the best.
    shares: [f32; 2],
}

impl Mixture {
    pub(super) fn new(epsilon: f64) -> Self {
        let below = (epsilon * 4_294_967_296.0) as u32;
        let share = |words: f64| (2.0 / words) as f32;
        let rest = 4_294_967_296.0 - f64::from(below);
        Self { epsilon, below, shares: [share(f64::from(below.max(1))), share(rest)] }
    }

    /// How many members lie before the one that a word draws, with a fraction.
    #[inline(always)]
    fn place(&self, word: u32, any: bool, members: f32) -> f32 {
        let first = if any { 0 } else { self.below };
        let share = if any { self.shares[0] } else { self.shares[1] };
        let half = (word.wrapping_sub(first) >> 1) as i32;
        let place = half as f32 * share * members;
        // Rounding can reach the number of members, which would be no member.
        if place < members { place } else { members - 0.5 }
    }

    /// ln of the chance of a choice that is one of `ties` best ones, or none of them when 0.
    pub(super) fn log_prob(&self, allowed: u32, ties: u32) -> f32 {
        let any = self.epsilon / f64::from(allowed);
        let best = if ties == 0 { 0.0 } else { (1.0 - self.epsilon) / f64::from(ties) };
        maths::ln(any + best) as f32
    }
}

/// Log-probabilities that were just computed, by the number of allowed choices and of best ones.
pub(super) struct Logs([(u32, u32, f32); 64]);

impl Logs {
    pub(super) fn new() -> Self {
        Self([(0, 0, 0.0); 64])
    }

    #[inline(always)]
    pub(super) fn get(&mut self, mixture: &Mixture, allowed: u32, ties: u32) -> f32 {
        let known = &mut self.0[(ties + 8 * allowed) as usize % 64];
        if (known.0, known.1) != (allowed, ties) {
            *known = (allowed, ties, mixture.log_prob(allowed, ties));
        }
        known.2
    }
}

/// A number for each lane of a tile, so that one instruction serves several lanes.
///
/// Counts are floats because those, too, come several to an instruction.
type Column = [f32; TILE];

/// What was drawn for the lanes of a tile.
struct Picked {
    choice: Column,
    /// How many choices are allowed.
    allowed: Column,
    /// How many share the best value with the choice; 0 when it is not one of the best.
    ties: Column,
}

/// Any choice or one of the best; returns the first row that allows none.
pub(super) fn mixed(
    mixture: Mixture,
    space: Choices,
    moment: Moment,
    draw: &mut Draw<'_>,
) -> Option<usize> {
    match space.n {
        1 => dispatch(Few::<1> { mixture, space, moment, draw }),
        2 => dispatch(Few::<2> { mixture, space, moment, draw }),
        3 => dispatch(Few::<3> { mixture, space, moment, draw }),
        4 => dispatch(Few::<4> { mixture, space, moment, draw }),
        5 => dispatch(Few::<5> { mixture, space, moment, draw }),
        6 => dispatch(Few::<6> { mixture, space, moment, draw }),
        7 => dispatch(Few::<7> { mixture, space, moment, draw }),
        8 => dispatch(Few::<8> { mixture, space, moment, draw }),
        _ => mixed_many(&mixture, space, moment, draw),
    }
}

/// [`mixed`] for `N` choices, a tile of lanes at a time.
struct Few<'a, 'b, const N: usize> {
    mixture: Mixture,
    space: Choices,
    moment: Moment,
    draw: &'a mut Draw<'b>,
}

impl<const N: usize> Kernel for Few<'_, '_, N> {
    type Output = Option<usize>;

    #[inline(always)]
    fn run(self) -> Option<usize> {
        let (mixture, space, draw) = (&self.mixture, self.space, self.draw);
        let mut logs = Logs::new();
        // Without masks, the number of ties decides; they are few enough to have them all at hand.
        let known = if space.masked { 0 } else { N + 1 };
        let by_ties: [f32; 9] = std::array::from_fn(|ties| {
            if ties < known { mixture.log_prob(N as u32, ties as u32) } else { 0.0 }
        });
        let mut forbidden = None;
        let mut values = [[0.0; TILE]; N];
        for_each_tile(self.moment, draw.log_probs.len(), |first, words| {
            let count = words.len();
            let heads = draw.head[first * N..][..count * N].as_chunks::<N>().0;
            for (choice, values) in values.iter_mut().enumerate() {
                for (value, head) in values.iter_mut().zip(heads) {
                    *value = head[choice];
                }
            }
            let rows = first..first + count;
            if space.masked {
                let masks = draw.masks[first * N..][..count * N].as_chunks::<N>().0;
                let open = open_columns(masks, &mut values);
                let picked = pick(mixture, words, &values, &open);
                let none = picked.allowed[..count].iter().position(|&allowed| allowed == 0.0);
                forbidden = forbidden.or(none.map(|lane| first + lane));
                let counts = picked.allowed.iter().zip(&picked.ties);
                let log_probs = counts.map(|(&allowed, &ties)| {
                    logs.get(mixture, allowed as i32 as u32, ties as i32 as u32)
                });
                write_picked(space, &picked, log_probs, rows, draw);
            } else {
                let picked = pick(mixture, words, &values, &[[1.0; TILE]; N]);
                let log_probs = picked.ties.iter();
                let log_probs = log_probs.map(|&ties| by_ties[(ties as i32 as usize).min(8)]);
                write_picked(space, &picked, log_probs, rows, draw);
            }
        });
        forbidden
    }
}

/// 1 for what the mask allows and 0 for what it forbids; the values of the latter become minus
/// infinity.
#[inline(always)]
fn open_columns<const N: usize>(masks: &[[u8; N]], values: &mut [Column; N]) -> [Column; N] {
    let mut open = [[0.0; TILE]; N];
    for choice in 0..N {
        let columns = values[choice].iter_mut().zip(&mut open[choice]);
        for ((value, open), mask) in columns.zip(masks) {
            let is_allowed = mask[choice] != 0;
            *open = if is_allowed { 1.0 } else { 0.0 };
            *value = if is_allowed { *value } else { f32::NEG_INFINITY };
        }
    }
    open
}

/// Draws from values of which those that are not `open` (1, else 0) are minus infinity.
///
/// Truth values are numbers too, 1 and 0: so every line is one instruction for several lanes.
#[inline(always)]
fn pick<const N: usize>(
    mixture: &Mixture,
    words: &[u32],
    values: &[Column; N],
    open: &[Column; N],
) -> Picked {
    let is = |truth: bool| if truth { 1.0_f32 } else { 0.0 };
    let mut tile = [0; TILE];
    tile[..words.len()].copy_from_slice(words);
    let count = words.len().next_multiple_of(16).min(TILE);
    let mut best = [f32::NEG_INFINITY; TILE];
    for values in values {
        for lane in 0..count {
            best[lane] = if values[lane] > best[lane] { values[lane] } else { best[lane] };
        }
    }
    let (mut allowed, mut best_ones) = ([0.0; TILE], [0.0; TILE]);
    for (values, open) in values.iter().zip(open) {
        for lane in 0..count {
            allowed[lane] += open[lane];
            best_ones[lane] += is(values[lane] == best[lane]) * open[lane];
        }
    }
    let (mut any, mut place) = ([0.0; TILE], [0.0; TILE]);
    for lane in 0..count {
        let draws_any = tile[lane] < mixture.below;
        any[lane] = is(draws_any);
        let members = if draws_any { allowed[lane] } else { best_ones[lane] };
        place[lane] = mixture.place(tile[lane], draws_any, members);
    }
    let (mut seen, mut drawn, mut ties) = ([0.0; TILE], [0.0; TILE], [0.0; TILE]);
    for (choice, (values, open)) in values.iter().zip(open).enumerate() {
        for lane in 0..count {
            let is_best = is(values[lane] == best[lane]);
            let member = if is_best > any[lane] { is_best } else { any[lane] } * open[lane];
            // The last member with no more members before it than the place says is the one.
            let reached = if seen[lane] <= place[lane] { member } else { 0.0 };
            seen[lane] += member;
            drawn[lane] = if reached > 0.0 { choice as f32 } else { drawn[lane] };
            let ties_here = is_best * best_ones[lane];
            ties[lane] = if reached > 0.0 { ties_here } else { ties[lane] };
        }
    }
    Picked { choice: drawn, allowed, ties }
}

/// Writes what was drawn for some rows.
#[inline(always)]
fn write_picked(
    space: Choices,
    picked: &Picked,
    log_probs: impl Iterator<Item = f32>,
    rows: std::ops::Range<usize>,
    draw: &mut Draw<'_>,
) {
    draw.actions[rows.clone()].copy_from_slice(&picked.choice[..rows.len()]);
    let env_actions = &mut draw.env_actions.as_chunks_mut::<8>().0[rows.clone()];
    for (env_action, &choice) in env_actions.iter_mut().zip(&picked.choice) {
        *env_action = (space.start + i64::from(choice as i32)).to_ne_bytes();
    }
    for (place, log_prob) in draw.log_probs[rows].iter_mut().zip(log_probs) {
        *place = log_prob;
    }
}

/// [`mixed`] for more choices than are worth a form of their own.
fn mixed_many(
    mixture: &Mixture,
    space: Choices,
    moment: Moment,
    draw: &mut Draw<'_>,
) -> Option<usize> {
    let mut logs = Logs::new();
    let mut forbidden = None;
    for_each_tile(moment, draw.log_probs.len(), |first, words| {
        for (row, &word) in (first..).zip(words) {
            let values = &draw.head[row * space.n..][..space.n];
            let mask = mask_row(space, draw.masks, row);
            let is_allowed = |choice: usize| !space.masked || mask[choice] != 0;
            let open = |choice: usize| u32::from(is_allowed(choice));
            let allowed: u32 = (0..space.n).map(open).sum();
            if allowed == 0 {
                forbidden = forbidden.or(Some(row));
                continue;
            }
            let values = values.iter().enumerate();
            let values = values.map(|(c, &x)| if is_allowed(c) { x } else { f32::NEG_INFINITY });
            let best = values.clone().fold(f32::NEG_INFINITY, |a, b| if b > a { b } else { a });
            let ties: u32 = values.clone().map(|value| u32::from(value == best)).sum();
            let any = word < mixture.below;
            let members = if any { allowed } else { ties };
            let rank = mixture.place(word, any, members as f32) as u32;
            let members = values.clone().enumerate();
            let members = members.map(|(c, value)| (value == best) | (any & is_allowed(c)));
            let choice = of_rank(rank, members);
            let is_best = values.clone().nth(choice as usize) == Some(best);
            let log_prob = logs.get(mixture, allowed, if is_best { ties } else { 0 });
            write(space, draw, row, (choice, log_prob));
        }
    });
    forbidden
}
