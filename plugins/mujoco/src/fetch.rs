//! The four Fetch worlds of gymnasium-robotics: an arm reaches for a place or brings a thing there.
//!
//! What is done to the model, and in which order, is theirs to the letter: the gripper's place is
//! that of the last pass of the simulation, which a step begins, so it lies a moment behind.

pub mod errands;
mod motion;

use std::marker::PhantomData;
use std::sync::Arc;

use libmujoco::{Joint, Model, Numbers, Simulation};
use plugin_api::prelude::*;

use crate::numpy::norm;
use crate::scene::{self, From, View};
use motion::{Motion, angles};

params! {
    /// Params of the Fetch worlds.
    pub struct FetchParams {
        /// Whether a step costs 1 until the goal is reached, or as much as it is away.
        reward_type: String = "sparse" of ["sparse", "dense"],
    }
}

/// What sets one of the four worlds apart.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The model.
    pub model: &'static str,
    /// Where the base of the robot stands.
    pub base: [f64; 3],
    /// Where the thing lies before the arm takes its place; `None` where there is nothing.
    pub object: Option<[f64; 3]>,
    /// How much higher the gripper begins.
    pub raised: f64,
    /// Whether the fingers move.
    pub grips: bool,
    /// Whether half of the goals are in the air.
    pub in_the_air: bool,
    /// How far away in x goals lie in the mean.
    pub goal_offset: f64,
    /// How far the thing lies from the gripper at most, in x and y.
    pub object_range: f64,
    /// How far goals lie from their mean at most.
    pub goal_range: f64,
}

/// One of the four worlds.
pub trait Errand: Clone + Send + 'static {
    /// The name users write.
    const NAME: &'static str;
    /// That of the world with dense rewards.
    const VARIANTS: &'static [Variant];
    /// What sets it apart.
    const PLAN: Plan;
}

/// At most so far from the goal counts as reached.
const NEAR: f64 = 0.05;
/// Steps of the simulation in a step of the world.
const SUBSTEPS: usize = 20;
/// How the gripper is turned before it is brought to its place, and what a step adds to its turn.
const TURN: [f64; 4] = [1.0, 0.0, 1.0, 0.0];

/// What of the model matters.
#[derive(Clone, Copy, Debug)]
struct Parts {
    /// The body that is led.
    gripper: usize,
    /// The site between the fingers.
    grip: usize,
    /// Right and left.
    fingers: [Joint; 2],
    /// The site that shows the goal.
    target: usize,
    /// The thing's site and joint.
    object: Option<(usize, Joint)>,
}

/// How every episode begins.
#[derive(Debug)]
struct Beginning {
    qpos: Vec<f64>,
    qvel: Vec<f64>,
    /// Where the gripper is.
    grip: [f64; 3],
    /// At which height things lie.
    height: f64,
}

/// The environment.
#[derive(Clone, Debug)]
pub struct Fetch<E> {
    is_dense: bool,
    parts: Parts,
    beginning: Arc<Beginning>,
    now: Simulation,
    motion: Motion,
    goal: [f64; 3],
    /// Place and turn of the gripper in the last pass of the simulation.
    led: [f64; 7],
    is_success: bool,
    errand: PhantomData<E>,
}

/// Three numbers of a site or body.
fn three(numbers: &[f64], idx: usize) -> [f64; 3] {
    [0, 1, 2].map(|part| numbers[3 * idx + part])
}

/// How far two places are apart, added up in their order.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b)).sqrt()
}

impl Parts {
    fn of(model: &Model, plan: &Plan) -> Result<Self> {
        let finger = |side: &str| model.joint(&format!("robot0:{side}_gripper_finger_joint"));
        let object = match plan.object {
            Some(_) => Some((model.site("object0")?, model.joint("object0:joint")?)),
            None => None,
        };
        Ok(Self {
            gripper: model.body("robot0:gripper_link")?,
            grip: model.site("robot0:grip")?,
            target: model.site("target0")?,
            fingers: [finger("r")?, finger("l")?],
            object,
        })
    }
}

