//! Events as JSON, an object a line: what scripts and checks read.

use plugin_api::params::{Value, Values};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use std::io::{self, Write};
use thorndike_engine::event::{Edit, Event, Report, Start};

/// Writes an event and ends the line.
pub(super) fn write(out: &mut impl Write, event: &Event) -> io::Result<()> {
    match event {
        Event::Start(start) => line(out, &start_line(start)),
        Event::Report(report) => line(out, &report_line(report)),
        Event::Edit(edit) => line(out, &edit_line(edit)),
        event => line(out, event),
    }
}

fn line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// The start of a run with its params as an object of plain values.
#[derive(Serialize)]
struct StartLine<'a> {
    event: &'static str,
    agent: &'a str,
    env: &'a str,
    seed: u64,
    lanes: usize,
    copies: usize,
    mode: &'static str,
    threads: usize,
    steps: u64,
    budget: Option<u64>,
    params: Params<'a>,
    env_params: Params<'a>,
    memory_bytes: u64,
}

fn start_line(start: &Start) -> StartLine<'_> {
    let Start { agent, env, seed, lanes, copies, mode, threads, steps, budget, .. } = start;
    let Start { params, env_params, memory_bytes, .. } = start;
    StartLine {
        event: "start",
        agent,
        env,
        seed: *seed,
        lanes: *lanes,
        copies: *copies,
        mode,
        threads: *threads,
        steps: *steps,
        budget: *budget,
        params: Params(params),
        env_params: Params(env_params),
        memory_bytes: *memory_bytes,
    }
}

/// A report with its named numbers as objects.
#[derive(Serialize)]
struct ReportLine<'a> {
    event: &'static str,
    steps: u64,
    episodes: u64,
    updates: u64,
    seconds: f64,
    steps_per_s: f64,
    return_mean: Option<f64>,
    return_last100: Option<f64>,
    length_last100: Option<f64>,
    success_last100: Option<f64>,
    metrics: Named<'a>,
    buffer_fill: f64,
    time: Named<'a>,
}

fn report_line(report: &Report) -> ReportLine<'_> {
    let Report {
        steps,
        episodes,
        updates,
        seconds,
        steps_per_s,
        return_mean,
        return_last100,
        length_last100,
        success_last100,
        metrics,
        buffer_fill,
        time,
    } = report;
    ReportLine {
        event: "report",
        steps: *steps,
        episodes: *episodes,
        updates: *updates,
        seconds: *seconds,
        steps_per_s: *steps_per_s,
        return_mean: *return_mean,
        return_last100: *return_last100,
        length_last100: *length_last100,
        success_last100: *success_last100,
        metrics: Named(metrics),
        buffer_fill: *buffer_fill,
        time: Named(time),
    }
}

/// An edit with its values as plain ones.
#[derive(Serialize)]
struct EditLine<'a> {
    event: &'static str,
    steps: u64,
    author: &'a str,
    name: &'a str,
    old: Plain<'a>,
    new: Plain<'a>,
}

fn edit_line(edit: &Edit) -> EditLine<'_> {
    let Edit { steps, author, name, old, new } = edit;
    EditLine { event: "edit", steps: *steps, author, name, old: Plain(old), new: Plain(new) }
}

/// Values by name, as an object.
struct Params<'a>(&'a Values);

impl Serialize for Params<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, &Plain(value))?;
        }
        map.end()
    }
}

/// A value without the name of its type.
struct Plain<'a>(&'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Text(value) => serializer.serialize_str(value),
            Value::List(values) => {
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    list.serialize_element(&Plain(value))?;
                }
                list.end()
            }
        }
    }
}

/// Numbers by name, as an object.
struct Named<'a>(&'a [(String, f64)]);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use thorndike_engine::event::{Done, Episode};

    #[track_caller]
    fn check(event: &Event, expected: &str) {
        let mut out = Vec::new();
        write(&mut out, event).expect("memory takes everything");
        assert_eq!(String::from_utf8(out).expect("JSON is text"), format!("{expected}\n"));
    }

    #[test]
    fn a_run_in_json() {
        check(
            &Event::Start(samples::start()),
            "{\"event\":\"start\",\"agent\":\"tabular:q-learning\",\
             \"env\":\"toy-text:FrozenLake-v1\",\"seed\":7,\"lanes\":8,\"copies\":1,\
             \"mode\":\"lockstep\",\
             \"threads\":2,\"steps\":0,\"budget\":1000,\"params\":{\"step_size\":0.5},\
             \"env_params\":{\"map\":\"4x4\",\"sizes\":[1,2],\"slippery\":true},\
             \"memory_bytes\":4096}",
        );
        check(
            &Event::Report(samples::report(500)),
            "{\"event\":\"report\",\"steps\":500,\"episodes\":50,\"updates\":500,\"seconds\":1.0,\
             \"steps_per_s\":500.0,\"return_mean\":null,\"return_last100\":-0.3333333333333333,\
             \"length_last100\":9.5,\"success_last100\":null,\"metrics\":{\"td_error\":0.25},\
             \"buffer_fill\":0.5,\"time\":{\"act\":0.75,\"learn\":0.25}}",
        );
        check(
            &Event::Episode(Episode {
                episode: 1,
                total: -2.0,
                terminated: true,
                ..Episode::default()
            }),
            "{\"event\":\"episode\",\"episode\":1,\"lane\":0,\"steps\":0,\"return\":-2.0,\
             \"length\":0,\"terminated\":true,\"truncated\":false,\"success\":null}",
        );
        check(
            &Event::Done(Done { steps: 1, digest: "ab".into(), ..Done::default() }),
            "{\"event\":\"done\",\"steps\":1,\"episodes\":0,\"updates\":0,\"seconds\":0.0,\
             \"steps_per_s\":0.0,\"return_mean\":null,\"return_last100\":null,\"digest\":\"ab\",\
             \"reason\":\"\"}",
        );
    }

    /// The lines built by hand say everything the events hold.
    #[test]
    fn no_field_is_lost() {
        for event in samples::all() {
            let mut out = Vec::new();
            write(&mut out, &event).expect("memory takes everything");
            let written: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
            let derived = serde_json::to_value(&event).expect("plain data");
            let keys = |value: &serde_json::Value| -> Vec<String> {
                value.as_object().expect("an object").keys().cloned().collect()
            };
            assert_eq!(keys(&written), keys(&derived));
        }
    }
}
