//! The guided start: what can be set before a run, and the words that a plan stands for.

use super::{Desk, says};
use crate::chosen::{self, Source};
use crate::cli::{Assignment, Count, Course, ModeFlags, ModeWord, TrainFlags};
use crate::commands::train;
use crate::training;
use clap::ValueEnum;
use plugin_api::abi::info::PresetInfo;
use thorndike_tui::bench::{Form, Plan};

/// What can be set before a run of these two.
pub(super) fn form(desk: &Desk<'_>, agent: &str, env: &str) -> Result<Form, String> {
    let (env, _) = desk.task(env)?;
    let (agent, preset) =
        chosen::agent(desk.registry(), agent, &env, Source::Words(&[])).map_err(says)?;
    let agents = agent.handle.info().agents.iter();
    let params = agents.filter(|info| info.name == agent.name).flat_map(|info| &info.params);
    let envs = env.handle.info().envs.iter();
    let env_params = envs.filter(|info| info.name == env.name).flat_map(|info| &info.params);
    let config = &desk.settings.config;
    let lanes = config.lanes.or(preset.as_ref().map(|preset| preset.lanes));
    let usual = ModeFlags::default();
    let threads = training::threads(&Course::default(), desk.settings);
    Ok(Form {
        mode: usual.mode(config.mode, threads).map_err(says)?.name().to_owned(),
        workers: ModeFlags::workers(threads) as u64,
        params: params.cloned().collect(),
        values: agent.params.clone(),
        env_params: env_params.cloned().collect(),
        lanes: lanes.unwrap_or(train::LANES) as u64,
        steps: preset.map_or(train::STEPS, |preset| preset.steps),
    })
}

/// The words of a command line that a plan stands for.
pub(super) fn flags(plan: &Plan) -> Result<TrainFlags, String> {
    let words = |set: &[(String, String)]| -> Result<Vec<Assignment>, String> {
        set.iter().map(|(key, value)| format!("{key}={value}").parse()).collect()
    };
    let count = |number: Option<u64>| -> Result<Option<Count>, String> {
        number.map(|number| number.to_string().parse()).transpose()
    };
    Ok(TrainFlags {
        demonstrations: None,
        demonstration_episodes: None,
        agent: plan.agent.clone(),
        env: plan.env.clone(),
        set: words(&plan.set)?,
        env_set: words(&plan.env_set)?,
        seed: plan.seed,
        seeds: None,
        lanes: count(plan.lanes)?,
        mode: ModeFlags {
            mode: plan.mode.as_deref().map(|word| ModeWord::from_str(word, true)).transpose()?,
            workers: count(plan.workers)?,
            lag: plan.lag,
            copies: count(plan.copies.filter(|copies| *copies > 1))?,
            ..ModeFlags::default()
        },
        session: None,
        course: Course {
            steps: count(plan.steps)?,
            budget: count(plan.budget)?,
            ..Course::default()
        },
    })
}

/// What an agent is known to learn.
pub(super) fn known(presets: &[PresetInfo]) -> String {
    let names: Vec<&str> = presets.iter().map(|preset| &preset.env[..]).collect();
    if names.is_empty() { String::new() } else { format!("presets: {}", names.join(", ")) }
}
