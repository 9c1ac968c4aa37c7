//! The loop of the screen: one thread, one wait. Keys are answered with a picture at once; what
//! runs tell is gathered and drawn in frames.

mod effects;

use crate::bench::{About, Bench, Started};
use crate::record::Recording;
use crate::state::State;
use crate::term::{Abilities, Guard, Painter, Parser};
use crate::update::{self, Effect, Msg};
use crate::view;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGCONT, SIGTSTP, SIGWINCH};
use signal_hook::low_level::pipe;
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Write};
use std::os::fd::{AsFd, BorrowedFd};
use thorndike_engine::clock::Stopwatch;
use thorndike_engine::drive::{Delivery, Drive, Phase};
use thorndike_engine::event::Done;
use thorndike_engine::plugin::safety::StopSignals;

/// The terminal and how it is to be used.
#[derive(Debug)]
pub struct Stage<'a> {
    /// Where the screen is drawn.
    pub out: File,
    /// The keyboard.
    pub input: File,
    /// What the terminal can do.
    pub abilities: Abilities,
    /// Becomes readable when somebody asks for an end.
    pub stop: &'a StopSignals,
    /// Whether the screen ends as soon as its runs have.
    pub quit_when_finished: bool,
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What there is to know about it.
    pub about: About,
    /// Its end; nothing where it failed.
    pub end: Option<Done>,
    /// Where it was saved.
    pub saved: Option<String>,
    /// What failed.
    pub failed: Option<String>,
    /// The last messages nobody may have seen.
    pub alerts: Vec<String>,
}

/// What the screen leaves behind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// What its runs came to.
    pub outcomes: Vec<Outcome>,
    /// Whether somebody pressed ctrl-c.
    pub is_interrupted: bool,
}

/// Seconds between two pictures of what runs tell, with and without the focus.
const FRAME_S: (f64, f64) = (0.09, 0.25);
/// How long a lone escape waits for the rest of a sequence.
const ESCAPE_S: f64 = 0.025;

#[expect(clippy::struct_excessive_bools, reason = "each says something of its own")]
struct Pump<'a> {
    state: State,
    bench: &'a mut dyn Bench,
    guard: Guard,
    painter: Painter,
    next: Buffer,
    parser: Parser,
    drives: Vec<Drive>,
    delivery: Delivery,
    bell: (PipeReader, PipeWriter),
    /// The terminal has another size, or is ours again.
    resized: PipeReader,
    /// Somebody asks for a pause of the whole program.
    halted: PipeReader,
    stop: &'a StopSignals,
    clock: Stopwatch,
    drawn_at: f64,
    is_dirty: bool,
    is_over: bool,
    asked: bool,
    quit_when_finished: bool,
    recording: Option<Recording>,
}

/// Shows the screen until it is left, and says what its runs came to.
pub fn show(
    stage: Stage<'_>,
    mut state: State,
    bench: &mut dyn Bench,
    first: Option<Start<'_>>,
) -> io::Result<Shown> {
    let bell = io::pipe()?;
    for end in [bell.0.as_fd(), bell.1.as_fd()] {
        rustix::io::ioctl_fionbio(end, true)?;
    }
    let (resized, resizes) = io::pipe()?;
    let (halted, halts) = io::pipe()?;
    for end in [&resized, &halted] {
        rustix::io::ioctl_fionbio(end, true)?;
    }
    let registered = [
        pipe::register(SIGWINCH, resizes.try_clone()?)?,
        pipe::register(SIGCONT, resizes)?,
        pipe::register(SIGTSTP, halts)?,
    ];
    let guard = Guard::take(stage.out, stage.input)?;
    state.size = guard.size();
    state.glyphs = stage.abilities.glyphs;
    state.has_colors = stage.abilities.colors != crate::term::Colors::None;
    state.is_focused = true;
    let mut pump = Pump {
        state,
        bench,
        guard,
        painter: Painter::new(stage.abilities.colors),
        next: Buffer::empty(Rect::ZERO),
        parser: Parser::default(),
        drives: Vec::new(),
        delivery: Delivery::default(),
        bell,
        resized,
        halted,
        stop: stage.stop,
        clock: Stopwatch::start(),
        drawn_at: 0.0,
        is_dirty: true,
        is_over: false,
        asked: false,
        quit_when_finished: stage.quit_when_finished,
        recording: None,
    };
    let shown = pump.begin(first).and_then(|()| pump.turn());
    for signal in registered {
        signal_hook::low_level::unregister(signal);
    }
    let is_interrupted = pump.state.is_interrupted;
    let outcomes = pump.end();
    shown.map(|()| Shown { outcomes, is_interrupted })
}

