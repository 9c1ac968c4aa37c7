//! Lanes of a tabular world: one table for all, four bytes of position for each.

use crate::table::{Cell, Table};
use plugin_api::prelude::*;

/// A world that a table describes.
pub trait World: Sized + Send + 'static {
    /// Its name.
    const NAME: &'static str;
    /// Further names with params of their own.
    const VARIANTS: &'static [Variant] = &[];
    /// Its params.
    type Params: Params;

    /// The world as the params describe it.
    fn new(params: &Self::Params) -> Result<Self>;

    /// Every transition there is.
    fn transitions(&self) -> Model;

    /// The task, its spaces of the sizes of the model.
    fn task(&self, states: Space, actions: Space) -> Task;

    /// Draws the world as one lane has it.
    fn render(&self, lane: &Lane, scene: &mut Scene);

    /// Settles at a reset what a table cannot hold; the draws come after that of the first state.
    #[inline]
    fn begin(&self, _lane: &mut Lane, _rng: &mut Rng) {}

    /// Changes what a step from `before` brought where a table cannot say it.
    #[inline]
    fn amend(&self, _before: u16, _lane: &mut Lane, _rng: &mut Rng) {}

    /// Whether the transitions are the whole truth.
    fn is_exact(&self) -> bool {
        true
    }
}

/// Where one lane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Its state, and how it came there.
    pub cell: Cell,
    /// The last action; [`Lane::FRESH`] after a reset.
    pub action: u8,
    /// Whatever the world wants to remember besides.
    pub note: u8,
}

impl Lane {
    /// In place of an action where none was taken yet.
    pub const FRESH: u8 = u8::MAX;

    /// The state as an index.
    pub fn state(&self) -> usize {
        usize::from(self.cell.state)
    }
}

/// Lanes of a tabular world.
#[derive(Debug)]
pub struct Tabular<W> {
    world: W,
    table: Table,
    /// `[states, actions]`; empty when all actions are allowed.
    allowed: Vec<u8>,
    lanes: Vec<Lane>,
}

impl<W: World> BatchEnv for Tabular<W> {
    const NAME: &'static str = W::NAME;
    const VARIANTS: &'static [Variant] = W::VARIANTS;
    type Params = W::Params;
    type Obs = i64;
    type Action = i64;

    fn new(params: &Self::Params, lanes: usize) -> Result<Self> {
        let world = W::new(params)?;
        let model = world.transitions();
        let table = Table::new(&model);
        let lane = Lane { cell: table.first(0), action: Lane::FRESH, note: 0 };
        let allowed = model.allowed.into_iter().map(u8::from).collect();
        Ok(Self { world, table, allowed, lanes: vec![lane; lanes] })
    }

    fn task(&self) -> Task {
        let spaces = [self.table.states(), self.table.actions()].map(Space::discrete);
        let [states, actions] = spaces;
        let task = self.world.task(states, actions).infos(&["prob"]).frame_rate(4.0);
        if self.allowed.is_empty() { task } else { task.masked() }
    }

    #[inline]
    fn reset(&mut self, lane: usize, rng: &mut Rng, obs: &mut [i64]) {
        let cell = self.table.first(rng.next_u64() >> 11);
        self.lanes[lane] = Lane { cell, action: Lane::FRESH, note: 0 };
        self.world.begin(&mut self.lanes[lane], rng);
        obs[0] = i64::from(cell.state);
    }

    #[inline]
    fn step(
        &mut self,
        actions: Rows<'_, i64>,
        rngs: &mut [Rng],
        mut obs: RowsMut<'_, i64>,
        steps: Steps<'_>,
    ) {
        let lanes = self.lanes.iter_mut().zip(rngs);
        let rows = actions.flat().iter().zip(obs.flat());
        let results = steps.rewards.iter_mut().zip(steps.flags);
        for (((lane, rng), (&action, obs)), (reward, flags)) in lanes.zip(rows).zip(results) {
            let before = lane.cell.state;
            lane.cell = self.table.step(before, action as usize, rng.next_u64() >> 11);
            lane.action = action as u8;
            self.world.amend(before, lane, rng);
            *obs = i64::from(lane.cell.state);
            let kind = self.table.kind(lane.cell);
            *reward = kind.reward;
            *flags = u8::from(kind.terminated);
        }
    }

    fn state(&mut self, lane: usize, archive: &mut Archive) {
        let Lane { cell, mut action, mut note } = self.lanes[lane];
        let mut words = cell.words();
        archive.slice("cell", &mut words);
        archive.value("action", &mut action);
        archive.value("note", &mut note);
        if archive.is_loading() {
            match self.table.cell_of(words) {
                Some(cell) => self.lanes[lane] = Lane { cell, action, note },
                None => archive.fail(Error::argument(format!(
                    "{} has no state {} after a step of kind {}; the saved lane is of another map",
                    W::NAME,
                    words[0],
                    words[1]
                ))),
            }
        }
    }

    fn mask(&self, lane: usize, allowed: &mut [u8]) {
        let first = self.lanes[lane].state() * allowed.len();
        allowed.copy_from_slice(&self.allowed[first..][..allowed.len()]);
    }

    fn infos(&self, lane: usize, out: &mut [f64]) {
        out[0] = self.table.kind(self.lanes[lane].cell).probability;
    }

    fn render(&self, lane: usize, scene: &mut Scene) -> bool {
        self.world.render(&self.lanes[lane], scene);
        true
    }

    fn model(&self) -> Option<Model> {
        self.world.is_exact().then(|| self.world.transitions())
    }
}
