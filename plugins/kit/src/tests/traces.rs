//! V-trace against its definition, and what it comes to where nothing is off-policy.

use crate::vtrace::{Clips, Steps, vtrace};
use plugin_api::{Rng, TERMINATED};

/// Random steps of some lanes, with ends of both kinds.
struct World {
    lanes: usize,
    rewards: Vec<f64>,
    flags: Vec<u8>,
    values: Vec<f32>,
    next_values: Vec<f32>,
    log_ratios: Vec<f32>,
}

impl World {
    fn new(count: usize, lanes: usize, end_chance: f64, rng: &mut Rng) -> Self {
        let rows = count * lanes;
        let mut numbers = || (0..rows).map(|_| rng.uniform(-1.0, 1.0) as f32).collect::<Vec<_>>();
        let (rewards, values, mut next_values) = (numbers(), numbers(), numbers());
        let log_ratios = numbers();
        let flags: Vec<u8> = (0..rows)
            .map(|_| if rng.chance(end_chance) { rng.below(4) as u8 } else { 0 })
            .collect();
        for row in 0..rows.saturating_sub(lanes) {
            if flags[row] == 0 {
                next_values[row] = values[row + lanes];
            }
        }
        let rewards = rewards.into_iter().map(f64::from).collect();
        Self { lanes, rewards, flags, values, next_values, log_ratios }
    }

    fn trace(&self, discounts: (f64, f64), clips: Clips) -> (Vec<f32>, Vec<f32>) {
        let rows = self.rewards.len();
        let (mut targets, mut advantages) = (vec![9.0; rows], vec![9.0; rows]);
        let steps = Steps {
            lanes: self.lanes,
            rewards: &self.rewards,
            flags: &self.flags,
            values: &self.values,
            next_values: &self.next_values,
            log_ratios: &self.log_ratios,
        };
        vtrace(steps, discounts, clips, &mut targets, &mut advantages);
        (targets, advantages)
    }

    fn goes_on(&self, row: usize) -> bool {
        self.flags[row] == 0 && row + self.lanes < self.rewards.len()
    }

    fn after(&self, row: usize) -> f64 {
        if self.flags[row] & TERMINATED != 0 { 0.0 } else { f64::from(self.next_values[row]) }
    }

    fn error(&self, row: usize, after: f64, discount: f64) -> f64 {
        self.rewards[row] + discount * after - f64::from(self.values[row])
    }

    /// `v_s = V(s_s) + Σ_t γ^{t-s} λ^{t-s} (Π_{i<t} c_i) ρ_t (r_t + γ V(s_{t+1}) - V(s_t))`.
    fn target(&self, first: usize, (discount, lambda): (f64, f64), clips: Clips) -> f64 {
        let ratio = |row: usize| f64::from(self.log_ratios[row]).exp();
        let (mut sum, mut row) = (f64::from(self.values[first]), first);
        for power in 0.. {
            let between = (first..row).step_by(self.lanes);
            let product: f64 = between.map(|row| ratio(row).min(clips.c)).product();
            let error = self.error(row, self.after(row), discount);
            sum += (discount * lambda).powi(power) * product * ratio(row).min(clips.rho) * error;
            if !self.goes_on(row) {
                break;
            }
            row += self.lanes;
        }
        sum
    }

    fn advantage(&self, row: usize, discounts: (f64, f64), clips: Clips) -> f64 {
        let next = row + self.lanes;
        let on = self.goes_on(row);
        let after = if on { self.target(next, discounts, clips) } else { self.after(row) };
        let rho = f64::from(self.log_ratios[row]).exp().min(clips.rho);
        rho * self.error(row, after, discounts.0)
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
        let off = (f64::from(value) - exact).abs();
        assert!(off < 1e-6 * exact.abs().max(1.0), "row {row}: {value} is not {exact}");
    }
}

#[test]
fn vtrace_is_its_definition() {
    for world in worlds() {
        for (lambda, clips) in
            [(1.0, Clips { rho: 1.0, c: 1.0 }), (0.9, Clips { rho: 1.5, c: 0.8 })]
        {
            let discounts = (0.9, lambda);
            let (targets, advantages) = world.trace(discounts, clips);
            check(&targets, |row| world.target(row, discounts, clips));
            check(&advantages, |row| world.advantage(row, discounts, clips));
        }
    }
}

/// With the policy that acted, targets are λ-returns: `A_t = δ_t + γ λ A_{t+1}` more than the
/// values.
#[test]
fn vtrace_of_the_policy_that_acted_is_gae() {
    for mut world in worlds() {
        world.log_ratios.fill(0.0);
        for (discount, lambda) in [(0.95, 1.0), (0.99, 0.7)] {
            let (targets, _) = world.trace((discount, lambda), Clips { rho: 1.0, c: 1.0 });
            let gae = |mut row: usize| {
                let (first, mut sum, mut power) = (row, 0.0, 0);
                loop {
                    let error = world.error(row, world.after(row), discount);
                    sum += (discount * lambda).powi(power) * error;
                    if !world.goes_on(row) {
                        return f64::from(world.values[first]) + sum;
                    }
                    (row, power) = (row + world.lanes, power + 1);
                }
            };
            check(&targets, gae);
        }
    }
}
