//! The session format and store: what a run leaves on disk, and how it is found and read again.
//!
//! A session is a folder in a store:
//!
//! ```text
//! <name>/session.ron               who ran what, with which seed: written once
//! <name>/generations/000007.ron    where the run stood at its seventh snapshot
//! <name>/objects/ab/<hash>         what snapshots name: tensors and bytes, under their hash
//! <name>/journal/000001.log        everything that happened, in checksummed frames
//! <name>/replays/00000042-<hash>…  recorded episodes
//! <name>/notes.ron                 tags and a note of whoever owns it
//! ```
//!
//! No file is ever changed once it is written: a snapshot is there when its generation's name is,
//! which comes last; the journal only grows. So a session is at any moment a sound one, and after a
//! damage the generation before is still there. `docs/SESSION-FORMAT.md` has every byte.
//!
//! States are named tensors here: what they mean is for those to say who wrote them.

mod cut;
pub mod disk;
pub mod error;
pub mod identity;
pub mod journal;
mod mend;
pub mod model;
pub mod name;
pub mod notes;
pub mod objects;
mod patch;
pub mod recorder;
pub mod replay;
pub mod seal;
pub mod session;
pub mod setting;
pub mod snapshot;
pub mod state;
pub mod store;
pub mod table;
pub mod verify;
pub mod writer;

pub use disk::{Disk, RealDisk};
pub use error::{Error, Result};
pub use identity::{Goal, Identity, Mode, Moments, Parent, PluginUsed, Shown};
pub use journal::{Entry, Reader};
pub use model::Model;
pub use recorder::Recorder;
pub use replay::Replay;
pub use session::Session;
pub use setting::{Setting, Settings};
pub use snapshot::{Snapshot, Summary};
pub use state::{State, Tensor};
pub use store::{Listed, Store};
pub use table::Table;
pub use writer::Writer;

/// Version of the format this build writes; it reads every minor version of the same major one.
pub const FORMAT: (u16, u16) = (1, 0);
