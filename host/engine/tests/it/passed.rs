//! Snapshots that are due faster than they can be written: none is lost without a word.

use crate::toy::setup;
use std::path::{Path, PathBuf};
use thorndike_engine::keep::{Every, Keeper, Origin, Plan};
use thorndike_engine::run::{Goal, Reason, Run, Setup};
use thorndike_session::{Identity, Store, Writer};

/// Rounds, at each of which a snapshot is due.
const ROUNDS: u64 = 2000;

#[test]
fn every_snapshot_that_was_due_is_taken_or_counted() {
    let folder = format!("passed-{}", std::process::id());
    let folder: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let session = Store::new(&folder)
        .create(Some("run"), &Identity { lanes: 4, ..Identity::default() })
        .expect("the name is free");
    let (writer, _) = Writer::open(&session).expect("alone");
    let goal = Goal { steps: Some(4 * ROUNDS), ..Goal::default() };
    let mut run = Run::new(Setup { goal, ..setup("feed=episodes", "", 4, 2) }).expect("all fits");
    let plan = Plan { every: Every::Steps(4), ..Plan::default() };
    let mut keeper = Keeper::begin(writer, &mut run, &Origin::default(), plan).expect("it begins");
    let mut waited = 0;
    for round in 0..ROUNDS {
        run.tick(&mut |event| keeper.event(&event)).expect("nothing fails");
        keeper.tick(&mut run).expect("nothing fails");
        if round % 100 == 0 {
            keeper.beat(&mut run).expect("nothing fails");
        }
        if round % 500 == 499 {
            // Whoever waits finds that the one that was wanted is taken at the next round.
            keeper.settle();
            waited += 1;
        }
    }
    let end = run.finish(Reason::Steps).expect("nothing fails");
    keeper.end(&mut run, &end).expect("the disk works");
    let model = session.model();
    let taken = model.saved.iter().filter(|saved| saved.cause == "every").count() as u64;
    let lines = model.log.iter().filter(|line| line.source == "saving");
    let passed = lines.filter_map(|line| {
        let count = line.text.split("written: ").nth(1)?.split(' ').next()?;
        count.parse::<u64>().ok()
    });
    let passed: u64 = passed.sum();
    assert!(taken > waited && passed > 0, "{taken} taken, {passed} passed over");
    // The last one that was wanted may have come with the end.
    assert!((ROUNDS - 1..=ROUNDS).contains(&(taken + passed)), "{taken} taken, {passed} passed");
    assert_eq!(model.saved.len(), model.whole.len());
    std::fs::remove_dir_all(&folder).expect("it is ours");
}
