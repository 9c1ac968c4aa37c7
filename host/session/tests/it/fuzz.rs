//! Readers of RON and journals under random changes: none panics, whatever it is given.
//!
//! What is tried is guided by what the readers say: an input that gets an answer nobody got before
//! is changed further. Counters in the code, as some tools put in, there are none.

use crate::scratch::{entries, identity, snapshot};
use crate::sim::Sim;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use thorndike_session::disk::Disk;
use thorndike_session::{Identity, Model, Session, Snapshot, Store, Writer, seal};

/// Inputs that are changed further at most.
const CORPUS_MAX: usize = 4096;

/// Chance, in the way of a multiplier and a shift.
struct Chance(u64);

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        ((self.0 >> 33) as usize) % count.max(1)
    }
}

/// Pieces that readers care about.
const WORDS: [&[u8]; 16] = [
    b"(",
    b")",
    b"[",
    b"]",
    b"{",
    b"}",
    b"\"",
    b"//",
    b"/*",
    b"Some(",
    b"None",
    b"inf",
    b"-0.0",
    b"18446744073709551616",
    b"\\u{1b}",
    b"\xff\xff\xff\xff",
];

/// An input with some changes: bits, bytes, words, parts cut out, doubled or taken from another.
fn changed(corpus: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = corpus[chance.below(corpus.len())].clone();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len() + 1);
        let part = at..(at + chance.below(32)).min(bytes.len());
        match chance.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            1 if at < bytes.len() => bytes[at] = chance.below(256) as u8,
            2 => drop(bytes.splice(at..at, WORDS[chance.below(WORDS.len())].iter().copied())),
            3 => drop(bytes.drain(part)),
            4 => {
                let part = bytes[part].to_vec();
                drop(bytes.splice(at..at, part));
            }
            5 => bytes.truncate(at),
            _ => {
                let other = &corpus[chance.below(corpus.len())];
                let from = chance.below(other.len() + 1);
                let other = other[from..].iter().copied().take(64).collect::<Vec<_>>();
                drop(bytes.splice(part, other));
            }
        }
        bytes.truncate(4096);
    }
    bytes
}

/// A number in the environment.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Tries so many inputs, and says how many answers there were. `FUZZ_SEED` tries others.
#[expect(clippy::print_stdout, reason = "whoever stops it wants to know how many were tried")]
fn tried(seeds: Vec<Vec<u8>>, inputs: u64, read: impl Fn(&[u8]) -> String) -> usize {
    let seed = number("FUZZ_SEED").unwrap_or(7);
    let (mut corpus, mut chance, mut answers) = (seeds, Chance(seed), BTreeSet::new());
    for seed in &corpus {
        answers.insert(read(seed));
    }
    for input in 1..=inputs {
        if input.is_multiple_of(1_000_000) {
            println!("{input} inputs");
        }
        let bytes = changed(&corpus, &mut chance);
        // Places and numbers make no answer another one.
        let answer: String =
            read(&bytes).chars().filter(|c| !c.is_ascii_digit()).take(120).collect();
        if corpus.len() < CORPUS_MAX && answers.insert(answer) {
            corpus.push(bytes);
        }
    }
    answers.len()
}

fn ron(inputs: u64) -> usize {
    let disk = Sim::default();
    let path = Path::new("/x.ron");
    let text = |write: &dyn Fn()| {
        write();
        let text = seal::read_text(&disk, path).expect("it was just written");
        disk.remove(path).expect("it is there");
        text.into_bytes()
    };
    let seeds = vec![
        text(&|| seal::write(&disk, path, &identity()).expect("it has room")),
        text(&|| seal::write(&disk, path, &snapshot(7)).expect("it has room")),
    ];
    tried(seeds, inputs, |bytes| {
        // The checksum is made to fit: what it keeps out is not what is tried here.
        let sum = blake3::hash(bytes).to_hex();
        let file = [bytes, b"// blake3=", sum.as_bytes(), b"\n"].concat();
        let disk = Sim::default();
        disk.write_new(path, &file).expect("it has room");
        let one = seal::read::<Identity>(&disk, path).map(|identity| identity.agent);
        let two = seal::read::<Snapshot>(&disk, path).map(|snapshot| snapshot.cause);
        let say = |read: thorndike_session::Result<String>| match read {
            Ok(_) => "sound".to_owned(),
            Err(error) => error.to_string(),
        };
        format!("{} {}", say(one), say(two))
    })
}

fn journals(inputs: u64) -> usize {
    let disk = Arc::new(Sim::default());
    let session = Store::on(disk.clone(), "/store").create(Some("run"), &identity());
    let session = session.expect("it has room");
    let (mut writer, _) = Writer::open(&session).expect("alone");
    writer.add_all(&entries(3));
    writer.sync().expect("it has room");
    drop(writer);
    let path = Path::new("/store/run/journal/000001.log");
    let seed = disk.read(path, 0, u64::MAX).expect("it is there");
    tried(vec![seed], inputs, |bytes| {
        // Every other input gets checksums that fit, frame by frame, so that payloads are read.
        let bytes = if bytes.len() % 2 == 0 { summed(bytes) } else { bytes.to_vec() };
        disk.remove(path).expect("it is there");
        disk.write_new(path, &bytes).expect("it has room");
        let session = Session::open_on(disk.clone(), Path::new("/store/run")).expect("sound");
        let mut model = Model::default();
        model.take(&mut session.read());
        let counts = (model.moments.len(), model.episodes.len(), model.alerts.len(), model.unknown);
        format!("{:?} {:?}", counts.0.min(3) + counts.1.min(3) + counts.2.min(3), model.damage)
    })
}

/// The frames of a journal with checksums of what they now hold.
fn summed(bytes: &[u8]) -> Vec<u8> {
    const BEFORE: usize = 13;
    let mut bytes = bytes.to_vec();
    let mut at = 16;
    while let Some(head) = bytes.get(at..at + 4) {
        let length = u32::from_le_bytes(head.try_into().expect("four bytes")) as usize;
        let Some(end) = at.checked_add(BEFORE + length).filter(|&end| end + 4 <= bytes.len())
        else {
            break;
        };
        let sum = crc32c::crc32c(&bytes[at..end]).to_le_bytes();
        bytes[end..end + 4].copy_from_slice(&sum);
        at = end + 4;
    }
    bytes
}

#[test]
fn readers_survive_whatever_they_are_given() {
    assert!(ron(20_000) > 20);
    assert!(journals(20_000) > 10);
}

/// `FUZZ_INPUTS` says how many; a million where it does not, since a hundred million take hours.
#[test]
#[ignore = "long: a million inputs take minutes"]
fn readers_survive_a_hundred_million_inputs() {
    let inputs = number("FUZZ_INPUTS").unwrap_or(1_000_000);
    let answers = (ron(inputs / 2), journals(inputs / 2));
    println!("{inputs} inputs, no panic; answers of the readers of RON and journals: {answers:?}");
}
