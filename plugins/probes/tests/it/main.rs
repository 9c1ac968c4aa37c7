//! The probes give the answers they promise, and the faults are what they say.

mod answers;
mod faults;
mod goals;
mod playing;
