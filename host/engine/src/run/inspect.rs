//! A look into a run's memory and at what its agent makes of it. Nothing here changes the run: it
//! draws with random numbers of its own and asks a policy of its own.

use super::{Run, Supply};
use crate::buffer::Peek;
use crate::mind::Mind;
use plugin_api::rng::SeedTree;
use plugin_api::{Result, Rng, TERMINATED};

impl Run {
    /// What the agent thinks with, as it stands.
    pub fn mind(&mut self) -> Result<Mind> {
        let setup = &self.setup;
        let whose = (&setup.agent_plugin, &setup.agent[..], &setup.params);
        Mind::of(whose, &mut self.agent, &self.task)
    }

    /// Steps drawn as learning would draw them; nothing where the agent keeps none. Another number
    /// draws others.
    pub fn peek(&mut self, number: u64) -> Result<Option<Peek>> {
        let seed = SeedTree::new(self.setup.seed).seed("peek", number);
        let mut rng = Rng::seeded(seed);
        let steps = self.counters.steps;
        let Supply::Replay(feed, _) = &mut self.supply else { return Ok(None) };
        let Some(peek) = feed.peek((&mut rng, steps), self.task.goal.as_ref())? else {
            return Ok(Some(Peek::default()));
        };
        let errors = self.errors(&peek)?;
        Ok(Some(match errors {
            Some(errors) => Peek { source: "the agent's values", ..peek }.with_errors(&errors),
            None => peek,
        }))
    }

    /// reward + γ max value of what came next - value of what was done.
    fn errors(&mut self, peek: &Peek) -> Result<Option<Vec<f64>>> {
        let column = |of: fn(&crate::buffer::Transition) -> &[f32]| -> Vec<f32> {
            peek.rows.iter().flat_map(|row| of(row).iter().copied()).collect()
        };
        let (obs, next) = (column(|row| &row.obs), column(|row| &row.next_obs));
        let actions = column(|row| &row.action);
        let mut mind = self.mind()?;
        let now = match mind.values_of(&obs, &actions)? {
            Some(now) => Some(now),
            None => mind.values(&obs, &[])?,
        };
        let (Some(now), Some(after)) = (now, mind.values(&next, &[])?) else { return Ok(None) };
        let error = |(row, (now, after)): (&crate::buffer::Transition, (f64, f64))| {
            let goes_on = if row.flags & TERMINATED == 0 { row.discount } else { 0.0 };
            row.reward + goes_on * after - now
        };
        Ok(Some(peek.rows.iter().zip(now.into_iter().zip(after)).map(error).collect()))
    }
}
