//! What crosses the border: call frames of the host, boxes of the plugin, function tables.
//!
//! Slices of frames are the host's, until the call returns. Bytes cross as RON where people read
//! them, else as postcard. A result is 0 or more; below 0 the call failed: `failure` says why.

#![expect(missing_debug_implementations, reason = "tables of pointers have nothing to show")]
#![expect(
    clippy::expl_impl_clone_on_copy,
    reason = "abi_stable's derive writes both for the references to tables"
)]

use crate::error::{Error, ErrorKind};
use abi_stable::StableAbi;
use abi_stable::sabi_types::VersionStrings;
use abi_stable::std_types::{RResult, RSlice, RSliceMut, RStr, RString, RVec};
use std::marker::PhantomData;

/// An error on its way to the host.
#[repr(C)]
#[derive(Clone, Debug, StableAbi)]
pub struct Failure {
    /// See [`ErrorKind`].
    pub code: u32,
    /// The sentence.
    pub message: RString,
    /// File and line of a panic.
    pub at: RString,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { code: error.kind as u32, message: error.message.into(), at: error.at.into() }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let kind = ErrorKind::from_code(failure.code);
        Self { kind, message: failure.message.into(), at: failure.at.into() }
    }
}

/// An instance in the plugin's memory; only the plugin knows what is behind it.
#[repr(C)]
#[derive(Clone, Copy, Debug, StableAbi)]
pub struct This {
    pub(crate) ptr: *mut std::ffi::c_void,
}

/// What a reset does to a lane.
pub mod reset {
    /// Leaves it alone.
    pub const KEEP: u8 = 0;
    /// Starts an episode; its random numbers go on.
    pub const GO_ON: u8 = 1;
    /// Starts an episode with random numbers from its seed.
    pub const SEED: u8 = 2;
}

/// A reset of some lanes. Rows are of the number types the task names.
#[repr(C)]
#[derive(StableAbi)]
pub struct ResetIo<'a> {
    /// What happens to each lane, see [`reset`].
    pub which: RSlice<'a, u8>,
    /// A seed for each lane; used where `which` says so.
    pub seeds: RSlice<'a, u64>,
    /// First observations, a row for each lane; holds what the lane showed last, at first zeros.
    pub obs: RSliceMut<'a, u8>,
    /// Allowed actions, a row for each lane; empty when the task is not masked.
    pub masks: RSliceMut<'a, u8>,
    /// Info scalars, a row for each lane.
    pub infos: RSliceMut<'a, f64>,
}

/// One step of all lanes. A lane that ends is reset at once: `obs` holds the first observation of
/// its next episode, `final_obs` the last of the one that ended.
///
/// These are bare addresses. How many numbers lie behind each follows from the task and the number
/// of lanes, which a handle checks before it calls: a slice would be written as two words and
/// read as one, and such a read waits longer than the rest of the border takes.
#[repr(C)]
#[derive(StableAbi)]
pub struct StepIo<'a> {
    /// Number of lanes.
    pub lanes: u64,
    /// Actions, a row for each lane.
    pub actions: *const u8,
    /// Observations, a row for each lane; holds those before the step.
    pub obs: *mut u8,
    /// Final observations, a row for each lane; only rows of lanes that ended are written.
    pub final_obs: *mut u8,
    /// Rewards.
    pub rewards: *mut f64,
    /// Flags, see [`crate::TERMINATED`] and [`crate::TRUNCATED`].
    pub flags: *mut u8,
    /// Allowed actions in `obs`; none when the task is not masked.
    pub masks: *mut u8,
    /// Allowed actions in `final_obs`, like it.
    pub final_masks: *mut u8,
    /// Info scalars of this step, a row for each lane; of an end, those of the end.
    pub infos: *mut f64,
    /// All of it is borrowed until the call returns.
    pub borrowed: PhantomData<&'a mut u8>,
}

/// What steps would have brought with other goals.
#[repr(C)]
#[derive(StableAbi)]
pub struct GoalIo<'a> {
    /// Achieved goals, one row each.
    pub achieved: RSlice<'a, u8>,
    /// Desired goals, one row each.
    pub desired: RSlice<'a, u8>,
    /// Elements of a goal.
    pub width: u32,
    /// The rewards.
    pub rewards: RSliceMut<'a, f64>,
    /// The flags.
    pub flags: RSliceMut<'a, u8>,
}

/// A policy acting on rows of observations.
#[repr(C)]
#[derive(StableAbi)]
pub struct ActIo<'a> {
    /// Observations, as learners see them.
    pub obs: RSlice<'a, f32>,
    /// Number of rows.
    pub rows: u32,
    /// 0 to train, 1 to evaluate.
    pub mode: u32,
    /// The heads.
    pub head: RSliceMut<'a, f32>,
    /// Value estimates, or empty.
    pub values: RSliceMut<'a, f32>,
    /// Allowed actions, or empty.
    pub masks: RSlice<'a, u8>,
    /// What the policy remembers of each lane, or empty.
    pub memory: RSliceMut<'a, f32>,
    /// Environment steps so far.
    pub step: u64,
    /// For noise of the policy's own, with the lane.
    pub key: u64,
    /// The first row's lane.
    pub first_lane: u64,
}

