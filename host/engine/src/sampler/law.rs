//! What one element of an action row can be: its values, its uniform law, and how it is written for
//! the environment.

#![expect(clippy::float_cmp, reason = "ties and marked values are exactly equal")]
#![expect(clippy::inline_always, reason = "kernels take along what they call")]

use crate::maths;
use plugin_api::Space;
use plugin_api::element::Dtype;
use plugin_api::rng::Stream;

/// What one element of an action row can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Law {
    /// One of `n` choices; learners count from 0, the environment from `start`.
    Choice { n: usize, start: i64 },
    /// 0 or 1.
    Bit,
    /// A number within bounds, either of which may be infinite.
    Real { low: f64, high: f64 },
    /// A whole number within finite bounds.
    Whole { low: f64, high: f64 },
    /// Part of something that only a policy can make up, such as a text.
    Fixed,
}

/// The law of each element of a row.
pub(super) fn laws_of(space: &Space) -> Vec<Law> {
    let leaves = space.leaves();
    leaves.into_iter().flat_map(|(_, leaf)| (0..leaf.width()).map(|idx| law(leaf, idx))).collect()
}

fn law(leaf: &Space, idx: usize) -> Law {
    match leaf {
        Space::Discrete { n, start } => Law::Choice { n: *n, start: *start },
        Space::MultiDiscrete { n, start } => Law::Choice { n: n[idx], start: start[idx] },
        Space::MultiBinary { .. } => Law::Bit,
        Space::Box { low, high, dtype, .. } => {
            let (low, high) = (low.at(idx), high.at(idx));
            match dtype {
                Dtype::F32 | Dtype::F64 => Law::Real { low, high },
                Dtype::I64 | Dtype::U8 if (high - low).is_finite() => Law::Whole { low, high },
                Dtype::I64 | Dtype::U8 => Law::Fixed,
            }
        }
        Space::Text { .. } | Space::Dict(_) | Space::Tuple(_) => Law::Fixed,
    }
}

impl Law {
    /// Elements that a head of logits has for it.
    pub(super) fn logits(&self) -> usize {
        match self {
            Self::Choice { n, .. } => *n,
            _ => 1,
        }
    }

    /// Places in an action mask.
    pub(super) fn choices(&self) -> usize {
        if let Self::Choice { n, .. } = self { *n } else { 0 }
    }

    /// ln of the probability or density of a uniform draw; 0 for what adds its own at each draw.
    pub(super) fn uniform_log_density(&self) -> f64 {
        match *self {
            Self::Bit => -std::f64::consts::LN_2,
            Self::Real { low, high } if (high - low).is_finite() => -maths::ln(high - low),
            Self::Whole { low, high } => -maths::ln(high - low + 1.0),
            _ => 0.0,
        }
    }

    /// Half the width of its bounds, and their middle; 1 and 0 without bounds.
    pub(super) fn scale(&self) -> (f64, f64) {
        match *self {
            Self::Real { low, high } if (high - low).is_finite() => {
                (0.5 * (high - low), 0.5 * (high + low))
            }
            _ => (1.0, 0.0),
        }
    }

    /// Draws a real, a whole number or a bit from all it can be, and adds what
    /// [`Self::uniform_log_density`] leaves out.
    ///
    /// As Gymnasium has it: without bounds a normal law, with one bound an exponential one.
    pub(super) fn uniform(&self, stream: Stream, counter: u64, log_prob: &mut f64) -> f64 {
        let exponential = |log_prob: &mut f64| {
            let distance = -maths::ln(1.0 - stream.random(counter));
            *log_prob -= distance;
            distance
        };
        match *self {
            Self::Bit => stream.below(counter, 2) as f64,
            Self::Whole { low, high } => {
                low + (stream.random(counter) * (high - low + 1.0)).floor().min(high - low)
            }
            Self::Real { low, high } => match (low.is_finite(), high.is_finite()) {
                (true, true) => between((low, high), stream.word(counter)),
                (true, false) => low + exponential(log_prob),
                (false, true) => high - exponential(log_prob),
                (false, false) => {
                    let z = stream.normal(counter);
                    *log_prob -= 0.5 * z * z + maths::LN_SQRT_TAU;
                    z
                }
            },
            Self::Choice { .. } | Self::Fixed => 0.0,
        }
    }

    /// Within the bounds.
    pub(super) fn clip(&self, value: f64) -> f64 {
        match *self {
            Self::Real { low, high } | Self::Whole { low, high } => value.max(low).min(high),
            _ => value,
        }
    }

    /// What the learner's number is to the environment.
    fn for_env(&self, value: f64) -> f64 {
        match self {
            Self::Choice { start, .. } => value + *start as f64,
            Self::Whole { .. } => self.clip(value.round_ties_even()),
            _ => self.clip(value),
        }
    }

    /// Whether a policy may name this number itself; reals are clipped, all else must fit.
    pub(super) fn admits(&self, value: f64) -> bool {
        match self {
            Self::Choice { n, .. } => value >= 0.0 && value < *n as f64 && value.fract() == 0.0,
            Self::Bit => value == 0.0 || value == 1.0,
            _ => value.is_finite(),
        }
    }
}

/// A number between two bounds, as fine as learners can tell numbers apart.
#[inline(always)]
pub(super) fn between((low, high): (f64, f64), word: u32) -> f64 {
    low + (high - low) * (f64::from(word) * (1.0 / 4_294_967_296.0))
}

impl std::fmt::Display for Law {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Choice { n, .. } => write!(f, "a whole number from 0 to {}", n.saturating_sub(1)),
            Self::Bit => f.write_str("0 or 1"),
            Self::Real { .. } | Self::Whole { .. } | Self::Fixed => f.write_str("a finite number"),
        }
    }
}

/// Writes a row of actions in the number type of the environment.
pub(super) fn write_env_row(laws: &[Law], dtype: Dtype, actions: &[f32], out: &mut [u8]) {
    let numbers = laws.iter().zip(actions).map(|(law, &action)| law.for_env(f64::from(action)));
    match dtype {
        Dtype::F32 => write(numbers.map(|x| (x as f32).to_ne_bytes()), out),
        Dtype::F64 => write(numbers.map(f64::to_ne_bytes), out),
        Dtype::I64 => write(numbers.map(|x| (x as i64).to_ne_bytes()), out),
        Dtype::U8 => write(numbers.map(|x| [x as u8]), out),
    }
}

fn write<const N: usize>(numbers: impl Iterator<Item = [u8; N]>, out: &mut [u8]) {
    for (place, bytes) in out.as_chunks_mut::<N>().0.iter_mut().zip(numbers) {
        *place = bytes;
    }
}
