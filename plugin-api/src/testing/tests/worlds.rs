//! Two small worlds that can break one promise each, and whether the checks find it.

use super::super::*;
use super::{found, with};
use crate::prelude::*;
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

params! {
    struct WalkParams {
        /// The promise that is broken.
        fault: String = "none",
    }
}

/// Steps of any instance: chance that no seed rules.
static STEPS: AtomicU64 = AtomicU64::new(0);

/// A walk along five cells with wind; the left end cannot be left to the left, the right one ends
/// it.
struct Walk {
    fault: String,
    cells: Vec<i64>,
    /// Steps of each lane's episode, which nothing should depend on: they are not saved.
    hidden: Vec<u32>,
    drawn: Cell<i64>,
    steps: u64,
}

impl Walk {
    fn is(&self, fault: &str) -> bool {
        self.fault == fault
    }
}

impl BatchEnv for Walk {
    const NAME: &'static str = "Walk-v0";
    type Params = WalkParams;
    type Obs = i64;
    type Action = i64;

    fn new(params: &WalkParams, lanes: usize) -> Result<Self> {
        let fault = params.fault.clone();
        if fault == "new" {
            return Err(Error::new("it cannot be made"));
        }
        Ok(Self {
            fault,
            cells: vec![0; lanes],
            hidden: vec![0; lanes],
            drawn: Cell::new(0),
            steps: 0,
        })
    }

    fn task(&self) -> Task {
        let optimum = if self.is("optimum") { -3.0 } else { Self::model_of(0.25).optimum(100) };
        let task = Task::new(Space::discrete(5), Space::discrete(2), 100).rewards(-1.0, 0.0);
        task.masked().infos(&["cell"]).optimum(optimum)
    }

    fn reset(&mut self, lane: usize, _rng: &mut Rng, obs: &mut [i64]) {
        (self.cells[lane], self.hidden[lane]) = (0, 0);
        if self.is("crosstalk") && lane == 1 && self.steps > 0 {
            self.cells[0] = 3;
        }
        obs[0] = 0;
    }

    fn step(
        &mut self,
        actions: Rows<'_, i64>,
        rngs: &mut [Rng],
        mut obs: RowsMut<'_, i64>,
        mut steps: Steps<'_>,
    ) {
        self.steps += 1;
        assert!(!(self.is("panic") && self.steps == 7), "seven is too many");
        for lane in 0..actions.len() {
            let cell = &mut self.cells[lane];
            let wind = rngs[lane].chance(0.25);
            let mut right = (actions[lane][0] == 1) != wind;
            if self.fault == "unseeded" {
                right ^= STEPS.fetch_add(1, Ordering::Relaxed).is_multiple_of(7);
            }
            self.hidden[lane] += 1;
            if self.fault == "hidden" && self.hidden[lane] == 3 {
                right = true;
            }
            if self.fault == "uneven" && lane == 3 {
                right = true;
            }
            *cell = (*cell + if right { 1 } else { -1 }).max(0);
            obs[lane][0] = if self.fault == "outside" && *cell == 2 { 5 } else { *cell };
            let step = Step::when(*cell == 4, if *cell == 4 { 0.0 } else { -1.0 });
            match self.fault.as_str() {
                "nan" if *cell == 3 => steps.set(lane, Step { reward: f64::NAN, ..step }),
                "reward" if *cell == 3 => steps.set(lane, Step { reward: 0.5, ..step }),
                "unset" if *cell == 3 => {}
                "flags" if *cell == 3 => steps.flags[lane] = 4,
                _ => steps.set(lane, step),
            }
            if self.fault == "flags" {
                steps.rewards[lane] = -1.0;
            }
        }
    }

    fn state(&mut self, lane: usize, archive: &mut Archive) {
        if !self.is("forgetful") {
            archive.value("cell", &mut self.cells[lane]);
        }
        if self.is("drawing") {
            archive.value("drawn", self.drawn.get_mut());
        }
    }

