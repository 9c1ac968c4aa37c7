//! `resume`: a run goes on where its session stands, exactly as if it had never stopped.

use super::told_registry;
use super::train::shown;
use crate::cli::{Course, ResumeFlags};
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::saved::{self, Named};
use crate::stage::Stage;
use crate::training::{self, Prepared, Way};
use plugin_api::simd::Class;
use thorndike_engine::event::{Done, Event};
use thorndike_engine::keep::convert::from_goal;
use thorndike_engine::keep::{self, Origin};
use thorndike_engine::registry::Registry;
use thorndike_engine::run::{Goal, Run};
use thorndike_session::{Model, Session, Writer};

/// Goes on until the goal is reached or somebody asks for an end.
pub(super) fn run(resume: &ResumeFlags, settings: &Settings) -> Outcome {
    let way = Way::of(&resume.course, settings);
    let named = saved::open_at(&resume.session, settings)?;
    if let Some(end) = finished(&resume.course, &named)? {
        let stage = Stage::open(1)?;
        let goal = wanted(&resume.course, &named.session)?;
        training::output(&stage, way.style(), &goal)?.event(&Event::Done(end))?;
        return Ok(Exit::Success);
    }
    let mut stage = Stage::open(training::threads(&resume.course, settings))?;
    let registry = told_registry(&mut stage, settings)?;
    let prepared = prepare(named, &resume.course, &registry)?;
    prepared.go(way, stage, &resume.course, (&registry, settings))
}

/// What the run has come to, if there is nothing left to do.
pub(super) fn finished(course: &Course, named: &Named) -> Result<Option<Done>, Failure> {
    let goal = wanted(course, &named.session)?;
    let latest = if named.step.is_none() { named.session.latest().ok() } else { None };
    Ok(latest.and_then(|latest| saved::finished(&latest.summary, &goal)))
}

/// The run as its session has kept it.
pub(super) fn prepare(
    Named { session, step }: Named,
    course: &Course,
    registry: &Registry,
) -> Result<Prepared, Failure> {
    let goal = wanted(course, &session)?;
    let identity = session.identity();
    let mut notes = Vec::new();
    notes.extend(session.damage().map(mended));
    let (agent, env) = saved::cast(identity, registry, &mut notes)?;
    let (writer, model) = Writer::open(&session)?;
    let origin = keep::origin(&session, &model, step)?;
    let troubles = saved::journal_troubles(&session, &model);
    notes.extend(troubles.into_iter().map(|trouble| format!("note: {trouble}")));
    notes.extend(origin.lost.iter().map(|lost| format!("note: {lost}; going on from before it")));
    notes.extend(step.map(|step| from_where(step, &origin, &model)));
    notes.extend(spent(&goal));
    notes.extend(model.starts.last().and_then(|start| elsewhere(&start.cpu)));
    let agent = agent.agent_with(&origin.params, &[])?;
    let way = (identity.seed, identity.lanes, identity.mode);
    let mut setup = saved::setup(&agent, &env, way, goal);
    setup.patience = training::patience(course, identity.lanes);
    let mut run = restored(Run::new(setup)?, &origin, (&session, registry))?;
    training::trace(&mut run, course)?;
    Ok(Prepared { run, agent, env, writer, origin, notes })
}

/// Where the run is to end: what was asked for, or where it was to end before.
pub(super) fn wanted(course: &Course, session: &Session) -> Result<Goal, Failure> {
    let asked = training::goal(course);
    let model = session.model();
    let before = from_goal(model.goal().unwrap_or(&session.identity().goal))?;
    // Schedules go on as they began, however far the run is to go now.
    let budget = asked.budget.or(before.budget).or(before.steps);
    let is_asked = Goal { budget: None, ..asked.clone() } != Goal::default();
    Ok(if is_asked || asked.budget.is_some() {
        Goal { budget, ..if is_asked { asked } else { before } }
    } else {
        before
    })
}

/// What to know where the first copy of the identity was of no use.
fn mended(damage: &str) -> String {
    format!("note: {damage}; the second copy is sound, and a copy that is gone is restored from it")
}

/// Where a run goes on that was to go back to a step.
fn from_where(step: u64, origin: &Origin, model: &Model) -> String {
    let from = origin.summary.steps;
    let came_to = model.moments.last().map_or(from, |moment| moment.steps.max(from));
    if step > came_to {
        format!("note: the run came to step {came_to} and not to {step}; going on from step {from}")
    } else if from == step {
        format!("note: going on from the snapshot of step {from}")
    } else {
        let newest =
            if origin.snapshot.is_some() { "the newest before it" } else { "the beginning" };
        format!(
            "note: there is no snapshot of step {step}; going on from step {from}, {newest}, and \
             simulating from there as the run did"
        )
    }
}

/// What to know where a run goes on behind the end of its schedules.
fn spent(goal: &Goal) -> Option<String> {
    let (steps, budget) = (goal.steps?, goal.budget?);
    (steps > budget).then(|| {
        format!(
            "note: schedules that follow the budget, such as annealed learning rates, end at step \
             {budget}, as this run began; --budget {steps} stretches them from here on"
        )
    })
}

/// What to know where the run was computed in another class of instructions.
fn elsewhere(before: &str) -> Option<String> {
    let now = keep::cpu();
    (!before.is_empty() && before != now).then(|| {
        let way = if Class::named(before).is_some_and(|class| class <= Class::best()) {
            format!("; {}={before} goes on exactly as it was", Class::VARIABLE)
        } else {
            String::new()
        };
        format!(
            "note: the run was computed in class {before}, this is {now}: nets may come to \
                 other last bits{way}"
        )
    })
}

/// The run of a session as it was there.
pub(super) fn restored(
    mut run: Run,
    origin: &Origin,
    (session, registry): (&Session, &Registry),
) -> Result<Run, Failure> {
    if let Some((_, snapshot)) = &origin.snapshot {
        run.restore(snapshot)?;
    } else if let Some(shown) = &session.identity().shown {
        shown::again(&mut run, shown, (session, registry))?;
    }
    Ok(run)
}
