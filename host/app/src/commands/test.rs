//! `test`: what a session has learned plays without exploring, and is judged.

use super::{json_line, told_registry};
use crate::chosen::Chosen;
use crate::cli::TestFlags;
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{Output, Progress, Style, figure};
use crate::saved::{self, Named};
use crate::stage::Stage;
use crate::terminal;
use plugin_api::Task;
use plugin_api::abi::handle::PolicyHandle;
use plugin_api::needs::Needs;
use serde::Serialize;
use std::fs::File;
use thorndike_engine::clock::Stopwatch;
use thorndike_engine::evaluate;
use thorndike_engine::event::{Done, Episode, Eval, Event};
use thorndike_engine::keep::convert::{AGENT, from_state};
use thorndike_engine::lanes::{Acting, Ended, LaneSetup, Lanes, Situation};
use thorndike_session::{Error, Summary};
use thorndike_tui::picture::{self, Look};

/// Everything that plays.
pub(super) struct Player {
    pub(super) agent: Chosen,
    env: Chosen,
    pub(super) policy: PolicyHandle,
    /// What the policy was loaded with.
    pub(super) acts_with: Vec<u8>,
    pub(super) needs: Needs,
    acting: Acting,
    pub(super) task: Task,
    pub(super) summary: Summary,
}

/// Plays the episodes and tells what they came to.
pub(super) fn run(test: &TestFlags, settings: &Settings) -> Outcome {
    let look = terminal::look();
    let named = saved::open_at(&test.session, settings)?;
    let mut stage = Stage::open(1)?;
    let mut player = seat(named, settings, &mut stage)?;
    let style = if settings.json { Style::Json } else { Style::Plain };
    let mut output = Output::new(stage.out()?, style, Progress::default());

    let watch = Stopwatch::start();
    let look = test.render.then_some(look);
    let played = play(&mut player, test, look, &mut output, &mut stage)?;
    let seconds = watch.seconds();
    stage.relay(&mut output)?;
    if played.is_empty() {
        return Ok(Exit::Interrupted);
    }
    judge(&mut player, &played, &mut output, &mut stage)?;
    let steps = played.iter().map(|ended| ended.length).sum();
    let eval = evaluate::summary(&played, player.summary.steps);
    let latest = &played[played.len().saturating_sub(100)..];
    output.event(&Event::Done(Done {
        steps,
        episodes: played.len() as u64,
        updates: player.summary.updates,
        seconds,
        steps_per_s: steps as f64 / seconds.max(1e-9),
        return_mean: Some(eval.return_mean),
        return_last100: Some(evaluate::summary(latest, 0).return_mean),
        digest: player.summary.digest.clone(),
        reason: if stage.is_stopped() { "stopped" } else { "episodes" }.to_owned(),
    }))?;
    Ok(if stage.is_stopped() { Exit::Interrupted } else { Exit::Success })
}

/// Puts the saved agent in front of its environment.
pub(super) fn seat(
    named: Named,
    settings: &Settings,
    stage: &mut Stage,
) -> Result<Player, Failure> {
    let Named { session, step } = named;
    let identity = session.identity();
    let mut loaded = session.load_before(step.unwrap_or(u64::MAX))?;
    for lost in &loaded.lost {
        stage.say(&format!("note: {lost}; taking the snapshot before it"));
    }
    let state = loaded.take(AGENT).ok_or_else(|| Error::NoSnapshot(session.name().to_owned()))?;
    let state = from_state(state).to_bytes();
    let summary = loaded.snapshot.summary;
    let registry = told_registry(stage, settings)?;
    let mut notes = Vec::new();
    let (agent, env) = saved::cast(identity, &registry, &mut notes)?;
    for note in &notes {
        stage.say(note);
    }
    let task = env.handle.env(&env.name, &env.params, 1)?.task().clone();
    let mut trained = agent.handle.agent(&agent.name, &agent.params, &task, identity.seed)?;
    trained.load(&state)?;
    let needs = trained.needs()?;
    let mut policy = agent.handle.policy(&agent.name, &agent.params, &task)?;
    let acts_with = trained.acting()?;
    policy.load(&acts_with)?;
    let acting = Acting::of(&needs);
    Ok(Player { agent, env, policy, acts_with, needs, acting, task, summary })
}

/// An episode with the time it took, as JSON.
#[derive(Serialize)]
struct Timed<'a> {
    #[serde(flatten)]
    event: &'a Event,
    seconds: f64,
}

