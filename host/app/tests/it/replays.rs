//! Recorded episodes and what is made of them: replays, and files of other formats.

use crate::desk::{Desk, json};
use std::collections::BTreeSet;
use std::fs;

fn trained(words: &str) -> Desk {
    let desk = Desk::new();
    desk.prints(&format!("train {words} --session run --quiet"));
    desk
}

#[test]
fn recorded_episodes_are_played_again_and_come_out_the_same() {
    for words in [
        "tabular-q FrozenLake-v1 --steps 40000 --lanes 4 --seed 2 --replays some",
        "tabular-q Taxi-v4 --steps 40000 --lanes 1 --replays some",
    ] {
        let desk = trained(words);
        let played = json(&desk.prints("replay run --json"));
        assert!(played.len() > 50, "{} episodes", played.len());
        assert!(played.iter().all(|line| line["level"] == "exact"), "{played:?}");
        let causes = |cause: &str| played.iter().filter(|line| line["cause"] == cause).count();
        assert!(causes("every") > 0 && causes("best") + causes("worst") > 0, "{played:?}");
        let last = played.last().expect("there are some");
        let steps = json(&desk.prints(&format!("replay run@{} --json", last["episode"])));
        assert_eq!(steps.len() as u64, last["length"].as_u64().expect("a number") + 2);
        let total: f64 = steps.iter().filter_map(|step| step["reward"].as_f64()).sum();
        assert!((total - last["return"].as_f64().expect("a number")).abs() < 1e-9);
        let from = steps.len() - 3;
        let tail =
            json(&desk.prints(&format!("replay run@{} --step {from} --json", last["episode"])));
        assert_eq!(tail[..], steps[from + 1..], "seeking changes nothing");
    }
}

#[test]
fn episodes_are_found_by_marks_of_the_run() {
    let words = "tabular-q FrozenLake-v1 --steps 20000 --eval-every 8000 --eval-episodes 3";
    let desk = trained(words);
    let all = json(&desk.prints("replay run --list --json"));
    let trials = |line: &&serde_json::Value| line["cause"] == "eval";
    let at = |mark: &str| json(&desk.prints(&format!("replay run --mark {mark} --json"))).pop();
    let end = |mark: &str| at(mark).expect("it has an end");
    let returns = all.iter().filter(|line| !trials(line)).filter_map(|it| it["return"].as_f64());
    let best = returns.fold(f64::MIN, f64::max);
    assert_eq!(end("best")["return"].as_f64(), Some(best));
    assert_eq!(end("worst")["return"], 0.0);
    let steps = |mark: &str| end(mark)["steps"].as_u64().expect("a number");
    assert!((8000..8200).contains(&steps("eval")) && (16_000..16_200).contains(&steps("eval:2")));
    assert!(steps("last") > steps("last:2") && steps("saved") <= steps("last"));
    let trial = json(&desk.prints("replay run --mark last --trial --json")).pop();
    assert_eq!(trial.expect("it has an end")["cause"], "eval");
    desk.refuses("replay run --mark edit", 2, &["has 0 marks of kind edit"]);
    desk.refuses("replay run --mark nothing", 2, &["it takes best, worst, last, edit,"]);
    desk.refuses("replay run@3 --mark best", 2, &["take one of the two"]);
}

#[test]
fn in_small_worlds_every_episode_of_every_lane_is_recorded_once() {
    let desk = trained("tabular-q FrozenLake-v1 --steps 9000 --lanes 4 --snapshot-every 2000");
    desk.prints("resume run@4000 --steps 12000 --quiet");
    let shown = &json(&desk.prints("sessions show run --json"))[0];
    assert_eq!(
        (&shown["records"], &shown["replay_bytes_max"]),
        (&"most".into(), &(64 << 20).into())
    );
    let played = json(&desk.prints("replay run --json"));
    let numbers: Vec<u64> = played.iter().filter_map(|line| line["episode"].as_u64()).collect();
    let episodes = shown["episodes"].as_u64().expect("a number");
    let known: BTreeSet<u64> = numbers.iter().copied().collect();
    assert_eq!(known.len(), numbers.len(), "each once");
    // The run went back into the middle of an episode of each lane.
    let missing: Vec<u64> = (1..=episodes).filter(|number| !known.contains(number)).collect();
    assert!(missing.len() <= 4 && known.last() == Some(&episodes), "{missing:?} of {episodes}");
    assert!(played.iter().all(|line| line["level"] == "exact" && line["cause"] == "all"));
    let steps: u64 = played.iter().filter_map(|line| line["length"].as_u64()).sum();
    assert!((11_000..=12_000).contains(&steps), "{steps}");
}

