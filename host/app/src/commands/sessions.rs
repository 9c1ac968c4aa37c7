//! `sessions list`, `sessions show` and `digest`: what lies in the store.

use super::json_line;
use crate::cli::Sessions;
use crate::config::Settings;
use crate::date;
use crate::failure::{Exit, Outcome};
use crate::output::figure;
use crate::saved;
use crate::table;
use serde::Serialize;
use serde_json::{Map, Value};
use std::io::Write;
use thorndike_session::error::shown;
use thorndike_session::verify::Checked;
use thorndike_session::{Error, Session, Snapshot, Store};

/// Does what was asked.
pub(super) fn run(command: Sessions, settings: &Settings, out: &mut impl Write) -> Outcome {
    match command {
        Sessions::List => list(settings, out),
        Sessions::Show { session } => show(&session, settings, out),
        Sessions::Verify { names } => verify(&names, settings, out),
    }
}

/// Prints the digest of a session after reading all of it.
pub(super) fn digest(session: &str, settings: &Settings, out: &mut impl Write) -> Outcome {
    let snapshot = saved::open(session, settings)?.load()?.snapshot;
    if settings.json {
        let digest = Value::String(snapshot.summary.digest);
        json_line(out, &Map::from_iter([("digest".to_owned(), digest)]))?;
    } else {
        writeln!(out, "{}", shown(&snapshot.summary.digest))?;
    }
    Ok(Exit::Success)
}

/// A session, and where it stood if it was ever saved.
struct Read {
    session: Session,
    snapshot: Option<Snapshot>,
}

fn read(session: Session) -> Result<Read, Error> {
    match session.latest() {
        Ok(snapshot) => Ok(Read { session, snapshot: Some(snapshot) }),
        Err(Error::NoSnapshot(_)) => Ok(Read { session, snapshot: None }),
        Err(error) => Err(error),
    }
}

fn list(settings: &Settings, out: &mut impl Write) -> Outcome {
    let store = Store::new(&settings.sessions);
    let heads = ["session", "agent", "env", "seed", "steps", "return", "ended", "created"];
    let (mut rows, mut damaged) = (vec![heads.map(str::to_owned).to_vec()], Vec::new());
    for entry in store.list()? {
        let read = entry.session.and_then(read);
        match (settings.json, read) {
            (true, read) => json_line(out, &record(&entry.name, &read))?,
            (false, Ok(read)) => rows.push(row(&read)),
            (false, Err(error)) => damaged.push(format!("{}: {error}", shown(&entry.name))),
        }
    }
    if settings.json {
        return Ok(Exit::Success);
    }
    if rows.len() == 1 && damaged.is_empty() {
        writeln!(out, "no sessions in {}", shown(&store.folder().to_string_lossy()))?;
        return Ok(Exit::Success);
    }
    for line in table::lines(&rows).into_iter().chain(damaged) {
        writeln!(out, "{line}")?;
    }
    Ok(Exit::Success)
}

/// Reads every byte of these sessions.
fn verify(names: &[String], settings: &Settings, out: &mut impl Write) -> Outcome {
    let store = Store::new(&settings.sessions);
    let listed = if names.is_empty() { store.list()? } else { Vec::new() };
    let named = names.iter().map(|name| (name.clone(), saved::open(name, settings)));
    let all = listed.into_iter().map(|listed| (listed.name, listed.session)).chain(named);
    let mut exit = Exit::Success;
    for (name, session) in all {
        let checked = match session {
            Ok(session) => session.verify(&mut |_| {}),
            Err(error @ (Error::Missing { .. } | Error::NotASession(_))) => {
                return Err(error.into());
            }
            Err(error) => Checked { found: vec![error], ..Checked::default() },
        };
        let found: Vec<String> = checked.found.iter().map(ToString::to_string).collect();
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
        let word = if found.is_empty() { "sound" } else { "damaged" };
        let (files, bytes) = (checked.files, checked.bytes);
        writeln!(out, "{} is {word}: {files} files, {bytes} bytes", shown(&name))?;
        for line in found {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(exit)
}

/// What a look at every byte has shown, as JSON.
#[derive(Serialize)]
struct Verified<'a> {
    name: &'a str,
    files: u64,
    bytes: u64,
    damage: &'a [String],
}

fn row(read: &Read) -> Vec<String> {
    let identity = read.session.identity();
    let summary = read.snapshot.as_ref().map(|snapshot| &snapshot.summary);
    let mean = summary.and_then(|summary| summary.return_last100.or(summary.return_mean));
    vec![
        shown(read.session.name()),
        shown(&identity.agent),
        shown(&identity.env),
        identity.seed.to_string(),
        summary.map_or("-".to_owned(), |summary| summary.steps.to_string()),
        mean.map_or("-".to_owned(), figure),
        summary.map_or("-".to_owned(), |summary| shown(&summary.reason)),
        date::utc(identity.created),
    ]
}

fn show(session: &str, settings: &Settings, out: &mut impl Write) -> Outcome {
    let read = read(saved::open(session, settings)?)?;
    let name = read.session.name().to_owned();
    let all = record(&name, &Ok(read));
    if settings.json {
        json_line(out, &all)?;
        return Ok(Exit::Success);
    }
    let in_words = |key: &str, value: &Value| match value.as_u64() {
        Some(seconds) if ["created", "saved"].contains(&key) => date::utc(seconds),
        _ => in_words(value),
    };
    let row = |(key, value): (&String, &Value)| vec![key.clone(), in_words(key, value)];
    let rows: Vec<_> = all.iter().map(row).collect();
    for line in table::lines(&rows) {
        writeln!(out, "{line}")?;
    }
    Ok(Exit::Success)
}

/// All there is to know about a session in one object: what it is, and where it stood.
fn record(name: &str, read: &Result<Read, Error>) -> Map<String, Value> {
    let mut all = Map::new();
    all.insert("name".to_owned(), name.into());
    match read {
        Err(error) => {
            all.insert("error".to_owned(), error.to_string().into());
        }
        Ok(read) => {
            add(&mut all, read.session.identity());
            if let Some(snapshot) = &read.snapshot {
                add(&mut all, &snapshot.summary);
                all.insert("saved".to_owned(), snapshot.saved.into());
            }
        }
    }
    all
}

fn add(all: &mut Map<String, Value>, part: &impl Serialize) {
    let part = serde_json::to_value(part).expect("plain data can be written");
    if let Value::Object(fields) = part {
        all.extend(fields);
    }
}

/// A value for a person: objects as `name=value`, lists one thing after the other.
fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => shown(text),
        Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let field =
                |(key, value): (&String, &Value)| format!("{}={}", shown(key), in_words(value));
            fields.iter().map(field).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}
