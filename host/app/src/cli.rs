//! The command line, as clap sees it: every command, every flag and its help.

mod course;
mod globals;
mod mark;
mod mode;
mod past;
mod values;

pub(crate) use course::{BranchFlags, Course, ResumeFlags, TrainFlags};
pub(crate) use globals::Globals;
pub(crate) use mark::{Mark, MarkKind};
pub(crate) use mode::{ModeFlags, ModeWord};
pub(crate) use past::{ExportFlags, Form, Import, ReplayFlags, Sessions};
pub(crate) use values::{Assignment, Count, LANES_MAX, THREADS_MAX};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

/// A terminal lab bench for reinforcement learning.
///
/// Agents and environments are small native plugins. Names are `CartPole-v1`, or
/// `plugin:CartPole-v1` where two plugins offer the same; `thorndike plugins list` shows them all.
#[derive(Debug, Parser)]
#[command(name = "thorndike", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// What to do; without a word the bench opens
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const EXIT_CODES: &str = "\
Exit codes: 0 finished, 1 failed, 2 wrong usage, 3 stopped before its goal, 130 interrupted (saved).
Folders: THORNDIKE_SESSIONS, THORNDIKE_PLUGINS and THORNDIKE_CACHE name them for good.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train an agent in an environment and save the session
    Train(TrainFlags),
    /// Go on with a session's run, exactly as if it had never stopped
    Resume(ResumeFlags),
    /// Begin a new session where another one stands, or stood at a step
    Branch(BranchFlags),
    /// Come back to a run that goes on without a terminal, or look on where another one steers it
    Attach {
        /// Name of the session, or a path to it
        session: String,
    },
    /// Play recorded episodes again, and check every step
    Replay(ReplayFlags),
    /// Write what a session holds for other programs
    Export(ExportFlags),
    /// Take in what other programs wrote, to compare with it
    #[command(subcommand)]
    Import(Import),
    /// Judge what a session has learned, without exploration
    Test(TestFlags),
    /// Look at an environment: its spaces, then its steps
    Env(EnvFlags),
    /// List, check and create plugins
    #[command(subcommand)]
    Plugins(Plugins),
    /// Measure speed, or equality with Gymnasium
    #[command(subcommand)]
    Bench(Bench),
    /// List and show sessions
    #[command(subcommand)]
    Sessions(Sessions),
    /// Print a session's digest: equal digests mean equal runs
    Digest {
        /// Name of the session, or a path to it
        session: String,
    },
    /// Say what was found on this machine, and what is missing
    Doctor,
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page; read it with `thorndike man | man -l -`
    Man,
}

#[derive(Debug, Args)]
pub(crate) struct TestFlags {
    /// Name of the session, or a path to it; `NAME@STEP` takes the last snapshot until that step
    pub(crate) session: String,
    /// Episodes to play
    #[arg(long, value_name = "N", default_value = "10")]
    pub(crate) episodes: Count,
    /// Steps after which an episode is cut off [default: the world's limit, or 10000 where it has
    /// none]
    #[arg(long, value_name = "N")]
    pub(crate) max_steps: Option<Count>,
    /// Seed of the worlds
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = values::whole)]
    pub(crate) seed: u64,
    /// Draw every step
    #[arg(long)]
    pub(crate) render: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EnvFlags {
    /// The environment, such as `CartPole-v1`
    pub(crate) env: String,
    /// Set a param of the environment (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) env_set: Vec<Assignment>,
    /// Seed of the first reset, and of random actions
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = values::whole)]
    pub(crate) seed: u64,
    /// A file with one action a line (numbers separated by blanks), or `random`
    #[arg(long, value_name = "FILE|random")]
    pub(crate) actions: Option<PathBuf>,
    /// Steps to take; all actions of a file, or 10 random ones, unless said otherwise
    #[arg(long, value_name = "N")]
    pub(crate) steps: Option<Count>,
    /// Draw every step
    #[arg(long)]
    pub(crate) render: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Plugins {
    /// List all plugins, and the files that could not be loaded
    List,
    /// Try a plugin file: layout, seeds, bounds, saving, masks, panics
    Check {
        /// The plugin file, ending in .so
        file: PathBuf,
    },
    /// Write a new plugin that builds and runs as it is
    #[command(subcommand)]
    New(New),
}

