//! The function table of an environment: call frames become rows, and rows go to [`Lanes`].

use super::guard::Instance;
use super::rows::{rows, rows_mut, there, there_mut};
use super::types::{EnvBox, EnvFns, EnvFnsRef, Failure, GoalIo, ResetIo, StepIo, This, reset};
use super::wire;
use crate::archive::State;
use crate::env::{BatchEnv, Steps};
use crate::error::{Error, Result};
use crate::lanes::{LaneRows, Lanes, StepRows};
use crate::params::Values;
use crate::rows::{Rows, RowsMut};
use abi_stable::prefix_type::WithMetadata;
use abi_stable::std_types::{RSlice, RSliceMut, RVec};
use std::marker::PhantomData;

/// Makes lanes and hands them out.
pub(crate) fn make<B: BatchEnv>(params: &Values, lanes: usize) -> Result<EnvBox> {
    let lanes = Lanes::<B>::new(params, lanes)?;
    Ok(EnvBox { this: Instance::into_this(lanes), fns: Table::<B>::FNS })
}

struct Table<B>(PhantomData<B>);

impl<B: BatchEnv> Table<B> {
    const PLAIN: EnvFns = EnvFns {
        drop: drop_env::<B>,
        failure: failure::<B>,
        task: task::<B>,
        reset: reset_lanes::<B>,
        step: step::<B>,
        save: save::<B>,
        load: load::<B>,
        look: look::<B>,
        render: render::<B>,
        goal_steps: goal_steps::<B>,
        model: model::<B>,
    };
    const WITH_METADATA: &'static WithMetadata<EnvFns> = &WithMetadata::new(Self::PLAIN);
    const FNS: EnvFnsRef = EnvFnsRef(WithMetadata::static_as_prefix(Self::WITH_METADATA));
}

/// Runs a method on the lanes behind `this`.
#[inline]
fn with<B: BatchEnv>(this: This, method: impl FnOnce(&mut Lanes<B>) -> Result<i64>) -> i64 {
    // SAFETY: the host passes back the `This` that came with this table, one thread at a time.
    unsafe { Instance::call(this, method) }
}

extern "C" fn drop_env<B: BatchEnv>(this: This) {
    // SAFETY: the host drops an instance once, as its last call.
    unsafe { Instance::<Lanes<B>>::end(this) }
}

extern "C" fn failure<B: BatchEnv>(this: This) -> Failure {
    // SAFETY: as in `with`.
    unsafe { Instance::<Lanes<B>>::take_failure(this) }
}

extern "C" fn task<B: BatchEnv>(this: This, out: &mut RVec<u8>) -> i64 {
    with::<B>(this, |lanes| {
        *out = wire::task(lanes.task())?;
        Ok(0)
    })
}

extern "C" fn reset_lanes<B: BatchEnv>(this: This, io: &mut ResetIo<'_>) -> i64 {
    with::<B>(this, |lanes| {
        let count = lanes.len();
        let (width, masks, infos) = (lanes.obs_width(), lanes.mask_width(), lanes.info_width());
        let mut obs = rows_mut(io.obs.as_mut_slice(), (count, width), "observations")?;
        let fits = io.which.len() == count
            && io.seeds.len() == count
            && io.masks.len() == count * masks
            && io.infos.len() == count * infos;
        if !fits {
            return Err(misfit("reset", count));
        }
        if let Some(other) = io.which.iter().find(|&&which| which > reset::SEED) {
            return Err(Error::unsupported(format!("this plugin knows no reset {other}")));
        }
        for (lane, &which) in io.which.iter().enumerate() {
            if which != reset::KEEP {
                let seed = (which == reset::SEED).then_some(io.seeds[lane]);
                let mask = &mut io.masks.as_mut_slice()[lane * masks..][..masks];
                let infos = &mut io.infos.as_mut_slice()[lane * infos..][..infos];
                lanes.reset(lane, seed, LaneRows { obs: obs.row(lane), mask, infos });
            }
        }
        Ok(0)
    })
}

