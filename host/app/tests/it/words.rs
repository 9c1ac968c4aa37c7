//! What is said where names, folders, files and numbers do not fit, and how it is said.

use crate::desk::{Desk, ran};
use std::fs;

#[test]
fn a_plugin_before_the_colon_that_does_not_fit_is_named() {
    let desk = Desk::new();
    let there = "there is toy-text:FrozenLake-v1";
    for words in ["env", "train tabular-q"] {
        let unknown = format!("{words} foo:FrozenLake-v1");
        desk.refuses(&unknown, 2, &["no plugin is called `foo`", there]);
        let empty = format!("{words} :FrozenLake-v1");
        desk.refuses(&empty, 2, &["no plugin is named before the colon", there]);
        let other = format!("{words} classic-control:FrozenLake-v1");
        desk.refuses(&other, 2, &["plugin `classic-control` does not offer it", there]);
    }
    desk.refuses("env toy-txt:FrozenLake-v1", 2, &["did you mean `toy-text`?"]);
}

#[test]
fn numbers_out_of_range_are_told_the_range() {
    let desk = Desk::new();
    let seeds = "it takes a whole number from 0 to 18446744073709551615";
    for words in ["train tabular-q FrozenLake-v1 --seed -1", "env FrozenLake-v1 --seed x"] {
        desk.refuses(words, 2, &["--seed", seeds]);
    }
    let steps = "it takes a whole number from 1 to 18446744073709551615";
    for number in ["-5", "0", "1e300", "1.5"] {
        let words = format!("train tabular-q FrozenLake-v1 --steps {number}");
        let said = desk.run(&words).err;
        assert!(said.contains(steps) && !said.contains("tip:"), "{said}");
    }
    let said = desk.run("train tabular-q FrozenLake-v1 --replay-mb 5e9").err;
    assert!(said.contains("from 0 to 4294967295"), "{said}");
}

#[test]
fn sessions_that_are_not_there_are_told_with_the_closest() {
    let desk = Desk::new();
    desk.refuses("sessions show lake", 2, &["there is no session `lake`", "it holds none"]);
    desk.prints("train tabular-q FrozenLake-v1 --steps 20 --session lakeside --quiet");
    for words in ["sessions show lakesde", "test lakesde", "digest lakesde", "replay lakesde"] {
        desk.refuses(words, 2, &["there is no session `lakesde`", "did you mean `lakeside`?"]);
    }
    desk.refuses("sessions show qqq", 2, &["`thorndike sessions list` shows all"]);
    let shown = desk.prints("sessions show lakeside");
    let mode = shown.lines().find(|line| line.starts_with("mode "));
    assert!(mode.is_some_and(|line| line.ends_with(" lockstep")), "{mode:?}");
}

#[test]
fn plugin_folders_that_are_not_there_are_told() {
    let desk = Desk::new();
    let said = "the plugin folder nowhere cannot be read: no such file";
    for words in ["train tabular-q FrozenLake-v1 --steps 20 --quiet", "env FrozenLake-v1"] {
        let ran = desk.run(&format!("{words} --plugins nowhere"));
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert_eq!(ran.err.matches(said).count(), 1, "{}", ran.err);
        assert!(ran.err.starts_with("note: "), "{}", ran.err);
    }
    desk.refuses("env Qqq --plugins nowhere", 2, &["there is no environment `Qqq`", said]);
    desk.write("thorndike.ron", "(plugins: [\"nowhere\"])");
    let ran = desk.run("env FrozenLake-v1");
    assert!(ran.code == 0 && ran.err.contains("nowhere cannot be read"), "{}", ran.err);
}

#[test]
fn a_cache_that_cannot_be_is_named_with_its_variable() {
    let desk = Desk::new();
    desk.write("file", "");
    let file = desk.0.join("file").display().to_string();
    for folder in ["/proc/x", &file] {
        for words in ["train tabular-q FrozenLake-v1 --steps 20", "plugins list"] {
            let output = desk.command(words).env("THORNDIKE_CACHE", folder).output();
            let ran = ran(output.expect("the program starts"));
            let said = format!("the cache folder {folder} cannot be used: ");
            assert_eq!(ran.code, 1, "{}", ran.err);
            assert!(ran.err.contains(&said), "{words}\n{}", ran.err);
            assert!(ran.err.contains("set THORNDIKE_CACHE to another"), "{words}\n{}", ran.err);
        }
    }
}

#[test]
fn a_look_at_a_faulty_world_names_the_step_as_training_does() {
    let desk = Desk::new();
    let faults = [
        ("nan_obs", "element 1 of the observation is NaN"),
        ("nan_reward", "the reward is NaN"),
        ("wrong_flag", "the flags are 0x40"),
        ("bad_mask", "the mask forbids every action"),
    ];
    for (fault, said) in faults {
        let words = format!(
            "env Fault-v0 --env-set fault={fault} --env-set after_steps=5 --actions random"
        );
        let said = format!("Fault-v0 at step 5: lane 0 at its step 5: {said}");
        desk.refuses(&words, 1, &[&said]);
    }
}

#[test]
fn agents_that_do_not_fit_a_world_are_wrong_usage() {
    let desk = Desk::new();
    desk.refuses("train sac CartPole-v1", 2, &["sac in CartPole-v1: needs a Box"]);
    desk.refuses("train dqn Pendulum-v1", 2, &["dqn in Pendulum-v1: needs Discrete"]);
    desk.refuses("train tabular-q CartPole-v1", 2, &["tabular-q in CartPole-v1"]);
}

#[test]
fn files_of_actions_that_are_none_are_told() {
    let desk = Desk::new();
    fs::write(desk.0.join("bytes"), [0xff, 0xfe, b'\n']).expect("the desk is writable");
    fs::create_dir(desk.0.join("folder")).expect("the desk is writable");
    let env = "env FrozenLake-v1 --actions";
    desk.refuses(&format!("{env} bytes"), 2, &["bytes:1: the line is no text"]);
    desk.refuses(&format!("{env} folder"), 2, &["folder:1: cannot be read: "]);
    desk.refuses(&format!("{env} missing"), 2, &["cannot read the actions missing"]);
    desk.refuses(&format!("{env} /dev/zero"), 2, &["/dev/zero:1: the line has more than"]);
    desk.write("few", "0\n1\n2\n");
    let ran = desk.run(&format!("{env} few --steps 9"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.err, "note: the actions ended after 3 of 9 steps\n");
    assert_eq!(desk.run(&format!("{env} few --steps 3")).err, "");
}

#[test]
fn ways_to_look_that_cannot_be_had_are_told() {
    let desk = Desk::new();
    let said = "`--json` cannot be used with `--render`";
    desk.refuses("env FrozenLake-v1 --render --json", 2, &[said]);
    desk.refuses("test any --render --json", 2, &[said]);
    let ran = desk.run("train tabular-q FrozenLake-v1 --steps 20 --tui");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.starts_with("note: --tui needs a terminal"), "{}", ran.err);
}
