//! Lessons: batches of experience, kept so that they can be given to several agents alike.

use super::{Stop, ensure};
use crate::abi::handle::{AgentHandle, LearnFrame, column};
use crate::abi::types::column as id;
use crate::needs::{Feed, Needs, Returns};
use crate::{TERMINATED, TRUNCATED};

/// One step of one lane.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) lane: usize,
    pub(super) obs: Vec<f32>,
    pub(super) action: Vec<f32>,
    pub(super) reward: f64,
    pub(super) flags: u8,
    pub(super) next_obs: Vec<f32>,
    pub(super) next_action: Vec<f32>,
    pub(super) mask: Vec<u8>,
    pub(super) next_mask: Vec<u8>,
    pub(super) log_prob: f32,
    pub(super) value: f32,
    pub(super) next_value: f32,
    pub(super) memory: Vec<f32>,
    /// What the value that follows is multiplied with.
    pub(super) discount: f32,
}

impl Row {
    fn ends(&self) -> bool {
        self.flags & (TERMINATED | TRUNCATED) != 0
    }

    /// What is still to come after it.
    fn value_after(&self) -> f64 {
        if self.flags & TERMINATED != 0 { 0.0 } else { f64::from(self.next_value) }
    }
}

/// A batch of experience.
#[derive(Clone, Debug)]
pub(super) struct Lesson {
    pub(super) rows: Vec<Row>,
    pub(super) steps: usize,
    pub(super) lanes: usize,
    /// Environment steps and updates before it.
    pub(super) env_steps: u64,
    pub(super) updates: u64,
}

impl Lesson {
    /// Has an agent learn from it.
    pub(super) fn teach(&self, agent: &mut AgentHandle, needs: &Needs) -> Result<(), Stop> {
        let rows = &self.rows;
        let flat = |part: fn(&Row) -> &Vec<f32>| {
            rows.iter().flat_map(|row| part(row).iter().copied()).collect::<Vec<f32>>()
        };
        let bytes = |part: fn(&Row) -> &Vec<u8>| {
            rows.iter().flat_map(|row| part(row).iter().copied()).collect::<Vec<u8>>()
        };
        let each = |part: fn(&Row) -> f32| rows.iter().map(part).collect::<Vec<f32>>();
        let replayed = matches!(needs.feed, Feed::Replay(_));
        let when = |asked: bool, column: Vec<f32>| if asked { column } else { Vec::new() };
        let (returns, advantages) =
            needs.returns.map_or((Vec::new(), Vec::new()), |wanted| self.returns(wanted));
        let floats = [
            (id::OBS, flat(|row| &row.obs)),
            (id::ACTIONS, flat(|row| &row.action)),
            (id::NEXT_OBS, flat(|row| &row.next_obs)),
            (id::NEXT_ACTIONS, when(needs.next_actions, flat(|row| &row.next_action))),
            (id::LOG_PROBS, each(|row| row.log_prob)),
            (id::VALUES, when(needs.values, each(|row| row.value))),
            (id::MEMORY, flat(|row| &row.memory)),
            (id::RETURNS, returns),
            (id::ADVANTAGES, advantages),
            (id::WEIGHTS, when(replayed, vec![1.0; rows.len()])),
            (id::DISCOUNTS, when(replayed, each(|row| row.discount))),
        ];
        let masks =
            [(id::MASKS, bytes(|row| &row.mask)), (id::NEXT_MASKS, bytes(|row| &row.next_mask))];
        let rewards: Vec<f64> = rows.iter().map(|row| row.reward).collect();
        let flags: Vec<u8> = rows.iter().map(|row| row.flags).collect();
        let lane_ids: Vec<u32> = rows.iter().map(|row| row.lane as u32).collect();

        let width = |len: usize| len / rows.len().max(1);
        let present = |len: usize| len > 0;
        let mut columns = vec![column(id::REWARDS, 1, &rewards), column(id::FLAGS, 1, &flags)];
        columns.push(column(id::LANE_IDS, 1, &lane_ids));
        let imitates = matches!(&needs.feed, Feed::Replay(replay) if replay.is_imitation());
        let demonstrated = vec![1_u8; if imitates { rows.len() } else { 0 }];
        if imitates {
            columns.push(column(id::DEMONSTRATIONS, 1, &demonstrated));
        }
        for (id, numbers) in floats.iter().filter(|(_, numbers)| present(numbers.len())) {
            columns.push(column(*id, width(numbers.len()), numbers));
        }
        for (id, choices) in masks.iter().filter(|(_, choices)| present(choices.len())) {
            columns.push(column(*id, width(choices.len()), choices));
        }
        let asks = matches!(&needs.feed, Feed::Replay(r) if r.priorities.is_some());
        let mut priorities = vec![f32::NAN; if asks { rows.len() } else { 0 }];
        agent.learn(LearnFrame {
            columns: &columns,
            batch_steps: self.steps,
            batch_lanes: self.lanes,
            priorities: &mut priorities,
            steps: self.env_steps,
            updates: self.updates,
            progress: 0.0,
        })?;
        let wrong = priorities.iter().position(|p| !(p.is_finite() && *p >= 0.0));
        if let Some(row) = wrong {
            ensure!(false, "row {row} of a batch got the priority {}", priorities[row]);
        }
        Ok(())
    }

