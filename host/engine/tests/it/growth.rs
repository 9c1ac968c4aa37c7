//! Plugins and hosts of different ages fit: a kept binary of release 1.0 runs here and in a host
//! whose interface has grown, and a plugin of the grown interface runs here.

use crate::fixture::Folder;
use plugin_api::params::Values;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use thorndike_engine::plugin::library;
use thorndike_engine::run::{Goal, Mode, Reason, Run, Setup};

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the root is there")
}

/// The folder of what was kept of release 1.0.
fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/abi-1.0")
}

/// Trains the agent of a plugin in its world and returns what is left of it.
fn train(file: &Path) -> String {
    let plugin = library::open(file).expect("it is let in");
    let setup = Setup {
        agent_plugin: plugin.clone(),
        agent: "walker".to_owned(),
        params: Values::new(),
        env_plugin: plugin,
        env: "Road-v1".to_owned(),
        env_params: Values::new(),
        seed: 1,
        lanes: 4,
        shard_lanes: None,
        patience: None,
        mode: Mode::Lockstep,
        goal: Goal { steps: Some(20_000), ..Goal::default() },
    };
    let mut run = Run::new(setup).expect("it can be made");
    while run.over().is_none() {
        run.tick(&mut |_| ()).expect("nothing fails");
    }
    let end = run.finish(Reason::Steps).expect("it ends");
    assert!(end.return_last100 > Some(0.8), "it has learned: {end:?}");
    end.digest
}

/// What a later release might add, as a place in the sources and what comes behind it.
const GROWTH: [(&str, &str, &str); 10] = [
    (
        "plugin-api/src/abi/types.rs",
        "pub model: extern \"C\" fn(This, &mut RVec<u8>) -> i64,",
        "/// Grown.\n#[sabi(missing_field(option))]\npub age: extern \"C\" fn(This) -> i64,",
    ),
    (
        "plugin-api/src/abi/types.rs",
        "pub cancelled: extern \"C\" fn() -> u32,",
        "/// Grown.\n#[sabi(missing_field(option))]\npub age: extern \"C\" fn() -> u32,",
    ),
    (
        "plugin-api/src/abi/types.rs",
        "pub report: extern \"C\" fn(This, &mut RVec<u8>) -> i64,",
        "/// Grown.\n#[sabi(missing_field(option))]\npub age: extern \"C\" fn(This) -> i64,",
    ),
    (
        "plugin-api/src/abi/types.rs",
        "pub extension: extern \"C\" fn(id: RStr<'_>) -> *const std::ffi::c_void,",
        "/// Grown.\n#[sabi(missing_field(option))]\npub age: extern \"C\" fn() -> u32,",
    ),
    ("plugin-api/src/abi/env.rs", "        model: model::<B>,", "        age,"),
    (
        "plugin-api/src/abi/env.rs",
        "struct Table<B>(PhantomData<B>);",
        "extern \"C\" fn age(_: This) -> i64 { 11 }",
    ),
    ("plugin-api/src/abi/agent.rs", "        report: report::<A>,", "        age,"),
    (
        "plugin-api/src/abi/agent.rs",
        "struct Table<A>(PhantomData<A>);",
        "extern \"C\" fn age(_: This) -> i64 { 11 }",
    ),
    (
        "plugin-api/src/abi/handle.rs",
        "impl EnvHandle {",
        "/// Grown.\npub fn age(&self) -> Option<i64> { self.boxed.fns.age().map(|age| \
         age(self.boxed.this)) }",
    ),
    (
        "host/engine/src/plugin/host.rs",
        "static CANCELLED: AtomicBool = AtomicBool::new(false);",
        "extern \"C\" fn age() -> u32 { 11 }",
    ),
];

/// What a later release would write differently.
const CHANGES: [(&str, &str, &str); 5] = [
    (
        "plugin-api/src/abi/local.rs",
        "HostFns { log, cancelled }",
        "HostFns { log, cancelled, age }",
    ),
    (
        "plugin-api/src/abi/local.rs",
        "extern \"C\" fn log(",
        "extern \"C\" fn age() -> u32 { 11 }\n\n    extern \"C\" fn log(",
    ),
    ("plugin-api/src/abi/module.rs", "        extension,", "        extension,\n        age,"),
    (
        "plugin-api/src/abi/module.rs",
        "extern \"C\" fn extension(",
        "extern \"C\" fn age() -> u32 { 11 }\n\nextern \"C\" fn extension(",
    ),
    ("host/engine/src/plugin/host.rs", "{ log, cancelled }", "{ log, cancelled, age }"),
];

/// A host of the grown interface: opens a file, steps its world once, and says how old it is.
const HOST: &str = r#"
fn main() {
    let file = std::env::args().nth(1).expect("a file is given");
    let plugin = thorndike_engine::plugin::library::open(file.as_ref()).expect("it is let in");
    let env = plugin.env("Road-v1", &Default::default(), 2).expect("it has a world");
    println!("{:?}", env.age());
}
"#;

/// Writes a workspace with the grown interface, a host and a plugin.
fn grow(folder: &Path) {
    lay_out(folder);
    for (file, behind, more) in GROWTH {
        edit(&folder.join(file), behind, &format!("{behind}\n{more}\n"));
    }
    for (file, old, new) in CHANGES {
        edit(&folder.join(file), old, new);
    }
}

