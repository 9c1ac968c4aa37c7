//! `train`: an agent learns in an environment, and what it came to is saved.

mod seeds;
pub(super) mod shown;

use super::{branch, told_registry};
use crate::chosen::{self, Source};
use crate::cli::TrainFlags;
use crate::config::Settings;
use crate::failure::{Failure, Outcome};
use crate::saved;
use crate::stage::Stage;
use crate::training::{self, Prepared, Way};
use thorndike_engine::keep::Origin;
use thorndike_engine::registry::Registry;
use thorndike_engine::run::{Goal, Run};
use thorndike_session::{Store, Writer};

/// Lanes where neither flag nor config nor preset says how many.
pub(super) const LANES: usize = 8;

/// Steps of a run where nothing says when it ends.
pub(super) const STEPS: u64 = 100_000;

/// Trains until the goal is reached or somebody asks for an end, and saves the session.
pub(super) fn run(train: &TrainFlags, settings: &Settings) -> Outcome {
    if let Some(count) = train.seeds {
        return seeds::run(train, count.into(), settings);
    }
    let way = Way::of(&train.course, settings);
    let mut stage = Stage::open(training::threads(&train.course, settings))?;
    let registry = told_registry(&mut stage, settings)?;
    let prepared = prepare(train, &registry, settings)?;
    prepared.go(way, stage, &train.course, (&registry, settings))
}

/// Makes the run and its session.
pub(super) fn prepare(
    train: &TrainFlags,
    registry: &Registry,
    settings: &Settings,
) -> Result<Prepared, Failure> {
    prepare_seed(train, (train.seed, train.session.as_deref()), registry, settings)
}

/// The same with a seed and a name of the session.
fn prepare_seed(
    train: &TrainFlags,
    (seed, name): (u64, Option<&str>),
    registry: &Registry,
    settings: &Settings,
) -> Result<Prepared, Failure> {
    let env = chosen::env(registry, &train.env, Source::Words(&train.env_set))?;
    let (agent, preset) = chosen::agent(registry, &train.agent, &env, Source::Words(&train.set))?;
    let lanes = train.lanes.map(usize::from).or(settings.config.lanes);
    let lanes = lanes.or(preset.as_ref().map(|preset| preset.lanes)).unwrap_or(LANES);
    let mut goal = training::goal(&train.course);
    if (Goal { budget: None, ..goal.clone() }) == Goal::default() {
        goal.steps = Some(preset.map_or(STEPS, |preset| preset.steps));
    }
    goal.budget = goal.budget.or(goal.steps);
    let threads = training::threads(&train.course, settings);
    let mode = train.mode.mode(settings.config.mode, threads)?;
    let mut setup = saved::setup(&agent, &env, (seed, lanes, mode), goal);
    setup.patience = training::patience(&train.course, lanes);
    let mut identity = saved::identity(&agent, &env, &setup);
    let mut run = Run::new(setup)
        .map_err(|error| error.context(format!("{} in {}", agent.name, env.name)))?;
    training::trace(&mut run, &train.course)?;
    identity.shown = shown::show(&mut run, train, (registry, settings))?;
    let session = Store::new(&settings.sessions).create(name, &identity)?;
    let (mut writer, _) = Writer::open(&session)?;
    let mut origin = Origin::default();
    let mut notes = Vec::new();
    if let Some(shown) = &session.identity().shown {
        let (episodes, steps, mean) = (shown.episodes, shown.steps, shown.return_mean);
        notes.push(format!(
            "learning from {episodes} episodes of {}: {steps} steps, mean return {mean:.1}",
            shown.name
        ));
        // They belong to the run from its first step on, whatever becomes of that session.
        origin = branch::first(&session, &mut writer, (run.snapshot()?, "demonstrations"))?;
    }
    Ok(Prepared { run, agent, env, writer, origin, notes })
}