    /// Returns and advantages, from the last step of each lane backwards.
    fn returns(&self, wanted: Returns) -> (Vec<f32>, Vec<f32>) {
        let mut returns = vec![0.0; self.rows.len()];
        let mut advantages = vec![0.0; self.rows.len()];
        let behind = |row: usize| {
            let next = row + self.lanes;
            (!self.rows[row].ends() && next < self.rows.len()).then_some(next)
        };
        for row in (0..self.rows.len()).rev() {
            let Row { reward, value, .. } = self.rows[row];
            let value = f64::from(value);
            let (sum, advantage) = match wanted {
                Returns::MonteCarlo { discount } => {
                    let later = behind(row).map_or(0.0, |next| f64::from(returns[next]));
                    let sum = reward + discount * later;
                    (sum, sum - value)
                }
                Returns::NStep { discount, steps } => {
                    let (mut sum, mut factor, mut at) = (0.0, 1.0, row);
                    for step in 1..=steps {
                        sum += factor * self.rows[at].reward;
                        factor *= discount;
                        match behind(at) {
                            Some(next) if step < steps => at = next,
                            _ => break,
                        }
                    }
                    sum += factor * self.rows[at].value_after();
                    (sum, sum - value)
                }
                Returns::Gae { discount, lambda } => {
                    let later = behind(row).map_or(0.0, |next| f64::from(advantages[next]));
                    let error = reward + discount * self.rows[row].value_after() - value;
                    let advantage = error + discount * lambda * later;
                    (advantage + value, advantage)
                }
            };
            returns[row] = sum as f32;
            advantages[row] = advantage as f32;
        }
        (returns, advantages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two lanes of three steps; the first lane ends after two, the second is cut after one.
    fn lesson() -> Lesson {
        let flags = [0, TRUNCATED, TERMINATED, 0, 0, 0];
        let row = |(idx, flags)| Row {
            lane: idx % 2,
            reward: [1.0, 2.0, 3.0, 4.0, 5.0, 6.0][idx],
            flags,
            value: 10.0 * (idx + 1) as f32,
            next_value: 100.0 * (idx + 1) as f32,
            ..Row::default()
        };
        let rows = flags.into_iter().enumerate().map(row).collect();
        Lesson { rows, steps: 3, lanes: 2, env_steps: 0, updates: 0 }
    }

    #[track_caller]
    fn check(wanted: Returns, returns: [f32; 6], advantages: [f32; 6]) {
        assert_eq!(lesson().returns(wanted), (returns.to_vec(), advantages.to_vec()));
    }

    #[test]
    fn returns_stop_at_ends_and_go_on_beyond_cuts() {
        check(
            Returns::MonteCarlo { discount: 0.5 },
            [2.5, 2.0, 3.0, 7.0, 5.0, 6.0],
            [-7.5, -18.0, -27.0, -33.0, -45.0, -54.0],
        );
        check(
            Returns::NStep { discount: 0.5, steps: 2 },
            [2.5, 102.0, 3.0, 157.0, 255.0, 306.0],
            [-7.5, 82.0, -27.0, 117.0, 205.0, 246.0],
        );
        // δ: 1 + 50 - 10, 2 + 100 - 20, 3 - 30, 4 + 200 - 40, 5 + 250 - 50, 6 + 300 - 60.
        check(
            Returns::Gae { discount: 0.5, lambda: 0.5 },
            [44.25, 102.0, 3.0, 265.5, 255.0, 306.0],
            [34.25, 82.0, -27.0, 225.5, 205.0, 246.0],
        );
    }
}
