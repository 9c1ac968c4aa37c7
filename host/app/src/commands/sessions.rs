//! `sessions list`, `sessions show` and `digest`: what lies in the store.

mod away;
mod verify;

use super::{diff, json_line};
use crate::cli::Sessions;
use crate::config::Settings;
use crate::date;
use crate::failure::{Exit, Outcome};
use crate::output::figure;
use crate::saved;
use crate::stage::Stage;
use crate::table;
use serde::Serialize;
use serde_json::{Map, Value};
use std::io::Write;
use thorndike_session::error::shown;
use thorndike_session::{Error, Session, Snapshot, Store};

/// Threads with which steps are taken again; the result does not depend on it.
const RERUN_THREADS: usize = 2;

/// Does what was asked.
pub(super) fn run(command: Sessions, settings: &Settings, out: &mut impl Write) -> Outcome {
    match command {
        Sessions::List => list(settings, out),
        Sessions::Show { session } => show(&session, settings, out),
        Sessions::Verify { names, rerun: false } => verify::run(&names, None, settings, out),
        Sessions::Verify { names, rerun: true } => {
            let mut stage = Stage::open(RERUN_THREADS)?;
            // Standard output belongs to plugins now.
            let mut out = stage.out()?;
            verify::run(&names, Some(&mut stage), settings, &mut out)
        }
        Sessions::Diff { first, second } => diff::run((&first, &second), settings, out),
        Sessions::Tag { session, tags } => tag(&session, &tags, settings, out),
        Sessions::Note { session, text } => note(&session, text, settings, out),
        Sessions::Prune { names } => away::prune(&names, settings, out),
        Sessions::Rm { names } => away::remove(&names, settings, out),
        Sessions::Restore { names } => away::restore(&names, settings, out),
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
    let heads = ["session", "agent", "env", "seed", "steps", "return", "size", "ended", "created"];
    let (mut rows, mut damaged) = (vec![heads.map(str::to_owned).to_vec()], Vec::new());
    let mut entries = store.list()?;
    entries.sort_by_cached_key(|entry| natural(&entry.name));
    for entry in entries {
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

/// A key under which `s0-2` comes before `s0-10`: numbers count as what they are.
fn natural(name: &str) -> (Vec<(String, usize, String)>, String) {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let (word, after) =
            rest.split_at(rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len()));
        let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let number = after[..end].trim_start_matches('0').to_owned();
        // Of two numbers the one with more digits is larger, however long they are.
        parts.push((word.to_owned(), number.len(), number));
        rest = &after[end..];
    }
    (parts, name.to_owned())
}

/// A session by its name, or why it cannot be opened.
type Named = (String, Result<Session, Error>);

/// The sessions of these names, or all of the store.
fn named(names: &[String], settings: &Settings) -> Result<Vec<Named>, Error> {
    if names.is_empty() {
        let listed = Store::new(&settings.sessions).list()?.into_iter();
        return Ok(listed.map(|listed| (listed.name, listed.session)).collect());
    }
    Ok(names.iter().map(|name| (name.clone(), saved::open(name, settings))).collect())
}

fn tag(session: &str, tags: &[String], settings: &Settings, out: &mut impl Write) -> Outcome {
    let session = saved::open(session, settings)?;
    let mut notes = session.notes()?;
    for tag in tags {
        match tag.strip_prefix('-') {
            Some(off) => notes.tags.retain(|known| known != off),
            None if !notes.tags.contains(tag) => notes.tags.push(tag.clone()),
            None => {}
        }
    }
    notes.tags.sort();
    if !tags.is_empty() {
        session.set_notes(&notes)?;
    }
    if settings.json {
        json_line(out, &notes.tags)?;
    } else {
        writeln!(out, "{}", shown(&notes.tags.join(" ")))?;
    }
    Ok(Exit::Success)
}

fn note(session: &str, text: Option<String>, settings: &Settings, out: &mut impl Write) -> Outcome {
    let session = saved::open(session, settings)?;
    let mut notes = session.notes()?;
    if let Some(text) = text {
        notes.note = text;
        session.set_notes(&notes)?;
    }
    if settings.json {
        json_line(out, &notes.note)?;
    } else {
        writeln!(out, "{}", shown(&notes.note))?;
    }
    Ok(Exit::Success)
}

/// Why a run ended, as its newest snapshot says; that of a run on its way, or of one that was
/// killed, says nothing of that.
fn ended(read: &Read) -> Option<String> {
    const RUNNING: &str = "running";
    if read.session.is_under_way() {
        return Some(RUNNING.to_owned());
    }
    let reason = read.snapshot.as_ref().map(|snapshot| snapshot.summary.reason.clone())?;
    Some(if reason == RUNNING { "cut off".to_owned() } else { reason })
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
        size(read.session.bytes()),
        ended(read).map_or("-".to_owned(), |reason| shown(&reason)),
        date::utc(identity.created),
    ]
}

