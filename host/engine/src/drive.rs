//! A run on a thread of its own: commands go in, a bounded delivery of what happened comes out.
//!
//! Whoever looks on never holds the run up: what is not fetched in time is counted and left out,
//! while the [`Keeper`](crate::keep::Keeper), who writes the session, is told everything.

mod delivery;
mod saving;
mod work;

pub use crate::run::LaneNow;
pub use delivery::{Delivery, LanesRow, Notice, Phase, Point};

use crate::escort::Escort;
use crate::run::{Run, Until};
use delivery::Shared;
use plugin_api::params::Values;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

/// What a run can be asked to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Stand still after this round.
    Pause,
    /// Go on.
    Resume,
    /// Go on for a stretch, then stand still.
    Step(Stride),
    /// Go on until a condition holds, then stand still.
    Until(Until),
    /// Change live params, all or none.
    Edit(Values),
    /// Put lanes that failed back to work.
    Mend,
    /// Save where the run stands.
    Save,
    /// Draw a lane.
    Picture(usize),
    /// Say what the memory of past steps looks like.
    Buffer,
    /// Draw steps from the memory of past steps; another number draws others.
    Peek(u64),
    /// Come to an end now.
    Stop,
}

/// How far a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stride {
    /// One round: a step of every lane, or the rollout that the agent asks for.
    Round,
    /// To the next update of the agent.
    Update,
    /// To the end of an episode in some lane.
    Episode,
}

/// Called when there is something to fetch, from the run's thread, once for each delivery.
pub type Ring = Box<dyn Fn() + Send>;

/// A run on a thread of its own.
#[derive(Debug)]
pub struct Drive {
    shared: Arc<Shared>,
    commands: Sender<Command>,
    thread: JoinHandle<Run>,
}

impl Drive {
    /// Starts the thread; the run goes on at once, with whoever comes along: a keeper, or a whole
    /// escort.
    pub fn start(run: Run, escort: impl Into<Escort>, ring: Ring) -> io::Result<Self> {
        let escort = escort.into();
        let shared = Arc::new(Shared::new(&run, ring));
        let (commands, inbox) = channel();
        let theirs = shared.clone();
        let thread = thread::Builder::new()
            .name("run".to_owned())
            .spawn(move || work::work(run, escort, &inbox, &theirs))?;
        Ok(Self { shared, commands, thread })
    }

    /// Asks for something. A run that has come to its end answers nothing any more.
    pub fn ask(&self, command: Command) {
        // The thread is gone only after an end or a panic, and both were told.
        if self.commands.send(command).is_ok() {
            self.shared.draw_attention();
        }
    }

    /// Fetches what happened since the last call; room in `delivery` is used again.
    pub fn fetch(&self, delivery: &mut Delivery) {
        self.shared.fetch(delivery);
    }

    /// Whether the thread has come to its end.
    pub fn is_over(&self) -> bool {
        self.thread.is_finished()
    }

    /// Ends the run and gives it back; nothing if its thread panicked.
    pub fn stop(self) -> Option<Run> {
        self.ask(Command::Stop);
        self.thread.join().ok()
    }
}