/// Writes a workspace with copies of plugin-api and engine, a host and a plugin.
fn lay_out(folder: &Path) {
    let copied = ["plugin-api", "host/engine", "host/session"];
    for part in copied {
        copy(&root().join(part).join("src"), &folder.join(part).join("src"));
        for file in ["Cargo.toml", "build.rs"] {
            let from = root().join(part).join(file);
            if from.exists() {
                fs::copy(from, folder.join(part).join(file)).expect("it can be copied");
            }
        }
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("it is there");
    let (_, rest) = manifest.split_once("\n]\n").expect("members come first");
    let members = "[workspace]\nresolver = \"3\"\n\
        members = [\"plugin-api\", \"host/*\", \"later-host\", \"later-plugin\"]\n";
    write(&folder.join("Cargo.toml"), &format!("{members}{rest}"));
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).expect("it can be copied");
    let package = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"1.1.0\"\nedition = \"2024\"\n{more}")
    };
    let needs = "[dependencies]\nplugin-api.workspace = true\n";
    let library = format!("[lib]\ncrate-type = [\"cdylib\"]\n{needs}");
    write(&folder.join("later-plugin/Cargo.toml"), &package("later-plugin", &library));
    let source = fs::read_to_string(kept().join("kept.rs")).expect("it was kept");
    write(&folder.join("later-plugin/src/lib.rs"), &source);
    let needs = format!("{needs}thorndike-engine.workspace = true\n");
    write(&folder.join("later-host/Cargo.toml"), &package("later-host", &needs));
    write(&folder.join("later-host/src/main.rs"), HOST);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder is writable");
    for entry in fs::read_dir(from).expect("the sources are there").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).expect("it can be copied");
        }
    }
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().expect("it lies in the folder")).expect("it is writable");
    fs::write(file, text).expect("the folder is writable");
}

#[track_caller]
fn edit(file: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(file).expect("it was copied");
    assert_eq!(text.matches(old).count(), 1, "{} holds `{old}` once", file.display());
    write(file, &text.replace(old, new));
}

/// The folder for what is built, which later runs can use again, for one test at a time: what they
/// build has the same names.
fn target() -> (MutexGuard<'static, ()>, PathBuf) {
    static ALONE: Mutex<()> = Mutex::new(());
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    (alone, Path::new(env!("CARGO_TARGET_TMPDIR")).join("growth"))
}

fn build(folder: &Path, target: &Path, what: &[&str]) {
    run(Command::new(env!("CARGO"))
        .args(["build", "--offline", "--quiet"])
        .args(what)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target)
        .env_remove("RUSTFLAGS"));
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it is text")
}

/// Why a file is not let in: at most three lines.
#[track_caller]
fn refusal(file: &Path) -> String {
    let reason = library::open(file).expect_err("it does not fit");
    assert!(reason.lines().count() <= 3, "{reason}");
    reason
}

#[test]
fn fault_14_a_plugin_of_another_abi_stable_is_refused() {
    const MAGIC: &[u8] = b"abi stable library for Rust";
    let folder = Folder::new();
    let mut bytes = fs::read(kept().join("libkept.so")).expect("it was kept");
    let at = bytes.windows(MAGIC.len()).position(|part| part == MAGIC).expect("it has a header");
    // Behind the name and its padding to 32 bytes stand the two numbers of the version.
    let minor = at + 32 + 4;
    assert_eq!(bytes[minor..minor + 4], 11_u32.to_le_bytes());
    bytes[minor] = 10;
    let file = folder.file("libold.so");
    fs::write(&file, bytes).expect("the folder is writable");
    let reason = refusal(&file);
    assert!(reason.contains("abi_stable 0.10") && reason.contains("rebuild"), "{reason}");
}

#[test]
fn fault_14_plugins_with_another_layout_are_refused() {
    const TYPES: &str = "plugin-api/src/abi/types.rs";
    let reset = "pub reset: extern \"C\" fn(This, &mut ResetIo<'_>) -> i64,";
    let step = "pub step: extern \"C\" fn(This, &mut StepIo<'_>) -> i64,";
    let swapped = [(reset, "RESET"), (step, reset), ("RESET", step)];
    let widened = [("pub lanes: u32,", "pub lanes: u64,")];
    let (_alone, target) = target();
    for (name, changes) in [("reordered", &swapped[..]), ("changed", &widened[..])] {
        let folder = Folder::new();
        lay_out(&folder.0);
        for (old, new) in changes {
            edit(&folder.0.join(TYPES), old, new);
        }
        if name == "changed" {
            let (old, new) = ("u32::try_from(lanes).unwrap_or(u32::MAX)", "lanes as u64");
            edit(&folder.0.join("plugin-api/src/abi/handle.rs"), old, new);
        }
        build(&folder.0, &target, &["--package", "later-plugin"]);
        // A library that is open is not read again, so that each needs a name of its own.
        let file = folder.file("libchanged.so");
        fs::copy(target.join("debug/liblater_plugin.so"), &file).expect("it was built");
        let reason = refusal(&file);
        assert!(reason.contains("another layout") && reason.contains("rebuild"), "{reason}");
    }
}

#[test]
fn a_kept_plugin_of_release_1_0_trains_here() {
    assert_eq!(train(&kept().join("libkept.so")).len(), 32);
}

#[test]
fn hosts_and_plugins_of_different_ages_fit() {
    let folder = Folder::new();
    grow(&folder.0);
    let (_alone, target) = target();
    build(&folder.0, &target, &["--workspace"]);
    let (old, new) = (kept().join("libkept.so"), target.join("debug/liblater_plugin.so"));
    assert_eq!(train(&new), train(&old), "a plugin from later does here what an old one does");
    let host = target.join("debug/later-host");
    assert_eq!(run(Command::new(&host).arg(&old)), "None\n", "an old plugin in a later host");
    assert_eq!(run(Command::new(&host).arg(&new)), "Some(11)\n", "a later plugin in its host");
}
