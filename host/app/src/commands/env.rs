//! `env`: a look at a world, its spaces and then its steps.

mod actions;
mod rows;

use super::step::Step;
use super::told_registry;
use crate::chosen::{self, Chosen, Source};
use crate::cli::EnvFlags;
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::number;
use crate::output::{Output, Progress, Style, figure};
use crate::stage::Stage;
use crate::{table, terminal};
use actions::Actions;
use plugin_api::Task;
pub(super) use rows::World;
use std::fs::File;
use std::io::{self, Write};
use thorndike_session::error::shown;
use thorndike_tui::picture::{self, Look};

/// Random steps where nobody says how many.
const STEPS: u64 = 10;

/// Shows the world.
pub(super) fn run(asked: &EnvFlags, settings: &Settings) -> Outcome {
    let look = terminal::look();
    let mut stage = Stage::open(1)?;
    let registry = told_registry(&mut stage, settings)?;
    let env = chosen::env(&registry, &asked.env, Source::Words(&asked.env_set))?;
    let mut world = World::new(env.handle.env(&env.name, &env.params, 1)?);
    let mut actions = Actions::open(asked, world.task(), STEPS)?;
    let style = if settings.json { Style::Json } else { Style::Plain };
    let mut output = Output::new(stage.out()?, style, Progress::default());
    if style == Style::Plain {
        describe(&env, world.task(), &mut output)?;
    }
    let look = asked.render.then_some(look);

    let at = |step: u64| {
        let env = env.full.clone();
        move |error: plugin_api::Error| {
            Failure::from(error.context(format!("{env} at step {step}")))
        }
    };
    world.reset(asked.seed).map_err(at(0))?;
    tell_reset(&mut world, Some(asked.seed), look, &mut output)?;
    let mut step = 0;
    while let Some(action) = actions.next(world.task(), world.beside().0)? {
        if stage.is_stopped() {
            return Ok(Exit::Interrupted);
        }
        world.step(action).map_err(at(step))?;
        step += 1;
        stage.relay(&mut output)?;
        tell_step(&mut world, look, &mut output)?;
        if world.outcome().1 != 0 {
            world.start_next().map_err(at(step))?;
            tell_reset(&mut world, None, look, &mut output)?;
        }
    }
    stage.relay(&mut output)?;
    if let Some(asked) = asked.steps.map(u64::from).filter(|asked| *asked > step) {
        stage.say(&format!("note: the actions ended after {step} of {asked} steps"));
    }
    Ok(Exit::Success)
}

/// What does not change from step to step.
fn describe(env: &Chosen, task: &Task, output: &mut Output<File>) -> io::Result<()> {
    let number = |value: Option<f64>| value.map_or("-".to_owned(), figure);
    let or_none = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    let params = env.params.iter().map(|(name, value)| format!("{name}={value}"));
    let steps = if task.max_steps == 0 { "never".to_owned() } else { task.max_steps.to_string() };
    let rows = [
        ("environment", env.full.clone()),
        ("observations", format!("{} as {}", task.observations, task.observations.dtype())),
        ("actions", format!("{} as {}", task.actions, task.actions.dtype())),
        ("rewards", format!("{} to {}", figure(task.rewards.0), figure(task.rewards.1))),
        ("truncated after", steps),
        ("solved at", number(task.threshold)),
        ("best possible", number(task.optimum)),
        ("masked", if task.masked { "yes" } else { "no" }.to_owned()),
        ("infos", or_none(task.infos.join(", "))),
        ("params", or_none(params.collect::<Vec<_>>().join(" "))),
    ];
    let rows = rows.map(|(name, value)| vec![name.to_owned(), shown(&value)]);
    output.text(&table::lines(&rows).join("\n"))
}

fn tell_reset(
    world: &mut World,
    seed: Option<u64>,
    look: Option<Look>,
    output: &mut Output<File>,
) -> Result<(), Failure> {
    let obs = number::list(world.task().observations.dtype(), world.obs());
    if output.style() == Style::Json {
        let seed = seed.map_or("null".to_owned(), |seed| seed.to_string());
        writeln!(output.out(), "{{\"event\":\"reset\",\"seed\":{seed},\"obs\":{obs}}}")?;
        return Ok(());
    }
    let seed = seed.map_or(String::new(), |seed| format!(" seed={seed}"));
    output.text(&format!("reset{seed} obs={obs}{}", more(world)))?;
    draw(world, look, output)
}

fn tell_step(
    world: &mut World,
    look: Option<Look>,
    output: &mut Output<File>,
) -> Result<(), Failure> {
    let after = more(world);
    let (reward, flags) = world.outcome();
    let (task, obs, action) = (world.task(), world.obs(), world.action());
    Step { task: Some(task), action, obs, reward, flags }.tell(("step", &after), output)?;
    if output.style() == Style::Json {
        return Ok(());
    }
    // After an end the world shows the episode that follows.
    if flags == 0 { draw(world, look, output) } else { Ok(()) }
}

/// Masks and infos as further words of a line.
fn more(world: &World) -> String {
    let mut words = Vec::new();
    let (mask, infos) = world.beside();
    if !mask.is_empty() {
        let mask: String =
            mask.iter().map(|&allowed| if allowed == 0 { '0' } else { '1' }).collect();
        words.push(format!(" mask={mask}"));
    }
    for (name, value) in world.task().infos.iter().zip(infos) {
        words.push(format!(" {}={}", shown(name), figure(*value)));
    }
    words.concat()
}

fn draw(world: &mut World, look: Option<Look>, output: &mut Output<File>) -> Result<(), Failure> {
    let Some(look) = look else { return Ok(()) };
    let (columns, rows) = terminal::picture_size(output.out());
    match world.render()? {
        Some(scene) => output.text(&picture::draw(&scene, columns, rows, look))?,
        None => return Err(Failure::failed("this environment draws nothing; leave --render out")),
    }
    Ok(())
}
