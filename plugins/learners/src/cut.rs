//! Rewards that are cut where they are too large for the scale of returns: what that takes from
//! advantages and returns which were made of the rewards as they came.
//!
//! Both are linear in rewards: `A = Σ (γ λ)ᵏ δ` within an episode, so that a reward which is cut by
//! c takes c from its own row, γ λ c from the row before, and so on.

use plugin_api::prelude::*;

/// Room for advantages and returns of cut rewards.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cut {
    advantages: Vec<f32>,
    returns: Vec<f32>,
}

impl Cut {
    /// The rollout as it would be with rewards between `-most` and `most`, and `decay` for γ λ.
    pub(crate) fn rewards<'a>(
        &'a mut self,
        batch: &Batch<'a>,
        (most, decay): (f64, f64),
    ) -> Batch<'a> {
        self.advantages.clear();
        self.returns.clear();
        self.advantages.extend_from_slice(batch.advantages);
        self.returns.extend_from_slice(batch.returns);
        for lane in 0..batch.lanes {
            let mut taken = 0.0;
            for row in (lane..batch.len()).step_by(batch.lanes).rev() {
                let reward = batch.rewards[row];
                let later = if batch.flags[row] == 0 { decay * taken } else { 0.0 };
                taken = reward - reward.clamp(-most, most) + later;
                self.advantages[row] -= taken as f32;
                self.returns[row] -= taken as f32;
            }
        }
        Batch { advantages: &self.advantages, returns: &self.returns, ..*batch }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECAY: f64 = 0.9 * 0.8;

    /// GAE of a lane by its definition, with values that are all 0.
    fn literal(rewards: &[f64], flags: &[u8], lanes: usize, row: usize) -> f64 {
        let (mut sum, mut weight) = (0.0, 1.0);
        for at in (row..rewards.len()).step_by(lanes) {
            sum += weight * rewards[at];
            weight *= DECAY;
            if flags[at] != 0 {
                break;
            }
        }
        sum
    }

    #[test]
    fn advantages_are_those_of_rewards_that_were_cut() {
        let rewards: Vec<f64> = (0..20).map(|idx| 9.0 * (f64::from(idx) * 1.3).sin()).collect();
        let mut flags = vec![0; 20];
        (flags[5], flags[12]) = (TERMINATED, TRUNCATED);
        let all = |rewards: &[f64]| -> Vec<f32> {
            (0..20).map(|row| literal(rewards, &flags, 2, row) as f32).collect()
        };
        let cut: Vec<f64> = rewards.iter().map(|reward| reward.clamp(-4.0, 4.0)).collect();
        let (before, right) = (all(&rewards), all(&cut));
        let batch = Batch {
            steps: 10,
            lanes: 2,
            rewards: &rewards,
            flags: &flags,
            advantages: &before,
            returns: &before,
            ..Batch::default()
        };
        for (most, right) in [(4.0, &right), (100.0, &before)] {
            let mut room = Cut::default();
            let ours = room.rewards(&batch, (most, DECAY));
            let pairs = ours.advantages.iter().chain(ours.returns).zip(right.iter().cycle());
            for (ours, right) in pairs {
                assert!((ours - right).abs() < 1e-5, "{ours}, not {right}");
            }
        }
        assert_ne!(before, right, "something was cut");
    }
}
