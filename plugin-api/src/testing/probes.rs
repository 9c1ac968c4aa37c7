//! Worlds so small that their answers are known, in every form an agent may ask for: states as
//! numbers or as places of a vector, two choices or a real number whose sign counts.

use super::One;
use crate::abi::handle::PluginHandle;
use crate::abi::local::local;
use crate::archive::Archive;
use crate::element::Element;
use crate::env::{Env, Step};
use crate::error::Result;
use crate::rng::Rng;
use crate::space::Space;
use crate::task::Task;
use std::marker::PhantomData;

/// Steps after which a world that never ends is cut.
pub(super) const LIMIT: u32 = 10;

/// What an agent has to get right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rung {
    /// Always 1, then the end.
    Constant,
    /// 1 in one state, -1 in the other, then the end.
    Sight,
    /// Nothing, then 1 and the end.
    Delay,
    /// 1 for one action, -1 for the other, then the end.
    Choice,
    /// 1 for the action that is shown, then the end.
    Identity,
    /// One action pays more often.
    Bandit,
    /// Always 1, never an end, cut after [`LIMIT`] steps.
    Limit,
    /// A step, then one that costs 1; the action that would seem to cost nothing is forbidden.
    Mask,
    /// A number to reach, as a goal.
    Goal,
}

crate::params! {
    /// Which world.
    pub(super) struct ProbeParams {
        /// What an agent has to get right.
        rung: String = "identity" of [
            "constant", "sight", "delay", "choice", "identity", "bandit", "limit", "mask", "goal",
        ],
    }
}

impl Rung {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Sight => "sight",
            Self::Delay => "delay",
            Self::Choice => "choice",
            Self::Identity => "identity",
            Self::Bandit => "bandit",
            Self::Limit => "limit",
            Self::Mask => "mask",
            Self::Goal => "goal",
        }
    }

    fn of(name: &str) -> Self {
        let all = [
            Self::Constant,
            Self::Sight,
            Self::Delay,
            Self::Choice,
            Self::Identity,
            Self::Bandit,
            Self::Limit,
            Self::Mask,
            Self::Goal,
        ];
        all.into_iter().find(|rung| rung.name() == name).expect("the params allow no other")
    }

    /// Whether the first state of an episode is drawn.
    fn draws_state(self) -> bool {
        matches!(self, Self::Sight | Self::Identity)
    }
}

/// How a state is shown.
pub(super) trait Seen: Clone + Send + 'static {
    type Element: Element;
    fn space() -> Space;
    fn show(state: usize, row: &mut [Self::Element]);
}

/// As its number.
#[derive(Clone)]
pub(super) struct Number;

impl Seen for Number {
    type Element = i64;

    fn space() -> Space {
        Space::discrete(2)
    }

    fn show(state: usize, row: &mut [i64]) {
        row[0] = state as i64;
    }
}

/// As a place of a vector.
#[derive(Clone)]
pub(super) struct Place;

impl Seen for Place {
    type Element = f32;

    fn space() -> Space {
        Space::range::<f32>(0.0, 1.0, &[2])
    }

    fn show(state: usize, row: &mut [f32]) {
        row.fill(0.0);
        row[state] = 1.0;
    }
}

/// As goals: what is achieved, what is wanted, and nothing else.
#[derive(Clone)]
pub(super) struct Wish;

impl Seen for Wish {
    type Element = f32;

    fn space() -> Space {
        let line = || Space::range::<f32>(-2.0, 2.0, &[1]);
        Space::dict([("achieved_goal", line()), ("desired_goal", line()), ("observation", line())])
    }

    fn show(state: usize, row: &mut [f32]) {
        row.copy_from_slice(&[state as f32, 1.0, state as f32]);
    }
}

/// How an action is taken.
pub(super) trait Taken: Clone + Send + 'static {
    type Element: Element;
    fn space() -> Space;
    fn choice(row: &[Self::Element]) -> usize;
}

/// One of two.
#[derive(Clone)]
pub(super) struct OfTwo;

impl Taken for OfTwo {
    type Element = i64;

    fn space() -> Space {
        Space::discrete(2)
    }

    fn choice(row: &[i64]) -> usize {
        row[0] as usize
    }
}

/// The sign of a number.
#[derive(Clone)]
pub(super) struct Sign;

impl Taken for Sign {
    type Element = f32;

    fn space() -> Space {
        Space::range::<f32>(-1.0, 1.0, &[1])
    }

    fn choice(row: &[f32]) -> usize {
        usize::from(row[0] > 0.0)
    }
}

/// The world.
#[derive(Clone)]
pub(super) struct Probe<S, A> {
    rung: Rung,
    state: usize,
    form: PhantomData<fn() -> (S, A)>,
}

