//! What each command does, a file each.

mod bench;
mod branch;
mod diff;
mod doctor;
mod env;
mod export;
mod import;
mod manual;
mod plugins;
mod replay;
mod rerun;
mod resume;
pub(crate) mod screen;
mod sessions;
mod step;
mod test;
mod train;

use crate::cli::{self, Command};
use crate::config::Settings;
use crate::failure::{Exit, Outcome};
pub(crate) use plugins::{registry, told_registry};
use std::io::{self, Write};

/// Does what was asked.
pub(crate) fn run(command: Option<Command>, settings: &Settings) -> Outcome {
    let Some(command) = command else { return screen::bench(settings) };
    // Commands that let plugins in write to a handle of their own: prints of plugins go elsewhere.
    match command {
        Command::Train(asked) => train::run(&asked, settings),
        Command::Branch(asked) => branch::run(&asked, settings),
        Command::Resume(asked) => resume::run(&asked, settings),
        Command::Attach { session } => screen::look_on(&session, settings),
        Command::Replay(asked) => replay::run(&asked, settings),
        Command::Export(asked) => export::run(&asked, settings),
        Command::Import(asked) => import::run(&asked, settings),
        Command::Test(asked) => test::run(&asked, settings),
        Command::Env(asked) => env::run(&asked, settings),
        Command::Bench(asked) => bench::run(&asked, settings),
        Command::Plugins(asked) => plugins::run(asked, settings),
        Command::Sessions(asked) => sessions::run(asked, settings, &mut io::stdout().lock()),
        Command::Digest { session } => {
            sessions::digest(&session, settings, &mut io::stdout().lock())
        }
        Command::Doctor => doctor::run(settings, &mut io::stdout().lock()),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut cli::command(), "thorndike", &mut text);
            io::stdout().lock().write_all(&text)?;
            Ok(Exit::Success)
        }
        Command::Man => manual::run(&mut io::stdout().lock()),
    }
}

/// Writes a value as one line of JSON.
pub(crate) fn json_line(out: &mut impl Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}
