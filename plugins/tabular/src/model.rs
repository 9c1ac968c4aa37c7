//! What an agent has learned about its world: how often what followed each action.

use plugin_api::prelude::*;

/// A model of counts. A pair is a state and an action in one number: state times actions plus
/// action.
#[derive(Debug)]
pub struct LearnedModel {
    actions: usize,
    /// Everything that followed, in the order it was first seen. All below but `allowed` derives
    /// from it.
    seen: Vec<Seen>,
    /// Places in `seen` of what followed each pair.
    outcomes: Vec<Vec<u32>>,
    /// How often each pair was tried.
    trials: Vec<u64>,
    /// Pairs in the order of their first trial.
    tried: Vec<u32>,
    /// Which actions each state allows, a byte for each pair; empty where all are.
    allowed: Vec<u8>,
}

/// Something that followed a pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// The pair.
    pub pair: u32,
    /// The state.
    pub next: u32,
    /// Whether the world ended there.
    pub terminated: bool,
    /// How often.
    pub count: u64,
    /// Mean of the rewards.
    pub reward: f64,
}

impl LearnedModel {
    /// A model that knows nothing yet, of a task with the states and actions of `table`.
    pub fn new(task: &Task, table: &Table) -> Self {
        let pairs = table.states() * table.actions();
        Self {
            actions: table.actions(),
            seen: Vec::new(),
            outcomes: vec![Vec::new(); pairs],
            trials: vec![0; pairs],
            tried: Vec::new(),
            allowed: vec![1; if task.masked { pairs } else { 0 }],
        }
    }

    /// Takes in that `t` led from a pair to the state `next`.
    pub fn observe(&mut self, pair: usize, next: usize, t: &Transition<'_>) {
        if !t.terminated && !self.allowed.is_empty() {
            self.allowed[next * self.actions..][..self.actions].copy_from_slice(t.next_mask);
        }
        let seen = &mut self.seen;
        let same = |&&idx: &&u32| {
            let seen = seen[idx as usize];
            seen.next as usize == next && seen.terminated == t.terminated
        };
        if let Some(&idx) = self.outcomes[pair].iter().find(same) {
            let seen = &mut seen[idx as usize];
            seen.count += 1;
            seen.reward += (t.reward - seen.reward) / seen.count as f64;
            self.trials[pair] += 1;
        } else {
            let (pair, next) = (pair as u32, next as u32);
            self.add(Seen { pair, next, terminated: t.terminated, count: 1, reward: t.reward });
        }
    }

    /// Everything that ever followed, in the order it was first seen.
    pub fn seen(&self) -> &[Seen] {
        &self.seen
    }

    /// Pairs tried so far.
    pub fn tried(&self) -> &[u32] {
        &self.tried
    }

    /// Something that may follow a pair that was tried, as likely as it was.
    pub fn draw(&self, pair: usize, rng: &mut Rng) -> Seen {
        let outcomes = self.outcomes[pair].iter().map(|&idx| self.seen[idx as usize]);
        let mut left =
            if outcomes.len() > 1 { rng.below(self.trials[pair] as usize) as u64 } else { 0 };
        for seen in outcomes {
            if left < seen.count {
                return seen;
            }
            left -= seen.count;
        }
        unreachable!("what followed adds up to the trials")
    }

    /// The best value of a state among the actions it allows.
    pub fn best(&self, state: usize, table: &Table) -> f64 {
        let first = state * self.actions;
        let mask = self.allowed.get(first..first + self.actions).unwrap_or_default();
        table.max(state, mask)
    }

    /// What an outcome is worth: r + γ·max Q(s',·).
    pub fn worth(&self, seen: Seen, table: &Table, discount: f64) -> f64 {
        if seen.terminated {
            return seen.reward;
        }
        seen.reward + discount * self.best(seen.next as usize, table)
    }

    /// What a pair that was tried is worth: Σ p(s'|s,a)·(r + γ·max Q(s',·)).
    pub fn backup(&self, pair: usize, table: &Table, discount: f64) -> f64 {
        let outcomes = self.outcomes[pair].iter().map(|&idx| self.seen[idx as usize]);
        let sum: f64 =
            outcomes.map(|seen| seen.count as f64 * self.worth(seen, table, discount)).sum();
        sum / self.trials[pair] as f64
    }

    /// Names everything, for saving and loading.
    pub fn state(&mut self, archive: &mut Archive) {
        let mut pair: Vec<u32> = self.seen.iter().map(|seen| seen.pair).collect();
        let mut next: Vec<u32> = self.seen.iter().map(|seen| seen.next).collect();
        let mut terminated: Vec<bool> = self.seen.iter().map(|seen| seen.terminated).collect();
        let mut count: Vec<u64> = self.seen.iter().map(|seen| seen.count).collect();
        let mut reward: Vec<f64> = self.seen.iter().map(|seen| seen.reward).collect();
        archive.slice("allowed", &mut self.allowed);
        archive.list("pair", &mut pair);
        archive.list("next", &mut next);
        archive.list("terminated", &mut terminated);
        archive.list("count", &mut count);
        archive.list("reward", &mut reward);
        if archive.is_loading() {
            let lengths = [next.len(), terminated.len(), count.len(), reward.len()];
            let columns = pair.into_iter().zip(next).zip(terminated).zip(count).zip(reward);
            let seen: Vec<_> = columns
                .map(|((((pair, next), terminated), count), reward)| Seen {
                    pair,
                    next,
                    terminated,
                    count,
                    reward,
                })
                .collect();
            if lengths != [seen.len(); 4] || !seen.iter().all(|seen| self.fits(seen)) {
                return archive.fail(Error::argument("the saved model does not fit this world"));
            }
            self.rebuild(seen);
        }
    }

    fn fits(&self, seen: &Seen) -> bool {
        let pairs = self.trials.len();
        (seen.pair as usize) < pairs
            && (seen.next as usize) < pairs / self.actions
            && seen.count > 0
    }

    fn rebuild(&mut self, seen: Vec<Seen>) {
        self.seen.clear();
        self.tried.clear();
        self.trials.fill(0);
        self.outcomes.iter_mut().for_each(Vec::clear);
        for seen in seen {
            self.add(seen);
        }
    }

    fn add(&mut self, seen: Seen) {
        let pair = seen.pair as usize;
        if self.trials[pair] == 0 {
            self.tried.push(seen.pair);
        }
        self.trials[pair] += seen.count;
        self.outcomes[pair].push(self.seen.len() as u32);
        self.seen.push(seen);
    }
}
