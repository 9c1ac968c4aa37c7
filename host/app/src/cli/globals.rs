//! Flags that every command understands, wherever they stand among its words.

use clap::{ArgMatches, Args, Command, FromArgMatches};
use std::path::PathBuf;

// A doc comment here would become the description of every command.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Globals {
    /// Where sessions lie (default ./sessions)
    #[arg(long, value_name = "DIR")]
    pub(crate) sessions: Option<PathBuf>,
    /// A folder in which to look for plugins first (repeatable)
    #[arg(long, value_name = "DIR")]
    pub(crate) plugins: Vec<PathBuf>,
    /// A config file (default ./thorndike.ron, then the one in the user's config folder)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON, one object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Adds the flags to a command and to everything below it.
///
/// clap's own global flags keep only the last of several places; here those of a list add up.
pub(crate) fn everywhere(command: Command) -> Command {
    let names: Vec<String> =
        command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let mut command = Globals::augment_args(command).mut_args(|arg| {
        // Otherwise a negative number is taken for a flag, and the word about it helps nobody.
        let is_number = arg.get_long().is_some() && arg.get_action().takes_values();
        if is_number { arg.allow_negative_numbers(true) } else { arg }
    });
    for name in names {
        command = command.mut_subcommand(name, everywhere);
    }
    command
}

impl Globals {
    /// What was said at all places from left to right: later words win, lists add up.
    pub(super) fn gather(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let here = Self::from_arg_matches(matches)?;
        let Some((_, below)) = matches.subcommand() else { return Ok(here) };
        let below = Self::gather(below)?;
        Ok(Self {
            sessions: below.sessions.or(here.sessions),
            plugins: [here.plugins, below.plugins].concat(),
            config: below.config.or(here.config),
            json: here.json || below.json,
        })
    }
}
