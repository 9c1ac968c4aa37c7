//! Between the words of runs and those of sessions: params, states, goals, events.

use crate::buffer::{self, Frozen};
use crate::event::{self, Done, Event};
use crate::run::{Goal, Snapshot, until};
use plugin_api::archive::{Entry as Named, Kind, State as Archived};
use plugin_api::params::{Value, Values};
use plugin_api::{Error, Result};
use thorndike_session::journal::{self as log, Entry};
use thorndike_session::state::Kind as SavedKind;
use thorndike_session::table::Part;
use thorndike_session::{Setting, Settings, State, Summary, Table, Tensor};

/// Params as a session keeps them.
pub fn to_settings(values: &Values) -> Settings {
    values.iter().map(|(name, value)| (name.clone(), to_setting(value))).collect()
}

/// The value of a param as a session keeps it.
pub fn to_setting(value: &Value) -> Setting {
    match value {
        Value::Bool(value) => Setting::Bool(*value),
        Value::Int(value) => Setting::Int(*value),
        Value::Float(value) => Setting::Float(*value),
        Value::Text(value) => Setting::Text(value.clone()),
        Value::List(values) => Setting::List(values.iter().map(to_setting).collect()),
    }
}

/// The value of a param that a session has kept; to be checked against its spec.
pub fn from_setting(setting: &Setting) -> Value {
    match setting {
        Setting::Bool(value) => Value::Bool(*value),
        Setting::Int(value) => Value::Int(*value),
        Setting::Float(value) => Value::Float(*value),
        Setting::Text(value) => Value::Text(value.clone()),
        Setting::List(values) => Value::List(values.iter().map(from_setting).collect()),
    }
}

/// Where a run ends, as a session keeps it.
pub fn to_goal(goal: &Goal) -> thorndike_session::Goal {
    let until = goal.until.map(|until| until.to_string());
    let Goal { steps, episodes, budget, .. } = *goal;
    thorndike_session::Goal { steps, episodes, until, budget }
}

/// Where a run ends.
pub fn from_goal(goal: &thorndike_session::Goal) -> Result<Goal> {
    let until = goal.until.as_deref().map(until::parse).transpose().map_err(Error::argument)?;
    Ok(Goal { steps: goal.steps, episodes: goal.episodes, until, budget: goal.budget })
}

/// Results as a session keeps them.
pub fn to_summary(end: &Done) -> Summary {
    Summary {
        steps: end.steps,
        episodes: end.episodes,
        updates: end.updates,
        seconds: end.seconds,
        steps_per_s: end.steps_per_s,
        return_mean: end.return_mean,
        return_last100: end.return_last100,
        digest: end.digest.clone(),
        reason: end.reason.clone(),
    }
}

/// Results that a session has kept.
pub fn from_summary(summary: &Summary) -> Done {
    Done {
        steps: summary.steps,
        episodes: summary.episodes,
        updates: summary.updates,
        seconds: summary.seconds,
        steps_per_s: summary.steps_per_s,
        return_mean: summary.return_mean,
        return_last100: summary.return_last100,
        digest: summary.digest.clone(),
        reason: summary.reason.clone(),
    }
}

const KINDS: [(Kind, SavedKind); 8] = [
    (Kind::F32, SavedKind::F32),
    (Kind::F64, SavedKind::F64),
    (Kind::I64, SavedKind::I64),
    (Kind::U64, SavedKind::U64),
    (Kind::I32, SavedKind::I32),
    (Kind::U32, SavedKind::U32),
    (Kind::U8, SavedKind::U8),
    (Kind::Bool, SavedKind::Bool),
];

fn to_state(name: &str, state: Archived) -> State {
    State { name: name.to_owned(), tensors: to_tensors(state.entries) }
}

fn to_tensors(entries: Vec<Named>) -> Vec<Tensor> {
    let tensors = entries.into_iter().map(|Named { name, kind, shape, bytes }| {
        let pair = KINDS.iter().find(|(known, _)| *known == kind);
        let kind = pair.expect("every kind has its pair").1;
        Tensor { name, kind, shape, bytes }
    });
    tensors.collect()
}

/// Rows of a memory, for a session.
#[derive(Debug)]
struct Rows(buffer::Part);

impl Part for Rows {
    fn stamp(&self) -> (u64, u64) {
        self.0.stamp()
    }

    fn tensors(&self) -> Vec<Tensor> {
        to_tensors(self.0.entries())
    }
}

fn to_table(table: buffer::Table, copy: usize) -> Table {
    let name = name_of(&table.name, copy);
    let strewn = table.strewn;
    let parts = table.into_parts().map(|part| Box::new(Rows(part)) as Box<dyn Part>);
    Table { state: name_of(HOST, copy), name, parts: parts.collect(), strewn }
}

/// The tensors of a state that a session has kept.
pub fn from_state(state: State) -> Archived {
    let entries = state.tensors.into_iter().map(|Tensor { name, kind, shape, bytes }| {
        let pair = KINDS.iter().find(|(_, known)| *known == kind);
        let kind = pair.expect("every kind has its pair").0;
        Named { name, kind, shape, bytes }
    });
    Archived { entries: entries.collect() }
}

/// Name of the agent's state in a session.
pub const AGENT: &str = "agent";
const HOST: &str = "host";
const LANES: &str = "lanes";

