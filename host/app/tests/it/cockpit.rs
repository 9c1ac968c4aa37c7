//! The screen in a terminal: it steers a run, shows what there is room for, and gives the terminal
//! back on every way out.

use crate::desk::{Desk, copy, is_release, json};
use crate::terminal::{FRAME, LEAVE, RUN, Terminal};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self};
use std::thread;
use std::time::Duration;
use thorndike_engine::clock::Stopwatch;
use thorndike_session::{Session, Setting};

#[test]
fn a_run_is_steered_and_the_terminal_comes_back() {
    let desk = Desk::new();
    let mut terminal = Terminal::open(&desk, RUN, (120, 40), &[]);
    terminal.wait_for("RUNNING");
    terminal.press(" ");
    terminal.wait_for("PAUSED");
    terminal.press("e");
    terminal.wait_for("edit step_size");
    terminal.press("\u{15}0.125\r");
    terminal.wait_for("-> 0.125 at step");
    terminal.press("u");
    terminal.wait_for("step_size 0.125 -> ");
    terminal.press("q");
    terminal.wait_for("save and stop");
    terminal.press("s");
    assert_eq!(terminal.end(), 3, "it was stopped before its goal: {}", terminal.seen);
    terminal.is_restored();
    assert!(terminal.seen.contains("saved as "), "{}", terminal.seen);
    let shown = desk.prints("sessions show a");
    assert!(shown.contains("stopped"), "{shown}");
}

#[test]
fn edits_and_their_undoing_outlive_the_run_that_was_killed() {
    let desk = Desk::new();
    let words = format!("{RUN} --snapshot-every 300000");
    let mut terminal = Terminal::open(&desk, &words, (120, 40), &[]);
    terminal.wait_for("RUNNING");
    for value in ["0.125", "0.875"] {
        terminal.press("e");
        terminal.wait_for("edit step_size");
        terminal.press(&format!("\u{15}{value}\r"));
        terminal.wait_for(&format!("-> {value} at step"));
        thread::sleep(Duration::from_millis(300));
    }
    terminal.press("u");
    thread::sleep(Duration::from_millis(1200));
    kill_process(terminal.behind(), Signal::KILL).expect("it is ours");
    assert_eq!(terminal.end(), 137);
    let shown = &json(&desk.prints("sessions show a --json"))[0];
    let steps = shown["steps"].as_u64().expect("a number") + 1_000_000;
    copy(&desk.0.join("sessions/a"), &desk.0.join("sessions/b"));
    let digest = |name: &str, threads: u32| {
        let words = format!("resume {name} --steps {steps} --threads {threads} --json");
        json(&desk.prints(&words)).pop().expect("a last line")["digest"].clone()
    };
    assert_eq!(digest("a", 1), digest("b", 2));
    let session = Session::open(&desk.0.join("sessions/a")).expect("it is sound");
    let values = session.model().edits.into_iter().map(|(_, edit)| edit.new);
    assert_eq!(values.collect::<Vec<_>>(), [0.125, 0.875, 0.125].map(Setting::Float));
    desk.prints("sessions verify a --rerun");
}

#[test]
fn a_run_that_ends_takes_the_screen_with_it_when_asked() {
    let desk = Desk::new();
    let words = "train tabular-q FrozenLake-v1 --steps 2e4 --session a --tui --quit-when-done \
                 --record a.cast --record a.gif";
    let mut terminal = Terminal::open(&desk, words, (80, 24), &[]);
    assert_eq!(terminal.end(), 0, "{}", terminal.seen);
    terminal.is_restored();
    // What was seen was recorded, byte by byte and picture by picture.
    let cast = fs::read_to_string(desk.0.join("a.cast")).expect("it was recorded");
    let lines = json(&cast);
    assert_eq!((&lines[0]["version"], &lines[0]["term"]["cols"]), (&3.into(), &80.into()));
    let written: String = lines[1..].iter().filter_map(|event| event[2].as_str()).collect();
    // Letters of several bytes may come to this test in two pieces.
    let plain = |text: &str| text.chars().filter(char::is_ascii).collect::<String>();
    assert!(!written.is_empty() && plain(&terminal.seen).contains(&plain(&written)), "{cast}");
    let film = fs::File::open(desk.0.join("a.gif")).expect("it was recorded");
    let mut film = gif::DecodeOptions::new().read_info(film).expect("it is a gif");
    assert_eq!((film.width(), film.height()), (80 * 7, 24 * 14));
    assert!(film.read_next_frame().expect("it is whole").is_some());
    desk.refuses("train a b --tui --record a.mp4", 2, &[".cast", ".gif"]);
}

