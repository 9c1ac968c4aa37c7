//! The function tables of agents and policies: call frames become rows and batches.

use super::guard::Instance;
use super::rows::{row_width, rows};
use super::types::{
    ActIo, AgentBox, AgentFns, AgentFnsRef, Failure, LearnIo, PolicyBox, PolicyFns, PolicyFnsRef,
    This, column,
};
use super::wire;
use crate::agent::{Act, Agent, Learn, Mode};
use crate::archive::{Archive, State};
use crate::batch::Batch;
use crate::error::{Error, Result};
use crate::log::Log;
use crate::params::{Params, Values, find};
use crate::rng::Rng;
use crate::rows::{Rows, RowsMut};
use crate::task::Task;
use abi_stable::prefix_type::WithMetadata;
use abi_stable::std_types::{RSlice, RVec};
use std::marker::PhantomData;

/// An agent with what the host keeps for it.
struct Seat<A> {
    agent: A,
    rng: Rng,
    log: Log,
    obs_width: usize,
}

fn seat<A: Agent>(params: &Values, task: &Task, seed: u64) -> Result<Seat<A>> {
    let mut rng = Rng::seeded(seed);
    let agent = A::new(&A::Params::with(params)?, task, &mut rng)?;
    Ok(Seat { agent, rng, log: Log::default(), obs_width: task.observations.width() })
}

/// Makes an agent and hands it out.
pub(crate) fn make<A: Agent>(params: &Values, task: &Task, seed: u64) -> Result<AgentBox> {
    let this = Instance::into_this(seat::<A>(params, task, seed)?);
    Ok(AgentBox { this, fns: Table::<A>::AGENT })
}

/// Makes a policy of an agent and hands it out.
pub(crate) fn make_policy<A: Agent>(params: &Values, task: &Task, seed: u64) -> Result<PolicyBox> {
    let this = Instance::into_this(seat::<A>(params, task, seed)?);
    Ok(PolicyBox { this, fns: Table::<A>::POLICY })
}

struct Table<A>(PhantomData<A>);

impl<A: Agent> Table<A> {
    const AGENT_FNS: &'static WithMetadata<AgentFns> = &WithMetadata::new(AgentFns {
        drop: drop_seat::<A>,
        failure: failure::<A>,
        needs: needs::<A>,
        act: act::<A>,
        learn: learn::<A>,
        save: save::<A>,
        load: load::<A>,
        acting: acting::<A>,
        set_params: set_params::<A>,
        report: report::<A>,
    });
    const POLICY_FNS: &'static WithMetadata<PolicyFns> = &WithMetadata::new(PolicyFns {
        drop: drop_seat::<A>,
        failure: failure::<A>,
        act: act::<A>,
        load: load_acting::<A>,
    });
    const AGENT: AgentFnsRef = AgentFnsRef(WithMetadata::static_as_prefix(Self::AGENT_FNS));
    const POLICY: PolicyFnsRef = PolicyFnsRef(WithMetadata::static_as_prefix(Self::POLICY_FNS));
}

/// Runs a method on the agent behind `this`.
#[inline]
fn with<A: Agent>(this: This, method: impl FnOnce(&mut Seat<A>) -> Result<i64>) -> i64 {
    // SAFETY: the host passes back the `This` that came with this table, one thread at a time.
    unsafe { Instance::call(this, method) }
}

extern "C" fn drop_seat<A: Agent>(this: This) {
    // SAFETY: the host drops an instance once, as its last call.
    unsafe { Instance::<Seat<A>>::end(this) }
}

extern "C" fn failure<A: Agent>(this: This) -> Failure {
    // SAFETY: as in `with`.
    unsafe { Instance::<Seat<A>>::take_failure(this) }
}

extern "C" fn needs<A: Agent>(this: This, out: &mut RVec<u8>) -> i64 {
    with::<A>(this, |seat| {
        *out = wire::needs(&seat.agent.needs())?;
        Ok(0)
    })
}

extern "C" fn act<A: Agent>(this: This, io: &mut ActIo<'_>) -> i64 {
    with::<A>(this, |seat| {
        let rows = io.rows as usize;
        if io.obs.len() != rows * seat.obs_width || ![0, rows].contains(&io.values.len()) {
            return Err(Error::argument("the host's act frame does not fit the observations"));
        }
        let width = |len| row_width(len, rows, "act frame");
        let (head, memory) = (width(io.head.len())?, width(io.memory.len())?);
        let masks = width(io.masks.len())?;
        let obs = Rows::new(io.obs.as_slice(), seat.obs_width);
        let mut out = Act {
            head: RowsMut::new(io.head.as_mut_slice(), head),
            values: io.values.as_mut_slice(),
            masks: Rows::new(io.masks.as_slice(), masks),
            memory: RowsMut::new(io.memory.as_mut_slice(), memory),
            mode: if io.mode == 0 { Mode::Train } else { Mode::Evaluate },
            step: io.step,
            key: io.key,
            first_lane: io.first_lane,
        };
        seat.agent.act(obs, &mut out);
        Ok(0)
    })
}

extern "C" fn learn<A: Agent>(this: This, io: &mut LearnIo<'_>) -> i64 {
    with::<A>(this, |seat| {
        let batch = batch(io)?;
        let mut learn = Learn {
            rng: &mut seat.rng,
            log: &mut seat.log,
            priorities: io.priorities.as_mut_slice(),
            steps: io.steps,
            updates: io.updates,
            progress: io.progress,
        };
        seat.agent.learn(&batch, &mut learn)?;
        Ok(0)
    })
}

