//! The car: a hull on four wheels that slide, skid and steer.

use plugin_api::prelude::*;

use super::track::{Piece, sign};
use crate::physics::{BodyId, FixturePlan, JointPlan, Shape, Vec2, World};

/// Length of a unit in which the car is drawn.
pub(super) const SIZE: f64 = 0.02;
const ENGINE_POWER: f64 = 100_000_000.0 * SIZE * SIZE;
const WHEEL_INERTIA: f64 = 4000.0 * SIZE * SIZE;
/// Friction of a wheel on the road, that on grass being a part of it.
const FRICTION: f64 = 1_000_000.0 * SIZE * SIZE;
const ON_GRASS: f64 = 0.6;
/// How strongly a wheel resists being moved in another way than it turns.
const GRIP: f64 = 205_000.0 * SIZE * SIZE;
const BRAKE: f64 = 15.0;
const STEERING_TORQUE: f64 = 180.0 * 900.0 * SIZE * SIZE;

pub(super) const WHEEL_RADIUS: f64 = 27.0;
pub(super) const WHEEL_WIDTH: f64 = 14.0;
const WHEELS: [(f64, f64); 4] = [(-55.0, 80.0), (55.0, 80.0), (-55.0, -82.0), (55.0, -82.0)];
const HULL: [&[(f64, f64)]; 4] = [
    &[(-60.0, 130.0), (60.0, 130.0), (60.0, 110.0), (-60.0, 110.0)],
    &[(-15.0, 120.0), (15.0, 120.0), (20.0, 20.0), (-20.0, 20.0)],
    &[
        (25.0, 20.0),
        (50.0, -10.0),
        (50.0, -40.0),
        (20.0, -90.0),
        (-20.0, -90.0),
        (-50.0, -40.0),
        (-50.0, -10.0),
        (-25.0, 20.0),
    ],
    &[(-50.0, -120.0), (50.0, -120.0), (50.0, -90.0), (-50.0, -90.0)],
];

/// A wheel is of this category, and touches that one alone.
const WHEEL_KIND: u16 = 0x0020;
const GROUND: u16 = 0x0001;

/// A wheel; its joint has its number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wheel {
    pub(super) body: BodyId,
    pub(super) gas: f64,
    pub(super) brake: f64,
    pub(super) steer: f64,
    /// How far it has turned, and how fast it does.
    pub(super) phase: f64,
    pub(super) omega: f64,
    /// Tiles that it touches.
    pub(super) tiles: u32,
}

/// The car.
#[derive(Clone, Debug)]
pub(super) struct Car {
    pub(super) hull: BodyId,
    pub(super) wheels: [Wheel; 4],
}

fn polygon(points: &[(f64, f64)]) -> Shape {
    let points: Vec<Vec2> = points.iter().map(|(x, y)| Vec2::of(x * SIZE, y * SIZE)).collect();
    Shape::polygon(&points)
}

impl Car {
    /// Puts a car on the track.
    pub(super) fn build(world: &mut World, start: Piece) -> Self {
        let angle = start.across as f32;
        let hull = world.add_moving(Vec2::of(start.x, start.y), angle);
        for part in HULL {
            world.fix(hull, FixturePlan { density: 1.0, ..FixturePlan::new(polygon(part)) });
        }
        let (w, r) = (WHEEL_WIDTH, WHEEL_RADIUS);
        let shape = polygon(&[(-w, r), (w, r), (w, -r), (-w, -r)]);
        let wheels = WHEELS.map(|(x, y)| {
            let body = world.add_moving(Vec2::of(start.x + x * SIZE, start.y + y * SIZE), angle);
            let plan = FixturePlan::new(shape.clone());
            world.fix(
                body,
                FixturePlan { density: 0.1, category: WHEEL_KIND, mask: GROUND, ..plan },
            );
            world.join(JointPlan {
                bodies: [hull, body],
                anchors: [Vec2::of(x * SIZE, y * SIZE), Vec2::ZERO],
                reference: 0.0,
                limits: [-0.4, 0.4],
                torque_max: STEERING_TORQUE as f32,
                speed: 0.0,
            });
            Wheel { body, gas: 0.0, brake: 0.0, steer: 0.0, phase: 0.0, omega: 0.0, tiles: 0 }
        });
        Self { hull, wheels }
    }

