//! A chart: series as the extremes of each column of dots with their moving mean in front, axes
//! with round numbers, marks below, and a crosshair. Drawn from pyramids, never from raw points.

mod axis;
mod dots;
mod paint;
mod scale;

pub use axis::{short, ticks};
pub use dots::{Dots, sign};
pub use scale::Scale;

use crate::glyph::Glyphs;
use crate::run::{Axis, Timeline};
use crate::series::{Extremes, Series};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;

/// A series as a chart shows it.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// The points.
    pub series: &'a Series,
    /// Color of the mean, or of the points where nothing is smoothed.
    pub color: Color,
    /// Color of the points behind a mean.
    pub faint: Color,
    /// What it is drawn with, or marked with, where colors are missing.
    pub sign: char,
}

/// A mark on the x axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Where.
    pub x: f64,
    /// What stands there: `E` for an edit, `C` for a checkpoint, `!` for an alert.
    pub letter: char,
    /// Its color.
    pub color: Color,
}

/// What a chart looks at and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Visible part of the x axis; everything where nothing is said.
    pub window: Option<(f64, f64)>,
    /// Visible part of the y axis; what fits where nothing is said.
    pub range: Option<(f64, f64)>,
    /// How y grows.
    pub scale: Scale,
    /// Which moving mean is shown.
    pub weight: Option<usize>,
    /// Whether the y axis leaves out the outermost fiftieth of the columns on both sides.
    pub clip: bool,
    /// Where the crosshair stands.
    pub cross: Option<f64>,
    /// Whether only the moving means are drawn: points of several series would hide them.
    pub only_means: bool,
    /// Whether there are no colors, so that signs along the lines tell them apart.
    pub is_plain: bool,
}

/// Colors of everything but the series.
#[derive(Clone, Copy, Debug)]
pub struct Ink {
    /// Axes and numbers.
    pub axis: Color,
    /// The crosshair, and gaps.
    pub accent: Color,
}

/// What x stands for where it is not steps.
pub type Warp<'a> = Option<(&'a Timeline, Axis)>;

/// Where steps lie along an axis that shows something else, and the other way round.
#[derive(Clone, Copy, Debug)]
struct Along<'a> {
    warp: Warp<'a>,
    /// What the axis shows at its ends.
    ends: (f64, f64),
}

impl<'a> Along<'a> {
    fn new(warp: Warp<'a>, window: (f64, f64)) -> Self {
        let shown = |x: f64| warp.map_or(x, |(timeline, axis)| timeline.at(axis, x));
        let (from, to) = (shown(window.0), shown(window.1));
        if to > from { Self { warp, ends: (from, to) } } else { Self { warp: None, ends: window } }
    }

    /// Where a step lies, 0 to 1.
    fn part(self, x: f64) -> f64 {
        let shown = self.warp.map_or(x, |(timeline, axis)| timeline.at(axis, x));
        (shown - self.ends.0) / (self.ends.1 - self.ends.0)
    }

    /// The step at a part of the axis.
    fn step(self, part: f64) -> f64 {
        let shown = self.ends.0 + part * (self.ends.1 - self.ends.0);
        self.warp.map_or(shown, |(timeline, axis)| timeline.steps_at(axis, shown))
    }
}

/// Where on the screen the points lie, and what they mean; for the mouse.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Placed {
    /// Cells of the dots.
    pub area: Rect,
    /// x at its left and right edge.
    pub window: (f64, f64),
    /// y at its lower and upper edge.
    pub range: (f64, f64),
}

impl Placed {
    /// y in the middle of a row of cells.
    pub fn y_at(&self, row: u16, scale: Scale) -> f64 {
        let part =
            (f64::from(row - self.area.y.min(row)) + 0.5) / f64::from(self.area.height.max(1));
        let (low, high) = (scale.flat(self.range.0), scale.flat(self.range.1));
        scale.curved(high - part * (high - low))
    }

    /// x in the middle of a column of cells.
    pub fn x_at(&self, column: u16) -> f64 {
        let part =
            (f64::from(column - self.area.x.min(column)) + 0.5) / f64::from(self.area.width.max(1));
        self.window.0 + part * (self.window.1 - self.window.0)
    }
}

/// One column of dots of a series.
#[derive(Clone, Copy, Debug)]
struct Column {
    extremes: Extremes,
    mean: Option<f64>,
}

