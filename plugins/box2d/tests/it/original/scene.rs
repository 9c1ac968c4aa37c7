//! A scene that is played here while its commands for the original are written down.

use std::fmt::Write;

use box2d::physics::{BodyId, FixturePlan, JointPlan, Pace, Shape, Vec2, World};
use plugin_api::prelude::*;

/// Equal worlds, enough of them to be solved side by side.
const COPIES: usize = 5;

/// What fills a scene.
type Build = fn(&mut Scene, &mut Rng);

/// The kinds of scenes.
pub(crate) const KINDS: [(&str, Build); 4] =
    [("loose bodies", loose), ("a star", star), ("a chain", chain), ("a heap", heap)];

/// A scene.
pub(crate) struct Scene {
    worlds: Vec<World>,
    bodies: Vec<BodyId>,
    moving: Vec<usize>,
    joints: usize,
    /// Few rounds or many, as the worlds of this plugin have them.
    rounds: (usize, usize),
    commands: String,
    outcome: String,
}

fn between(rng: &mut Rng, low: f32, high: f32) -> f32 {
    rng.uniform(low.into(), high.into()) as f32
}

fn point(rng: &mut Rng, most: f32) -> Vec2 {
    Vec2::new(between(rng, -most, most), between(rng, -most, most))
}

/// Bodies that fall on the ground and on each other.
fn loose(scene: &mut Scene, rng: &mut Rng) {
    for _ in 0..rng.integers(1, 7) {
        let at = Vec2::new(between(rng, -8.0, 8.0), between(rng, 2.0, 8.0));
        scene.part(at, rng);
    }
}

/// Bodies close above each other.
fn heap(scene: &mut Scene, rng: &mut Rng) {
    for level in 0..8 {
        scene.part(Vec2::new(between(rng, -0.4, 0.4), 1.5 + 1.3 * level as f32), rng);
    }
}

/// Two bodies on one.
fn star(scene: &mut Scene, rng: &mut Rng) {
    let middle = scene.part(Vec2::new(0.0, 4.0), rng);
    for side in [-1.0, 1.0] {
        let other = scene.part(Vec2::new(side, 3.5), rng);
        scene.join([middle, other], rng);
    }
}

/// Five in a row, from the middle on.
fn chain(scene: &mut Scene, rng: &mut Rng) {
    let middle = scene.part(Vec2::new(0.0, 4.0), rng);
    for side in [-1.0, 1.0] {
        let upper = scene.part(Vec2::new(side, 3.5), rng);
        scene.join([middle, upper], rng);
        let lower = scene.part(Vec2::new(2.0 * side, 3.0), rng);
        scene.join([upper, lower], rng);
    }
}

impl Scene {
    /// A rough ground with some blocks on it.
    pub(crate) fn begin(rng: &mut Rng) -> Self {
        let gravity = Vec2::new(0.0, -10.0);
        let mut scene = Self {
            worlds: vec![World::new(gravity); COPIES],
            bodies: Vec::new(),
            moving: Vec::new(),
            joints: 0,
            rounds: if rng.random() < 0.5 { (180, 60) } else { (8, 3) },
            commands: String::new(),
            outcome: String::new(),
        };
        scene.say("world", &[], &[gravity.x, gravity.y]);
        let mut height = 0.0;
        for idx in -12_i8..12 {
            let left = Vec2::new(f32::from(idx), height);
            height = between(rng, -0.5, 0.5);
            let right = Vec2::new(f32::from(idx) + 1.0, height);
            let body = scene.add(Vec2::new(0.0, 0.0), None);
            scene.say("edge", &[body], &[left.x, left.y, right.x, right.y]);
            scene.fix(body, Shape::Edge([left, right]), (0.0, 2.5, false));
        }
        for _ in 0..rng.integers(0, 4) {
            let at = Vec2::new(between(rng, -10.0, 10.0), between(rng, -0.5, 0.5));
            let body = scene.add(at, None);
            scene.polygon(body, 0.0, rng);
        }
        scene
    }

    /// A body that moves, with one fixture or two.
    fn part(&mut self, at: Vec2, rng: &mut Rng) -> usize {
        let body = self.add(at, Some(between(rng, -3.0, 3.0)));
        for _ in 0..rng.integers(1, 3) {
            let density = between(rng, 0.5, 5.0);
            if rng.random() < 0.5 {
                let half = [between(rng, 0.1, 0.6), between(rng, 0.1, 0.6)];
                self.say("box", &[body], &half);
                let [width, height] = half;
                self.fix(body, Shape::rectangle(width, height), (density, 0.3, false));
            } else {
                self.polygon(body, density, rng);
            }
        }
        body
    }

    /// Corners around the middle of a body; some only notice what they touch.
    fn polygon(&mut self, body: usize, density: f32, rng: &mut Rng) {
        let count = rng.integers(3, 9) as usize;
        let turn = std::f32::consts::TAU / count as f32;
        let corners: Vec<Vec2> = (0..count)
            .map(|idx| {
                let angle = turn * (idx as f32 + between(rng, -0.2, 0.2));
                let away = between(rng, 0.3, 0.9);
                Vec2::new(away * angle.cos(), away * angle.sin())
            })
            .collect();
        let numbers: Vec<f32> = corners.iter().flat_map(|corner| [corner.x, corner.y]).collect();
        let is_sensor = rng.random() < 0.1;
        let friction = between(rng, 0.0, 1.0);
        self.say("polygon", &[body, count], &numbers);
        self.fix(body, Shape::polygon(&corners), (density, friction, is_sensor));
    }

