//! What a session has kept of a run, before it went on here.

use super::{MarkKind, RunView};
use thorndike_engine::event::{Alert, Edit, Event};
use thorndike_engine::keep::convert::from_setting;
use thorndike_session::Model;

impl RunView {
    /// Takes in what happened before this part of the run, as the session has kept it.
    pub fn recall(&mut self, past: &Model) {
        for played in &past.episodes {
            self.returns.push(played.steps() as f64, played.mean());
        }
        for moment in &past.moments {
            self.timeline.add(moment.steps, moment.seconds, moment.episodes, moment.updates);
        }
        for name in past.series.keys() {
            let Some(shown) = curve_of(name) else { continue };
            for (moment, value) in past.points(name) {
                self.curve(shown).push(moment.steps as f64, value);
            }
        }
        for (_, edit) in &past.edits {
            let (old, new) = (from_setting(&edit.old), from_setting(&edit.new));
            let (author, name) = (edit.author.clone(), edit.name.clone());
            let edit = Edit { steps: edit.steps, author, name, old, new };
            self.event(Event::Edit(edit), &mut Vec::new());
        }
        self.marks.extend(past.saved.iter().map(|saved| (saved.steps, MarkKind::Save)));
        for eval in &past.evals {
            self.curve("eval/return").push(eval.steps as f64, eval.return_mean);
        }
        for alert in &past.alerts {
            let (topic, message) = (alert.topic.clone(), alert.message.clone());
            let alert = Alert { steps: alert.steps, topic, message };
            self.event(Event::Alert(alert), &mut Vec::new());
        }
    }
}

/// The curve that a series of a journal is shown as; what a run tells of itself beside metrics has
/// other places.
fn curve_of(name: &str) -> Option<&str> {
    match name {
        "length_last100" => Some("length"),
        "success_last100" => Some("success"),
        "return_mean" | "return_last100" | "steps_per_s" | "buffer_fill" => None,
        name if name.starts_with("time/") => None,
        name => Some(name),
    }
}