/// Draws a chart and says where the points came to lie; nothing where there is no room.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    glyphs: Glyphs,
    (lines, warp): (&[Line<'_>], Warp<'_>),
    (view, marks, ink): (&View, &[Mark], Ink),
) -> Option<Placed> {
    if area.width < 8 || area.height < 3 {
        return None;
    }
    let window = window(view, lines);
    let along = Along::new(warp, window);
    let first = view.range.unwrap_or_else(|| whole_range(view, lines, along));
    let wanted = (area.height as usize / 3).max(2);
    let label = |ticks: &[(f64, String)]| ticks.iter().map(|tick| tick.1.chars().count()).max();
    let label = label(&axis::ticks_scaled(first, view.scale, wanted)).unwrap_or(1).clamp(1, 9);
    // What spans less than all points may have longer numbers.
    let label = if view.only_means || view.clip { label.max(6) } else { label };
    let gutter = (label as u16 + 1).min(area.width / 2);
    let inner = Rect::new(area.x + gutter, area.y, area.width - gutter, area.height - 1);
    let mut dots = Dots::new(inner.width, inner.height, glyphs);
    let columns: Vec<Vec<Column>> =
        lines.iter().map(|line| columns(line.series, along, dots.wide(), view.weight)).collect();
    let range = match view.range {
        Some(range) => range,
        None if view.only_means => means_range(view, &columns),
        None if view.clip => clipped_range(view, &columns),
        None => first,
    };
    let ticks_y = axis::ticks_scaled(range, view.scale, wanted);
    let placed = Placed { area: inner, window, range };
    let high = dots.high() as f64;
    let place = |y: f64| {
        let part = view.scale.part(y, range);
        ((1.0 - part) * (high - 1.0)).round().clamp(-1.0, high) as i64
    };
    let is_smooth = view.weight.is_some();
    for (line, columns) in lines.iter().zip(&columns).filter(|_| !view.only_means) {
        trace_points(&mut dots, line, columns, is_smooth, &place);
    }
    // In front of the points of all series.
    for (line, columns) in lines.iter().zip(&columns).filter(|_| is_smooth) {
        trace_mean(&mut dots, line, columns, &place);
    }
    dots.paint(buffer, inner);
    if view.is_plain && glyphs.dots() != (1, 1) {
        paint::signs(buffer, inner, glyphs, (lines, &columns), &place);
    }
    paint::axes(buffer, area, glyphs, (placed, &ticks_y, ink), view.scale);
    paint::marks(buffer, (placed, along), marks);
    paint::ticks(buffer, glyphs, (placed, along), ink);
    paint::gaps(buffer, placed, (&columns, dots.wide()), glyphs, ink);
    if let Some(x) = view.cross.filter(|x| (window.0..=window.1).contains(x)) {
        paint::cross(buffer, (placed, along), glyphs, x, ink);
    }
    Some(placed)
}