extern "C" fn step<B: BatchEnv>(this: This, io: &mut StepIo<'_>) -> i64 {
    with::<B>(this, |lanes| {
        // Taken as a whole: a closure that takes each field would be a frame of its own.
        let io: &StepIo<'_> = io;
        let count = lanes.len();
        if io.lanes != count as u64 {
            return Err(misfit("step", count));
        }
        let (obs, actions) = (lanes.obs_width(), lanes.action_width());
        let masks = count * lanes.mask_width();
        let infos = count * lanes.info_width();
        // SAFETY: the handle saw that so many numbers of the task's types lie behind each address,
        // that they do not overlap, and it borrows them until this call returns.
        let rows = unsafe {
            StepRows {
                actions: Rows::counted(there(io.actions, count * actions)?, count, actions),
                obs: RowsMut::counted(there_mut(io.obs, count * obs)?, count, obs),
                final_obs: RowsMut::counted(there_mut(io.final_obs, count * obs)?, count, obs),
                rewards: there_mut(io.rewards.cast(), count)?,
                flags: there_mut(io.flags, count)?,
                masks: there_mut(io.masks, masks)?,
                final_masks: there_mut(io.final_masks, masks)?,
                infos: there_mut(io.infos.cast(), infos)?,
            }
        };
        Ok(lanes.step(rows) as i64)
    })
}

extern "C" fn save<B: BatchEnv>(this: This, lane: u32, out: &mut RVec<u8>) -> i64 {
    with::<B>(this, |lanes| {
        check_lane(lanes, lane)?;
        *out = lanes.save(lane as usize)?.to_bytes().into();
        Ok(0)
    })
}

extern "C" fn load<B: BatchEnv>(this: This, lane: u32, bytes: RSlice<'_, u8>) -> i64 {
    with::<B>(this, |lanes| {
        check_lane(lanes, lane)?;
        lanes.load(lane as usize, State::from_bytes(bytes.as_slice())?)?;
        Ok(0)
    })
}

extern "C" fn look<B: BatchEnv>(
    this: This,
    lane: u32,
    mut mask: RSliceMut<'_, u8>,
    mut infos: RSliceMut<'_, f64>,
) -> i64 {
    with::<B>(this, |lanes| {
        check_lane(lanes, lane)?;
        if mask.len() != lanes.mask_width() || infos.len() != lanes.info_width() {
            return Err(misfit("look", 1));
        }
        lanes.look(lane as usize, mask.as_mut_slice(), infos.as_mut_slice());
        Ok(0)
    })
}

extern "C" fn render<B: BatchEnv>(this: This, lane: u32, out: &mut RVec<u8>) -> i64 {
    with::<B>(this, |lanes| {
        check_lane(lanes, lane)?;
        let scene = lanes.render(lane as usize);
        Ok(scene.map_or(0, |scene| {
            *out = scene.to_bytes().into();
            1
        }))
    })
}

extern "C" fn goal_steps<B: BatchEnv>(this: This, io: &mut GoalIo<'_>) -> i64 {
    with::<B>(this, |lanes| {
        let Some(goal) = &lanes.task().goal else {
            return Err(Error::unsupported(format!("{} has no goals", B::NAME)));
        };
        let count = io.rewards.len();
        let width = goal.achieved.len();
        if io.width as usize != width || io.flags.len() != count {
            return Err(Error::argument(format!(
                "the host's goals have {} elements, those of {} have {width}",
                io.width,
                B::NAME
            )));
        }
        let achieved = rows(io.achieved.as_slice(), (count, width), "achieved goals")?;
        let desired = rows(io.desired.as_slice(), (count, width), "desired goals")?;
        io.flags.as_mut_slice().fill(0);
        let steps = Steps { rewards: io.rewards.as_mut_slice(), flags: io.flags.as_mut_slice() };
        lanes.env().goal_steps(achieved, desired, steps)?;
        Ok(0)
    })
}

extern "C" fn model<B: BatchEnv>(this: This, out: &mut RVec<u8>) -> i64 {
    with::<B>(this, |lanes| {
        let Some(model) = lanes.env().model() else { return Ok(0) };
        *out = wire::model(&model);
        Ok(1)
    })
}

fn check_lane<B: BatchEnv>(lanes: &Lanes<B>, lane: u32) -> Result<()> {
    if (lane as usize) < lanes.len() {
        return Ok(());
    }
    Err(Error::argument(format!("there is no lane {lane}, there are {}", lanes.len())))
}

#[cold]
fn misfit(call: &str, lanes: usize) -> Error {
    Error::argument(format!("the host's {call} frame does not fit {lanes} lanes of this task"))
}
