//! Where two runs part: told by what does not depend on how often a run reports, and never before
//! a step at which both had the same digest.

use super::is_speed;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use thorndike_session::journal::{Commit, Edit, Episode, Eval};
use thorndike_session::model::{Moment, Played};
use thorndike_session::{Model, Session};

/// What the journals and snapshots of two runs show.
#[derive(Debug, Default, Serialize)]
pub(super) struct Parting {
    /// The last step at which both have a snapshot with the same digest.
    same_until: Option<u64>,
    /// The first thing that differs.
    first: Option<Sign>,
    /// The first update after which a reported number differs.
    update: Option<Sign>,
    /// How much was compared.
    compared: Compared,
}

/// What could be compared, as numbers of things that both runs have.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Compared {
    snapshots: u64,
    episodes: u64,
    evaluations: u64,
    reports: u64,
}

/// Something that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Sign {
    /// Steps of the run by which it differs.
    steps: u64,
    /// Calls of learn by then, where that is known.
    updates: Option<u64>,
    what: String,
    first: Value,
    second: Value,
}

/// Digests by the step of their snapshot, of what the run did not go back behind.
type Digests = BTreeMap<u64, String>;

/// The digests of a session's snapshots, as far as they can be read.
pub(super) fn digests(session: &Session) -> Digests {
    let mut digests = Digests::new();
    for number in session.generations().unwrap_or_default() {
        let Ok(snapshot) = session.snapshot(number) else { continue };
        digests.split_off(&snapshot.summary.steps);
        digests.insert(snapshot.summary.steps, snapshot.summary.digest);
    }
    digests
}

impl Parting {
    /// Compares two runs.
    pub(super) fn of((a, b): (&Model, &Model), (first, second): (&Digests, &Digests)) -> Self {
        let mut compared = Compared::default();
        let both = || first.iter().filter_map(|(at, one)| Some((*at, one, second.get(at)?)));
        compared.snapshots = both().count() as u64;
        let same = both().filter(|(_, one, other)| one == other);
        let same_until = same.map(|(at, ..)| at).max();
        let later = |sign: &Sign| same_until.is_none_or(|same| sign.steps > same);

        let apart = both().find(|(at, one, other)| one != other && Some(*at) > same_until);
        let apart = apart.map(|(at, one, other)| {
            sign((at, None), "the digest of the snapshot", one.clone(), other.clone())
        });
        let update = reports((a, b), &mut compared.reports, &later);
        let signs = [
            apart,
            episodes((a, b), &mut compared.episodes, &later),
            evals((&a.evals, &b.evals), &mut compared.evaluations, &later),
            commits(&a.commits, &b.commits).filter(later),
            edits(a, b).filter(later),
            update.clone(),
        ];
        // Of equals the first one, which says most.
        let first = signs.into_iter().flatten().min_by_key(|sign| sign.steps);
        Self { same_until, first, update, compared }
    }

    /// In sentences, a line each.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(steps) = self.same_until {
            lines.push(format!("the same up to step {steps}: both have the digest of there"));
        }
        if let Some(first) = &self.first {
            lines.push(format!("they part by step {}: {}", first.steps, first.words()));
        }
        let update = self.update.as_ref().filter(|update| Some(*update) != self.first.as_ref());
        if let Some(update) = update {
            let by = update.updates.unwrap_or(0);
            lines.push(format!("by update {by}, at step {}: {}", update.steps, update.words()));
        }
        let Compared { snapshots, episodes, evaluations, reports } = self.compared;
        if self.first.is_none() {
            lines.push(format!(
                "nothing differs in what both tell of: {snapshots} snapshots, {episodes} \
                 episodes, {evaluations} evaluations, {reports} reports"
            ));
        }
        lines
    }
}

impl Sign {
    fn words(&self) -> String {
        let word = |value: &Value| match value {
            Value::String(text) => thorndike_session::error::shown(text),
            Value::Null => "unknown".to_owned(),
            other => other.to_string(),
        };
        let (first, second) = (word(&self.first), word(&self.second));
        format!("{} is {first} and {second}", thorndike_session::error::shown(&self.what))
    }
}

fn sign(
    (steps, updates): (u64, Option<u64>),
    what: impl Into<String>,
    first: impl Into<Value>,
    second: impl Into<Value>,
) -> Sign {
    Sign { steps, updates, what: what.into(), first: first.into(), second: second.into() }
}

/// A number that JSON may lack a word for.
fn number(value: f64) -> Value {
    if value.is_finite() { value.into() } else { value.to_string().into() }
}

/// The first field with two values.
fn field<'a>(
    fields: impl IntoIterator<Item = (&'a str, Value, Value)>,
) -> Option<(&'a str, Value, Value)> {
    fields.into_iter().find(|(_, first, second)| first != second)
}