fn window(view: &View, lines: &[Line<'_>]) -> (f64, f64) {
    let whole = lines.iter().filter_map(|line| line.series.span());
    let whole = whole.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((0.0, 1.0));
    let (from, to) = view.window.unwrap_or(whole);
    if to > from { (from, to) } else { (from, from + 1.0) }
}

fn columns(series: &Series, along: Along<'_>, wide: usize, weight: Option<usize>) -> Vec<Column> {
    let mut leaf = series.first_from(along.step(0.0), 0, 0);
    // Columns hold about as many leaves each.
    let mut width = 0;
    (0..wide)
        .map(|column| {
            // The last column holds its right edge, too: the latest point lies there.
            let edge = along.step((column + 1) as f64 / wide as f64);
            let end = if column + 1 == wide { edge + edge.abs() * 1e-9 + 1e-9 } else { edge };
            let leaves = leaf..series.first_from(end, leaf, leaf + width);
            width = leaves.len();
            leaf = leaves.end;
            let mean = leaves.clone().next_back().zip(weight);
            let mean = mean.map(|(last, weight)| series.smooth(weight, last));
            Column { extremes: series.extremes(leaves), mean: mean.filter(|mean| !mean.is_nan()) }
        })
        .collect()
}

/// What the y axis spans: everything visible.
fn whole_range(view: &View, lines: &[Line<'_>], along: Along<'_>) -> (f64, f64) {
    let (from, to) = (along.step(0.0), along.step(1.0));
    let end = to + to.abs() * 1e-9 + 1e-9;
    let seen = lines.iter().map(|line| {
        let first = line.series.first_from(from, 0, 0);
        line.series.extremes(first..line.series.first_from(end, first, line.series.leaves()))
    });
    let seen = seen.fold(Extremes::NOTHING, Extremes::and);
    if seen.is_empty() { (0.0, 1.0) } else { view.scale.widened(seen.low, seen.high) }
}

/// What the y axis spans without outliers.
fn clipped_range(view: &View, columns: &[Vec<Column>]) -> (f64, f64) {
    let seen = || columns.iter().flatten().map(|c| c.extremes).filter(|e| !e.is_empty());
    let mut lows: Vec<f64> = seen().map(|extremes| extremes.low).collect();
    let mut highs: Vec<f64> = seen().map(|extremes| extremes.high).collect();
    if lows.is_empty() {
        return (0.0, 1.0);
    }
    lows.sort_by(f64::total_cmp);
    highs.sort_by(f64::total_cmp);
    let out = lows.len() / 50;
    view.scale.widened(lows[out], highs[highs.len() - 1 - out])
}

/// What the y axis spans where only means are drawn.
fn means_range(view: &View, columns: &[Vec<Column>]) -> (f64, f64) {
    let means = columns.iter().flatten().filter_map(|column| column.mean);
    let seen = means.map(Extremes::of).fold(Extremes::NOTHING, Extremes::and);
    if seen.is_empty() { (0.0, 1.0) } else { view.scale.widened(seen.low, seen.high) }
}

/// Sets the dots of one series: points as far as they reach in each column.
fn trace_points(
    dots: &mut Dots,
    line: &Line<'_>,
    columns: &[Column],
    is_smooth: bool,
    place: &impl Fn(f64) -> i64,
) {
    let (raw, sign) = if is_smooth { (line.faint, '.') } else { (line.color, line.sign) };
    let mut before: Option<(usize, i64)> = None;
    for (at, column) in columns.iter().enumerate() {
        let Extremes { low, high, gap } = column.extremes;
        if column.extremes.is_empty() {
            before = before.filter(|_| !gap);
            continue;
        }
        let (top, bottom) = (place(high), place(low));
        if let Some((x, y)) = before {
            let near = if y < top { top } else { y.min(bottom) };
            dots.line((x as i64, y), (at as i64, near), raw, sign);
        }
        dots.line((at as i64, top), (at as i64, bottom), raw, sign);
        before = (!gap).then_some((at, i64::midpoint(top, bottom)));
    }
}

/// Sets the dots of the moving mean of one series.
fn trace_mean(dots: &mut Dots, line: &Line<'_>, columns: &[Column], place: &impl Fn(f64) -> i64) {
    let mut before: Option<(usize, i64)> = None;
    for (at, column) in columns.iter().enumerate() {
        let Some(mean) = column.mean else { continue };
        let y = place(mean);
        let from = before.unwrap_or((at, y));
        dots.line((from.0 as i64, from.1), (at as i64, y), line.color, line.sign);
        before = Some((at, y));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INK: Ink = Ink { axis: Color::Reset, accent: Color::Reset };

    fn drawn(series: &Series, size: (u16, u16), glyphs: Glyphs, view: &View) -> Vec<String> {
        let area = Rect::new(0, 0, size.0, size.1);
        let mut buffer = Buffer::empty(area);
        let line = Line { series, color: Color::Reset, faint: Color::Reset, sign: '*' };
        draw(&mut buffer, area, glyphs, (&[line], None), (view, &[], INK)).expect("there is room");
        crate::record::text(&buffer).lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_spike_among_five_million_points_is_seen_at_every_size_and_zoom() {
        let mut series = Series::default();
        let (count, spike) = (5_000_000_u32, 3_141_592_u32);
        for idx in 0..count {
            series.push(f64::from(idx), if idx == spike { 100.0 } else { f64::from(idx % 3) });
        }
        for size in [(200, 60), (120, 40), (80, 24), (40, 10)] {
            for glyphs in [Glyphs::Octant, Glyphs::Braille, Glyphs::Half, Glyphs::Ascii] {
                for zoom in [1.0, 3.0, 40.0, 1e4] {
                    let half = f64::from(count) / zoom / 2.0;
                    let middle = f64::from(spike);
                    let window = Some((middle - half, middle + half));
                    let view = View { window, ..View::default() };
                    let lines = drawn(&series, size, glyphs, &view);
                    // A fiftieth of the height stays free above the largest number.
                    let top = &lines[..2];
                    let is_dot = |c: char| !"│┤|+ ".contains(c) && !c.is_ascii_digit();
                    let is_seen = top.iter().any(|line| line.contains(is_dot));
                    assert!(is_seen, "{size:?} {glyphs:?} {zoom}\n{}", lines.join("\n"));
                }
            }
        }
    }

    #[test]
    fn a_number_that_is_none_is_a_gap_that_is_marked() {
        let mut series = Series::default();
        for idx in 0..100 {
            series.push(f64::from(idx), if (40..60).contains(&idx) { f64::NAN } else { 1.0 });
        }
        let lines = drawn(&series, (58, 8), Glyphs::Ascii, &View::default());
        let marked: Vec<usize> = lines[6].match_indices('x').map(|(at, _)| at).collect();
        let middle = &lines.iter().find(|line| line.contains('*')).expect("the rest is drawn")[..];
        assert!(marked.len() > 5 && lines[..6].iter().all(|line| !line.contains('x')), "{lines:?}");
        for at in marked.iter().skip(1).take(marked.len() - 2) {
            assert_eq!(middle.as_bytes()[*at], b' ', "{lines:?}");
        }
    }

    #[test]
    fn a_constant_series_is_a_flat_line() {
        let mut series = Series::default();
        (0..10_000).for_each(|idx| series.push(f64::from(idx), 0.1));
        for weight in [None, Some(0), Some(4)] {
            let view = View { weight, ..View::default() };
            let lines = drawn(&series, (60, 9), Glyphs::Ascii, &view);
            assert_eq!(lines.iter().filter(|line| line.contains('*')).count(), 1, "{lines:?}");
        }
    }
}
