//! The compact form of a model that a step reads: one draw, one cell.
//!
//! A result is chosen as Gymnasium does, `argmax(cumsum(p) > random())`. `random()` is a whole
//! number below 2^53 times 2^-53, so each comparison becomes one of whole numbers and stays exact.

use plugin_api::prelude::*;

/// Where a world is, and how it came there: all that a lane has to remember.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// State of the world.
    pub state: u16,
    /// Index of the kind of step that led there.
    kind: u16,
}

impl Cell {
    /// The cell in a form that can be saved.
    pub fn words(self) -> [u32; 2] {
        [self.state.into(), self.kind.into()]
    }
}

/// What all steps of one kind share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kind {
    /// Reward of the step.
    pub reward: f64,
    /// Chance of the result, as `info["prob"]` tells it.
    pub probability: f64,
    /// Whether the episode ended.
    pub terminated: bool,
}

/// Transitions of a world whose actions either have one result or all share the same chances.
#[derive(Debug)]
pub struct Table {
    actions: usize,
    /// Cells kept for each (state, action): 1 where nothing is random, else 4.
    slots: usize,
    /// `[states, actions, slots]`.
    cells: Vec<Cell>,
    /// Draws below `bounds[0]` take slot 0, below `bounds[1]` slot 1, and so on. Slot 3 repeats
    /// slot 0: that is where argmax falls when no sum is above the draw.
    bounds: [u64; 3],
    /// The first is that of a reset.
    kinds: Vec<Kind>,
    /// One bound for each state, for the draw at a reset.
    start: Vec<u64>,
}

impl Table {
    /// Compiles a model with one or three results for each action.
    pub fn new(model: &Model) -> Self {
        let certain = model.outcomes.iter().all(|outcomes| outcomes.len() == 1);
        let mut table = Self {
            actions: model.actions,
            slots: if certain { 1 } else { 4 },
            cells: Vec::new(),
            bounds: [0; 3],
            kinds: vec![Kind { reward: 0.0, probability: 1.0, terminated: false }],
            start: bounds(model.start.iter().copied()).collect(),
        };
        for outcomes in &model.outcomes {
            assert!(matches!(outcomes.len(), 1 | 3), "an action has one or three results");
            if outcomes.len() == 3 {
                let sums = bounds(outcomes.iter().map(|outcome| outcome.chance));
                let sums = sums.collect::<Vec<_>>();
                let shared = table.bounds == [0; 3] || table.bounds == *sums;
                assert!(shared, "all uncertain actions share their chances");
                table.bounds.copy_from_slice(&sums);
            }
            for slot in 0..table.slots {
                let cell = table.cell(outcomes[slot % outcomes.len()]);
                table.cells.push(cell);
            }
        }
        table
    }

    /// Number of states.
    pub fn states(&self) -> usize {
        self.start.len()
    }

    /// Number of actions in every state.
    pub fn actions(&self) -> usize {
        self.actions
    }

    /// The cell that `draw` (53 random bits) leads to from a state.
    #[inline]
    pub fn step(&self, state: u16, action: usize, draw: u64) -> Cell {
        assert!(
            action < self.actions,
            "action {} lies outside of 0..{}",
            action as i64,
            self.actions
        );
        let row = usize::from(state) * self.actions + action;
        if self.slots == 1 {
            return self.cells[row];
        }
        let slot: usize = self.bounds.iter().map(|&bound| usize::from(draw >= bound)).sum();
        self.cells[row * 4 + slot]
    }

    /// What the step that led to a cell paid, and whether it ended the episode.
    #[inline]
    pub fn kind(&self, cell: Cell) -> Kind {
        self.kinds[usize::from(cell.kind)]
    }

    /// First cell of an episode for `draw` (53 random bits).
    pub fn first(&self, draw: u64) -> Cell {
        let state = self.start.partition_point(|&bound| draw >= bound);
        // Where no sum is above the draw, argmax takes the first state.
        Cell { state: if state == self.states() { 0 } else { state as u16 }, kind: 0 }
    }

    /// The cell that was saved as these words, if this table has it.
    pub fn cell_of(&self, [state, kind]: [u32; 2]) -> Option<Cell> {
        let known = (state as usize) < self.states() && (kind as usize) < self.kinds.len();
        known.then_some(Cell { state: state as u16, kind: kind as u16 })
    }

    fn cell(&mut self, outcome: Outcome) -> Cell {
        let Outcome { chance: probability, next, reward, terminated } = outcome;
        let kind = Kind { reward, probability, terminated };
        let known = self.kinds.iter().position(|known| *known == kind);
        let idx = known.unwrap_or_else(|| {
            self.kinds.push(kind);
            self.kinds.len() - 1
        });
        Cell {
            state: u16::try_from(next).expect("a table has at most 2^16 states"),
            kind: u16::try_from(idx).expect("a table has at most 2^16 kinds of step"),
        }
    }
}

/// Running sums of chances as bounds for 53 random bits, never falling.
fn bounds(chances: impl Iterator<Item = f64>) -> impl Iterator<Item = u64> {
    chances.scan(0.0, |sum, chance| {
        *sum += chance;
        Some(bound(*sum))
    })
}

/// The smallest whole number k with k * 2^-53 >= sum: `sum > draw * 2^-53` holds just below it.
fn bound(sum: f64) -> u64 {
    // A scaling by a power of two is exact, and so is the rounding up of what is left.
    (sum * (1u64 << 53) as f64).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule of Gymnasium, written as it stands there.
    fn argmax_of_sums(chances: &[f64], random: f64) -> usize {
        let sums = chances.iter().scan(0.0, |sum, chance| {
            *sum += chance;
            Some(*sum)
        });
        sums.collect::<Vec<_>>().iter().position(|&sum| sum > random).unwrap_or(0)
    }

    fn one_state(chances: [f64; 3]) -> Model {
        let outcome =
            |next| Outcome { chance: chances[next], next, reward: 0.0, terminated: false };
        Model::new(1, chances.to_vec(), |_, _| [0, 1, 2].map(outcome).to_vec())
    }

    #[test]
    fn draws_beside_every_bound_agree_with_argmax() {
        let third = 1.0 / 3.0;
        let fail = (1.0 - third) / 2.0;
        let cases =
            [[fail, third, fail], [third; 3], [0.8, 0.1, 0.1], [0.0, 1.0, 0.0], [0.5, 0.0, 0.5]];
        for chances in cases.into_iter().chain([[0.7, 0.1, 0.1], [(1.0 - 0.7) / 2.0, 0.7, 0.15]]) {
            let table = Table::new(&one_state(chances));
            for bound in table.bounds.iter().flat_map(|&b| b.saturating_sub(3)..b + 3) {
                let draw = bound.min((1 << 53) - 1);
                let expected = argmax_of_sums(&chances, draw as f64 / (1u64 << 53) as f64);
                assert_eq!(
                    usize::from(table.step(0, 0, draw).state),
                    expected,
                    "{chances:?} {draw}"
                );
                assert_eq!(usize::from(table.first(draw).state), expected, "{chances:?} {draw}");
            }
        }
    }

    #[test]
    fn words_of_another_table_are_refused() {
        let table = Table::new(&one_state([0.8, 0.1, 0.1]));
        let cell = table.step(0, 0, 0);
        assert_eq!(table.cell_of(cell.words()), Some(cell));
        assert_eq!(table.cell_of([3, 0]), None);
        assert_eq!(table.cell_of([0, 99]), None);
    }
}
