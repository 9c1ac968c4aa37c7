//! Learning curves, as SVG or as pixels: lines over steps, with a band where there are many seeds.

use super::letters;
use crate::output::figure;
use std::fmt::Write;
use thorndike_session::Model;
use thorndike_session::model::Played;
use thorndike_tui::picture::image::Image;

/// Size of a picture.
const SIZE: (f64, f64) = (800.0, 480.0);

/// Space for numbers and names: left, top, right, bottom.
const MARGIN: (f64, f64, f64, f64) = (80.0, 40.0, 24.0, 48.0);

/// Points of a mean over seeds.
const GRID: usize = 200;

const INK: [u8; 3] = [40, 44, 52];
const PALE: [u8; 3] = [222, 226, 232];
const LINE: [u8; 3] = [38, 98, 201];
const BAND: [u8; 3] = [190, 210, 243];

/// A curve: points from left to right, and how far the band reaches up and down.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Curve {
    pub(crate) points: Vec<(f64, f64)>,
    pub(crate) spread: Vec<f64>,
}

/// What is drawn.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) across: String,
    pub(crate) curve: Curve,
}

/// The name under which mean returns of episodes are drawn, and those of evaluations.
pub(crate) const RETURN: &str = "return";
pub(crate) const EVALUATION: &str = "eval/return_mean";

/// What mean returns of episodes are called where somebody else has recorded them.
const RETURNS: [&str; 5] =
    [RETURN, "return_last100", "return_mean", "rollout/ep_rew_mean", "charts/episodic_return"];

/// The points of a curve; none where a run does not tell of it.
pub(crate) fn points(model: &Model, name: &str) -> Vec<(f64, f64)> {
    if name == RETURN && !model.episodes.is_empty() {
        return returns(&model.episodes);
    }
    let reported = |name: &str| -> Vec<(f64, f64)> {
        model.points(name).map(|(at, y)| (at.steps as f64, y)).collect()
    };
    if name == EVALUATION && !model.evals.is_empty() {
        return model.evals.iter().map(|eval| (eval.steps as f64, eval.return_mean)).collect();
    }
    let known = |name: &&str| model.series.get(name).is_some();
    match RETURNS.into_iter().find(known).filter(|_| name == RETURN) {
        Some(name) => reported(name),
        None => reported(name),
    }
}

/// Mean returns of the episodes that ended in each part of a run.
fn returns(episodes: &[Played]) -> Vec<(f64, f64)> {
    let most = episodes.iter().map(Played::steps).max().unwrap_or(0).max(1);
    let mut parts = vec![(0.0, 0.0); GRID];
    for played in episodes {
        let part = played.steps().saturating_sub(1).min(most - 1) as usize * GRID / most as usize;
        let (sum, count) = &mut parts[part];
        let weight = played.count() as f64;
        *sum += played.mean() * weight;
        *count += weight;
    }
    let width = most as f64 / GRID as f64;
    let ended = parts.into_iter().enumerate().filter(|(_, (_, count))| *count > 0.0);
    ended.map(|(part, (sum, count))| ((part as f64 + 1.0) * width, sum / count)).collect()
}

/// Smooths values: each becomes a mean of itself and those before, which count less and less by
/// this factor. The first ones are not pulled towards 0.
pub(crate) fn smoothed(points: &[(f64, f64)], factor: f64) -> Vec<(f64, f64)> {
    let (mut sum, mut weight) = (0.0, 0.0);
    let smooth = |&(x, y): &(f64, f64)| {
        sum = sum * factor + y * (1.0 - factor);
        weight = weight * factor + (1.0 - factor);
        (x, sum / weight)
    };
    points.iter().map(smooth).collect()
}

/// The mean of several curves and their standard deviation, where all of them have begun and none
/// has ended.
pub(crate) fn averaged(curves: &[Vec<(f64, f64)>]) -> Curve {
    let ends = |points: &Vec<(f64, f64)>| Some((points.first()?.0, points.last()?.0));
    let Some(ends) = curves.iter().map(ends).collect::<Option<Vec<_>>>() else {
        return Curve::default();
    };
    let from = ends.iter().map(|(from, _)| *from).fold(f64::NEG_INFINITY, f64::max);
    let to = ends.iter().map(|(_, to)| *to).fold(f64::INFINITY, f64::min);
    if from > to {
        return Curve::default();
    }
    let mut mean = Curve::default();
    for idx in 0..GRID {
        let x = from + (to - from) * idx as f64 / (GRID - 1) as f64;
        let values: Vec<f64> = curves.iter().map(|points| at(points, x)).collect();
        let count = values.len() as f64;
        let average = values.iter().sum::<f64>() / count;
        let squares = values.iter().map(|value| (value - average).powi(2)).sum::<f64>();
        mean.points.push((x, average));
        mean.spread.push((squares / count).sqrt());
    }
    mean
}

/// The value of a curve between its points.
pub(crate) fn at(points: &[(f64, f64)], x: f64) -> f64 {
    let after = points.partition_point(|point| point.0 < x);
    let (Some(&(right, high)), Some(&(left, low))) =
        (points.get(after).or(points.last()), points.get(after.saturating_sub(1)))
    else {
        return f64::NAN;
    };
    if right <= left { high } else { low + (high - low) * (x - left) / (right - left) }
}