#[derive(Debug, Subcommand)]
pub(crate) enum New {
    /// A new agent
    Agent {
        /// What it is called, such as `my-agent`
        name: String,
    },
    /// A new environment
    Env {
        /// What it is called, such as `My-World-v1`
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Steps a second with random actions, through the loaded plugin
    Env {
        /// The environment
        env: String,
        /// Set a param of the environment (repeatable)
        #[arg(long, value_name = "KEY=VALUE")]
        env_set: Vec<Assignment>,
        /// Worlds that step side by side
        #[arg(long, value_name = "N", value_parser = values::lanes)]
        lanes: Option<Count>,
        /// Threads that step them
        #[arg(long, value_name = "N", default_value = "1", value_parser = values::threads)]
        threads: Count,
    },
    /// What it costs to call a plugin
    Abi,
    /// What snapshots cost a run with a full memory
    Saving(SavingFlags),
    /// What it costs to record every episode, and whether each step comes out the same again
    Recording(RecordingFlags),
    /// What the screen costs: key to picture, repaint, idle, and the run beside it
    Screen {
        /// Points of each of the twelve curves that are repainted
        #[arg(long, value_name = "N", default_value = "5e6", value_parser = values::points)]
        points: Count,
        /// Seconds of each measurement
        #[arg(long, value_name = "N", default_value = "10", value_parser = values::minutes)]
        seconds: Count,
        /// Measure this promise alone, by its number in docs/BENCHMARKS.md (repeatable)
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=15))]
        check: Vec<u8>,
        /// Measure another program with a screen in the same way instead
        #[arg(long, value_name = "COMMAND")]
        program: Option<String>,
        /// Keys it is pressed in turn (repeatable) [default: j and k]
        #[arg(long, value_name = "KEY", requires = "program")]
        key: Vec<String>,
    },
    /// Compare an environment with Gymnasium's, step by step (needs Python with gymnasium)
    Parity(ParityFlags),
}

/// What is compared with Gymnasium, and how much of it.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ParityFlags {
    /// The environment
    pub(crate) env: String,
    /// Set a param of the environment (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) env_set: Vec<Assignment>,
    /// Seeded episodes to compare
    #[arg(long, value_name = "N", default_value = "100")]
    pub(crate) episodes: Count,
    /// Play episodes until they have so many steps together, instead
    #[arg(long, value_name = "N", conflicts_with = "episodes")]
    pub(crate) steps: Option<Count>,
    /// The seed of the first episode; each has the next one
    #[arg(long, value_name = "N", default_value = "0")]
    pub(crate) seed: u64,
}

/// What is saved, and how often.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct SavingFlags {
    /// An agent with a memory of past steps
    #[arg(default_value = "dqn")]
    pub(crate) agent: String,
    /// The environment
    #[arg(default_value = "CartPole-v1")]
    pub(crate) env: String,
    /// Set a param of the agent (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<Assignment>,
    /// Steps in its memory
    #[arg(long, value_name = "N", default_value = "1e6")]
    pub(crate) transitions: Count,
    /// Worlds that step side by side
    #[arg(long, value_name = "N", default_value = "8", value_parser = values::lanes)]
    pub(crate) lanes: Count,
    /// Threads to work with
    #[arg(long, value_name = "N", default_value = "1", value_parser = values::threads)]
    pub(crate) threads: Count,
    /// Snapshots to take
    #[arg(long, value_name = "N", default_value = "100")]
    pub(crate) saves: Count,
}

/// What is recorded.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct RecordingFlags {
    /// The agent
    #[arg(default_value = "ppo")]
    pub(crate) agent: String,
    /// The environment
    #[arg(default_value = "CartPole-v1")]
    pub(crate) env: String,
    /// Set a param of the agent (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<Assignment>,
    /// Set a param of the environment (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) env_set: Vec<Assignment>,
    /// Steps to take and to record
    #[arg(long, value_name = "N", default_value = "1e5")]
    pub(crate) steps: Count,
    /// Worlds that step side by side
    #[arg(long, value_name = "N", default_value = "8", value_parser = values::lanes)]
    pub(crate) lanes: Count,
    /// The number from which all chance follows
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = values::whole)]
    pub(crate) seed: u64,
    /// How often both are measured; the best counts
    #[arg(long, value_name = "N", default_value = "3")]
    pub(crate) repeats: Count,
}

