//! The frames a host fills for the calls of a handle: plain slices, turned into what crosses the
//! border only inside the call.

use super::types::{ActIo, Column};
use abi_stable::std_types::{RSlice, RSliceMut};

/// What a reset reads and writes; see [`super::types::ResetIo`].
#[derive(Debug)]
pub struct ResetFrame<'a> {
    /// What happens to each lane, see [`super::types::reset`].
    pub which: &'a [u8],
    /// A seed for each lane.
    pub seeds: &'a [u64],
    /// First observations.
    pub obs: &'a mut [u8],
    /// Allowed actions.
    pub masks: &'a mut [u8],
    /// Info scalars.
    pub infos: &'a mut [f64],
}

/// What a step reads and writes; see [`super::types::StepIo`].
#[derive(Debug)]
pub struct StepFrame<'a> {
    /// Actions.
    pub actions: &'a [u8],
    /// Observations.
    pub obs: &'a mut [u8],
    /// Final observations.
    pub final_obs: &'a mut [u8],
    /// Rewards.
    pub rewards: &'a mut [f64],
    /// Flags.
    pub flags: &'a mut [u8],
    /// Allowed actions in `obs`.
    pub masks: &'a mut [u8],
    /// Allowed actions in `final_obs`.
    pub final_masks: &'a mut [u8],
    /// Info scalars.
    pub infos: &'a mut [f64],
}

/// What a policy reads and writes; see [`ActIo`].
#[derive(Debug)]
pub struct ActFrame<'a> {
    /// Observations.
    pub obs: &'a [f32],
    /// Number of rows.
    pub rows: usize,
    /// Whether it acts to be judged.
    pub evaluate: bool,
    /// The heads.
    pub head: &'a mut [f32],
    /// Value estimates, or empty.
    pub values: &'a mut [f32],
    /// Allowed actions, or empty.
    pub masks: &'a [u8],
    /// What the policy remembers of each lane, or empty.
    pub memory: &'a mut [f32],
    /// Environment steps so far.
    pub step: u64,
    /// For noise of the policy's own.
    pub key: u64,
}

impl<'a> From<ActFrame<'a>> for ActIo<'a> {
    fn from(frame: ActFrame<'a>) -> Self {
        Self {
            obs: RSlice::from_slice(frame.obs),
            rows: frame.rows as u32,
            mode: u32::from(frame.evaluate),
            head: RSliceMut::from_mut_slice(frame.head),
            values: RSliceMut::from_mut_slice(frame.values),
            masks: RSlice::from_slice(frame.masks),
            memory: RSliceMut::from_mut_slice(frame.memory),
            step: frame.step,
            key: frame.key,
        }
    }
}

/// What an agent learns from; see [`super::types::LearnIo`].
#[derive(Debug)]
pub struct LearnFrame<'a> {
    /// The columns there are.
    pub columns: &'a [Column<'a>],
    /// Number of steps, see [`crate::Batch::steps`].
    pub batch_steps: usize,
    /// Number of lanes, see [`crate::Batch::lanes`].
    pub batch_lanes: usize,
    /// New priorities, or empty.
    pub priorities: &'a mut [f32],
    /// Environment steps so far.
    pub steps: u64,
    /// Calls of learn so far.
    pub updates: u64,
    /// Part of the budget used up.
    pub progress: f64,
}

/// A column of `numbers` in rows of `width`.
pub fn column<T: crate::element::sealed::Plain>(
    id: u32,
    width: usize,
    numbers: &[T],
) -> Column<'_> {
    let bytes = RSlice::from_slice(super::rows::bytes(numbers));
    Column { id, width: width as u32, bytes }
}