/// Where numbers lie in the picture.
struct Frame {
    x: (f64, f64),
    y: (f64, f64),
}

impl Frame {
    fn of(curve: &Curve) -> Self {
        let finite = || curve.points.iter().enumerate().filter(|(_, (_, y))| y.is_finite());
        let spread = |idx: usize| curve.spread.get(idx).copied().unwrap_or(0.0);
        let low = finite().map(|(idx, (_, y))| y - spread(idx)).fold(f64::INFINITY, f64::min);
        let high = finite().map(|(idx, (_, y))| y + spread(idx)).fold(f64::NEG_INFINITY, f64::max);
        let left = finite().map(|(_, (x, _))| *x).fold(f64::INFINITY, f64::min);
        let right = finite().map(|(_, (x, _))| *x).fold(f64::NEG_INFINITY, f64::max);
        Self { x: widened(left, right), y: widened(low, high) }
    }

    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let (left, top, right, bottom) = MARGIN;
        let across = (x - self.x.0) / (self.x.1 - self.x.0);
        let up = (y - self.y.0) / (self.y.1 - self.y.0);
        (left + across * (SIZE.0 - left - right), SIZE.1 - bottom - up * (SIZE.1 - top - bottom))
    }
}

fn widened(low: f64, high: f64) -> (f64, f64) {
    if low < high {
        (low, high)
    } else if low.is_finite() {
        (low - 0.5, low + 0.5)
    } else {
        (0.0, 1.0)
    }
}

/// Round numbers between two ends: 1, 2 or 5 times a power of ten apart.
fn ticks((low, high): (f64, f64)) -> Vec<f64> {
    let rough = (high - low) / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power);
    let step = step.into_iter().find(|step| *step >= rough).unwrap_or(power);
    let first = (low / step).ceil() as i64;
    (first..first + 8).map(|idx| idx as f64 * step).take_while(|tick| *tick <= high).collect()
}

impl Chart {
    /// The chart as an SVG picture.
    pub(crate) fn svg(&self) -> String {
        let frame = Frame::of(&self.curve);
        let (width, height) = SIZE;
        let color = |[r, g, b]: [u8; 3]| format!("#{r:02x}{g:02x}{b:02x}");
        let (ink, pale) = (color(INK), color(PALE));
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"sans-serif\" font-size=\"13\" fill=\"{ink}\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
        );
        let mut text = |x: f64, y: f64, anchor: &str, text: &str| {
            let text = escaped(text);
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
            );
        };
        text(width / 2.0, 24.0, "middle", &self.title);
        text(width / 2.0, height - 10.0, "middle", &self.across);
        for tick in ticks(frame.x) {
            text(frame.place((tick, 0.0)).0, height - MARGIN.3 + 18.0, "middle", &figure(tick));
        }
        for tick in ticks(frame.y) {
            text(MARGIN.0 - 8.0, frame.place((0.0, tick)).1 + 4.0, "end", &figure(tick));
        }
        for tick in ticks(frame.y) {
            let y = frame.place((0.0, tick)).1;
            let (left, right) = (MARGIN.0, width - MARGIN.2);
            let _ = writeln!(svg, "<path d=\"M{left} {y:.1}H{right}\" stroke=\"{pale}\"/>");
        }
        if !self.curve.spread.is_empty() {
            let points = joined(self.outline().into_iter().map(|point| frame.place(point)));
            let band = color(BAND);
            let _ = writeln!(svg, "<polygon points=\"{points}\" fill=\"{band}\"/>");
        }
        let points = self.curve.points.iter().filter(|(_, y)| y.is_finite());
        let points = joined(points.map(|point| frame.place(*point)));
        let line = color(LINE);
        let _ = writeln!(
            svg,
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{line}\" stroke-width=\"2\"/>"
        );
        svg.push_str("</svg>\n");
        svg
    }

    /// The chart as pixels.
    pub(crate) fn image(&self) -> Image {
        let frame = Frame::of(&self.curve);
        let (width, height) = (SIZE.0 as usize, SIZE.1 as usize);
        let mut image = Image { width, height, rgb: vec![255; 3 * width * height] };
        let place = |point: (f64, f64)| frame.place(point);
        for tick in ticks(frame.y) {
            let y = place((0.0, tick)).1;
            line(&mut image, (MARGIN.0, y), (SIZE.0 - MARGIN.2, y), PALE);
        }
        let band = self.curve.points.iter().zip(&self.curve.spread);
        for (point, spread) in band.filter(|((_, y), _)| y.is_finite()) {
            let (x, top) = place((point.0, point.1 + spread));
            let (_, bottom) = place((point.0, point.1 - spread));
            let wide = (SIZE.0 - MARGIN.0 - MARGIN.2) / GRID as f64;
            for column in 0..=wide.ceil() as i64 {
                let x = x + column as f64 - wide / 2.0;
                line(&mut image, (x, top), (x, bottom), BAND);
            }
        }
        let points: Vec<_> = self.curve.points.iter().filter(|(_, y)| y.is_finite()).collect();
        for pair in points.windows(2) {
            let (from, to) = (place(*pair[0]), place(*pair[1]));
            line(&mut image, from, to, LINE);
            line(&mut image, (from.0, from.1 + 1.0), (to.0, to.1 + 1.0), LINE);
        }
        let mut text = |x: f64, y: f64, part: f64, text: &str| {
            let left = x - letters::width(text, 2) as f64 * part;
            letters::write(&mut image, (left as i64, y as i64), 2, INK, text);
        };
        text(SIZE.0 / 2.0, 14.0, 0.5, &self.title);
        text(SIZE.0 / 2.0, SIZE.1 - 18.0, 0.5, &self.across);
        for tick in ticks(frame.x) {
            text(place((tick, 0.0)).0, SIZE.1 - MARGIN.3 + 8.0, 0.5, &figure(tick));
        }
        for tick in ticks(frame.y) {
            text(MARGIN.0 - 8.0, place((0.0, tick)).1 - 5.0, 1.0, &figure(tick));
        }
        image
    }

    /// Around the band: along its upper edge, and back along the lower one.
    fn outline(&self) -> Vec<(f64, f64)> {
        let band = self.curve.points.iter().zip(&self.curve.spread);
        let band: Vec<_> = band.filter(|((_, y), _)| y.is_finite()).collect();
        let upper = band.iter().map(|((x, y), spread)| (*x, y + **spread));
        upper.chain(band.iter().rev().map(|((x, y), spread)| (*x, y - **spread))).collect()
    }
}

