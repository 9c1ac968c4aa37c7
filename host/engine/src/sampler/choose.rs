//! One choice out of a few, for many lanes at once: the best, any, or a mixture of both. The loops are
//! free of branches that the draws would make unpredictable.

#![expect(clippy::needless_bitwise_bool, reason = "a branch here could not be predicted")]
#![expect(clippy::float_cmp, reason = "ties and marked values are exactly equal")]
#![expect(clippy::inline_always, reason = "callers compiled for wider vectors take these along")]

use super::{Draw, Moment, Rule};
use crate::maths;
use plugin_api::Result;
use plugin_api::needs::Head;
use plugin_api::rng::Stream;

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
const TILE: usize = 64;

/// Lanes that are drawn for side by side.
const BLOCK: usize = 16;

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
        Kind::Uniform => uniform(space, moment, draw),
        Kind::Mixed { epsilon } => {
            let mixture = Mixture::new(epsilon);
            match space.n {
                1 => mixed::<1>(&mixture, space, moment, draw),
                2 => mixed::<2>(&mixture, space, moment, draw),
                3 => mixed::<3>(&mixture, space, moment, draw),
                4 => mixed::<4>(&mixture, space, moment, draw),
                5 => mixed::<5>(&mixture, space, moment, draw),
                6 => mixed::<6>(&mixture, space, moment, draw),
                7 => mixed::<7>(&mixture, space, moment, draw),
                8 => mixed::<8>(&mixture, space, moment, draw),
                _ => mixed::<0>(&mixture, space, moment, draw),
            }
        }
    };
    match forbidden {
        None => Ok(()),
        Some(row) => Err(moment.all_forbidden(row)),
    }
}