/// Plays the episodes one after the other, until somebody asks for an end.
fn play(
    player: &mut Player,
    test: &TestFlags,
    look: Option<Look>,
    output: &mut Output<File>,
    stage: &mut Stage,
) -> Result<Vec<Ended>, Failure> {
    let mut lanes = Lanes::new(&LaneSetup {
        plugin: player.env.handle.clone(),
        env: player.env.name.clone(),
        params: evaluate::limited(
            &player.env.params,
            &player.task,
            test.max_steps.map(|steps| u64::from(steps).min(u64::from(u32::MAX)) as u32),
        ),
        lanes: 1,
        acting: player.acting,
        seed: test.seed,
        purpose: "evaluate",
        shard_lanes: None,
    })?;
    let situation = Situation { run_steps: player.summary.steps, run_lanes: 0, evaluate: true };
    let (mut played, mut ended) = (Vec::new(), Vec::new());
    let mut watch = Stopwatch::start();
    let mut working = stage.working("playing", test.episodes.into());
    while (played.len() as u64) < u64::from(test.episodes) && !stage.is_stopped() {
        if let Some(look) = look {
            draw(&mut lanes, look, output)?;
        }
        lanes.roll_with(&mut player.policy, situation, 1)?;
        if look.is_none() {
            working.set(played.len() as u64);
        }
        lanes.take_ended(&mut ended);
        for episode in ended.drain(..) {
            played.push(episode);
            working.hide();
            stage.relay(output)?;
            tell(&episode, played.len() as u64, watch.lap(), output)?;
        }
    }
    Ok(played)
}

fn draw(lanes: &mut Lanes, look: Look, output: &mut Output<File>) -> Result<(), Failure> {
    let (columns, rows) = terminal::picture_size(output.out());
    let env = lanes.shards_mut()[0].env_mut();
    match env.render(0)? {
        Some(scene) => output.text(&picture::draw(&scene, columns, rows, look))?,
        None => return Err(Failure::failed("this environment draws nothing; leave --render out")),
    }
    Ok(())
}

fn tell(
    ended: &Ended,
    number: u64,
    seconds: f64,
    output: &mut Output<File>,
) -> Result<(), Failure> {
    let event = Event::Episode(Episode {
        episode: number,
        lane: 0,
        steps: ended.step,
        total: ended.total,
        length: ended.length,
        terminated: ended.terminated(),
        truncated: ended.truncated(),
        success: ended.success,
    });
    if output.style() == Style::Json {
        json_line(output.out(), &Timed { event: &event, seconds })?;
    } else {
        let success = ended
            .success
            .map_or("", |success| if success { " success=yes" } else { " success=no" });
        let end = if ended.terminated() { "terminated" } else { "truncated" };
        output.text(&format!(
            "episode {number} return={} length={} seconds={} end={end}{success}",
            figure(ended.total),
            ended.length,
            figure(seconds)
        ))?;
    }
    Ok(())
}

/// A round of evaluation with what is known exactly, as JSON.
#[derive(Serialize)]
struct Judged {
    #[serde(flatten)]
    event: Event,
    expected_return: Option<f64>,
    optimum: Option<f64>,
}

/// Tells what the episodes came to, and how far that is from the best where the world is known.
fn judge(
    player: &mut Player,
    played: &[Ended],
    output: &mut Output<File>,
    stage: &mut Stage,
) -> Result<(), Failure> {
    let mut env = player.env.handle.env(&player.env.name, &player.env.params, 1)?;
    let exact = match env.model()? {
        Some(model) => {
            Some(evaluate::judge(&model, &player.task, player.acting, &mut player.policy)?)
        }
        None => None,
    };
    stage.relay(output)?;
    let regret = exact.map(|(value, optimum)| optimum - value);
    let eval = Eval { regret, ..evaluate::summary(played, player.summary.steps) };
    let event = Event::Eval(eval);
    if output.style() == Style::Json {
        let (expected_return, optimum) = exact.unzip();
        json_line(output.out(), &Judged { event, expected_return, optimum })?;
        return Ok(());
    }
    output.event(&event)?;
    if let Some((value, optimum)) = exact {
        output.text(&format!(
            "exact expected_return={} optimum={} regret={}",
            figure(value),
            figure(optimum),
            figure(optimum - value)
        ))?;
    }
    Ok(())
}
