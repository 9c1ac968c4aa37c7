//! A step of a world as a line, of one that is stepped now and of one that was recorded.

use crate::failure::Failure;
use crate::number::{self, Shortest};
use crate::output::{Output, Style};
use plugin_api::{Dtype, Space, TERMINATED, TRUNCATED, Task};
use std::fs::File;
use std::io::Write;

/// What a step was and brought.
pub(super) struct Step<'a> {
    /// What the bytes mean; without it nobody knows.
    pub(super) task: Option<&'a Task>,
    pub(super) action: &'a [u8],
    pub(super) obs: &'a [u8],
    pub(super) reward: f64,
    pub(super) flags: u8,
}

impl Step<'_> {
    /// Prints it, between these words where it is read by people.
    pub(super) fn tell(
        &self,
        (before, after): (&str, &str),
        output: &mut Output<File>,
    ) -> Result<(), Failure> {
        let action = match self.task.map(|task| &task.actions) {
            // A choice is a number, every other action a list of them.
            Some(space @ Space::Discrete { .. }) => {
                number::words(space.dtype(), self.action).join("")
            }
            Some(space) => number::list(space.dtype(), self.action),
            None => number::list(Dtype::U8, self.action),
        };
        // Without a task nobody knows what the bytes stand for.
        let name = if self.task.is_some() { "action" } else { "action_bytes" };
        let obs = self
            .task
            .map_or("null".to_owned(), |task| number::list(task.observations.dtype(), self.obs));
        let reward = self.reward.shortest();
        let (terminated, truncated) = (self.flags & TERMINATED != 0, self.flags & TRUNCATED != 0);
        if output.style() == Style::Json {
            writeln!(
                output.out(),
                "{{\"event\":\"step\",\"{name}\":{action},\"obs\":{obs},\"reward\":{reward},\
                 \"terminated\":{terminated},\"truncated\":{truncated}}}"
            )?;
            return Ok(());
        }
        let ended = [(terminated, " terminated"), (truncated, " truncated")];
        let ended: String = ended.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        output
            .text(&format!("{before} {name}={action} obs={obs} reward={reward}{ended}{after}"))?;
        Ok(())
    }
}
