//! The thread of a run: it obeys commands between two rounds and hands over what happened.

use super::delivery::{Delivery, LANES_MAX, LanesRow, Notice, Phase, Point, Shared};
use super::{Command, Stride};
use crate::clock::Pulse;
use crate::escort::Escort;
use crate::event::{Alert, Event};
use crate::plugin::safety;
use crate::run::{LaneNow, Reason, Run, Until};
use plugin_api::Result;
use plugin_api::params::Values;
use std::sync::mpsc::{Receiver, TryRecvError};

/// Seconds between two reports.
const REPORT_S: f64 = 0.2;

/// How far the run goes before it stands still again.
#[derive(Clone, Copy, Debug)]
enum Target {
    Goal,
    Round,
    Updates(u64),
    Episodes(u64),
    Until(Until),
}

pub(super) struct Worker<'a> {
    pub(super) run: Run,
    pub(super) escort: Escort,
    inbox: &'a Receiver<Command>,
    shared: &'a Shared,
    pub(super) phase: Phase,
    target: Target,
    pub(super) gathered: Delivery,
    /// Sum of the returns of episodes that ended since the last row, lane by lane.
    gained: Vec<f64>,
    before: Vec<LaneNow>,
    row_steps: u64,
}

/// Drives the run until somebody asks for an end, and gives it back.
pub(super) fn work(run: Run, escort: Escort, inbox: &Receiver<Command>, shared: &Shared) -> Run {
    // Without a stack of its own a handler may fail to restore the terminal, nothing more.
    drop(safety::prepare_thread());
    let lanes = run.lanes_len().min(LANES_MAX);
    let row_steps = run.counters().steps;
    let mut worker = Worker {
        run,
        escort,
        inbox,
        shared,
        phase: Phase::Running,
        target: Target::Goal,
        gathered: Delivery::default(),
        gained: vec![0.0; lanes],
        before: vec![LaneNow::default(); lanes],
        row_steps,
    };
    let told = Told { shared };
    worker.work();
    drop(told);
    worker.run
}

/// Says so when the thread ends by a panic.
struct Told<'a> {
    shared: &'a Shared,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let says = "the engine panicked; the run cannot go on".to_owned();
            let notices = vec![Notice::Failed(says), Notice::Phase(Phase::Ended)];
            self.shared.deliver(&mut Delivery { notices, ..Delivery::default() });
        }
    }
}