    fn mask(&self, lane: usize, allowed: &mut [u8]) {
        let left = u8::from(self.cells[lane] > 0);
        match self.fault.as_str() {
            "unmasked" if left == 1 => {}
            "nothing" if self.cells[lane] == 3 => allowed.fill(0),
            "mask" => allowed.copy_from_slice(&[1, left]),
            _ => allowed.copy_from_slice(&[left, 1]),
        }
    }

    fn infos(&self, lane: usize, out: &mut [f64]) {
        if !(self.is("info") && self.cells[lane] == 2) {
            out[0] = self.cells[lane] as f64;
        }
    }

    fn render(&self, lane: usize, scene: &mut Scene) -> bool {
        self.drawn.set(self.drawn.get() + 1);
        if self.is("empty") {
            return true;
        }
        let width = if self.is("area") { 0.0 } else { 5.0 };
        let cell = self.cells[lane] as f32;
        scene.view(0.0, 0.0, width, 1.0).disc([cell + 0.5, 0.5], 0.4, Color::BLUE);
        true
    }

    fn model(&self) -> Option<Model> {
        let mut model = Self::model_of(if self.is("chance") { 0.4 } else { 0.25 });
        match self.fault.as_str() {
            "outcome" => model.outcomes[2 * 2][0].reward = -0.5,
            "start" => model.start = vec![0.0, 1.0, 0.0, 0.0, 0.0],
            "next" => model.outcomes[2][0].next = 9,
            _ => {}
        }
        Some(model)
    }
}

impl Walk {
    fn model_of(wind: f64) -> Model {
        let to = |cell: usize, right: bool, chance: f64| {
            let next = if right { cell + 1 } else { cell.saturating_sub(1) };
            let end = next == 4;
            Outcome { chance, next, reward: if end { 0.0 } else { -1.0 }, terminated: end }
        };
        let outcomes = (0..10).map(|pair| {
            let (cell, right) = ((pair / 2).min(3), pair % 2 == 1);
            vec![to(cell, right, 1.0 - wind), to(cell, !right, wind)]
        });
        let allowed = (0..10).map(|pair| pair != 0).collect();
        let start = vec![1.0, 0.0, 0.0, 0.0, 0.0];
        Model { states: 5, actions: 2, start, outcomes: outcomes.collect(), allowed }
    }
}

fn walk(fault: &str) -> Findings {
    let plugin = local::<OneBatch<Walk>>().expect("it describes itself");
    check_env_of(&plugin, "Walk-v0", &with("fault", fault))
}

#[test]
fn a_world_that_keeps_its_promises_passes() {
    let findings = walk("none");
    findings.assert_passed();
    let passed = findings.list.iter().filter(|finding| finding.verdict == Verdict::Passed);
    assert_eq!(passed.count(), findings.list.len() - 1, "{findings}");
}

#[test]
fn rows_that_are_wrong_are_found() {
    found(&walk("outside"), "observations", "element 0 is 5, which is outside of Discrete(5)");
    found(&walk("nan"), "rewards", "the reward is NaN");
    found(&walk("unset"), "rewards", "the reward is NaN; every step has to set it");
    found(&walk("reward"), "rewards", "the reward is 0.5, its task says -1 to 0");
    found(&walk("flags"), "flags", "the flags are 4, which has other bits");
    found(&walk("unmasked"), "masks", "neither 0 nor 1; every choice has to be set");
    found(&walk("nothing"), "masks", "the mask allows nothing for element 0");
    found(&walk("info"), "infos", "`cell` is NaN; every reset and step has to set it");
}

#[test]
fn lanes_and_instances_that_differ_are_found() {
    found(&walk("forgetful"), "state", "when asked again");
    found(&walk("hidden"), "state", "without a break and after loading it in ");
    found(&walk("unseeded"), "seeds", "once and when seeded again");
    found(&walk("crosstalk"), "lanes", "with and without a reset of lane 1");
    found(&walk("uneven"), "batches", "lane 3 of 5 at step ");
}

