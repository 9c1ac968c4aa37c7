//! The valley that both mountain cars drive in.

use plugin_api::prelude::*;

use crate::picture::{BLACK, turned};

/// The wall at its left end.
pub(crate) const LEFT: f64 = -1.2;
/// Its right end.
pub(crate) const RIGHT: f64 = 0.6;
/// No car is faster.
pub(crate) const SPEED_LIMIT: f64 = 0.07;

/// Position and velocity.
pub(crate) fn observations() -> Space {
    Space::bounded(&[LEFT as f32, -SPEED_LIMIT as f32], &[RIGHT as f32, SPEED_LIMIT as f32])
}

/// Draws the valley, 600 by 400, with a car and a flag.
pub(crate) fn draw(position: f64, goal: f64, scene: &mut Scene) {
    const SCALE: f64 = 600.0 / (RIGHT - LEFT);
    const POINTS: u32 = 100;
    let place = |x: f64| [(x - LEFT) * SCALE, ((3.0 * x).sin() * 0.45 + 0.55) * SCALE];
    let ground: Vec<_> = (0..POINTS)
        .map(|idx| LEFT + (RIGHT - LEFT) * f64::from(idx) / f64::from(POINTS - 1))
        .map(|x| place(x).map(|number| number as f32))
        .collect();
    let [x, y] = place(position);
    let (seat, tilt) = ([x, y + 10.0], (3.0 * position).cos());
    let car = [[-20.0, 0.0], [-20.0, 20.0], [20.0, 20.0], [20.0, 0.0]];
    let wheels = turned(&[[10.0, 0.0], [-10.0, 0.0]], tilt, seat);
    let [x, y] = place(goal).map(|number| number as f32);
    scene.view(0.0, 0.0, 600.0, 400.0).path(&ground, BLACK);
    scene.polygon(&turned(&car, tilt, seat), BLACK);
    for wheel in wheels {
        scene.disc(wheel, 8.0, Color(128, 128, 128));
    }
    scene
        .line([x, y], [x, y + 50.0], BLACK)
        .polygon(&[[x, y + 50.0], [x, y + 40.0], [x + 25.0, y + 45.0]], Color(204, 204, 0));
}