/// Bytes as people say them.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} KB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

fn show(session: &str, settings: &Settings, out: &mut impl Write) -> Outcome {
    let read = read(saved::open(session, settings)?)?;
    let name = read.session.name().to_owned();
    let model = read.session.model();
    let mut troubles = saved::troubles(&read.session, &model);
    if let Ok(takes) = read.session.takes() {
        troubles.extend(takes.lost.iter().map(ToString::to_string));
    }
    let mut all = record(&name, &Ok(read));
    if !troubles.is_empty() {
        all.insert("damage".to_owned(), troubles.join("; ").into());
    }
    if let Some(start) = model.starts.last().filter(|start| !start.replays.is_empty()) {
        all.insert("replay_bytes_max".to_owned(), start.replay_bytes.into());
        all.insert("records".to_owned(), start.replays.clone().into());
    }
    if settings.json {
        json_line(out, &all)?;
        return Ok(Exit::Success);
    }
    let in_words = |key: &str, value: &Value| match value.as_u64() {
        Some(seconds) if ["created", "saved"].contains(&key) => date::utc(seconds),
        // As the flag has it.
        _ if key == "mode" => mode_in_words(value),
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
                all.insert("reason".to_owned(), ended(read).into());
                all.insert("saved".to_owned(), snapshot.saved.into());
                all.insert("generation".to_owned(), snapshot.number.into());
            }
            let session = &read.session;
            let count = |list: Option<usize>| list.unwrap_or(0).into();
            let generations = session.generations().ok().map(|list| list.len());
            all.insert("generations".to_owned(), count(generations));
            all.insert(
                "replays".to_owned(),
                count(session.takes().ok().map(|takes| takes.all.len())),
            );
            all.insert("replay_bytes".to_owned(), session.replay_bytes().into());
            all.insert("bytes".to_owned(), session.bytes().into());
            let notes = session.notes().unwrap_or_default();
            all.insert("tags".to_owned(), notes.tags.into());
            all.insert("note".to_owned(), notes.note.into());
            if let Some(damage) = session.damage() {
                all.insert("damage".to_owned(), damage.into());
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

/// A mode with the numbers that belong to it.
fn mode_in_words(mode: &Value) -> String {
    match mode {
        Value::Object(fields) => {
            let field =
                |(name, numbers): (&String, &Value)| format!("{name} {}", in_words(numbers));
            fields.iter().map(field).collect::<Vec<_>>().concat().to_lowercase()
        }
        other => in_words(other).to_lowercase(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_as_what_they_are() {
        let mut names = ["s0-10", "s0-2", "b", "s0-1", "a10", "s0-02", "a9x", "s0-2b", "s0"];
        names.sort_by_cached_key(|name| natural(name));
        let expected = ["a9x", "a10", "b", "s0", "s0-1", "s0-02", "s0-2", "s0-2b", "s0-10"];
        assert_eq!(names, expected);
    }
}
