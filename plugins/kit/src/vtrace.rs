//! V-trace: value targets and advantages for steps that an older policy took.

use crate::real::Real;
use plugin_api::{TERMINATED, TRUNCATED};

/// How much a step may count for more than it was likely.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clips {
    /// Largest weight ρ̄ of a step's own error.
    pub rho: f64,
    /// Largest weight c̄ of what follows.
    pub c: f64,
}

/// Steps of some lanes side by side, row `t * lanes + lane`.
#[derive(Clone, Copy, Debug)]
pub struct Steps<'a> {
    /// Lanes side by side.
    pub lanes: usize,
    /// Rewards.
    pub rewards: &'a [f64],
    /// [`TERMINATED`] and [`TRUNCATED`] of each row.
    pub flags: &'a [u8],
    /// Value of what was seen.
    pub values: &'a [f32],
    /// Value of what was seen next, of an end that of its own final observation. Not read where the
    /// world came to an end.
    pub next_values: &'a [f32],
    /// `ln π(a|s) - ln μ(a|s)` of the learning policy π and the policy μ that acted.
    pub log_ratios: &'a [f32],
}

/// Targets `v_t = V(s_t) + δ_t + γ λ c_t (v_{t+1} - V(s_{t+1}))` with
/// `δ_t = ρ_t (r_t + γ V(s_{t+1}) - V(s_t))`, and advantages `ρ_t (r_t + γ v_{t+1} - V(s_t))`,
/// where ρ and c are the clipped ratios of probabilities.
///
/// Espeholt et al., "IMPALA: Scalable Distributed Deep-RL with Importance Weighted Actor-Learner
/// Architectures", 2018.
pub fn vtrace(
    steps: Steps<'_>,
    (discount, lambda): (f64, f64),
    clips: Clips,
    targets: &mut [f32],
    advantages: &mut [f32],
) {
    let rows = steps.rewards.len();
    let there = [steps.flags.len(), steps.values.len(), steps.log_ratios.len(), targets.len()];
    assert_eq!(there, [rows; 4], "flags, values, ratios and targets for each row");
    for lane in 0..steps.lanes {
        // v_{t+1} - V(s_{t+1}), which is 0 behind an end and behind the last row.
        let mut later = 0.0;
        for row in (lane..rows).step_by(steps.lanes).rev() {
            let ratio = f64::from(Real::exp(steps.log_ratios[row]));
            let (rho, c) = (ratio.min(clips.rho), ratio.min(clips.c));
            let flags = steps.flags[row];
            if flags & (TERMINATED | TRUNCATED) != 0 {
                later = 0.0;
            }
            let is_end = flags & TERMINATED != 0;
            let after = if is_end { 0.0 } else { f64::from(steps.next_values[row]) };
            let value = f64::from(steps.values[row]);
            let error = steps.rewards[row] + discount * after - value;
            advantages[row] = (rho * (error + discount * later)) as f32;
            later = rho * error + discount * lambda * c * later;
            targets[row] = (value + later) as f32;
        }
    }
}
