//! `train --seeds N`: the same run from several seeds side by side, and what they come to together.

use super::super::{json_line, told_registry};
use super::prepare_seed;
use crate::cli::TrainFlags;
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{Output, Style, figure};
use crate::stage::Stage;
use crate::training::{self, Prepared, Way, exit, plan};
use serde::Serialize;
use std::collections::VecDeque;
use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;
use thorndike_engine::clock::Pulse;
use thorndike_engine::event::{Done, Event};
use thorndike_engine::keep::Keeper;
use thorndike_engine::plugin::safety;
use thorndike_engine::run::Reason;
use thorndike_engine::stats::aggregate::{Aggregate, aggregate};

/// How often somebody's wish to end is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// What a run of one seed came to.
struct Ended {
    seed: u64,
    reason: Reason,
    end: Done,
}

/// The end of one seed, as JSON.
#[derive(Serialize)]
struct OfSeed<'a> {
    #[serde(flatten)]
    event: &'a Event,
    seed: u64,
}

/// All seeds together, as JSON.
#[derive(Serialize)]
struct Together<'a> {
    event: &'static str,
    seeds: usize,
    iqm: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    returns: &'a [Option<f64>],
}

/// Trains all seeds, as many at a time as there are threads.
pub(super) fn run(train: &TrainFlags, count: u64, settings: &Settings) -> Outcome {
    let Way::Lines(style) = Way::of(&train.course, settings) else {
        return Err(Failure::usage("`--seeds` is told in lines; leave --tui out"));
    };
    let threads = training::threads(&train.course, settings);
    let mut stage = Stage::open(threads)?;
    let registry = told_registry(&mut stage, settings)?;
    let mut waiting = VecDeque::new();
    let end = train.seed.checked_add(count).ok_or_else(|| {
        Failure::usage(format!("there are no {count} seeds from {} on; begin lower", train.seed))
    })?;
    for seed in train.seed..end {
        let name = train.session.as_ref().map(|name| format!("{name}-s{seed}"));
        let prepared = prepare_seed(train, (seed, name.as_deref()), &registry, settings)?;
        waiting.push_back((seed, prepared));
    }
    let goal = waiting[0].1.run.setup().goal.clone();
    let style = if style == Style::Progress { Style::Plain } else { style };
    let mut output = training::output(&stage, style, &goal)?;
    let ended = drive((train, settings), waiting, threads, &mut stage, &mut output)?;
    tell(&ended, &mut output)?;
    let worst = ended.iter().map(|ended| exit(ended.reason, &goal, stage.is_stopped()));
    Ok(worst.max_by_key(|exit| *exit as u8).unwrap_or(Exit::Failed))
}

/// Has threads take one seed after another, and tells each end as it comes.
fn drive(
    words: (&TrainFlags, &Settings),
    waiting: VecDeque<(u64, Prepared)>,
    threads: usize,
    stage: &mut Stage,
    output: &mut Output<File>,
) -> Result<Vec<Ended>, Failure> {
    let stop = AtomicBool::new(false);
    let workers = threads.clamp(1, waiting.len());
    let waiting = Mutex::new(waiting);
    let mut ended: Vec<Ended> = Vec::new();
    let mut failed = None;
    thread::scope(|scope| -> Result<(), Failure> {
        let (tell, told) = mpsc::channel();
        for _ in 0..workers {
            let (tell, stop, waiting) = (tell.clone(), &stop, &waiting);
            scope.spawn(move || work(words, waiting, stop, &tell));
        }
        drop(tell);
        loop {
            match told.recv_timeout(LOOK) {
                Ok(Ok(one)) => {
                    let line = tell_seed(&one, output);
                    ended.push(one);
                    if let Err(error) = line {
                        stop.store(true, Ordering::Relaxed);
                        failed.get_or_insert(error.into());
                    }
                }
                Ok(Err(failure)) => {
                    stop.store(true, Ordering::Relaxed);
                    failed.get_or_insert(failure);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            stage.relay(output)?;
            if stage.is_stopped() {
                stop.store(true, Ordering::Relaxed);
            }
        }
    })?;
    ended.sort_by_key(|ended| ended.seed);
    failed.map_or(Ok(ended), Err)
}

/// Takes seeds until none is left.
fn work(
    words: (&TrainFlags, &Settings),
    waiting: &Mutex<VecDeque<(u64, Prepared)>>,
    stop: &AtomicBool,
    tell: &Sender<Result<Ended, Failure>>,
) {
    let _ = safety::prepare_thread();
    while !stop.load(Ordering::Relaxed) {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some((seed, prepared)) = next else { return };
        let ended = one(words, prepared, stop).map(|(reason, end)| Ended { seed, reason, end });
        let ended = ended.map_err(|mut failure| {
            failure.message = format!("seed {seed}: {}", failure.message);
            failure
        });
        if tell.send(ended).is_err() {
            return;
        }
    }
}

/// One seed from its beginning to its end.
fn one(
    (train, settings): (&TrainFlags, &Settings),
    prepared: Prepared,
    stop: &AtomicBool,
) -> Result<(Reason, Done), Failure> {
    let Prepared { mut run, agent, env, writer, origin, .. } = prepared;
    let keeper = Keeper::begin(writer, &mut run, &origin, plan(&agent, &env, &train.course))?;
    let mut escort = training::escort((&run, keeper), (&agent, &env), &train.course, settings)?;
    let mut pulse = Pulse::start();
    let nobody = &mut |_: Event| {};
    let reason = loop {
        if let Some(reason) = run.over() {
            break reason;
        }
        if stop.load(Ordering::Relaxed) {
            break Reason::Stopped;
        }
        escort.tick(&mut run, nobody)?;
        if pulse.beats() {
            escort.report(&mut run, 1.0, nobody)?;
            escort.beat(&mut run, nobody)?;
        }
    };
    let end = run.finish(reason)?;
    escort.end(&mut run, &end).map_err(Failure::failed)?;
    Ok((reason, end))
}

fn tell_seed(ended: &Ended, output: &mut Output<File>) -> std::io::Result<()> {
    let event = Event::Done(ended.end.clone());
    if output.style() == Style::Json {
        return json_line(output.out(), &OfSeed { event: &event, seed: ended.seed });
    }
    output.text(&format!("seed {}", ended.seed))?;
    if output.style() == Style::Quiet { Ok(()) } else { output.event(&event) }
}

fn tell(ended: &[Ended], output: &mut Output<File>) -> Result<(), Failure> {
    let returns: Vec<Option<f64>> = ended.iter().map(|ended| ended.end.return_last100).collect();
    let scores: Vec<f64> = returns.iter().flatten().copied().collect();
    let all = aggregate(&scores);
    if output.style() == Style::Json {
        let of = |part: fn(&Aggregate) -> f64| all.as_ref().map(part);
        let (iqm, low, high) = (of(|all| all.iqm), of(|all| all.low), of(|all| all.high));
        let (event, returns) = ("seeds", &returns[..]);
        let line = Together { event, seeds: ended.len(), iqm, low, high, returns };
        json_line(output.out(), &line)?;
        return Ok(());
    }
    let all = all.unwrap_or_default();
    let (iqm, low, high) = (figure(all.iqm), figure(all.low), figure(all.high));
    output.line(&format!(
        "seeds n={} return_last100_iqm={iqm} low95={low} high95={high}",
        ended.len()
    ))?;
    Ok(())
}