#[test]
fn pictures_are_sent_to_terminals_that_say_they_take_them_and_taken_away_again() {
    let desk = Desk::new();
    let words = "train random CartPole-v1 --steps 1e12 --lanes 2 --session a --tui";
    let kitty = [("TERM", "xterm-kitty"), ("COLORTERM", "truecolor")];
    let mut terminal = Terminal::open(&desk, words, (120, 40), &kitty);
    terminal.wait_for("\u{1b}[16t\u{1b}[c");
    // Over a slow line answers come late and in pieces, after keys, and are no keys.
    terminal.wait_for("RUNNING");
    terminal.press(" ");
    terminal.wait_for("PAUSED");
    terminal.press("\u{1b}P>|a terminal tagged q(1)\u{1b}");
    thread::sleep(Duration::from_millis(100));
    terminal.press("\\\u{1b}]11;rgb:ffff/ffff/ffff\u{1b}\\ ");
    terminal.wait_for("RUNNING");
    terminal.press("\u{1b}_Gi=4207;OK\u{1b}\\\u{1b}[6;18;9t\u{1b}[?62;c");
    terminal.wait_for("\u{1b}_Ga=T,f=100,t=d,i=4207");
    // Its background is light, and so are the colors: a frame of #afb8c1.
    assert!(terminal.seen.contains("38;2;175;184;193m"), "{}", terminal.seen);
    assert!(!terminal.grid.holds("a word to find the session by"), "{}", terminal.seen);
    terminal.press("5");
    terminal.wait_for("\u{1b}_Ga=d,d=I,i=4207");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 130, "{}", terminal.seen);
    terminal.is_restored();
    // One that is asked and says nothing gets none.
    let words = words.replace(" a ", " b ");
    let mut silent = Terminal::open(&desk, &words, (120, 40), &[("TERM", "xterm-kitty")]);
    silent.wait_for("RUNNING");
    thread::sleep(Duration::from_millis(500));
    silent.press("\u{3}");
    silent.end();
    assert!(!silent.seen.contains("\u{1b}_Ga=T"), "{}", silent.seen);
    desk.refuses("--behind doctor", 1, &["is for this program alone"]);
}

#[test]
fn every_way_out_gives_the_terminal_back() {
    let desk = Desk::new();
    let mut terminal = Terminal::open(&desk, &RUN.replace(" a ", " b "), (80, 24), &[]);
    terminal.wait_for("RUNNING");
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.end(), 130, "{}", terminal.seen);
    terminal.is_restored();
    std::fs::remove_dir_all(desk.0.join("sessions/b")).expect("it was saved");
    let mut terminal = Terminal::open(&desk, RUN, (80, 24), &[]);
    terminal.wait_for("RUNNING");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 130, "{}", terminal.seen);
    terminal.is_restored();
    // Whichever of the two processes is struck down, the other one tidies up.
    for (signal, code) in [(Signal::SEGV, 139), (Signal::KILL, 137)] {
        let name = format!(" {code} ");
        let mut terminal = Terminal::open(&desk, &RUN.replace(" a ", &name), (80, 24), &[]);
        terminal.wait_for("RUNNING");
        kill_process(terminal.behind(), signal).expect("it is ours");
        assert_eq!(terminal.end(), code, "{}", terminal.seen);
        terminal.is_restored();
    }
    for signal in [Signal::SEGV, Signal::BUS, Signal::ABORT, Signal::QUIT] {
        let name = format!(" c{} ", signal.as_raw());
        let mut terminal = Terminal::open(&desk, &RUN.replace(" a ", &name), (80, 24), &[]);
        terminal.wait_for("RUNNING");
        let behind = terminal.behind();
        terminal.signal(signal);
        assert_eq!(terminal.end(), -signal.as_raw(), "{}", terminal.seen);
        terminal.is_restored();
        kill_process(behind, Signal::TERM).expect("it goes on");
    }
}

