//! Faults on purpose, so that tests see what becomes of terminals and sessions when this program
//! itself is at fault. Only builds for development have them.

use thorndike_engine::escort::Guest;
use thorndike_engine::event::Alert;
use thorndike_engine::run::Run;

/// The folder in which a file named after a place asks for a fault there.
#[cfg(debug_assertions)]
const VARIABLE: &str = "THORNDIKE_FAULTS";

/// Panics where a test has asked for it.
#[cfg(debug_assertions)]
pub(crate) fn strike(place: &str) {
    let folder = std::env::var_os(VARIABLE).map(std::path::PathBuf::from);
    assert!(
        !folder.is_some_and(|folder| folder.join(place).exists()),
        "a fault on purpose in the {place}"
    );
}

/// Nobody asks for a fault in a build that is used.
#[cfg(not(debug_assertions))]
pub(crate) fn strike(_place: &str) {}

/// Brings faults to the thread of a run.
#[derive(Debug)]
pub(crate) struct Striker;

impl Guest for Striker {
    fn look(&mut self, _run: &mut Run) -> Option<Alert> {
        strike("engine");
        None
    }
}
