//! Tables: what changed is written, what did not is named again, and damage is told.

use crate::scratch::{Rows, Scratch, identity, snapshot, states};
use std::collections::BTreeSet;
use std::path::Path;
use thorndike_session::state::Kind;
use thorndike_session::table::{Part, Table};
use thorndike_session::{Session, Tensor, Writer};

fn table(parts: &[(u64, u8, u8)]) -> Vec<Table> {
    let rows = |&(stamp, first, count): &(u64, u8, u8)| Rows { stamp, first, count };
    let parts = parts.iter().map(|part| Box::new(rows(part)) as Box<dyn Part>).collect();
    vec![Table { state: "agent".into(), name: "steps".into(), parts, strewn: false }]
}

/// A column of ten thousand numbers in two parts.
fn weights(all: &[u32]) -> Vec<Table> {
    #[derive(Debug)]
    struct Weights(Vec<u32>);
    impl Part for Weights {
        fn stamp(&self) -> (u64, u64) {
            (0, 0)
        }
        fn tensors(&self) -> Vec<Tensor> {
            let bytes = self.0.iter().flat_map(|weight| weight.to_le_bytes()).collect();
            let (name, shape) = ("weights".into(), vec![self.0.len() as u64]);
            vec![Tensor { name, kind: Kind::U32, shape, bytes }]
        }
    }
    let parts = all.chunks(5000).map(|part| Box::new(Weights(part.to_vec())) as Box<dyn Part>);
    let (state, name) = ("agent".into(), "weights".into());
    vec![Table { state, name, parts: parts.collect(), strewn: true }]
}

#[test]
fn numbers_here_and_there_cost_little_and_are_gathered_up_now_and_then() {
    let scratch = Scratch::new();
    let session = scratch.store().create(Some("weights"), &identity()).expect("free");
    let (mut writer, _) = Writer::open(&session).expect("alone");
    let mut all: Vec<u32> = (0..10_000).collect();
    let (mut saved, mut whole, mut patched) = (Vec::new(), 0, 0);
    for steps in 1..=60 {
        let is_changed = steps % 7 != 3;
        if is_changed {
            for row in 0..1000 {
                all[row * 9 + steps as usize] = steps as u32 * 20_000;
            }
        }
        let written = writer.save_with(snapshot(steps), &states(7), weights(&all));
        let written = written.expect("the disk works");
        match written {
            0 => assert!(!is_changed),
            // A place is a byte and a number four.
            1..6000 => patched += 1,
            _ => whole += 1,
        }
        let kept = &session.latest().expect("sound").states[0].tables[0];
        assert_eq!(kept.parts.len(), 2);
        saved.push((steps, all.clone(), kept.patches.len()));
    }
    assert_eq!((whole, patched), (2, 49), "all is written when patches take four times as much");
    assert_eq!(saved.iter().map(|(_, _, patches)| *patches).max(), Some(30));
    let loads = |session: &Session, (steps, all, _): &(u64, Vec<u32>, usize)| {
        let snapshot = session.snapshot(*steps).expect("sound");
        let state = session.state(&snapshot, "agent").expect("sound");
        let weights = state.tensors.iter().find(|tensor| tensor.name == "weights");
        let weights = weights.expect("saved").bytes.as_chunks::<4>().0;
        let weights: Vec<u32> = weights.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
        assert!(weights == *all, "{steps}");
    };
    for one in &saved {
        loads(&session, one);
    }
    writer.prune(&BTreeSet::new()).expect("the disk works");
    loads(&session, &saved[59]);
    assert!(session.verify(&mut |_| {}).found.is_empty());
    drop(writer);

    // Another process knows nothing of before, and writes all of it once.
    let (mut writer, _) = Writer::open(&session).expect("alone");
    all[0] = 7;
    let written = writer.save_with(snapshot(61), &states(7), weights(&all));
    assert!(written.expect("the disk works") > 20_000);
    all[1] = 7;
    let written = writer.save_with(snapshot(62), &states(7), weights(&all));
    assert!(written.expect("the disk works") < 300);
    loads(&session, &(62, all, 0));
}

#[test]
fn parts_are_written_when_they_have_changed_and_come_back_as_one() {
    let scratch = Scratch::new();
    let session = scratch.store().create(Some("tables"), &identity()).expect("free");
    let (mut writer, _) = Writer::open(&session).expect("alone");
    let mut save = |steps, parts: &[(u64, u8, u8)]| {
        let written = writer.save_with(snapshot(steps), &states(7), table(parts));
        written.expect("the disk works")
    };
    let first = save(1, &[(1, 10, 4), (1, 90, 4), (1, 50, 2)]);
    assert!(first > 0);
    // A stamp decides, so a part that says it has not changed is not even looked at.
    assert_eq!(save(2, &[(1, 11, 4), (1, 91, 4), (1, 51, 2)]), 0);
    let part = save(3, &[(1, 10, 4), (2, 91, 4), (1, 50, 3)]);
    assert!(part > 0 && part < first, "{part} of {first}");
    let loaded = session.load().expect("sound");
    let tensors = &loaded.states[0].tensors;
    let narrow = tensors.iter().find(|tensor| tensor.name == "steps/narrow").expect("saved");
    assert_eq!(narrow.bytes, [10, 11, 12, 13, 91, 92, 93, 94, 50, 51, 52]);
    assert_eq!(narrow.shape, [11]);
    let wide = tensors.iter().find(|tensor| tensor.name == "steps/wide").expect("saved");
    assert_eq!(wide.bytes.len(), 33);
    assert_eq!(tensors.len(), 4, "the other tensors are there, too");
    assert!(session.verify(&mut |_| {}).found.is_empty());
    drop(writer);

    // Another process knows no stamps, but finds what lies there.
    let (mut writer, _) = Writer::open(&session).expect("alone");
    let again = table(&[(7, 10, 4), (7, 91, 4), (7, 50, 3)]);
    assert_eq!(writer.save_with(snapshot(4), &states(7), again).expect("the disk works"), 0);
    let snapshot = session.latest().expect("sound");
    let hash = &snapshot.states[0].tables[0].parts[1];
    let path = session.folder().join("objects").join(&hash[..2]).join(hash);
    flip(&path);
    let loaded = session.load().expect("the part as it was before is sound");
    assert_eq!((loaded.snapshot.number, loaded.lost.len()), (2, 2));
    assert!(loaded.lost.iter().all(|lost| lost.to_string().contains(hash)), "{:?}", loaded.lost);
    assert_eq!(session.verify(&mut |_| {}).found.len(), 1);
}

fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).expect("it is there");
    bytes[20] ^= 1;
    std::fs::write(path, bytes).expect("the folder is writable");
}