/// One column of a batch. New columns get new ids; a plugin passes over ids it does not know.
#[repr(C)]
#[derive(Clone, Copy, Debug, StableAbi)]
pub struct Column<'a> {
    /// Which column, see [`column`].
    pub id: u32,
    /// Elements of a row.
    pub width: u32,
    /// The numbers, of the type the id stands for.
    pub bytes: RSlice<'a, u8>,
}

/// Ids of columns, with the number type of each.
pub mod column {
    /// f32: what was seen.
    pub const OBS: u32 = 1;
    /// f32: what was done.
    pub const ACTIONS: u32 = 2;
    /// f64: rewards.
    pub const REWARDS: u32 = 3;
    /// u8: flags.
    pub const FLAGS: u32 = 4;
    /// f32: what was seen next.
    pub const NEXT_OBS: u32 = 5;
    /// f32: what was done next.
    pub const NEXT_ACTIONS: u32 = 6;
    /// u8: allowed actions.
    pub const MASKS: u32 = 7;
    /// u8: actions allowed next.
    pub const NEXT_MASKS: u32 = 8;
    /// f32: log-probabilities of the actions.
    pub const LOG_PROBS: u32 = 9;
    /// f32: value estimates.
    pub const VALUES: u32 = 10;
    /// f32: returns.
    pub const RETURNS: u32 = 11;
    /// f32: advantages.
    pub const ADVANTAGES: u32 = 12;
    /// f32: importance weights.
    pub const WEIGHTS: u32 = 13;
    /// f32: discounts of what follows.
    pub const DISCOUNTS: u32 = 14;
    /// f32: what the policy remembered.
    pub const MEMORY: u32 = 15;
    /// u64: versions of the policy that acted.
    pub const VERSIONS: u32 = 16;
    /// u32: lanes.
    pub const LANE_IDS: u32 = 17;
    /// u8: whether rows come from demonstrations.
    pub const DEMONSTRATIONS: u32 = 18;
}

/// A batch to learn from.
#[repr(C)]
#[derive(StableAbi)]
pub struct LearnIo<'a> {
    /// The columns there are.
    pub columns: RSlice<'a, Column<'a>>,
    /// Number of steps, see [`crate::Batch::steps`].
    pub batch_steps: u32,
    /// Number of lanes, see [`crate::Batch::lanes`].
    pub batch_lanes: u32,
    /// New priorities, or empty.
    pub priorities: RSliceMut<'a, f32>,
    /// Environment steps so far.
    pub steps: u64,
    /// Calls of learn so far.
    pub updates: u64,
    /// Part of the budget used up.
    pub progress: f64,
}