impl Beginning {
    /// Brings the arm to its place.
    fn of(now: &mut Simulation, parts: &Parts, plan: &Plan) -> Result<Self> {
        for (slide, place) in plan.base.iter().enumerate() {
            let joint = now.model().joint(&format!("robot0:slide{slide}"))?;
            now.get_mut(Numbers::Qpos)[joint.qpos] = *place;
        }
        if let (Some((_, joint)), Some(place)) = (parts.object, plan.object) {
            let qpos = &mut now.get_mut(Numbers::Qpos)[joint.qpos..][..7];
            qpos[..3].copy_from_slice(&place);
            qpos[3..].copy_from_slice(&[1.0, 0.0, 0.0, 0.0]);
        }
        now.forward();
        now.forward();
        let grip = three(now.get(Numbers::SiteXpos), parts.grip);
        let target = [-0.498 + grip[0], 0.005 + grip[1], (-0.431 + plan.raised) + grip[2]];
        now.get_mut(Numbers::MocapPos)[..3].copy_from_slice(&target);
        now.get_mut(Numbers::MocapQuat)[..4].copy_from_slice(&TURN);
        for _ in 0..10 * SUBSTEPS {
            now.step();
        }
        let sites = now.get(Numbers::SiteXpos);
        Ok(Self {
            qpos: now.get(Numbers::Qpos).to_vec(),
            qvel: now.get(Numbers::Qvel).to_vec(),
            grip: three(sites, parts.grip),
            height: parts.object.map_or(0.0, |(site, _)| three(sites, site)[2]),
        })
    }
}

impl<E: Errand> Fetch<E> {
    fn dt(&self) -> f64 {
        SUBSTEPS as f64 * self.now.model().timestep
    }

    /// A place for the thing that is not too close to the gripper.
    fn place_object(&self, rng: &mut Rng) -> [f64; 2] {
        let range = E::PLAN.object_range;
        let [x, y, _] = self.beginning.grip;
        loop {
            let place = [x + rng.uniform(-range, range), y + rng.uniform(-range, range)];
            if norm(&[place[0] - x, place[1] - y]) >= 0.1 {
                return place;
            }
        }
    }

    fn draw_goal(&self, rng: &mut Rng) -> [f64; 3] {
        let Plan { object, in_the_air, goal_offset, goal_range, .. } = E::PLAN;
        let mut goal = self.beginning.grip.map(|part| part + rng.uniform(-goal_range, goal_range));
        if object.is_some() {
            goal[0] += goal_offset;
            goal[2] = self.beginning.height;
            if in_the_air && rng.random() < 0.5 {
                goal[2] += rng.uniform(0.0, 0.45);
            }
        }
        goal
    }

    /// Leads the gripper on, and the fingers where they move.
    fn act(&mut self, action: &[f32]) {
        let [x, y, z, fingers] = [0, 1, 2, 3].map(|part: usize| action[part].clamp(-1.0, 1.0));
        let way = [x, y, z].map(|part| f64::from(part * 0.05));
        let fingers = if E::PLAN.grips { f64::from(fingers) } else { 0.0 };
        let [right, left] = self.parts.fingers.map(|joint| self.now.get(Numbers::Qpos)[joint.qpos]);
        let controls = self.now.get_mut(Numbers::Ctrl).iter_mut();
        controls.zip([left, right]).for_each(|(control, finger)| *control = finger + fingers);
        let [place, turn] = [Numbers::MocapPos, Numbers::MocapQuat];
        let moved = self.led[..3].iter().zip(way).map(|(place, way)| place + way);
        self.now.get_mut(place).iter_mut().zip(moved).for_each(|(part, moved)| *part = moved);
        let turned = self.led[3..].iter().zip(TURN).map(|(turn, way)| turn + way);
        self.now.get_mut(turn).iter_mut().zip(turned).for_each(|(part, turned)| *part = turned);
    }

    /// Writes what is seen: what was achieved, what is wanted, and the robot with the thing.
    fn look(&mut self, obs: &mut [f64]) {
        let Parts { gripper, grip, fingers, object, .. } = self.parts;
        let dt = self.dt();
        let (place, turn) = (self.now.get(Numbers::Xpos), self.now.get(Numbers::Xquat));
        self.led[..3].copy_from_slice(&place[3 * gripper..][..3]);
        self.led[3..].copy_from_slice(&turn[4 * gripper..][..4]);
        let sites = self.now.get(Numbers::SiteXpos);
        let grip_place = three(sites, grip);
        let achieved = object.map_or(grip_place, |(site, _)| three(sites, site));
        let (grip_way, _) = self.motion.of_site(&self.now, grip, dt);
        let fingers_at = fingers.map(|joint| self.now.get(Numbers::Qpos)[joint.qpos]);
        let fingers_way = fingers.map(|joint| self.now.get(Numbers::Qvel)[joint.qvel] * dt);

        let mut left = &mut *obs;
        let mut put = |numbers: &[f64]| {
            let (first, rest) = std::mem::take(&mut left).split_at_mut(numbers.len());
            first.copy_from_slice(numbers);
            left = rest;
        };
        put(&achieved);
        put(&self.goal);
        put(&grip_place);
        if let Some((site, _)) = object {
            let (way, turning) = self.motion.of_site(&self.now, site, dt);
            put(&achieved);
            put(&[0, 1, 2].map(|part| achieved[part] - grip_place[part]));
            put(&fingers_at);
            put(&angles(&self.now.get(Numbers::SiteXmat)[9 * site..][..9]));
            put(&[0, 1, 2].map(|part| way[part] - grip_way[part]));
            put(&turning);
        } else {
            put(&fingers_at);
        }
        put(&grip_way);
        put(&fingers_way);
        debug_assert!(left.is_empty(), "the width is that of what is seen");
        self.is_success = distance(&achieved, &self.goal) < NEAR;
    }

