//! Looks over what a plugin wrote: numbers must be finite, choices in range, flags known.
#![expect(clippy::inline_always, reason = "what is not inlined into a kernel misses its class")]

use crate::memory::numbers;
use plugin_api::simd::{Kernel, dispatch};
use plugin_api::space::Space;
use plugin_api::{Dtype, Error, Result, TERMINATED, TRUNCATED, Task};

/// What is checked of every step.
#[derive(Clone, Debug)]
pub struct Scan {
    dtype: Dtype,
    width: usize,
    /// First value and number of choices of every column that is a choice.
    choices: Vec<(usize, i64, u64)>,
    /// Places of a mask for every choice of an action.
    masked: Vec<usize>,
}

impl Scan {
    /// The checks of a task.
    pub fn new(task: &Task) -> Self {
        let mut choices = Vec::new();
        for (start, leaf) in task.observations.leaves() {
            match leaf {
                Space::Discrete { n, start: first } => choices.push((start, *first, *n as u64)),
                Space::MultiDiscrete { n, start: firsts } => {
                    let columns = n.iter().zip(firsts).enumerate();
                    choices
                        .extend(columns.map(|(idx, (&n, &first))| (start + idx, first, n as u64)));
                }
                _ => {}
            }
        }
        let masked = match &task.actions {
            Space::Discrete { n, .. } => vec![*n],
            Space::MultiDiscrete { n, .. } => n.clone(),
            _ => Vec::new(),
        };
        let (dtype, width) = (task.observations.dtype(), task.observations.width());
        Self { dtype, width, choices, masked }
    }

    /// Checks observations of consecutive lanes; `what` names them, as in `the observation`.
    #[inline]
    pub fn observations(&self, place: Place, bytes: &[u8], what: &str) -> Result<()> {
        let fine = match self.dtype {
            Dtype::F32 => dispatch(Finite32(numbers(bytes))),
            Dtype::F64 => dispatch(Finite64(numbers(bytes))),
            Dtype::I64 | Dtype::U8 => true,
        };
        if !fine || !self.in_range(bytes) {
            return Err(self.explain(place, bytes, what));
        }
        Ok(())
    }

    /// Checks rewards and flags of consecutive lanes.
    #[inline]
    pub fn steps(&self, place: Place, rewards: &[f64], flags: &[u8]) -> Result<()> {
        let wrong = flags.iter().fold(0, |any, &flags| any | flags) & !(TERMINATED | TRUNCATED);
        if wrong != 0 || !dispatch(Finite64(bytemuck::cast_slice(rewards))) {
            return Err(explain_steps(place, rewards, flags));
        }
        Ok(())
    }

    /// Checks the mask of one lane, for those who draw no actions under it: whoever does finds out.
    pub fn mask(&self, place: Place, mut mask: &[u8]) -> Result<()> {
        for &choices in &self.masked {
            let Some((section, rest)) = mask.split_at_checked(choices) else { break };
            if section.iter().all(|&allowed| allowed == 0) {
                return Err(place.error(0, ALL_FORBIDDEN.to_owned()));
            }
            mask = rest;
        }
        Ok(())
    }

    fn in_range(&self, bytes: &[u8]) -> bool {
        match self.dtype {
            _ if self.choices.is_empty() => true,
            Dtype::I64 => match (&self.choices[..], self.width) {
                ([(_, first, n)], 1) => {
                    dispatch(InRange { values: numbers(bytes), first: *first, n: *n })
                }
                _ => self.all_fit::<i64>(bytes, |value| value),
            },
            // Choices beside reals share their number type.
            Dtype::F32 => self.all_fit::<f32>(bytes, |value| whole(value.into())),
            Dtype::F64 => self.all_fit::<f64>(bytes, whole),
            Dtype::U8 => self.all_fit::<u8>(bytes, i64::from),
        }
    }

    fn all_fit<T: bytemuck::Pod>(&self, bytes: &[u8], value: impl Fn(T) -> i64) -> bool {
        let mut rows = numbers::<T>(bytes).chunks_exact(self.width);
        rows.all(|row| self.choices.iter().all(|choice| fits(value(row[choice.0]), choice)))
    }

    #[cold]
    fn explain(&self, place: Place, bytes: &[u8], what: &str) -> Error {
        let row_bytes = self.width * self.dtype.size();
        for (lane, row) in bytes.chunks_exact(row_bytes).enumerate() {
            for (idx, value) in crate::memory::to_f64(self.dtype, row).into_iter().enumerate() {
                if !value.is_finite() {
                    return place.error(lane, format!("element {idx} of {what} is {value}"));
                }
                let choice = self.choices.iter().find(|choice| choice.0 == idx);
                if let Some(&(_, low, n)) = choice.filter(|choice| !fits(whole(value), choice)) {
                    let high = low + n as i64 - 1;
                    return place.error(
                        lane,
                        format!("element {idx} of {what} is {value}, outside of {low} to {high}"),
                    );
                }
            }
        }
        place.error(0, format!("{what} is unfit"))
    }
}

/// What is wrong with a mask of zeros.
pub(crate) const ALL_FORBIDDEN: &str =
    "the mask forbids every action; an environment must allow at least one";

/// Lanes that follow one another, and the step they are at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Number of the first lane in the run.
    pub first: usize,
    /// Steps each of them took before this one.
    pub step: u64,
}

impl Place {
    /// An error that names lane and step.
    fn error(self, lane: usize, what: String) -> Error {
        let lane = self.first + lane;
        Error::new(format!("lane {lane} at its step {}: {what}", self.step))
    }
}

/// A real as a choice; one that lies between two choices becomes none at all.
fn whole(value: f64) -> i64 {
    if value.fract() == 0.0 { value as i64 } else { i64::MIN }
}

/// Whether a value is one of the choices.
fn fits(value: i64, &(_, first, n): &(usize, i64, u64)) -> bool {
    (value.wrapping_sub(first) as u64) < n
}

#[cold]
fn explain_steps(place: Place, rewards: &[f64], flags: &[u8]) -> Error {
    for (lane, (reward, flags)) in rewards.iter().zip(flags).enumerate() {
        if !reward.is_finite() {
            return place.error(lane, format!("the reward is {reward}"));
        }
        if flags & !(TERMINATED | TRUNCATED) != 0 {
            let what = "only terminated (1) and truncated (2) are known";
            return place.error(lane, format!("the flags are {flags:#04x}; {what}"));
        }
    }
    place.error(0, "the reward or the flags are unfit".to_owned())
}

/// No infinity and no NaN, which have an exponent of all ones.
struct Finite32<'a>(&'a [u32]);

impl Kernel for Finite32<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        const EXPONENT: u32 = 0x7f80_0000;
        let wrong = |word: &u32| u32::from(word & EXPONENT == EXPONENT);
        self.0.iter().map(wrong).fold(0, |any, wrong| any | wrong) == 0
    }
}

/// The same of wider numbers.
struct Finite64<'a>(&'a [u64]);

impl Kernel for Finite64<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
        let wrong = |word: &u64| u64::from(word & EXPONENT == EXPONENT);
        self.0.iter().map(wrong).fold(0, |any, wrong| any | wrong) == 0
    }
}

/// Every value is one of `n` choices from `first` on.
struct InRange<'a> {
    values: &'a [i64],
    first: i64,
    n: u64,
}

impl Kernel for InRange<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let wrong = |value: &i64| u64::from(value.wrapping_sub(self.first) as u64 >= self.n);
        self.values.iter().map(wrong).fold(0, |any, wrong| any | wrong) == 0
    }
}
