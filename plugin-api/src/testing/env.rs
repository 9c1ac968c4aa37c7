//! The promises of an environment, each tried out on its own.

mod beyond;
mod episodes;
mod model;
mod rows;
mod twins;

use super::world::{Moment, World};
use super::{Findings, Stop, ensure, finding, one, params};
use crate::abi::handle::PluginHandle;
use crate::abi::info::EnvInfo;
use crate::lanes::MAX_STEPS;
use crate::params::{Value, Values};
use crate::task::{Determinism, Task};

/// Lanes of most checks.
const LANES: usize = 3;
/// Their seeds.
const SEEDS: [u64; LANES] = [11, 12, 13];
/// Steps of most checks.
const STEPS: usize = 200;
/// A step limit at which every environment ends several episodes during a check.
const SHORT: u32 = 17;

type Check = fn(&Subject<'_>) -> Result<String, Stop>;

const CHECKS: &[(&str, Check)] = &[
    ("params", check_params),
    ("observations", rows::observations),
    ("rewards", rows::rewards),
    ("flags", rows::flags),
    ("masks", rows::masks),
    ("infos", rows::infos),
    ("episodes", episodes::ends),
    ("step limit", episodes::limit),
    ("seeds", twins::seeds),
    ("lanes", twins::lanes),
    ("batches", twins::batches),
    ("state", twins::state),
    ("scene", beyond::scene),
    ("goals", beyond::goals),
    ("model", model::model),
];

/// An environment that is checked.
pub(super) struct Subject<'a> {
    plugin: &'a PluginHandle,
    info: &'a EnvInfo,
    params: &'a Values,
    diary: Diary,
}

/// What lanes lived through, for all checks that only look.
struct Diary {
    task: Task,
    first: Vec<Moment>,
    /// With the step limit that the task has, then with a short one.
    steps: Vec<Vec<Moment>>,
    /// What the environment said of how many lanes ended in each step.
    ended: Vec<usize>,
    /// Whether rows of final observations of lanes that went on were left alone.
    left_alone: bool,
}

impl<'a> Subject<'a> {
    pub(super) fn new(plugin: &'a PluginHandle, info: &'a EnvInfo, params: &'a Values) -> Self {
        let diary = Diary {
            task: Task::default(),
            first: Vec::new(),
            steps: Vec::new(),
            ended: Vec::new(),
            left_alone: true,
        };
        Self { plugin, info, params, diary }
    }

    pub(super) fn check(mut self) -> Findings {
        let name = self.info.name.clone();
        let made = match self.made() {
            Ok(says) => finding(&name, "made", Ok(says)),
            Err(stop) => return one(&name, "made", Err(stop)),
        };
        let mut list = vec![made];
        for (what, check) in CHECKS {
            list.push(finding(&name, what, check(&self)));
        }
        Findings { list }
    }

    /// Makes it, and lets it live for a while.
    fn made(&mut self) -> Result<String, Stop> {
        let mut world = self.world(LANES)?;
        self.diary.task = world.task.clone();
        for lanes in [1, 2 * LANES] {
            let other = self.world(lanes)?;
            ensure!(other.task == world.task, "{lanes} lanes have another task than {LANES}");
        }
        self.diary.first = world.seed(&SEEDS)?;
        self.keep_diary(&mut world)?;
        let mut short = self.short(LANES)?;
        self.diary.first.extend(short.seed(&SEEDS)?);
        self.keep_diary(&mut short)?;
        let Task { observations, actions, .. } = &world.task;
        Ok(format!("it shows {observations} and takes {actions}"))
    }

    fn keep_diary(&mut self, world: &mut World) -> Result<(), Stop> {
        for step in 1..=STEPS {
            world.draw();
            let moments = world.step().map_err(|stop| stop.while_(format_args!("step {step}")))?;
            let on = (0..LANES).filter(|&lane| !moments[lane].ended());
            self.diary.left_alone &= on.into_iter().all(|lane| world.left_alone(lane));
            self.diary.ended.push(world.ended);
            self.diary.steps.push(moments);
        }
        Ok(())
    }

    fn world(&self, lanes: usize) -> Result<World, Stop> {
        Ok(World::new(self.plugin.env(&self.info.name, self.params, lanes)?))
    }

    /// Lanes whose episodes are cut after [`SHORT`] steps.
    fn short(&self, lanes: usize) -> Result<World, Stop> {
        self.limited(lanes, SHORT)
    }

    fn limited(&self, lanes: usize, max_steps: u32) -> Result<World, Stop> {
        let mut params = self.params.clone();
        params.insert(MAX_STEPS.to_owned(), Value::Int(max_steps.into()));
        Ok(World::new(self.plugin.env(&self.info.name, &params, lanes)?))
    }

    /// Twins can only be compared where the same seed and actions bring the same numbers.
    fn deterministic(&self) -> Result<(), Stop> {
        match self.diary.task.determinism {
            Determinism::Portable | Determinism::Machine => Ok(()),
            Determinism::None => Err(Stop::skipped("its task promises no reproducible numbers")),
        }
    }
}

impl Diary {
    /// Every moment after a reset or step, with words for where it was.
    fn moments(&self) -> impl Iterator<Item = (String, &Moment)> {
        let first = self.first.iter().enumerate().map(|(lane, moment)| {
            (format!("lane {} at its first observation", lane % LANES), moment)
        });
        let steps = self.steps.iter().enumerate().flat_map(|(idx, moments)| {
            let lanes = moments.iter().enumerate();
            lanes.map(move |(lane, moment)| {
                (format!("lane {lane} at step {}", idx % STEPS + 1), moment)
            })
        });
        first.chain(steps)
    }
}

fn check_params(subject: &Subject<'_>) -> Result<String, Stop> {
    let make = |values: &Values| subject.plugin.env(&subject.info.name, values, 1).map(drop);
    params::check(&subject.info.params, subject.params, make)
}
