//! Edits of a run under way stand in its journal: whatever it goes on from, they are made again
//! where they were made.

use crate::toy::{setup, values};
use std::path::{Path, PathBuf};
use thorndike_engine::event::Event;
use thorndike_engine::keep::convert::from_setting;
use thorndike_engine::keep::{self, Every, Keeper, Origin, Plan};
use thorndike_engine::run::{Goal, Reason, Run, Setup};
use thorndike_session::{Identity, Model, Session, Store, Writer};

/// Steps at which something is changed: an edit just before a snapshot and one just after it, one
/// on the way, and its undoing.
const EDITS: [(u64, &str); 4] = [
    (4000, "epsilon=0.125"),
    (4000, "epsilon=0.75"),
    (6000, "epsilon=0.25"),
    (8000, "epsilon=0.75"),
];
/// The step of the snapshot, between the first two of them.
const SAVED: u64 = 4000;
const END: u64 = 20_000;

fn made() -> Setup {
    let goal = Goal { steps: Some(END), ..Goal::default() };
    Setup { goal, ..setup("feed=episodes", "", 4, 2) }
}

/// A folder that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = format!("{name}-{}", std::process::id());
        Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays is only in the target folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn plan() -> Plan {
    Plan { every: Every::Never, ..Plan::default() }
}

/// Takes steps until there are so many, with these edits on the way.
fn go(run: &mut Run, keeper: &mut Keeper, edits: &[(u64, &str)], until: u64) {
    let mut edits = edits.iter().peekable();
    loop {
        let mut is_saved = false;
        while let Some((at, edit)) = edits.next_if(|(at, _)| *at <= run.counters().steps) {
            let mut told = Vec::new();
            run.edit_as("user", &values(edit), &mut |event| told.push(event)).expect("it is live");
            assert!(matches!(told[..], [Event::Edit(_)]), "{told:?}");
            for event in &told {
                keeper.event(event);
            }
            if *at == SAVED && !std::mem::replace(&mut is_saved, true) {
                keeper.beat(run).expect("nothing fails");
                keeper.save(run, "asked").expect("nothing fails");
                keeper.settle();
            }
        }
        if run.counters().steps >= until {
            return;
        }
        run.tick(&mut |event| keeper.event(&event)).expect("nothing fails");
        keeper.tick(run).expect("nothing fails");
    }
}

/// A run in a new session.
fn begin(store: &Store, name: &str) -> (Run, Keeper) {
    let session = store.create(Some(name), &Identity { lanes: 4, ..Identity::default() });
    let (writer, _) = Writer::open(&session.expect("the name is free")).expect("alone");
    let mut run = Run::new(made()).expect("all fits");
    let keeper = Keeper::begin(writer, &mut run, &Origin::default(), plan()).expect("it begins");
    (run, keeper)
}

/// The run of a session as it goes on, from before a step where one is named.
fn again(session: &Session, before: Option<u64>) -> (Run, Keeper) {
    let (writer, model) = Writer::open(session).expect("alone");
    let origin = keep::origin(session, &model, before).expect("it is sound");
    let params = origin.params.iter().map(|(name, value)| (name.clone(), from_setting(value)));
    let mut setup = made();
    setup.params.extend(params);
    let mut run = Run::new(setup).expect("all fits");
    if let Some((_, snapshot)) = &origin.snapshot {
        run.restore(snapshot).expect("it fits");
    }
    let mut keeper = Keeper::begin(writer, &mut run, &origin, plan()).expect("it begins");
    keeper.edit_again(&mut run).expect("nothing fails");
    (run, keeper)
}

fn digest(run: &mut Run) -> String {
    run.finish(Reason::Steps).expect("nothing fails").digest
}

#[test]
fn a_run_that_died_makes_its_edits_again_where_they_were_made() {
    let folder = Folder::new("edits");
    let store = Store::new(&folder.0);
    let (mut run, mut keeper) = begin(&store, "whole");
    go(&mut run, &mut keeper, &EDITS, END);
    let whole = digest(&mut run);
    let (mut run, mut keeper) = begin(&store, "unchanged");
    go(&mut run, &mut keeper, &[], END);
    assert_ne!(digest(&mut run), whole, "edits change what a run comes to");

    for died in [4000, 5000, 7000, 9000] {
        let name = format!("died-{died}");
        let (mut run, mut keeper) = begin(&store, &name);
        go(&mut run, &mut keeper, &EDITS, died);
        // It dies without a word: its thread brings what it was given to the disk, and no more.
        keeper.beat(&mut run).expect("nothing fails");
        drop((run, keeper));
        let session = store.open(&name).expect("it is sound");
        let (mut run, mut keeper) = again(&session, None);
        assert!(run.counters().steps <= 4004, "it goes on from its snapshot");
        let left: Vec<_> = EDITS.iter().filter(|(at, _)| *at > died).copied().collect();
        go(&mut run, &mut keeper, &left, END);
        assert_eq!(digest(&mut run), whole, "died at {died}");
        keeper.beat(&mut run).expect("nothing fails");
        drop(keeper);
        let edits = session.model().edits;
        let edits: Vec<_> = edits.iter().map(|(_, edit)| (edit.steps, &edit.author)).collect();
        let user = "user".to_owned();
        assert_eq!(edits, EDITS.map(|(at, _)| (at, &user)), "each stands there once");
    }
}

#[test]
fn a_rewound_run_makes_the_edits_before_and_none_after() {
    let folder = Folder::new("rewound");
    let store = Store::new(&folder.0);
    let (mut run, mut keeper) = begin(&store, "run");
    go(&mut run, &mut keeper, &EDITS, 9000);
    keeper.beat(&mut run).expect("nothing fails");
    drop((run, keeper));
    let session = store.open("run").expect("it is sound");
    let (mut run, mut keeper) = again(&session, Some(7000));
    go(&mut run, &mut keeper, &[], END);
    let rewound = digest(&mut run);
    drop((run, keeper));
    let (mut run, mut keeper) = begin(&store, "expected");
    go(&mut run, &mut keeper, &EDITS[..3], END);
    let expected = digest(&mut run);
    assert_eq!(rewound, expected, "the undoing at step 8000 was never made");
    // Whoever is killed on the way stays where it had gone back to, with what was to be made again.
    drop(again(&session, Some(7000)));
    let (mut run, mut keeper) = again(&session, None);
    assert_eq!(run.counters().steps, SAVED, "what came after it is gone");
    go(&mut run, &mut keeper, &[], END);
    assert_eq!(digest(&mut run), expected);
    let mut model = Model::default();
    model.take(&mut session.read());
    assert!(model.damage.is_empty(), "{:?}", model.damage);
}
