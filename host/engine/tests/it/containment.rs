//! Foreign code that runs in the process: what it prints, and what is left when it ends it.
//!
//! Each case is a child of its own on a terminal of its own, and looks at that terminal afterwards.

mod stage;

use std::{
    env, fs,
    io::Write,
    os::{fd::AsFd, unix::process::ExitStatusExt},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use libloading::{Library, Symbol};
use rustix::{
    event::{PollFd, PollFlags, poll},
    process::Signal,
    termios::{OptionalActions, tcgetattr, tcsetattr},
};
use thorndike_engine::plugin::{
    cache::Cache,
    capture::{Capture, Terminal},
    safety::{self, Call, Crash, Net, StopSignals, last_crash},
};

use crate::fixture::{Folder, compile};
use stage::{Ended, Stage};

const ENTER: &[u8] = b"\x1b[?1049h";

/// Folder, below that for temporary files, in which a child notes what it is about to do.
const OFFENCES: &str = "thorndike-offences";
const LEAVE: &[u8] = b"\x1b[?1049l";

/// A library with one function for each thing that should not happen.
const FAULTS: &str = r#"
    #include <pthread.h>
    #include <signal.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <sys/mman.h>
    #include <sys/wait.h>
    #include <unistd.h>

    void null_write(void) { volatile int *volatile nowhere = 0; *nowhere = 1; }
    void aborts(void) { abort(); }
    void divides(void) { volatile int zero = 0; volatile int x = 7 / zero; }
    void illegal(void) { __builtin_trap(); }
    void behind_the_end(void) {
        char name[] = "/tmp/thorndike-XXXXXX";
        int file = mkstemp(name);
        unlink(name);
        volatile char *bytes = mmap(0, 4096, PROT_READ, MAP_SHARED, file, 0);
        volatile char x = bytes[0];
    }
    void exits(void) { exit(0); }
    static int deep(volatile int depth) { volatile char room[1000]; room[0] = depth;
        return deep(depth + 1) + room[0]; }
    void overflows(void) { deep(0); }
    static void *crash(void *at) { null_write(); return at; }
    void on_foreign_threads(void) {
        pthread_t threads[8];
        for (int i = 0; i < 8; i++) pthread_create(&threads[i], 0, crash, 0);
        for (int i = 0; i < 8; i++) pthread_join(threads[i], 0);
    }
    void a_fork_ends(void) {
        for (int i = 0; i < 2; i++) {
            int status, child = fork();
            if (child == 0) { if (i) exit(0); else abort(); }
            waitpid(child, &status, 0);
        }
    }
    void floods(void) {
        char codes[] = "\033[2J\033[1;1H\033]0;owned\007\033[31m";
        for (int i = 0; i < 200000; i++) fwrite(codes, 1, sizeof codes - 1, stdout);
        for (int i = 0; i < 200000; i++) write(1 + i % 2, codes, sizeof codes - 1);
        puts("\n\033[1mlast words");
    }
    void prints(void) { printf("plain line\nunfinished"); }
    void leaves_a_child(void) { if (fork() == 0) { sleep(3); _exit(0); } }
"#;

/// Not a test of its own: each case runs this in a child that was told which scene to play.
#[test]
fn act_out() {
    let Ok(scene) = env::var("THORNDIKE_SCENE") else { return };
    let (kind, name) = scene.split_once(':').expect("a scene has a kind and a name");
    match kind {
        "fault" => fault(name),
        "load" => load(name),
        "print" => print(name),
        "stop" => stop(),
        other => panic!("no such kind of scene: {other}"),
    }
}

fn call(name: &str) {
    let path = env::var_os("THORNDIKE_FAULTS").expect("the stage names the library");
    #[expect(unsafe_code, reason = "foreign code is what is tested")]
    // SAFETY: The functions of this library have this signature; what they do is done to a child
    // made for that.
    unsafe {
        let library = Library::new(path).expect("just compiled");
        let function: Symbol<'_, unsafe extern "C" fn()> =
            library.get(name.as_bytes()).expect("the function is there");
        function();
    }
}

/// What the bench does with a terminal before it runs foreign code.
fn take_over(terminal: &mut Terminal) -> Net {
    let note = env::var_os("THORNDIKE_NOTE").expect("the stage names a file");
    let net = Net::spread(terminal, Some(Path::new(&note))).expect("once in a process");
    let mut settings = tcgetattr(std::io::stdin()).expect("a terminal");
    settings.make_raw();
    tcsetattr(std::io::stdin(), OptionalActions::Now, &settings).expect("a terminal");
    safety::screen_entered(LEAVE);
    terminal.out.write_all(ENTER).expect("a terminal");
    net
}

fn fault(name: &str) {
    let (capture, mut terminal) = Capture::start().expect("the first one");
    let net = take_over(&mut terminal);
    let act = move |name: &str| {
        safety::prepare_thread().expect("memory is there");
        safety::at_step(12);
        let _inside = safety::enter(safety::tag("faulty"), Call::Step);
        call(name);
    };
    match name.strip_suffix("_on_a_thread") {
        Some(name) => {
            thread::scope(|scope| scope.spawn(|| act(name)).join()).expect("no panic");
        }
        None => act(name),
    }
    // Only faults that are none come this far, and this end is an ordinary one.
    terminal.out.write_all(LEAVE).expect("a terminal");
    safety::screen_left();
    safety::restore_terminal();
    drop(net);
    drop(capture);
}

/// Does something bad with a file, as the bench does when it loads a plugin.
fn load(name: &str) {
    let (_capture, mut terminal) = Capture::start().expect("the first one");
    let net = take_over(&mut terminal);
    let cache = Cache::open(&env::temp_dir().join(OFFENCES), "test").expect("writable");
    let pedal = cache.press(blake3::hash(b"bad"), "loading it").expect("writable");
    match name {
        "killed" => rustix::process::kill_process(rustix::process::getpid(), Signal::KILL),
        "sound" => Ok(()),
        fault => {
            call(fault);
            Ok(())
        }
    }
    .expect("a signal can be sent");
    drop((pedal, net));
}

#[test]
fn only_deaths_of_faults_are_held_against_a_file() {
    let folder = env::temp_dir().join(OFFENCES);
    let cache = Cache::open(&folder, "test").expect("writable");
    let stage = Stage::new(FAULTS);
    for (scene, counts) in [
        ("null_write", 1),
        ("killed", 1),
        ("killed", 1),
        ("aborts", 2),
        ("killed", 2),
        ("exits", 3),
        ("killed", 3),
        ("sound", 0),
    ] {
        stage.play(&format!("load:{scene}"), |_| {});
        let left_over = cache.left_over(blake3::hash(b"bad"));
        assert_eq!(left_over.is_some(), counts == 3, "{scene}: {left_over:?}");
    }
    fs::remove_dir_all(folder).expect("ours");
}

#[track_caller]
fn check_fault(name: &str, ended_by: &str, signal: Option<i32>, plugin: Option<&str>) {
    let stage = Stage::new(FAULTS);
    let before = last_crash(&stage.note);
    assert_eq!(before, None);
    let ended: Ended = stage.play(&format!("fault:{name}"), |_| {});
    assert_eq!(ended.status.signal(), signal, "{name}: {}", ended.shown());
    assert!(!ended.status.success(), "{name} is no success");
    assert!(ended.is_terminal_restored, "{name} leaves a raw terminal");
    let screen = ended.after(ENTER).expect("the screen was entered");
    let message = screen.strip_prefix(LEAVE).unwrap_or_else(|| panic!("{name}: {}", ended.shown()));
    let message = String::from_utf8_lossy(message);
    let place = match plugin {
        Some(plugin) => format!(
            "thorndike: plugin `{plugin}` ended the process by {ended_by} in `step` at step 12"
        ),
        None => format!("thorndike: the process was ended by {ended_by}"),
    };
    assert_eq!(message.trim(), place);
    let crash = last_crash(&stage.note).expect("a note was left");
    let (call, step) = if plugin.is_some() { ("step", 12) } else { ("", 0) };
    let plugin = plugin.map(ToOwned::to_owned);
    assert_eq!(crash, Crash { ended_by: ended_by.into(), plugin, call: call.into(), step });
}

#[test]
fn fault_03_a_fatal_signal_leaves_the_terminal_as_it_was_and_a_note() {
    for (name, ended_by, signal) in [
        ("null_write", "SIGSEGV", libc::SIGSEGV),
        ("aborts", "SIGABRT", libc::SIGABRT),
        ("divides", "SIGFPE", libc::SIGFPE),
        ("illegal", "SIGILL", libc::SIGILL),
        ("behind_the_end", "SIGBUS", libc::SIGBUS),
    ] {
        check_fault(name, ended_by, Some(signal), Some("faulty"));
        check_fault(&format!("{name}_on_a_thread"), ended_by, Some(signal), Some("faulty"));
    }
}

#[test]
fn fault_07_a_stack_overflow_leaves_the_terminal_as_it_was() {
    for name in ["overflows", "overflows_on_a_thread"] {
        check_fault(name, "SIGSEGV", Some(libc::SIGSEGV), Some("faulty"));
    }
}

#[test]
fn fault_03_threads_that_die_at_once_leave_one_note() {
    for _ in 0..5 {
        check_fault("on_foreign_threads", "SIGSEGV", Some(libc::SIGSEGV), None);
    }
}

#[test]
fn fault_05_a_plugin_that_exits_is_named_and_no_success() {
    for name in ["exits", "exits_on_a_thread"] {
        check_fault(name, "exit", None, Some("faulty"));
    }
}

#[test]
fn a_fork_that_ends_does_not_touch_the_terminal() {
    let stage = Stage::new(FAULTS);
    let ended = stage.play("fault:a_fork_ends", |_| {});
    assert!(ended.status.success(), "{}", ended.shown());
    assert!(ended.is_terminal_restored);
    let screen = ended.after(ENTER).expect("the screen was entered");
    assert!(screen.starts_with(LEAVE), "{}", ended.shown());
    assert!(!ended.shown().contains("thorndike:"), "{}", ended.shown());
    assert!(!stage.note.exists(), "an ordinary end leaves no note");
}

#[expect(clippy::print_stdout, reason = "what is printed is what is looked at")]
fn print(name: &str) {
    let (capture, mut terminal) = Capture::start().expect("the first one");
    assert!(Capture::start().is_err(), "there is one standard output");
    terminal.out.write_all(b"<bench>").expect("a terminal");
    let begin = Instant::now();
    call(name);
    let spent = begin.elapsed();
    println!("the host's own print");
    let printed = capture.printed();
    let begin = Instant::now();
    drop(capture);
    assert!(begin.elapsed() < Duration::from_secs(1), "the end waits for somebody");
    let (lines, _) = printed.since(0);
    terminal.err.write_all(b"</bench>").expect("a terminal");
    println!("<record>{}\n{}</record>", spent.as_millis(), lines.join("\n"));
}

#[track_caller]
fn check_print(name: &str) -> (String, String) {
    let stage = Stage::new(FAULTS);
    let ended = stage.play(&format!("print:{name}"), |_| {});
    assert!(ended.status.success(), "{}", ended.shown());
    let shown = ended.shown();
    let part = |from: &str, to: &str| {
        let (_, rest) = shown.split_once(from).expect("the part begins");
        rest.split_once(to).expect("the part ends").0.replace('\r', "")
    };
    assert!(!shown.contains('\x1b'), "{shown}");
    (part("<bench>", "</bench>"), part("<record>", "</record>"))
}

#[test]
fn prints_are_recorded_and_the_bench_has_the_terminal() {
    let (bench, record) = check_print("prints");
    assert_eq!(bench, "");
    let lines: Vec<&str> = record.lines().skip(1).collect();
    // The C library holds an unfinished line back until its end.
    assert_eq!(lines, ["plain line", "the host's own print", "unfinished"]);
}

#[test]
fn fault_08_ten_megabytes_of_escape_codes_reach_no_terminal_and_hold_nobody_up() {
    let (bench, record) = check_print("floods");
    assert_eq!(bench, "");
    let lines: Vec<&str> = record.lines().collect();
    let (spent_ms, lines) = lines.split_first().expect("the time");
    assert!(spent_ms.parse::<u64>().is_ok_and(|ms| ms < 5000), "the flood took {spent_ms} ms");
    let codes = "\\x1b[2J\\x1b[1;1H\\x1b]0;owned\\x07\\x1b[31m";
    assert!(lines[0].starts_with(codes), "{}", lines[0]);
    assert!(lines.iter().any(|line| line.ends_with("bytes left out")));
    assert_eq!(lines[lines.len() - 2..], ["\\x1b[1mlast words", "the host's own print"]);
}

#[test]
fn a_process_that_a_plugin_leaves_behind_does_not_hold_up_the_end() {
    let (bench, record) = check_print("leaves_a_child");
    assert_eq!(bench, "");
    assert!(record.ends_with("the host's own print"), "{record}");
}

fn stop() {
    let mut terminal = Terminal {
        out: std::io::stdout().as_fd().try_clone_to_owned().expect("open").into(),
        err: std::io::stderr().as_fd().try_clone_to_owned().expect("open").into(),
    };
    let _net = take_over(&mut terminal);
    let signals = StopSignals::listen().expect("signals can be handled");
    assert_eq!(signals.asked_by(), None);
    terminal.out.write_all(b"listening").expect("a terminal");
    while signals.asked_by().is_none() {
        // The signal itself may end the wait as well as the bytes that its handler sends.
        let _ = poll(&mut [PollFd::new(&signals, PollFlags::IN)], None);
    }
    let text = format!("asked by {:?}", signals.asked_by());
    terminal.out.write_all(text.as_bytes()).expect("a terminal");
    thread::sleep(Duration::from_secs(20));
}

#[test]
fn the_first_signal_asks_for_an_end_and_the_second_makes_it() {
    let stage = Stage::new(FAULTS);
    let ended = stage.play("stop:twice", |play| {
        play.wait_for("listening");
        play.send(libc::SIGTERM);
        play.wait_for("asked by Some(15)");
        play.send(libc::SIGINT);
    });
    assert_eq!(ended.status.code(), Some(128 + libc::SIGINT), "{}", ended.shown());
    assert!(ended.is_terminal_restored);
    assert!(ended.bytes.ends_with(LEAVE), "{}", ended.shown());
    assert!(fs::read(&stage.note).is_ok_and(|note| note.is_empty()), "a stop is no crash");
}

/// A folder for the case, kept by the stage.
fn faults_in(folder: &Folder, code: &str) -> std::path::PathBuf {
    let path = folder.file("faults.so");
    compile(code, &path, &["-lpthread"]);
    path
}
