//! The engine against the C++ that it is equal to, in scenes of random bodies: built from the
//! sources of a Python package that `cargo lab fetch box2d` brings, by the C++ compiler of the
//! machine. Where either is missing the test is left out.

mod scene;

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use plugin_api::prelude::*;
use scene::Scene;

/// How many scenes of each kind are played, and how long.
const SCENES: u64 = 40;
const STEPS: usize = 250;

#[test]
#[ignore = "long: compiles the C++ original"]
fn random_scenes_go_as_in_the_original() {
    let Some(driver) = driver() else { return };
    for seed in 0..SCENES {
        for (name, build) in scene::KINDS {
            let mut rng = Rng::seeded(seed);
            let mut scene = Scene::begin(&mut rng);
            build(&mut scene, &mut rng);
            for _ in 0..STEPS {
                scene.act(&mut rng);
                scene.step();
            }
            compare(&driver, &scene, &format!("{name}, seed {seed}"));
        }
    }
}

/// Plays a scene in the original and compares line by line.
fn compare(driver: &Path, scene: &Scene, name: &str) {
    let mut child = Command::new(driver)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the driver starts");
    let mut input = child.stdin.take().expect("it was asked for");
    let commands = scene.commands().to_owned();
    // On the side: a full pipe would stop the driver.
    let writer = std::thread::spawn(move || input.write_all(commands.as_bytes()));
    let output = child.wait_with_output().expect("the driver ends");
    writer.join().expect("no panic").expect("the driver reads");
    assert!(output.status.success(), "{name}: the driver failed");
    let theirs = String::from_utf8(output.stdout).expect("the driver writes ASCII");
    let mut lines = theirs.lines();
    for (idx, ours) in scene.outcome().lines().enumerate() {
        assert_eq!(Some(ours), lines.next(), "{name}, line {idx}");
    }
    assert_eq!(lines.next(), None, "{name}");
}

/// The driver, built anew; nothing where that cannot be.
#[expect(clippy::print_stdout, reason = "the suite counts what was skipped by this line")]
fn driver() -> Option<PathBuf> {
    let named = |name| env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    let cache = named("THORNDIKE_CACHE")
        .or_else(|| Some(named("XDG_CACHE_HOME")?.join("thorndike")))
        .or_else(|| Some(env::home_dir()?.join(".cache/thorndike")))?;
    let sources = cache.join("box2d");
    let mut files = Vec::new();
    gather(&sources.join("Box2D"), &mut files);
    if files.is_empty() {
        println!("skipped: the C++ of Box2D is not installed; `cargo lab fetch box2d` gets it");
        return None;
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/original");
    let driver = Path::new(env!("CARGO_TARGET_TMPDIR")).join("box2d-driver");
    let built = Command::new("c++")
        // Nothing that fuses a multiplication with an addition, as the package is built.
        .args(["-std=c++11", "-O2", "-w", "-ffp-contract=off", "-fno-tree-slp-vectorize"])
        .arg("-I")
        .arg(&here)
        .arg("-I")
        .arg(&sources)
        .arg(here.join("driver.cpp"))
        .args(&files)
        .arg("-o")
        .arg(&driver)
        .status();
    let Ok(status) = built else {
        println!("skipped: c++ is not installed");
        return None;
    };
    assert!(status.success(), "the C++ of Box2D does not compile");
    Some(driver)
}

/// All C++ files below a folder.
fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|ends| ends == "cpp") {
            files.push(path);
        }
    }
}
