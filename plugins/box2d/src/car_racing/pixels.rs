//! What the car sees: the track from above, turned so that the car drives upwards, and a bar with
//! gauges below. It is drawn several times as fine as it is shown, then averaged.

use super::car::{SIZE as UNIT, WHEEL_RADIUS, WHEEL_WIDTH};
use super::track::sign;
use super::{CarRacing, Driving, FIELD, SCALE, SIZE};
use crate::physics::Place;
use crate::physics::Vec2;
use crate::precise::sin_cos;

/// Dots of a pixel's side.
const FINE: usize = 4;
const DOTS: usize = FINE * SIZE;
/// The size of the original's window, in its pixels.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 800.0;
const ZOOM: f64 = 2.7 * SCALE;
/// Side of a square of grass.
const GRASS: f64 = FIELD / 20.0;

type Color = [u8; 3];

const BLACK: Color = [0, 0, 0];
const WHITE: Color = [255, 255, 255];

/// The dots of a picture.
#[derive(Clone, Debug)]
pub(super) struct Canvas {
    dots: Vec<Color>,
}

impl Default for Canvas {
    fn default() -> Self {
        Self { dots: vec![BLACK; DOTS * DOTS] }
    }
}

impl Canvas {
    /// Fills a convex polygon, given in pixels of the original's window from its top left.
    fn fill(&mut self, points: &[(f64, f64)], color: Color) {
        let dot = |(x, y): &(f64, f64)| (x * DOTS as f64 / WIDTH, y * DOTS as f64 / HEIGHT);
        let mut spans = [(f64::INFINITY, f64::NEG_INFINITY); DOTS];
        let row = |y: f64| (y - 0.5).ceil().clamp(0.0, DOTS as f64) as usize;
        let (mut top, mut bottom) = (DOTS, 0);
        let next = points.iter().cycle().skip(1);
        for ((ax, ay), (bx, by)) in points.iter().map(dot).zip(next.map(dot)) {
            let (first, last) = (row(ay.min(by)), row(ay.max(by)));
            (top, bottom) = (top.min(first), bottom.max(last));
            for (y, span) in spans.iter_mut().enumerate().take(last).skip(first) {
                let x = ax + (y as f64 + 0.5 - ay) / (by - ay) * (bx - ax);
                *span = (span.0.min(x), span.1.max(x));
            }
        }
        for (y, (left, right)) in spans.iter().enumerate().take(bottom).skip(top) {
            let (left, right) = (row(*left), row(*right));
            if left < right {
                self.dots[y * DOTS..][left..right].fill(color);
            }
        }
    }

    /// Fills an upright box.
    fn bar(&mut self, (left, top): (f64, f64), (right, bottom): (f64, f64), color: Color) {
        self.fill(&[(left, top), (right, top), (right, bottom), (left, bottom)], color);
    }

    /// Averages the dots of each pixel: along rows, then along columns. As in the original each
    /// mean is cut a little short, so that plain colors come out two levels darker.
    pub(super) fn shrink(&self, pixels: &mut [u8]) {
        let mean = |sum: u16| sum.saturating_sub(1) / FINE as u16;
        for (idx, pixel) in pixels.chunks_exact_mut(3).enumerate() {
            let (row, column) = (FINE * (idx / SIZE), FINE * (idx % SIZE));
            let mut sums = [0_u16; 3];
            for row in self.dots[row * DOTS..].chunks(DOTS).take(FINE) {
                let mut along = [0_u16; 3];
                for dot in &row[column..column + FINE] {
                    along.iter_mut().zip(dot).for_each(|(sum, part)| *sum += u16::from(*part));
                }
                sums.iter_mut().zip(along).for_each(|(sum, along)| *sum += mean(along));
            }
            pixel.iter_mut().zip(sums).for_each(|(part, sum)| *part = mean(sum) as u8);
        }
    }
}

