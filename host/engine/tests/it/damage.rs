//! Damaged files of a session: whatever lengths they claim, nobody makes room for more than twice
//! the bytes there are.

use plugin_api::testing::heap::largest;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thorndike_session::journal::{Commit, Entry, Line, Metrics};
use thorndike_session::replay::{Library, Replay};
use thorndike_session::state::Kind;
use thorndike_session::{Identity, Model, Session, Snapshot, State, Store, Tensor, Writer, seal};

/// Bytes of the largest tensor, which may lie in several files.
const TENSOR_BYTES: usize = 100_000;

/// Bytes that are all different from each other as far as anything can tell.
fn noise(count: usize) -> Vec<u8> {
    (0..count as u64).map(|byte| (byte.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

fn episode(steps: usize) -> Replay {
    Replay {
        first: noise(16),
        action_bytes: 8,
        actions: noise(8 * steps),
        rewards: vec![1.0; steps],
        flags: vec![0; steps],
        hashes: vec![7; steps],
        keys: vec![(0, noise(40)), (steps as u64 / 2, noise(40))],
        ..Replay::default()
    }
}

/// A session with something of everything.
fn saved(folder: &Path) -> Session {
    let session = Store::new(folder).create(Some("run"), &Identity::default()).expect("free");
    let (mut writer, _) = Writer::open(&session).expect("nobody else writes");
    let name: Arc<str> = "a".into();
    for steps in 0..200 {
        let values = vec![(name.clone(), 1.0); 20];
        writer.add(&Entry::Metrics(Metrics { steps, values, ..Metrics::default() }));
        let units = vec![(0, 1); 5];
        writer.add(&Entry::Commits(vec![Commit { update: steps, steps, units }]));
        let text = "a line".to_owned();
        writer.add(&Entry::Log(Line { steps, text, ..Line::default() }));
    }
    writer.record(vec![episode(900), episode(300)]).expect("writable");
    let tensor = |name: &str, count: usize| Tensor {
        name: name.to_owned(),
        kind: Kind::U8,
        shape: vec![count as u64],
        bytes: noise(count),
    };
    let tensors = vec![tensor("small", 1000), tensor("large", TENSOR_BYTES)];
    writer
        .save(Snapshot::default(), &[State { name: "agent".to_owned(), tensors }])
        .expect("writable");
    session
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("it can be listed").flatten();
    let below = entries.flat_map(|entry| match entry.path() {
        path if path.is_dir() => files(&path),
        path => vec![path],
    });
    below.collect()
}

/// Reads all there is to read; whether it is sound is for other tests.
fn read_all(folder: &Path) {
    let Ok(session) = Session::open(folder) else { return };
    let mut model = Model::default();
    model.take(&mut session.read());
    drop(session.load());
    if let Ok(takes) = session.takes() {
        let mut library = Library::new(session.clone());
        for place in takes.all.iter().flat_map(|take| &take.parts) {
            drop(library.part(place));
        }
    }
    drop(session.verify(&mut |_| {}));
}

/// What may become of the bytes of a file: parts gone, bits flipped, and numbers where a length may
/// stand made as large as can be.
fn damaged(sound: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let stride = (sound.len() / 20).max(1);
    let places = (0..sound.len()).filter(move |at| *at < 40 || at.is_multiple_of(stride));
    places.flat_map(|at| {
        let mut flipped = sound.to_vec();
        flipped[at] ^= 0x80;
        let huge = |width: usize, byte: u8| {
            let mut bytes = sound.to_vec();
            let to = (at + width).min(bytes.len());
            bytes[at..to].fill(byte);
            bytes
        };
        [sound[..at].to_vec(), flipped, huge(4, 0xff), huge(8, 0x7f), huge(3, 0x0f)]
    })
}

#[test]
fn nobody_makes_room_for_more_than_twice_the_bytes_of_a_damaged_file() {
    let folder = std::env::temp_dir().join(format!("thorndike-damage-{}", std::process::id()));
    let session = saved(&folder);
    let all = files(session.folder());
    let length = |path: &PathBuf| fs::metadata(path).expect("it is there").len() as usize;
    let most = 2 * all.iter().map(length).max().expect("there are some").max(TENSOR_BYTES);
    let ((), sound) = largest(|| read_all(session.folder()));
    assert!((most / 4..=most).contains(&sound), "{sound} of {most}: it reads, and it counts");
    for file in all {
        let bytes = fs::read(&file).expect("it was just written");
        let is_text = file.extension().is_some_and(|ending| ending == "ron");
        for damaged in damaged(&bytes) {
            fs::write(&file, damaged).expect("writable");
            let ((), room) = largest(|| read_all(session.folder()));
            assert!(room <= most, "{room} bytes of {most} for {}", file.display());
        }
        // With a checksum that fits, so that what is wrong is read.
        let body = String::from_utf8_lossy(&bytes).into_owned();
        let body = body.split("// blake3=").next().filter(|_| is_text).unwrap_or_default();
        for number in ["18446744073709551615", "4294967295"] {
            for (at, _) in body.match_indices(|c: char| c.is_ascii_digit()).step_by(9) {
                let text = format!("{}{number}{}", &body[..at], &body[at + 1..]);
                let disk = thorndike_session::RealDisk;
                seal::write_text(&disk, &file, &text).expect("writable");
                let ((), room) = largest(|| read_all(session.folder()));
                assert!(room <= most, "{room} bytes of {most} for {text}");
            }
        }
        fs::write(&file, bytes).expect("writable");
    }
    assert!(session.verify(&mut |_| {}).found.is_empty(), "it is sound again");
    fs::remove_dir_all(&folder).expect("it is ours");
}
