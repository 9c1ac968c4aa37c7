//! An episode step by step: play, stand still, go on and back.

use super::Effect;
use crate::action::Action;
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
        _ => return episode(state, action),
    }
    Vec::new()
}

/// The episode after or before the one that is open.
fn episode(state: &State, action: Action) -> Vec<Effect> {
    let film = &state.replay.film;
    let episodes = film.episodes.iter().copied();
    let other = match action {
        Action::NextEpisode => episodes.filter(|number| *number > film.episode).min(),
        _ => episodes.filter(|number| *number < film.episode).max(),
    };
    let load = |number| vec![Effect::LoadFilm(film.session.clone(), Some(number))];
    other.map_or_else(Vec::new, load)
}
