//! Common tasks in a terminal: each takes four keys at most from the cockpit.

use crate::desk::Desk;
use crate::terminal::Terminal;
use std::fs;

/// Presses keys, a key each, and waits for what they bring.
fn task(terminal: &mut Terminal, keys: &[&str], brings: &str) {
    assert!(keys.len() <= 4, "{keys:?}");
    for key in keys {
        terminal.press(key);
    }
    terminal.wait_for(brings);
}

#[test]
fn twelve_common_tasks_take_four_keys_at_most_in_a_terminal() {
    let desk = Desk::new();
    desk.prints("train tabular-q Taxi-v4 --steps 20000 --session old --quiet");
    let words = "train tabular-q Taxi-v4 --lanes 4 --steps 1e12 --session new --tui";
    let mut terminal = Terminal::open(&desk, words, (120, 40), &[]);
    terminal.wait_for("RUNNING");
    task(&mut terminal, &["\u{f}"], "REC");
    task(&mut terminal, &["e", "\u{15}", "1", "\r"], "-> 1 at step");
    task(&mut terminal, &["u"], "step_size 1 -> ");
    task(&mut terminal, &["w"], "lane 1");
    task(&mut terminal, &["x"], "x: seconds");
    task(&mut terminal, &[" "], "PAUSED");
    task(&mut terminal, &["s"], "saved as");
    task(&mut terminal, &["t", "k", "\r"], "new has the tag k");
    task(&mut terminal, &["!", "k", "\r"], "noted for new");
    task(&mut terminal, &["\u{f}"], "recorded to");
    task(&mut terminal, &["X"], "screen-1.svg");
    // Two runs side by side.
    task(&mut terminal, &["2", "*"], "B old");
    task(&mut terminal, &["1", "b"], "run 2/2");
    task(&mut terminal, &["4", "\u{1b}[F", "V"], "old: all ");
    // What was recorded of the first run.
    task(&mut terminal, &["1", ")", "3"], "cursor at step");
    terminal.press("D");
    assert_eq!(terminal.end(), 0, "{}", terminal.seen);
    terminal.is_restored();
    assert!(terminal.seen.contains("new goes on without a terminal"), "{}", terminal.seen);
    let mut again = Terminal::open(&desk, "attach new", (120, 40), &[]);
    again.wait_for("/2");
    again.press("q");
    again.wait_for("save and stop");
    again.press("s");
    again.end();
    assert!(again.seen.contains("saved as "), "{}", again.seen);
    for name in ["screen-1.gif", "screen-1.cast", "screen-1.txt", "screen-1.svg"] {
        let bytes = fs::metadata(desk.0.join(name)).expect("it was written").len();
        assert!(bytes > 1000, "{name}: {bytes}");
    }
    // What ends is gone on with: r on the list of sessions.
    let mut bench = Terminal::open(&desk, "", (120, 40), &[]);
    bench.wait_for("new");
    task(&mut bench, &["r"], "RUNNING");
    bench.press("\u{3}");
    bench.end();
    bench.is_restored();
}
