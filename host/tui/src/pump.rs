//! The loop of the screen: one thread, one wait. Keys are answered with a picture at once; what
//! runs tell is gathered and drawn in frames.

mod effects;
mod ending;
mod hang;
mod recording;
mod seat;

use crate::bench::{About, Bench, Source, Started};
use crate::link::Link;
use crate::record::Recording;
use crate::state::State;
use crate::term::{Colors, Painter};
use crate::update::{self, Effect, Msg};
use crate::view;
use hang::Hung;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use seat::Seats;
use std::io::{self, PipeReader, PipeWriter, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use thorndike_engine::clock::{Stopwatch, thread_seconds};
use thorndike_engine::drive::{Delivery, Phase};
use thorndike_engine::event::Done;
use thorndike_engine::plugin::safety::{self, StopSignals};

pub use seat::Seat;

/// Who is in front, and how the screen is to be used.
#[derive(Debug)]
pub struct Stage<'a> {
    /// Leads to the process at the terminal.
    pub front: Link,
    /// Becomes readable when somebody asks for an end.
    pub stop: &'a StopSignals,
    /// Whether the screen ends as soon as its runs have.
    pub quit_when_finished: bool,
    /// Files to record the screen to, from the beginning.
    pub records: Vec<PathBuf>,
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
#[derive(Debug, Default)]
pub struct Shown {
    /// What its runs came to.
    pub outcomes: Vec<Outcome>,
    /// Whether somebody pressed ctrl-c.
    pub is_interrupted: bool,
    /// Who still sits in front.
    pub seat: Option<Seat>,
    /// What went wrong with the screen itself; its runs were stopped and saved.
    pub fault: Option<String>,
}

/// Seconds between two looks at what runs tell.
const FETCH_S: f64 = 0.1;
/// Fewest seconds between two pictures of it, with and without the focus.
const FRAME_S: (f64, f64) = (0.1, 0.25);
/// Most seconds between them, however dear they are.
const FRAME_MAX_S: f64 = 0.5;
/// Part of a core that they may take: what is dear is drawn less often.
const SHARE: f64 = 0.018;

/// Seconds between two looks at the journal of a run that lives elsewhere.
const JOURNAL_S: f64 = 1.0;

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Pump<'a> {
    state: State,
    /// Away only while it does something.
    bench: Option<&'a mut dyn Bench>,
    seats: Seats,
    painter: Painter,
    next: Buffer,
    sources: Vec<Source>,
    delivery: Delivery,
    bell: (PipeReader, PipeWriter),
    stop: &'a StopSignals,
    clock: Stopwatch,
    drawn_at: f64,
    fetched_at: f64,
    /// Seconds that this thread has worked, and those from one picture to the next.
    worked: f64,
    spent: f64,
    /// An answer is awaited that nobody should have to wait for.
    is_eager: bool,
    is_dirty: bool,
    is_over: bool,
    asked: bool,
    quit_when_finished: bool,
    recordings: Vec<Recording>,
    /// The picture of pixels on the screen.
    hung: Option<Hung>,
    /// Where to record to as soon as somebody sits in front.
    wanted: Vec<PathBuf>,
}

/// Shows the screen until it is left, and says what its runs came to.
pub fn show(
    stage: Stage<'_>,
    state: State,
    bench: &mut dyn Bench,
    first: Option<Start<'_>>,
) -> io::Result<Shown> {
    let bell = io::pipe()?;
    for end in [bell.0.as_fd(), bell.1.as_fd()] {
        rustix::io::ioctl_fionbio(end, true)?;
    }
    let mut pump = Pump {
        state,
        bench: Some(bench),
        seats: Seats::default(),
        painter: Painter::new(Colors::None),
        next: Buffer::empty(Rect::ZERO),
        sources: Vec::new(),
        delivery: Delivery::default(),
        bell,
        stop: stage.stop,
        clock: Stopwatch::start(),
        drawn_at: 0.0,
        fetched_at: f64::NEG_INFINITY,
        worked: thread_seconds(),
        spent: 0.0,
        is_eager: false,
        is_dirty: true,
        is_over: false,
        asked: false,
        quit_when_finished: stage.quit_when_finished,
        recordings: Vec::new(),
        hung: None,
        wanted: stage.records,
    };
    // The terminal is made ready while the run is.
    pump.seats.welcome(stage.front);
    let shown = panic::catch_unwind(AssertUnwindSafe(|| {
        pump.begin(first)?;
        pump.turn()
    }));
    let is_interrupted = pump.state.is_interrupted;
    // Whatever became of the screen, its runs end in good order.
    let (outcomes, seat) = pump.end();
    let fault = match shown {
        Ok(shown) => shown.map(|()| None)?,
        Err(panic) => Some(safety::said(&*panic).to_owned()),
    };
    Ok(Shown { outcomes, is_interrupted, seat, fault })
}

/// Starts the first run, told how to ring when it has something to tell.
pub type Start<'a> = Box<dyn FnOnce(thorndike_engine::drive::Ring) -> Result<Started, String> + 'a>;

impl<'a> Pump<'a> {
    fn bench(&mut self) -> &mut (dyn Bench + 'a) {
        self.bench.as_deref_mut().expect("one thing is done at a time")
    }

    fn begin(&mut self, first: Option<Start<'_>>) -> io::Result<()> {
        if let Some(start) = first {
            let ring = self.ring()?;
            let started = start(ring);
            return self.take_started(started);
        }
        let is_empty = self.bench().sessions().is_ok_and(|rows| rows.is_empty());
        let effects = update::begin(&mut self.state, is_empty);
        self.run_effects(effects)
    }

