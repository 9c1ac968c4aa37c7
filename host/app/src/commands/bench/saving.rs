//! `bench saving`: how long snapshots of a full memory hold a run up, what they write, and how soon
//! it goes on from one.

use super::super::json_line;
use super::super::told_registry;
use super::{Folder, part};
use crate::chosen::{self, Source};
use crate::cli::{Assignment, SavingFlags};
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
use thorndike_engine::run::{Goal, Mode, Run, Setup};
use thorndike_session::{Model, Session, Store, Writer};

/// Rounds without a snapshot that say what a round takes.
const ROUNDS: usize = 20_000;

/// Rounds after a snapshot in which the copies that it causes are made.
const AFTER: usize = 20;

/// Bytes of the weight that a step of a prioritised memory has.
const WEIGHT_BYTES: f64 = 8.0;

/// What was measured.
#[derive(Debug, Default, Serialize)]
struct Line<'a> {
    bench: &'static str,
    agent: &'a str,
    env: &'a str,
    transitions: u64,
    /// Bytes of the first snapshot, which writes all of it.
    bytes: u64,
    first_save_s: f64,
    saves: usize,
    round_us_p50: f64,
    round_us_p999: f64,
    saving_round_us_p50: f64,
    saving_round_us_p999: f64,
    saving_round_us_max: f64,
    /// Processor time of the learning thread, which other programs do not lengthen.
    saving_round_cpu_us_p999: f64,
    /// Processor time that a snapshot takes from the learning thread beyond the usual, in its round
    /// and in those after it.
    stall_us_p50: f64,
    stall_us_p999: f64,
    /// Bytes written for every byte that had changed.
    write_ratio: f64,
    reopen_s: f64,
}

/// Measures it in a session that is gone afterwards.
pub(super) fn run(flags: &SavingFlags, settings: &Settings) -> Outcome {
    let mut stage = Stage::open(usize::from(flags.threads))?;
    let registry = told_registry(&mut stage, settings)?;
    let env = chosen::env(&registry, &flags.env, Source::Words(&[]))?;
    let rows = u64::from(flags.transitions);
    let word = |text: String| text.parse::<Assignment>().map_err(Failure::usage);
    let mut words = vec![word(format!("capacity={rows}"))?, word(format!("warmup={rows}"))?];
    words.extend(flags.set.iter().cloned());
    let (agent, _) = chosen::agent(&registry, &flags.agent, &env, Source::Words(&words))?;
    let lanes = usize::from(flags.lanes);
    let setup = saved::setup(&agent, &env, (1, lanes, Mode::default()), Goal::default());
    let folder = Folder::new();
    let identity = saved::identity(&agent, &env, &setup);
    let session = Store::new(&folder.0).create(Some("saving"), &identity)?;
    let mut bench = Bench::begin(setup.clone(), &session, rows)?;
    let mut line = Line {
        bench: "saving",
        agent: &agent.full,
        env: &env.full,
        transitions: rows,
        saves: usize::from(flags.saves),
        ..Line::default()
    };
    bench.measure(&mut line)?;
    let Bench { run, keeper, .. } = bench;
    drop((run, keeper));
    line.reopen_s = reopened(setup, &session)?;
    let mut out = stage.out()?;
    if settings.json {
        json_line(&mut out, &line)?;
        return Ok(Exit::Success);
    }
    for text in table::lines(&line.rows()) {
        writeln!(out, "{text}")?;
    }
    Ok(Exit::Success)
}

/// A run with a full memory, and its session.
struct Bench {
    run: Run,
    keeper: Keeper,
}

impl Bench {
    fn begin(setup: Setup, session: &Session, rows: u64) -> Result<Self, Failure> {
        let mut run = Run::new(setup)?;
        while run.counters().steps < rows {
            run.tick(&mut |_| {})?;
        }
        let (writer, _) = Writer::open(session)?;
        let plan = Plan {
            every: Every::Never,
            tool: TOOL.to_owned(),
            replays: Some(Replays::None),
            ..Plan::default()
        };
        let keeper = Keeper::begin(writer, &mut run, &Origin::default(), plan)?;
        Ok(Self { run, keeper })
    }

