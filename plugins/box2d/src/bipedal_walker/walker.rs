//! The walker: a hull on two legs with hips and knees, and a lidar.

use super::terrain::{LEVEL, PIECE, START};
use super::{LIDAR_RANGE, LIDAR_RAYS, SCALE, TORQUE};
use crate::physics::{BodyId, FixturePlan, JointPlan, Shape, Vec2, World};
use crate::precise::sin_cos;

const HULL: [(f64, f64); 5] = [(-30.0, 9.0), (6.0, 9.0), (34.0, 1.0), (34.0, -8.0), (-30.0, -8.0)];
const LEG_DOWN: f64 = -8.0 / SCALE;
const LEG_SIZE: (f64, f64) = (8.0 / SCALE, 34.0 / SCALE);

/// What collides with what.
const GROUND: u16 = 0x0001;
const WALKER_KIND: u16 = 0x0020;

/// The bodies of the walker; its joints are those of the world, from hip to knee, leg by leg.
#[derive(Clone, Debug)]
pub(super) struct Walker {
    pub(super) hull: BodyId,
    /// Upper and lower leg, leg by leg.
    pub(super) legs: [BodyId; 4],
}

impl Walker {
    /// Puts a walker at the start of the ground; the hull gets a push first.
    pub(super) fn build(world: &mut World, push: f64) -> Self {
        let (x, y) = (PIECE * START as f64 / 2.0, LEVEL + 2.0 * LEG_SIZE.1);
        let hull = world.add_moving(Vec2::of(x, y), 0.0);
        let shape = Shape::polygon(&HULL.map(|(x, y)| Vec2::of(x / SCALE, y / SCALE)));
        world.fix(hull, FixturePlan { density: 5.0, friction: 0.1, ..part(shape) });
        world.body_mut(hull).push(Vec2::of(push, 0.0));
        let [left, right] = [-1.0, 1.0].map(|side| add_leg(world, hull, side, (x, y)));
        Self { hull, legs: [left[0], left[1], right[0], right[1]] }
    }

    /// How far the lidar sees along each of its rays, as a part of its range.
    pub(super) fn look(&self, world: &World, rays: &[(f64, f64); LIDAR_RAYS]) -> [f32; LIDAR_RAYS] {
        let from = world.body(self.hull).position();
        rays.map(|(x, y)| {
            let to = Vec2::of(f64::from(from.x) + x, f64::from(from.y) + y);
            world.look(from, to, GROUND)
        })
    }
}

/// Where the rays of the lidar end, seen from the hull: from straight down to nearly ahead.
pub(super) fn lidar_rays() -> [(f64, f64); LIDAR_RAYS] {
    std::array::from_fn(|idx| {
        let (sin, cos) = sin_cos(1.5 * idx as f64 / 10.0);
        (sin * LIDAR_RANGE, -(cos * LIDAR_RANGE))
    })
}

fn part(shape: Shape) -> FixturePlan {
    FixturePlan { density: 1.0, category: WALKER_KIND, mask: GROUND, ..FixturePlan::new(shape) }
}

fn add_leg(world: &mut World, hull: BodyId, side: f64, (x, y): (f64, f64)) -> [BodyId; 2] {
    let angle = (side * 0.05) as f32;
    let (width, height) = LEG_SIZE;
    let half = height / 2.0;
    let upper = world.add_moving(Vec2::of(x, y - height / 2.0 - LEG_DOWN), angle);
    world.fix(upper, part(Shape::rectangle((width / 2.0) as f32, half as f32)));
    world.join(JointPlan {
        bodies: [hull, upper],
        anchors: [Vec2::of(0.0, LEG_DOWN), Vec2::of(0.0, half)],
        reference: angle,
        limits: [-0.8, 1.1],
        torque_max: TORQUE,
        speed: side as f32,
    });
    let lower = world.add_moving(Vec2::of(x, y - height * 3.0 / 2.0 - LEG_DOWN), angle);
    world.fix(lower, part(Shape::rectangle((0.8 * width / 2.0) as f32, half as f32)));
    world.join(JointPlan {
        bodies: [upper, lower],
        anchors: [Vec2::of(0.0, -half), Vec2::of(0.0, half)],
        reference: 0.0,
        limits: [-1.6, -0.1],
        torque_max: TORQUE,
        speed: 1.0,
    });
    [upper, lower]
}