/// The first episode of the same number that went otherwise; sums of many are passed over, as
/// which ones they hold depends on how fast the run was.
fn episodes(
    (a, b): (&Model, &Model),
    compared: &mut u64,
    later: &impl Fn(&Sign) -> bool,
) -> Option<Sign> {
    let single = |model: &Model| -> BTreeMap<u64, Episode> {
        let one = |played: &Played| match played {
            Played::One(episode) => Some((episode.episode, *episode)),
            Played::Many(_) => None,
        };
        model.episodes.iter().filter_map(one).collect()
    };
    let others = single(b);
    let both = single(a).into_iter().filter_map(|(at, one)| Some((one, *others.get(&at)?)));
    let both: Vec<(Episode, Episode)> = both.collect();
    *compared = both.len() as u64;
    both.into_iter().find_map(|(a, b)| {
        let (field, first, second) = field([
            ("return", number(a.total), number(b.total)),
            ("length", a.length.into(), b.length.into()),
            ("step at its end", a.steps.into(), b.steps.into()),
            ("lane", a.lane.into(), b.lane.into()),
            ("terminated", a.terminated.into(), b.terminated.into()),
            ("truncated", a.truncated.into(), b.truncated.into()),
            ("success", a.success.into(), b.success.into()),
        ])?;
        let what = format!("{field} of episode {}", a.episode);
        Some(sign((a.steps.min(b.steps), None), what, first, second)).filter(later)
    })
}

/// The first round of evaluation that came out otherwise, among those that both held alike.
fn evals(
    (a, b): (&[Eval], &[Eval]),
    compared: &mut u64,
    later: &impl Fn(&Sign) -> bool,
) -> Option<Sign> {
    let alike = |(a, b): &(&Eval, &Eval)| (a.steps, a.episodes) == (b.steps, b.episodes);
    let both: Vec<(&Eval, &Eval)> = a.iter().zip(b).take_while(alike).collect();
    *compared = both.len() as u64;
    both.into_iter().find_map(|(a, b)| {
        let (field, first, second) = field([
            ("mean return", number(a.return_mean), number(b.return_mean)),
            ("spread of returns", number(a.return_std), number(b.return_std)),
            ("mean length", number(a.length_mean), number(b.length_mean)),
            ("success", a.success.into(), b.success.into()),
            ("regret", a.regret.into(), b.regret.into()),
        ])?;
        Some(sign((a.steps, None), format!("{field} of the evaluation"), first, second))
            .filter(later)
    })
}

/// The first update of asynchronous runs that learned from something else.
fn commits(a: &[Commit], b: &[Commit]) -> Option<Sign> {
    let others: BTreeMap<u64, &Commit> = b.iter().map(|commit| (commit.update, commit)).collect();
    a.iter().find_map(|a| {
        let b = others.get(&a.update).filter(|b| ***b != *a)?;
        let what = |commit: &Commit| {
            let units = commit.units.iter();
            let units = units.map(|(worker, policy)| format!("{worker}:{policy}"));
            format!("{} up to step {}", units.collect::<Vec<_>>().join(" "), commit.steps)
        };
        let at = (a.steps.min(b.steps), Some(a.update));
        Some(sign(at, format!("what update {} learned from", a.update), what(a), what(b)))
    })
}

/// The first change of a param that only one of them made, or made otherwise.
fn edits(a: &Model, b: &Model) -> Option<Sign> {
    let word = |edit: Option<&Edit>| {
        edit.map_or("none".to_owned(), |edit| {
            format!("{}={} at step {}", edit.name, edit.new, edit.steps)
        })
    };
    let alike = |a: &Edit, b: &Edit| (a.steps, &a.name, &a.new) == (b.steps, &b.name, &b.new);
    (0..a.edits.len().max(b.edits.len())).find_map(|at| {
        let edit = |model: &Model| model.edits.get(at).map(|(_, edit)| edit.clone());
        let (a, b) = (edit(a), edit(b));
        if let (Some(a), Some(b)) = (&a, &b)
            && alike(a, b)
        {
            return None;
        }
        let steps = a.iter().chain(&b).map(|edit| edit.steps).min()?;
        Some(sign((steps, None), "the change of a param", word(a.as_ref()), word(b.as_ref())))
    })
}

