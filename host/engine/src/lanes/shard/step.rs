//! One step of a shard: the policy looks, actions are drawn, the environment steps, ends are dealt
//! with.

use super::super::acting::{Actor, Situation};
use super::super::scan::Place;
use super::Shard;
use crate::memory::to_f32;
use crate::replay::tape::Seen;
use crate::sampler::{Draw, Moment};
use plugin_api::abi::handle::{ActFrame, StepFrame};
use plugin_api::abi::trail::at_step;
use plugin_api::{Error, Mode, Result};

impl Shard {
    /// Takes `steps` steps in every lane and keeps what the record asks for. Without an actor,
    /// heads are all zeros.
    pub fn roll(
        &mut self,
        mut actor: Option<&mut (dyn Actor + '_)>,
        mut situation: Situation,
        steps: usize,
    ) -> Result<()> {
        for t in 0..steps {
            self.before(actor.as_deref_mut(), situation, t)?;
            self.advance(t)?;
            situation.run_steps += situation.run_lanes;
            self.after(actor.as_deref_mut(), situation, t)?;
        }
        self.finish(actor, situation, steps)
    }

    /// First part of a step: the policy looks, and actions are drawn.
    pub(in crate::lanes) fn before(
        &mut self,
        actor: Option<&mut (dyn Actor + '_)>,
        situation: Situation,
        t: usize,
    ) -> Result<()> {
        if !std::mem::take(&mut self.drawn) {
            self.look(actor, situation)?;
            self.draw(situation)?;
        }
        self.note_before(t);
        Ok(())
    }

    /// Third part of a step: what depends on a policy's look at the ends of episodes.
    pub(in crate::lanes) fn after(
        &mut self,
        actor: Option<&mut (dyn Actor + '_)>,
        situation: Situation,
        t: usize,
    ) -> Result<()> {
        if !self.ended_now.is_empty() {
            if self.record.values || self.record.next_actions {
                self.note_cut_off(actor, situation, t)?;
            }
            self.begin_episodes();
        }
        Ok(())
    }

    /// After the last step of a segment: a look one step ahead, where the record asks for it.
    pub(in crate::lanes) fn finish(
        &mut self,
        actor: Option<&mut (dyn Actor + '_)>,
        situation: Situation,
        steps: usize,
    ) -> Result<()> {
        if self.record.values || self.record.next_actions {
            self.note_last(actor, situation, steps - 1)?;
        }
        self.fresh = true;
        Ok(())
    }

    /// Has the policy look at the present observations.
    pub(super) fn look(
        &mut self,
        actor: Option<&mut (dyn Actor + '_)>,
        situation: Situation,
    ) -> Result<()> {
        let heads = &mut self.heads;
        if actor.is_some() || self.record.steps {
            to_f32(self.task.observations.dtype(), self.frame.obs.bytes(), &mut heads.obs);
        }
        heads.memory_before.copy_from_slice(&heads.memory);
        let Some(actor) = actor else { return Ok(()) };
        let acted = actor.act(ActFrame {
            obs: &heads.obs,
            rows: self.lanes,
            evaluate: situation.evaluate,
            head: &mut heads.head,
            values: &mut heads.values,
            masks: &self.frame.masks,
            memory: &mut heads.memory,
            step: situation.run_steps,
            key: self.keys.noise ^ self.step,
            first_lane: self.first as u64,
        });
        acted.map_err(|error| self.in_context(error.context("acting")))
    }

    /// Where the shard is, for the checks.
    pub(super) fn place(&self) -> Place {
        Place { first: self.first, step: self.step }
    }

    /// An error of a call that serves all lanes of the shard, with lanes and step in front.
    #[cold]
    pub(super) fn in_context(&self, error: Error) -> Error {
        let (first, step) = (self.first, self.step);
        match self.lanes {
            1 => error.context(format!("lane {first} at its step {step}")),
            n => error.context(format!("lanes {first} to {} at their step {step}", first + n - 1)),
        }
    }

    /// Draws an action for each lane from what the policy saw.
    pub(super) fn draw(&mut self, situation: Situation) -> Result<()> {
        let moment = self.moment(situation, self.keys.draw);
        let draw = Draw {
            head: &self.heads.head,
            masks: &self.frame.masks,
            actions: &mut self.heads.actions,
            env_actions: self.frame.actions.bytes_mut(),
            log_probs: &mut self.heads.log_probs,
        };
        self.sampler.draw(moment, draw, &mut self.noise)
    }

    pub(super) fn moment(&self, situation: Situation, key: u64) -> Moment {
        Moment {
            key,
            first_lane: self.first as u64,
            lane_step: self.step,
            run_step: situation.run_steps,
            mode: if situation.evaluate { Mode::Evaluate } else { Mode::Train },
        }
    }

    /// Second part of a step: the environment steps; what it wrote is checked, counted and noted.
    pub(in crate::lanes) fn advance(&mut self, t: usize) -> Result<()> {
        let place = self.place();
        at_step(self.step);
        let frame = &mut self.frame;
        let stepped = self.env.step(StepFrame {
            actions: frame.actions.bytes(),
            obs: frame.obs.bytes_mut(),
            final_obs: frame.final_obs.bytes_mut(),
            rewards: &mut frame.rewards,
            flags: &mut frame.flags,
            masks: &mut frame.masks,
            final_masks: &mut frame.final_masks,
            infos: &mut frame.infos,
        });
        let ended = stepped.map_err(|error| self.in_context(error))?;
        let frame = &self.frame;
        self.scan.observations(place, frame.obs.bytes(), "the observation")?;
        self.scan.steps(place, &frame.rewards, &frame.flags)?;
        self.step += 1;
        if let Some(tape) = &mut self.tape {
            let seen = Seen {
                actions: frame.actions.bytes(),
                obs: frame.obs.bytes(),
                final_obs: frame.final_obs.bytes(),
                rewards: &frame.rewards,
                flags: &frame.flags,
                step: self.step,
            };
            let taped = tape.step(&mut self.env, self.first, seen);
            taped.map_err(|error| self.in_context(error))?;
        }
        self.tally.add(&frame.rewards);
        self.note_after(t);
        self.ended_now.clear();
        if ended > 0 {
            list_ended(&self.frame.flags, &mut self.ended_now);
            self.note_ends(t)?;
        }
        Ok(())
    }

    /// Lanes that ended begin anew: nothing is remembered, and noise starts afresh.
    pub(super) fn begin_episodes(&mut self) {
        for idx in 0..self.ended_now.len() {
            self.forget(self.ended_now[idx]);
        }
    }

    pub(super) fn forget(&mut self, lane: usize) {
        let width = self.widths.memory;
        self.heads.memory[lane * width..][..width].fill(0.0);
        self.noise.restart(lane);
    }
}

/// Lists the lanes whose flags are set. Most are not: eight are passed over at a time.
fn list_ended(flags: &[u8], ended: &mut Vec<usize>) {
    for (first, flags) in flags.chunks(8).enumerate().map(|(idx, flags)| (idx * 8, flags)) {
        let mut eight = [0; 8];
        eight[..flags.len()].copy_from_slice(flags);
        let mut set = u64::from_le_bytes(eight);
        while set != 0 {
            let idx = set.trailing_zeros() as usize / 8;
            set &= !(0xff << (8 * idx));
            ended.push(first + idx);
        }
    }
}