#[test]
fn scenes_nobody_can_draw_are_found() {
    found(&walk("empty"), "scene", "its scene is empty");
    found(&walk("area"), "scene", "its scene shows 0 to 0 by 0 to 1, which is no area");
    let findings = walk("drawing");
    let failed: Vec<&str> = findings.failed().map(|finding| finding.check).collect();
    assert!(failed.contains(&"scene"), "{findings}");
}

#[test]
fn models_that_lie_are_found() {
    found(&walk("outcome"), "model", "which the model does not know");
    found(&walk("chance"), "model", "the model says with a chance of 0.");
    found(&walk("start"), "model", "an episode began in state 0, of chance 0");
    found(&walk("next"), "model", "in its model, action 0 in state 1 leads to state 9");
    found(&walk("optimum"), "model", "its task declares an optimum of -3, the model has");
    found(&walk("mask"), "model", "mask and model differ on action 0 in state 0");
}

#[test]
fn a_world_that_cannot_be_made_or_lived_in_is_found() {
    found(&walk("new"), "made", "it cannot be made");
    found(&walk("panic"), "made", "step 7: seven is too many at ");
}

/// Reach for a point on a line.
#[derive(Clone)]
struct Reach {
    fault: String,
    place: f32,
    goal: f32,
}

impl Reach {
    fn show(&self, obs: &mut [f32]) {
        obs.copy_from_slice(&[self.place, self.goal, 0.0]);
        if self.fault == "nan" && self.place > 0.5 {
            obs[2] = f32::NAN;
        }
    }
}

impl Env for Reach {
    const NAME: &'static str = "Reach-v0";
    type Params = WalkParams;
    type Obs = f32;
    type Action = f32;

    fn new(params: &WalkParams) -> Result<Self> {
        Ok(Self { fault: params.fault.clone(), place: 0.0, goal: 0.0 })
    }

    fn task(&self) -> Task {
        let line = || Space::range::<f32>(-9.0, 9.0, &[1]);
        let observations = Space::dict([
            ("achieved_goal", line()),
            ("desired_goal", line()),
            ("observation", Space::unbounded::<f32>(&[1])),
        ]);
        let task = Task::new(observations, Space::range::<f32>(-1.0, 1.0, &[1]), 50);
        task.rewards(-1.0, 0.0).goals()
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [f32]) {
        self.place = 0.0;
        self.goal = rng.uniform(-2.0, 2.0) as f32;
        self.show(obs);
    }

    fn step(&mut self, action: &[f32], _rng: &mut Rng, obs: &mut [f32]) -> Step {
        self.place = (self.place + action[0]).clamp(-9.0, 9.0);
        self.show(obs);
        self.goal_step(&[self.place], &[self.goal])
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("place", &mut self.place);
        archive.value("goal", &mut self.goal);
    }

    fn goal_step(&self, achieved: &[f32], desired: &[f32]) -> Step {
        let near = (achieved[0] - desired[0]).abs() < 0.25;
        // The sign of a wish that is not the world's own tells who asks.
        let lies = self.fault == "goal" && desired[0] > 0.0 && self.place.to_bits() == 0;
        Step::when(near, if near || lies { 0.0 } else { -1.0 })
    }
}

fn reach(fault: &str) -> Findings {
    let plugin = local::<One<Reach>>().expect("it describes itself");
    check_env_of(&plugin, "Reach-v0", &with("fault", fault))
}

#[test]
fn a_world_with_goals_passes_and_lies_about_them_are_found() {
    let findings = reach("none");
    findings.assert_passed();
    let goals = findings.list.iter().find(|finding| finding.check == "goals");
    assert_eq!(goals.map(|finding| finding.verdict), Some(Verdict::Passed), "{findings}");
    found(&reach("goal"), "goals", "the step brought -1, its goals are worth 0");
    found(&reach("nan"), "observations", "element 2 of the observation is NaN");
}
