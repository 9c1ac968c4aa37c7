//! The process at the terminal. What is drawn there lives in another one, which outlasts the
//! terminal: closing it, or leaving the screen, does not end a run.

use crate::cli::Command;
use crate::config::Settings;
use crate::failure::{Exit, Failure};
use crate::{saved, terminal};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, PipeReader, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use thorndike_engine::plugin::capture::Terminal;
use thorndike_engine::plugin::safety::{Net, StopSignals};
use thorndike_tui::door;
use thorndike_tui::front::{self, Front, Left, Pictures};
use thorndike_tui::link::Link;
use thorndike_tui::term::{Abilities, Colors, probe};

/// The first word of the process that draws.
pub(crate) const BEHIND: &str = "--behind";

/// Code of a program whose terminal was closed.
const HUNG_UP: u8 = 129;

/// What this process turns out to be.
pub(crate) enum Side {
    /// It does what it was asked for.
    Whole,
    /// It has held the terminal for another process, and ends with this code.
    Front(ExitCode),
}

/// Takes up the place of the process that draws: away from the terminal of whoever started it.
pub(crate) fn go_behind(settings: &mut Settings) -> io::Result<()> {
    // Only a process that was started as such has a socket there.
    let link = io::stdin().as_fd().try_clone_to_owned()?;
    rustix::net::sockopt::socket_type(&link)?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    // A process that leads a group cannot leave its session, and then it stays.
    let _ = rustix::process::setsid();
    settings.front = Some(Arc::new(UnixStream::from(link)));
    Ok(())
}

/// Holds the terminal for another process, where a command is to be shown on a screen and there is
/// one.
pub(crate) fn hold(
    words: &[OsString],
    command: Option<&Command>,
    settings: &Settings,
) -> Result<Side, Failure> {
    let is_shown = command.is_none_or(Command::is_shown);
    let abilities = if is_shown { terminal::screen(settings) } else { None };
    let Some(abilities) = abilities else {
        return match command {
            Some(Command::Attach { .. }) => Err(Failure::usage(
                "attach needs a terminal; without one `sessions show NAME` says how a run stands",
            )),
            None => {
                let usage = crate::cli::command().render_usage();
                Err(Failure::usage(format!(
                    "the bench needs a terminal; without one, say what to do\n\n{usage}"
                )))
            }
            Some(_) => {
                if is_shown {
                    writeln!(
                        io::stderr(),
                        "note: --tui needs a terminal that can draw, for input and output; the \
                         run is told in lines"
                    )?;
                }
                Ok(Side::Whole)
            }
        };
    };
    let terminal = Terminal {
        out: io::stdout().as_fd().try_clone_to_owned()?.into(),
        err: io::stderr().as_fd().try_clone_to_owned()?.into(),
    };
    let cannot = |error| Failure::failed(format!("cannot hold the terminal: {error}"));
    let _net = Net::spread(&terminal, None).map_err(cannot)?;
    let stop = StopSignals::listen().map_err(cannot)?;
    let may_have = probe::may_have_images(|name| std::env::var(name).ok());
    let is_colored = abilities.colors != Colors::None;
    let pictures =
        if is_colored { settings.config.screen.pictures(may_have) } else { Pictures::Never };
    let term = std::env::var("TERM").unwrap_or_default();
    let asks = is_colored && (pictures != Pictures::Never || probe::may_answer(&term));
    let glyphs_chosen = settings.config.screen.glyphs().is_some();
    let holder = Holder { terminal, abilities, pictures, asks, glyphs_chosen, stop };
    let side = match command {
        Some(Command::Attach { session }) => {
            let session = saved::open(session, settings)?;
            match door::knock(session.folder()) {
                Some(stream) => holder.attach(stream, words),
                None => holder.start(words),
            }
        }
        _ => holder.start(words),
    };
    side.map(Side::Front).map_err(cannot)
}

struct Holder {
    terminal: Terminal,
    abilities: Abilities,
    pictures: Pictures,
    asks: bool,
    glyphs_chosen: bool,
    stop: StopSignals,
}

impl Holder {
    /// Starts a process that does what these words ask for, and holds the terminal for it.
    fn start(&self, words: &[OsString]) -> io::Result<ExitCode> {
        let (ours, theirs) = UnixStream::pair()?;
        let (prints, prints_end) = io::pipe()?;
        let mut command = std::process::Command::new(std::env::current_exe()?);
        command.arg(BEHIND).args(words.iter().skip(1));
        command.stdin(Stdio::from(OwnedFd::from(theirs)));
        command.stdout(prints_end.try_clone()?).stderr(prints_end);
        let mut child = command.spawn()?;
        // The command holds ends that only the child is to have.
        drop(command);
        let left = front::sit(self.front(Link::new(ours)?, Some(prints))?)?;
        self.left(left, Some(&mut child))
    }

    /// Holds the terminal for a run that is under way; looks on where somebody else does.
    fn attach(&self, stream: UnixStream, words: &[OsString]) -> io::Result<ExitCode> {
        match front::sit(self.front(Link::new(stream)?, None)?)? {
            Left::Busy => self.start(words),
            left => self.left(left, None),
        }
    }

    fn front(&self, link: Link, prints: Option<PipeReader>) -> io::Result<Front<'_>> {
        let (out, err) = (self.terminal.out.try_clone()?, self.terminal.err.try_clone()?);
        let (abilities, pictures, stop) = (self.abilities, self.pictures, &self.stop);
        let (asks, glyphs_chosen) = (self.asks, self.glyphs_chosen);
        Ok(Front { out, err, abilities, pictures, asks, glyphs_chosen, link, prints, stop })
    }

    /// Says what has become of the other process, and how this one ends.
    fn left(&self, left: Left, child: Option<&mut Child>) -> io::Result<ExitCode> {
        let mut err = &self.terminal.err;
        match left {
            Left::Ended(code) => Ok(ExitCode::from(code)),
            Left::Detached(sessions) => {
                for session in sessions {
                    writeln!(
                        err,
                        "{session} goes on without a terminal; `thorndike attach {session}` comes \
                         back to it"
                    )?;
                }
                Ok(Exit::Success.into())
            }
            Left::Gone => {
                if let Some(child) = child {
                    Ok(code(child.wait()?))
                } else {
                    writeln!(err, "error: the process of the run has ended without a word")?;
                    Ok(Exit::Failed.into())
                }
            }
            Left::HungUp => Ok(ExitCode::from(HUNG_UP)),
            Left::Busy => Ok(Exit::Failed.into()),
        }
    }
}

/// The code of a process, as a shell tells it.
fn code(status: ExitStatus) -> ExitCode {
    let signal = status.signal().map(|signal| 128 + signal);
    ExitCode::from(status.code().or(signal).unwrap_or(1) as u8)
}
