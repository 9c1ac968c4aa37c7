//! Finds plugin files and lets their code in, one careful step after the other.
//!
//! A file is read before it is opened as a library, opened by a throw-away child before it is
//! opened here, and copied before it is loaded, so that nothing a plugin file holds or does on the
//! way in can end the bench. Each file that does not make it costs one line.

pub mod cache;
pub mod capture;
pub mod discover;
mod elf;
pub mod file;
pub mod host;
pub mod library;
pub mod manifest;
pub mod probe;
pub mod safety;
mod sealed;
pub mod survey;
mod text;
