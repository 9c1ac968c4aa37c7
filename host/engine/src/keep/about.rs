//! What a session writes of a snapshot: its states, and what stands beside them.

use super::convert::{to_goal, to_settings, to_states, to_summary};
use super::{Plan, cpu};
use crate::clock;
use crate::run::{Run, Snapshot};
use plugin_api::Result;
use thorndike_session::{Goal, Settings, Snapshot as Manifest, State, Table};

/// What stands beside the states of a snapshot.
pub(super) struct About {
    cause: &'static str,
    eval: Option<f64>,
    tool: String,
    saved: u64,
    params: Settings,
    goal: Goal,
}

impl About {
    pub(super) fn of(run: &Run, plan: &Plan, cause: &'static str, eval: Option<f64>) -> Self {
        let setup = run.setup();
        let (params, goal) = (to_settings(&setup.params), to_goal(&setup.goal));
        Self { cause, eval, tool: plan.tool.clone(), saved: clock::unix_seconds(), params, goal }
    }
}

/// A snapshot as a session writes it.
pub(super) fn written(
    snapshot: Snapshot,
    about: About,
) -> Result<(Manifest, Vec<State>, Vec<Table>)> {
    let About { cause, eval, tool, saved, params, goal } = about;
    let mut end = snapshot.standing.clone();
    if end.digest.is_empty() {
        end.digest = snapshot.digest();
        "running".clone_into(&mut end.reason);
    }
    let manifest = Manifest {
        saved,
        cause: cause.to_owned(),
        tool,
        cpu: cpu(),
        eval,
        summary: to_summary(&end),
        goal,
        params,
        ..Manifest::default()
    };
    let (states, tables) = to_states(snapshot)?;
    Ok((manifest, states, tables))
}
