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
        Self { dtype: task.observations.dtype(), width: task.observations.width(), choices }
    }

    /// Checks observations of consecutive lanes.
    #[inline]
    pub fn observations(&self, first: usize, bytes: &[u8], when: &str) -> Result<()> {
        let fine = match self.dtype {
            Dtype::F32 => dispatch(Finite32(numbers(bytes))),
            Dtype::F64 => dispatch(Finite64(numbers(bytes))),
            Dtype::I64 | Dtype::U8 => true,
        };
        if !fine || !self.in_range(bytes) {
            return Err(self.explain(first, bytes, when));
        }
        Ok(())
    }

    /// Checks rewards and flags of consecutive lanes.
    #[inline]
    pub fn steps(&self, first: usize, rewards: &[f64], flags: &[u8]) -> Result<()> {
        let wrong = flags.iter().fold(0, |any, &flags| any | flags) & !(TERMINATED | TRUNCATED);
        if wrong != 0 || !dispatch(Finite64(bytemuck::cast_slice(rewards))) {
            return Err(explain_steps(first, rewards, flags));
        }
        Ok(())
    }

    fn in_range(&self, bytes: &[u8]) -> bool {
        if self.choices.is_empty() || self.dtype != Dtype::I64 {
            return true;
        }
        let rows = numbers::<i64>(bytes);
        if let ([(_, first, n)], 1) = (&self.choices[..], self.width) {
            return dispatch(InRange { values: rows, first: *first, n: *n });
        }
        let fits = |value: i64, first: i64, n: u64| (value.wrapping_sub(first) as u64) < n;
        rows.chunks_exact(self.width)
            .all(|row| self.choices.iter().all(|&(idx, first, n)| fits(row[idx], first, n)))
    }

    #[cold]
    fn explain(&self, first: usize, bytes: &[u8], when: &str) -> Error {
        let row_bytes = self.width * self.dtype.size();
        for (lane, row) in bytes.chunks_exact(row_bytes).enumerate() {
            for (idx, value) in crate::memory::to_f64(self.dtype, row).into_iter().enumerate() {
                let lane = first + lane;
                if !value.is_finite() {
                    return Error::new(format!(
                        "lane {lane} wrote {value} as element {idx} of {when}"
                    ));
                }
                let choice = self.choices.iter().find(|choice| choice.0 == idx);
                if let Some((_, low, n)) = choice.filter(|_| !self.in_range(row)) {
                    return Error::new(format!(
                        "lane {lane} wrote {value} as element {idx} of {when}, which lies in {low} to {}",
                        low + *n as i64 - 1
                    ));
                }
            }
        }
        Error::new(format!("a lane wrote something unfit as {when}"))
    }
}

#[cold]
fn explain_steps(first: usize, rewards: &[f64], flags: &[u8]) -> Error {
    for (lane, (reward, flags)) in rewards.iter().zip(flags).enumerate() {
        let lane = first + lane;
        if !reward.is_finite() {
            return Error::new(format!("lane {lane} gave the reward {reward}"));
        }
        if flags & !(TERMINATED | TRUNCATED) != 0 {
            return Error::new(format!(
                "lane {lane} set the flags {flags:#04x}; only terminated (1) and truncated (2) are known"
            ));
        }
    }
    Error::new("a lane gave an unfit reward")
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
