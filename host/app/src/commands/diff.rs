//! `sessions diff`: what two sessions differ in, where they part, and how far apart they end.

mod curves;
mod parting;

use super::json_line;
use crate::config::Settings;
use crate::failure::{Exit, Outcome};
use crate::output::figure;
use crate::saved::{self, IMPORTED};
use crate::table;
use curves::Apart;
use parting::Parting;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::Write;
use thorndike_session::error::shown;
use thorndike_session::journal::Edit;
use thorndike_session::state::Kind;
use thorndike_session::{Goal, Identity, Mode, Model, Session, Settings as Params, Tensor};

/// Everything in which two sessions differ.
#[derive(Debug, Default, Serialize)]
struct Difference {
    config: Vec<Setting>,
    /// Where they part, where both of them are runs.
    parting: Option<Parting>,
    /// How far their curves are apart, where one of them holds nothing else.
    curves: Option<Vec<Apart>>,
    tensors: Vec<Distance>,
    /// Why tensors are not compared.
    no_tensors: Option<String>,
}

#[derive(Debug, Serialize)]
struct Setting {
    name: String,
    first: String,
    second: String,
}

#[derive(Debug, Serialize)]
struct Distance {
    tensor: String,
    /// Root of the mean of squares.
    apart: Option<f64>,
    most: Option<f64>,
    says: &'static str,
}

