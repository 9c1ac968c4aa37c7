//! `sessions prune`, `rm` and `restore`: what becomes of many, one after another.

use super::named;
use crate::commands::json_line;
use crate::config::Settings;
use crate::failure::{Exit, Outcome};
use crate::output::Working;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{self, Write};
use thorndike_session::error::shown;
use thorndike_session::{Error, Session, Store, Writer};

/// Removes snapshots that nobody will miss.
pub(super) fn prune(names: &[String], settings: &Settings, out: &mut impl Write) -> Outcome {
    let all = named(names, settings)?;
    let mut working = Working::on(io::stderr(), "pruning", all.len() as u64);
    let all = all.into_iter().map(|(name, session)| {
        let became = session.and_then(|session| pruned(&session));
        working.add(1);
        working.hide();
        (name, became)
    });
    each(all, names.len() == 1, settings, out, |name, &(removed, freed)| {
        let json = serde_json::json!({"name": name, "removed": removed, "freed": freed});
        (json, format!("{name}: {removed} snapshots removed, {freed} bytes freed"))
    })
}

/// How many snapshots went, and how many bytes with them.
fn pruned(session: &Session) -> Result<(usize, u64), Error> {
    let before = session.bytes();
    let (mut writer, _) = Writer::open(session)?;
    let removed = writer.prune(&BTreeSet::new())?;
    Ok((removed, before.saturating_sub(session.bytes())))
}

/// Puts sessions out of sight.
pub(super) fn remove(names: &[String], settings: &Settings, out: &mut impl Write) -> Outcome {
    let store = Store::new(&settings.sessions);
    let all = names.iter().map(|name| (name.clone(), store.remove(name)));
    each(all, names.len() == 1, settings, out, |name, to| {
        let to = shown(&to.to_string_lossy());
        let json = serde_json::json!({"name": name, "moved": to});
        (json, format!("{name} lies in {to} now; `sessions restore {name}` brings it back"))
    })
}

/// Brings sessions back.
pub(super) fn restore(names: &[String], settings: &Settings, out: &mut impl Write) -> Outcome {
    let store = Store::new(&settings.sessions);
    let all = names.iter().map(|name| (name.clone(), store.restore(name)));
    each(all, names.len() == 1, settings, out, |name, to| {
        let to = shown(&to.to_string_lossy());
        let json = serde_json::json!({"name": name, "moved": to});
        (json, format!("{name} lies in {to} again"))
    })
}

/// Tells what became of each session; one of many that cannot be had does not end the work.
fn each<T>(
    all: impl Iterator<Item = (String, Result<T, Error>)>,
    is_alone: bool,
    settings: &Settings,
    out: &mut impl Write,
    words: impl Fn(&str, &T) -> (Value, String),
) -> Outcome {
    let mut exit = Exit::Success;
    for (name, became) in all {
        let name = shown(&name);
        let (json, line) = match became {
            Ok(became) => words(&name, &became),
            Err(error) if is_alone => return Err(error.into()),
            Err(error) => {
                exit = Exit::Failed;
                let json = serde_json::json!({"name": name, "error": error.to_string()});
                (json, format!("{name} stays as it is: {error}"))
            }
        };
        if settings.json {
            json_line(out, &json)?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    Ok(exit)
}