    /// Turns the steering wheel, and presses both pedals.
    pub(super) fn command(&mut self, steer: f64, gas: f64, brake: f64) {
        for wheel in &mut self.wheels[..2] {
            wheel.steer = steer;
        }
        let gas = gas.clamp(0.0, 1.0);
        for wheel in &mut self.wheels[2..] {
            // It grows slowly, but stops at once.
            wheel.gas += (gas - wheel.gas).min(0.1);
        }
        for wheel in &mut self.wheels {
            wheel.brake = brake;
        }
    }

    /// Lets engine, brakes and road act on the wheels, before time passes.
    pub(super) fn act(&mut self, world: &mut World, dt: f64) {
        for (joint, wheel) in self.wheels.iter_mut().enumerate() {
            let left = wheel.steer - f64::from(world.joint_angle(joint));
            let speed = sign(left) * (50.0 * left.abs()).min(3.0);
            world.drive(joint, speed as f32, STEERING_TORQUE as f32);
            let force = wheel.roll(world, dt);
            world.body_mut(wheel.body).push(force);
        }
    }

    /// Names what changes of the car besides its bodies.
    pub(super) fn state(&mut self, archive: &mut Archive) {
        for (idx, wheel) in self.wheels.iter_mut().enumerate() {
            let mut numbers = [wheel.gas, wheel.brake, wheel.steer, wheel.phase, wheel.omega];
            archive.slice(["wheel_0", "wheel_1", "wheel_2", "wheel_3"][idx], &mut numbers);
            [wheel.gas, wheel.brake, wheel.steer, wheel.phase, wheel.omega] = numbers;
        }
        let mut tiles = self.wheels.map(|wheel| wheel.tiles);
        archive.slice("wheel_tiles", &mut tiles);
        self.wheels.iter_mut().zip(tiles).for_each(|(wheel, tiles)| wheel.tiles = tiles);
    }
}

impl Wheel {
    /// Turns the wheel and returns the force of the road on it.
    fn roll(&mut self, world: &World, dt: f64) -> Vec2 {
        let body = world.body(self.body);
        let turn = body.place().turn;
        let wide = |v: Vec2| (f64::from(v.x), f64::from(v.y));
        let forward = wide(turn.apply(Vec2::new(0.0, 1.0)));
        let aside = wide(turn.apply(Vec2::new(1.0, 0.0)));
        let v = wide(body.velocity());
        let along = forward.0 * v.0 + forward.1 * v.1;
        let across = aside.0 * v.0 + aside.1 * v.1;

        self.omega += dt * ENGINE_POWER * self.gas / WHEEL_INERTIA / (self.omega.abs() + 5.0);
        if self.brake >= 0.9 {
            self.omega = 0.0;
        } else if self.brake > 0.0 {
            let slower = (BRAKE * self.brake).min(self.omega.abs());
            self.omega += -sign(self.omega) * slower;
        }
        self.phase += self.omega * dt;

        let radius = WHEEL_RADIUS * SIZE;
        let mut push = (-along + self.omega * radius) * GRIP;
        let mut pull = -across * GRIP;
        let force = (push * push + pull * pull).sqrt();
        let most = if self.tiles > 0 { FRICTION } else { FRICTION * ON_GRASS };
        if force > most {
            push = push / force * most;
            pull = pull / force * most;
        }
        self.omega -= dt * push * radius / WHEEL_INERTIA;
        Vec2::of(pull * aside.0 + push * forward.0, pull * aside.1 + push * forward.1)
    }
}
