//! Keeps a run in a session: what happens goes to the journal, where it stands into snapshots.
//!
//! Whoever drives a run opens a [`Keeper`], tells it every event, calls [`Keeper::tick`] after each
//! tick and [`Keeper::beat`] whenever it looks around, and [`Keeper::end`] at the end. Nothing of
//! it waits for a disk, but for going back on purpose and for the best policy that was judged.

mod about;
mod choose;
pub mod convert;
mod gather;
mod load;
mod passed;
mod shelf;

pub use load::{Origin, origin};
pub use shelf::{REPLAY_BYTES, Replays};

use crate::background;
use crate::clock::{self, Stopwatch};
use crate::event::{Alert, Done, Event};
use crate::replay::Recording;
use crate::run::{Run, Snapshot};
use about::{About, written};
use convert::{from_setting, to_entry, to_goal, to_summary};
use gather::Gather;
use passed::Passed;
use plugin_api::Result;
use plugin_api::params::Values;
use plugin_api::simd::Class;
use shelf::Shelf;
use std::collections::VecDeque;
use thorndike_session::journal::{Edit, Entry, Line, Recorded, Start};
use thorndike_session::{PluginUsed, Recorder, Session, Writer};

/// How often a snapshot is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Every {
    /// Whenever this many environment steps were taken.
    Steps(u64),
    /// Whenever this many seconds have passed.
    Seconds(f64),
    /// Only at the end, and when somebody asks for it.
    Never,
}

impl Default for Every {
    fn default() -> Self {
        Self::Seconds(60.0)
    }
}

/// Seconds between two snapshots taken because the run is better than ever.
const BEST_SECONDS: f64 = 20.0;

/// Why a snapshot is taken that was due by steps or by time.
const EVERY: &str = "every";

/// Commits of one entry of a journal.
const COMMITS_MAX: usize = 256;

/// How a run is kept.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// How often a snapshot is taken.
    pub every: Every,
    /// Name and version of the program.
    pub tool: String,
    /// The plugins that were loaded.
    pub plugins: Vec<PluginUsed>,
    /// Hash of the file with the environment.
    pub env_plugin: String,
    /// Which episodes are recorded; where nobody says, those that were before, or what is usual in
    /// the world.
    pub replays: Option<Replays>,
    /// Bytes that they may take; where nobody says, what they might before, or the usual.
    pub replay_bytes: Option<u64>,
}

/// Keeps a run in a session.
#[derive(Debug)]
pub struct Keeper {
    recorder: Recorder,
    session: Session,
    plan: Plan,
    gather: Gather,
    shelf: Shelf,
    entries: Vec<Entry>,
    /// Edits that were made before in steps that are now taken again.
    edits: VecDeque<Edit>,
    since: Stopwatch,
    /// Steps at which the next snapshot is due.
    due: u64,
    /// Best mean return among the snapshots.
    best: f64,
    /// Best mean return of an evaluation before.
    best_eval: Option<f64>,
    /// A snapshot that was asked for while another was on its way.
    wanted: Option<&'static str>,
    passed: Passed,
}

