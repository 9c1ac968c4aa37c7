//! A run on a thread of its own: it obeys, it tells, and it comes to what it would have come to.

use crate::toy::{setup, values};
use plugin_api::params::Value;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use thorndike_engine::drive::{Command, Delivery, Drive, Notice, Phase, Stride};
use thorndike_engine::event::Event;
use thorndike_engine::run::goal::{Compare, Subject};
use thorndike_engine::run::{Goal, Reason, Run, Until};

/// A run under way, and everything it has told.
struct Watched {
    drive: Drive,
    bell: Receiver<()>,
    told: Delivery,
    notices: Vec<Notice>,
    points: usize,
}

fn goal(steps: u64) -> Goal {
    Goal { steps: Some(steps), ..Goal::default() }
}

fn made(steps: u64) -> Run {
    let setup = setup("feed=episodes", "", 4, 2);
    Run::new(thorndike_engine::run::Setup { goal: goal(steps), ..setup }).expect("all fits")
}

impl Watched {
    fn start(run: Run) -> Self {
        let (ring, bell) = channel();
        let ring = Box::new(move || ring.send(()).unwrap_or_default());
        let drive = Drive::start(run, None, ring).expect("threads are left");
        Self { drive, bell, told: Delivery::default(), notices: Vec::new(), points: 0 }
    }

    /// Waits until something was told, and says where it stands.
    #[track_caller]
    fn wait_for(&mut self, mut wanted: impl FnMut(&Notice) -> bool) {
        let from = self.notices.len();
        loop {
            self.bell.recv_timeout(Duration::from_secs(20)).expect("it tells in time");
            self.drive.fetch(&mut self.told);
            self.points += self.told.points.len();
            self.notices.append(&mut self.told.notices);
            if self.notices[from..].iter().any(&mut wanted) {
                return;
            }
        }
    }

    #[track_caller]
    fn ask(&mut self, command: Command, wanted: impl FnMut(&Notice) -> bool) {
        self.drive.ask(command);
        self.wait_for(wanted);
    }
}

fn is_phase(phase: Phase) -> impl FnMut(&Notice) -> bool {
    move |notice| *notice == Notice::Phase(phase)
}

#[test]
fn a_driven_run_comes_to_what_it_comes_to_alone() {
    let mut alone = made(20_000);
    while alone.over().is_none() {
        alone.tick(&mut |_| {}).expect("nothing fails");
    }
    let expected = alone.finish(Reason::Steps).expect("nothing fails");
    let mut watched = Watched::start(made(20_000));
    watched.drive.ask(Command::Pause);
    watched.drive.ask(Command::Resume);
    watched.wait_for(is_phase(Phase::Ended));
    let ends = watched.notices.iter().filter_map(|notice| match notice {
        Notice::Event(Event::Done(end)) => Some(end),
        _ => None,
    });
    let ends: Vec<_> = ends.collect();
    assert_eq!(ends.len(), 1);
    assert_eq!((&ends[0].digest, ends[0].episodes), (&expected.digest, expected.episodes));
    assert_eq!(watched.points as u64, expected.episodes, "every episode was told");
    assert_eq!((watched.told.steps, watched.told.updates), (expected.steps, expected.updates));
}

#[test]
fn a_run_stands_still_and_goes_on_as_far_as_it_is_told() {
    let mut watched = Watched::start(made(u64::MAX));
    watched.ask(Command::Pause, is_phase(Phase::Paused));
    let before = watched.told.steps;
    watched.ask(Command::Step(Stride::Round), is_phase(Phase::Paused));
    assert_eq!(watched.told.steps, before + 4, "a step of each of four lanes");
    let (updates, episodes) = (watched.told.updates, watched.told.episodes);
    watched.ask(Command::Step(Stride::Update), is_phase(Phase::Paused));
    assert_eq!(watched.told.updates, updates + 1);
    watched.ask(Command::Step(Stride::Episode), is_phase(Phase::Paused));
    assert!(watched.told.episodes > episodes);
    let target = watched.told.steps + 1000;
    let (subject, compare) = (Subject::Steps, Compare::AtLeast);
    let until = Until { subject, compare, value: target as f64 };
    watched.ask(Command::Until(until), is_phase(Phase::Paused));
    assert!((target..target + 8).contains(&watched.told.steps), "{}", watched.told.steps);
    let seconds = watched.told.seconds;
    std::thread::sleep(Duration::from_millis(50));
    watched.ask(Command::Picture(0), |notice| *notice == Notice::Picture(0, None));
    assert_eq!(watched.told.seconds, seconds, "time that it stands still is none of its work");
    let run = watched.drive.stop().expect("its thread did not panic");
    assert_eq!(run.counters().steps, watched.told.steps);
}

#[test]
fn edits_are_told_with_what_was_before_and_bad_ones_change_nothing() {
    let mut watched = Watched::start(made(u64::MAX));
    let edited = |notice: &Notice| matches!(notice, Notice::Edited { .. });
    watched.ask(Command::Edit(values("epsilon=0.25")), edited);
    let expected = Notice::Edited { params: values("epsilon=0.25"), before: values("epsilon=0.5") };
    assert!(watched.notices.contains(&expected), "{:?}", watched.notices);
    let refused = |notice: &Notice| matches!(notice, Notice::Refused(_));
    for wrong in ["epsilon=2.5", "epsilon=much", "steps=3", "unknown=1"] {
        watched.ask(Command::Edit(values(wrong)), refused);
    }
    let run = watched.drive.stop().expect("its thread did not panic");
    assert_eq!(run.setup().params["epsilon"], Value::Float(0.25));
}