impl Command {
    /// Whether it is done on a screen, where there is a terminal.
    pub(crate) fn is_shown(&self) -> bool {
        match self {
            Self::Train(TrainFlags { seeds: Some(_), .. }) => false,
            Self::Train(TrainFlags { course, .. })
            | Self::Resume(ResumeFlags { course, .. })
            | Self::Branch(BranchFlags { course, .. }) => course.tui,
            Self::Attach { .. } => true,
            _ => false,
        }
    }
}

/// The whole command line as clap's own value, for help, completions and the manual page.
pub(crate) fn command() -> clap::Command {
    globals::everywhere(Cli::command())
}

/// What these words ask for.
pub(crate) fn parse(
    words: impl IntoIterator<Item = OsString>,
) -> Result<(Option<Command>, Globals), clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(words)?;
    let globals = Globals::gather(&matches)?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    let course = match &cli.command {
        Some(
            Command::Train(TrainFlags { course, .. })
            | Command::Resume(ResumeFlags { course, .. })
            | Command::Branch(BranchFlags { course, .. }),
        ) => Some(course),
        _ => None,
    };
    if course.is_some_and(|course| course.plain || course.quiet || course.tui) && globals.json {
        let kind = clap::error::ErrorKind::ArgumentConflict;
        let says = "`--json` cannot be used with `--plain`, `--quiet` or `--tui`";
        return Err(command.error(kind, says));
    }
    let renders = matches!(
        &cli.command,
        Some(
            Command::Env(EnvFlags { render: true, .. })
                | Command::Test(TestFlags { render: true, .. })
                | Command::Replay(ReplayFlags { render: true, .. })
        )
    );
    if renders && globals.json {
        let kind = clap::error::ErrorKind::ArgumentConflict;
        return Err(command.error(kind, "`--json` cannot be used with `--render`"));
    }
    Ok((cli.command, globals))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Result<(Option<Command>, Globals), clap::Error> {
        parse(line.split(' ').map(OsString::from))
    }

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn globals_are_understood_everywhere_and_lists_add_up() {
        let lines = [
            "thorndike --json --plugins a --plugins b --sessions s --config c plugins list",
            "thorndike plugins --json --plugins a --plugins b list --sessions s --config c",
            "thorndike --plugins a plugins list --plugins b --json --sessions s --config c",
            "thorndike --plugins a --sessions t plugins --plugins b list --json --sessions s \
             --config=c",
        ];
        for line in lines {
            let (command, globals) = words(line).expect("the words are right");
            assert!(matches!(command, Some(Command::Plugins(Plugins::List))), "{line}");
            assert!(globals.json, "{line}");
            assert_eq!(globals.plugins, [PathBuf::from("a"), "b".into()], "{line}");
            assert_eq!(globals.sessions, Some("s".into()), "{line}");
            assert_eq!(globals.config, Some("c".into()), "{line}");
        }
        let (_, globals) = words("thorndike doctor").expect("the words are right");
        assert_eq!(globals, Globals::default());
    }

    #[test]
    fn a_run_is_described_by_its_flags() {
        let line = "thorndike train q-learning FrozenLake-v1 --set step_size=0.1 --set a=b=c \
                    --env-set map=8x8 --seed 7 --lanes 64 --threads 2 --steps 1e6 \
                    --until return>=0.7";
        let words: Vec<_> = line.split_whitespace().collect();
        let (command, _) = super::parse(words.iter().map(OsString::from)).expect("all is right");
        let Some(Command::Train(train)) = command else { panic!("{command:?}") };
        assert_eq!((train.agent.as_str(), train.env.as_str()), ("q-learning", "FrozenLake-v1"));
        let set: Vec<_> = train.set.iter().map(|a| (a.key.as_str(), a.value.as_str())).collect();
        assert_eq!(set, [("step_size", "0.1"), ("a", "b=c")]);
        assert_eq!(train.env_set[0].value, "8x8");
        assert_eq!((train.seed, train.course.steps.map(u64::from)), (7, Some(1_000_000)));
        assert!(train.course.until.is_some());
    }

    #[test]
    fn ways_to_print_exclude_each_other() {
        for flags in ["--json --plain", "--json --quiet", "--plain --quiet"] {
            let error = words(&format!("thorndike train a e {flags}")).expect_err("one is enough");
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains("cannot be used with"), "{error}");
        }
        words("thorndike --json train a e --steps 1 --episodes 1").expect_err("one end is enough");
    }
}
