//! How fast the screen is drawn: a dozen large curves in one chart, repainted whole.

use crate::bench::SessionRow;
use crate::glyph::Glyphs;
use crate::picture;
use crate::series::Series;
use crate::state::{CompareView, Compared, Screen, State};
use crate::term::images::{self, Protocol};
use crate::term::{Colors, Painter};
use crate::view;
use plugin_api::scene::Scene;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use thorndike_engine::clock::{Stopwatch, thread_seconds};

/// What repainting costs.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Repaint {
    /// Points in all curves together.
    pub points: u64,
    /// Curves.
    pub series: usize,
    /// Nanoseconds to add a point.
    pub push_ns: f64,
    /// Median of a whole picture and its bytes, in milliseconds of a processor.
    pub median_ms: f64,
    /// The slowest of a hundred but one.
    pub p99_ms: f64,
    /// Bytes of a whole picture.
    pub bytes: usize,
}

/// Repaints a screen of this size with a dozen curves of so many points each, so often.
pub fn repaint(size: (u16, u16), points: u64, times: usize) -> Repaint {
    const CURVES: usize = 12;
    let before = thread_seconds();
    let taken = |idx: usize| {
        let row = SessionRow { name: format!("run-{idx}"), ..SessionRow::default() };
        let mut returns = Series::default();
        for (x, y) in curve(points, idx as u64 + 1) {
            returns.push(x, y);
        }
        Compared { row, returns, ..Compared::default() }
    };
    let compare = CompareView { taken: (0..CURVES).map(taken).collect(), ..CompareView::default() };
    let push_ns = (thread_seconds() - before) * 1e9 / (points as f64 * CURVES as f64);
    let screen = Screen::Compare;
    let mut state = State { size, has_colors: true, screen, compare, ..State::default() };
    // All points, not only their means.
    state.compare.charts.smooth = 0;
    let mut painter = Painter::new(Colors::True);
    let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
    let mut milliseconds = Vec::with_capacity(times);
    let mut bytes = 0;
    for turn in 0..times {
        // Each picture looks elsewhere, as when somebody zooms and pans.
        let wide = points as f64 / (1 + turn % 7) as f64;
        let from = (points as f64 - wide) * (turn % 5) as f64 / 5.0;
        state.compare.charts.window = Some((from, from + wide));
        painter.forget();
        let before = thread_seconds();
        buffer.reset();
        state.map = view::draw(&state, &mut buffer);
        bytes = painter.frame(&mut buffer).len();
        milliseconds.push((thread_seconds() - before) * 1e3);
    }
    milliseconds.sort_by(f64::total_cmp);
    let at = |part: f64| milliseconds[((times - 1) as f64 * part) as usize];
    Repaint {
        points: points * CURVES as u64,
        series: CURVES,
        push_ns,
        median_ms: at(0.5),
        p99_ms: at(0.99),
        bytes,
    }
}

/// Noise around a curve that bends, the same each time. Making it up costs little beside taking it
/// in: the noise comes round again.
fn curve(points: u64, seed: u64) -> impl Iterator<Item = (f64, f64)> {
    let mut state = seed;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        20.0 * (state >> 40) as f64 / f64::from(1_u32 << 24)
    };
    let noise: Vec<f64> = (0..1 << 12).map(|_| noise()).collect();
    let step = 1.0 / points as f64;
    (0..points).map(move |idx| {
        let part = idx as f64 * step;
        (idx as f64, 100.0 * part * (2.0 - part) + noise[idx as usize % noise.len()])
    })
}

/// Processor seconds of a picture, in each way to show one.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Pictures {
    /// With half blocks.
    pub cells: f64,
    /// As kitty takes it.
    pub kitty: f64,
    /// As sixels.
    pub sixel: f64,
}

/// Shows pictures of this size that are another each time.
pub fn pictures((width, height): (u32, u32), times: u32) -> Pictures {
    let frame = |turn: u32| {
        let pixel = |idx: u32| {
            let (x, y) = (idx % width, idx / width);
            [(x + turn) as u8, (y + 2 * turn) as u8, (x ^ y) as u8]
        };
        let mut scene = Scene::default();
        scene.pixels(width, height, (0..width * height).flat_map(pixel).collect());
        scene
    };
    let scenes: Vec<Scene> = (0..8).map(frame).collect();
    let field = Rect::new(0, 0, 60, 20);
    let (mut painter, mut buffer) = (Painter::new(Colors::True), Buffer::empty(field));
    let mut cells = |scene: &Scene| {
        buffer.reset();
        picture::paint_cells(&mut buffer, field, scene, Glyphs::Half, picture::Look::Colors);
        painter.frame(&mut buffer).len()
    };
    let pixels = |scene: &Scene, protocol| {
        let image = picture::image::pixels(scene, width as usize, height as usize);
        image.map_or(0, |(image, _)| images::encode(protocol, &image, field).len())
    };
    let each = |show: &mut dyn FnMut(&Scene) -> usize| {
        let before = thread_seconds();
        let shown = (0..times).map(|turn| show(&scenes[turn as usize % scenes.len()]));
        assert!(shown.sum::<usize>() > 0, "something is shown");
        (thread_seconds() - before) / f64::from(times)
    };
    Pictures {
        cells: each(&mut cells),
        kitty: each(&mut |scene| pixels(scene, Protocol::Kitty)),
        sixel: each(&mut |scene| pixels(scene, Protocol::Sixel)),
    }
}

/// Seconds to take in so many runs of so many points and to compare them in groups of ten seeds.
pub fn comparison(runs: usize, points: u64) -> f64 {
    let watch = Stopwatch::start();
    let taken = |idx: usize| {
        let row = SessionRow {
            name: format!("run-{idx}"),
            agent: format!("agent-{}", idx / 10),
            seed: idx as u64 % 10,
            ..SessionRow::default()
        };
        Compared::of(row, curve(points, idx as u64 + 1))
    };
    let taken = (0..runs).map(taken).collect();
    let mut compare = CompareView { taken, is_grouped: true, ..CompareView::default() };
    compare.regroup();
    let (size, screen) = ((120, 40), Screen::Compare);
    let state = State { size, has_colors: true, screen, compare, ..State::default() };
    let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
    view::draw(&state, &mut buffer);
    watch.seconds()
}