fn joined(points: impl Iterator<Item = (f64, f64)>) -> String {
    points.map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
}

fn escaped(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A line of one pixel.
fn line(image: &mut Image, from: (f64, f64), to: (f64, f64), color: [u8; 3]) {
    let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil().clamp(1.0, 1e4);
    for step in 0..=steps as usize {
        let part = step as f64 / steps;
        let x = from.0 + (to.0 - from.0) * part;
        let y = from.1 + (to.1 - from.1) * part;
        letters::set(image, x.round() as i64, y.round() as i64, color);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothing_starts_where_the_curve_starts_and_keeps_constants() {
        let points = [(0.0, 4.0), (1.0, 4.0), (2.0, 8.0)];
        assert_eq!(smoothed(&points, 0.0), points);
        let smooth = smoothed(&points, 0.5);
        assert_eq!(smooth[..2], points[..2]);
        // 8 counts 1/2, both 4 together 1/4 + 1/8, all of it 7/8.
        assert!((smooth[2].1 - (4.0 + 1.5) / 0.875).abs() < 1e-12, "{smooth:?}");
    }

    #[test]
    fn returns_are_means_over_parts_of_a_run() {
        let one = |steps, total| {
            Played::One(thorndike_session::journal::Episode { steps, total, ..Default::default() })
        };
        let many = Played::Many(thorndike_session::journal::Episodes {
            steps: 1000,
            count: 3,
            mean: 5.0,
            ..Default::default()
        });
        let episodes = [one(2, 1.0), one(4, 2.0), one(6, 7.0), one(999, 1.0), many];
        assert_eq!(returns(&episodes), [(5.0, 1.5), (10.0, 7.0), (1000.0, 4.0)]);
        assert_eq!(returns(&[]), []);
    }

    #[test]
    fn seeds_are_averaged_where_all_of_them_are_known() {
        let curves = [vec![(0.0, 0.0), (10.0, 10.0)], vec![(5.0, 7.0), (20.0, 22.0)]];
        let mean = averaged(&curves);
        assert_eq!((mean.points[0], mean.spread[0]), ((5.0, 6.0), 1.0));
        assert_eq!(mean.points.last(), Some(&(10.0, 11.0)));
        assert_eq!(averaged(&[vec![], vec![(1.0, 1.0)]]), Curve::default());
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(ticks((0.0, 1.0)), [0.0, 0.2, 0.4, 0.600_000_000_000_000_1, 0.8, 1.0]);
        assert_eq!(ticks((-13.0, 87.0)), [0.0, 20.0, 40.0, 60.0, 80.0]);
        assert!(ticks((0.0, 7.3e9)).len() < 9);
    }

    #[test]
    fn pictures_hold_the_curve_whatever_its_numbers() {
        let bad = vec![(0.0, f64::NAN), (1.0, 2.0), (2.0, f64::INFINITY), (3.0, 2.0)];
        for points in [vec![], bad, vec![(0.0, 1.0), (1.0, 3.0)]] {
            let spread = vec![0.5; points.len()];
            let curve = Curve { points, spread };
            let chart = Chart { title: "a <b>\u{1b}".into(), across: "steps".into(), curve };
            let svg = chart.svg();
            assert!(svg.contains("a &lt;b&gt;</text>") && !svg.contains("NaN"), "{svg}");
            let image = chart.image();
            assert_eq!(image.rgb.len(), 800 * 480 * 3);
            let blue = image.rgb.chunks(3).any(|pixel| pixel == LINE);
            assert_eq!(blue, chart.curve.points.len() > 1);
        }
    }
}