impl Keeper {
    /// Goes on with a session where its run now stands. The run must have been restored from
    /// `origin` before.
    pub fn begin(writer: Writer, run: &mut Run, origin: &Origin, plan: Plan) -> Result<Self> {
        let mut writer = writer;
        writer.go_on_from(origin.generation());
        let steps = run.counters().steps;
        let failed = |error: thorndike_session::Error| plugin_api::Error::new(error.to_string());
        if origin.rewound {
            // Until this is on the disk nothing of what comes after it is void.
            let about = About::of(run, &plan, "rewind", None);
            let (manifest, states, tables) = written(run.snapshot()?, about)?;
            writer.save_with(manifest, &states, tables).map_err(failed)?;
        }
        let (replays, bytes) = origin.replays.unzip();
        let replays = plan.replays.or(replays).unwrap_or_else(|| Replays::usual(run.task()));
        let replay_bytes = plan.replay_bytes.or(bytes).unwrap_or(REPLAY_BYTES);
        writer.add(&Entry::Start(Start {
            at: clock::unix_seconds(),
            steps,
            generation: origin.generation(),
            rewound: origin.rewound,
            goal: to_goal(&run.setup().goal),
            replays: replays.word().to_owned(),
            replay_bytes,
            threads: rayon::current_num_threads(),
            tool: plan.tool.clone(),
            cpu: cpu(),
        }));
        plan.plugins.iter().for_each(|plugin| writer.add(&Entry::Plugin(plugin.clone())));
        if origin.rewound {
            // What is done again up to the step that was wanted would be void with the rest.
            origin.edits.iter().for_each(|edit| writer.add(&Entry::Edit(edit.clone())));
            let commits = origin.commits.chunks(COMMITS_MAX);
            commits.for_each(|some| writer.add(&Entry::Commits(some.to_vec())));
        }
        let session = writer.session().clone();
        writer.flush().map_err(failed)?;
        let there = session.replays().map_err(failed)?;
        let is_there = |file: &&Recorded| there.iter().any(|named| named.number == file.file);
        let there: Vec<Recorded> = origin.recorded.iter().filter(is_there).cloned().collect();
        let wish = (replays, replay_bytes);
        let shelf = Shelf::new(wish, &plan.env_plugin, writer.newest_replay() + 1, &there);
        let mut keeper = Self {
            recorder: Recorder::start(writer).map_err(failed)?,
            shelf,
            gather: Gather::new(),
            entries: Vec::new(),
            edits: origin.edits.iter().cloned().collect(),
            since: Stopwatch::start(),
            due: 0,
            best: f64::NEG_INFINITY,
            best_eval: origin.best_eval,
            wanted: None,
            passed: Passed::new(),
            session,
            plan,
        };
        keeper.plan_next(steps);
        keeper.recorder.forget(origin.void.iter().copied());
        if let Some(pass) = keeper.shelf.pass() {
            run.put_in_tape(pass)?;
        }
        run.keep_commits();
        run.follow(&origin.commits, true)?;
        Ok(keeper)
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Writes an event to the journal.
    pub fn event(&mut self, event: &Event) {
        if let Event::Episode(episode) = event {
            self.gather.add(episode);
        } else if let Some(entry) = to_entry(event) {
            self.entries.push(entry);
        }
    }

    /// Writes a printed line to the journal.
    pub fn line(&mut self, run: &Run, source: &str, text: &str) {
        let (source, text) = (source.to_owned(), text.to_owned());
        self.entries.push(Entry::Log(Line { steps: run.counters().steps, source, text }));
    }

    /// Before and after every tick: makes edits where they were made before, and takes snapshots
    /// that are due by steps.
    #[inline]
    pub fn tick(&mut self, run: &mut Run) -> Result<()> {
        let steps = run.counters().steps;
        if self.edits.front().is_some_and(|edit| edit.steps <= steps) {
            self.edit_again(run)?;
        }
        if steps >= self.due {
            self.passed.add(u64::from(self.wanted.is_some()));
            self.save(run, EVERY)?;
        } else if let Some(cause) = self.wanted
            && !self.recorder.is_saving()
        {
            self.save(run, cause)?;
        }
        Ok(())
    }

    /// Makes the edits that are due by now; they stand in the journal already.
    pub fn edit_again(&mut self, run: &mut Run) -> Result<()> {
        while let Some(edit) = self.edits.pop_front_if(|edit| edit.steps <= run.counters().steps) {
            edit_again(run, &edit)?;
        }
        Ok(())
    }

    /// Now and then: hands over what was gathered, takes snapshots that are due by time. Says what
    /// went wrong with writing since the last time.
    pub fn beat(&mut self, run: &mut Run) -> Result<Option<Alert>> {
        self.gather.take(&mut self.entries);
        self.take_commits(run);
        self.recorder.add_all(&mut self.entries);
        self.keep_recordings(run);
        if let Some(message) = self.shelf.note() {
            // Who said what may be recorded wants to know; to others it is the usual.
            if self.plan.replays.is_some() || self.plan.replay_bytes.is_some() {
                let (steps, topic) = (run.counters().steps, "recording".to_owned());
                return Ok(Some(Alert { steps, topic, message }));
            }
            self.line(run, "recording", &message);
        }
        if self.recorder.is_saving() {
            return Ok(None);
        }
        let seconds = self.since.seconds();
        let mean = run.episodes().return_latest().filter(|_| run.episodes().is_full());
        if let Some(cause) = self.wanted {
            self.save(run, cause)?;
        } else if matches!(self.plan.every, Every::Seconds(every) if seconds >= every) {
            self.save(run, EVERY)?;
        } else if seconds >= BEST_SECONDS
            && self.plan.every != Every::Never
            && mean.is_some_and(|mean| mean > self.best)
        {
            self.save(run, "best")?;
        }
        Ok(self.recorder.problem().map(|message| Alert {
            steps: run.counters().steps,
            topic: "saving".to_owned(),
            message: format!("{message}; the run goes on"),
        }))
    }

    /// What was learned from when, in as many entries as it takes.
    fn take_commits(&mut self, run: &mut Run) {
        let commits: Vec<_> = run.take_commits().collect();
        self.entries.extend(commits.chunks(COMMITS_MAX).map(|some| Entry::Commits(some.to_vec())));
    }

    /// Takes in what was recorded since the last time.
    fn keep_recordings(&mut self, run: &mut Run) {
        if let Some(pass) = self.shelf.pass() {
            let lanes = run.lanes_len() as u64;
            self.shelf.take(run.take_recordings(pass), lanes, &self.recorder);
        }
    }

    /// Whether episodes of evaluations are wanted.
    pub fn records(&self) -> bool {
        self.shelf.pass().is_some()
    }

    /// Keeps what was recorded in a round of evaluation.
    pub fn keep_trial(&mut self, run: &Run, recorded: Vec<Recording>) {
        self.shelf.take_trial(recorded, run.counters().steps, &self.recorder);
    }

    /// Best mean return of an evaluation before this process.
    pub fn best_eval(&self) -> Option<f64> {
        self.best_eval
    }

    /// Takes a snapshot of what was judged with this mean return, which is the best one: of this
    /// very moment, so that it waits for one that is on its way.
    pub fn save_judged(&mut self, run: &mut Run, mean: f64) -> Result<()> {
        self.recorder.wait();
        self.prepare(run);
        let snapshot = run.snapshot()?;
        self.hand_over(run, snapshot, "best", Some(mean));
        self.plan_next(run.counters().steps);
        Ok(())
    }

    /// The journal and the shelf come to where the run stands, as they must before a snapshot: it
    /// is taken up behind it.
    fn prepare(&mut self, run: &mut Run) {
        self.take_commits(run);
        self.recorder.add_all(&mut self.entries);
        self.keep_recordings(run);
        self.shelf.flush(&self.recorder);
    }

    /// Takes a snapshot now, or as soon as the one before it is written; of several that were due
    /// until then, one, and the journal says how many were passed over.
    pub fn save(&mut self, run: &mut Run, cause: &'static str) -> Result<()> {
        if self.recorder.is_saving() {
            // What somebody has asked for is called so.
            self.wanted = self.wanted.filter(|_| cause == EVERY).or(Some(cause));
        } else {
            self.tell_passed(run, false);
            self.prepare(run);
            let snapshot = run.snapshot()?;
            self.hand_over(run, snapshot, cause, None);
        }
        self.plan_next(run.counters().steps);
        Ok(())
    }

    fn tell_passed(&mut self, run: &Run, is_end: bool) {
        if let Some(word) = self.passed.word(is_end) {
            self.line(run, "saving", &word);
        }
    }

    /// Waits until what was handed over is written: for a run that stands still.
    pub fn settle(&mut self) {
        self.recorder.wait();
    }

    /// Number of the generation saved since the last call, and the bytes it took.
    pub fn saved(&self) -> Option<(u64, u64)> {
        self.recorder.saved()
    }

    /// Saves where the run ended and what it came to; everything is on the disk when this returns.
    pub fn end(mut self, run: &mut Run, end: &Done) -> Result<(), String> {
        let snapshot = run.snapshot().map_err(|error| error.to_string());
        self.close(run, snapshot?, end, "end")
    }

    /// Saves what can be saved of a run in which something failed.
    pub fn rescue(mut self, run: &mut Run) -> Result<(), String> {
        let snapshot = run.rescue().map_err(|error| error.to_string())?;
        let end = Done { reason: "failed".to_owned(), digest: snapshot.digest(), ..run.standing() };
        self.close(run, snapshot, &end, "failure")
    }

    fn close(
        &mut self,
        run: &mut Run,
        mut snapshot: Snapshot,
        end: &Done,
        cause: &'static str,
    ) -> Result<(), String> {
        self.recorder.wait();
        self.keep_recordings(run);
        self.shelf.flush(&self.recorder);
        self.gather.take(&mut self.entries);
        self.tell_passed(run, true);
        self.take_commits(run);
        self.entries.push(Entry::Done(to_summary(end)));
        self.recorder.add_all(&mut self.entries);
        snapshot.standing = end.clone();
        self.hand_over(run, snapshot, cause, None);
        self.recorder.wait();
        // What went wrong before may have been put right since; the last try counts.
        self.recorder.standing().map_or(Ok(()), Err)
    }

    fn hand_over(&mut self, run: &Run, snapshot: Snapshot, cause: &'static str, eval: Option<f64>) {
        let about = About::of(run, &self.plan, cause, eval);
        self.wanted = None;
        self.since = Stopwatch::start();
        self.best = self.best.max(snapshot.standing.return_last100.unwrap_or(f64::NEG_INFINITY));
        self.recorder.save(move || {
            // What is told goes another way, so that nobody waits for this.
            background::give_way();
            written(snapshot, about).map_err(|error| error.to_string())
        });
    }

    fn plan_next(&mut self, steps: u64) {
        self.due = match self.plan.every {
            Every::Steps(every) => (steps / every.max(1) + 1).saturating_mul(every.max(1)),
            Every::Seconds(_) | Every::Never => u64::MAX,
        };
    }
}

/// Makes an edit that was made before.
pub fn edit_again(run: &mut Run, edit: &Edit) -> Result<()> {
    run.edit(&Values::from([(edit.name.clone(), from_setting(&edit.new))]))
}

/// What the processor can do, as far as results may depend on it.
pub fn cpu() -> String {
    format!("{:?}", Class::best()).to_lowercase()
}
