//! V-trace: value targets and advantages for steps that an older policy took.

use super::Steps;
use crate::maths;

/// How much a step may count for more than it was likely.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clips {
    /// Largest weight ρ̄ of a step's own error.
    pub rho: f64,
    /// Largest weight c̄ of what follows.
    pub c: f64,
}

/// Targets `v_t = V(s_t) + δ_t + γ λ c_t (v_{t+1} - V(s_{t+1}))` with
/// `δ_t = ρ_t (r_t + γ V(s_{t+1}) - V(s_t))`, and advantages `ρ_t (r_t + γ v_{t+1} - V(s_t))`,
/// where ρ and c are the clipped ratios of probabilities.
///
/// `log_ratios` are `ln π(a|s) - ln μ(a|s)` of the learning policy π and the policy μ that acted.
/// Espeholt et al., "IMPALA: Scalable Distributed Deep-RL with Importance Weighted Actor-Learner
/// Architectures", 2018.
pub fn vtrace(
    steps: Steps<'_>,
    log_ratios: &[f32],
    (discount, lambda): (f64, f64),
    clips: Clips,
    targets: &mut [f32],
    advantages: &mut [f32],
) {
    assert_eq!(log_ratios.len(), steps.rewards.len(), "a ratio for each row");
    assert_eq!(steps.values.len(), steps.rewards.len(), "a value for each row");
    // What is carried is v_{t+1} - V(s_{t+1}), which is 0 behind an end and behind the last row.
    steps.backwards(|row, later: f64| {
        let ratio = maths::exp(f64::from(log_ratios[row]));
        let (rho, c) = (ratio.min(clips.rho), ratio.min(clips.c));
        let later = if steps.ends(row) { 0.0 } else { later };
        let value = f64::from(steps.values[row]);
        let after = steps.value_after(row);
        let error = steps.rewards[row] + discount * after - value;
        let correction = rho * error + discount * lambda * c * later;
        targets[row] = (value + correction) as f32;
        advantages[row] = (rho * (error + discount * later)) as f32;
        correction
    });
}
