//! The MuJoCo library, opened at run time, behind safe types: a [`Model`], and a [`Simulation`] of
//! it whose numbers are slices.
//!
//! Nothing of MuJoCo is needed to build this. What it needs to run lies in a folder of the cache,
//! see [`files`]. The structs of the library are known by the places of their fields alone, so
//! only the one version is opened whose places are recorded in `offsets.rs`. Where the machine has
//! EGL, its renderer takes pictures, too, see [`studio`].

#![expect(unsafe_code, reason = "the border to a foreign library; nothing else is in this crate")]

mod egl;
pub mod files;
mod library;
mod model;
mod offsets;
mod simulation;
pub mod studio;

pub use model::{Joint, Model};
pub use offsets::VERSION_NAME;
pub use simulation::{Numbers, Simulation};
