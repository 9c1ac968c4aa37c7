//! Power cuts at every moment, and disks that fail at every call: what was saved stays.

use crate::scratch::{entries, identity, snapshot, states, tables, whole};
use crate::sim::{Fault, Sim};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use thorndike_session::model::{Model, Played};
use thorndike_session::{Disk, Replay, Session, Store, Writer};

/// Generations that the work saves; enough for pruning to have something to do.
const GENERATIONS: u64 = 6;

/// Bytes after which another file of the journal begins: some of them do on the way.
const SEGMENT_BYTES: u64 = 600;

/// How far the work came.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    created: bool,
    /// Generations that were saved, as far as the writer was told.
    saved: u64,
    /// Frames that were on the disk, as far as the writer was told.
    frames: u64,
    /// Calls that failed.
    failed: u64,
}

fn store(disk: &Arc<Sim>) -> Store {
    Store::on(disk.clone(), "/store")
}

/// A session from its beginning to its end, going on after whatever fails.
fn work(disk: &Arc<Sim>) -> Progress {
    let mut progress = Progress::default();
    let created = store(disk).create(Some("run"), &identity());
    let opened = created.and_then(|session| Writer::open(&session));
    let Ok((mut writer, _)) = opened else {
        progress.failed += 1;
        return progress;
    };
    progress.created = true;
    writer.turn_after(SEGMENT_BYTES);
    for steps in 1..=GENERATIONS {
        writer.add_all(&entries(steps));
        progress.failed += u64::from(writer.flush().is_err());
        match writer.sync() {
            Ok(position) => progress.frames = position.frame,
            Err(_) => progress.failed += 1,
        }
        match writer.save_with(snapshot(steps), &states(steps), tables(steps)) {
            Ok(_) => progress.saved = steps,
            Err(_) => progress.failed += 1,
        }
        progress.failed += u64::from(writer.prune(&BTreeSet::new()).is_err());
        let replay = Replay { keys: vec![(0, vec![1])], ..Replay::default() };
        progress.failed += u64::from(writer.record(vec![replay]).is_err());
    }
    progress
}

/// The session is there with one of its generations, not older than the last one that was saved,
/// and with all that the journal was told to keep; it can be gone on with.
#[track_caller]
fn is_sound(disk: Sim, progress: Progress, newest: u64) {
    let disk = Arc::new(disk);
    let session = match store(&disk).open("run") {
        Ok(session) => session,
        Err(error) => {
            assert!(!progress.created, "{error}");
            return;
        }
    };
    let saved = match session.load() {
        Ok(loaded) => {
            let steps = loaded.snapshot.summary.steps;
            assert_eq!(loaded.states, whole(steps), "a mixture of generations");
            steps
        }
        Err(_) => 0,
    };
    assert!((progress.saved..=newest).contains(&saved), "{saved} for {progress:?}");
    let model = session.model();
    assert!(model.frame >= progress.frames, "{} for {progress:?}", model.frame);
    let missing = session.missing(&model);
    assert!(missing.is_empty(), "{missing:?} for {progress:?}: it was never there, or was pruned");
    let (mut writer, _) = Writer::open(&session).expect("the disk works again");
    writer.add_all(&entries(99));
    writer.save_with(snapshot(99), &states(99), tables(99)).expect("the disk works again");
    let loaded = session.load().expect("it was just saved");
    assert_eq!(loaded.states, whole(99));
    assert_eq!(session.model().episodes.last().map(Played::steps), Some(99));
}

/// Chooses as the digits of a number say, and counts the number on.
struct Odometer(Vec<(usize, usize)>, usize);

impl Odometer {
    fn choose(&mut self, count: usize) -> usize {
        if self.1 == self.0.len() {
            self.0.push((0, count));
        }
        self.1 += 1;
        self.0[self.1 - 1].0
    }

    /// Goes to the next number; false when there is none.
    fn next(&mut self) -> bool {
        self.1 = 0;
        while let Some((digit, count)) = self.0.pop() {
            if digit + 1 < count {
                self.0.push((digit + 1, count));
                return true;
            }
        }
        false
    }
}

