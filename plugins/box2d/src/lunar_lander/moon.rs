//! The moon, the lander and its legs as bodies.

use plugin_api::prelude::*;

use super::{HEIGHT, LEG_DOWN, SCALE, WIDTH};
use crate::physics::{Body, BodyId, FixturePlan, JointPlan, Shape, Vec2, World};

/// Places at which the ground has a height.
pub(super) const CHUNKS: usize = 11;
pub(super) const PAD_HEIGHT: f64 = HEIGHT / 4.0;

const LANDER: [(f64, f64); 6] =
    [(-14.0, 17.0), (-17.0, 0.0), (-17.0, -10.0), (17.0, -10.0), (17.0, 0.0), (14.0, 17.0)];
const LEG_AWAY: f64 = 20.0;
const LEG_SIZE: (f64, f64) = (2.0, 8.0);
const LEG_TORQUE: f32 = 40.0;

/// What collides with what.
const GROUND: u16 = 0x0001;
const LANDER_KIND: u16 = 0x0010;
const LEG_KIND: u16 = 0x0020;

/// The bodies.
#[derive(Clone, Debug)]
pub(super) struct Moon {
    heights: [f64; CHUNKS],
    world: World,
    ground: BodyId,
    lander: BodyId,
    legs: [BodyId; 2],
}

/// Random heights, smoothed, with a pad in the middle.
pub(super) fn heights(rng: &mut Rng) -> [f64; CHUNKS] {
    let mut rough = [(); CHUNKS + 1].map(|()| rng.uniform(0.0, HEIGHT / 2.0));
    let middle = CHUNKS / 2;
    rough[middle - 2..=middle + 2].fill(PAD_HEIGHT);
    // The first place looks around the corner, to the last.
    std::array::from_fn(|idx| {
        let before = rough[(idx + CHUNKS) % (CHUNKS + 1)];
        0.33 * (before + rough[idx] + rough[idx + 1])
    })
}

impl Moon {
    pub(super) fn new(gravity: f64, heights: [f64; CHUNKS]) -> Self {
        Self::built(World::new(Vec2::of(0.0, gravity)), heights)
    }

    /// Another moon in place of this one.
    pub(super) fn renew(&mut self, heights: [f64; CHUNKS]) {
        let mut world = std::mem::take(&mut self.world);
        world.clear();
        *self = Self::built(world, heights);
    }

    fn built(mut world: World, heights: [f64; CHUNKS]) -> Self {
        let ground = world.add_still(Vec2::ZERO);
        let bottom = [Vec2::ZERO, Vec2::of(WIDTH, 0.0)];
        world.fix(ground, FixturePlan::new(Shape::Edge(bottom)));
        for ends in places(&heights).windows(2) {
            let edge = Shape::Edge([ends[0], ends[1]]);
            world.fix(ground, FixturePlan { friction: 0.1, ..FixturePlan::new(edge) });
        }
        let (x, y) = (WIDTH / 2.0, HEIGHT);
        let lander = world.add_moving(Vec2::of(x, y), 0.0);
        let hull = Shape::polygon(&LANDER.map(|(x, y)| Vec2::of(x / SCALE, y / SCALE)));
        world.fix(
            lander,
            FixturePlan {
                density: 5.0,
                friction: 0.1,
                category: LANDER_KIND,
                mask: GROUND,
                ..FixturePlan::new(hull)
            },
        );
        let legs = [-1.0, 1.0].map(|side| add_leg(&mut world, lander, side, (x, y)));
        Self { heights, world, ground, lander, legs }
    }

    pub(super) fn heights(&self) -> &[f64; CHUNKS] {
        &self.heights
    }

    /// Names all that changes from episode to episode and from step to step.
    pub(super) fn state(&mut self, archive: &mut Archive) {
        archive.slice("heights", &mut self.heights);
        if archive.is_loading() {
            for (idx, ends) in places(&self.heights).windows(2).enumerate() {
                self.world.reshape(self.ground, idx + 1, Shape::Edge([ends[0], ends[1]]));
            }
        }
        archive.scope("world", |archive| self.world.state(archive));
    }

    pub(super) fn lander(&self) -> &Body {
        self.world.body(self.lander)
    }

    pub(super) fn lander_mut(&mut self) -> &mut Body {
        self.world.body_mut(self.lander)
    }

    /// Corners of the legs and of the lander.
    pub(super) fn outlines(&self) -> impl Iterator<Item = Vec<Vec2>> {
        let [left, right] = self.legs;
        [left, right, self.lander].into_iter().flat_map(|body| self.world.outlines(body))
    }

    /// The world, to let time pass.
    pub(super) fn world_mut(&mut self) -> &mut World {
        &mut self.world
    }

    /// Notes what has begun and ended to touch the ground.
    pub(super) fn notice(&mut self, has_crashed: &mut bool, legs_down: &mut [bool; 2]) {
        for event in self.world.take_events() {
            *has_crashed |= event.begins && event.bodies.contains(&self.lander);
            for (leg, down) in self.legs.iter().zip(legs_down.iter_mut()) {
                if event.bodies.contains(leg) {
                    *down = event.begins;
                }
            }
        }
    }
}

/// The ground from left to right.
pub(super) fn places(heights: &[f64; CHUNKS]) -> [Vec2; CHUNKS] {
    let chunk = WIDTH / (CHUNKS - 1) as f64;
    std::array::from_fn(|idx| Vec2::of(chunk * idx as f64, heights[idx]))
}

fn add_leg(world: &mut World, lander: BodyId, side: f64, (x, y): (f64, f64)) -> BodyId {
    let angle = (side * 0.05) as f32;
    let leg = world.add_moving(Vec2::of(x - side * LEG_AWAY / SCALE, y), angle);
    let (width, height) = (LEG_SIZE.0 / SCALE, LEG_SIZE.1 / SCALE);
    let shape = Shape::rectangle(width as f32, height as f32);
    world.fix(
        leg,
        FixturePlan { density: 1.0, category: LEG_KIND, mask: GROUND, ..FixturePlan::new(shape) },
    );
    let limits = if side < 0.0 { [0.9 - 0.5, 0.9] } else { [-0.9, -0.9 + 0.5] };
    world.join(JointPlan {
        bodies: [lander, leg],
        anchors: [Vec2::ZERO, Vec2::of(side * LEG_AWAY / SCALE, LEG_DOWN / SCALE)],
        reference: angle,
        limits: limits.map(|limit: f64| limit as f32),
        torque_max: LEG_TORQUE,
        speed: (0.3 * side) as f32,
    });
    leg
}
