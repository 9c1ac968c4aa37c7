//! An episode step by step: play, stand still, go on and back.

use super::Effect;
use crate::action::Action;
use crate::bench::{Pick, Recorded};
use crate::state::State;

/// Whether the action is about the episode that is looked at.
pub(super) fn means(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::Play
            | A::Forward
            | A::Backward
            | A::NextEpisode
            | A::PreviousEpisode
            | A::Faster
            | A::Slower
            | A::ScrubBack
            | A::ScrubOn
            | A::ScrubMark
            | A::BranchHere
    )
}

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let now = state.now;
    let replay = &mut state.replay;
    match action {
        Action::Play if replay.due.is_some() => replay.due = None,
        Action::Play => {
            if replay.at + 1 >= replay.film.frames.len() {
                replay.at = 0;
            }
            replay.due = Some(now + 1.0 / replay.speed);
        }
        Action::Forward | Action::Backward => {
            replay.due = None;
            replay.step(if action == Action::Forward { 1 } else { -1 });
        }
        Action::Faster => replay.speed = (replay.speed * 2.0).min(256.0),
        Action::Slower => replay.speed = (replay.speed / 2.0).max(0.25),
        Action::ScrubBack => replay.scrub(-0.01),
        Action::ScrubOn => replay.scrub(0.01),
        Action::ScrubMark => {
            if !replay.next_mark() {
                state.toast("there is no mark");
            }
        }
        Action::BranchHere => return branch(state),
        _ => return episode(state, action),
    }
    Vec::new()
}

/// A new session that goes on from the cursor.
fn branch(state: &mut State) -> Vec<Effect> {
    let film = &state.replay.film;
    if film.session.is_empty() {
        state.toast("no episode is open");
        return Vec::new();
    }
    vec![Effect::Branch(format!("{}@{}", film.session, state.replay.cursor))]
}

/// The episode after or before the one that is open.
fn episode(state: &State, action: Action) -> Vec<Effect> {
    let film = &state.replay.film;
    let by = if action == Action::NextEpisode { 1 } else { -1 };
    let other = film.at.checked_add_signed(by).and_then(|at| film.track.recorded.get(at));
    let load =
        |other: &Recorded| vec![Effect::LoadFilm(film.session.clone(), Pick::File(other.file))];
    other.map_or_else(Vec::new, load)
}

/// The episode closest to the cursor.
pub(super) fn open_here(state: &State) -> Vec<Effect> {
    let film = &state.replay.film;
    if film.session.is_empty() {
        return Vec::new();
    }
    vec![Effect::LoadFilm(film.session.clone(), Pick::Step(state.replay.cursor))]
}
