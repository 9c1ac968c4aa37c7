//! Draws actions from the heads that policies write, for all lanes of a shard at once, with the
//! true log-probability of each draw.
//!
//! A draw depends on the run's key, the lane, the lane's step and the head: never on shards,
//! threads or the machine. Learners see choices counted from 0 and draws from a distribution before
//! they are clipped; only the best action with noise on top is clipped for them too, since that is
//! what a critic must judge. Environments get rows of their own number type, with choices counted
//! from where their space starts and reals clipped to its bounds.
//!
//! What is a density and what is a probability: choices and bits have probabilities, reals have
//! densities in the units of the action, those of the draw before any clipping; a real that was not
//! drawn but computed counts as probability 1.

mod bounded;
mod choose;
mod law;
mod mixture;
mod noise;
mod real;
mod row;
mod softmax;

#[cfg(test)]
mod tests;

pub use noise::Noise;

use law::Law;
use plugin_api::element::Dtype;
use plugin_api::needs::{Explore, Head, Schedule};
use plugin_api::simd::{Kernel, dispatch};
use plugin_api::{Error, Mode, Result, Task};

/// Elements of an action row: each has its own part of a lane's stream.
const ELEMENTS_MAX: usize = 0xffff;

/// How actions are drawn from one kind of head for one task.
#[derive(Clone, Debug)]
pub struct Sampler {
    /// What heads mean, and whether the draws stand in them.
    head: Head,
    is_drawn: bool,
    explore: Explore,
    /// Steps of the run before which any action is taken.
    random_steps: u64,
    /// One for each element of an action row.
    laws: Vec<Law>,
    head_width: usize,
    mask_width: usize,
    dtype: Dtype,
    /// ln of the density that uniform draws have apart from unbounded elements.
    uniform_log_density: f64,
}

/// When and for whom is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The run's key for drawing actions.
    pub key: u64,
    /// The lane of the first row; the others follow.
    pub first_lane: u64,
    /// Steps these lanes have taken; below 2^48.
    pub lane_step: u64,
    /// Environment steps of the whole run, which schedules go by.
    pub run_step: u64,
    /// Whether the draw explores.
    pub mode: Mode,
}

/// What is drawn from and where the draws go, a row for each lane.
#[derive(Debug)]
pub struct Draw<'a> {
    /// Heads, [rows, head width].
    pub head: &'a [f32],
    /// Allowed actions, [rows, mask width]; empty when all are.
    pub masks: &'a [u8],
    /// Actions as learners see them, [rows, action width].
    pub actions: &'a mut [f32],
    /// Actions as the environment takes them, [rows, bytes of an action row].
    pub env_actions: &'a mut [u8],
    /// True log-probability of each draw, [rows].
    pub log_probs: &'a mut [f32],
}

/// What a draw does with a head, with every schedule at its present value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    /// The first best, without any chance.
    Best,
    /// The best; all that are equally good have the same chance.
    Greedy,
    /// The distribution of the head, its logits or values divided by a temperature.
    Own { temperature: f64 },
    /// Any action.
    Uniform,
    /// Any action with this chance, else the best.
    Mixed { epsilon: f64 },
    /// The best, plus independent normal noise of this deviation.
    Normal { std: f64 },
    /// The best, plus a process that keeps `keep` of itself at each step and gains noise of `gain`.
    Process { keep: f64, gain: f64 },
}

impl Sampler {
    /// A sampler, or why head, exploration and actions do not go together.
    pub fn new(head: Head, explore: Explore, task: &Task) -> Result<Self> {
        let laws = law::laws_of(&task.actions);
        if laws.len() > ELEMENTS_MAX {
            return Err(misfit("actions have at most 65535 elements", task));
        }
        let sampler = Self {
            head: head.law(),
            is_drawn: head.is_drawn(),
            explore,
            random_steps: 0,
            head_width: head.width(&task.actions)?,
            mask_width: task.actions.mask_width(),
            dtype: task.actions.dtype(),
            uniform_log_density: laws.iter().map(Law::uniform_log_density).sum(),
            laws,
        };
        sampler.check_explore(explore, task)?;
        Ok(sampler)
    }

    /// Takes any action before so many steps of the run, where the space has a law of any action.
    #[must_use]
    pub fn random_until(mut self, steps: u64) -> Self {
        let fixed = self.laws.iter().any(|law| matches!(law, Law::Fixed));
        self.random_steps = if fixed { 0 } else { steps };
        self
    }

    /// Draws in another way from now on, for params that are edited while a run goes on.
    pub fn set_explore(&mut self, explore: Explore, task: &Task) -> Result<()> {
        self.check_explore(explore, task)?;
        self.explore = explore;
        Ok(())
    }

    /// Elements of a head row.
    pub fn head_width(&self) -> usize {
        self.head_width
    }

    /// Elements of an action row.
    pub fn action_width(&self) -> usize {
        self.laws.len()
    }

    /// Bytes of an action row as the environment takes it.
    pub fn env_row_bytes(&self) -> usize {
        self.laws.len() * self.dtype.size()
    }

    /// What exploration remembers of each of `lanes` lanes.
    pub fn noise(&self, lanes: usize) -> Noise {
        let reals = self.laws.iter().any(|law| matches!(law, Law::Real { .. }));
        let choices = self.laws.iter().map(Law::choices).max().unwrap_or(0);
        Noise::new(lanes, if reals { self.laws.len() } else { 0 }, choices)
    }

