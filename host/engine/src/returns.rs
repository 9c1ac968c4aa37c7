//! Returns and advantages over steps of many lanes, row `t * lanes + lane`. What lies behind the
//! end of an episode never counts towards it; an episode that was cut off goes on in the estimate
//! of its final observation's value.

use crate::lanes::Segment;
use plugin_api::needs::Returns;
use plugin_api::{TERMINATED, TRUNCATED};

/// Lanes whose sums are carried side by side from step to step.
const BLOCK: usize = 64;

/// The columns that returns are computed from.
#[derive(Clone, Copy, Debug)]
pub struct Steps<'a> {
    /// Lanes side by side.
    pub lanes: usize,
    /// Rewards.
    pub rewards: &'a [f64],
    /// [`TERMINATED`] and [`TRUNCATED`] of each row.
    pub flags: &'a [u8],
    /// Value of what was seen; may be empty for Monte-Carlo returns.
    pub values: &'a [f32],
    /// Value of what was seen next, of an end that of its own final observation. Not read where the
    /// world came to an end.
    pub next_values: &'a [f32],
}

impl<'a> From<&'a Segment> for Steps<'a> {
    fn from(segment: &'a Segment) -> Self {
        Self {
            lanes: segment.lanes,
            rewards: &segment.rewards,
            flags: &segment.flags,
            values: &segment.values,
            next_values: &segment.next_values,
        }
    }
}

/// Computes what an agent asked for. Advantages are returns less values, or returns where there are
/// no values.
pub fn compute<'a>(
    wanted: Returns,
    steps: impl Into<Steps<'a>>,
    returns: &mut [f32],
    advantages: &mut [f32],
) {
    let steps = steps.into();
    let rows = steps.rewards.len();
    let has_values = steps.values.len() == rows;
    assert!(has_values || matches!(wanted, Returns::MonteCarlo { .. }), "a value for each row");
    assert_eq!((returns.len(), advantages.len()), (rows, rows), "room for each row");
    match wanted {
        Returns::MonteCarlo { discount } => monte_carlo(steps, discount, returns),
        Returns::NStep { discount, steps: n } => n_step(steps, discount, n, returns),
        Returns::Gae { discount, lambda } => {
            return gae(steps, (discount, lambda), returns, advantages);
        }
    }
    advantages.copy_from_slice(returns);
    for (advantage, value) in advantages.iter_mut().zip(steps.values) {
        *advantage -= value;
    }
}

/// `G_t = r_t + γ G_{t+1}` within an episode; what lies behind the last row counts nothing.
fn monte_carlo(steps: Steps<'_>, discount: f64, returns: &mut [f32]) {
    steps.backwards(|row, later: f64| {
        let later = if steps.ends(row) { 0.0 } else { later };
        let sum = steps.rewards[row] + discount * later;
        returns[row] = sum as f32;
        sum
    });
}

/// `G_t = r_t + γ r_{t+1} + .. + γ^{k-1} r_{t+k-1} + γ^k V(s_{t+k})`, where k is n, or less when
/// the episode or the rows end before that.
fn n_step(steps: Steps<'_>, discount: f64, n: usize, returns: &mut [f32]) {
    let (rows, n) = (steps.rewards.len(), n.max(1));
    for (first, sum) in returns.iter_mut().enumerate() {
        let (mut total, mut factor, mut row) = (0.0, 1.0, first);
        for step in 1..=n {
            total += factor * steps.rewards[row];
            factor *= discount;
            let next = row + steps.lanes;
            if step == n || steps.ends(row) || next >= rows {
                total += factor * steps.value_after(row);
                break;
            }
            row = next;
        }
        *sum = total as f32;
    }
}

/// `A_t = δ_t + γ λ A_{t+1}` within an episode, with `δ_t = r_t + γ V(s_{t+1}) - V(s_t)`; returns
/// are A + V.
///
/// Schulman et al., "High-Dimensional Continuous Control Using Generalized Advantage Estimation",
/// 2016.
fn gae(
    steps: Steps<'_>,
    (discount, lambda): (f64, f64),
    returns: &mut [f32],
    advantages: &mut [f32],
) {
    steps.backwards(|row, later: f64| {
        let value = f64::from(steps.values[row]);
        let error = steps.rewards[row] + discount * steps.value_after(row) - value;
        let later = if steps.ends(row) { 0.0 } else { later };
        let advantage = error + discount * lambda * later;
        advantages[row] = advantage as f32;
        returns[row] = (advantage + value) as f32;
        advantage
    });
}

impl Steps<'_> {
    fn ends(&self, row: usize) -> bool {
        self.flags[row] & (TERMINATED | TRUNCATED) != 0
    }

    /// What is still to come after a row: nothing when the world came to an end.
    fn value_after(&self, row: usize) -> f64 {
        if self.flags[row] & TERMINATED != 0 { 0.0 } else { f64::from(self.next_values[row]) }
    }

    /// Calls back with every row from the last step to the first, and with what the call for the
    /// row one step later in the same lane returned, at first 0.
    fn backwards<T: Copy + Default>(&self, mut with: impl FnMut(usize, T) -> T) {
        let count = self.rewards.len() / self.lanes.max(1);
        for first in (0..self.lanes).step_by(BLOCK) {
            let lanes = (self.lanes - first).min(BLOCK);
            let mut carry = [T::default(); BLOCK];
            for step in (0..count).rev() {
                for (lane, carried) in carry[..lanes].iter_mut().enumerate() {
                    *carried = with(step * self.lanes + first + lane, *carried);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
