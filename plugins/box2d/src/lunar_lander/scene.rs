//! What the lander looks like.

use plugin_api::prelude::*;

use super::moon::{CHUNKS, Moon, PAD_HEIGHT, places};
use super::{HEIGHT, SCALE, WIDTH};
use crate::physics::Vec2;

const SKY: Color = Color(0, 0, 0);
const GROUND: Color = Color(255, 255, 255);
const HULL: Color = Color(128, 102, 230);
const OUTLINE: Color = Color(77, 77, 128);
const FLAG: Color = Color(204, 204, 0);
const FLAME: Color = Color(240, 120, 60);

pub(super) fn draw(moon: &Moon, flames: [f64; 2], scene: &mut Scene) {
    let (width, height) = (WIDTH as f32, HEIGHT as f32);
    scene.view(0.0, 0.0, width, height).rect([0.0, 0.0], [width, height], SKY);
    let mut ground = places(moon.heights()).map(point).to_vec();
    ground.extend([[width, 0.0], [0.0, 0.0]]);
    scene.polygon(&ground, GROUND);
    draw_flags(scene);
    draw_flames(moon, flames, scene);
    for outline in moon.outlines() {
        let corners: Vec<_> = outline.into_iter().map(point).collect();
        scene.polygon(&corners, HULL);
        let closed: Vec<_> = corners.iter().chain(corners.first()).copied().collect();
        scene.path(&closed, OUTLINE);
    }
}

fn point(Vec2 { x, y }: Vec2) -> [f32; 2] {
    [x, y]
}

/// The flags stand at the ends of the pad.
fn draw_flags(scene: &mut Scene) {
    let (foot, pixel) = (PAD_HEIGHT as f32, 1.0 / SCALE as f32);
    for place in [CHUNKS / 2 - 1, CHUNKS / 2 + 1] {
        let x = (WIDTH / (CHUNKS - 1) as f64 * place as f64) as f32;
        let top = foot + 50.0 * pixel;
        let cloth = [[x, top], [x, top - 10.0 * pixel], [x + 25.0 * pixel, top - 5.0 * pixel]];
        scene.line([x, foot], [x, top], GROUND).polygon(&cloth, FLAG);
    }
}

/// Engines that fire show flames, the longer the stronger.
fn draw_flames(moon: &Moon, [main, beside]: [f64; 2], scene: &mut Scene) {
    let place = moon.lander().place();
    let mut flame = |corners: [[f64; 2]; 3]| {
        let corners = corners.map(|[x, y]| point(place.apply(Vec2::of(x / SCALE, y / SCALE))));
        scene.polygon(&corners, FLAME);
    };
    if main > 0.0 {
        flame([[-5.0, -10.0], [5.0, -10.0], [0.0, -10.0 - 24.0 * main]]);
    }
    if beside != 0.0 {
        let side = beside.signum();
        flame([[17.0 * side, 15.0], [17.0 * side, 11.0], [17.0 * side + 14.0 * beside, 13.0]]);
    }
}
