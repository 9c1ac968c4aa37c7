//! What sessions have kept of a run, before it went on here.

use super::{MarkKind, RunView};
use crate::lineage::Stretch;
use crate::series::Series;
use thorndike_engine::event::{Alert, Edit, Event};
use thorndike_engine::keep::convert::from_setting;
use thorndike_session::Model;
use thorndike_session::model::Played;

impl RunView {
    /// Takes in what happened before this part of the run, as sessions have kept it: curves and
    /// marks of those that it was branched off, and everything of its own.
    pub fn recall(&mut self, past: &[Stretch]) {
        for Stretch { model, until } in past {
            self.recall_curves(model, until.unwrap_or(u64::MAX));
            match until {
                Some(until) => self.recall_marks(model, *until),
                None => self.recall_events(model),
            }
        }
        // In front of the saves at the same place.
        let left = past.iter().filter_map(|stretch| stretch.until);
        self.marks.extend(left.map(|steps| (steps, MarkKind::Branch)));
    }

    fn recall_curves(&mut self, past: &Model, until: u64) {
        for played in past.episodes.iter().filter(|played| played.steps() <= until) {
            push_played(&mut self.returns, played);
        }
        for moment in past.moments.iter().filter(|moment| moment.steps <= until) {
            self.timeline.add(moment.steps, moment.seconds, moment.episodes, moment.updates);
        }
        for name in past.series.keys() {
            let Some(shown) = curve_of(name) else { continue };
            for (moment, value) in past.points(name).filter(|(at, _)| at.steps <= until) {
                self.curve(shown).push(moment.steps as f64, value);
            }
        }
        for eval in past.evals.iter().filter(|eval| eval.steps <= until) {
            self.curve("eval/return").push(eval.steps as f64, eval.return_mean);
        }
        let saved = past.saved.iter().map(|saved| (saved.steps, MarkKind::Save));
        self.marks.extend(saved.filter(|mark| mark.0 <= until));
    }

    /// What was edited there holds here, too, but cannot be taken back here.
    fn recall_marks(&mut self, past: &Model, until: u64) {
        let edits = past.edits.iter().map(|(_, edit)| (edit.steps, MarkKind::Edit));
        let alerts = past.alerts.iter().map(|alert| (alert.steps, MarkKind::Alert));
        self.marks.extend(edits.chain(alerts).filter(|mark| mark.0 <= until));
    }

    fn recall_events(&mut self, past: &Model) {
        for (_, edit) in &past.edits {
            let (old, new) = (from_setting(&edit.old), from_setting(&edit.new));
            let (author, name) = (edit.author.clone(), edit.name.clone());
            let edit = Edit { steps: edit.steps, author, name, old, new };
            self.event(Event::Edit(edit), &mut Vec::new());
        }
        for alert in &past.alerts {
            let (topic, message) = (alert.topic.clone(), alert.message.clone());
            let alert = Alert { steps: alert.steps, topic, message };
            self.event(Event::Alert(alert), &mut Vec::new());
        }
    }
}

/// Adds an episode to a curve, or many that were told in one sum.
pub(crate) fn push_played(returns: &mut Series, played: &Played) {
    match played {
        Played::One(episode) => returns.push(episode.steps as f64, episode.total),
        Played::Many(sum) => {
            returns.push_many(sum.steps as f64, (sum.low, sum.mean, sum.high), sum.count);
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
