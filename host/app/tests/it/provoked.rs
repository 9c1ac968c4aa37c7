//! Mistakes that a newcomer makes, in one table: each is answered with what is wrong and with the
//! way out, and no run is begun.

use crate::desk::{Desk, json};

/// What was typed, the code it ends with, what is wrong, and what to do instead.
type Mistake = (&'static str, i32, &'static str, &'static str);

const TABLE: [Mistake; 38] = [
    ("trian tabular-q Taxi-v4", 2, "unrecognized subcommand 'trian'", "'train'"),
    ("train", 2, "<AGENT>", "Usage: thorndike train <AGENT> <ENV>"),
    ("train tabular-qq Taxi-v4", 2, "there is no agent `tabular-qq`", "did you mean `tabular-q`?"),
    ("train tabular-q Taxi-v3", 2, "there is no environment `Taxi-v3`", "`Taxi-v4`?"),
    ("train tabular-q CartPole-v1", 2, "tabular-q in CartPole-v1", "Discrete"),
    ("train tabular-q Taxi-v4 --set stepsize=1", 2, "no param `stepsize`", "`step_size`?"),
    ("train tabular-q Taxi-v4 --set step_size=fast", 2, "`step_size`", "takes a number"),
    ("train tabular-q Taxi-v4 --set step_size=2", 2, "not at 2", "lies in 0 to 1"),
    ("train tabular-q Taxi-v4 --set step_size", 2, "step_size", "KEY=VALUE"),
    ("train tabular-q Taxi-v4 --env-set is_rany=true", 2, "no param `is_rany`", "`is_rainy`?"),
    ("train tabular-q Taxi-v4 --env-set is_rainy=7", 2, "`is_rainy`", "takes true or false"),
    ("train tabular-q Taxi-v4 --step 5", 2, "'--step'", "'--steps'"),
    ("train tabular-q Taxi-v4 --steps 0", 2, "invalid value '0'", "a whole number from 1"),
    ("train tabular-q Taxi-v4 --steps many", 2, "invalid value 'many'", "such as `1000`"),
    ("train tabular-q Taxi-v4 --until retrun>=1", 2, "there is no `retrun`", "`return`?"),
    ("train tabular-q Taxi-v4 --lanes 1e9", 2, "invalid value '1e9'", "from 1 to 16777216"),
    ("train tabular-q Taxi-v4 --threads 9999", 2, "invalid value '9999'", "from 1 to 1024"),
    ("train tabular-q Taxi-v4 --session good", 2, "a session `good` already", "another name"),
    ("train tabular-q Taxi-v4 --session a/b", 2, "`/` is not among", "letters, digits"),
    ("train tabular-q Taxi-v4 --mode fast", 2, "invalid value 'fast'", "lockstep, pipelined"),
    ("train tabular-q Taxi-v4 --tui --record x.mp4", 2, "not x.mp4", ".gif"),
    ("resume god", 2, "there is no session `god`", "did you mean `good`?"),
    ("test nothing-like-it", 2, "there is no session", "`thorndike sessions list` shows all"),
    ("branch good@x", 2, "`good@x` names no step", "such as `run@10000`"),
    ("replay good@99999", 2, "episode 99999 of session `good`", "near it are"),
    ("export good out.xyz --to xyz", 2, "invalid value 'xyz'", "tensorboard, csv, jsonl"),
    ("export good no/folder/out.csv --to csv", 1, "there is no folder no/folder", "make it first"),
    ("attach good", 2, "attach needs a terminal", "`sessions show NAME` says"),
    ("", 2, "the bench needs a terminal", "Usage: thorndike"),
    ("sessions show", 2, "<SESSION>", "Usage: thorndike sessions show"),
    ("sessions diff good", 2, "<SECOND>", "Usage: thorndike sessions diff"),
    ("plugins new agent 9x", 2, "`9x` cannot name a plugin", "must begin with a letter"),
    ("completions tcsh", 2, "invalid value 'tcsh'", "bash, elvish, fish"),
    ("bench screen --points 1e30", 2, "invalid value '1e30'", "from 1 to 100000000"),
    ("bench screen --check 16", 2, "invalid value '16'", "1..=15"),
    ("--config pink.ron plugins list", 2, "`theme` of the screen", "dark, light, clear, mono"),
    ("--config keys.ron plugins list", 2, "no action `paus`", "did you mean `pause`?"),
    ("--config taken.ron plugins list", 2, "`.` cannot be `pause`", "needs another key first"),
];

#[test]
fn every_mistake_is_told_with_its_cause_and_the_way_out() {
    let desk = Desk::new();
    desk.prints("train tabular-q FrozenLake-v1 --steps 2000 --session good --quiet");
    desk.write("pink.ron", "(screen: (theme: \"pink\"))");
    desk.write("keys.ron", "(screen: (keys: {\"paus\": \"p\"}))");
    desk.write("taken.ron", "(screen: (keys: {\"pause\": \".\"}))");
    for (words, code, cause, way) in TABLE {
        desk.refuses(words, code, &["error: ", cause, way]);
    }
    assert_eq!(json(&desk.prints("sessions list --json")).len(), 1, "nothing was begun");
}