/// Compares and tells.
pub(super) fn run(
    (first, second): (&str, &str),
    settings: &Settings,
    out: &mut impl Write,
) -> Outcome {
    let (a, b) = (saved::open(first, settings)?, saved::open(second, settings)?);
    let difference = difference(&a, &b);
    if settings.json {
        json_line(out, &difference)?;
        return Ok(Exit::Success);
    }
    let mut rows = vec![["what", first, second].map(shown).to_vec()];
    let config = difference.config.iter();
    rows.extend(config.map(|one| vec![shown(&one.name), shown(&one.first), shown(&one.second)]));
    if rows.len() == 1 {
        writeln!(out, "the same params, seed, lanes, mode, goal and plugins")?;
    } else {
        for line in table::lines(&rows) {
            writeln!(out, "{line}")?;
        }
    }
    if let Some(curves) = &difference.curves {
        let lines = curves::lines(curves, (first, second));
        return lines
            .iter()
            .try_for_each(|line| writeln!(out, "{line}"))
            .map(|()| Exit::Success)
            .map_err(Into::into);
    }
    for line in difference.parting.iter().flat_map(Parting::lines) {
        writeln!(out, "{line}")?;
    }
    if let Some(reason) = &difference.no_tensors {
        writeln!(out, "tensors are not compared: {reason}")?;
        return Ok(Exit::Success);
    }
    let mut rows = vec![["tensor", "distance", "most", ""].map(str::to_owned).to_vec()];
    let number = |value: Option<f64>| value.map_or("-".to_owned(), figure);
    rows.extend(difference.tensors.iter().map(|one| {
        let (distance, most) = (number(one.apart), number(one.most));
        vec![shown(&one.tensor), distance, most, one.says.to_owned()]
    }));
    if rows.len() == 1 {
        writeln!(out, "the same tensors at their ends")?;
        return Ok(Exit::Success);
    }
    for line in table::lines(&rows) {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(Exit::Success)
}

fn difference(a: &Session, b: &Session) -> Difference {
    let models = (saved::model(a), saved::model(b));
    let (one, other) = (a.identity(), b.identity());
    if [one, other].iter().any(|identity| identity.agent == IMPORTED) {
        let mut config = Vec::new();
        compare(&mut config, "agent", one.agent.clone(), other.agent.clone());
        compare(&mut config, "env", one.env.clone(), other.env.clone());
        let curves = Some(curves::apart(&models.0, &models.1));
        return Difference { config, curves, ..Difference::default() };
    }
    let digests = (parting::digests(a), parting::digests(b));
    let parting = Parting::of((&models.0, &models.1), (&digests.0, &digests.1));
    let tensors = tensors(a, b);
    let no_tensors = tensors.as_ref().err().map(ToString::to_string);
    Difference {
        config: config((one, &models.0), (other, &models.1)),
        parting: Some(parting),
        curves: None,
        tensors: tensors.unwrap_or_default(),
        no_tensors,
    }
}

/// Whether a number tells how fast a run was, which it is nowhere twice.
fn is_speed(name: &str) -> bool {
    name.ends_with("_per_s") || name.starts_with("time/")
}

fn compare(found: &mut Vec<Setting>, name: &str, first: String, second: String) {
    if first != second {
        found.push(Setting { name: name.to_owned(), first, second });
    }
}

fn config((a, one): (&Identity, &Model), (b, other): (&Identity, &Model)) -> Vec<Setting> {
    let mut found = Vec::new();
    let mut compare = |name: &str, first, second| compare(&mut found, name, first, second);
    compare("agent", a.agent.clone(), b.agent.clone());
    compare("env", a.env.clone(), b.env.clone());
    compare("seed", a.seed.to_string(), b.seed.to_string());
    compare("lanes", a.lanes.to_string(), b.lanes.to_string());
    compare("mode", mode(a.mode), mode(b.mode));
    compare("goal", goal(one.goal().unwrap_or(&a.goal)), goal(other.goal().unwrap_or(&b.goal)));
    let edits = |model: &Model| {
        let word = |(_, edit): &(u64, Edit)| format!("{}={}@{}", edit.name, edit.new, edit.steps);
        let words: Vec<String> = model.edits.iter().map(word).collect();
        if words.is_empty() { "-".to_owned() } else { words.join(" ") }
    };
    compare("live edits", edits(one), edits(other));
    let plugins = |of: &Identity| {
        let short = |hash: &str| hash.chars().take(8).collect::<String>();
        let of = of.plugins.iter();
        let plugins = of.map(|p| format!("{}-{}:{}", p.name, p.version, short(&p.hash)));
        plugins.collect::<Vec<_>>().join(" ")
    };
    compare("plugins", plugins(a), plugins(b));
    for (prefix, a, b) in [("", &a.params, &b.params), ("env.", &a.env_params, &b.env_params)] {
        let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for name in names {
            let value = |of: &Params| of.get(name).map_or("-".to_owned(), ToString::to_string);
            compare(&format!("{prefix}{name}"), value(a), value(b));
        }
    }
    found
}

fn mode(mode: Mode) -> String {
    let name = mode.name();
    match mode {
        Mode::Lockstep | Mode::Pipelined => name.to_owned(),
        Mode::Async { workers, lag } => format!("{name} workers={workers} lag={lag}"),
        Mode::Copies { copies, round, moments } => {
            format!("{name} copies={copies} round={round} moments={moments:?}").to_lowercase()
        }
    }
}

/// Where a run ends, and the steps over which its schedules run.
fn goal(goal: &Goal) -> String {
    let number = |name: &str, value: Option<u64>| value.map(|value| format!("{name}={value}"));
    let words = [
        number("steps", goal.steps),
        number("episodes", goal.episodes),
        goal.until.as_ref().map(|until| format!("until={until}")),
        number("budget", goal.budget.or(goal.steps)),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// How far the agents' tensors are from each other where both runs stand.
fn tensors(a: &Session, b: &Session) -> thorndike_session::Result<Vec<Distance>> {
    let load = |session: &Session| {
        let state = session.load()?.take(thorndike_engine::keep::convert::AGENT);
        Ok::<_, thorndike_session::Error>(state.map(|state| state.tensors).unwrap_or_default())
    };
    let (a, b) = (load(a)?, load(b)?);
    let mut found = Vec::new();
    let nothing = |tensor: &Tensor, says| Distance {
        tensor: tensor.name.clone(),
        apart: None,
        most: None,
        says,
    };
    for tensor in &a {
        let Some(other) = b.iter().find(|other| other.name == tensor.name) else {
            found.push(nothing(tensor, "only in the first"));
            continue;
        };
        if (tensor.kind, &tensor.shape) != (other.kind, &other.shape) {
            found.push(nothing(tensor, "of another kind or shape"));
        } else if tensor.bytes != other.bytes {
            let differences = numbers(tensor).zip(numbers(other)).map(|(a, b)| (a - b).abs());
            let (mut sum, mut most, mut count) = (0.0, 0.0_f64, 0.0);
            for difference in differences {
                sum += difference * difference;
                most = most.max(difference);
                count += 1.0;
            }
            let apart = Some(f64::sqrt(sum / f64::max(count, 1.0)));
            let tensor = tensor.name.clone();
            found.push(Distance { tensor, apart, most: Some(most), says: "" });
        }
    }
    let missing = b.iter().filter(|other| a.iter().all(|tensor| tensor.name != other.name));
    found.extend(missing.map(|tensor| nothing(tensor, "only in the second")));
    Ok(found)
}

/// The numbers of a tensor, as far as an `f64` can hold them.
fn numbers(tensor: &Tensor) -> impl Iterator<Item = f64> {
    let kind = tensor.kind;
    tensor.bytes.chunks_exact(kind.size()).map(move |bytes| {
        let eight = || -> [u8; 8] { bytes.try_into().expect("the size of its kind") };
        let four = || -> [u8; 4] { bytes.try_into().expect("the size of its kind") };
        match kind {
            Kind::F64 => f64::from_le_bytes(eight()),
            Kind::I64 => i64::from_le_bytes(eight()) as f64,
            Kind::U64 => u64::from_le_bytes(eight()) as f64,
            Kind::F32 => f64::from(f32::from_le_bytes(four())),
            Kind::I32 => f64::from(i32::from_le_bytes(four())),
            Kind::U32 => f64::from(u32::from_le_bytes(four())),
            Kind::U8 | Kind::Bool => f64::from(bytes[0]),
        }
    })
}
