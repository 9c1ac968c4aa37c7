//! Returns against slow literal versions of their formulas, and the faults of older systems.

use super::*;
use plugin_api::Rng;

/// Random steps of some lanes, with ends of both kinds.
struct World {
    lanes: usize,
    count: usize,
    rewards: Vec<f64>,
    flags: Vec<u8>,
    values: Vec<f32>,
    next_values: Vec<f32>,
}

impl World {
    fn new(count: usize, lanes: usize, end_chance: f64, rng: &mut Rng) -> Self {
        let rows = count * lanes;
        let mut numbers = || (0..rows).map(|_| rng.uniform(-1.0, 1.0) as f32).collect::<Vec<_>>();
        let (rewards, values, mut next_values) = (numbers(), numbers(), numbers());
        let flags: Vec<u8> = (0..rows)
            .map(|_| if rng.chance(end_chance) { rng.below(4) as u8 } else { 0 })
            .collect();
        for row in 0..rows.saturating_sub(lanes) {
            if flags[row] == 0 {
                next_values[row] = values[row + lanes];
            }
        }
        let rewards = rewards.into_iter().map(f64::from).collect();
        Self { lanes, count, rewards, flags, values, next_values }
    }

    fn steps(&self) -> Steps<'_> {
        Steps {
            lanes: self.lanes,
            rewards: &self.rewards,
            flags: &self.flags,
            values: &self.values,
            next_values: &self.next_values,
        }
    }

    fn compute(&self, wanted: Returns) -> (Vec<f32>, Vec<f32>) {
        let (mut returns, mut advantages) = (vec![9.0; self.rows()], vec![9.0; self.rows()]);
        compute(wanted, self.steps(), &mut returns, &mut advantages);
        (returns, advantages)
    }

    fn rows(&self) -> usize {
        self.count * self.lanes
    }

    /// The rows from this one to the last of its episode or segment, that one included.
    fn episode_from(&self, row: usize) -> Vec<usize> {
        let mut rows = vec![row];
        let mut at = row;
        while self.flags[at] == 0 && at + self.lanes < self.rows() {
            at += self.lanes;
            rows.push(at);
        }
        rows
    }

    /// What is to come after a row, as the literal formulas have it.
    fn after(&self, row: usize) -> f64 {
        if self.flags[row] & TERMINATED != 0 { 0.0 } else { f64::from(self.next_values[row]) }
    }

    fn td_error(&self, row: usize, discount: f64) -> f64 {
        self.rewards[row] + discount * self.after(row) - f64::from(self.values[row])
    }
}

fn worlds() -> Vec<World> {
    let mut rng = Rng::seeded(8);
    let sizes = [(1, 1), (1, 5), (7, 1), (40, 3), (25, 64), (9, 130)];
    let ends = [0.0, 0.1, 0.6];
    sizes
        .into_iter()
        .flat_map(|(count, lanes)| ends.map(|chance| World::new(count, lanes, chance, &mut rng)))
        .collect()
}

#[track_caller]
fn check(ours: &[f32], literal: impl Fn(usize) -> f64) {
    for (row, &value) in ours.iter().enumerate() {
        let exact = literal(row);
        assert!((f64::from(value) - exact).abs() < 2e-6, "row {row}: {value} is not {exact}");
    }
}

fn monte_carlo_literal(world: &World, row: usize, discount: f64) -> f64 {
    let rows = world.episode_from(row).into_iter().enumerate();
    rows.map(|(k, row)| discount.powi(k as i32) * world.rewards[row]).sum()
}

fn n_step_literal(world: &World, row: usize, discount: f64, n: usize) -> f64 {
    let mut rows = world.episode_from(row);
    rows.truncate(n);
    let k = rows.len() as i32;
    let rewards = rows.iter().enumerate();
    let rewards: f64 = rewards.map(|(k, &row)| discount.powi(k as i32) * world.rewards[row]).sum();
    rewards + discount.powi(k) * world.after(rows[rows.len() - 1])
}

