//! BipedalWalker-v3: walk to the end of a rough ground on two legs. In the hardcore world there
//! are pits, stumps and stairs.

mod scene;
mod terrain;
mod walker;

use plugin_api::prelude::*;

use crate::fleet::Member;
use crate::physics::{BodyId, Pace, Vec2, World};
use terrain::{GRASS, LENGTH, PIECE, Terrain};
use walker::{Walker, lidar_rays};

/// Pixels of the original in a unit of length, and the size of its window in units.
const SCALE: f64 = 30.0;
const WIDTH: f64 = 600.0 / SCALE;
const HEIGHT: f64 = 400.0 / SCALE;
const STEPS_PER_SECOND: f64 = 50.0;

/// The strongest a motor turns, and the speeds of hips and knees.
const TORQUE: f32 = 80.0;
const HIP_SPEED: f32 = 4.0;
const KNEE_SPEED: f32 = 6.0;
/// What a motor costs at full power.
const MOTOR_COST: f32 = (0.00035 * TORQUE as f64) as f32;

const LIDAR_RAYS: usize = 10;
const LIDAR_RANGE: f64 = 160.0 / SCALE;
/// The original draws as many random numbers for clouds, before it places the walker.
const CLOUD_DRAWS: usize = 110;

const PACE: Pace =
    Pace { dt: (1.0 / STEPS_PER_SECOND) as f32, velocity_rounds: 180, position_rounds: 60 };

params! {
    /// Params of BipedalWalker.
    pub struct BipedalWalkerParams {
        /// Whether there are pits, stumps and stairs.
        hardcore: bool = false,
        /// A fresh world for each episode, or one that is reused as a long-lived Gymnasium
        /// environment does, where an episode depends a little on those before it.
        world: String = "fresh" of ["fresh", "reuse"],
    }
}

/// The walker and its ground.
#[derive(Clone, Debug)]
pub struct BipedalWalker {
    params: BipedalWalkerParams,
    /// Whether the world has seen an episode; until then it is as good as new.
    has_played: bool,
    rays: [(f64, f64); LIDAR_RAYS],
    world: World,
    terrain: Terrain,
    /// Bodies of the ground, in the order in which they were made.
    ground: Vec<BodyId>,
    walker: Walker,
    has_fallen: bool,
    feet_down: [bool; 2],
    /// How good the last step's position was; rewards are differences.
    potential: f64,
    /// What the lidar saw last.
    lidar: [f32; LIDAR_RAYS],
}

impl Env for BipedalWalker {
    const NAME: &'static str = "BipedalWalker-v3";
    const VARIANTS: &'static [Variant] = &[Variant {
        name: "BipedalWalkerHardcore-v3",
        params: &[("hardcore", "true"), ("max_steps", "2000")],
    }];
    type Params = BipedalWalkerParams;
    type Obs = f32;
    type Action = f32;

    fn new(params: &BipedalWalkerParams) -> Result<Self> {
        let terrain = Terrain::flat();
        let mut world = World::new(Vec2::new(0.0, -10.0));
        let ground = terrain.build(&mut world);
        let walker = Walker::build(&mut world, 0.0);
        Ok(Self {
            params: params.clone(),
            has_played: false,
            rays: lidar_rays(),
            world,
            terrain,
            ground,
            walker,
            has_fallen: false,
            feet_down: [false; 2],
            potential: 0.0,
            lidar: [1.0; LIDAR_RAYS],
        })
    }

    fn task(&self) -> Task {
        const PI: f32 = std::f32::consts::PI;
        let leg = [PI, 5.0, PI, 5.0];
        let mut high = vec![PI, 5.0, 5.0, 5.0];
        let mut low = vec![-PI, -5.0, -5.0, -5.0];
        for _ in 0..2 {
            high.extend(leg.into_iter().chain([5.0]));
            low.extend(leg.map(|bound| -bound).into_iter().chain([-0.0]));
        }
        high.extend([1.0; LIDAR_RAYS]);
        low.extend([-1.0; LIDAR_RAYS]);
        let actions = Space::range::<f32>(-1.0, 1.0, &[4]);
        Task::new(Space::bounded(&low, &high), actions, 1600)
            .threshold(300.0)
            .frame_rate(STEPS_PER_SECOND)
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [f32]) {
        self.leave();
        self.terrain = Terrain::random(rng, self.params.hardcore);
        for _ in 0..CLOUD_DRAWS {
            rng.next_u64();
        }
        let push = rng.uniform(-5.0, 5.0);
        self.ground = self.terrain.build(&mut self.world);
        self.walker = Walker::build(&mut self.world, push);
        self.has_fallen = false;
        self.feet_down = [false; 2];
        // The first observation is that of a step with all motors off.
        self.drive(&[0.0; 4]);
        self.world.step(PACE);
        self.notice();
        self.potential = self.look(obs).1;
    }

    fn step(&mut self, action: &[f32], rng: &mut Rng, obs: &mut [f32]) -> Step {
        self.step_alone(action, rng, obs)
    }

    fn state(&mut self, archive: &mut Archive) {
        self.terrain.state(archive);
        if archive.is_loading() {
            self.world.clear();
            self.ground = self.terrain.build(&mut self.world);
            self.walker = Walker::build(&mut self.world, 0.0);
        }
        archive.scope("world", |archive| self.world.state(archive));
        archive.value("has_played", &mut self.has_played);
        archive.value("has_fallen", &mut self.has_fallen);
        archive.slice("feet_down", &mut self.feet_down);
        archive.value("potential", &mut self.potential);
        archive.slice("lidar", &mut self.lidar);
    }

    fn render(&self, scene: &mut Scene) -> bool {
        self.draw(scene);
        true
    }
}

