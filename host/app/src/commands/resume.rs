//! `resume`: a run goes on where its session stands, exactly as if it had never stopped.

use super::registry;
use crate::cli::{Course, ResumeFlags};
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::saved::{self, Named};
use crate::stage::Stage;
use crate::training::{self, Training};
use thorndike_engine::event::Event;
use thorndike_engine::keep::convert::from_goal;
use thorndike_engine::keep::{self, Origin};
use thorndike_engine::run::{Goal, Run};
use thorndike_session::{Session, Writer};

/// Goes on until the goal is reached or somebody asks for an end.
pub(super) fn run(resume: &ResumeFlags, settings: &Settings) -> Outcome {
    let style = training::style(&resume.course, settings);
    let Named { session, step } = saved::open_at(&resume.session, settings)?;
    let goal = wanted(&resume.course, &session)?;
    if step.is_none()
        && let Ok(latest) = session.latest()
        && let Some(end) = saved::finished(&latest.summary, &goal)
    {
        let stage = Stage::open(1)?;
        training::output(&stage, style, &goal)?.event(&Event::Done(end))?;
        return Ok(Exit::Success);
    }
    let mut stage = Stage::open(training::threads(&resume.course, settings))?;
    let registry = registry(settings)?;
    let identity = session.identity();
    let (agent, env) = saved::cast(identity, &registry, &mut stage)?;
    let (writer, model) = Writer::open(&session)?;
    let origin = keep::origin(&session, &model, step)?;
    let agent = agent.agent_with(&origin.params, &[])?;
    let output = training::output(&stage, style, &goal)?;
    let mut setup = saved::setup(&agent, &env, identity.seed, identity.lanes, goal);
    setup.patience = training::patience(&resume.course, identity.lanes);
    let run = restored(Run::new(setup)?, &origin)?;
    Training { run, agent: &agent, env: &env, stage, output, settings }.go(
        writer,
        &origin,
        &resume.course,
    )
}

/// Where the run is to end: what was asked for, or where it was to end before.
pub(super) fn wanted(course: &Course, session: &Session) -> Result<Goal, Failure> {
    let asked = training::goal(course);
    if asked != Goal::default() {
        return Ok(asked);
    }
    let model = session.model();
    Ok(from_goal(model.goal().unwrap_or(&session.identity().goal))?)
}

/// The run as it was there.
pub(super) fn restored(mut run: Run, origin: &Origin) -> Result<Run, Failure> {
    if let Some((_, snapshot)) = &origin.snapshot {
        run.restore(snapshot)?;
    }
    Ok(run)
}
