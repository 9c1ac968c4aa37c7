//! The Compare screen: sessions side by side, and seeds of the same settings together.

use super::{Charts, ListView};
use crate::bench::{Curve, SessionRow};
use crate::plot::short;
use crate::run::{Axis, Timeline, push_played};
use crate::series::Series;
use crate::statistics::{Area, SAMPLES, SAMPLES_BAND, interquartile_mean, interval};
use std::iter;

/// Leaves of a curve in a comparison, in which there may be a hundred.
pub const COMPARED_LEAVES: usize = 1 << 15;

/// The moving mean where none was chosen: returns of single episodes hide each other.
const WEIGHT: usize = 3;

/// Places at which seeds are put together.
const PLACES: u32 = 400;

/// A session beside others.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// The session.
    pub row: SessionRow,
    /// Returns of its episodes, by steps.
    pub returns: Series,
    /// What else the x axis can show.
    pub timeline: Timeline,
    /// The same by what the x axis shows, where that is not steps.
    pub along: Option<Series>,
    /// What lies under the curve.
    pub area: Area,
}

impl Compared {
    /// Takes in a session with its curve.
    pub fn new(row: SessionRow, curve: Curve) -> Self {
        let timeline = curve.timeline;
        let mut taken = Self { timeline, ..Self::of(row, iter::empty()) };
        for played in &curve.episodes {
            push_played(&mut taken.returns, played);
            taken.area.push(played.steps() as f64, played.mean());
        }
        taken
    }

    /// Takes in a session with points of its curve.
    pub fn of(row: SessionRow, points: impl Iterator<Item = (f64, f64)>) -> Self {
        let mut taken =
            Self { row, returns: Series::of_leaves(COMPARED_LEAVES), ..Self::default() };
        for (x, y) in points {
            taken.returns.push(x, y);
            taken.area.push(x, y);
        }
        taken
    }

    /// Its curve by what the x axis shows.
    pub fn shown(&self) -> &Series {
        self.along.as_ref().unwrap_or(&self.returns)
    }

    /// The moving mean at a place of the x axis.
    pub fn value_at(&self, weight: usize, x: f64) -> Option<f64> {
        let series = self.shown();
        Some(series.smooth(weight, series.leaf_at(x)?)).filter(|value| value.is_finite())
    }

    fn follow(&mut self, axis: Axis) {
        let timeline = &self.timeline;
        self.along =
            (axis != Axis::Steps).then(|| self.returns.along(|steps| timeline.at(axis, steps)));
    }
}

/// Sessions that differ in their seeds alone.
#[derive(Clone, Debug)]
pub struct Group {
    /// Where its sessions stand among those taken in.
    pub members: Vec<usize>,
    /// The interquartile mean along the x axis, as far as all of them go.
    pub middle: Series,
    /// Its 95 % interval: the lower and the upper end at each place.
    pub band: Series,
    /// What they came to.
    pub end: Standing,
}

/// What sessions of a group come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// One number for each session: the mean of its last hundred returns, or what its curve says at
    /// a place.
    pub values: Vec<f64>,
    /// The interquartile mean of them.
    pub middle: Option<f64>,
    /// The 95 % interval of that.
    pub interval: Option<(f64, f64)>,
    /// The interquartile mean of what lies under the curves.
    pub area: Option<f64>,
}

/// The Compare screen.
#[derive(Clone, Debug, Default)]
pub struct CompareView {
    /// What is chosen in the list of sessions.
    pub list: ListView,
    /// Sessions that were taken in.
    pub taken: Vec<Compared>,
    /// Whether seeds of the same settings are put together.
    pub is_grouped: bool,
    /// What the chart looks at. Its x is what its axis shows.
    pub charts: Charts,
    /// Sessions that belong together, in the order they were taken in, while they are.
    pub groups: Vec<Group>,
}

impl CompareView {
    /// How many curves there are.
    pub fn curves(&self) -> usize {
        if self.is_grouped { self.groups.len() } else { self.taken.len() }
    }