/// Waits until a process is gone.
#[track_caller]
fn wait_to_go(process: Pid) {
    let watch = Stopwatch::start();
    while rustix::process::test_kill_process(process).is_ok() {
        assert!(watch.seconds() < 30.0, "it does not go");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_run_goes_on_without_its_terminal_and_is_taken_up_again() {
    let desk = Desk::new();
    let mut terminal = Terminal::open(&desk, RUN, (120, 40), &[]);
    terminal.wait_for("RUNNING");
    let behind = terminal.behind();
    terminal.press("q");
    terminal.wait_for("detach");
    terminal.press("\r");
    assert_eq!(terminal.end(), 0, "{}", terminal.seen);
    terminal.is_restored();
    assert!(terminal.seen.contains("`thorndike attach a` comes back"), "{}", terminal.seen);
    // From another terminal, of another size; a third one may look on.
    let mut other = Terminal::open(&desk, "attach a", (80, 24), &[]);
    other.wait_for("RUNNING");
    let mut viewer = Terminal::open(&desk, "attach a", (80, 24), &[]);
    viewer.wait_for("RUNNING");
    viewer.press(" \u{c}");
    viewer.wait_for("only looked at");
    viewer.press("q");
    assert_eq!(viewer.end(), 0, "{}", viewer.seen);
    viewer.is_restored();
    other.press(" ");
    other.wait_for("PAUSED");
    // Closing the window is no end, either.
    assert_eq!(other.close(), 129);
    let mut last = Terminal::open(&desk, "attach a", (100, 30), &[]);
    last.wait_for("PAUSED");
    last.press("q");
    last.wait_for("save and stop");
    last.press("s");
    assert_eq!(last.end(), 3, "{}", last.seen);
    last.is_restored();
    wait_to_go(behind);
    assert!(desk.prints("sessions show a").contains("stopped"));
    // With no process behind it, there is what the journal tells.
    let mut past = Terminal::open(&desk, "attach a", (80, 24), &[]);
    past.wait_for("FINISHED");
    past.press(" \u{c}");
    past.wait_for("no process holds a");
    past.press("q");
    assert_eq!(past.end(), 0, "{}", past.seen);
    desk.refuses("attach a", 2, &["needs a terminal"]);
}

#[test]
fn a_detached_run_that_ends_is_saved_and_leaves_no_process() {
    let desk = Desk::new();
    let words = "train tabular-q Taxi-v4 --lanes 4 --steps 3e6 --session a --tui";
    let mut terminal = Terminal::open(&desk, words, (80, 24), &[]);
    terminal.wait_for("RUNNING");
    let behind = terminal.behind();
    // The process at the terminal is struck down, and nobody says a word.
    terminal.signal(Signal::KILL);
    assert_eq!(terminal.end(), -9);
    wait_to_go(behind);
    assert!(desk.prints("sessions show a").contains("3000000"));
    assert!(!desk.0.join("sessions/a/run.sock").exists());
}

#[test]
fn a_plugin_that_fails_stops_the_run_and_not_the_screen() {
    let desk = Desk::new();
    let words = "train random Fault-v0 --env-set fault=panic_step --env-set after_steps=2000 \
                 --lanes 2 --steps 1e12 --session a --tui";
    let mut terminal = Terminal::open(&desk, words, (100, 30), &[]);
    terminal.wait_for("FAILED");
    terminal.press("q");
    terminal.wait_for("save and stop");
    terminal.press("s");
    assert_eq!(terminal.end(), 1, "{}", terminal.seen);
    terminal.is_restored();
    assert!(terminal.seen.contains("panic in step"), "{}", terminal.seen);
    desk.prints("sessions verify a");
}

#[test]
fn whoever_panics_the_terminal_comes_back_and_the_session_is_whole() {
    if is_release() {
        println!("skipped: a build for development is not installed");
        return;
    }
    for (place, says) in [("screen", "the screen failed: "), ("engine", "the engine panicked")] {
        let desk = Desk::new();
        let folder = desk.0.display().to_string();
        let words = format!("{RUN} --record film.cast");
        let mut terminal =
            Terminal::open(&desk, &words, (120, 40), &[("THORNDIKE_FAULTS", &folder)]);
        terminal.wait_for("RUNNING");
        terminal.press("s");
        terminal.wait_for("saved as");
        desk.write(place, "");
        if place == "engine" {
            terminal.wait_for("FAILED");
            terminal.press("q");
        }
        assert_eq!(terminal.end(), 1, "{}", terminal.seen);
        terminal.is_restored();
        assert!(terminal.seen.contains(says), "{}", terminal.seen);
        assert!(terminal.seen.contains("a fault on purpose"), "{}", terminal.seen);
        desk.prints("sessions verify a");
        let steps = json(&desk.prints("sessions show a --json"))[0]["steps"].as_u64();
        let steps = steps.expect("a number") + 10_000;
        desk.prints(&format!("resume a --steps {steps} --quiet"));
        let film = fs::read_to_string(desk.0.join("film.cast")).expect("it was recorded");
        assert!(json(&film).len() > 1, "{film}");
    }
}

#[test]
fn a_window_that_is_closed_ends_no_run_and_ctrl_z_gives_the_terminal_back() {
    let desk = Desk::new();
    let mut terminal = Terminal::open(&desk, RUN, (120, 40), &[]);
    terminal.wait_for("RUNNING");
    let behind = terminal.behind();
    terminal.press("\u{1a}");
    terminal.wait_for(LEAVE);
    terminal.wait_to_stop();
    terminal.signal(Signal::CONT);
    terminal.wait_for("RUNNING");
    assert_eq!(terminal.close(), 129, "{}", terminal.seen);
    let mut other = Terminal::open(&desk, "attach a", (80, 24), &[]);
    other.wait_for("RUNNING");
    other.press("\u{3}");
    assert_eq!(other.end(), 130, "{}", other.seen);
    other.is_restored();
    wait_to_go(behind);
    desk.prints("sessions verify a");
}

#[test]
fn what_a_terminal_cannot_show_is_not_sent() {
    let desk = Desk::new();
    let words = "train tabular-q FrozenLake-v1 --steps 1e12 --session a --tui";
    let mut plain = Terminal::open(&desk, words, (80, 24), &[("NO_COLOR", "1"), ("LC_ALL", "C")]);
    plain.wait_for("RUNNING");
    plain.press("?");
    plain.wait_for(FRAME);
    plain.press("\u{3}");
    plain.end();
    let screen = &plain.seen[..plain.seen.rfind(LEAVE).expect("it was left")];
    assert!(screen.is_ascii(), "{screen:?}");
    let parts = screen.split("\u{1b}[").filter_map(|part| Some(part.split_once('m')?.0));
    let colors: Vec<&str> = parts.filter(|codes| !codes.contains(['H', 'l', 'h', 'J'])).collect();
    let is_plain = |codes: &&str| codes.split(';').all(|code| ["0", "1", "2", "7"].contains(&code));
    assert!(colors.iter().all(is_plain), "{colors:?}");
    let words = "train tabular-q FrozenLake-v1 --steps 2e4 --session b --tui";
    let mut dumb = Terminal::open(&desk, words, (80, 24), &[("TERM", "dumb")]);
    assert_eq!(dumb.end(), 0, "{}", dumb.seen);
    assert!(!dumb.seen.contains('\u{1b}') && dumb.seen.contains("done steps="), "{}", dumb.seen);
}

#[test]
fn the_bench_opens_with_a_guide_and_three_keys_start_a_run() {
    let desk = Desk::new();
    let mut terminal = Terminal::open(&desk, "", (120, 40), &[]);
    terminal.wait_for("which agent?");
    terminal.press("\r");
    terminal.wait_for("which world?");
    terminal.press("\r");
    terminal.wait_for("side by side");
    terminal.press("\r");
    terminal.wait_for("RUNNING");
    terminal.press("\u{3}");
    terminal.end();
    terminal.is_restored();
}

#[test]
fn a_stopped_screen_comes_back_whole() {
    let desk = Desk::new();
    let mut terminal = Terminal::open(&desk, RUN, (80, 24), &[]);
    terminal.wait_for("RUNNING");
    terminal.signal(Signal::TSTP);
    terminal.wait_for(LEAVE);
    terminal.wait_to_stop();
    terminal.signal(Signal::CONT);
    terminal.wait_for("RUNNING");
    terminal.press("\u{3}");
    terminal.end();
    terminal.is_restored();
}
