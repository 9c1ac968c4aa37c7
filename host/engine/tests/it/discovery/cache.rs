//! What is kept between two starts, and what happens when it is damaged.

use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::Path,
    thread,
    time::Duration,
};

use thorndike_engine::plugin::{
    cache::{self, Cache},
    discover,
    manifest::Rejection,
    probe::{Death, Outcome, Report},
};

use super::{API, cache_in, place, sound, survey_one};
use crate::fixture::{Folder, plugin};

fn hash_of(path: &Path) -> blake3::Hash {
    blake3::hash(&fs::read(path).expect("readable"))
}

#[test]
fn fault_15_the_private_copy_outlives_whatever_happens_to_the_file() {
    let folder = Folder::new();
    let (path, cache) = (folder.file("plugin.so"), cache_in(&folder));
    fs::write(&path, sound()).expect("new");
    let hash = hash_of(&path);
    let copy = cache.private_copy(hash, &path).expect("the file is sound");
    let mode = fs::metadata(&copy).expect("just made").permissions().mode();
    assert_eq!(mode & 0o777, 0o500);
    let change: [&dyn Fn(); 3] = [
        &|| fs::write(&path, "overwritten").expect("ours"),
        &|| File::options().write(true).open(&path).expect("ours").set_len(3).expect("ours"),
        &|| fs::remove_file(&path).expect("ours"),
    ];
    for change in change {
        change();
        assert_eq!(cache.private_copy(hash, &path), Ok(copy.clone()));
        assert_eq!(hash_of(&copy), hash);
    }
}

#[test]
fn a_damaged_private_copy_is_made_again() {
    let folder = Folder::new();
    let (path, cache) = (folder.file("plugin.so"), cache_in(&folder));
    fs::write(&path, sound()).expect("new");
    let hash = hash_of(&path);
    let copy = cache.private_copy(hash, &path).expect("the file is sound");
    fs::remove_file(&copy).expect("ours");
    fs::write(&copy, "something else").expect("ours");
    assert_eq!(cache.private_copy(hash, &path), Ok(copy.clone()));
    assert_eq!(hash_of(&copy), hash);
    fs::remove_file(&copy).expect("ours");
    fs::write(&path, "rebuilt meanwhile").expect("ours");
    assert_eq!(cache.private_copy(hash, &path), Err(Rejection::Changed));
    assert_eq!(fs::read_dir(copy.parent().expect("a folder")).expect("ours").count(), 0);
}

#[test]
fn old_copies_go_and_listed_ones_stay() {
    let folder = Folder::new();
    let cache = cache_in(&folder);
    let mut hashes = Vec::new();
    for number in 0..4 {
        let path = folder.file(&format!("{number}.so"));
        fs::write(&path, vec![number; 1000]).expect("new");
        hashes.push(hash_of(&path));
        cache.private_copy(hashes[usize::from(number)], &path).expect("readable");
        thread::sleep(Duration::from_millis(15));
        fs::remove_file(path).expect("ours");
    }
    cache.prune(&hashes[..1], 2500);
    let left = |hash: &blake3::Hash| cache.private_copy(*hash, Path::new("/nowhere")).is_ok();
    assert_eq!(hashes.iter().map(left).collect::<Vec<bool>>(), [true, false, false, true]);
}

#[test]
fn a_damaged_cache_is_ignored_and_written_again() {
    let folder = Folder::new();
    plugin(&folder.file("toy.so"), "described", "");
    assert_eq!(survey_one(&folder).plugins.len(), 1);
    let probes = folder.file("cache/probes");
    let entry = fs::read_dir(probes).expect("made").next().expect("one").expect("readable").path();
    let index = folder.file("cache/index.ron");
    let sound = [fs::read(&entry).expect("made"), fs::read(&index).expect("made")];
    let hash = hash_of(&folder.file("toy.so"));
    let expected = cache_in(&folder).probed(hash).expect("just probed");
    for at in 0..sound[0].len() {
        let mut damaged = sound[0].clone();
        damaged[at] ^= 1;
        fs::write(&entry, &damaged).expect("ours");
        assert_eq!(cache_in(&folder).probed(hash), None, "byte {at}");
    }
    for junk in [&b""[..], b"junk", &sound[0][..sound[0].len() / 2], &[0xff; 4096]] {
        fs::write(&entry, junk).expect("ours");
        fs::write(&index, junk).expect("ours");
        assert_eq!(survey_one(&folder).plugins.len(), 1);
        assert_eq!(cache_in(&folder).probed(hash), Some(expected.clone()));
        assert_eq!(fs::read(&entry).expect("ours"), sound[0]);
    }
}