/// Starts the first run, told how to ring when it has something to tell.
pub type Start<'a> = Box<dyn FnOnce(thorndike_engine::drive::Ring) -> Result<Started, String> + 'a>;

impl Pump<'_> {
    fn begin(&mut self, first: Option<Start<'_>>) -> io::Result<()> {
        if let Some(start) = first {
            let ring = self.ring()?;
            let started = start(ring);
            return self.take_started(started);
        }
        let is_empty = self.bench.sessions().is_ok_and(|rows| rows.is_empty());
        let effects = update::begin(&mut self.state, is_empty);
        self.run_effects(effects)
    }

    fn turn(&mut self) -> io::Result<()> {
        while !self.is_over {
            self.state.tick(self.clock.seconds());
            if self.is_dirty && self.frame_in() <= 0.0 {
                self.draw()?;
            }
            self.wait()?;
        }
        Ok(())
    }

    /// Seconds until the next picture may be drawn.
    fn frame_in(&self) -> f64 {
        let frame = if self.state.is_focused { FRAME_S.0 } else { FRAME_S.1 };
        self.drawn_at + frame - self.clock.seconds()
    }

    fn draw(&mut self) -> io::Result<()> {
        let (columns, rows) = self.state.size;
        let area = Rect::new(0, 0, columns, rows);
        if self.next.area == area {
            self.next.reset();
        } else {
            self.next = Buffer::empty(area);
        }
        self.state.map = view::draw(&self.state, &mut self.next);
        let bytes = self.painter.frame(&mut self.next);
        self.drawn_at = self.clock.seconds();
        if !bytes.is_empty() {
            self.guard.out().write_all(bytes)?;
            if let Some(recording) = &mut self.recording
                && recording.keep(self.drawn_at, bytes).is_err()
            {
                // A full disk ends the recording, not the run.
                self.recording = None;
                self.state.is_recording = false;
            }
        }
        self.is_dirty = false;
        Ok(())
    }

    /// Waits until something happens, and takes it in.
    fn wait(&mut self) -> io::Result<()> {
        let mut patience = self.is_dirty.then(|| self.frame_in().max(0.0));
        let mut sooner = |seconds: f64| {
            patience = Some(patience.map_or(seconds, |patience| patience.min(seconds)));
        };
        if self.parser.is_waiting() {
            sooner(ESCAPE_S);
        }
        if let Some(change) = self.state.next_change() {
            sooner((change - self.clock.seconds()).max(0.0) + 0.001);
        }
        let timeout = patience.map(|seconds| Timespec {
            tv_sec: seconds as i64,
            tv_nsec: (seconds.fract() * 1e9) as i64,
        });
        let asked = self.asked;
        let stop = self.stop.as_fd();
        let mut files = vec![
            PollFd::new(self.guard.input(), PollFlags::IN),
            PollFd::new(&self.bell.0, PollFlags::IN),
            PollFd::new(&self.resized, PollFlags::IN),
            PollFd::new(&self.halted, PollFlags::IN),
        ];
        if !asked {
            files.push(PollFd::from_borrowed_fd(stop, PollFlags::IN));
        }
        match poll(&mut files, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let ready: Vec<PollFlags> = files.iter().map(PollFd::revents).collect();
        drop(files);
        let is = |at: usize| ready.get(at).is_some_and(|flags| !flags.is_empty());
        self.state.tick(self.clock.seconds());
        if is(0) || self.parser.is_waiting() {
            self.take_input(is(0))?;
        }
        if is(1) {
            drain(self.bell.0.as_fd());
            self.take_deliveries()?;
        }
        if is(2) {
            drain(self.resized.as_fd());
            let size = self.guard.size();
            self.happen(Msg::Resized(size.0, size.1))?;
        }
        if is(3) {
            drain(self.halted.as_fd());
            self.halt()?;
        }
        if is(4) {
            self.asked = true;
            self.happen(Msg::Asked)?;
        }
        if self.state.next_change().is_none() && patience.is_some() {
            // A message has gone away.
            self.is_dirty = true;
        }
        Ok(())
    }

    fn take_input(&mut self, is_ready: bool) -> io::Result<()> {
        let mut inputs = Vec::new();
        if is_ready {
            let mut bytes = [0; 4096];
            match rustix::io::read(self.guard.input(), &mut bytes) {
                // A keyboard that is gone asks for an end.
                Ok(0) | Err(rustix::io::Errno::IO) => return self.hung_up(),
                Ok(read) => self.parser.feed(&bytes[..read], &mut inputs),
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        } else {
            self.parser.give_up(&mut inputs);
        }
        for input in inputs {
            self.happen(Msg::Input(input))?;
            if self.is_over {
                return Ok(());
            }
        }
        // Whoever pressed a key does not wait for the next frame.
        if self.is_dirty && !self.is_over {
            self.draw()?;
        }
        Ok(())
    }

    fn hung_up(&mut self) -> io::Result<()> {
        self.is_over = true;
        Err(io::Error::new(io::ErrorKind::BrokenPipe, "the terminal is gone"))
    }

    fn take_deliveries(&mut self) -> io::Result<()> {
        for run in 0..self.drives.len() {
            let mut delivery = std::mem::take(&mut self.delivery);
            self.drives[run].fetch(&mut delivery);
            let has_news = !delivery.notices.is_empty()
                || !delivery.points.is_empty()
                || !delivery.lanes.is_empty()
                || self.state.runs.get(run).is_some_and(|view| view.steps != delivery.steps);
            if has_news {
                let effects = update::update(&mut self.state, Msg::Delivery(run, &mut delivery));
                self.is_dirty = true;
                self.run_effects(effects)?;
            }
            self.delivery = delivery;
        }
        let printed = self.bench.printed();
        if !printed.is_empty() {
            self.happen(Msg::Printed(printed))?;
        }
        let finished = self.state.runs.iter().all(|run| run.phase == Phase::Ended);
        if self.quit_when_finished && finished && !self.state.runs.is_empty() {
            self.is_over = true;
        }
        Ok(())
    }

    pub(super) fn happen(&mut self, msg: Msg<'_>) -> io::Result<()> {
        self.is_dirty = true;
        let effects = update::update(&mut self.state, msg);
        self.run_effects(effects)
    }

    fn run_effects(&mut self, effects: Vec<Effect>) -> io::Result<()> {
        for effect in effects {
            self.run_effect(effect)?;
        }
        Ok(())
    }

    fn take_started(&mut self, started: Result<Started, String>) -> io::Result<()> {
        let about = match started {
            Ok(started) => {
                self.drives.push(started.drive);
                Ok((started.about, started.past.map(Box::new)))
            }
            Err(error) => Err(error),
        };
        self.happen(Msg::Started(about))
    }

    /// A way for a run to wake this thread: a byte, unless one waits already.
    fn ring(&self) -> io::Result<thorndike_engine::drive::Ring> {
        let bell = self.bell.1.try_clone()?;
        Ok(Box::new(move || {
            // A full pipe rings as well.
            let _ = rustix::io::write(&bell, b".");
        }))
    }

    /// Ends all runs and says what they came to.
    fn end(mut self) -> Vec<Outcome> {
        drop(self.guard);
        // What could not be written is lost with a recording that nobody ended.
        drop(self.recording.take().map(Recording::end));
        for (run, drive) in self.drives.drain(..).enumerate() {
            let mut delivery = Delivery::default();
            drive.ask(thorndike_engine::drive::Command::Stop);
            let Some(view) = self.state.runs.get_mut(run) else { continue };
            while !drive.is_over() {
                let mut bell = [PollFd::new(&self.bell.0, PollFlags::IN)];
                let patience = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
                // With nothing to wait on the loop looks a little more often.
                let _ = poll(&mut bell, Some(&patience));
                drain(self.bell.0.as_fd());
                drive.fetch(&mut delivery);
                view.fold(&mut delivery);
            }
            drive.fetch(&mut delivery);
            view.fold(&mut delivery);
        }
        let outcome = |run: crate::run::RunView| Outcome {
            about: run.about,
            end: run.end,
            saved: run.saved.map(|(_, place)| place),
            failed: run.failed,
            alerts: run.alerts.into_iter().map(|(alert, _)| alert.message).collect(),
        };
        self.state.runs.into_iter().map(outcome).collect()
    }
}

fn drain(pipe: BorrowedFd<'_>) {
    let mut bytes = [0; 256];
    while rustix::io::read(pipe, &mut bytes).is_ok_and(|read| read == bytes.len()) {}
}
