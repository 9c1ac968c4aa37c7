//! What the walker looks like, in a window that moves along with it.

use plugin_api::prelude::*;

use super::terrain::{LEVEL, PIECE};
use super::{BipedalWalker, HEIGHT, SCALE, WIDTH};
use crate::physics::Vec2;

const SKY: Color = Color(215, 215, 255);
const SOIL: Color = Color(102, 153, 76);
const BLOCK: Color = Color(255, 255, 255);
const EDGE: Color = Color(153, 153, 153);
const GRASS: [Color; 2] = [Color(76, 255, 76), Color(76, 204, 76)];
const HULL: [Color; 2] = [Color(127, 51, 229), Color(76, 76, 127)];
const LEGS: [[Color; 2]; 2] =
    [[Color(178, 101, 152), Color(127, 76, 101)], [Color(128, 51, 102), Color(77, 26, 51)]];
const RAY: Color = Color(255, 0, 0);
const FLAG: Color = Color(230, 51, 0);

impl BipedalWalker {
    pub(super) fn draw(&self, scene: &mut Scene) {
        let hull = self.world.body(self.walker.hull).position();
        let (width, height) = (WIDTH as f32, HEIGHT as f32);
        let left = hull.x - width / 5.0;
        scene.view(left, 0.0, left + width, height).rect([left, 0.0], [width, height], SKY);
        self.draw_ground(left, scene);
        for ((x, y), part) in self.rays.iter().zip(self.lidar) {
            let part = f64::from(part);
            let end = Vec2::of(f64::from(hull.x) + part * x, f64::from(hull.y) + part * y);
            scene.line([hull.x, hull.y], [end.x, end.y], RAY);
        }
        let legs = self.walker.legs.into_iter().zip(LEGS.into_iter().flat_map(|leg| [leg, leg]));
        for (body, colors) in legs.chain([(self.walker.hull, HULL)]) {
            for outline in self.world.outlines(body) {
                let corners: Vec<_> = outline.iter().map(|corner| [corner.x, corner.y]).collect();
                outlined(&corners, colors, scene);
            }
        }
    }

    fn draw_ground(&self, left: f32, scene: &mut Scene) {
        let shown = |from: f32, to: f32| to >= left && from <= left + WIDTH as f32;
        for (idx, heights) in self.terrain.heights.windows(2).enumerate() {
            let [from, to] = [idx, idx + 1].map(|end| (end as f64 * PIECE) as f32);
            if shown(from, to) {
                let [start, end] = [heights[0] as f32, heights[1] as f32];
                scene.polygon(&[[from, start], [to, end], [to, 0.0], [from, 0.0]], SOIL);
                scene.line([from, start], [to, end], GRASS[idx % 2]);
            }
        }
        for block in &self.terrain.blocks {
            let corners = block.map(|corner| [corner.x, corner.y]);
            if shown(corners[0][0], corners[1][0]) {
                outlined(&corners, [BLOCK, EDGE], scene);
            }
        }
        let (x, foot, pixel) = ((PIECE * 3.0) as f32, LEVEL as f32, 1.0 / SCALE as f32);
        if shown(x, x + 25.0 * pixel) {
            let top = foot + 50.0 * pixel;
            let cloth = [[x, top], [x, top - 10.0 * pixel], [x + 25.0 * pixel, top - 5.0 * pixel]];
            scene.line([x, foot], [x, top], Color::BLACK).polygon(&cloth, FLAG);
        }
    }
}

fn outlined(corners: &[[f32; 2]], [inside, line]: [Color; 2], scene: &mut Scene) {
    let closed: Vec<_> = corners.iter().chain(corners.first()).copied().collect();
    scene.polygon(corners, inside).path(&closed, line);
}