#[test]
fn a_full_shelf_is_told_and_evaluations_are_recorded() {
    let desk = Desk::new();
    let words = "train random CartPole-v1 --steps 120000 --session run --eval-every 60000";
    let words = format!("{words} --eval-episodes 70 --replays all --replay-mb 4 --json");
    let ran = desk.run(&words);
    let told = json(&ran.out);
    let full = |line: &&serde_json::Value| line["topic"] == "recording";
    let full = told.iter().find(full).expect("it is said").clone();
    assert!(full["message"].as_str().is_some_and(|text| text.contains("--replay-mb")), "{full}");
    let shown = &json(&desk.prints("sessions show run --json"))[0];
    let bytes = shown["replay_bytes"].as_u64().expect("a number");
    assert!((2 << 20..=4 << 20).contains(&bytes), "{bytes}");
    let played = json(&desk.prints("replay run --json"));
    let of = |cause: &str| played.iter().filter(|line| line["cause"] == cause).count();
    assert!(of("all") > 500 && of("every") > 0 && of("eval") == 140, "{} all", of("all"));
    assert!(played.iter().all(|line| line["level"] == "exact"));
}

#[test]
fn recorded_episodes_stay_within_their_room_whatever_is_recorded() {
    let desk = Desk::new();
    let bytes = |words: &str, session: &str| {
        let words = format!("train {words} --steps 120000 --quiet --session {session}");
        desk.prints(&words);
        let shown = &json(&desk.prints(&format!("sessions show {session} --json")))[0];
        shown["replay_bytes"].as_u64().expect("a number")
    };
    for (session, which) in [("most", ""), ("some", "--replays some"), ("all", "--replays all")] {
        let words = format!("q-learning FrozenLake-v1 --replay-mb 1 {which}");
        let found = bytes(&words, session);
        assert!((64 << 10..=1 << 20).contains(&found), "{session}: {found}");
        let more = format!("resume {session} --steps 150000 --quiet");
        desk.prints(&more);
        let shown = &json(&desk.prints(&format!("sessions show {session} --json")))[0];
        assert!(shown["replay_bytes"].as_u64() <= Some(1 << 20), "{session}: {shown}");
        assert_eq!(desk.run(&format!("replay {session} --json")).code, 0);
        let none = format!("q-learning FrozenLake-v1 --replay-mb 0 {which}");
        assert_eq!(bytes(&none, &format!("{session}-none")), 0);
    }
}

#[test]
fn what_was_recorded_in_another_world_is_noticed() {
    let desk = trained("tabular-q FrozenLake-v1 --steps 40000 --lanes 4 --replays some");
    desk.refuses("replay run@999999", 2, &["was not recorded; near it are "]);
    let first = json(&desk.prints("replay run --list --json"))[0]["episode"].clone();
    let drawn = desk.prints(&format!("replay run@{first} --render"));
    assert!(drawn.contains("step 1 action=") && drawn.contains('⠀'), "{drawn}");
    let listed = desk.prints("replay run --list");
    assert!(listed.contains("kept=") && !listed.contains("level="), "{listed}");
    desk.prints("train tabular-q FrozenLake-v1 --steps 100 --session bare --replays none --quiet");
    desk.refuses("replay bare@999999", 2, &["session `bare` has no recorded episodes"]);
    let folder = desk.0.join("sessions/run/replays");
    let mut files: Vec<_> = fs::read_dir(folder).expect("there").flatten().collect();
    files.sort_by_key(fs::DirEntry::path);
    let mut bytes = fs::read(files[0].path()).expect("readable");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(files[0].path(), bytes).expect("writable");
    let played = desk.run("replay run --json");
    assert_eq!((played.code, played.err.matches("is damaged: its bytes do not").count()), (1, 1));
    let all = json(&desk.prints("replay run --list --json"));
    let played = json(&played.out);
    assert!(played.len() > all.len() / 2 && played.len() < all.len(), "{}", played.len());
    // Without a head nobody knows what the file held, and the others are played all the same.
    fs::write(files[0].path(), "something else").expect("writable");
    let ran = desk.run("replay run --json");
    assert!(ran.code == 1 && ran.err.contains("the other episodes are sound"), "{}", ran.err);
    assert_eq!(json(&ran.out).len(), played.len());
    let shown = &json(&desk.prints("sessions show run --json"))[0];
    assert_eq!(shown["replays"], played.len(), "{shown}");
    assert!(shown["damage"].is_string(), "{shown}");
    desk.prints(&format!("replay run@{}", played[0]["episode"]));
    desk.prints("export run --to cast run.cast");
    let ran = desk.run("sessions verify run");
    assert!(ran.code == 1 && ran.out.contains("run is damaged"), "{}", ran.out);
}