    fn reward(&self, distance: f64) -> f64 {
        match (self.is_dense, distance > NEAR) {
            (true, _) => -distance,
            (false, true) => -1.0,
            // Theirs is a zero with its sign turned.
            (false, false) => -0.0,
        }
    }
}

impl<E: Errand> Env for Fetch<E> {
    const NAME: &'static str = E::NAME;
    const VARIANTS: &'static [Variant] = E::VARIANTS;
    type Params = FetchParams;
    type Obs = f64;
    type Action = f32;

    fn new(params: &FetchParams) -> Result<Self> {
        let mut model = Model::load(E::PLAN.model)?;
        model.close_welds();
        let parts = Parts::of(&model, &E::PLAN)?;
        let mut now = Simulation::new(Arc::new(model));
        let beginning = Arc::new(Beginning::of(&mut now, &parts, &E::PLAN)?);
        Ok(Self {
            is_dense: params.reward_type == "dense",
            parts,
            beginning,
            motion: Motion::of(now.model()),
            now,
            goal: [0.0; 3],
            led: [0.0; 7],
            is_success: false,
            errand: PhantomData,
        })
    }

    fn task(&self) -> Task {
        let width = if E::PLAN.object.is_some() { 25 } else { 10 };
        let observations = Space::dict([
            ("observation", Space::unbounded::<f64>(&[width])),
            ("achieved_goal", Space::unbounded::<f64>(&[3])),
            ("desired_goal", Space::unbounded::<f64>(&[3])),
        ]);
        let actions = Space::bounded(&[-1.0_f32; 4], &[1.0; 4]);
        let least = if self.is_dense { f64::NEG_INFINITY } else { -1.0 };
        Task::new(observations, actions, 50)
            .goals()
            .rewards(least, 0.0)
            .infos(&["is_success"])
            .determinism(Determinism::Machine)
            .frame_rate((1.0 / self.dt()).round())
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [f64]) {
        self.now.reset();
        self.now.get_mut(Numbers::Qpos).copy_from_slice(&self.beginning.qpos);
        self.now.get_mut(Numbers::Qvel).copy_from_slice(&self.beginning.qvel);
        if let Some((_, joint)) = self.parts.object {
            let place = self.place_object(rng);
            self.now.get_mut(Numbers::Qpos)[joint.qpos..][..2].copy_from_slice(&place);
        }
        self.now.forward();
        self.goal = self.draw_goal(rng);
        self.look(obs);
    }

    fn step(&mut self, action: &[f32], _rng: &mut Rng, obs: &mut [f64]) -> Step {
        self.act(action);
        for _ in 0..SUBSTEPS {
            self.now.step();
        }
        if !E::PLAN.grips {
            for joint in self.parts.fingers {
                self.now.get_mut(Numbers::Qpos)[joint.qpos] = 0.0;
            }
            self.now.forward();
        }
        self.look(obs);
        Step::go_on(self.reward(distance(&obs[..3], &self.goal)))
    }

    fn state(&mut self, archive: &mut Archive) {
        let mut state = self.now.save();
        archive.slice("simulation", &mut state);
        archive.slice("goal", &mut self.goal);
        archive.slice("led", &mut self.led);
        archive.value("is_success", &mut self.is_success);
        if archive.is_loading()
            && let Err(error) = self.now.load(&state)
        {
            archive.fail(error);
        }
    }

    fn infos(&self, out: &mut [f64]) {
        out[0] = f64::from(u8::from(self.is_success));
    }

    fn goal_step(&self, achieved: &[f64], desired: &[f64]) -> Step {
        Step::go_on(self.reward(distance(achieved, desired)))
    }

    fn render(&self, scene: &mut Scene) -> bool {
        let view = View { from: From::Front, height: 1.7, body: self.parts.gripper };
        let put = |now: &mut Simulation| {
            now.get_mut(Numbers::SiteXpos)[3 * self.parts.target..][..3]
                .copy_from_slice(&self.goal);
        };
        if scene::draw(self.now.clone(), view, scene, put) {
            let goal = view.from.project(self.goal);
            scene.disc(goal, NEAR as f32, if self.is_success { Color::GREEN } else { Color::RED });
        }
        true
    }
}