#[test]
fn a_probe_is_good_for_one_build_of_the_host_and_a_refusal_for_none() {
    let folder = Folder::new();
    let cache = cache_in(&folder);
    let hash = blake3::hash(b"any");
    let report = |outcome| Report { outcome, printed: "said".into() };
    let ready = report(Outcome::Ready((0..=255).collect()));
    cache.remember(hash, &ready);
    assert_eq!(cache.probed(hash), Some(ready));
    assert_eq!(cache.probed(blake3::hash(b"other")), None);
    let newer = Cache::open(&folder.file("cache"), "another build").expect("ours");
    assert_eq!(newer.probed(hash), None);
    let late = report(Outcome::Died(Death::Deadline(Duration::from_millis(1500))));
    cache.remember(hash, &late);
    assert_eq!(cache.probed(hash), Some(late));
    cache.forget(hash);
    assert_eq!(cache.probed(hash), None);
    cache.remember(hash, &report(Outcome::Refused("not today".into())));
    assert_eq!(cache.probed(hash), None);
    assert_eq!(cache::host_build(), cache::host_build());
}

#[test]
fn deaths_in_a_row_keep_a_file_out_until_it_is_asked_for() {
    let folder = Folder::new();
    plugin(&folder.file("toy.so"), "described", "");
    let cache = cache_in(&folder);
    let hash = hash_of(&folder.file("toy.so"));
    let pedal = cache.press(hash, "stepping `Toy-v0`").expect("ours");
    assert_eq!(cache.left_over(hash), None, "its owner lives");
    drop(pedal);
    assert_eq!(cache.left_over(hash), None, "its owner was done");
    assert_eq!(survey_one(&folder).plugins.len(), 1);
    let note = folder.file("cache/pedals").join(format!("{hash}.txt"));
    // What a process leaves behind: the note, and nobody who holds it.
    let leave = |end: &[u8]| {
        let pedal = cache.press(hash, "stepping `Toy-v0`").expect("ours");
        let bytes = fs::read(&note).expect("pressed");
        drop(pedal);
        fs::write(&note, [&bytes, end].concat()).expect("ours");
    };
    for _ in 0..5 {
        // Who is killed from outside completes no line.
        leave(b"");
        assert_eq!(survey_one(&folder).plugins.len(), 1);
    }
    for deaths in 1..=3 {
        leave(b"\n");
        // Once and even twice it may have been something else.
        assert_eq!(survey_one(&folder).plugins.len(), usize::from(deaths < 3), "{deaths}");
    }
    let found = survey_one(&folder);
    assert!(found.plugins.is_empty());
    assert!(
        found.rejected[0].reason.contains("the bench ended while it was stepping `Toy-v0`"),
        "{}",
        found.rejected[0].reason
    );
    cache.forget(hash);
    assert_eq!(survey_one(&folder).plugins.len(), 1);
    // By now there is a sound probe, which says nothing of what happened after it.
    fs::write(&note, "loading it\n".repeat(3)).expect("ours");
    assert!(survey_one(&folder).plugins.is_empty());
}

#[test]
fn a_rebuilt_file_is_seen_even_within_one_tick_of_the_clock() {
    let folder = Folder::new();
    let path = folder.file("toy.so");
    let cache = cache_in(&folder);
    for round in 0..20_u8 {
        // Same inode, same length, and as soon as possible after the last look.
        fs::write(&path, [sound(), &[round]].concat()).expect("ours");
        let found = discover::discover(&place(&folder), &cache, API);
        assert_eq!(found.candidates[0].hash, hash_of(&path), "round {round}");
    }
}
