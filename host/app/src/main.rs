//! The binary `thorndike`: takes the words of the command line to the command that they name.
#![forbid(unsafe_code)]

mod chosen;
mod cli;
mod commands;
mod config;
mod date;
mod export;
mod failure;
mod faults;
mod folders;
mod front;
mod number;
mod output;
mod patience;
mod saved;
mod scaffold;
mod stage;
mod table;
mod terminal;
mod training;
mod watch;

use config::Settings;
use failure::Outcome;
use front::Side;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use thorndike_engine::plugin::{library, probe};

fn main() -> ExitCode {
    let mut words: Vec<OsString> = std::env::args_os().collect();
    if let [_, flag, file] = &words[..]
        && flag == "--probe"
    {
        return probe_child(Path::new(file));
    }
    let is_behind = words.get(1).is_some_and(|word| word == front::BEHIND);
    if is_behind {
        words.remove(1);
    }
    let (command, globals) = match cli::parse(words.clone()) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help that nobody reads any more is no failure.
            let _ = error.print();
            return ExitCode::from(error.exit_code() as u8);
        }
    };
    let mut settings = match Settings::load(globals) {
        Ok(settings) => settings,
        Err(failure) => return ended(Err(failure)),
    };
    if is_behind {
        if let Err(error) = front::go_behind(&mut settings) {
            complain(&format!("`{}` is for this program alone: {error}", front::BEHIND));
            return ExitCode::FAILURE;
        }
        return ended(commands::run(command, &settings));
    }
    match front::hold(&words, command.as_ref(), &settings) {
        Ok(Side::Whole) => ended(commands::run(command, &settings)),
        Ok(Side::Front(code)) => code,
        Err(failure) => ended(Err(failure)),
    }
}

/// The throw-away child that opens a plugin file first; never comes back when it is one.
fn probe_child(file: &Path) -> ExitCode {
    let Err(error) = probe::child_main(file, library::examine);
    complain(&error.to_string());
    ExitCode::FAILURE
}

fn ended(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if !failure.message.is_empty() {
                complain(&failure.message);
            }
            failure.exit.into()
        }
    }
}

fn complain(message: &str) {
    // Where standard error is closed nobody can be told.
    let _ = writeln!(io::stderr(), "error: {message}");
}