/// The columns of a call frame, each in its place.
fn batch<'a>(io: &LearnIo<'a>) -> Result<Batch<'a>> {
    let mut batch = Batch {
        steps: io.batch_steps as usize,
        lanes: io.batch_lanes as usize,
        obs: Rows::new(&[], 1),
        actions: Rows::new(&[], 1),
        rewards: &[],
        flags: &[],
        next_obs: Rows::new(&[], 1),
        next_actions: Rows::new(&[], 1),
        masks: Rows::new(&[], 1),
        next_masks: Rows::new(&[], 1),
        log_probs: &[],
        values: &[],
        returns: &[],
        advantages: &[],
        weights: &[],
        discounts: &[],
        memory: Rows::new(&[], 1),
        versions: &[],
        lane_ids: &[],
        demonstrations: &[],
    };
    let count = batch.steps * batch.lanes;
    for column in io.columns.as_slice() {
        let (bytes, width) = (column.bytes.as_slice(), column.width as usize);
        let (row, one) = ((count, width), (count, 1));
        if bytes.is_empty() {
            continue;
        }
        match column.id {
            column::OBS => batch.obs = rows(bytes, row, "observations")?,
            column::ACTIONS => batch.actions = rows(bytes, row, "actions")?,
            column::REWARDS => batch.rewards = rows(bytes, one, "rewards")?.flat(),
            column::FLAGS => batch.flags = rows(bytes, one, "flags")?.flat(),
            column::NEXT_OBS => batch.next_obs = rows(bytes, row, "next observations")?,
            column::NEXT_ACTIONS => batch.next_actions = rows(bytes, row, "next actions")?,
            column::MASKS => batch.masks = rows(bytes, row, "masks")?,
            column::NEXT_MASKS => batch.next_masks = rows(bytes, row, "next masks")?,
            column::LOG_PROBS => batch.log_probs = rows(bytes, one, "log-probabilities")?.flat(),
            column::VALUES => batch.values = rows(bytes, one, "values")?.flat(),
            column::RETURNS => batch.returns = rows(bytes, one, "returns")?.flat(),
            column::ADVANTAGES => batch.advantages = rows(bytes, one, "advantages")?.flat(),
            column::WEIGHTS => batch.weights = rows(bytes, one, "weights")?.flat(),
            column::DISCOUNTS => batch.discounts = rows(bytes, one, "discounts")?.flat(),
            column::MEMORY => batch.memory = rows(bytes, row, "memory")?,
            column::VERSIONS => batch.versions = rows(bytes, one, "versions")?.flat(),
            column::LANE_IDS => batch.lane_ids = rows(bytes, one, "lanes")?.flat(),
            column::DEMONSTRATIONS => {
                batch.demonstrations = rows(bytes, one, "demonstrations")?.flat();
            }
            _ => {}
        }
    }
    let there = [batch.obs.len(), batch.actions.len(), batch.rewards.len(), batch.flags.len()];
    if there != [count; 4] || batch.next_obs.len() != count {
        return Err(Error::argument(format!(
            "the host's batch of {count} rows lacks observations, actions, rewards or flags"
        )));
    }
    Ok(batch)
}

extern "C" fn save<A: Agent>(this: This, out: &mut RVec<u8>) -> i64 {
    with::<A>(this, |seat| {
        let mut archive = Archive::saving();
        transfer(seat, &mut archive);
        *out = archive.finish()?.to_bytes().into();
        Ok(0)
    })
}

extern "C" fn load<A: Agent>(this: This, bytes: RSlice<'_, u8>) -> i64 {
    with::<A>(this, |seat| {
        let mut archive = Archive::loading(State::from_bytes(bytes.as_slice())?);
        transfer(seat, &mut archive);
        archive.finish()?;
        Ok(0)
    })
}

fn transfer<A: Agent>(seat: &mut Seat<A>, archive: &mut Archive) {
    archive.scope("learn", |archive| archive.rng("rng", &mut seat.rng));
    archive.scope("agent", |archive| seat.agent.state(archive));
}

extern "C" fn acting<A: Agent>(this: This, out: &mut RVec<u8>) -> i64 {
    with::<A>(this, |seat| {
        let mut archive = Archive::saving();
        seat.agent.acting(&mut archive);
        *out = archive.finish()?.to_bytes().into();
        Ok(0)
    })
}

extern "C" fn load_acting<A: Agent>(this: This, bytes: RSlice<'_, u8>) -> i64 {
    with::<A>(this, |seat| {
        let mut archive = Archive::loading(State::from_bytes(bytes.as_slice())?);
        seat.agent.acting(&mut archive);
        archive.finish()?;
        Ok(0)
    })
}

extern "C" fn set_params<A: Agent>(this: This, params: RSlice<'_, u8>) -> i64 {
    with::<A>(this, |seat| {
        let values = wire::read_params(params.as_slice())?;
        let specs = A::Params::specs();
        // All or none: the edit is tried on a copy.
        let mut edited = seat.agent.params().clone();
        for (name, value) in &values {
            let spec = find(&specs, name)?;
            let value = spec.check(value)?;
            if !spec.live && edited.get(name).as_ref() != Some(&value) {
                return Err(Error::argument(format!(
                    "`{name}` cannot change during a run; begin a new one with it"
                )));
            }
            edited.put(name, &value)?;
        }
        *seat.agent.params() = edited;
        Ok(0)
    })
}

extern "C" fn report<A: Agent>(this: This, out: &mut RVec<u8>) -> i64 {
    with::<A>(this, |seat| {
        *out = wire::report(&mut seat.log);
        Ok(0)
    })
}
