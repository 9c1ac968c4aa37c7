//! `sessions verify`: every byte is read, and every step taken again where that is asked for.

use super::named;
use crate::commands::{json_line, rerun};
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::Working;
use crate::saved::IMPORTED;
use crate::stage::Stage;
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;
use thorndike_session::error::shown;
use thorndike_session::verify::Checked;
use thorndike_session::{Error, Session};

/// Reads every byte of these sessions.
pub(super) fn run(
    names: &[String],
    mut stage: Option<&mut Stage>,
    settings: &Settings,
    out: &mut impl Write,
) -> Outcome {
    let mut exit = Exit::Success;
    for (name, session) in named(names, settings)? {
        let (checked, session) = match session {
            Ok(session) => {
                let total = session.bytes();
                let mut working = match &stage {
                    Some(stage) => stage.working("reading", total),
                    None => Working::on(std::io::stderr(), "reading", total),
                };
                let length = |path: &Path| path.metadata().map_or(0, |known| known.len());
                let checked = session.verify(&mut |path| working.add(length(path)));
                drop(working);
                (checked, Some(session))
            }
            Err(error @ (Error::Missing { .. } | Error::NotASession(_))) => {
                return Err(error.into());
            }
            Err(error) => (Checked { found: vec![error], ..Checked::default() }, None),
        };
        let is_refused = !checked.found.is_empty() && checked.found.iter().all(is_refused);
        let mut found: Vec<String> = checked.found.iter().map(ToString::to_string).collect();
        // Nothing is known of the bytes of a session that a newer build has written.
        let is_newer = matches!(checked.found[..], [Error::Format { .. }]) && session.is_none();
        if let (Some(stage), Some(session)) = (stage.as_deref_mut(), session) {
            if session.identity().agent == IMPORTED {
                stage.say(&format!("{}: it was imported and holds no steps", shown(&name)));
            } else {
                found.extend(rerun(&session, settings, stage)?);
            }
        }
        if !found.is_empty() {
            exit = Exit::Failed;
        }
        if settings.json {
            let verified = Verified {
                name: &name,
                files: checked.files,
                bytes: checked.bytes,
                damage: &found,
            };
            json_line(out, &verified)?;
            continue;
        }
        let (name, files, bytes) = (shown(&name), checked.files, checked.bytes);
        let became = if found.is_empty() {
            "is sound:"
        } else if is_newer {
            "is newer than this build, and was not read:"
        } else if is_refused {
            "could not be read, or not all of it:"
        } else {
            "is damaged:"
        };
        writeln!(out, "{name} {became} {files} files, {bytes} bytes")?;
        for line in found {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(exit)
}

/// What turned out otherwise when every step was taken again, or why none was: what stands in the
/// way of one session is no reason to leave out the others.
fn rerun(
    session: &Session,
    settings: &Settings,
    stage: &mut Stage,
) -> Result<Vec<String>, Failure> {
    match rerun::run(session, settings, stage) {
        Ok((compared, otherwise)) => {
            stage.say(&format!("{}: {compared} snapshots compared", shown(session.name())));
            Ok(otherwise)
        }
        Err(failure) if stage.is_stopped() => Err(failure),
        Err(failure) => Ok(vec![format!("its steps cannot be taken again: {}", failure.message)]),
    }
}

/// Whether the system did not let a file be read, which says nothing of what it holds.
fn is_refused(error: &Error) -> bool {
    let is_denied = |source: &io::Error| source.kind() == io::ErrorKind::PermissionDenied;
    matches!(error, Error::System { source, .. } if is_denied(source))
}

/// What a look at every byte has shown, as JSON.
#[derive(Serialize)]
struct Verified<'a> {
    name: &'a str,
    files: u64,
    bytes: u64,
    damage: &'a [String],
}