impl<S: Seen, A: Taken> Env for Probe<S, A> {
    const NAME: &'static str = "probe";
    type Params = ProbeParams;
    type Obs = S::Element;
    type Action = A::Element;

    fn new(params: &ProbeParams) -> Result<Self> {
        Ok(Self { rung: Rung::of(&params.rung), state: 0, form: PhantomData })
    }

    fn task(&self) -> Task {
        let limit = if self.rung == Rung::Limit { LIMIT } else { 0 };
        let task = Task::new(S::space(), A::space(), limit).rewards(-1.0, 1.0);
        match self.rung {
            Rung::Mask => task.masked(),
            Rung::Goal => task.goals(),
            _ => task,
        }
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [S::Element]) {
        self.state = if self.rung.draws_state() { rng.below(2) } else { 0 };
        S::show(self.state, obs);
    }

    fn step(&mut self, action: &[A::Element], rng: &mut Rng, obs: &mut [S::Element]) -> Step {
        let (state, choice) = (self.state, A::choice(action));
        let right = |right: bool| if right { 1.0 } else { -1.0 };
        if matches!(self.rung, Rung::Delay | Rung::Mask) && state == 0 {
            self.state = 1;
            S::show(1, obs);
            return Step::go_on(0.0);
        }
        match self.rung {
            Rung::Constant | Rung::Delay => Step::terminate(1.0),
            Rung::Limit => Step::go_on(1.0),
            Rung::Sight => Step::terminate(right(state == 1)),
            Rung::Choice => Step::terminate(right(choice == 1)),
            Rung::Identity => Step::terminate(right(choice == state)),
            Rung::Bandit => {
                let chance = if choice == 1 { 0.8 } else { 0.2 };
                Step::terminate(if rng.chance(chance) { 1.0 } else { 0.0 })
            }
            Rung::Mask => Step::terminate(-1.0),
            Rung::Goal => {
                self.state = choice;
                S::show(choice, obs);
                Step::terminate(if choice == 1 { 0.0 } else { -1.0 })
            }
        }
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("state", &mut self.state);
    }

    fn mask(&self, allowed: &mut [u8]) {
        allowed.copy_from_slice(&[1, u8::from(self.state == 0)]);
    }

    fn goal_step(&self, achieved: &[S::Element], desired: &[S::Element]) -> Step {
        Step::terminate(if achieved[0] == desired[0] { 0.0 } else { -1.0 })
    }
}

/// A form of the worlds.
#[derive(Clone, Debug)]
pub(super) struct Form {
    /// What an agent meets there, in words.
    pub(super) label: &'static str,
    pub(super) plugin: PluginHandle,
    /// Whether there is a mask or a goal in it: then only one rung makes sense.
    pub(super) only: Option<Rung>,
    /// A state as learners see it.
    pub(super) show: fn(usize) -> Vec<f32>,
}

/// All forms there are.
pub(super) fn forms() -> Result<Vec<Form>> {
    Ok(vec![
        form::<Number, OfTwo>("Discrete states, Discrete actions", None)?,
        form::<Place, OfTwo>("Box states, Discrete actions", None)?,
        form::<Place, Sign>("Box states, Box actions", None)?,
        form::<Number, Sign>("Discrete states, Box actions", None)?,
        form::<Number, OfTwo>("Discrete states, masked actions", Some(Rung::Mask))?,
        form::<Place, OfTwo>("Box states, masked actions", Some(Rung::Mask))?,
        form::<Wish, OfTwo>("goals, Discrete actions", Some(Rung::Goal))?,
        form::<Wish, Sign>("goals, Box actions", Some(Rung::Goal))?,
    ])
}

fn form<S: Seen, A: Taken>(label: &'static str, only: Option<Rung>) -> Result<Form> {
    let show = |state| {
        let mut row = vec![S::Element::default(); S::space().width()];
        S::show(state, &mut row);
        row.into_iter().map(Element::to_f32).collect()
    };
    Ok(Form { label, plugin: local::<One<Probe<S, A>>>()?, only, show })
}

#[cfg(test)]
mod tests {
    use super::super::check_env_of;
    use super::*;
    use crate::params::{Value, Values};

    #[test]
    fn the_worlds_keep_their_own_promises() {
        let all = [
            Rung::Constant,
            Rung::Sight,
            Rung::Delay,
            Rung::Choice,
            Rung::Identity,
            Rung::Bandit,
            Rung::Limit,
        ];
        for form in forms().expect("they describe themselves") {
            for rung in form.only.map_or(all.to_vec(), |only| vec![only]) {
                let rung = Value::Text(rung.name().to_owned());
                let params = Values::from([("rung".to_owned(), rung)]);
                check_env_of(&form.plugin, "probe", &params).assert_passed();
            }
        }
    }
}
