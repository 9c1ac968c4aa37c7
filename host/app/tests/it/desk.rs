//! A folder to run the program in, with nothing of the person at the keyboard around it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs};

/// A folder to run the program in; it is gone after the test.
pub(crate) struct Desk(pub(crate) PathBuf);

/// The user's data folder: always the same, so that crates built against the sources in it need not
/// be built again.
fn data() -> PathBuf {
    scratch().join("data")
}

/// What a run of the program left.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // Outside of the repository, which some commands recognise from within.
        let folder = format!("thorndike-desk-{}-{number}", std::process::id());
        let folder = env::temp_dir().join(folder);
        fs::create_dir_all(&folder).expect("the folder for temporary files is writable");
        Self(folder)
    }

    /// The program with these words, separated by blanks.
    pub(crate) fn command(&self, words: &str) -> Command {
        libraries();
        let mut command = Command::new(env!("CARGO_BIN_EXE_thorndike"));
        command.args(words.split_whitespace()).current_dir(&self.0);
        self.alone(&mut command);
        command
    }

    /// Takes what the person at the keyboard has set out of a command's environment.
    pub(crate) fn alone(&self, command: &mut Command) {
        for name in ["THORNDIKE_PLUGINS", "THORNDIKE_SESSIONS", "NO_COLOR", "COLORTERM"] {
            command.env_remove(name);
        }
        command
            .env("THORNDIKE_CACHE", scratch().join("cache"))
            .env("XDG_DATA_HOME", data())
            .env("XDG_CONFIG_HOME", self.0.join("config"));
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, words: &str) -> Ran {
        ran(self.command(words).output().expect("the program starts"))
    }

    /// Runs the program, which must succeed, and returns what it printed.
    #[track_caller]
    pub(crate) fn prints(&self, words: &str) -> String {
        let ran = self.run(words);
        assert_eq!(ran.code, 0, "{words}\n{}{}", ran.out, ran.err);
        ran.out
    }

    /// Runs the program, which must end with this code and a sentence that holds these parts.
    #[track_caller]
    pub(crate) fn refuses(&self, words: &str, code: i32, parts: &[&str]) {
        let ran = self.run(words);
        assert_eq!(ran.code, code, "{words}\n{}{}", ran.out, ran.err);
        let missing = parts.iter().find(|part| !ran.err.contains(**part));
        assert!(missing.is_none(), "{words}\n{}\nlacks {missing:?}", ran.err);
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).expect("the desk is writable");
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // What stays is only in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn ran(output: Output) -> Ran {
    let text = |bytes| String::from_utf8(bytes).expect("only text is printed");
    Ran {
        code: output.status.code().expect("no signal ends it"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// The lines as JSON.
#[track_caller]
pub(crate) fn json(text: &str) -> Vec<serde_json::Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

/// Copies a folder with every file in it; a socket that somebody left is none.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the desk is writable");
    for entry in fs::read_dir(from).expect("it is a folder").flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else if entry.path().is_file() {
            fs::copy(entry.path(), to).expect("the desk is writable");
        }
    }
}

/// The folder for what later runs of the tests can use again.
pub(crate) fn scratch() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Whether this is an optimised build.
pub(crate) fn is_release() -> bool {
    Path::new(env!("CARGO_BIN_EXE_thorndike")).ancestors().any(|folder| folder.ends_with("release"))
}

/// Builds the plugin libraries, which lie beside the program: `cargo test` alone does not.
fn libraries() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "--quiet", "--offline"]);
        let worlds = ["toy-text", "classic-control", "arcade", "probes", "mujoco"];
        for package in worlds.into_iter().chain(["tabular", "tabular-q", "deep"]) {
            command.args(["--package", package]);
        }
        if is_release() {
            command.arg("--release");
        }
        command.current_dir(env!("CARGO_MANIFEST_DIR"));
        assert!(command.status().expect("cargo is there").success(), "the plugins build");
    });
}
