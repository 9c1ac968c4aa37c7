//! Marks of a run by which recorded episodes are found: the best one, or the one at an edit.

use super::nothing_recorded;
use crate::cli::{Mark, MarkKind};
use crate::failure::Failure;
use thorndike_session::error::shown;
use thorndike_session::replay::{Take, Takes};
use thorndike_session::{Model, Session};

/// The episode at a mark: of those that were recorded in training, or in evaluations.
pub(super) fn episode(session: &Session, mark: Mark, is_trial: bool) -> Result<Take, Failure> {
    let Takes { mut all, lost } = session.takes()?;
    all.retain(|take| (take.head.trial > 0) == is_trial);
    if all.is_empty() {
        return Err(nothing_recorded(session, &lost));
    }
    let Mark { kind, number } = mark;
    let total = |take: &Take| take.head.total;
    match kind {
        // Of equals the one that came first.
        MarkKind::Best => all.sort_by(|a, b| total(b).total_cmp(&total(a))),
        MarkKind::Worst => all.sort_by(|a, b| total(a).total_cmp(&total(b))),
        MarkKind::Last => all.reverse(),
        _ => {
            let steps = steps(&session.model(), kind);
            let wanted = steps.get(number - 1).copied().ok_or_else(|| {
                let (name, count) = (shown(session.name()), steps.len());
                let word = kind.word();
                Failure::usage(format!("session `{name}` has {count} marks of kind {word}"))
            })?;
            // The first one that ended after it, or the last one before.
            all.sort_by_key(|take| (take.head.steps, take.number));
            let at = all.iter().position(|take| take.head.steps >= wanted);
            return Ok(all.swap_remove(at.unwrap_or(all.len() - 1)));
        }
    }
    let count = all.len();
    all.into_iter().nth(number - 1).ok_or_else(|| {
        let name = shown(session.name());
        Failure::usage(format!("session `{name}` has {count} recorded episodes"))
    })
}

/// Steps of the run at which there is a mark.
fn steps(model: &Model, kind: MarkKind) -> Vec<u64> {
    match kind {
        MarkKind::Edit => model.edits.iter().map(|(_, edit)| edit.steps).collect(),
        MarkKind::Alert => model.alerts.iter().map(|alert| alert.steps).collect(),
        MarkKind::Eval => model.evals.iter().map(|eval| eval.steps).collect(),
        MarkKind::Saved => model.saved.iter().map(|saved| saved.steps).collect(),
        MarkKind::Best | MarkKind::Worst | MarkKind::Last => Vec::new(),
    }
}
