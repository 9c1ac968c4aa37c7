//! Children that open hostile files and what is said of them.

use std::{
    env,
    error::Error,
    ffi::{CStr, OsString, c_char},
    fs,
    path::Path,
    time::{Duration, Instant},
};

use libloading::{Library, Symbol};
use thorndike_engine::plugin::{
    manifest,
    probe::{self, Death, Limits, Outcome, Prober, Report},
};

use super::{API, no_prober};
use crate::fixture::{Folder, Numbers, plugin};

/// Not a test of its own: the child of the tests that probe is this very binary, told to run this.
#[test]
fn probe_child() {
    if env::var_os("THORNDIKE_PROBE_CHANNEL").is_some() {
        let path = env::args_os().next_back().expect("the parent names a file");
        let error = probe::child_main(Path::new(&path), open_toy);
        panic!("a probe child does not come back: {error:?}");
    }
}

fn open_toy(path: &Path) -> Result<Vec<u8>, String> {
    #[expect(unsafe_code, reason = "opening foreign code is what is tested")]
    // SAFETY: Whatever the library does, it does to a child made for that.
    let library = unsafe { Library::new(path) }.map_err(|error| reason(&error))?;
    #[expect(unsafe_code, reason = "opening foreign code is what is tested")]
    // SAFETY: The test libraries define this function with this signature.
    let descriptor = unsafe {
        let describe: Symbol<'_, unsafe extern "C" fn() -> *const c_char> =
            library.get(b"toy_descriptor").map_err(|error| reason(&error))?;
        CStr::from_ptr(describe()).to_bytes().to_vec()
    };
    std::mem::forget(library);
    Ok(descriptor)
}