/// Cuts the power after each call, in every way or in so many ways spread over all.
fn cuts(ways: usize) -> usize {
    let whole = Arc::new(Sim::default());
    work(&whole);
    let mut states = 0;
    for call in 0..whole.calls() {
        let fault = Fault { call, for_good: true, kind: ErrorKind::Other };
        let disk = Arc::new(Sim::with_fault(fault));
        let progress = work(&disk);
        let newest = (progress.saved + 1).min(GENERATIONS);
        let mut odometer = Odometer(Vec::new(), 0);
        let mut tried = 0;
        loop {
            let after = disk.after_power_cut(&mut |count| odometer.choose(count));
            is_sound(after, progress, newest);
            tried += 1;
            if !odometer.next() || tried == ways {
                break;
            }
        }
        // Those that come last in the order of counting are tried in the order of chance.
        let mut word = 0x9e37_79b9_7f4a_7c15_u64 ^ call;
        for _ in 0..if tried == ways { ways } else { 0 } {
            let after = disk.after_power_cut(&mut |count| {
                word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (word >> 33) as usize % count
            });
            is_sound(after, progress, newest);
            tried += 1;
        }
        states += tried;
    }
    states
}

#[test]
fn a_power_cut_leaves_the_last_generation_or_the_one_before() {
    assert!(cuts(5) > 500);
}

#[test]
#[ignore = "long: a quarter of a million states"]
fn a_power_cut_leaves_the_last_generation_or_the_one_before_in_thousands_of_ways() {
    let states = cuts(1000);
    assert!(states > 50_000, "{states} states");
}

#[test]
fn whatever_call_fails_costs_what_it_was_to_save_and_nothing_else() {
    let whole = Arc::new(Sim::default());
    assert_eq!(work(&whole).failed, 0);
    let files = whole.names(Path::new("/store/run/journal")).expect("they are there");
    assert!(files.len() > 2, "the journal has begun other files on the way: {files:?}");
    for kind in [ErrorKind::Other, ErrorKind::StorageFull, ErrorKind::ReadOnlyFilesystem] {
        for for_good in [false, true] {
            for call in 0..whole.calls() {
                let disk = Arc::new(Sim::with_fault(Fault { call, for_good, kind }));
                let progress = work(&disk);
                if !for_good && progress.created && progress.saved > 0 {
                    assert!(progress.saved >= GENERATIONS - 1, "{progress:?} after call {call}");
                }
                disk.repair();
                let left = disk.after_power_cut(&mut |_| 1);
                is_sound(left, progress, GENERATIONS);
            }
        }
    }
}

#[test]
fn what_cannot_be_read_for_a_while_is_never_taken_for_the_end() {
    let disk = Arc::new(Sim::default());
    work(&disk);
    let open = || Session::open_on(disk.clone(), Path::new("/store/run"));
    let all = open().expect("the disk works").model();
    assert!(all.damage.is_empty() && all.saved.len() > 1, "{all:?}");
    // That something could not be read at once stands among the damage, even if it could later.
    let known = |model: &Model| (model.frame, model.episodes.clone(), model.saved.len());
    let is_all = |model: &Model| known(model) == known(&all);
    let (mut refused, mut call) = (0, 0);
    for for_good in [false, true] {
        loop {
            disk.blind(Fault { call, for_good, kind: ErrorKind::Other });
            let told = open().and_then(|session| {
                let checked = session.verify(&mut |_| {});
                Writer::open(&session).map(|(_, model)| (model, checked.found.len()))
            });
            let is_over = disk.looks() <= call;
            disk.repair();
            let session = open().expect("the disk works again");
            assert!(is_all(&session.model()), "after look {call}");
            match told {
                Ok((model, found)) => assert!(found > 0 || is_all(&model), "after look {call}"),
                Err(_) => refused += 1,
            }
            call += 1;
            if is_over {
                break;
            }
        }
        call = 0;
    }
    assert!(refused > 20, "{refused}");
}

#[test]
fn what_fails_is_said_with_its_place() {
    let disk = Arc::new(Sim::default());
    let session = store(&disk).create(Some("run"), &identity()).expect("the disk works");
    let calls = disk.calls();
    for call in [0, 1, 5] {
        let fault = Fault { call: calls + call, for_good: true, kind: ErrorKind::StorageFull };
        let disk = Arc::new(Sim::with_fault(fault));
        let made = store(&disk).create(Some("run"), &identity()).expect("the disk works still");
        let (mut writer, _) = Writer::open(&made).expect("nothing is written yet");
        let error = writer
            .save_with(snapshot(1), &states(1), tables(1))
            .expect_err("the disk is full")
            .to_string();
        assert!(error.starts_with("cannot ") && error.contains("/store/run/"), "{error}");
    }
    assert_eq!(Session::open_on(disk, Path::new("/store/run")).expect("sound").name(), "run");
    drop(session);
}