/// The mask of a row; empty where nothing is masked.
#[inline(always)]
fn mask_row(space: Choices, masks: &[u8], row: usize) -> &[u8] {
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

/// Any choice that is allowed; returns the first row that allows none.
fn uniform(space: Choices, moment: Moment, draw: &mut Draw<'_>) -> Option<usize> {
    let log_all = -maths::ln(space.n as f64) as f32;
    let mut forbidden = None;
    for_each_tile(moment, draw.log_probs.len(), |first, words| {
        for (row, &word) in (first..).zip(words) {
            if !space.masked {
                let choice = ((u64::from(word) * space.n as u64) >> 32) as u32;
                write(space, draw, row, (choice, log_all));
                continue;
            }
            let mask = mask_row(space, draw.masks, row);
            let allowed: u32 = mask.iter().map(|&allowed| u32::from(allowed != 0)).sum();
            if allowed == 0 {
                forbidden = forbidden.or(Some(row));
                continue;
            }
            let rank = ((u64::from(word) * u64::from(allowed)) >> 32) as u32;
            let choice = of_rank(rank, mask.iter().map(|&allowed| allowed != 0));
            write(space, draw, row, (choice, -maths::ln(f64::from(allowed)) as f32));
        }
    });
    forbidden
}

/// Splits the 2^32 words between any choice and the best ones, each part evenly among its choices.
#[derive(Clone, Copy, Debug)]
struct Mixture {
    epsilon: f64,
    /// How many words draw any choice: those below it.
    below: u64,
    /// 1 / the number of words that draw any choice, and one of the best.
    shares: [f64; 2],
}

impl Mixture {
    fn new(epsilon: f64) -> Self {
        let below = (epsilon * 4_294_967_296.0) as u64;
        let share = |words: u64| 1.0 / words.max(1) as f64;
        Self { epsilon, below, shares: [share(below), share((1 << 32) - below)] }
    }

    /// ln of the chance of a choice that is one of `ties` best ones, or none of them when 0.
    fn log_prob(&self, allowed: u32, ties: u32) -> f32 {
        let any = self.epsilon / f64::from(allowed);
        let best = if ties == 0 { 0.0 } else { (1.0 - self.epsilon) / f64::from(ties) };
        maths::ln(any + best) as f32
    }
}

/// Log-probabilities that were just computed, by the number of allowed choices and of best ones.
struct Logs([(u32, u32, f32); 16]);

impl Logs {
    fn new() -> Self {
        Self([(0, 0, 0.0); 16])
    }

    #[inline(always)]
    fn get(&mut self, mixture: &Mixture, allowed: u32, ties: u32) -> f32 {
        let known = &mut self.0[(ties ^ allowed << 2) as usize % 16];
        if (known.0, known.1) != (allowed, ties) {
            *known = (allowed, ties, mixture.log_prob(allowed, ties));
        }
        known.2
    }
}

/// Any choice or one of the best; `N` is the number of choices, or 0 for the one that `space` says.
/// Returns the first row that allows none.
fn mixed<const N: usize>(
    mixture: &Mixture,
    space: Choices,
    moment: Moment,
    draw: &mut Draw<'_>,
) -> Option<usize> {
    let space = Choices { n: if N == 0 { space.n } else { N }, ..space };
    let mut logs = Logs::new();
    let mut forbidden = None;
    for_each_tile(moment, draw.log_probs.len(), |first, words| {
        let (blocks, rest) = words.as_chunks::<BLOCK>();
        for (idx, words) in blocks.iter().enumerate() {
            let row = first + idx * BLOCK;
            let picked = pick::<N, BLOCK>(mixture, space, words, row, draw);
            forbidden = forbidden.or(write_picked(space, mixture, &picked, &mut logs, row, draw));
        }
        for (idx, &word) in rest.iter().enumerate() {
            let row = first + blocks.len() * BLOCK + idx;
            let picked = pick::<N, 1>(mixture, space, &[word], row, draw);
            forbidden = forbidden.or(write_picked(space, mixture, &picked, &mut logs, row, draw));
        }
    });
    forbidden
}

/// What was drawn for some lanes, column by column so that one instruction serves several lanes.
struct Picked<const B: usize> {
    choice: [u32; B],
    /// How many choices are allowed.
    allowed: [u32; B],
    /// How many share the best value with the choice; 0 when it is not one of the best.
    ties: [u32; B],
}

/// Draws for `B` rows from `first` on.
#[inline(always)]
fn pick<const N: usize, const B: usize>(
    mixture: &Mixture,
    space: Choices,
    words: &[u32; B],
    first: usize,
    draw: &Draw<'_>,
) -> Picked<B> {
    let n = if N == 0 { space.n } else { N };
    let head = &draw.head[first * n..][..B * n];
    if space.masked {
        let masks = &draw.masks[first * n..][..B * n];
        pick_among::<B>(mixture, n, words, head, |place| masks[place] != 0)
    } else {
        pick_among::<B>(mixture, n, words, head, |_| true)
    }
}

#[inline(always)]
fn pick_among<const B: usize>(
    mixture: &Mixture,
    n: usize,
    words: &[u32; B],
    head: &[f32],
    is_allowed: impl Fn(usize) -> bool,
) -> Picked<B> {
    let mut best = [f32::NEG_INFINITY; B];
    for choice in 0..n {
        for (lane, best) in best.iter_mut().enumerate() {
            let place = lane * n + choice;
            let value = if is_allowed(place) { head[place] } else { f32::NEG_INFINITY };
            *best = if value > *best { value } else { *best };
        }
    }
    let (mut allowed, mut best_ones) = ([0; B], [0; B]);
    for choice in 0..n {
        for lane in 0..B {
            let place = lane * n + choice;
            allowed[lane] += u32::from(is_allowed(place));
            best_ones[lane] += u32::from(is_allowed(place) & (head[place] == best[lane]));
        }
    }
    let (mut any, mut rank) = ([false; B], [0; B]);
    for lane in 0..B {
        any[lane] = u64::from(words[lane]) < mixture.below;
        let members = if any[lane] { allowed[lane] } else { best_ones[lane] };
        rank[lane] = mixture.rank(words[lane], any[lane], members);
    }
    let (mut seen, mut drawn, mut ties) = ([0; B], [0; B], [0; B]);
    for choice in 0..n {
        for lane in 0..B {
            let place = lane * n + choice;
            let is_best = is_allowed(place) & (head[place] == best[lane]);
            let is_member = is_best | (any[lane] & is_allowed(place));
            let is_drawn = is_member & (seen[lane] == rank[lane]);
            seen[lane] += u32::from(is_member);
            drawn[lane] = if is_drawn { choice as u32 } else { drawn[lane] };
            let ties_here = if is_best { best_ones[lane] } else { 0 };
            ties[lane] = if is_drawn { ties_here } else { ties[lane] };
        }
    }
    Picked { choice: drawn, allowed, ties }
}

impl Mixture {
    /// Which of the members a word draws.
    #[inline(always)]
    fn rank(&self, word: u32, any: bool, members: u32) -> u32 {
        let (first, share) =
            if any { (0, self.shares[0]) } else { (self.below as u32, self.shares[1]) };
        let rank = (f64::from(word.wrapping_sub(first)) * share * f64::from(members)) as u32;
        // Rounding can reach the number of members, which would be no member.
        if rank < members { rank } else { members.wrapping_sub(1) }
    }
}

#[inline(always)]
fn write_picked<const B: usize>(
    space: Choices,
    mixture: &Mixture,
    picked: &Picked<B>,
    logs: &mut Logs,
    first: usize,
    draw: &mut Draw<'_>,
) -> Option<usize> {
    for lane in 0..B {
        let (allowed, ties) = (picked.allowed[lane], picked.ties[lane]);
        if allowed == 0 {
            return Some(first + lane);
        }
        let log_prob = logs.get(mixture, allowed, ties);
        write(space, draw, first + lane, (picked.choice[lane], log_prob));
    }
    None
}

/// The place of the member with `rank` members before it.
#[inline(always)]
fn of_rank(rank: u32, members: impl Iterator<Item = bool>) -> u32 {
    let (mut seen, mut place) = (0, 0);
    for member in members {
        seen += u32::from(member);
        place += u32::from(seen <= rank);
    }
    place
}

/// Calls back with the first row of each tile and the random words of its lanes.
#[inline(always)]
fn for_each_tile(moment: Moment, rows: usize, mut with: impl FnMut(usize, &[u32])) {
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
fn write(space: Choices, draw: &mut Draw<'_>, row: usize, (choice, log_prob): (u32, f32)) {
    draw.actions[row] = choice as f32;
    let bytes = (space.start + i64::from(choice)).to_ne_bytes();
    draw.env_actions[row * 8..][..8].copy_from_slice(&bytes);
    draw.log_probs[row] = log_prob;
}
