//! Agents that panic: it is told where, the instance is used no more, and other runs go on.

use crate::toy::{setup, tick};
use thorndike_engine::run::Run;

/// What comes of a run whose agent panics there.
fn told(place: &str) -> String {
    let setup = setup(&format!("panics={place}"), "", 3, 2);
    let mut run = match Run::new(setup) {
        Ok(run) => run,
        Err(error) => return error.to_string(),
    };
    let mut failed = (0..20).find_map(|_| run.tick(&mut |_| {}).err());
    if failed.is_none() {
        failed = run.snapshot().err();
    }
    let again = run.tick(&mut |_| {}).is_err() || run.snapshot().is_err();
    assert!(failed.is_none() || again, "{place}: who has panicked is not asked again");
    failed.map_or("nothing".to_owned(), |error| error.to_string())
}

#[test]
fn fault_01_an_agent_that_panics_is_told_with_its_place_and_ends_no_other_run() {
    let mut other = Run::new(setup("", "", 3, 2)).expect("it can be made");
    let mut alone = Run::new(setup("", "", 3, 2)).expect("it can be made");
    for place in ["new", "needs", "act", "learn", "state"] {
        let told = told(place);
        let parts = [&format!("panic in {place}"), "asked to panic", "toy.rs:"];
        assert!(parts.iter().all(|part| told.contains(*part)), "{place}: {told}");
        tick(&mut other, 4);
    }
    assert_eq!(told("drop"), "nothing", "an end that fails ends nothing else");
    tick(&mut alone, 20);
    assert_eq!(other.digest().expect("sound"), alone.digest().expect("sound"));
}