    fn add(&mut self, at: Vec2, angle: Option<f32>) -> usize {
        self.say(
            if angle.is_some() { "moving" } else { "still" },
            &[],
            &[at.x, at.y, angle.unwrap_or(0.0)],
        );
        let add = |world: &mut World| match angle {
            Some(angle) => world.add_moving(at, angle),
            None => world.add_still(at),
        };
        let ids: Vec<BodyId> = self.worlds.iter_mut().map(add).collect();
        if angle.is_some() {
            self.moving.push(self.bodies.len());
        }
        self.bodies.push(ids[0]);
        self.bodies.len() - 1
    }

    /// Ends a fixture's command with its surface.
    fn fix(&mut self, body: usize, shape: Shape, (density, friction, is_sensor): (f32, f32, bool)) {
        self.say("", &[], &[density, friction]);
        self.say("", &[usize::from(is_sensor)], &[]);
        let plan = FixturePlan { density, friction, is_sensor, ..FixturePlan::new(shape) };
        self.worlds.iter_mut().for_each(|world| world.fix(self.bodies[body], plan.clone()));
    }

    fn join(&mut self, bodies: [usize; 2], rng: &mut Rng) {
        let anchors = [point(rng, 0.8), point(rng, 0.8)];
        let plan = JointPlan {
            bodies: bodies.map(|body| self.bodies[body]),
            anchors,
            reference: between(rng, -0.5, 0.5),
            limits: [between(rng, -1.5, -0.1), between(rng, 0.1, 1.5)],
            torque_max: between(rng, 0.0, 80.0),
            speed: between(rng, -5.0, 5.0),
        };
        let [[ax, ay], [bx, by]] = anchors.map(|anchor| [anchor.x, anchor.y]);
        let [lower, upper] = plan.limits;
        let numbers = [ax, ay, bx, by, plan.reference, lower, upper, plan.torque_max, plan.speed];
        self.say("joint", &bodies, &numbers);
        self.worlds.iter_mut().for_each(|world| _ = world.join(plan));
        self.joints += 1;
    }

    /// Pushes, twists and kicks some bodies, and drives some joints.
    pub(crate) fn act(&mut self, rng: &mut Rng) {
        for joint in 0..self.joints {
            if rng.random() < 0.3 {
                let (speed, torque) = (between(rng, -6.0, 6.0), between(rng, 0.0, 80.0));
                self.say("drive", &[joint], &[speed, torque]);
                self.worlds.iter_mut().for_each(|world| world.drive(joint, speed, torque));
            }
        }
        for body in self.moving.clone() {
            let id = self.bodies[body];
            let chance = rng.random();
            if chance < 0.02 {
                let force = point(rng, 100.0);
                self.say("push", &[body], &[force.x, force.y]);
                self.worlds.iter_mut().for_each(|world| world.body_mut(id).push(force));
            } else if chance < 0.03 {
                let torque = between(rng, -20.0, 20.0);
                self.say("twist", &[body], &[torque]);
                self.worlds.iter_mut().for_each(|world| world.body_mut(id).twist(torque));
            } else if chance < 0.035 {
                let (impulse, away) = (point(rng, 15.0), point(rng, 0.5));
                let here = self.worlds[0].body(id).position();
                let at = Vec2::new(here.x + away.x, here.y + away.y);
                self.say("kick", &[body], &[impulse.x, impulse.y, at.x, at.y]);
                self.worlds.iter_mut().for_each(|world| world.body_mut(id).kick(impulse, at));
            }
        }
    }

    /// A step of all copies side by side, and what came of it.
    pub(crate) fn step(&mut self) {
        let (velocity_rounds, position_rounds) = self.rounds;
        let pace = Pace { dt: 0.02, velocity_rounds, position_rounds };
        self.say("step", &[], &[pace.dt]);
        self.say("", &[velocity_rounds, position_rounds], &[]);
        World::step_all(self.worlds.iter_mut(), pace);
        let (bodies, moving) = (&self.bodies, &self.moving);
        let tell = |world: &mut World| {
            let mut lines = String::new();
            for event in world.take_events() {
                let number = |id| bodies.iter().position(|body| *body == id).expect("a body");
                let [a, b] = event.bodies.map(number);
                let word = if event.begins { "begin" } else { "end" };
                writeln!(lines, "{word} {a} {b}").expect("there is room");
            }
            for body in moving.iter().map(|body| world.body(bodies[*body])) {
                let (at, velocity) = (body.position(), body.velocity());
                for number in [at.x, at.y, body.angle(), velocity.x, velocity.y, body.spin()] {
                    write!(lines, "{:x} ", number.to_bits()).expect("there is room");
                }
                writeln!(lines, "{}", u8::from(body.is_awake())).expect("there is room");
            }
            lines
        };
        let mut told = self.worlds.iter_mut().map(tell);
        let first = told.next().expect("there are copies");
        told.for_each(|other| assert_eq!(first, other, "copies differ"));
        self.outcome.push_str(&first);
    }

    /// What the original is told to do.
    pub(crate) fn commands(&self) -> &str {
        &self.commands
    }

    /// What came of all steps here.
    pub(crate) fn outcome(&self) -> &str {
        &self.outcome
    }

    /// Writes a command or a part of one: whole numbers, then the bits of others.
    fn say(&mut self, word: &str, whole: &[usize], numbers: &[f32]) {
        self.commands.push_str(word);
        for number in whole {
            write!(self.commands, " {number}").expect("there is room");
        }
        for number in numbers {
            write!(self.commands, " {:x}", number.to_bits()).expect("there is room");
        }
        self.commands.push('\n');
    }
}