impl Member for BipedalWalker {
    const PACE: Pace = PACE;

    fn act(&mut self, action: &[f32], _rng: &mut Rng) {
        self.drive(action);
    }

    fn world_mut(&mut self) -> &mut World {
        &mut self.world
    }

    fn judge(&mut self, action: &[f32], obs: &mut [f32]) -> Step {
        self.notice();
        let (x, potential) = self.look(obs);
        let mut reward = (potential - self.potential) as f32;
        self.potential = potential;
        for power in action {
            reward -= MOTOR_COST * power.abs().min(1.0);
        }
        if self.has_fallen || x < 0.0 {
            return Step::terminate(-100.0);
        }
        Step::when(x > (LENGTH - GRASS) as f64 * PIECE, reward.into())
    }
}

impl BipedalWalker {
    /// Empties the world for the next episode. What is reused is taken down in the original's
    /// order: the ground from the end to the start, then the walker.
    fn leave(&mut self) {
        if self.params.world == "reuse" && self.has_played {
            let walker = std::iter::once(self.walker.hull).chain(self.walker.legs);
            self.world.destroy(self.ground.iter().rev().copied().chain(walker));
        } else {
            self.world.clear();
        }
        self.has_played = true;
    }

    /// Sets the motors.
    fn drive(&mut self, action: &[f32]) {
        for (joint, power) in action.iter().enumerate() {
            let speed = if joint % 2 == 0 { HIP_SPEED } else { KNEE_SPEED };
            let direction = if *power == 0.0 { 0.0 } else { power.signum() };
            self.world.drive(joint, speed * direction, TORQUE * power.abs().min(1.0));
        }
    }

    /// Notes what has touched the ground, and what the lidar sees.
    fn notice(&mut self) {
        let Walker { hull, legs } = &self.walker;
        for event in self.world.take_events() {
            self.has_fallen |= event.begins && event.bodies.contains(hull);
            for (foot, down) in [legs[1], legs[3]].iter().zip(&mut self.feet_down) {
                if event.bodies.contains(foot) {
                    *down = event.begins;
                }
            }
        }
        self.lidar = self.walker.look(&self.world, &self.rays);
    }

    /// Writes what is seen. Returns how far the walker has come, and how good its state is.
    fn look(&self, obs: &mut [f32]) -> (f64, f64) {
        let hull = self.world.body(self.walker.hull);
        let velocity = hull.velocity();
        let (x, angle) = (f64::from(hull.position().x), f64::from(hull.angle()));
        let along = |speed: f32, size: f64| 0.3 * f64::from(speed) * size / STEPS_PER_SECOND;
        let (head, rest) = obs.split_at_mut(4);
        head.copy_from_slice(&[
            angle as f32,
            (2.0 * f64::from(hull.spin()) / STEPS_PER_SECOND) as f32,
            along(velocity.x, WIDTH) as f32,
            along(velocity.y, HEIGHT) as f32,
        ]);
        let (legs, lidar) = rest.split_at_mut(10);
        for (leg, seen) in legs.chunks_exact_mut(5).enumerate() {
            let [hip, knee] = [2 * leg, 2 * leg + 1];
            seen.copy_from_slice(&[
                self.world.joint_angle(hip),
                self.world.joint_speed(hip) / HIP_SPEED,
                (f64::from(self.world.joint_angle(knee)) + 1.0) as f32,
                self.world.joint_speed(knee) / KNEE_SPEED,
                if self.feet_down[leg] { 1.0 } else { 0.0 },
            ]);
        }
        lidar.copy_from_slice(&self.lidar);
        (x, 130.0 * x / SCALE - 5.0 * angle.abs())
    }
}