/// From the world to the window.
#[derive(Clone, Copy)]
struct Camera {
    sin: f64,
    cos: f64,
    zoom: f64,
    car: (f64, f64),
}

impl Camera {
    fn see(self, (x, y): (f64, f64)) -> (f64, f64) {
        let (x, y) = (x - self.car.0, y - self.car.1);
        let (right, up) = (self.cos * x - self.sin * y, self.sin * x + self.cos * y);
        (WIDTH / 2.0 + self.zoom * right, HEIGHT * 0.75 - self.zoom * up)
    }

    fn is_near(points: &[(f64, f64)]) -> bool {
        let inside = |(x, y): &(f64, f64)| {
            (-400.0..=WIDTH + 400.0).contains(x) && (-400.0..=HEIGHT + 400.0).contains(y)
        };
        points.iter().any(inside)
    }
}

impl<D: Driving> CarRacing<D> {
    /// Draws all that is seen.
    pub(super) fn paint(&self, canvas: &mut Canvas) {
        let hull = self.world.body(self.car.hull);
        let (sin, cos) = sin_cos(-f64::from(hull.angle()));
        let at = hull.position();
        let zoom = 0.1 * SCALE * (1.0 - self.seconds).max(0.0) + ZOOM * self.seconds.min(1.0);
        let camera = Camera { sin, cos, zoom, car: (at.x.into(), at.y.into()) };
        self.paint_ground(camera, canvas);
        self.paint_car(camera, canvas);
        self.paint_gauges(canvas);
    }

    fn paint_ground(&self, camera: Camera, canvas: &mut Canvas) {
        let whole = |color: [f64; 3]| color.map(|part| part as u8);
        let [_, field, grass] = self.colors.map(whole);
        canvas.dots.fill(BLACK);
        let square = |x: f64, y: f64, side: f64| {
            [(x, y), (x + side, y), (x + side, y + side), (x, y + side)].map(|p| camera.see(p))
        };
        canvas.fill(&square(-FIELD, -FIELD, 2.0 * FIELD), field);
        for (x, y) in (-10..10).flat_map(|x| (-10..10).map(move |y| (x, y))) {
            let square = square(2.0 * GRASS * f64::from(x), 2.0 * GRASS * f64::from(y), GRASS);
            if Camera::is_near(&square) {
                canvas.fill(&square, grass);
            }
        }
        for idx in 0..self.track.len() {
            let tile = self.track.tile(idx).map(|corner| camera.see(corner));
            if Camera::is_near(&tile) {
                canvas.fill(&tile, whole(self.tile_color(idx)));
            }
            let curb = self.track.curb(idx).map(|curb| curb.map(|corner| camera.see(corner)));
            if let Some(curb) = curb.filter(|curb| Camera::is_near(curb)) {
                canvas.fill(&curb, if idx % 2 == 0 { WHITE } else { [255, 0, 0] });
            }
        }
    }

    /// Tiles take turns in three tones until the car has touched them.
    pub(super) fn tile_color(&self, idx: usize) -> [f64; 3] {
        let tone = if self.touched[idx] { 0.0 } else { 0.01 * (idx % 3) as f64 * 255.0 };
        self.colors[0].map(|part| part + tone)
    }

    fn paint_car(&self, camera: Camera, canvas: &mut Canvas) {
        let wide = |v: Vec2| (f64::from(v.x), f64::from(v.y));
        for wheel in &self.car.wheels {
            for outline in self.world.outlines(wheel.body) {
                let points: Vec<_> = outline.into_iter().map(|p| camera.see(wide(p))).collect();
                canvas.fill(&points, BLACK);
            }
            let Some(stripe) = stripe(self.world.body(wheel.body).place(), wheel.phase) else {
                continue;
            };
            canvas.fill(&stripe.map(|p| camera.see(wide(p))), [77, 77, 77]);
        }
        for outline in self.world.outlines(self.car.hull) {
            let points: Vec<_> = outline.into_iter().map(|p| camera.see(wide(p))).collect();
            canvas.fill(&points, [204, 0, 0]);
        }
    }