#[test]
fn monte_carlo_returns_do_not_leak_across_episode_ends() {
    for world in worlds() {
        let (returns, _) = world.compute(Returns::MonteCarlo { discount: 0.9 });
        check(&returns, |row| monte_carlo_literal(&world, row, 0.9));
    }
    let two = Steps {
        lanes: 1,
        rewards: &[1.0, 1.0, 100.0],
        flags: &[0, TERMINATED, TERMINATED],
        values: &[],
        next_values: &[],
    };
    let (mut returns, mut advantages) = ([0.0; 3], [0.0; 3]);
    compute(Returns::MonteCarlo { discount: 1.0 }, two, &mut returns, &mut advantages);
    assert_eq!(returns.map(f32::to_bits), [2.0_f32, 1.0, 100.0].map(f32::to_bits));
    assert_eq!(advantages.map(f32::to_bits), returns.map(f32::to_bits), "without values");
}

#[test]
fn n_step_returns_discount_by_the_actual_number_of_steps() {
    for world in worlds() {
        for n in [1, 2, 5, 100] {
            let (returns, advantages) = world.compute(Returns::NStep { discount: 0.8, steps: n });
            check(&returns, |row| n_step_literal(&world, row, 0.8, n));
            check(&advantages, |row| {
                n_step_literal(&world, row, 0.8, n) - f64::from(world.values[row])
            });
        }
    }
}

#[test]
fn gae_is_the_discounted_sum_of_errors() {
    for world in worlds() {
        for (discount, lambda) in [(0.99, 0.95), (0.9, 0.5)] {
            let (returns, advantages) = world.compute(Returns::Gae { discount, lambda });
            let literal = |row| -> f64 {
                let rows = world.episode_from(row).into_iter().enumerate();
                rows.map(|(k, row)| {
                    (discount * lambda).powi(k as i32) * world.td_error(row, discount)
                })
                .sum()
            };
            check(&advantages, literal);
            check(&returns, |row| literal(row) + f64::from(world.values[row]));
        }
    }
}

#[test]
fn gae_without_decay_is_the_return_less_the_value() {
    for world in worlds() {
        let (_, advantages) = world.compute(Returns::Gae { discount: 0.9, lambda: 1.0 });
        check(&advantages, |row| {
            n_step_literal(&world, row, 0.9, usize::MAX) - f64::from(world.values[row])
        });
    }
}

#[test]
fn gae_with_full_decay_is_the_one_step_error() {
    for world in worlds() {
        let (_, advantages) = world.compute(Returns::Gae { discount: 0.9, lambda: 0.0 });
        check(&advantages, |row| world.td_error(row, 0.9));
    }
}

/// One state, reward 1, cut off after ten steps: worth 1 / (1 - γ) = 100 when a cut is no end.
#[test]
fn episodes_that_were_cut_off_go_on_in_their_final_value() {
    let mut flags = [0; 20];
    flags[9] = TRUNCATED;
    flags[19] = TRUNCATED;
    let value = [100.0; 20];
    let steps =
        Steps { lanes: 1, rewards: &[1.0; 20], flags: &flags, values: &value, next_values: &value };
    for wanted in [
        Returns::Gae { discount: 0.99, lambda: 0.95 },
        Returns::NStep { discount: 0.99, steps: 5 },
        Returns::NStep { discount: 0.99, steps: 15 },
    ] {
        let (mut returns, mut advantages) = ([0.0; 20], [0.0; 20]);
        compute(wanted, steps, &mut returns, &mut advantages);
        assert!(returns.iter().all(|x| (x - 100.0).abs() < 1e-4), "{wanted:?}: {returns:?}");
    }
}

#[test]
fn both_flags_together_are_an_end_of_the_world() {
    let steps = Steps {
        lanes: 1,
        rewards: &[1.0],
        flags: &[TERMINATED | TRUNCATED],
        values: &[0.5],
        next_values: &[50.0],
    };
    let (mut returns, mut advantages) = ([0.0], [0.0]);
    let wanted = Returns::Gae { discount: 0.9, lambda: 0.9 };
    compute(wanted, steps, &mut returns, &mut advantages);
    assert!((returns[0] - 1.0).abs() < 1e-6);
}