    fn measure(&mut self, line: &mut Line<'_>) -> Result<(), Failure> {
        let (mut rounds, mut usual) = (Vec::with_capacity(ROUNDS), 0.0);
        for _ in 0..ROUNDS {
            let (time, cpu) = self.round()?;
            rounds.push(time);
            usual += cpu / ROUNDS as f64;
        }
        (line.round_us_p50, line.round_us_p999) =
            (part(&mut rounds, 0.5), part(&mut rounds, 0.999));
        let watch = Stopwatch::start();
        self.keeper.save(&mut self.run, "asked")?;
        self.keeper.settle();
        line.first_save_s = watch.seconds();
        line.bytes = self.keeper.saved().map_or(0, |(_, bytes)| bytes);
        let mut weights = self.weights()?;
        // What is told of a step stays as it is; its weight among the others does not.
        let steps_bytes = line.bytes as f64 - weights.len() as f64 * WEIGHT_BYTES;
        let row_bytes = steps_bytes / line.transitions as f64;
        let agent = self.run.agent_mut().save()?.len() as f64;
        let (mut saving, mut spent, mut stalls) = (Vec::new(), Vec::new(), Vec::new());
        let (mut written, mut changed) = (0.0, 0.0);
        for _ in 0..line.saves {
            let before = self.run.counters().steps;
            for _ in 0..ROUNDS / 20 {
                self.round()?;
            }
            let (watch, cpu) = (Stopwatch::start(), clock::thread_seconds());
            self.keeper.save(&mut self.run, "asked")?;
            self.run.tick(&mut |_| {})?;
            saving.push(watch.seconds() * 1e6);
            let mut stall = (clock::thread_seconds() - cpu) * 1e6;
            spent.push(stall);
            for _ in 1..AFTER {
                stall += self.round()?.1;
            }
            stall -= AFTER as f64 * usual;
            stalls.push(stall);
            self.keeper.settle();
            written += self.keeper.saved().map_or(0, |(_, bytes)| bytes) as f64;
            let steps = (self.run.counters().steps - before) as f64;
            let before = std::mem::replace(&mut weights, self.weights()?);
            let moved = before.iter().zip(&weights).filter(|(old, new)| old != new).count();
            changed += agent + row_bytes * steps + moved as f64 * WEIGHT_BYTES;
        }
        line.saving_round_us_p50 = part(&mut saving, 0.5);
        line.saving_round_us_p999 = part(&mut saving, 0.999);
        line.saving_round_us_max = part(&mut saving, 1.0);
        line.saving_round_cpu_us_p999 = part(&mut spent, 0.999);
        (line.stall_us_p50, line.stall_us_p999) =
            (part(&mut stalls, 0.5), part(&mut stalls, 0.999));
        line.write_ratio = written / changed;
        Ok(())
    }

    /// How likely each step of a prioritised memory is to be drawn, in bits.
    fn weights(&mut self) -> Result<Vec<[u8; 8]>, Failure> {
        let columns = self.run.snapshot()?.memory.entries();
        let weights = columns.iter().find(|column| column.name.ends_with("priorities"));
        Ok(weights.map(|column| column.bytes.as_chunks().0.to_vec()).unwrap_or_default())
    }

    /// One round: its time by the clock, and that of the processor, in µs.
    fn round(&mut self) -> Result<(f64, f64), Failure> {
        let (watch, cpu) = (Stopwatch::start(), clock::thread_seconds());
        self.run.tick(&mut |_| {})?;
        Ok((watch.seconds() * 1e6, (clock::thread_seconds() - cpu) * 1e6))
    }
}

/// Seconds until a run stands where its session was saved last.
fn reopened(setup: Setup, session: &Session) -> Result<f64, Failure> {
    let mut run = Run::new(setup)?;
    let watch = Stopwatch::start();
    let session = Session::open(session.folder())?;
    let origin = keep::origin(&session, &Model::default(), None)?;
    if let Some((_, snapshot)) = &origin.snapshot {
        run.restore(snapshot)?;
    }
    Ok(watch.seconds())
}

impl Line<'_> {
    fn rows(&self) -> Vec<Vec<String>> {
        let us = |number: f64| format!("{} µs", figure(number));
        let seconds = |number: f64| format!("{number:.2} s");
        let megabytes = self.bytes as f64 / 1e6;
        let rows = [
            ("what", "figure".to_owned()),
            ("agent", self.agent.to_owned()),
            ("environment", self.env.to_owned()),
            ("transitions in its memory", self.transitions.to_string()),
            ("first snapshot", format!("{} MB", figure(megabytes))),
            ("until it is on the disk", seconds(self.first_save_s)),
            ("snapshots after it", self.saves.to_string()),
            ("round without a snapshot, median", us(self.round_us_p50)),
            ("round without a snapshot, p99.9", us(self.round_us_p999)),
            ("round with a snapshot, median", us(self.saving_round_us_p50)),
            ("round with a snapshot, p99.9", us(self.saving_round_us_p999)),
            ("round with a snapshot, longest", us(self.saving_round_us_max)),
            ("of it processor time, p99.9", us(self.saving_round_cpu_us_p999)),
            ("processor time for one in all, median", us(self.stall_us_p50)),
            ("processor time for one in all, p99.9", us(self.stall_us_p999)),
            ("bytes written for each that changed", figure(self.write_ratio)),
            ("until a run stands there again", seconds(self.reopen_s)),
        ];
        rows.into_iter().map(|(what, figure)| vec![what.to_owned(), figure]).collect()
    }
}
