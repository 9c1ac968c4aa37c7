//! How far curves of two sessions are apart, for those that hold nothing but numbers.

use super::is_speed;
use crate::export::chart;
use crate::output::figure;
use crate::table;
use serde::Serialize;
use std::collections::BTreeSet;
use thorndike_session::Model;
use thorndike_session::error::shown;

/// Points between both ends at which curves are compared.
const GRID: usize = 200;

/// A number that both tell of.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Apart {
    name: String,
    /// The first and the last step at which both know it.
    from: f64,
    to: f64,
    /// What it is at the last one.
    first: f64,
    second: f64,
    /// Mean distance between both ends.
    distance: f64,
}

/// Compares every curve that both have over the steps that both have.
pub(super) fn apart(a: &Model, b: &Model) -> Vec<Apart> {
    let names = |model: &Model| -> BTreeSet<String> {
        let own = [chart::RETURN, chart::EVALUATION].map(str::to_owned);
        let all = model.series.keys().cloned().chain(own);
        all.filter(|name| !is_speed(name)).collect()
    };
    let both = &names(a) & &names(b);
    both.into_iter().filter_map(|name| one(name, a, b)).collect()
}

fn one(name: String, a: &Model, b: &Model) -> Option<Apart> {
    let finite = |model: &Model| -> Vec<(f64, f64)> {
        chart::points(model, &name).into_iter().filter(|(_, y)| y.is_finite()).collect()
    };
    let (a, b) = (finite(a), finite(b));
    let from = f64::max(a.first()?.0, b.first()?.0);
    let to = f64::min(a.last()?.0, b.last()?.0);
    let x = |idx: usize| from + (to - from) * idx as f64 / (GRID - 1) as f64;
    let distance = |idx: usize| (chart::at(&a, x(idx)) - chart::at(&b, x(idx))).abs();
    let distance = (0..GRID).map(distance).sum::<f64>() / GRID as f64;
    let (first, second) = (chart::at(&a, to), chart::at(&b, to));
    (from <= to).then_some(Apart { name, from, to, first, second, distance })
}

/// In words, a line each.
pub(super) fn lines(curves: &[Apart], (first, second): (&str, &str)) -> Vec<String> {
    if curves.is_empty() {
        return vec!["no curve has the same name and the same steps in both".to_owned()];
    }
    let mut rows = vec![["curve", "steps", first, second, "apart"].map(shown).to_vec()];
    rows.extend(curves.iter().map(|one| {
        let steps = format!("{:.0}-{:.0}", one.from, one.to);
        let [first, second, apart] = [one.first, one.second, one.distance].map(figure);
        vec![shown(&one.name), steps, first, second, apart]
    }));
    let says = "curves are compared, as one of the two was imported and holds nothing else: \
                values at the last step of both, and the mean distance on the way";
    [says.to_owned()].into_iter().chain(table::lines(&rows)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use thorndike_session::journal::{Entry, Episode, Metrics};

    #[test]
    fn curves_are_compared_where_both_have_them() {
        let mut own = Model::default();
        for steps in 1..=400 {
            let episode = Episode { episode: steps, steps, total: 3.0, ..Episode::default() };
            own.apply(steps, Entry::Episode(episode));
        }
        let mut imported = Model::default();
        for steps in [100, 200, 300] {
            let values = vec![("rollout/ep_rew_mean".into(), 1.0), ("loss".into(), 0.5)];
            imported.apply(steps, Entry::Metrics(Metrics { steps, values, ..Metrics::default() }));
        }
        let found = apart(&own, &imported);
        let expected = Apart {
            name: "return".to_owned(),
            from: 100.0,
            to: 300.0,
            first: 3.0,
            second: 1.0,
            distance: 2.0,
        };
        assert_eq!(found, [expected]);
        assert!(apart(&own, &Model::default()).is_empty());
    }
}
