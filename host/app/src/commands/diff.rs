//! `sessions diff`: what two sessions differ in, where they part, and how far apart they end.

use super::json_line;
use crate::config::Settings;
use crate::failure::{Exit, Outcome};
use crate::output::figure;
use crate::saved;
use crate::table;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use thorndike_session::error::shown;
use thorndike_session::journal::Episode;
use thorndike_session::model::Played;
use thorndike_session::state::Kind;
use thorndike_session::{Identity, Model, Session, Settings as Params, Tensor};

/// Everything in which two sessions differ.
#[derive(Debug, Default, Serialize)]
struct Difference {
    config: Vec<Setting>,
    /// The first moment at which a number differs.
    parts_at: Option<Parting>,
    tensors: Vec<Distance>,
}

#[derive(Debug, Serialize)]
struct Setting {
    name: String,
    first: String,
    second: String,
}

#[derive(Debug, Serialize)]
struct Parting {
    steps: u64,
    metric: String,
    first: f64,
    second: f64,
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
    let difference = Difference {
        config: config(a.identity(), b.identity()),
        parts_at: parting(&a.model(), &b.model()),
        tensors: tensors(&a, &b)?,
    };
    if settings.json {
        json_line(out, &difference)?;
        return Ok(Exit::Success);
    }
    let mut rows = vec![["what", first, second].map(shown).to_vec()];
    let config = difference.config.iter();
    rows.extend(config.map(|one| vec![one.name.clone(), shown(&one.first), shown(&one.second)]));
    if rows.len() == 1 {
        writeln!(out, "the same params, seed, lanes and plugins")?;
    } else {
        for line in table::lines(&rows) {
            writeln!(out, "{line}")?;
        }
    }
    match &difference.parts_at {
        None => writeln!(out, "no number of their journals differs at the same step")?,
        Some(Parting { steps, metric, first, second }) => {
            let (metric, first, second) = (shown(metric), figure(*first), figure(*second));
            writeln!(out, "they part at step {steps}: {metric} is {first} and {second}")?;
        }
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

fn config(a: &Identity, b: &Identity) -> Vec<Setting> {
    let mut found = Vec::new();
    let mut compare = |name: &str, first: String, second: String| {
        if first != second {
            found.push(Setting { name: name.to_owned(), first, second });
        }
    };
    compare("agent", a.agent.clone(), b.agent.clone());
    compare("env", a.env.clone(), b.env.clone());
    compare("seed", a.seed.to_string(), b.seed.to_string());
    compare("lanes", a.lanes.to_string(), b.lanes.to_string());
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

/// The first moment at which a number of both journals differs. Figures of speed always differ.
fn parting(a: &Model, b: &Model) -> Option<Parting> {
    let counts = |name: &str| !(name == "steps_per_s" || name.starts_with("time/"));
    let mut found = parting_episodes(a, b);
    for metric in a.series.keys().filter(|name| counts(name)) {
        let mut others = b.points(metric).peekable();
        for (moment, first) in a.points(metric) {
            while others.next_if(|(other, _)| other.steps < moment.steps).is_some() {}
            let Some((_, second)) = others.next_if(|(other, _)| other.steps == moment.steps) else {
                continue;
            };
            let is_first = found.as_ref().is_none_or(|found| moment.steps < found.steps);
            if first.to_bits() != second.to_bits() && is_first {
                let (steps, metric) = (moment.steps, metric.clone());
                found = Some(Parting { steps, metric, first, second });
            }
        }
    }
    found
}

/// The first episode of the same number that went otherwise.
fn parting_episodes(a: &Model, b: &Model) -> Option<Parting> {
    let single = |model: &Model| -> BTreeMap<u64, Episode> {
        let one = |played: &Played| match played {
            Played::One(episode) => Some((episode.episode, *episode)),
            Played::Many(_) => None,
        };
        model.episodes.iter().filter_map(one).collect()
    };
    let others = single(b);
    single(a).into_iter().find_map(|(number, first)| {
        let second = others.get(&number).filter(|second| **second != first)?;
        Some(Parting {
            steps: first.steps.min(second.steps),
            metric: format!("return of episode {number}"),
            first: first.total,
            second: second.total,
        })
    })
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
