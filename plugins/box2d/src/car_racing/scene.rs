//! The track from above, north being up, and the car on it.

use plugin_api::prelude::*;

use super::{CarRacing, Driving};
use crate::physics::Vec2;

/// Half the width and height of what is visible.
const HALF: [f32; 2] = [60.0, 40.0];

impl<D: Driving> CarRacing<D> {
    pub(super) fn draw(&self, scene: &mut Scene) {
        let Vec2 { x, y } = self.world.body(self.car.hull).position();
        let [w, h] = HALF;
        scene.view(x - w, y - h, x + w, y + h);
        let color = |parts: [f64; 3]| {
            let [red, green, blue] = parts.map(|part| part as u8);
            Color(red, green, blue)
        };
        scene.rect([x - w, y - h], [2.0 * w, 2.0 * h], color(self.colors[1]));
        let is_near = |points: &[[f32; 2]]| {
            points.iter().any(|p| (p[0] - x).abs() < w + 8.0 && (p[1] - y).abs() < h + 8.0)
        };
        let narrow = |corners: [(f64, f64); 4]| corners.map(|(x, y)| [x as f32, y as f32]);
        for idx in 0..self.track.len() {
            let tile = narrow(self.track.tile(idx));
            if is_near(&tile) {
                scene.polygon(&tile, color(self.tile_color(idx)));
            }
            if let Some(curb) = self.track.curb(idx).map(narrow).filter(|curb| is_near(curb)) {
                scene.polygon(&curb, if idx % 2 == 0 { Color::WHITE } else { Color::RED });
            }
        }
        let wheels = self.car.wheels.iter().map(|wheel| (wheel.body, Color::BLACK));
        for (body, color) in wheels.chain([(self.car.hull, Color(204, 0, 0))]) {
            for outline in self.world.outlines(body) {
                let points: Vec<_> = outline.into_iter().map(|Vec2 { x, y }| [x, y]).collect();
                scene.polygon(&points, color);
            }
        }
        let at = [x - w + 8.0, y - h + 5.0];
        scene.label(at, format!("{:.0}", self.total), Color::WHITE);
    }
}
