//! The session format and store: what a run leaves on disk, and how it is found and read again.
//!
//! A session is a folder in a store:
//!
//! ```text
//! <name>/session.ron       who ran what, with which seed: written once, never touched again
//! <name>/snapshot.ron      where it stood when it was last saved: the only file that is replaced
//! <name>/objects/<hash>    what the snapshot names: states as bytes, under their hash
//! ```
//!
//! Every file ends in a checksum of all bytes before it, see [`seal`]. A snapshot is replaced by
//! renaming after everything it names is on disk, so a session is at any moment the old one or the
//! new one. States are bytes here: what they mean is for those to say who wrote them.

pub mod error;
pub mod identity;
pub mod name;
pub mod seal;
pub mod session;
pub mod setting;
pub mod snapshot;
pub mod store;

pub use error::{Error, Result};
pub use identity::{Identity, PluginUsed};
pub use session::Session;
pub use setting::{Setting, Settings};
pub use snapshot::{Object, Snapshot, Summary};
pub use store::{Entry, Store};

/// Version of the format this build writes; it reads every minor version of the same major one.
pub const FORMAT: (u16, u16) = (1, 0);