    fn turn(&mut self) -> io::Result<()> {
        while !self.is_over {
            self.state.tick(self.clock.seconds());
            if self.is_dirty && self.frame_in() <= 0.0 {
                self.draw();
            }
            self.wait()?;
        }
        Ok(())
    }

    /// Seconds until the next picture may be drawn.
    fn frame_in(&self) -> f64 {
        self.drawn_at + self.pace() - self.clock.seconds()
    }

    /// Seconds until what runs tell is fetched again.
    fn fetch_in(&self) -> f64 {
        self.fetched_at + FETCH_S - self.clock.seconds()
    }

    fn pace(&self) -> f64 {
        let is_watched = self.is_shown() && self.state.is_focused;
        let least = if is_watched { FRAME_S.0 } else { FRAME_S.1 };
        (self.spent / SHARE).clamp(least, FRAME_MAX_S)
    }

    fn is_shown(&self) -> bool {
        self.seats.taken.as_ref().is_some_and(|seat| !seat.is_away)
    }

    fn draw(&mut self) {
        if !self.is_shown() {
            return;
        }
        let (columns, rows) = self.state.size;
        let area = Rect::new(0, 0, columns, rows);
        if self.next.area == area {
            self.next.reset();
        } else {
            self.next = Buffer::empty(area);
        }
        self.state.map = view::draw(&self.state, &mut self.next);
        let wanted = self.fitting();
        self.take_down(wanted.as_ref().map(|(field, _)| *field));
        let bytes = self.painter.frame(&mut self.next);
        let worked = thread_seconds();
        self.spent = worked - std::mem::replace(&mut self.worked, worked);
        self.drawn_at = self.clock.seconds();
        self.is_dirty = false;
        if bytes.is_empty() {
            self.hang(wanted);
            return;
        }
        let Some(seat) = &mut self.seats.taken else { return };
        let is_drawn = seat.out.write_all(bytes).is_ok();
        self.hang(wanted);
        self.record_frame();
        if !is_drawn {
            self.hung_up();
        }
    }

    /// Waits until something happens, and takes it in.
    fn wait(&mut self) -> io::Result<()> {
        let is_shown = self.is_shown();
        let rest = self.fetch_in();
        let rests = rest > 0.0 && !self.is_eager;
        let frame = (self.is_dirty && is_shown).then(|| self.frame_in().max(0.0));
        let change = self.state.next_change().filter(|_| is_shown);
        let change = change.map(|change| (change - self.clock.seconds()).max(0.0) + 0.001);
        let is_live = |source: &Source| matches!(source, Source::Journal(run) if run.is_live());
        let look = self.sources.iter().any(is_live).then_some(JOURNAL_S);
        let fetch = rests.then_some(rest);
        let patience = [frame, change, look, fetch].into_iter().flatten().reduce(f64::min);
        let timeout = patience.map(|seconds| Timespec {
            tv_sec: seconds as i64,
            tv_nsec: (seconds.fract() * 1e9) as i64,
        });
        let stop = self.stop.as_fd();
        // A bell that rings too soon is heard a little later.
        let bell = if rests { PollFlags::empty() } else { PollFlags::IN };
        let mut files = vec![PollFd::new(&self.bell.0, bell)];
        if !self.asked {
            files.push(PollFd::from_borrowed_fd(stop, PollFlags::IN));
        }
        let seats_at = files.len();
        files.extend(self.seats.files());
        match poll(&mut files, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let ready: Vec<bool> = files.iter().map(|file| !file.revents().is_empty()).collect();
        drop(files);
        self.state.tick(self.clock.seconds());
        if ready[seats_at..].contains(&true) {
            self.take_seats()?;
        }
        if ready[0] || look.is_some() {
            drain(self.bell.0.as_fd());
            self.take_deliveries()?;
        }
        if !self.asked && ready[1] {
            self.asked = true;
            self.happen(Msg::Asked)?;
        }
        if self.state.next_change().is_none() && change.is_some() {
            // A message has gone away.
            self.is_dirty = true;
        }
        Ok(())
    }

    fn take_deliveries(&mut self) -> io::Result<()> {
        self.fetched_at = self.clock.seconds();
        self.is_eager = false;
        for run in 0..self.sources.len() {
            let mut delivery = std::mem::take(&mut self.delivery);
            match (&mut self.sources[run], self.state.runs.get_mut(run)) {
                (Source::Journal(journal), Some(view)) => journal.fetch(&mut delivery, view),
                (Source::Journal(_), None) => delivery.clear(),
                (Source::Drive(drive), _) => drive.fetch(&mut delivery),
            }
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
        let printed = self.bench().printed();
        if !printed.is_empty() {
            self.happen(Msg::Printed(printed))?;
        }
        let finished = self.state.runs.iter().all(|run| run.phase == Phase::Ended);
        if self.quit_when_finished && finished && !self.state.runs.is_empty() {
            self.is_over = true;
        }
        self.leave_if_alone();
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
                self.sources.push(started.source);
                // A journal tells nothing on its own; a full pipe rings as well.
                let _ = rustix::io::write(&self.bell.1, b".");
                if let Some(door) = started.door {
                    self.seats.listen(door);
                }
                Ok((started.about, started.past))
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
}

fn drain(pipe: BorrowedFd<'_>) {
    let mut bytes = [0; 256];
    while rustix::io::read(pipe, &mut bytes).is_ok_and(|read| read == bytes.len()) {}
}
