//! Wrong words get one sentence that says what is allowed, and a code that scripts can tell apart.

use crate::desk::Desk;

#[test]
fn wrong_words_say_what_was_probably_meant() {
    let desk = Desk::new();
    desk.refuses("tarin tabular-q FrozenLake-v1", 2, &["unrecognized subcommand", "'train'"]);
    desk.refuses("train tabular-q FrozenLake-v1 --step 5", 2, &["'--step'", "'--steps'"]);
    desk.refuses("train tabular-q FrozenLak-v1", 2, &["did you mean `FrozenLake-v1`?"]);
    desk.refuses("train tabular-z FrozenLake-v1", 2, &["did you mean `tabular-q`?"]);
    let words = "train tabular-q FrozenLake-v1 --workers 2";
    desk.refuses(words, 2, &["belong to `--mode async`"]);
    let words = "train tabular-q FrozenLake-v1 --mode pipelined --time-out 1";
    desk.refuses(words, 2, &["leave the time-out out"]);
    desk.refuses("env Qqq", 2, &["there is no environment `Qqq`", "CartPole-v1"]);
    desk.refuses("env wrong:CartPole-v1", 2, &["there is no environment `wrong:CartPole-v1`"]);
    desk.refuses(
        "train tabular-q FrozenLake-v1 --set stepsize=1",
        2,
        &["has no param `stepsize`", "did you mean `step_size`?"],
    );
    desk.refuses("train tabular-q FrozenLake-v1 --set step_size=2", 2, &["0 to 1, not at 2"]);
    desk.refuses("train tabular-q FrozenLake-v1 --set step_size=x", 2, &["takes a number"]);
    desk.refuses("env FrozenLake-v1 --env-set map_name=5x5", 2, &["`map_name`", "4x4", "8x8"]);
    desk.refuses("env FrozenLake-v1 --env-set is_slippery=7", 2, &["takes true or false"]);
    desk.refuses("train tabular-q FrozenLake-v1 --set step_size", 2, &["KEY=VALUE"]);
    desk.refuses("train tabular-q FrozenLake-v1 --until retrun>=1", 2, &["`return`?"]);
    desk.refuses("train tabular-q FrozenLake-v1 --lanes 0", 2, &["whole number from 1"]);
    desk.refuses("train tabular-q FrozenLake-v1 --steps 5 --episodes 5", 2, &["cannot be used"]);
    desk.refuses("train tabular-q FrozenLake-v1 --json --plain", 2, &["cannot be used"]);
    desk.refuses("train tabular-q CartPole-v1", 2, &["tabular-q in CartPole-v1", "Discrete"]);
    desk.refuses("test nothing", 2, &["there is no session `nothing`"]);
    desk.refuses("digest ../../etc", 2, &["is not a session"]);
    desk.refuses("train tabular-q FrozenLake-v1 --session a/b", 2, &["`/` is not among"]);
    desk.refuses("", 2, &["Usage: thorndike"]);
}

#[test]
fn too_much_is_refused_before_it_is_asked_for() {
    let desk = Desk::new();
    let up_to = |max: &str| format!("it takes a whole number from 1 to {max}");
    for lanes in ["1e12", "99999999999", "16777217"] {
        let words = format!("train tabular-q FrozenLake-v1 --lanes {lanes}");
        desk.refuses(&words, 2, &["--lanes", &up_to("16777216")]);
    }
    desk.refuses("bench env FrozenLake-v1 --lanes 1e10", 2, &[&up_to("16777216")]);
    desk.refuses("bench env FrozenLake-v1 --threads 1e10", 2, &[&up_to("1024")]);
    desk.refuses("train tabular-q FrozenLake-v1 --threads 20000", 2, &[&up_to("1024")]);
    desk.refuses("train tabular-q FrozenLake-v1 --copies 1e9", 2, &[&up_to("1024")]);
    desk.refuses("train tabular-q FrozenLake-v1 --seeds 1e9", 2, &[&up_to("1024")]);
    let words = "train tabular-q FrozenLake-v1 --seed 18446744073709551615 --seeds 2";
    desk.refuses(words, 2, &["there are no 2 seeds from 18446744073709551615 on"]);
}