/// The first report at which a number differs. A report tells of what happened since the one
/// before it, so two of them are compared only where those before them stand at the same place,
/// too, and where no run was taken up in between.
fn reports(
    (a, b): (&Model, &Model),
    compared: &mut u64,
    later: &impl Fn(&Sign) -> bool,
) -> Option<Sign> {
    let spans = [spans(a), spans(b)];
    *compared = spans[0].keys().filter(|span| spans[1].contains_key(*span)).count() as u64;
    let mut first: Option<Sign> = None;
    for (name, series) in a.series.iter().filter(|(name, _)| !is_speed(name)) {
        let Some(other) = b.series.get(name) else { continue };
        let values = other.moments.iter().copied().zip(&other.values);
        let others: BTreeMap<u32, f64> = values.map(|(at, value)| (at, *value)).collect();
        let places: BTreeMap<u32, u32> =
            spans[0].iter().filter_map(|(span, at)| Some((*at, *spans[1].get(span)?))).collect();
        let found = series.moments.iter().zip(&series.values).find_map(|(at, value)| {
            let second = *others.get(places.get(at)?)?;
            let Moment { steps, updates, .. } = a.moments[*at as usize];
            let differs = value.to_bits() != second.to_bits();
            let found = sign((steps, Some(updates)), name, number(*value), number(second));
            Some(found).filter(|found| differs && later(found))
        });
        let is_first = |found: &Sign| first.as_ref().is_none_or(|it| found.steps < it.steps);
        first = found.filter(is_first).or(first);
    }
    first
}

/// Where a report and the one before it stand, in steps, episodes and updates.
type Span = [(u64, u64, u64); 2];

/// For each report the place in the model, by where it and the one before it stand.
fn spans(model: &Model) -> BTreeMap<Span, u32> {
    let place = |moment: &Moment| (moment.steps, moment.episodes, moment.updates);
    let mut spans = BTreeMap::new();
    for (at, pair) in model.moments.windows(2).enumerate() {
        let (from, to) = (pair[0].steps, pair[1].steps);
        let is_whole = model.starts.iter().all(|start| start.steps < from || start.steps >= to);
        if is_whole {
            spans.insert([place(&pair[0]), place(&pair[1])], at as u32 + 1);
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use thorndike_session::Setting;
    use thorndike_session::journal::{Entry, Metrics, Start};

    /// A run that reports so often: its number counts what happened since the last report.
    fn model(every: u64, otherwise_from: u64) -> Model {
        let mut model = Model::default();
        model.apply(1, Entry::Start(Start::default()));
        for steps in (every..=100).step_by(every as usize) {
            let extra = if steps >= otherwise_from { 0.125 } else { 0.0 };
            let values = vec![("a".into(), every as f64 + extra), ("time/x".into(), extra)];
            let updates = steps / 2;
            model.apply(
                steps,
                Entry::Metrics(Metrics { steps, updates, values, ..Metrics::default() }),
            );
        }
        model
    }

    fn digests(list: &[(u64, &str)]) -> Digests {
        list.iter().map(|(at, digest)| (*at, (*digest).to_owned())).collect()
    }

    #[test]
    fn reports_of_other_lengths_say_nothing() {
        let none = Digests::new();
        let parting = Parting::of((&model(10, 999), &model(20, 999)), (&none, &none));
        assert_eq!((parting.first, parting.compared.reports), (None, 0));
        let parting = Parting::of((&model(10, 999), &model(10, 50)), (&none, &none));
        let first = parting.first.clone().expect("they differ");
        assert_eq!((first.steps, first.updates), (50, Some(25)));
        assert_eq!(parting.lines(), ["they part by step 50: a is 10.0 and 10.125"]);
    }

    #[test]
    fn runs_do_not_part_before_a_step_with_the_same_digest() {
        let (a, b) = (digests(&[(40, "x"), (80, "y")]), digests(&[(40, "x"), (80, "z")]));
        let parting = Parting::of((&model(10, 999), &model(10, 30)), (&a, &b));
        assert_eq!(parting.same_until, Some(40));
        assert_eq!(parting.first.expect("they differ").steps, 50);
        let parting = Parting::of((&model(10, 999), &model(10, 30)), (&a, &a));
        assert_eq!((parting.same_until, parting.first.expect("they differ").steps), (Some(80), 90));
        let parting = Parting::of((&model(10, 999), &model(10, 999)), (&a, &b));
        let lines = parting.lines();
        assert_eq!(lines[1], "they part by step 80: the digest of the snapshot is y and z");
    }

    #[test]
    fn the_field_that_differs_is_named() {
        let with = |length, edit: Option<i64>| {
            let mut model = Model::default();
            let episode = Episode { episode: 3, steps: 40, length, ..Episode::default() };
            model.apply(1, Entry::Episode(episode));
            if let Some(new) = edit {
                let (old, new) = (Setting::Int(1), Setting::Int(new));
                let (author, name) = ("me".to_owned(), "k".to_owned());
                model.apply(2, Entry::Edit(Edit { steps: 20, author, name, old, new }));
            }
            model
        };
        let none = Digests::new();
        let lines = |a: &Model, b: &Model| Parting::of((a, b), (&none, &none)).lines();
        let expected = "they part by step 40: length of episode 3 is 7 and 8";
        assert_eq!(lines(&with(7, None), &with(8, None)), [expected]);
        let expected = "they part by step 20: the change of a param is none and k=5 at step 20";
        assert_eq!(lines(&with(7, None), &with(8, Some(5))), [expected]);
    }
}