/// The words of the system's library loader, which the error only keeps as its source.
fn reason(error: &libloading::Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

pub(super) fn prober() -> Prober {
    let arguments = ["discovery::probe::probe_child", "--exact", "--nocapture", "--test-threads=1"];
    Prober { arguments: arguments.map(OsString::from).to_vec(), ..Prober::default() }
}

fn probe(constructor: &str) -> Report {
    let folder = Folder::new();
    let path = folder.file("probed.so");
    plugin(&path, "probed", constructor);
    prober().probe(&path, Limits::LIGHT)
}

#[test]
fn fault_10_mutated_files_that_look_sound_only_ever_kill_the_child() {
    mutated_files_only_ever_kill_the_child(60);
}

#[test]
#[ignore = "long: ten thousand mutated files are opened by a child each"]
fn fault_10_ten_thousand_mutated_files_that_look_sound_only_ever_kill_the_child() {
    mutated_files_only_ever_kill_the_child(10_000);
}

/// Has a child open so many of them.
fn mutated_files_only_ever_kill_the_child(files: usize) {
    let folder = Folder::new();
    let path = folder.file("mutated.so");
    // Small, so that the changes hit what the loader of the system looks at.
    plugin(&path, "mutated", "");
    let original = fs::read(&path).expect("the compiler wrote it");
    let mut numbers = Numbers(11);
    let (mut ready, mut refused, mut died) = (0, 0, 0);
    let mut rounds = 0;
    while ready + refused + died < files {
        rounds += 1;
        let mut bytes = original.clone();
        for _ in 0..200 {
            let at = 64 + numbers.below(bytes.len() - 64);
            bytes[at] ^= 1 << numbers.below(8);
        }
        // Half of them with sound section headers and manifest, which then do not protect.
        if rounds % 2 == 0 {
            let tables = u64::from_le_bytes(*bytes[40..].first_chunk().expect("a header")) as usize;
            bytes[tables..].copy_from_slice(&original[tables..]);
            let names = original.len() - original.len() / 4;
            bytes[names..].copy_from_slice(&original[names..]);
        } else if manifest::parse(&bytes, API).is_err() {
            continue;
        }
        fs::write(&path, &bytes).expect("disk has room");
        let limits = Limits { deadline: Duration::from_millis(500), ..Limits::LIGHT };
        match prober().probe(&path, limits).outcome {
            Outcome::Ready(_) => ready += 1,
            Outcome::Refused(_) => refused += 1,
            Outcome::Died(_) => died += 1,
        }
    }
    assert!(died > 10, "{ready} ready, {refused} refused, {died} died");
}

#[test]
fn a_sound_plugin_describes_itself() {
    assert_eq!(probe("").outcome, Outcome::Ready(b"probed".to_vec()));
}

#[test]
fn what_a_plugin_prints_is_no_report_and_spoils_none() {
    let report = probe(
        "for (int fd = 0; fd < 64; fd++) write(fd, \"garbage on every open file\", 26);\
         printf(\"a line\\n\"); fflush(stdout);",
    );
    assert_eq!(report.outcome, Outcome::Ready(b"probed".to_vec()));
}

#[test]
fn fault_08_ten_megabytes_of_escape_codes_do_not_hold_up_a_probe() {
    let report = probe(
        "for (int i = 0; i < 1000000; i++) fputs(\"\\033[2J\\033[1;1H\", i % 64 ? stdout : stderr);\
         puts(\"\\n\\033[31mlast line\"); fflush(stdout); abort();",
    );
    assert_eq!(report.outcome, Outcome::Died(Death::Signal(libc::SIGABRT)));
    assert_eq!(report.printed, "\\x1b[31mlast line");
    assert_eq!(
        report.into_descriptor(),
        Err("crashed with SIGABRT when it was opened; it printed: \\x1b[31mlast line".into())
    );
}

#[test]
fn fault_05_a_constructor_that_ends_the_process_is_named() {
    for (constructor, expected) in [
        ("exit(0);", Death::Exit(0)),
        ("_exit(0);", Death::Exit(0)),
        ("exit(1);", Death::Exit(1)),
        ("abort();", Death::Signal(libc::SIGABRT)),
        ("raise(SIGKILL);", Death::Signal(libc::SIGKILL)),
        ("kill(0, SIGKILL);", Death::Signal(libc::SIGKILL)),
        ("volatile int *volatile nowhere = 0; *nowhere = 1;", Death::Signal(libc::SIGSEGV)),
    ] {
        assert_eq!(probe(constructor).outcome, Outcome::Died(expected), "{constructor}");
    }
    assert_eq!(Death::Exit(0).to_string(), "ended the process with code 0 when it was opened");
}

#[test]
fn fault_04_a_constructor_that_never_returns_is_killed_at_the_deadline() {
    let folder = Folder::new();
    let path = folder.file("loops.so");
    // The grandchild holds on to the output, and must not be waited for.
    for constructor in ["for (;;) ;", "if (fork() >= 0) for (;;) pause();"] {
        plugin(&path, "never", constructor);
        let limits = Limits { deadline: Duration::from_millis(300), ..Limits::LIGHT };
        let begin = Instant::now();
        let report = prober().probe(&path, limits);
        assert_eq!(report.outcome, Outcome::Died(Death::Deadline(limits.deadline)));
        let spent = begin.elapsed();
        assert!(spent >= limits.deadline && spent < Duration::from_secs(2), "{spent:?}");
    }
    assert_eq!(
        Death::Deadline(Limits::LIGHT.deadline).to_string(),
        "was not done with being opened after 2 s"
    );
}

#[test]
fn fault_04_a_grandchild_that_left_the_session_is_not_waited_for() {
    let begin = Instant::now();
    let report = probe("if (fork() == 0) { setsid(); sleep(3); _exit(0); }");
    assert_eq!(report.outcome, Outcome::Ready(b"probed".to_vec()));
    assert!(begin.elapsed() < Duration::from_secs(2));
}

#[test]
fn fault_06_allocation_without_end_stops_at_the_limit() {
    let report = probe(
        "if (malloc((size_t)1 << 50)) _exit(9);\
         for (;;) { if (!malloc(64 << 20)) abort(); }",
    );
    assert_eq!(report.outcome, Outcome::Died(Death::Signal(libc::SIGABRT)));
}

#[test]
fn what_the_child_has_is_bounded() {
    let report = probe(
        "char text[64]; if (getsid(0) != getpid()) _exit(3); if (read(0, text, 1) != 0) _exit(4);\
         if (isatty(1) || isatty(2)) _exit(5); if (fcntl(400, F_GETFD) >= 0) _exit(6);",
    );
    assert_eq!(report.outcome, Outcome::Ready(b"probed".to_vec()));
}

#[test]
fn a_child_that_is_started_by_hand_only_says_so() {
    let error = probe::child_main(Path::new("any.so"), |_| panic!("nothing is opened"));
    assert_eq!(
        error.expect_err("no channel").to_string(),
        "a probe child is only started by the bench itself"
    );
}

#[test]
fn a_prober_that_cannot_start_is_one_line() {
    let report = no_prober().probe(Path::new("any.so"), Limits::LIGHT);
    let line = report.into_descriptor().expect_err("no such program");
    assert!(line.starts_with("could not be probed: "), "{line}");
}