/// What a state or a table is called in a session; those of the first copy have the plain names.
fn name_of(what: &str, copy: usize) -> String {
    if copy == 0 { what.to_owned() } else { format!("copy{copy}-{what}") }
}

/// The states of a run as a session keeps them, and the tables that belong to them.
pub fn to_states(mut snapshot: Snapshot) -> Result<(Vec<State>, Vec<Table>)> {
    let others = std::mem::take(&mut snapshot.copies);
    let (mut states, mut tables) = (Vec::new(), Vec::new());
    for (copy, snapshot) in std::iter::once(snapshot).chain(others).enumerate() {
        let kept = snapshot.memory.into_tables().into_iter();
        tables.extend(kept.map(|table| to_table(table, copy)));
        let agent = Archived::from_bytes(&snapshot.agent)?;
        states.push(to_state(&name_of(AGENT, copy), agent));
        states.push(to_state(&name_of(HOST, copy), snapshot.host));
        states.push(State::opaque(&name_of(LANES, copy), pack_lanes(&snapshot.lanes)));
    }
    Ok((states, tables))
}

fn pack_lanes(all: &[Vec<u8>]) -> Vec<u8> {
    let mut lanes = Vec::new();
    for lane in all {
        lanes.extend_from_slice(&(lane.len() as u64).to_le_bytes());
        lanes.extend_from_slice(lane);
    }
    lanes
}

/// The run behind the states that a session has kept.
pub fn from_states(mut states: Vec<State>, end: &Summary) -> Result<Snapshot> {
    let mut first = from_copy(&mut states, 0, end)?;
    for copy in 1.. {
        if !states.iter().any(|state| state.name == name_of(AGENT, copy)) {
            break;
        }
        first.copies.push(from_copy(&mut states, copy, end)?);
    }
    Ok(first)
}

fn from_copy(states: &mut Vec<State>, copy: usize, end: &Summary) -> Result<Snapshot> {
    let mut take = |name: &str| {
        let name = name_of(name, copy);
        let place = states.iter().position(|state| state.name == name);
        place.map(|place| states.swap_remove(place)).ok_or_else(|| {
            Error::argument(format!(
                "the snapshot has no state `{name}`; is it of another version?"
            ))
        })
    };
    let (agent, host, lanes) = (take(AGENT)?, take(HOST)?, take(LANES)?);
    let lanes = lanes.into_opaque().as_deref().and_then(cut_lanes);
    let lanes = lanes.ok_or_else(|| Error::argument("the states of the lanes are damaged"))?;
    let host = from_state(host);
    let total = host.get("copies/episodes/total").or_else(|| host.get("episodes/total"));
    let total = total.map(|entry| entry.bytes.as_slice());
    let total = total.and_then(|bytes| bytes.try_into().ok()).map(f64::from_le_bytes);
    Ok(Snapshot {
        agent: from_state(agent).to_bytes(),
        lanes,
        host,
        copies: Vec::new(),
        memory: Frozen::default(),
        standing: from_summary(end),
        total: total.unwrap_or_default(),
    })
}

fn cut_lanes(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut lanes = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (lane, rest) = rest.split_at_checked(length)?;
        lanes.push(lane.to_vec());
        bytes = rest;
    }
    Some(lanes)
}

/// What an event is in a journal. Starts and episodes are not written one by one.
pub fn to_entry(event: &Event) -> Option<Entry> {
    Some(match event {
        Event::Report(report) => Entry::Metrics(metrics(report)),
        Event::Eval(eval) => Entry::Eval(log::Eval {
            steps: eval.steps,
            episodes: eval.episodes as u64,
            return_mean: eval.return_mean,
            return_std: eval.return_std,
            length_mean: eval.length_mean,
            success: eval.success,
            regret: eval.regret,
        }),
        Event::Edit(edit) => Entry::Edit(log::Edit {
            steps: edit.steps,
            author: edit.author.clone(),
            name: edit.name.clone(),
            old: to_setting(&edit.old),
            new: to_setting(&edit.new),
        }),
        Event::Alert(alert) => Entry::Alert(log::Alert {
            steps: alert.steps,
            topic: alert.topic.clone(),
            message: alert.message.clone(),
        }),
        Event::Done(end) => Entry::Done(to_summary(end)),
        Event::Start(_) | Event::Episode(_) => return None,
    })
}

/// All numbers of a report by name; where the time went as `time/` and the part.
fn metrics(report: &event::Report) -> log::Metrics {
    let present = [
        ("return_mean", report.return_mean),
        ("return_last100", report.return_last100),
        ("length_last100", report.length_last100),
        ("success_last100", report.success_last100),
        ("steps_per_s", Some(report.steps_per_s)),
        ("buffer_fill", Some(report.buffer_fill)),
    ];
    let present = present.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let mut values: Vec<(String, f64)> = present.collect();
    values.extend(report.metrics.iter().cloned());
    values.extend(report.time.iter().map(|(part, share)| (format!("time/{part}"), *share)));
    log::Metrics {
        steps: report.steps,
        episodes: report.episodes,
        updates: report.updates,
        seconds: report.seconds,
        values: values.into_iter().map(|(name, value)| (name.into(), value)).collect(),
    }
}