#[test]
fn lanes_that_do_not_fit_into_memory_are_refused_with_the_figures() {
    let desk = Desk::new();
    for words in ["train ppo CartPole-v1 --lanes 1e7", "bench env CartPole-v1 --lanes 16777216"] {
        let limited = format!("ulimit -v 4000000 && exec \"$0\" {words}");
        let program = desk.command("").get_program().to_owned();
        let mut command = std::process::Command::new("sh");
        command.arg("-c").arg(limited).arg(program).current_dir(&desk.0);
        desk.alone(&mut command);
        let ran = crate::desk::ran(command.output().expect("there is a shell"));
        assert_eq!(ran.code, 1, "{words}\n{}{}", ran.out, ran.err);
        assert!(ran.err.contains(" GB are free; set fewer lanes"), "{words}\n{}", ran.err);
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let desk = Desk::new();
    assert!(desk.prints("--version").starts_with("thorndike 1."));
    for words in ["--help", "train --help", "plugins new env --help", "help bench"] {
        let help = desk.prints(words);
        assert!(help.contains("Usage: thorndike"), "{help}");
        assert!(help.contains("--sessions <DIR>"), "{help}");
    }
}

#[test]
fn a_config_sets_defaults_and_its_mistakes_are_named() {
    let desk = Desk::new();
    desk.write("thorndike.ron", "(sessions: \"runs\", lanes: 3, threads: 1)");
    let out = desk.prints("train tabular-q FrozenLake-v1 --steps 30 --session a");
    assert!(out.contains(" lanes=3 mode=lockstep threads=1 "), "{out}");
    assert!(desk.0.join("runs/a/session.ron").exists());
    let out = desk.prints("train tabular-q FrozenLake-v1 --steps 30 --lanes 5 --session b");
    assert!(out.contains(" lanes=5 "), "flags weigh more: {out}");

    desk.write("other.ron", "(sesions: \"x\")");
    let parts = ["other.ron:1:2", "there is no `sesions`", "did you mean `sessions`?"];
    desk.refuses("plugins list --config other.ron", 2, &parts);
    desk.refuses("--config other.ron plugins list", 2, &parts);
    desk.refuses("plugins list --config missing.ron", 2, &["cannot read the config missing.ron"]);
    desk.write("other.ron", "(lanes: \"many\")");
    let takes = "other.ron:1:9: `lanes` takes a whole number from 1 to 16777216, not `\"many\"`";
    desk.refuses("plugins list --config other.ron", 2, &[takes]);
    desk.write("other.ron", "// Nothing yet.\n");
    desk.prints("plugins list --config other.ron");
    desk.refuses("plugins list --config .", 2, &["is no small file"]);
}

#[test]
fn shells_and_readers_of_manuals_are_served() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = desk.prints(&format!("completions {shell}"));
        assert!(text.contains("thorndike") && text.contains("parity"), "{shell}");
    }
    desk.refuses("completions tcsh", 2, &["possible values: bash"]);
    let page = desk.prints("man");
    assert!(page.contains(".SH \"THORNDIKE TRAIN\"") && page.contains("env\\-set"), "{page}");
}

#[test]
fn the_doctor_says_what_is_there() {
    let desk = Desk::new();
    let found = desk.prints("doctor");
    for part in ["plugin API 1.", "processor", "ok  sessions", "ok  cache", "ok  plugins"] {
        assert!(found.contains(part), "{part}\n{found}");
    }
    let lines = crate::desk::json(&desk.prints("doctor --json"));
    assert!(lines.iter().all(|line| line["says"].is_string() && line["good"].is_boolean()));
    std::fs::write(desk.0.join("file"), "").expect("the desk is writable");
    let ran = desk.run("doctor --sessions file/below");
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("--  sessions   file/below cannot be written"), "{}", ran.out);
}
