//! CarRacing-v3: drive around a track that is seen from above, as pixels.
//!
//! The car and the track are Gymnasium's to the last bit; the pixels are drawn anew and only close.

mod car;
mod pixels;
mod scene;
mod track;

use plugin_api::Element;
use plugin_api::prelude::*;

use crate::physics::{BodyId, FixturePlan, Pace, Shape, Vec2, World};
use car::Car;
use pixels::Canvas;
use track::Track;

/// Pixels of the original in a unit of length.
const SCALE: f64 = 6.0;
/// Half the size of the field; who leaves it has lost.
const FIELD: f64 = 2000.0 / SCALE;
const STEPS_PER_SECOND: f64 = 50.0;
/// Pixels in a row and in a column.
pub const SIZE: usize = 96;

const PACE: Pace =
    Pace { dt: (1.0 / STEPS_PER_SECOND) as f32, velocity_rounds: 180, position_rounds: 60 };

params! {
    /// Params of CarRacing.
    pub struct CarRacingParams {
        /// The part of the track that has to be visited before the start counts as the goal.
        lap_complete_percent: f64 = 0.95 in 0.0..=1.0,
        /// Whether the colors are drawn anew for each episode.
        domain_randomize: bool = false,
        /// A fresh world for each episode, or one that is reused as a long-lived Gymnasium
        /// environment does, where an episode depends a little on those before it.
        world: String = "fresh" of ["fresh", "reuse"],
    }
}

/// How the car is driven.
pub trait Driving: Clone + Send + 'static {
    /// The name users write.
    const NAME: &'static str;
    /// The number type of actions.
    type Action: Element;

    /// What actions look like.
    fn space() -> Space;

    /// Where the wheels are turned to, gas and brake.
    fn pedals(action: &[Self::Action]) -> [f64; 3];
}

/// With a steering wheel and pedals.
#[derive(Clone, Copy, Debug)]
pub struct Pedals;

/// With five keys: nothing, right, left, gas, brake.
#[derive(Clone, Copy, Debug)]
pub struct Keys;

impl Driving for Pedals {
    const NAME: &'static str = "CarRacing-v3";
    type Action = f32;

    fn space() -> Space {
        Space::bounded(&[-1.0_f32, 0.0, 0.0], &[1.0, 1.0, 1.0])
    }

    fn pedals(action: &[f32]) -> [f64; 3] {
        [-f64::from(action[0]), action[1].into(), action[2].into()]
    }
}

impl Driving for Keys {
    const NAME: &'static str = "CarRacingDiscrete-v3";
    type Action = i64;

    fn space() -> Space {
        Space::discrete(5)
    }

    fn pedals(action: &[i64]) -> [f64; 3] {
        match action[0] {
            1 => [-0.6, 0.0, 0.0],
            2 => [0.6, 0.0, 0.0],
            3 => [0.0, 0.2, 0.0],
            4 => [0.0, 0.0, 0.8],
            _ => [0.0; 3],
        }
    }
}

/// Colors of road, field and the squares of grass on it.
type Colors = [[f64; 3]; 3];

const COLORS: Colors = [[102.0, 102.0, 102.0], [102.0, 204.0, 102.0], [102.0, 230.0, 102.0]];

/// The car on its track.
#[derive(Clone, Debug)]
pub struct CarRacing<D> {
    params: CarRacingParams,
    /// Whether the world has seen an episode; until then it is as good as new.
    has_played: bool,
    world: World,
    track: Track,
    /// Tiles, in the order of the track.
    tiles: Vec<BodyId>,
    car: Car,
    /// Tiles that a wheel was on, and those that any part of the car has touched.
    visited: Vec<bool>,
    touched: Vec<bool>,
    is_lap_complete: bool,
    total: f64,
    total_before: f64,
    seconds: f64,
    colors: Colors,
    canvas: Canvas,
    driving: std::marker::PhantomData<D>,
}

impl<D: Driving> Env for CarRacing<D> {
    const NAME: &'static str = D::NAME;
    type Params = CarRacingParams;
    type Obs = u8;
    type Action = D::Action;

    fn new(params: &CarRacingParams) -> Result<Self> {
        let (mut world, track) = (World::new(Vec2::ZERO), Track::circle());
        let (tiles, car) = build(&mut world, &track);
        Ok(Self {
            params: params.clone(),
            has_played: false,
            world,
            visited: vec![false; track.len()],
            touched: vec![false; track.len()],
            track,
            tiles,
            car,
            is_lap_complete: false,
            total: 0.0,
            total_before: 0.0,
            seconds: 0.0,
            colors: COLORS,
            canvas: Canvas::default(),
            driving: std::marker::PhantomData,
        })
    }

    fn task(&self) -> Task {
        let pixels = Space::range::<u8>(0.0, 255.0, &[SIZE, SIZE, 3]);
        // The track goes through the C library's arc tangent.
        Task::new(pixels, D::space(), 1000)
            .threshold(900.0)
            .infos(&["lap_finished"])
            .frame_rate(STEPS_PER_SECOND)
            .determinism(Determinism::Machine)
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [u8]) {
        self.leave();
        if self.params.domain_randomize {
            self.colors = random_colors(rng);
        }
        self.track = Track::random(rng);
        (self.tiles, self.car) = build(&mut self.world, &self.track);
        self.visited = vec![false; self.track.len()];
        self.touched = vec![false; self.track.len()];
        self.is_lap_complete = false;
        (self.total, self.total_before, self.seconds) = (0.0, 0.0, 0.0);
        // The first observation is that of a step in which nothing is done.
        self.drive(obs);
    }