#[test]
fn sessions_are_verified_by_taking_every_step_again() {
    let desk = Desk::new();
    let words = "train tabular-q Taxi-v4 --seed 1 --quiet --snapshot-every 10000";
    desk.prints(&format!("{words} --steps 30000 --session run"));
    desk.prints("resume run --steps 50000 --quiet");
    desk.prints("branch run@15000 --set step_size=0.9 --session other --quiet");
    for name in ["run", "other"] {
        let told = desk.prints(&format!("sessions verify {name} --rerun"));
        assert!(told.contains(&format!("{name} is sound")), "{told}");
    }
    let told = desk.prints("sessions diff run other");
    assert!(told.contains("step_size") && told.contains("they part by step 15"), "{told}");
    let same = desk.prints("sessions diff run run");
    assert!(same.contains("the same params") && same.contains("the same tensors"), "{same}");
}

#[test]
fn sessions_are_tagged_noted_pruned_and_put_away() {
    let desk = trained("tabular-q Taxi-v4 --steps 60000 --snapshot-every 1000");
    assert_eq!(desk.prints("sessions tag run fast good").trim(), "fast good");
    assert_eq!(desk.prints("sessions tag run -- -fast new").trim(), "good new");
    desk.prints("sessions note run remember-this");
    let shown = &json(&desk.prints("sessions show run --json"))[0];
    assert_eq!((&shown["note"], &shown["tags"][0]), (&"remember-this".into(), &"good".into()));
    assert!(shown["generations"].as_u64().expect("a number") < 14, "{shown}");
    assert!(desk.prints("sessions prune run").contains("run: "));
    desk.prints("sessions verify");
    let told = desk.prints("sessions rm run");
    assert!(told.contains(".trash/run.1 now"), "{told}");
    assert!(desk.prints("sessions list").contains("no sessions in"));
    assert!(desk.prints("sessions restore run").contains("sessions/run again"));
    desk.prints("sessions verify run");
    desk.refuses("sessions restore run", 2, &["there is no session `run` in "]);
    desk.prints("sessions rm run");
    desk.prints("train random CartPole-v1 --steps 100 --session run --quiet");
    desk.refuses("sessions restore run", 2, &["there is a session `run` already"]);
}

#[test]
fn numbers_go_to_tables_pictures_and_event_files_and_come_back() {
    let desk = trained("tabular-q FrozenLake-v1 --steps 20000 --tensorboard board");
    let export = |to: &str, path: &str| {
        desk.prints(&format!("export run --to {to} {path}"));
        fs::read(desk.0.join(path)).expect("it was written")
    };
    let csv = String::from_utf8(export("csv", "run.csv")).expect("text");
    assert!(
        csv.starts_with("steps,episodes,updates,seconds,") && csv.contains("\n20000,"),
        "{csv}"
    );
    for line in json(&String::from_utf8(export("jsonl", "run.jsonl")).expect("text")) {
        assert!(line["event"].is_string(), "{line}");
    }
    assert!(export("svg", "run.svg").starts_with(b"<svg "));
    assert!(export("png", "run.png").starts_with(b"\x89PNG"));
    assert!(export("gif", "run.gif").starts_with(b"GIF89a"));
    assert!(export("cast", "run.cast").starts_with(b"{\"version\":3"));
    let policy = export("safetensors", "run.safetensors");
    assert!(policy.windows(7).any(|part| part == b"agent/q"));
    desk.prints("export run --to tensorboard exported");
    for (folder, name) in [("board", "live"), ("exported", "after")] {
        let told = desk.prints(&format!("import tensorboard {folder} --session {name}"));
        assert!(told.contains(&format!("are in session {name} now")), "{told}");
        desk.prints(&format!("export {name} --to csv {name}.csv"));
        let back = fs::read_to_string(desk.0.join(format!("{name}.csv"))).expect("written");
        assert!(back.contains("return_last100") && back.contains("\n20000,"), "{back}");
    }
    desk.refuses("export run --to svg a.svg --metric retrun_mean", 2, &["mean `return_"]);
    desk.refuses("resume live", 2, &["was imported and holds no run"]);
}