impl Worker<'_> {
    fn work(&mut self) {
        let start = self.run.start();
        self.tell(start);
        self.run.lanes_now(&mut self.before);
        if let Err(error) = self.escort.begin(&mut self.run) {
            self.fail(error.to_string());
        }
        if self.run.over().is_some() {
            self.set_phase(Phase::Ended);
        }
        self.hand_over();
        let mut pulse = Pulse::start();
        while self.obey() {
            let ticked = self.tick();
            if let Err(error) = ticked {
                self.fail(error.to_string());
                continue;
            }
            let ended = self.run.over();
            if pulse.beats() || ended.is_some() || !matches!(self.target, Target::Goal) {
                self.look_around(ended);
            }
        }
        self.hand_over();
    }

    fn tick(&mut self) -> Result<()> {
        self.with_escort(Escort::tick)
    }

    /// Lets the escort do something with the run, and notes what is told.
    pub(super) fn with_escort<T>(
        &mut self,
        act: impl FnOnce(&mut Escort, &mut Run, &mut dyn FnMut(Event)) -> T,
    ) -> T {
        let Self { run, escort, gathered, gained, .. } = self;
        act(escort, run, &mut |event| match event {
            Event::Episode(episode) => {
                if let Some(gained) = gained.get_mut(episode.lane) {
                    *gained += episode.total;
                }
                gathered.points.push(Point::from(&episode));
            }
            event => gathered.notices.push(Notice::Event(event)),
        })
    }

    /// Obeys what lies in the inbox, and waits there while the run stands still. False when it is
    /// time to end.
    fn obey(&mut self) -> bool {
        if self.phase == Phase::Running && !self.shared.is_wanted() {
            return true;
        }
        loop {
            let command = if self.phase == Phase::Running {
                match self.inbox.try_recv() {
                    Ok(command) => command,
                    Err(TryRecvError::Empty) => return true,
                    Err(TryRecvError::Disconnected) => return false,
                }
            } else {
                match self.inbox.recv() {
                    Ok(command) => command,
                    Err(_) => return false,
                }
            };
            if command == Command::Stop {
                self.stop();
                return false;
            }
            self.answer(command);
            self.hand_over();
        }
    }

    fn answer(&mut self, command: Command) {
        match command {
            Command::Pause => self.stand_still(),
            Command::Resume => self.go_on(Target::Goal),
            Command::Step(stride) => self.go_on(match stride {
                Stride::Round => Target::Round,
                Stride::Update => Target::Updates(self.run.counters().updates),
                Stride::Episode => Target::Episodes(self.run.episodes().count),
            }),
            Command::Until(until) => self.go_on(Target::Until(until)),
            Command::Edit(params) => self.edit(params),
            Command::Mend => self.mend(),
            Command::Save => self.save(),
            Command::Picture(lane) => {
                let scene = self.run.picture(lane).unwrap_or_default().map(Box::new);
                self.gathered.notices.push(Notice::Picture(lane, scene));
            }
            Command::Buffer => {
                self.gathered.notices.push(Notice::Buffer(self.run.buffer_stats()));
            }
            Command::Peek(number) => match self.run.peek(number) {
                Ok(peek) => self.gathered.notices.push(Notice::Peek(peek.map(Box::new))),
                Err(error) => self.refuse(&error.to_string()),
            },
            Command::Stop => {}
        }
    }

    fn go_on(&mut self, target: Target) {
        match self.phase {
            Phase::Ended => self.refuse("the run has reached its end; branch it to go on"),
            Phase::Failed => self.refuse("something failed; mend the run first"),
            Phase::Running | Phase::Paused => {
                self.target = target;
                self.run.wake();
                self.set_phase(Phase::Running);
            }
        }
    }

    fn stand_still(&mut self) {
        if self.phase == Phase::Running {
            self.target = Target::Goal;
            self.report(0.0);
            self.take_row();
            self.beat();
            self.run.rest();
            self.set_phase(Phase::Paused);
        }
    }

    /// What is due now and then: reports, rows of lanes, an end.
    fn look_around(&mut self, ended: Option<Reason>) {
        if let Some(reason) = ended {
            self.finish(reason);
        } else if self.is_target_met() {
            self.stand_still();
        } else {
            self.report(REPORT_S);
            self.take_row();
        }
        self.beat();
        self.hand_over();
    }

    fn is_target_met(&self) -> bool {
        let counters = self.run.counters();
        match self.target {
            Target::Goal => false,
            Target::Round => true,
            Target::Updates(at) => counters.updates > at,
            Target::Episodes(at) => self.run.episodes().count > at,
            Target::Until(until) => until.holds(counters.steps, self.run.episodes()),
        }
    }

    fn edit(&mut self, params: Values) {
        if self.phase == Phase::Ended {
            return self.refuse("the run has reached its end; branch it to go on");
        }
        let before = self.run.present(&params);
        let mut told = Vec::new();
        match self.run.edit_as("user", &params, &mut |event| told.push(event)) {
            Ok(()) => {
                for event in told {
                    self.tell(event);
                }
                self.gathered.notices.push(Notice::Edited { params, before });
            }
            Err(error) => self.refuse(&error.to_string()),
        }
    }

    fn mend(&mut self) {
        let mut told = Vec::new();
        let mended = self.run.mend(&mut |event| told.push(event));
        for event in told {
            self.tell(event);
        }
        match mended {
            Ok(()) if self.phase == Phase::Failed => self.set_phase(Phase::Paused),
            Ok(()) => {}
            Err(error) => self.refuse(&error.to_string()),
        }
    }

    pub(super) fn fail(&mut self, error: String) {
        self.target = Target::Goal;
        self.run.rest();
        self.alert("failed", error.clone());
        self.gathered.notices.push(Notice::Failed(error));
        self.set_phase(Phase::Failed);
        self.hand_over();
    }

    pub(super) fn alert(&mut self, topic: &str, message: String) {
        let steps = self.run.counters().steps;
        self.tell(Event::Alert(Alert { steps, topic: topic.to_owned(), message }));
    }

    pub(super) fn report(&mut self, age: f64) {
        // An agent that cannot report fails when it learns next, and is named there.
        if let Err(error) = self.with_escort(|escort, run, tell| escort.report(run, age, tell)) {
            self.refuse(&error.to_string());
        }
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.with_escort(|escort, run, tell| escort.tell(run, event, tell));
    }

    pub(super) fn refuse(&mut self, why: &str) {
        self.gathered.notices.push(Notice::Refused(why.to_owned()));
    }

    pub(super) fn set_phase(&mut self, phase: Phase) {
        if self.phase != phase {
            self.phase = phase;
            self.gathered.notices.push(Notice::Phase(phase));
        }
    }

    /// Notes where the lanes stand, and what they gained since the last time.
    pub(super) fn take_row(&mut self) {
        let steps = self.run.counters().steps;
        let taken = (steps - self.row_steps) / self.run.lanes_len().max(1) as u64;
        if taken == 0 {
            return;
        }
        self.row_steps = steps;
        let mut now = vec![LaneNow::default(); self.before.len()];
        self.run.lanes_now(&mut now);
        let lanes = now.iter().zip(&self.before).zip(&mut self.gained);
        let mean = |((now, before), gained): ((&LaneNow, &LaneNow), &mut f64)| {
            (now.total - before.total + std::mem::take(gained)) / taken as f64
        };
        let rewards = lanes.map(mean).collect();
        self.before.copy_from_slice(&now);
        self.gathered.lanes.push(LanesRow { now, rewards });
    }

    fn hand_over(&mut self) {
        let counters = self.run.counters();
        self.gathered.steps = counters.steps;
        self.gathered.updates = counters.updates;
        self.gathered.episodes = self.run.episodes().count;
        self.gathered.seconds = self.run.seconds();
        self.shared.deliver(&mut self.gathered);
    }
}