    /// Draws an action for each row. `noise` is that of the same lanes.
    pub fn draw(&self, moment: Moment, mut draw: Draw<'_>, noise: &mut Noise) -> Result<()> {
        let rows = self.check_shapes(&draw);
        assert!(moment.lane_step < 1 << 48, "lanes count fewer than 2^48 steps");
        let rule = self.rule(moment);
        if rule != Rule::Uniform {
            self.check_finite(&moment, draw.head)?;
        }
        if let [Law::Choice { n, start }] = self.laws[..]
            && let Some(kind) = choose::Kind::of(self.head, rule)
        {
            let space = choose::Choices { n, start, masked: !draw.masks.is_empty() };
            return choose::draw(kind, space, moment, &mut draw);
        }
        if rule == Rule::Uniform && self.dtype == Dtype::F32 && bounded::fits(&self.laws) {
            bounded::draw(&self.laws, self.uniform_log_density, moment, &mut draw);
            return Ok(());
        }
        for row in 0..rows {
            self.draw_row(rule, moment, row, &mut draw, noise)?;
        }
        Ok(())
    }

    /// What is to be done at this moment.
    fn rule(&self, moment: Moment) -> Rule {
        if moment.mode == Mode::Evaluate {
            return Rule::Best;
        }
        if moment.run_step < self.random_steps {
            return Rule::Uniform;
        }
        let at = |schedule: Schedule| schedule.at(moment.run_step);
        match self.explore {
            Explore::Policy if matches!(self.head, Head::Action | Head::Values) => Rule::Greedy,
            Explore::Policy => Rule::Own { temperature: 1.0 },
            Explore::Uniform => Rule::Uniform,
            Explore::EpsilonGreedy { epsilon } => {
                Rule::Mixed { epsilon: at(epsilon).clamp(0.0, 1.0) }
            }
            Explore::Boltzmann { temperature } => match at(temperature) {
                temperature if temperature > 1e-300 => Rule::Own { temperature },
                _ => Rule::Greedy,
            },
            Explore::Gaussian { std } => Rule::Normal { std: at(std) },
            Explore::OrnsteinUhlenbeck { theta, sigma, dt } => {
                Rule::Process { keep: 1.0 - theta * dt, gain: at(sigma) * dt.sqrt() }
            }
        }
    }

    fn check_explore(&self, explore: Explore, task: &Task) -> Result<()> {
        let no_text = || !self.laws.iter().any(|law| matches!(law, Law::Fixed));
        let (fits, needs) = match explore {
            Explore::Policy => (true, ""),
            Explore::Uniform | Explore::EpsilonGreedy { .. } => (
                no_text(),
                "any action can be drawn from spaces without Text or boundless integers",
            ),
            Explore::Boltzmann { .. } => (
                matches!(self.head, Head::Values | Head::Logits),
                "Boltzmann exploration needs a head of values or logits",
            ),
            Explore::Gaussian { .. } | Explore::OrnsteinUhlenbeck { .. } => (
                self.laws.iter().all(|law| matches!(law, Law::Real { .. })),
                "noise needs a Box action space of f32 or f64",
            ),
        };
        if fits { Ok(()) } else { Err(misfit(needs, task)) }
    }

    fn check_shapes(&self, draw: &Draw<'_>) -> usize {
        let rows = draw.log_probs.len();
        assert_eq!(draw.head.len(), rows * self.head_width, "head rows");
        assert_eq!(draw.actions.len(), rows * self.action_width(), "action rows");
        assert_eq!(draw.env_actions.len(), rows * self.env_row_bytes(), "rows for the environment");
        let masks = draw.masks.len();
        assert!(masks == 0 || masks == rows * self.mask_width, "mask rows");
        rows
    }

    /// Every number of a head must be finite: an agent that diverged is named here.
    fn check_finite(&self, moment: &Moment, head: &[f32]) -> Result<()> {
        if dispatch(AllFinite(head)) {
            return Ok(());
        }
        let place = head.iter().position(|x| !x.is_finite()).expect("one is not finite");
        let (row, element) = (place / self.head_width, place % self.head_width);
        let value = head[place];
        Err(moment.error(row, format!("element {element} of the policy's head is {value}")))
    }
}

impl Moment {
    /// An error that names lane and step.
    fn error(&self, row: usize, what: impl std::fmt::Display) -> Error {
        let lane = self.first_lane + row as u64;
        Error::argument(format!("lane {lane} at its step {}: {what}", self.lane_step))
    }
}

/// Where the draw of an element at a lane's step stands in the lane's stream.
fn counter(element: usize, lane_step: u64) -> u64 {
    (element as u64) << 48 | lane_step
}

fn misfit(needs: &str, task: &Task) -> Error {
    Error::argument(format!("{needs}, this one is {}", task.actions))
}

/// Whether every number is finite.
struct AllFinite<'a>(&'a [f32]);

impl Kernel for AllFinite<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        const EXPONENT: u32 = 0x7f80_0000;
        let wrong = |x: &f32| u32::from(x.to_bits() & EXPONENT == EXPONENT);
        self.0.iter().map(wrong).fold(0, |any, wrong| any | wrong) == 0
    }
}
