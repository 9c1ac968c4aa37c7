//! Where foreign code is let in: its prints are kept away from ours, the terminal is restored
//! whatever it does, and signals ask for an end instead of making one.

use crate::failure::Failure;
use crate::folders::writable;
use crate::output::{Output, Working};
use crate::patience::Patience;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use thorndike_engine::plugin::capture::{Capture, Printed, Terminal};
use thorndike_engine::plugin::safety::{self, Crash, Net, StopSignals};
use thorndike_engine::plugin::{cache, host};
use thorndike_session::error::shown;

/// Everything that must be ready before the first plugin is loaded.
#[derive(Debug)]
pub(crate) struct Stage {
    terminal: Terminal,
    printed: Printed,
    /// Number of the printed line that comes next.
    next: u64,
    stop: StopSignals,
    capture: Option<Capture>,
    _patience: Patience,
    _net: Net,
}

const NOTE: &str = "crash.ron";

impl Stage {
    /// Makes everything ready, with so many threads; says if a plugin ended the last run.
    pub(crate) fn open(threads: usize) -> Result<Self, Failure> {
        let note = cache::folder(|name| std::env::var_os(name)).map(|folder| folder.join(NOTE));
        let crash = note.as_deref().and_then(safety::last_crash);
        if let Some(folder) = note.as_deref().and_then(Path::parent) {
            std::fs::create_dir_all(folder)
                .and_then(|()| writable(folder))
                .map_err(|error| Failure::failed(cache::unusable(folder, &error)))?;
        }
        let ready = || -> io::Result<Self> {
            let (capture, terminal) = Capture::start()?;
            let net = Net::spread(&terminal, note.as_deref())?;
            let stop = StopSignals::listen()?;
            let printed = capture.printed();
            let patience = Patience::new(terminal.err.try_clone()?);
            Ok(Self {
                terminal,
                printed,
                next: 0,
                stop,
                capture: Some(capture),
                _patience: patience,
                _net: net,
            })
        };
        let mut stage = ready().map_err(|error| {
            Failure::failed(format!("cannot make ready to run plugins: {error}"))
        })?;
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            // Without a stack of its own a handler may fail to restore the terminal, nothing more.
            .start_handler(|_| drop(safety::prepare_thread()))
            .build_global()
            .map_err(|error| Failure::failed(format!("cannot start {threads} threads: {error}")))?;
        if let Some(crash) = crash {
            stage.say(&in_words(&crash));
        }
        Ok(stage)
    }

    /// Where the answers of the program go.
    pub(crate) fn out(&self) -> Result<File, Failure> {
        Ok(self.terminal.out.try_clone()?)
    }

    /// Whether somebody asked for an end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.asked_by().is_some()
    }

    /// Becomes readable when somebody asks for an end.
    pub(crate) fn stop_signals(&self) -> &StopSignals {
        &self.stop
    }

    /// What plugins print and log, for whoever shows it.
    pub(crate) fn prints(&self) -> Prints {
        Prints { printed: self.printed.clone(), next: self.next }
    }

    /// Tells how far a long piece of work is.
    pub(crate) fn working(&self, what: &'static str, total: u64) -> Working {
        Working::on(&self.terminal.err, what, total)
    }

    /// Says something that is no answer.
    pub(crate) fn say(&mut self, line: &str) {
        // Where standard error is closed nobody can be told.
        let _ = writeln!(self.terminal.err, "{line}");
    }

    /// Passes on what plugins have printed or logged, on standard error and line by line.
    pub(crate) fn relay<W: Write>(&mut self, output: &mut Output<W>) -> io::Result<()> {
        let lines = self.lines();
        if !lines.is_empty() {
            output.close()?;
        }
        for line in lines {
            self.say(&line);
        }
        Ok(())
    }

    /// What plugins have printed or logged since the last call.
    fn lines(&mut self) -> Vec<String> {
        let mut prints = self.prints();
        let lines = prints.take();
        self.next = prints.next;
        lines.into_iter().map(|line| format!("plugin: {line}")).collect()
    }
}

/// What plugins print and log, line by line.
#[derive(Clone, Debug)]
pub(crate) struct Prints {
    printed: Printed,
    next: u64,
}

impl Prints {
    /// The lines since the last call.
    pub(crate) fn take(&mut self) -> Vec<String> {
        let (mut lines, next) = self.printed.since(self.next);
        self.next = next;
        lines.extend(host::take_lines().into_iter().map(|(_, line)| shown(&line)));
        lines
    }
}

impl Drop for Stage {
    /// Passes on the last prints, of which all are known when the capture has ended.
    fn drop(&mut self) {
        drop(self.capture.take());
        for line in self.lines() {
            self.say(&line);
        }
    }
}

fn in_words(crash: &Crash) -> String {
    let ended_by = shown(&crash.ended_by);
    match &crash.plugin {
        Some(plugin) => format!(
            "note: the last run was ended by {ended_by} in plugin {} (call {}, step {})",
            shown(plugin),
            shown(&crash.call),
            crash.step
        ),
        None => format!("note: the last run was ended by {ended_by}"),
    }
}
