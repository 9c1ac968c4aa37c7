//! Agents: what learns. And policies: how it acts.

use crate::archive::Archive;
use crate::batch::Batch;
use crate::error::Result;
use crate::log::Log;
use crate::needs::Needs;
use crate::params::Params;
use crate::rng::Rng;
use crate::rows::{Rows, RowsMut};
use crate::task::Task;

/// Why the policy is asked to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To learn from what happens.
    Train,
    /// To be judged: exploration of the policy's own is left out.
    Evaluate,
}

/// What a policy is asked to fill in, a row for each observation.
#[derive(Debug)]
pub struct Act<'a> {
    /// The head: action values, logits, or mean and log standard deviation, as `needs` says.
    pub head: RowsMut<'a>,
    /// Value estimates; empty unless `needs` offers them.
    pub values: &'a mut [f32],
    /// Which actions are allowed (1) and which are not (0); no rows when all are.
    pub masks: Rows<'a, u8>,
    /// What the policy remembers of each lane; zero at the start of an episode.
    pub memory: RowsMut<'a>,
    /// Why it is asked.
    pub mode: Mode,
    /// Environment steps so far.
    pub step: u64,
    /// For noise of the policy's own: a number that depends on run and step alone.
    pub key: u64,
    /// Number of the first row's lane in the run; the other rows' lanes follow it. Noise that
    /// differs from lane to lane comes from `key` and the lane, since the host decides which lanes
    /// come in one call.
    pub first_lane: u64,
}

/// Maps observations to heads. The host draws the actions from them.
pub trait Policy: Send {
    /// Fills in a head row for each observation row.
    ///
    /// One thread at a time calls it. It must depend on nothing but its arguments and the state.
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>);
}

/// What an agent may use while it learns.
#[derive(Debug)]
pub struct Learn<'a> {
    /// Random numbers; their state is saved with the agent.
    pub rng: &'a mut Rng,
    /// Reports that become charts.
    pub log: &'a mut Log,
    /// New priorities, one for each row of the batch; empty unless `needs` asks for priorities.
    pub priorities: &'a mut [f32],
    /// Environment steps so far.
    pub steps: u64,
    /// Calls of `learn` so far.
    pub updates: u64,
    /// Part of the run's budget that is used up, 0 to 1; 0 for a run without a budget.
    pub progress: f64,
}

/// Settings known to work well for one environment.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// The environment they are for.
    pub env: &'static str,
    /// Params that differ from the defaults, as they would be written on the command line.
    pub params: &'static [(&'static str, &'static str)],
    /// Lanes that step side by side.
    pub lanes: usize,
    /// Environment steps a run takes.
    pub steps: u64,
}

/// What learns.
///
/// The host collects experience as [`Agent::needs`] says and hands it to [`Agent::learn`]; it
/// copies what [`Agent::acting`] names wherever a policy has to act. Calls never overlap.
pub trait Agent: Policy + Sized + 'static {
    /// The name users write, such as `q-learning`.
    const NAME: &'static str;
    /// Settings known to work well.
    const PRESETS: &'static [Preset] = &[];
    /// The params, declared with [`crate::params!`]; `()` for none.
    type Params: Params;

    /// An agent for this task, or why the two do not fit.
    fn new(params: &Self::Params, task: &Task, rng: &mut Rng) -> Result<Self>;

    /// What it needs to learn, and how its head is to be used. Asked again after every edit of
    /// params.
    fn needs(&self) -> Needs;

    /// Learns from a batch of experience.
    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()>;

    /// Names everything that learning changes, for saving and loading alike.
    ///
    /// Params and the random numbers of `learn` are saved by the host.
    fn state(&mut self, archive: &mut Archive);

    /// Names the part of the state that acting needs; all of it unless said otherwise.
    fn acting(&mut self, archive: &mut Archive) {
        self.state(archive);
    }

    /// The params it was made with; the host edits the live ones in place.
    fn params(&mut self) -> &mut Self::Params;
}