    fn paint_gauges(&self, canvas: &mut Canvas) {
        let (w, h) = (WIDTH / 40.0, HEIGHT / 40.0);
        canvas.bar((0.0, HEIGHT - 5.0 * h), (WIDTH, HEIGHT), BLACK);
        let hull = self.world.body(self.car.hull);
        let mut upright = |place: f64, value: f64, factor: f64, color: Color| {
            if value.abs() > 0.0001 {
                let top = HEIGHT - (h + h * factor * value);
                canvas.bar((place * w, top), ((place + 1.0) * w, HEIGHT - h), color);
            }
        };
        upright(5.0, hull.velocity().length().into(), 0.02, WHITE);
        for (idx, wheel) in self.car.wheels.iter().enumerate() {
            let color = if idx < 2 { [0, 0, 255] } else { [51, 0, 255] };
            upright(7.0 + idx as f64, wheel.omega, 0.01, color);
        }
        let mut level = |place: f64, value: f64, factor: f64, color: Color| {
            if value.abs() > 0.0001 {
                let end = (place + factor * value) * w;
                canvas.bar((place * w, HEIGHT - 4.0 * h), (end, HEIGHT - 2.0 * h), color);
            }
        };
        level(20.0, self.world.joint_angle(0).into(), -10.0, [0, 255, 0]);
        level(30.0, hull.spin().into(), -0.8, [255, 0, 0]);
        write(canvas, &format!("{:04.0}", self.total));
    }
}

/// The light part of a wheel's tread, where it is on top.
fn stripe(place: Place, phase: f64) -> Option<[Vec2; 4]> {
    let ((s1, c1), (s2, c2)) = (sin_cos(phase), sin_cos(phase + 1.2));
    if s1 > 0.0 && s2 > 0.0 {
        return None;
    }
    let c1 = if s1 > 0.0 { sign(c1) } else { c1 };
    let c2 = if s2 > 0.0 { sign(c2) } else { c2 };
    let (w, r) = (WHEEL_WIDTH * UNIT, WHEEL_RADIUS * UNIT);
    let corners = [(-w, r * c1), (w, r * c1), (w, r * c2), (-w, r * c2)];
    Some(corners.map(|(x, y)| place.apply(Vec2::of(x, y))))
}

/// Which of seven strokes a digit has: top, upper left, upper right, middle, lower left, lower
/// right, bottom.
const DIGITS: [u8; 10] = [
    0b111_0111, 0b001_0010, 0b101_1101, 0b101_1011, 0b011_1010, 0b110_1011, 0b110_1111, 0b101_0010,
    0b111_1111, 0b111_1011,
];

/// Writes a number into the left corner of the bar.
fn write(canvas: &mut Canvas, text: &str) {
    let (width, height, stroke, advance) = (17.0, 30.0, 4.0, 23.0);
    let (mut x, y) = (60.0 - advance * text.len() as f64 / 2.0 + 3.0, 735.0);
    for letter in text.chars() {
        let strokes = match letter.to_digit(10) {
            Some(digit) => DIGITS[digit as usize],
            None => 0b000_1000,
        };
        let half = (height - stroke) / 2.0;
        let places = [
            (0.0, 0.0, width, stroke),
            (0.0, 0.0, stroke, half),
            (width - stroke, 0.0, stroke, half),
            (0.0, half, width, stroke),
            (0.0, half, stroke, height - half),
            (width - stroke, half, stroke, height - half),
            (0.0, height - stroke, width, stroke),
        ];
        for (idx, (left, top, w, h)) in places.into_iter().enumerate() {
            if strokes >> (6 - idx) & 1 == 1 {
                let corner = (x + left, y + top);
                canvas.bar(corner, (corner.0 + w, corner.1 + h), WHITE);
            }
        }
        x += advance;
    }
}
