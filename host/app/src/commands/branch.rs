//! `branch`: a new session begins where another one stands or stood, with other params if wanted.

use super::resume::{restored, wanted};
use super::told_registry;
use crate::cli::BranchFlags;
use crate::config::Settings;
use crate::failure::{Failure, Outcome};
use crate::saved::{self, Named, TOOL};
use crate::stage::Stage;
use crate::training::{self, Prepared, Way};
use thorndike_engine::clock;
use thorndike_engine::keep::convert::{to_settings, to_states, to_summary};
use thorndike_engine::keep::{self, Origin};
use thorndike_engine::registry::Registry;
use thorndike_engine::run::{Run, Snapshot};
use thorndike_session::{Identity, Parent, Session, Store, Writer};

/// Branches off and trains on.
pub(super) fn run(branch: &BranchFlags, settings: &Settings) -> Outcome {
    let way = Way::of(&branch.course, settings);
    let parent = saved::open_at(&branch.origin, settings)?;
    let mut stage = Stage::open(training::threads(&branch.course, settings))?;
    let registry = told_registry(&mut stage, settings)?;
    let mut working = None;
    let mut goes_on = |taken, total| {
        working.get_or_insert_with(|| stage.working("simulating", total)).set(taken);
        !stage.is_stopped()
    };
    let prepared = prepare(parent, branch, (&registry, settings), &mut goes_on)?;
    drop(working);
    prepared.go(way, stage, &branch.course, (&registry, settings))
}

/// The run as it was where it branches off, in a session of its own.
pub(super) fn prepare(
    Named { session: parent, step }: Named,
    branch: &BranchFlags,
    (registry, settings): (&Registry, &Settings),
    goes_on: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Prepared, Failure> {
    let goal = wanted(&branch.course, &parent)?;
    let identity = parent.identity();
    let mut notes = Vec::new();
    let (agent, env) = saved::cast(identity, registry, &mut notes)?;
    let model = parent.model();
    let troubles = saved::troubles(&parent, &model);
    notes.extend(troubles.into_iter().map(|trouble| format!("note: {trouble}")));
    let origin = keep::origin(&parent, &model, step)?;
    notes.extend(origin.lost.iter().map(|lost| format!("note: {lost}; branching off before it")));

    let before = agent.agent_with(&origin.params, &[])?;
    let way = (identity.seed, identity.lanes, identity.mode);
    let setup = saved::setup(&before, &env, way, goal.clone());
    let mut past = restored(Run::new(setup)?, &origin, (&parent, registry))?;
    past.follow(&origin.commits, true)?;
    reach(&mut past, &origin, step, goes_on)?;
    // What was edited on the way holds on.
    let agent = agent.agent_with(&to_settings(&past.setup().params), &branch.set)?;
    let asked = branch.mode.mode(None, training::threads(&branch.course, settings))?;
    let mode = if branch.mode.is_given() { asked } else { identity.mode };
    past.change_mode(mode)?;
    let way = (identity.seed, identity.lanes, mode);
    let mut setup = saved::setup(&agent, &env, way, goal.clone());
    setup.patience = training::patience(&branch.course, identity.lanes);
    let parent = Parent {
        id: identity.id.clone(),
        name: parent.name().to_owned(),
        steps: past.counters().steps,
    };
    let shown = identity.shown.clone();
    let identity =
        Identity { parent: Some(parent), shown, ..saved::identity(&agent, &env, &setup) };
    let snapshot = past.snapshot()?;
    drop(past);
    let mut run = Run::new(setup)?;
    run.restore(&snapshot)?;
    training::trace(&mut run, &branch.course)?;

    let store = Store::new(&settings.sessions);
    let session = store.create(branch.session.as_deref(), &identity)?;
    let (mut writer, _) = Writer::open(&session)?;
    let origin = first(&session, &mut writer, (snapshot, "branch"))?;
    Ok(Prepared { run, agent, env, writer, origin, notes })
}

/// Goes on from a snapshot to the step at which to branch off, as the run did, as long as whoever
/// hears how many steps of how many are taken wants it to.
fn reach(
    run: &mut Run,
    origin: &Origin,
    step: Option<u64>,
    goes_on: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<(), Failure> {
    let mut edits = origin.edits.iter().peekable();
    let from = run.counters().steps;
    let target = step.unwrap_or_else(|| run.counters().steps);
    loop {
        while let Some(edit) = edits.next_if(|edit| edit.steps <= run.counters().steps) {
            keep::edit_again(run, edit)?;
        }
        if run.counters().steps >= target {
            return Ok(());
        }
        if !goes_on(run.counters().steps - from, target - from) {
            return Err(Failure::failed("interrupted before the step to branch off at"));
        }
        run.tick(&mut |_| {})?;
    }
}

/// Where a new session begins: its first snapshot.
pub(super) fn first(
    session: &Session,
    writer: &mut Writer,
    (snapshot, cause): (Snapshot, &str),
) -> Result<Origin, Failure> {
    let mut end = snapshot.standing.clone();
    end.digest = snapshot.digest();
    "running".clone_into(&mut end.reason);
    let manifest = thorndike_session::Snapshot {
        saved: clock::unix_seconds(),
        cause: cause.to_owned(),
        tool: TOOL.to_owned(),
        cpu: keep::cpu(),
        summary: to_summary(&end),
        goal: session.identity().goal.clone(),
        params: session.identity().params.clone(),
        ..thorndike_session::Snapshot::default()
    };
    let (states, tables) = to_states(snapshot.clone())?;
    writer.save_with(manifest, &states, tables)?;
    let snapshot = Some((writer.newest(), snapshot));
    Ok(Origin { snapshot, ..Origin::default() })
}
