//! What is read from a file before anything in it is executed.

use std::{
    env,
    fs::{self, File},
    os::unix::{fs::PermissionsExt, net::UnixListener},
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use thorndike_engine::plugin::{
    manifest::{self, Rejection},
    survey::survey,
};

use super::{API, cache_in, no_prober, place, sound};
use crate::fixture::{Folder, MANIFEST, Numbers, compile, manifest_code};

#[test]
fn a_sound_plugin_is_read_without_being_opened() {
    let manifest = manifest::parse(sound(), API).expect("the file is sound");
    assert_eq!((manifest.api, manifest.name.as_str()), ((1, 0), "toy"));
    assert_eq!((manifest.envs, manifest.agents), (vec!["Toy-v0".into()], vec!["toy-agent".into()]));
    assert!(!manifest.panic.is_empty() && manifest.needs.is_empty());
}

#[test]
fn a_stripped_plugin_keeps_its_manifest() {
    let folder = Folder::new();
    let path = folder.file("stripped.so");
    compile(&manifest_code(MANIFEST), &path, &["-s"]);
    assert!(manifest::read(&path, API).is_ok());
}

#[test]
fn fault_09_a_file_cut_at_any_4_kib_boundary_is_never_opened() {
    let folder = Folder::new();
    let bytes = sound();
    let cuts: Vec<usize> = (4096..bytes.len()).step_by(4096).collect();
    assert!(cuts.len() > 70, "{}", cuts.len());
    for cut in &cuts {
        fs::write(folder.file(&format!("cut-{cut}.so")), &bytes[..*cut]).expect("disk has room");
    }
    let found = survey(&place(&folder), &cache_in(&folder), &no_prober(), API);
    assert!(found.plugins.is_empty());
    assert_eq!(found.rejected.len(), cuts.len());
    for rejected in found.rejected {
        assert_eq!(rejected.reason, "is damaged: it is cut short; rebuild it");
    }
}

#[test]
fn a_file_cut_at_any_byte_of_its_tables_is_rejected() {
    let bytes = sound();
    for cut in (0..5000).chain(bytes.len() - 5000..bytes.len()) {
        assert!(manifest::parse(&bytes[..cut], API).is_err(), "cut at {cut}");
    }
}

/// Changes a few bytes, half of the time where the tables that lead to the manifest are.
fn mutate(bytes: &mut [u8], numbers: &mut Numbers) {
    let tables = u64::from_le_bytes(*bytes[40..].first_chunk().expect("a header")) as usize;
    let sections = bytes.len() - tables;
    for _ in 0..=numbers.below(8) {
        let at = match numbers.below(4) {
            0 => numbers.below(1024),
            1 => tables + numbers.below(sections),
            _ => numbers.below(bytes.len()),
        };
        bytes[at] = match numbers.below(3) {
            0 => bytes[at] ^ (1 << numbers.below(8)),
            1 => 0xff,
            _ => numbers.below(256) as u8,
        };
    }
}

#[test]
fn fault_10_ten_thousand_mutated_files_never_panic_the_reader() {
    let mut numbers = Numbers(10);
    let (mut accepted, mut rejected) = (0, 0);
    let mut bytes = sound().to_vec();
    for _ in 0..10_000 {
        bytes.copy_from_slice(sound());
        mutate(&mut bytes, &mut numbers);
        match manifest::parse(&bytes, API) {
            Ok(_) => accepted += 1,
            Err(rejection) => {
                let line = rejection.to_string();
                assert!(!line.contains('\n') && line.len() < 300, "{line}");
                rejected += 1;
            }
        }
    }
    assert!(accepted > 1000 && rejected > 1000, "{accepted} accepted, {rejected} rejected");
}

#[test]
fn a_manifest_of_another_kind_is_named() {
    let folder = Folder::new();
    let path = folder.file("other.so");
    let cases = [
        (MANIFEST.replace("(1, 0)", "(2, 3)"), "plugin API 2.3, and this bench takes 1.x"),
        ("(api: (7, 0), all: \"else is new\")".into(), "plugin API 7.0"),
        (MANIFEST.replace("unwind", "abort"), "rebuild it with panic = \"unwind\""),
        (MANIFEST.replace("\"toy\"", "3"), "its manifest cannot be read"),
        (MANIFEST.replace("\"toy\"", "\"to\\u{1b}y\""), "unprintable names"),
        (String::new(), "its manifest cannot be read"),
        ("[".repeat(4000), "its manifest cannot be read"),
        (format!("{MANIFEST}{}", " ".repeat(4096)), "at most 4096 bytes"),
    ];
    for (manifest, expected) in cases {
        compile(&manifest_code(&manifest), &path, &[]);
        let line = manifest::read(&path, API).expect_err(expected).to_string();
        assert!(line.contains(expected), "{line}");
        assert!(line.len() < 300 && !line.contains(char::is_control), "{line}");
    }
    compile("int answer = 42;", &path, &[]);
    assert_eq!(manifest::read(&path, API), Err(Rejection::NotAPlugin));
}

/// The line that one odd file in a folder costs.
#[track_caller]
fn line_for(name: &str, make: impl FnOnce(&Path)) -> String {
    line_in(&Folder::new(), name, make)
}

#[track_caller]
fn line_in(folder: &Folder, name: &str, make: impl FnOnce(&Path)) -> String {
    let cache = cache_in(folder);
    make(&folder.file(name));
    let look = || {
        let begin = Instant::now();
        let found = survey(&place(folder), &cache, &no_prober(), API);
        (begin.elapsed(), found)
    };
    // The quickest of a few looks: other work on the machine is not what is measured.
    let (spent, found) =
        [look(), look(), look()].into_iter().min_by_key(|look| look.0).expect("three");
    assert!(found.plugins.is_empty());
    assert_eq!(found.rejected.len(), 1, "{:?}", found.rejected);
    assert!(spent <= Duration::from_millis(50), "{name} took {spent:?}");
    let line = found.rejected[0].to_string();
    let folder = folder.0.to_str().expect("a plain path");
    line.strip_prefix(folder).expect("the line begins with the path")[1..].to_owned()
}

#[test]
fn fault_11_whatever_lies_in_a_plugin_folder_costs_one_line() {
    assert_eq!(
        line_for("fifo.so", |path| {
            assert!(Command::new("mkfifo").arg(path).status().expect("a shell tool").success());
        }),
        "fifo.so is a pipe, not a file"
    );
    assert_eq!(
        line_for("device.so", |path| link("/dev/zero", path)),
        "device.so is a device, not a file"
    );
    assert_eq!(
        line_for("folder.so", |path| fs::create_dir(path).expect("new")),
        "folder.so is a directory, not a file"
    );
    assert_eq!(
        line_for("socket.so", |path| drop(UnixListener::bind(path).expect("new"))),
        "socket.so is a socket, not a file"
    );
    assert_eq!(
        line_for("loop.so", |path| link(path, path)),
        "loop.so is a symbolic link that leads back to itself, not a file"
    );
    assert_eq!(
        line_for("gone.so", |path| link("/nowhere", path)),
        "gone.so cannot be read: no such file"
    );
    assert_eq!(
        line_for("sparse.so", |path| File::create(path)
            .expect("new")
            .set_len(2 << 30)
            .expect("sparse")),
        "sparse.so has 2048 MB, and a plugin has at most 512 MB"
    );
    assert_eq!(
        line_for("zeros.so", |path| File::create(path)
            .expect("new")
            .set_len(500 << 20)
            .expect("sparse")),
        "zeros.so is not a shared library"
    );
    for content in ["", "\x7fEL", "a few lines\nof text\n"] {
        assert_eq!(
            line_for("text.so", |path| fs::write(path, content).expect("new")),
            "text.so is not a shared library"
        );
    }
    assert_eq!(
        line_for("new\nline\x1b.so", |path| fs::write(path, "text").expect("new")),
        "new line\\x1b.so is not a shared library"
    );
}

fn link(to: impl AsRef<Path>, at: &Path) {
    std::os::unix::fs::symlink(to, at).expect("a new name");
}

#[test]
fn fault_11_an_unreadable_file_costs_one_line() {
    let folder = Folder::new();
    let as_nobody = || {
        line_in(&folder, "secret.so", |path| {
            fs::write(path, sound()).expect("new");
            fs::set_permissions(path, fs::Permissions::from_mode(0o000)).expect("ours");
            #[expect(unsafe_code, reason = "the superuser can read every file")]
            // SAFETY: The call only changes with whose rights this thread opens files.
            unsafe {
                libc::setfsuid(65534);
            }
        })
    };
    // The rights go with the thread, so the folder can be removed afterwards.
    let line = thread::scope(|scope| scope.spawn(as_nobody).join()).expect("no panic");
    assert_eq!(line, "secret.so cannot be read: permission denied");
}

#[test]
fn foreign_libraries_are_named_for_what_they_are() {
    let changed = |at: usize, bytes: &[u8]| {
        let mut file = sound().to_vec();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        manifest::parse(&file, API).expect_err("changed")
    };
    assert_eq!(changed(4, &[1]), Rejection::WrongClass);
    assert_eq!(changed(18, &[40, 0]), Rejection::WrongMachine { found: "32-bit ARM".into() });
    assert_eq!(changed(18, &[0, 183]), Rejection::WrongMachine { found: "machine 46848".into() });
    assert_eq!(changed(16, &[1, 0]), Rejection::NotShared);
    assert_eq!(changed(60, &[0, 0]), Rejection::NotAPlugin);
    assert_eq!(changed(40, &u64::MAX.to_le_bytes()), Rejection::Damaged("it is cut short".into()));
    assert_eq!(
        Rejection::WrongMachine { found: "AArch64".into() }.to_string(),
        format!("is built for AArch64, and this machine is {}; rebuild it here", env::consts::ARCH)
    );
}
