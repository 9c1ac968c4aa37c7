//! `sessions verify --rerun`: every step is taken again, and compared with each snapshot.

use super::told_registry;
use crate::config::Settings;
use crate::failure::Failure;
use crate::saved;
use crate::stage::Stage;
use thorndike_engine::keep::convert::{from_goal, from_states};
use thorndike_engine::keep::{self};
use thorndike_engine::run::Run;
use thorndike_session::{Goal, Session, Snapshot};

/// Takes every step again; says what turned out otherwise, and how many snapshots were compared.
pub(super) fn run(
    session: &Session,
    settings: &Settings,
    stage: &mut Stage,
) -> Result<(usize, Vec<String>), Failure> {
    let registry = told_registry(stage, settings)?;
    let identity = session.identity();
    let mut notes = Vec::new();
    let (agent, env) = saved::cast(identity, &registry, &mut notes)?;
    for note in &notes {
        stage.say(note);
    }
    let model = session.model();
    let mut snapshots: Vec<Snapshot> = Vec::new();
    for number in session.generations()? {
        let snapshot = session.snapshot(number)?;
        // What a run went back behind is not part of it any more.
        snapshots.retain(|earlier| earlier.summary.steps < snapshot.summary.steps);
        snapshots.push(snapshot);
    }
    let goals = goals(&identity.goal, model.starts.iter().map(|start| (start.steps, &start.goal)));
    let way = (identity.seed, identity.lanes, identity.mode);
    let setup = saved::setup(&agent, &env, way, from_goal(&goals[0].1)?);
    let mut run = Run::new(setup)?;
    let mut edits = model.edits.iter().map(|(_, edit)| edit).peekable();
    if identity.parent.is_some() || identity.shown.is_some() {
        let loaded =
            session.load_before(snapshots.first().map_or(0, |first| first.summary.steps))?;
        run.restore(&from_states(loaded.states, &loaded.snapshot.summary)?)?;
    }
    run.follow(&model.commits, false)?;
    let (mut compared, mut found) = (0, Vec::new());
    let last = snapshots.last().map_or(0, |last| last.summary.steps);
    let mut working = stage.working("taking every step again", last);
    let mut goals = goals.into_iter().peekable();
    for snapshot in &snapshots {
        loop {
            let steps = run.counters().steps;
            while let Some((_, goal)) = goals.next_if(|(from, _)| *from <= steps) {
                run.set_goal(from_goal(&goal)?);
            }
            // An edit made just when a snapshot was taken came after it if its frame did.
            let is_due = |edit: &&thorndike_session::journal::Edit| edit.steps <= steps;
            if steps >= snapshot.summary.steps {
                break;
            }
            while let Some(edit) = edits.next_if(is_due) {
                keep::edit_again(&mut run, edit)?;
            }
            if stage.is_stopped() {
                return Err(Failure::failed("interrupted before the end of the session"));
            }
            run.tick(&mut |_| {})?;
            working.set(steps);
        }
        compared += 1;
        let (steps, digest) = (run.counters().steps, run.digest()?);
        let wanted = &snapshot.summary;
        if steps != wanted.steps || digest != wanted.digest {
            found.push(format!(
                "generation {} at step {} has digest {}, \
                 taken again it is {digest} at step {steps}",
                snapshot.number, wanted.steps, wanted.digest
            ));
            break;
        }
    }
    Ok((compared, found))
}

/// From which step on which goal held.
fn goals<'a>(first: &Goal, starts: impl Iterator<Item = (u64, &'a Goal)>) -> Vec<(u64, Goal)> {
    let mut goals = vec![(0, first.clone())];
    for (steps, goal) in starts {
        goals.retain(|(from, _)| *from < steps || *from == 0 && steps > 0);
        goals.push((steps, goal.clone()));
    }
    goals
}