/// What a plugin can ask of the host, from any thread.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = HostFnsRef)))]
#[sabi(missing_field(panic))]
pub struct HostFns {
    /// Writes a line to the host's log; levels are 1 error, 2 warning, 3 info, 4 debug.
    pub log: extern "C" fn(level: u32, line: RStr<'_>),
    /// 1 when the host wants the current call to come to an end.
    #[sabi(last_prefix_field)]
    pub cancelled: extern "C" fn() -> u32,
}

/// Lanes of an environment. One thread uses an instance at a time.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = EnvFnsRef)))]
#[sabi(missing_field(panic))]
pub struct EnvFns {
    /// Ends the instance.
    pub drop: extern "C" fn(This),
    /// Why the last call failed.
    pub failure: extern "C" fn(This) -> Failure,
    /// The task, as RON.
    pub task: extern "C" fn(This, &mut RVec<u8>) -> i64,
    /// Starts episodes.
    pub reset: extern "C" fn(This, &mut ResetIo<'_>) -> i64,
    /// Takes a step in every lane; answers with the number of lanes that ended.
    pub step: extern "C" fn(This, &mut StepIo<'_>) -> i64,
    /// The state of a lane.
    pub save: extern "C" fn(This, u32, &mut RVec<u8>) -> i64,
    /// Brings a lane back to a saved state.
    pub load: extern "C" fn(This, u32, RSlice<'_, u8>) -> i64,
    /// Writes a lane's observation-independent view: info scalars and mask of the current moment.
    pub look: extern "C" fn(This, u32, RSliceMut<'_, u8>, RSliceMut<'_, f64>) -> i64,
    /// Draws a lane; answers 1 when there is a scene, 0 when there is nothing to see.
    pub render: extern "C" fn(This, u32, &mut RVec<u8>) -> i64,
    /// What steps would have brought with other goals.
    pub goal_steps: extern "C" fn(This, &mut GoalIo<'_>) -> i64,
    /// The exact model, as bytes; answers 0 when it is not known.
    #[sabi(last_prefix_field)]
    pub model: extern "C" fn(This, &mut RVec<u8>) -> i64,
}

/// An agent. One thread uses an instance at a time.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = AgentFnsRef)))]
#[sabi(missing_field(panic))]
pub struct AgentFns {
    /// Ends the instance.
    pub drop: extern "C" fn(This),
    /// Why the last call failed.
    pub failure: extern "C" fn(This) -> Failure,
    /// What it needs, as RON.
    pub needs: extern "C" fn(This, &mut RVec<u8>) -> i64,
    /// Acts.
    pub act: extern "C" fn(This, &mut ActIo<'_>) -> i64,
    /// Learns.
    pub learn: extern "C" fn(This, &mut LearnIo<'_>) -> i64,
    /// Its whole state.
    pub save: extern "C" fn(This, &mut RVec<u8>) -> i64,
    /// Brings it back to a saved state.
    pub load: extern "C" fn(This, RSlice<'_, u8>) -> i64,
    /// The part of its state that policies need.
    pub acting: extern "C" fn(This, &mut RVec<u8>) -> i64,
    /// Sets params, a RON map.
    pub set_params: extern "C" fn(This, RSlice<'_, u8>) -> i64,
    /// What was reported since the last call.
    #[sabi(last_prefix_field)]
    pub report: extern "C" fn(This, &mut RVec<u8>) -> i64,
}

/// A policy: the acting part of an agent. One thread uses an instance at a time.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PolicyFnsRef)))]
#[sabi(missing_field(panic))]
pub struct PolicyFns {
    /// Ends the instance.
    pub drop: extern "C" fn(This),
    /// Why the last call failed.
    pub failure: extern "C" fn(This) -> Failure,
    /// Acts.
    pub act: extern "C" fn(This, &mut ActIo<'_>) -> i64,
    /// Takes over what [`AgentFns::acting`] gave.
    #[sabi(last_prefix_field)]
    pub load: extern "C" fn(This, RSlice<'_, u8>) -> i64,
}

/// Lanes of an environment on their way to the host.
#[repr(C)]
#[derive(StableAbi)]
pub struct EnvBox {
    /// The instance.
    pub this: This,
    /// What it can do.
    pub fns: EnvFnsRef,
}

/// An agent on its way to the host.
#[repr(C)]
#[derive(StableAbi)]
pub struct AgentBox {
    /// The instance.
    pub this: This,
    /// What it can do.
    pub fns: AgentFnsRef,
}

/// A policy on its way to the host.
#[repr(C)]
#[derive(StableAbi)]
pub struct PolicyBox {
    /// The instance.
    pub this: This,
    /// What it can do.
    pub fns: PolicyFnsRef,
}

/// What an agent or policy is made from.
#[repr(C)]
#[derive(StableAbi)]
pub struct MakeAgent<'a> {
    /// The agent's name.
    pub name: RStr<'a>,
    /// Params that differ from the defaults, a RON map.
    pub params: RSlice<'a, u8>,
    /// The task, as RON.
    pub task: RSlice<'a, u8>,
    /// Seed of its random numbers.
    pub seed: u64,
}

/// What lanes are made from.
#[repr(C)]
#[derive(StableAbi)]
pub struct MakeEnv<'a> {
    /// The environment's name.
    pub name: RStr<'a>,
    /// Params that differ from the defaults, a RON map.
    pub params: RSlice<'a, u8>,
    /// How many lanes.
    pub lanes: u32,
}

/// The root of a plugin.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginRef)))]
#[sabi(missing_field(panic))]
pub struct Plugin {
    /// What it offers, as RON.
    pub describe: extern "C" fn() -> RVec<u8>,
    /// Tells it what it may ask of the host. Called once, before anything is made.
    pub connect: extern "C" fn(HostFnsRef),
    /// Makes lanes of an environment.
    pub make_env: extern "C" fn(&MakeEnv<'_>) -> RResult<EnvBox, Failure>,
    /// Makes an agent.
    pub make_agent: extern "C" fn(&MakeAgent<'_>) -> RResult<AgentBox, Failure>,
    /// Makes a policy of an agent.
    pub make_policy: extern "C" fn(&MakeAgent<'_>) -> RResult<PolicyBox, Failure>,
    /// An ability that is not part of the tables, by name and revision such as `thorndike.sweep/1`;
    /// null when the plugin does not have it.
    #[sabi(last_prefix_field)]
    pub extension: extern "C" fn(id: RStr<'_>) -> *const std::ffi::c_void,
}

impl abi_stable::library::RootModule for PluginRef {
    abi_stable::declare_root_module_statics! {PluginRef}

    const BASE_NAME: &'static str = "thorndike-plugin";
    const NAME: &'static str = "thorndike-plugin";
    const VERSION_STRINGS: VersionStrings = abi_stable::package_version_strings!();
}

/// The symbol under which a plugin exports its root.
pub const ROOT_SYMBOL: &str = "_1as_0lib_1header_0root_bmodule_bloader";
/// The ELF section that holds a plugin's manifest.
pub const MANIFEST_SECTION: &str = ".thorndike.manifest";
