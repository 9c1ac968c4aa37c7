//! The end of the screen: its runs end in good order, whatever became of it.

use super::{Outcome, Pump, Seat, drain};
use crate::bench::Source;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::os::fd::AsFd;
use thorndike_engine::drive::{Command, Delivery};

impl Pump<'_> {
    /// Ends all runs and says what they came to.
    pub(super) fn end(mut self) -> (Vec<Outcome>, Option<Seat>) {
        self.end_recordings();
        for (run, source) in self.sources.drain(..).enumerate() {
            let Some(view) = self.state.runs.get_mut(run) else { continue };
            let Source::Drive(drive) = source else { continue };
            let mut delivery = Delivery::default();
            drive.ask(Command::Stop);
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
        (self.state.runs.into_iter().map(outcome).collect(), self.seats.taken)
    }
}