    fn step(&mut self, action: &[D::Action], _rng: &mut Rng, obs: &mut [u8]) -> Step {
        let [steer, gas, brake] = D::pedals(action);
        self.car.command(steer, gas, brake);
        self.drive(obs);
        self.total -= 0.1;
        let reward = self.total - self.total_before;
        self.total_before = self.total;
        let Vec2 { x, y } = self.world.body(self.car.hull).position();
        if f64::from(x.abs()) > FIELD || f64::from(y.abs()) > FIELD {
            return Step::terminate(-100.0);
        }
        Step::when(self.has_finished(), reward)
    }

    fn state(&mut self, archive: &mut Archive) {
        self.track.state(archive);
        if archive.is_loading() {
            self.world.clear();
            (self.tiles, self.car) = build(&mut self.world, &self.track);
            self.visited = vec![false; self.track.len()];
            self.touched = vec![false; self.track.len()];
        }
        archive.scope("world", |archive| self.world.state(archive));
        self.car.state(archive);
        archive.value("has_played", &mut self.has_played);
        archive.slice("visited", &mut self.visited);
        archive.slice("touched", &mut self.touched);
        archive.value("is_lap_complete", &mut self.is_lap_complete);
        archive.value("total", &mut self.total);
        archive.value("total_before", &mut self.total_before);
        archive.value("seconds", &mut self.seconds);
        for (color, name) in self.colors.iter_mut().zip(["road", "field", "grass"]) {
            archive.slice(name, color);
        }
    }

    fn infos(&self, out: &mut [f64]) {
        out[0] = f64::from(u8::from(self.has_finished()));
    }

    fn render(&self, scene: &mut Scene) -> bool {
        self.draw(scene);
        true
    }
}

/// Puts the tiles into a world, then the car.
fn build(world: &mut World, track: &Track) -> (Vec<BodyId>, Car) {
    let tile = |idx| {
        let corners = track.tile(idx).map(|(x, y)| Vec2::of(x, y));
        let body = world.add_still(Vec2::ZERO);
        let plan = FixturePlan::new(Shape::polygon(&corners));
        world.fix(body, FixturePlan { is_sensor: true, ..plan });
        body
    };
    let tiles = (0..track.len()).map(tile).collect();
    let car = Car::build(world, track.start());
    (tiles, car)
}

fn random_colors(rng: &mut Rng) -> Colors {
    let mut color = || [(); 3].map(|()| rng.uniform(0.0, 210.0));
    let (road, field) = (color(), color());
    let mut grass = field;
    grass[rng.integers(0, 3) as usize] += 20.0;
    [road, field, grass]
}

impl<D: Driving> CarRacing<D> {
    /// Empties the world for the next episode. What is reused is taken down in the original's
    /// order: the tiles, then the car.
    fn leave(&mut self) {
        if self.params.world == "reuse" && self.has_played {
            let wheels = self.car.wheels.map(|wheel| wheel.body);
            let car = std::iter::once(self.car.hull).chain(wheels);
            self.world.destroy(self.tiles.iter().copied().chain(car));
        } else {
            self.world.clear();
        }
        self.has_played = true;
    }

    fn has_finished(&self) -> bool {
        self.is_lap_complete || self.visited.iter().all(|visited| *visited)
    }

    /// Lets time pass, and draws what is seen then.
    fn drive(&mut self, obs: &mut [u8]) {
        self.car.act(&mut self.world, 1.0 / STEPS_PER_SECOND);
        self.world.step(PACE);
        self.notice();
        self.seconds += 1.0 / STEPS_PER_SECOND;
        let mut canvas = std::mem::take(&mut self.canvas);
        self.paint(&mut canvas);
        canvas.shrink(obs);
        self.canvas = canvas;
    }

    /// Notes which tiles the car has come to and left.
    fn notice(&mut self) {
        let count = self.tiles.len();
        for event in self.world.take_events() {
            // Tiles are the first bodies.
            let [a, b] = event.bodies;
            let (tile, other) = if (a.0 as usize) < count { (a, b) } else { (b, a) };
            let tile = tile.0 as usize;
            self.touched[tile] = true;
            let wheels = &mut self.car.wheels;
            let Some(wheel) = wheels.iter_mut().find(|wheel| wheel.body == other) else { continue };
            if !event.begins {
                wheel.tiles -= 1;
                continue;
            }
            wheel.tiles += 1;
            if !std::mem::replace(&mut self.visited[tile], true) {
                self.total += 1000.0 / count as f64;
                let visited = self.visited.iter().filter(|visited| **visited).count();
                let part = visited as f64 / count as f64;
                self.is_lap_complete |= tile == 0 && part > self.params.lap_complete_percent;
            }
        }
    }

    /// The places of the track, from the start on.
    pub fn way(&self) -> impl Iterator<Item = (f64, f64)> {
        self.track.places()
    }

    /// The numbers of the car that pixels do not show: place, angle and velocities of the hull,
    /// then place, angle, phase and turning speed of each wheel.
    pub fn numbers(&self) -> Vec<f64> {
        let parts = |body: BodyId| {
            let body = self.world.body(body);
            let (at, velocity) = (body.position(), body.velocity());
            [at.x, at.y, body.angle(), velocity.x, velocity.y, body.spin()].map(f64::from)
        };
        let mut numbers = parts(self.car.hull).to_vec();
        for wheel in &self.car.wheels {
            numbers.extend(parts(wheel.body));
            numbers.extend([wheel.phase, wheel.omega]);
        }
        numbers
    }
}
