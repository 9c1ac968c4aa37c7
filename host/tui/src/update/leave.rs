//! How the screen is left, and what becomes of its runs then.

use super::{Effect, open};
use crate::state::{Overlay, QuitChoice, State};
use thorndike_engine::drive::Command;

/// Asks what is to become of runs that are under way.
pub(super) fn quit(state: &mut State) -> Vec<Effect> {
    if !state.is_under_way() {
        return vec![Effect::Leave];
    }
    open(state, Overlay::Quit { choice: QuitChoice::Detach })
}

/// Runs go on without the screen.
pub(super) fn detach(state: &mut State) -> Vec<Effect> {
    if !state.is_under_way() {
        state.toast("no run is under way");
        return Vec::new();
    }
    vec![Effect::Detach]
}

/// The first time asks all runs to end and be saved, the second time leaves at once.
pub(super) fn interrupt(state: &mut State) -> Vec<Effect> {
    state.is_interrupted = true;
    if state.is_leaving || !state.is_under_way() {
        return vec![Effect::Leave];
    }
    state.is_leaving = true;
    state.toast("stopping and saving; ctrl-c again leaves at once");
    stop_all(state)
}

pub(super) fn stop_all(state: &State) -> Vec<Effect> {
    let running = state.runs.iter().enumerate().filter(|(_, run)| run.is_under_way());
    running.map(|(run, _)| Effect::Ask(run, Command::Stop)).collect()
}
