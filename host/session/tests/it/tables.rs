//! Tables: what changed is written, what did not is named again, and damage is told.

use crate::scratch::{Rows, Scratch, identity, snapshot, states};
use std::path::Path;
use thorndike_session::Writer;
use thorndike_session::table::{Part, Table};

fn table(parts: &[(u64, u8, u8)]) -> Vec<Table> {
    let rows = |&(stamp, first, count): &(u64, u8, u8)| Rows { stamp, first, count };
    let parts = parts.iter().map(|part| Box::new(rows(part)) as Box<dyn Part>).collect();
    vec![Table { state: "agent".into(), name: "steps".into(), parts }]
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
