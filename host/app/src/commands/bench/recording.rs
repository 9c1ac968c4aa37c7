//! `bench recording`: what it costs to record every episode, whether each recorded step comes out
//! the same when it is played again, and how soon any of them is found.

use super::super::json_line;
use super::super::told_registry;
use super::{Folder, part};
use crate::chosen::{self, Source};
use crate::cli::RecordingFlags;
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::figure;
use crate::saved::{self, TOOL};
use crate::stage::Stage;
use crate::table;
use serde::Serialize;
use std::io::Write;
use thorndike_engine::clock::{self, Stopwatch};
use thorndike_engine::keep::{self, Every, Keeper, Origin, Plan, Replays};
use thorndike_engine::replay::{Level, Player};
use thorndike_engine::run::{Goal, Mode, Run, Setup};
use thorndike_session::replay::{Library, Take};
use thorndike_session::{Session, Store, Writer};

/// Rounds between two looks around, as a run on the command line has them.
const ROUNDS: usize = 64;

/// Places that are looked for.
const SEEKS: usize = 400;

/// What was measured.
#[derive(Debug, Default, Serialize)]
struct Line<'a> {
    bench: &'static str,
    agent: &'a str,
    env: &'a str,
    steps: u64,
    /// Processor time of the learning thread for a step.
    plain_ns: f64,
    recorded_ns: f64,
    /// By how much recording slows training down.
    cost: f64,
    episodes: usize,
    bytes: u64,
    replayed_steps: u64,
    replay_ns: f64,
    divergences: u64,
    longest: u64,
    seek_ms_p50: f64,
    seek_ms_p95: f64,
    seek_ms_max: f64,
}

/// Measures it in sessions that are gone afterwards.
pub(super) fn run(flags: &RecordingFlags, settings: &Settings) -> Outcome {
    let mut stage = Stage::open(1)?;
    let registry = told_registry(&mut stage, settings)?;
    let env = chosen::env(&registry, &flags.env, Source::Words(&flags.env_set))?;
    let (agent, _) = chosen::agent(&registry, &flags.agent, &env, Source::Words(&flags.set))?;
    let steps = u64::from(flags.steps);
    let goal = Goal { budget: Some(steps), ..Goal::default() };
    let lanes = usize::from(flags.lanes);
    let setup = saved::setup(&agent, &env, (flags.seed, lanes, Mode::default()), goal);
    let folder = Folder::new();
    let identity = saved::identity(&agent, &env, &setup);
    let mut line = Line {
        bench: "recording",
        agent: &agent.full,
        env: &env.full,
        plain_ns: f64::INFINITY,
        recorded_ns: f64::INFINITY,
        ..Line::default()
    };
    let plan = Plan {
        every: Every::Never,
        tool: TOOL.to_owned(),
        env_plugin: env.used.hash.clone(),
        // Half of it is for all episodes.
        replay_bytes: Some(u64::MAX),
        ..Plan::default()
    };
    let mut latest = None;
    // In turn, so that whatever else the machine does falls on both.
    for _ in 0..usize::from(flags.repeats) {
        for replays in [Replays::None, Replays::All] {
            let session = Store::new(&folder.0).create(None, &identity)?;
            let plan = Plan { replays: Some(replays), ..plan.clone() };
            let (taken, ns) = trained(&setup, &session, plan, steps)?;
            line.steps = taken;
            if replays == Replays::None {
                line.plain_ns = line.plain_ns.min(ns);
                continue;
            }
            line.recorded_ns = line.recorded_ns.min(ns);
            if let Some(before) = latest.replace(session) {
                Store::new(&folder.0).remove(before.name())?;
            }
        }
    }
    line.cost = line.recorded_ns / line.plain_ns - 1.0;
    let session = latest.ok_or_else(|| Failure::usage("--repeats must be at least 1"))?;
    let world = (&env.handle, (env.name.as_str(), &env.params));
    let player = |take: Take| {
        let reel = (Library::new(session.clone()), take);
        Player::new(world.0, world.1, Level::Exact, reel)
    };
    line.replay(&session, player, &mut stage)?;
    line.tell(&mut stage.out()?, settings.json)
}

