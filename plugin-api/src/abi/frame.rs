//! The frames a host fills for the calls of a handle: plain slices, turned into what crosses the
//! border only inside the call.

use super::types::{ActIo, Column, StepIo};
use crate::error::{Error, Result};
use crate::space::Space;
use crate::task::Task;
use abi_stable::std_types::{RSlice, RSliceMut};
use std::marker::PhantomData;

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

/// How much lies in each part of a step's frame: bytes of rows, elements of the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct StepSizes {
    lanes: usize,
    actions: usize,
    obs: usize,
    masks: usize,
    infos: usize,
}

impl StepSizes {
    pub(super) fn of(task: &Task, lanes: usize) -> Self {
        let bytes = |space: &Space| lanes * space.width() * space.dtype().size();
        Self {
            lanes,
            actions: bytes(&task.actions),
            obs: bytes(&task.observations),
            masks: lanes * task.mask_width(),
            infos: lanes * task.infos.len(),
        }
    }
}

impl<'a> StepFrame<'a> {
    /// Fails unless all that crosses the border is there: behind it nobody can tell.
    #[inline]
    pub(super) fn check(&self, sizes: &StepSizes) -> Result<()> {
        let fits = self.actions.len() == sizes.actions
            && self.obs.len() == sizes.obs
            && self.final_obs.len() == sizes.obs
            && self.rewards.len() == sizes.lanes
            && self.flags.len() == sizes.lanes
            && self.masks.len() == sizes.masks
            && self.final_masks.len() == sizes.masks
            && self.infos.len() == sizes.infos;
        if fits { Ok(()) } else { Err(misfit(sizes)) }
    }

    /// What crosses the border. Nothing here can fail, so that it is made where it is read from:
    /// moving it out of a result would take half as long as the whole call.
    #[inline]
    pub(super) fn cross(self, sizes: &StepSizes) -> StepIo<'a> {
        StepIo {
            lanes: sizes.lanes as u64,
            actions: self.actions.as_ptr(),
            obs: self.obs.as_mut_ptr(),
            final_obs: self.final_obs.as_mut_ptr(),
            rewards: self.rewards.as_mut_ptr(),
            flags: self.flags.as_mut_ptr(),
            masks: self.masks.as_mut_ptr(),
            final_masks: self.final_masks.as_mut_ptr(),
            infos: self.infos.as_mut_ptr(),
            borrowed: PhantomData,
        }
    }
}

#[cold]
fn misfit(sizes: &StepSizes) -> Error {
    Error::argument(format!("the step's frame does not fit {} lanes of this task", sizes.lanes))
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
    /// Number of the first row's lane in the run.
    pub first_lane: u64,
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
            first_lane: frame.first_lane,
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
