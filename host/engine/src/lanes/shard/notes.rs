//! What a shard notes of each step for those who learn from it.

use super::super::acting::{Actor, Situation};
use super::super::scan::Place;
use super::super::tally::Ends;
use super::Shard;
use crate::memory::to_f32;
use crate::sampler::Draw;
use plugin_api::abi::handle::ActFrame;
use plugin_api::{Result, TERMINATED};

impl Shard {
    /// Notes what is known before the environment steps, and that it is what followed the step
    /// before.
    pub(super) fn note_before(&mut self, t: usize) {
        if !self.record.steps {
            return;
        }
        let (segment, widths, lanes) = (&mut self.segment, self.widths, self.lanes);
        copy_rows(&mut segment.obs, t, &self.heads.obs, lanes * widths.obs);
        copy_rows(&mut segment.actions, t, &self.heads.actions, lanes * widths.action);
        copy_rows(&mut segment.log_probs, t, &self.heads.log_probs, lanes);
        copy_rows(&mut segment.values, t, &self.heads.values, lanes);
        copy_rows(&mut segment.memory, t, &self.heads.memory_before, lanes * widths.memory);
        copy_rows(&mut segment.masks, t, &self.frame.masks, lanes * widths.mask);
        if t > 0 {
            self.link(t - 1);
        }
    }

    pub(super) fn note_after(&mut self, t: usize) {
        if !self.record.steps {
            return;
        }
        let (segment, widths, lanes) = (&mut self.segment, self.widths, self.lanes);
        copy_rows(&mut segment.rewards, t, &self.frame.rewards, lanes);
        copy_rows(&mut segment.flags, t, &self.frame.flags, lanes);
        copy_rows(&mut segment.next_masks, t, &self.frame.masks, lanes * widths.mask);
        let next = &mut segment.next_obs[t * lanes * widths.obs..][..lanes * widths.obs];
        to_f32(self.task.observations.dtype(), self.frame.obs.bytes(), next);
    }

    /// Puts final observations where the next episode's first ones were noted, and counts episodes.
    pub(super) fn note_ends(&mut self, t: usize) -> Result<()> {
        let dtype = self.task.observations.dtype();
        let (width, mask) = (self.widths.obs, self.widths.mask);
        let row_bytes = width * dtype.size();
        for &lane in &self.ended_now {
            let row = &self.frame.final_obs.bytes()[lane * row_bytes..][..row_bytes];
            let place = Place { first: self.first + lane, step: self.step - 1 };
            self.scan.observations(place, row, "the final observation")?;
            if self.record.steps {
                let at = t * self.lanes + lane;
                to_f32(dtype, row, &mut self.segment.next_obs[at * width..][..width]);
                let masks = &self.frame.final_masks[lane * mask..][..mask];
                copy_rows(&mut self.segment.next_masks, at, masks, mask);
            }
        }
        let (flags, infos) = (&self.frame.flags, &self.frame.infos);
        let ends = Ends { lanes: &self.ended_now, flags, infos };
        self.tally.end(self.first, self.step, ends, &mut self.ended);
        Ok(())
    }

    /// What came next after step `t`, in lanes that went on, is what was noted last.
    pub(super) fn link(&mut self, t: usize) {
        let (segment, lanes, width) = (&mut self.segment, self.lanes, self.widths.action);
        for lane in 0..lanes {
            let row = t * lanes + lane;
            if segment.flags[row] == 0 {
                copy_rows(&mut segment.next_values, row, &self.heads.values[lane..], 1);
                let action = &self.heads.actions[lane * width..];
                copy_rows(&mut segment.next_actions, row, action, width);
            }
        }
    }

    /// Looks one step ahead of the last one, for its value and, if asked for, the action taken
    /// there.
    pub(super) fn note_last(
        &mut self,
        actor: Option<&mut (dyn Actor + '_)>,
        situation: Situation,
        t: usize,
    ) -> Result<()> {
        self.look(actor, situation)?;
        if self.record.next_actions {
            self.draw(situation)?;
            self.drawn = true;
        }
        self.link(t);
        if !self.drawn {
            // The policy will look again when it has learned; it must not remember this look.
            self.heads.memory.copy_from_slice(&self.heads.memory_before);
        }
        Ok(())
    }

    /// Looks at the final observations of lanes that were cut off: more would have followed there.
    pub(super) fn note_cut_off(
        &mut self,
        actor: Option<&mut (dyn Actor + '_)>,
        situation: Situation,
        t: usize,
    ) -> Result<()> {
        let (lanes, widths) = (self.lanes, self.widths);
        let Some(actor) = actor else { return Ok(()) };
        for idx in 0..self.ended_now.len() {
            let lane = self.ended_now[idx];
            let row = t * lanes + lane;
            if self.frame.flags[lane] & TERMINATED != 0 {
                copy_rows(&mut self.segment.next_values, row, &[0.0], 1);
                continue;
            }
            let few = &mut self.few;
            let masks = &self.frame.final_masks[lane * widths.mask..][..widths.mask];
            few.memory.copy_from_slice(&self.heads.memory[lane * widths.memory..][..widths.memory]);
            actor.act(ActFrame {
                obs: &self.segment.next_obs[row * widths.obs..][..widths.obs],
                rows: 1,
                evaluate: situation.evaluate,
                head: &mut few.head,
                values: &mut few.values,
                masks,
                memory: &mut few.memory,
                step: situation.run_steps,
                key: self.keys.noise ^ self.step,
                first_lane: (self.first + lane) as u64,
            })?;
            copy_rows(&mut self.segment.next_values, row, &few.values, 1);
            if self.record.next_actions {
                self.draw_aside(situation, lane, row)?;
            }
        }
        Ok(())
    }

    /// Draws the action that would have followed in a lane that was cut off. Nothing else changes
    /// by it.
    pub(super) fn draw_aside(
        &mut self,
        situation: Situation,
        lane: usize,
        row: usize,
    ) -> Result<()> {
        let mut moment = self.moment(situation, self.keys.aside);
        moment.first_lane += lane as u64;
        let (mask, width) = (self.widths.mask, self.widths.action);
        let draw = Draw {
            head: &self.few.head,
            masks: &self.frame.final_masks[lane * mask..][..mask],
            actions: &mut self.few.actions,
            env_actions: self.few_action.bytes_mut(),
            log_probs: &mut self.few.log_probs,
        };
        self.sampler.draw(moment, draw, &mut self.few_noise)?;
        copy_rows(&mut self.segment.next_actions, row, &self.few.actions, width);
        Ok(())
    }
}

/// Copies one step's rows into a column; a column left out stays empty.
#[inline]
fn copy_rows<T: Copy>(column: &mut [T], t: usize, from: &[T], elements: usize) {
    if !column.is_empty() {
        column[t * elements..][..elements].copy_from_slice(&from[..elements]);
    }
}