/// Trains and records; says how many steps were taken, and the nanoseconds of a processor that the
/// learning thread used for each.
fn trained(
    setup: &Setup,
    session: &Session,
    plan: Plan,
    steps: u64,
) -> Result<(u64, f64), Failure> {
    let mut run = Run::new(setup.clone())?;
    let (writer, _) = Writer::open(session)?;
    let mut keeper = Keeper::begin(writer, &mut run, &Origin::default(), plan)?;
    let begun = clock::thread_seconds();
    while run.counters().steps < steps {
        for _ in 0..ROUNDS {
            run.tick(&mut |event| keeper.event(&event))?;
        }
        keeper.beat(&mut run)?;
    }
    let spent = clock::thread_seconds() - begun;
    let taken = run.counters().steps;
    let end = run.finish(thorndike_engine::run::Reason::Steps)?;
    keeper.end(&mut run, &end).map_err(Failure::failed)?;
    Ok((taken, spent / taken as f64 * 1e9))
}

impl Line<'_> {
    /// Plays everything again, and looks for places in the longest episode.
    fn replay(
        &mut self,
        session: &Session,
        player: impl Fn(Take) -> plugin_api::Result<Player>,
        stage: &mut Stage,
    ) -> Result<(), Failure> {
        let takes = session.takes()?.all;
        (self.episodes, self.bytes) = (takes.len(), session.replay_bytes());
        let total = takes.iter().map(|take| take.length).sum();
        let mut working = stage.working("playing again", total);
        let watch = clock::thread_seconds();
        let mut playing: Option<Player> = None;
        for take in &takes {
            let mut next = match playing.take() {
                Some(mut player) => player.put_in(take.clone(), Level::Exact).map(|()| player)?,
                None => player(take.clone())?,
            };
            let played = next.play();
            self.replayed_steps += next.position();
            working.set(self.replayed_steps);
            match played {
                Ok(()) => playing = Some(next),
                Err(error) => {
                    self.divergences += 1;
                    stage.say(&error.to_string());
                }
            }
            if stage.is_stopped() {
                return Err(Failure::failed("interrupted before everything was played again"));
            }
        }
        self.replay_ns = (clock::thread_seconds() - watch) / self.replayed_steps as f64 * 1e9;
        let Some(longest) = takes.into_iter().max_by_key(|take| take.length) else { return Ok(()) };
        self.longest = longest.length;
        let mut player = player(longest)?;
        let mut took = Vec::new();
        for seek in 0..SEEKS as u64 {
            // Far apart, in no order.
            let place = seek.wrapping_mul(0x9e37_79b9_7f4a_7c15) % (self.longest + 1);
            let watch = Stopwatch::start();
            player.seek(place)?;
            took.push(watch.seconds() * 1e3);
        }
        self.seek_ms_p50 = part(&mut took, 0.5);
        self.seek_ms_p95 = part(&mut took, 0.95);
        self.seek_ms_max = part(&mut took, 1.0);
        Ok(())
    }

    fn tell(&self, out: &mut impl Write, json: bool) -> Outcome {
        if json {
            json_line(out, self)?;
        } else {
            for text in table::lines(&self.rows()) {
                writeln!(out, "{text}")?;
            }
        }
        Ok(if self.divergences == 0 { Exit::Success } else { Exit::Failed })
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let ns = |number: f64| format!("{} ns", figure(number));
        let ms = |number: f64| format!("{number:.2} ms");
        let rows = [
            ("agent", self.agent.to_owned()),
            ("environment", self.env.to_owned()),
            ("processor", keep::cpu()),
            ("steps", self.steps.to_string()),
            ("a step without recording", ns(self.plain_ns)),
            ("a step with every episode recorded", ns(self.recorded_ns)),
            ("cost of recording", format!("{:.1} %", 100.0 * self.cost)),
            ("episodes recorded", self.episodes.to_string()),
            ("bytes of them", self.bytes.to_string()),
            ("steps played again", self.replayed_steps.to_string()),
            ("each in", ns(self.replay_ns)),
            ("of them otherwise", self.divergences.to_string()),
            ("steps of the longest episode", self.longest.to_string()),
            ("a step of it is found in, median", ms(self.seek_ms_p50)),
            ("a step of it is found in, p95", ms(self.seek_ms_p95)),
            ("a step of it is found in, longest", ms(self.seek_ms_max)),
        ];
        rows.into_iter().map(|(what, figure)| vec![what.to_owned(), figure]).collect()
    }
}
