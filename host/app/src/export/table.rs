//! Numbers and events as text: a table, or an object a line.

use serde_json::{Map, Value, json};
use std::io::{self, Write};
use thorndike_session::journal::{Commit, Entry};
use thorndike_session::{Model, Reader, Setting};

/// A row for each moment, a column for each name. A number that was not told is left empty.
pub(crate) fn csv(out: &mut impl Write, model: &Model) -> io::Result<()> {
    write!(out, "steps,episodes,updates,seconds")?;
    for name in model.series.keys() {
        write!(out, ",{}", quoted(name))?;
    }
    writeln!(out)?;
    let mut next = vec![0; model.series.len()];
    for (row, moment) in model.moments.iter().enumerate() {
        write!(out, "{},{},{},{}", moment.steps, moment.episodes, moment.updates, moment.seconds)?;
        for (next, series) in next.iter_mut().zip(model.series.values()) {
            // Of a number told twice at one moment the last one counts.
            let mut value = None;
            while series.moments.get(*next).is_some_and(|&moment| moment as usize == row) {
                value = Some(series.values[*next]);
                *next += 1;
            }
            match value {
                Some(value) => write!(out, ",{value}")?,
                None => write!(out, ",")?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}

/// Everything a journal holds, damage included.
pub(crate) fn jsonl(out: &mut impl Write, reader: &mut Reader) -> io::Result<()> {
    while let Some(read) = reader.next() {
        let line = match read {
            Ok((_, entry)) => object(&entry),
            Err(error) => json!({"event": "damage", "message": error.to_string()}),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn object(entry: &Entry) -> Value {
    let (event, value) = match entry {
        Entry::Start(value) => ("start", json!(value)),
        Entry::Metrics(metrics) => {
            let values =
                metrics.values.iter().map(|(name, value)| (name.to_string(), json!(value)));
            let value = json!({
                "steps": metrics.steps, "episodes": metrics.episodes,
                "updates": metrics.updates, "seconds": metrics.seconds,
                "metrics": values.collect::<Map<String, Value>>(),
            });
            ("report", value)
        }
        Entry::Episode(episode) => {
            let value = json!({
                "episode": episode.episode, "lane": episode.lane, "steps": episode.steps,
                "return": episode.total, "length": episode.length,
                "terminated": episode.terminated, "truncated": episode.truncated,
                "success": episode.success,
            });
            ("episode", value)
        }
        Entry::Episodes(many) => {
            let value = json!({
                "last": many.last, "count": many.count, "steps": many.steps,
                "return_mean": many.mean, "return_low": many.low, "return_high": many.high,
                "length_mean": many.length, "terminated": many.terminated,
                "success": many.success,
            });
            ("episodes", value)
        }
        Entry::Eval(value) => ("eval", json!(value)),
        Entry::Edit(edit) => {
            let plain = |setting: &Setting| json!(setting);
            let value = json!({
                "steps": edit.steps, "author": edit.author, "name": edit.name,
                "old": plain(&edit.old), "new": plain(&edit.new),
            });
            ("edit", value)
        }
        Entry::Commits(commits) => {
            let each = |commit: &Commit| {
                let Commit { update, steps, units } = commit;
                json!({ "update": update, "steps": steps, "units": units })
            };
            ("commits", json!({ "commits": commits.iter().map(each).collect::<Vec<_>>() }))
        }
        Entry::Alert(value) => ("alert", json!(value)),
        Entry::Saved(value) => ("saved", json!(value)),
        Entry::Whole(value) => ("whole", json!(value)),
        Entry::Log(value) => ("log", json!(value)),
        Entry::Plugin(value) => ("plugin", json!(value)),
        Entry::Recorded(value) => ("recorded", json!(value)),
        Entry::Done(value) => ("done", json!(value)),
        Entry::Other { kind, .. } => ("unknown", json!({ "kind": kind })),
    };
    let mut line = Map::from_iter([("event".to_owned(), json!(event))]);
    if let Value::Object(fields) = value {
        line.extend(fields);
    }
    Value::Object(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use thorndike_session::journal::Metrics;

    #[test]
    fn a_table_has_a_column_for_each_name() {
        let mut model = Model::default();
        for (steps, name, value) in [(1, "a", 0.5), (2, "b,c", -0.0), (3, "a", f64::NAN)] {
            let values = vec![(name.into(), value)];
            model.apply(steps, Entry::Metrics(Metrics { steps, values, ..Metrics::default() }));
        }
        let mut out = Vec::new();
        csv(&mut out, &model).expect("memory takes everything");
        let expected = "steps,episodes,updates,seconds,a,\"b,c\"\n1,0,0,0,0.5,\n2,0,0,0,,-0\n\
                        3,0,0,0,NaN,\n";
        assert_eq!(String::from_utf8(out).expect("text"), expected);
    }
}
