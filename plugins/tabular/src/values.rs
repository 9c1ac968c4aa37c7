//! A value for each state and action, how often each was visited, and how far a target moves it.

use plugin_api::prelude::*;

/// Visits after which a step size decays no further.
const VISITS_MAX: u32 = 1 << 20;

/// How far a target moves a value: `size` / n^`decay` of the way at the n-th visit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Step size of the first visit.
    pub size: f64,
    /// Power p of the decay; 0 for none.
    pub decay: f64,
}

/// What a learner knows about its world's states and actions.
#[derive(Debug)]
pub struct Values {
    /// The values.
    pub table: Table,
    /// Visits of each state and action, `[states, actions]`.
    visits: Vec<u32>,
    /// n^-p for n = 1, 2, and as far as was needed; a cache.
    decays: Vec<f64>,
    /// The p of `decays`.
    power: f64,
}

impl Values {
    /// Values of `initial` for every state and action of a task.
    pub fn new(task: &Task, initial: f64) -> Result<Self> {
        let table = Table::new(task, initial)?;
        let visits = vec![0; table.states() * table.actions()];
        Ok(Self { table, visits, decays: Vec::new(), power: 0.0 })
    }

    /// Counts a visit.
    #[inline]
    pub fn visit(&mut self, state: usize, action: usize) {
        let visits = &mut self.visits[state * self.table.actions() + action];
        *visits = visits.saturating_add(1);
    }

    /// How often a state and action was visited.
    pub fn visits(&self, state: usize, action: usize) -> u32 {
        self.visits[state * self.table.actions() + action]
    }

    /// The step size of a state and action after its latest visit.
    #[inline]
    pub fn step_size(&mut self, state: usize, action: usize, pace: Pace) -> f64 {
        if pace.decay == 0.0 {
            return pace.size;
        }
        let visits = self.visits[state * self.table.actions() + action];
        pace.size * self.decay(visits, pace.decay)
    }

    /// Moves a value towards its target without counting a visit: Q += α·(target − Q). Returns the
    /// error.
    #[inline]
    pub fn adjust(&mut self, state: usize, action: usize, target: f64, pace: Pace) -> f64 {
        let step_size = self.step_size(state, action, pace);
        let value = &mut self.table[(state, action)];
        let error = target - *value;
        *value += step_size * error;
        error
    }

    /// Counts a visit, and moves the value towards its target. Returns the error.
    #[inline]
    pub fn update(&mut self, state: usize, action: usize, target: f64, pace: Pace) -> f64 {
        self.visit(state, action);
        self.adjust(state, action, target, pace)
    }

    /// Names values and visits, for saving and loading.
    pub fn state(&mut self, archive: &mut Archive) {
        let shape = [self.table.states(), self.table.actions()];
        self.table.state("q", archive);
        archive.tensor("visits", &shape, &mut self.visits);
    }

    fn decay(&mut self, visits: u32, power: f64) -> f64 {
        if self.power.to_bits() != power.to_bits() {
            (self.power, self.decays) = (power, Vec::new());
        }
        let visits = visits.clamp(1, VISITS_MAX) as usize;
        while self.decays.len() < visits {
            let n = self.decays.len() as f64 + 1.0;
            self.decays.push(to_minus_power(n, power));
        }
        self.decays[visits - 1]
    }
}

/// n^-p for p in 0..=1. Square roots are the same on every machine, the library's `powf` is not.
fn to_minus_power(n: f64, p: f64) -> f64 {
    let (mut root, mut rest, mut product) = (n, p, 1.0);
    for _ in 0..=40 {
        if rest >= 1.0 {
            product *= root;
            rest -= 1.0;
        }
        root = root.sqrt();
        rest *= 2.0;
    }
    1.0 / product
}

/// The mean value of a state under an ε-greedy policy: Σ π(a|s)·Q(s,a) over the allowed actions.
#[inline]
pub fn expectation(table: &Table, state: usize, mask: &[u8], epsilon: f64) -> f64 {
    let allowed = |action: usize| mask.get(action) != Some(&0);
    let row = table.row(state).iter().enumerate().filter(|&(action, _)| allowed(action));
    let (sum, count) = row.fold((0.0, 0.0), |(sum, count), (_, value)| (sum + value, count + 1.0));
    let mean = if count == 0.0 { 0.0 } else { sum / count };
    epsilon * mean + (1.0 - epsilon) * table.max(state, mask)
}

/// Whether an action was not the greedy one, by the values as they are now. Values that are equal
/// when rounded as in a head count as equal: that is all the host can see.
#[inline]
pub fn explores(table: &Table, t: &Transition<'_>) -> bool {
    let state = table.state_of(t.obs);
    (table[(state, t.choice())] as f32) < table.max(state, t.mask) as f32
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "whole numbers are compared")]

    use super::*;

    fn values(actions: usize) -> Values {
        let task = Task::new(Space::discrete(2), Space::discrete(actions), 0);
        Values::new(&task, 0.0).expect("a small table")
    }

    #[test]
    fn a_decay_of_one_makes_the_mean_of_the_targets() {
        let mut values = values(1);
        for target in [4.0, 8.0, -3.0, 7.0] {
            values.update(0, 0, target, Pace { size: 1.0, decay: 1.0 });
        }
        assert!((values.table[(0, 0)] - 4.0).abs() < 1e-12);
        assert_eq!(values.table[(1, 0)], 0.0);
    }

    #[test]
    fn powers_agree_with_the_library() {
        for p in [0.0, 0.25, 0.5, 0.6, 0.85, 1.0] {
            for n in [1.0, 2.0, 3.0, 10.0, 1234.0, 1_000_000.0_f64] {
                let expected = n.powf(-p);
                let ratio = to_minus_power(n, p) / expected;
                assert!((ratio - 1.0).abs() < 1e-10, "{n}^-{p}: {ratio}");
            }
        }
    }

    #[test]
    fn step_sizes_follow_an_edit_of_the_decay() {
        let mut values = values(1);
        (0..4).for_each(|_| values.visit(0, 0));
        for (decay, expected) in [(0.5, 0.25), (1.0, 0.125), (0.0, 0.5), (0.5, 0.25)] {
            let step_size = values.step_size(0, 0, Pace { size: 0.5, decay });
            assert!((step_size - expected).abs() < 1e-12, "decay {decay}: {step_size}");
        }
    }

    #[test]
    fn the_mean_of_a_policy_counts_allowed_actions_only() {
        let mut values = values(3);
        values.table.row_mut(0).copy_from_slice(&[1.0, 10.0, 4.0]);
        let expectation = |mask: &[u8], epsilon| expectation(&values.table, 0, mask, epsilon);
        assert_eq!(expectation(&[], 0.0), 10.0);
        assert_eq!(expectation(&[], 1.0), 5.0);
        assert!((expectation(&[1, 0, 1], 0.2) - (0.2 * 2.5 + 0.8 * 4.0)).abs() < 1e-12);
        assert_eq!(expectation(&[0, 0, 0], 0.5), 0.0);
    }
}