    /// The number of the curve that a session is part of.
    pub fn number_of(&self, session: &str) -> Option<usize> {
        let taken = self.taken.iter().position(|taken| taken.row.name == session)?;
        if !self.is_grouped {
            return Some(taken);
        }
        self.groups.iter().position(|group| group.members.contains(&taken))
    }

    /// The moving mean that the curves show.
    pub fn weight(&self) -> usize {
        self.charts.weight().unwrap_or(WEIGHT)
    }

    /// Takes a session in.
    pub fn take(&mut self, mut taken: Compared) {
        taken.follow(self.charts.axis);
        self.taken.push(taken);
        self.regroup();
    }

    /// Leaves out what does not pass.
    pub fn keep(&mut self, passes: impl Fn(&Compared) -> bool) {
        self.taken.retain(passes);
        self.regroup();
    }

    /// Shows the curves by what the x axis shows now.
    pub fn follow_axis(&mut self) {
        let axis = self.charts.axis;
        (self.charts.window, self.charts.cross, self.charts.hover) = (None, None, None);
        self.taken.iter_mut().for_each(|taken| taken.follow(axis));
        self.regroup();
    }

    /// x of the first and the latest point of all curves.
    pub fn span(&self) -> Option<(f64, f64)> {
        let spans = self.taken.iter().filter_map(|taken| taken.shown().span());
        spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Finds out again which sessions belong together, and what their curves come to.
    pub fn regroup(&mut self) {
        self.groups.clear();
        if !self.is_grouped {
            return;
        }
        let mut all: Vec<Vec<usize>> = Vec::new();
        for (at, taken) in self.taken.iter().enumerate() {
            let is_alike = |members: &&mut Vec<usize>| {
                let first = &self.taken[members[0]].row;
                let of = |row: &SessionRow| (row.agent.clone(), row.env.clone());
                of(first) == of(&taken.row) && first.params == taken.row.params
            };
            match all.iter_mut().find(is_alike) {
                Some(members) => members.push(at),
                None => all.push(vec![at]),
            }
        }
        self.groups = all.into_iter().map(|members| self.group(members)).collect();
    }

    fn group(&self, members: Vec<usize>) -> Group {
        let (mut middle, mut band) = (Series::of_leaves(1024), Series::of_leaves(2048));
        let seeds: Vec<&Compared> = members.iter().map(|&at| &self.taken[at]).collect();
        let spans = seeds.iter().filter_map(|taken| taken.shown().span());
        let common = spans.reduce(|a, b| (a.0.max(b.0), a.1.min(b.1)));
        if let Some((from, to)) = common.filter(|(from, to)| to > from) {
            for place in 0..=PLACES {
                let x = from + (to - from) * f64::from(place) / f64::from(PLACES);
                let values: Vec<f64> =
                    seeds.iter().filter_map(|taken| taken.value_at(self.weight(), x)).collect();
                let Some(mean) = interquartile_mean(&values) else { continue };
                middle.push(x, mean);
                if let Some((low, high)) = interval(&values, SAMPLES_BAND) {
                    band.push(x, low);
                    band.push(x, high);
                }
            }
        }
        let end = self.standing(&members, None, SAMPLES);
        Group { members, middle, band, end }
    }

    /// What the sessions of a group come to, at a place of the x axis or in the end.
    pub fn standing(&self, members: &[usize], at: Option<f64>, samples: usize) -> Standing {
        let seeds = || members.iter().map(|&member| &self.taken[member]);
        let values: Vec<f64> = match at {
            Some(x) => seeds().filter_map(|taken| taken.value_at(self.weight(), x)).collect(),
            None => seeds().filter_map(|taken| taken.row.return_last100).collect(),
        };
        let areas: Vec<f64> = seeds().filter_map(|taken| taken.area.mean()).collect();
        Standing {
            middle: interquartile_mean(&values),
            interval: interval(&values, samples),
            area: interquartile_mean(&areas),
            values,
        }
    }

    /// What the curves say at a place, in one line.
    pub fn reading(&self, x: f64) -> String {
        let mut words = vec![format!("{} {}", self.charts.axis.name(), short(x))];
        words.extend(self.taken.iter().map(|taken| {
            let value = taken.value_at(self.weight(), x).map_or("-".to_owned(), short);
            format!("{} {value}", taken.row.name)
        }));
        words.join("  ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use thorndike_session::journal::Episode;
    use thorndike_session::model::Played;

    /// A session whose returns rise to a height along its steps, a second each thousand of them.
    fn taken(name: &str, agent: &str, height: f64) -> Compared {
        let row = SessionRow {
            name: name.into(),
            agent: agent.into(),
            return_last100: Some(height),
            ..SessionRow::default()
        };
        let mut curve = Curve::default();
        for step in 0..=1000_u32 {
            let (steps, total) = (10 * u64::from(step), height * f64::from(step) / 1000.0);
            curve.episodes.push(Played::One(Episode { steps, total, ..Episode::default() }));
        }
        curve.timeline.add(0, 0.0, 0, 0);
        curve.timeline.add(10_000, 10.0, 1000, 0);
        Compared::new(row, curve)
    }

    #[test]
    fn seeds_of_the_same_settings_have_one_curve_with_a_band_around_it() {
        let mut view = CompareView { is_grouped: true, ..CompareView::default() };
        view.charts.smooth = 1;
        for (name, agent, height) in
            [("a0", "a", 90.0), ("b0", "b", 10.0), ("a1", "a", 100.0), ("a2", "a", 140.0)]
        {
            view.take(taken(name, agent, height));
        }
        let members: Vec<&[usize]> = view.groups.iter().map(|group| &group.members[..]).collect();
        assert_eq!(members, [&[0, 2, 3][..], &[1]]);
        let group = &view.groups[0];
        // Three values have no quarter to leave out.
        let (x, last) = group.middle.last().expect("it goes to the end");
        assert!((x - 10_000.0).abs() < 1e-6 && (last - 110.0).abs() < 0.5, "{x} {last}");
        let ends = group.band.extremes(0..group.band.leaves());
        assert!(ends.high <= 140.0 && group.band.points() == 2 * group.middle.points());
        assert_eq!(view.groups[1].band.points(), 0, "one seed says nothing about others");
        let standing = &group.end;
        assert_eq!((standing.values.len(), standing.middle), (3, Some(110.0)));
        let (low, high) = standing.interval.expect("there are three");
        assert!((90.0..110.0).contains(&low) && (110.0..=140.0).contains(&high), "{low} {high}");
        assert!((standing.area.expect("three") - 55.0).abs() < 1e-9);
        let half = view.standing(&group.members, Some(5000.0), 2000).middle.expect("three");
        assert!((half - 55.0).abs() < 0.5, "{half}");
        view.keep(|taken| taken.row.name != "a0");
        assert_eq!(
            (&view.groups[0].members[..], &view.groups[1].members[..]),
            (&[0][..], &[1, 2][..])
        );
    }

    #[test]
    fn curves_follow_the_x_axis() {
        let mut view = CompareView::default();
        view.charts.smooth = 1;
        view.take(taken("a", "a", 100.0));
        assert_eq!(view.span(), Some((0.0, 10_000.0)));
        view.charts.axis = Axis::Seconds;
        view.charts.window = Some((0.0, 9000.0));
        view.follow_axis();
        assert_eq!((view.span(), view.charts.window), (Some((0.0, 10.0)), None));
        let value = view.taken[0].value_at(0, 5.0).expect("it is there");
        assert!((value - 50.0).abs() < 0.5, "{value}");
        view.take(taken("b", "b", 10.0));
        assert_eq!(view.taken[1].shown().span(), Some((0.0, 10.0)), "later ones, too");
        assert_eq!(view.reading(10.0), "seconds 10  a 99.8  b 9.98");
    }
}
