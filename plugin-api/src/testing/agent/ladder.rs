//! The ladder: worlds with known answers, from the easiest to the one that few get right.
//!
//! Who fails on a rung finds the mistake just above the last one that held: a loss that cannot fit
//! a constant, observations that do not arrive, a discount or a next observation that is wrong, an
//! action that is mixed up, a cut that is taken for an end.

use super::super::acting::Look;
use super::super::probes::{Form, LIMIT, Rung};
use super::super::trainer::{Trainer, best, real};
use super::super::{Stop, ensure};
use super::{SEED, Subject, rung_params};
use crate::needs::{Feed, Head, Returns};
use crate::params::{Value, Values};

/// The discount that agents are given where they have such a param.
const DISCOUNT: f64 = 0.99;
/// Environment steps and updates that an agent is given for a rung.
const STEPS_MAX: u64 = 40_000;
const UPDATES_MIN: u64 = 12;
const UPDATES_MAX: u64 = 8_000;
/// Looks at the answer that must come out right one after another.
const LOOKS: u32 = 3;
/// Environment steps between two looks.
const PAUSE: u64 = 100;

const RUNGS: [(&str, Rung); 8] = [
    ("probe: a constant", Rung::Constant),
    ("probe: what is seen", Rung::Sight),
    ("probe: a step ahead", Rung::Delay),
    ("probe: what is done", Rung::Choice),
    ("probe: both", Rung::Identity),
    ("probe: chance", Rung::Bandit),
    ("probe: a step limit", Rung::Limit),
    ("probe: a mask", Rung::Mask),
];

/// Climbs all rungs.
pub(super) fn climb(subject: &Subject<'_>) -> Vec<(&'static str, Result<String, Stop>)> {
    RUNGS.into_iter().map(|(what, rung)| (what, step_up(subject, rung))).collect()
}

/// One rung, with each kind of action.
fn step_up(subject: &Subject<'_>, rung: Rung) -> Result<String, Stop> {
    let forms = |real: bool| {
        subject.forms.iter().find(|form| {
            let fits =
                if rung == Rung::Mask { form.only == Some(rung) } else { form.only.is_none() };
            fits && real == form.label.ends_with("Box actions")
        })
    };
    let mut says = Err(Stop::skipped("it accepts no world of this kind"));
    for form in [forms(false), forms(true)].into_iter().flatten() {
        let label = form.label;
        match learn(subject, form, rung) {
            Ok(learnt) => says = Ok(learnt),
            Err(stop) if stop.verdict == super::super::Verdict::Skipped => {
                says = says.or(Err(stop));
            }
            Err(stop) => return Err(stop.while_(label)),
        }
    }
    says
}

/// Trains until the answer is right, or the patience at its end.
fn learn(subject: &Subject<'_>, form: &Form, rung: Rung) -> Result<String, Stop> {
    let mut params = subject.params.clone();
    let discount = discount(subject, &mut params);
    let task = form.task(Some(rung))?;
    let agent = subject.plugin.agent(&subject.info.name, &params, &task, SEED)?;
    let mut trainer = Trainer::new(agent, form, &rung_params(Some(rung)))?;
    applies(&trainer, rung, discount)?;
    let mut right = 0;
    loop {
        let pause = trainer.steps + PAUSE;
        while trainer.steps < pause {
            trainer.step()?;
        }
        let answer = answer(&mut trainer, form, rung, discount)?;
        right = if answer.is_ok() { right + 1 } else { 0 };
        match answer {
            Ok(says) if right == LOOKS => {
                return Ok(format!("{says}, after {} steps", trainer.steps));
            }
            Err(says) if is_over(&trainer) => {
                let (steps, updates) = (trainer.steps, trainer.updates);
                ensure!(false, "after {steps} steps and {updates} updates {says}");
            }
            _ => {}
        }
    }
}

fn is_over(trainer: &Trainer) -> bool {
    let patient = trainer.steps < STEPS_MAX || trainer.updates < UPDATES_MIN;
    !patient || trainer.updates >= UPDATES_MAX
}

/// The discount that the agent works with, if it has such a param.
fn discount(subject: &Subject<'_>, params: &mut Values) -> Option<f64> {
    let spec = subject.info.params.iter().find(|spec| spec.name == "discount")?;
    if let Some(Value::Float(set)) = params.get("discount") {
        return Some(*set);
    }
    spec.check(&Value::Float(DISCOUNT)).ok()?;
    params.insert("discount".into(), Value::Float(DISCOUNT));
    Some(DISCOUNT)
}

/// Whether an agent can be asked for the answer.
fn applies(trainer: &Trainer, rung: Rung, discount: Option<f64>) -> Result<(), Stop> {
    if matches!(&trainer.needs.feed, Feed::Replay(replay) if replay.is_imitation()) {
        return Err(Stop::skipped("it imitates, and there is nobody to imitate"));
    }
    let needs = &trainer.needs;
    if matches!(needs.feed, Feed::Nothing) {
        return Err(Stop::skipped("it does not learn"));
    }
    if matches!(&needs.feed, Feed::Replay(replay) if replay.relabel.is_some()) {
        return Err(Stop::skipped("relabelled goals are the bench's to provide"));
    }
    let decides = matches!(rung, Rung::Choice | Rung::Identity | Rung::Bandit);
    let estimates = needs.values || needs.head == Head::Values;
    if !decides && !estimates {
        return Err(Stop::skipped("it has no estimate of values to look at"));
    }
    let whole = matches!(needs.feed, Feed::Episodes)
        || matches!(needs.returns, Some(Returns::MonteCarlo { .. }));
    let bootstraps = matches!(needs.returns, Some(Returns::NStep { .. } | Returns::Gae { .. }));
    match rung {
        Rung::Limit if whole && !bootstraps => {
            Err(Stop::skipped("it learns from sums that end where an episode is cut"))
        }
        Rung::Limit if discount.is_none() => {
            Err(Stop::skipped("it has no param `discount` by which the answer is known"))
        }
        _ => Ok(()),
    }
}

/// What an agent says now, right or wrong.
fn answer(
    trainer: &mut Trainer,
    form: &Form,
    rung: Rung,
    discount: Option<f64>,
) -> Result<Result<String, String>, Stop> {
    let later = discount.map_or((0.3, 1.05), |discount| (discount - 0.2, discount + 0.05));
    let near = |value: f64| (value - 0.2, value + 0.2);
    let mut values = Vec::new();
    let mut choices = Vec::new();
    match rung {
        Rung::Constant => values.push((0, near(1.0))),
        Rung::Sight => values.extend([(0, near(-1.0)), (1, near(1.0))]),
        Rung::Delay => values.extend([(0, later), (1, near(1.0))]),
        // Who takes a cut for an end never gets beyond the sum of one episode.
        Rung::Limit => values.push((0, (f64::from(LIMIT) + 2.0, 110.0))),
        Rung::Mask => values.extend([(1, near(-1.0)), (0, (-later.1, -later.0))]),
        Rung::Choice | Rung::Bandit => choices.push((0, 1)),
        Rung::Identity => choices.extend([(0, 0), (1, 1)]),
        Rung::Goal => {}
    }
    for (state, (low, high)) in values {
        let value = value(trainer, form, state, rung)?;
        if !(low..=high).contains(&value) {
            return Ok(Err(format!(
                "state {state} is worth {value:.3} to it; right is {low:.2} to {high:.2}"
            )));
        }
    }
    for (state, right) in choices {
        let choice = choice(trainer, form, state)?;
        if choice != right {
            return Ok(Err(format!("it does {choice} in state {state}; right is {right}")));
        }
    }
    Ok(Ok("it has the answer".into()))
}

/// The head and the value of a state.
fn look(
    trainer: &mut Trainer,
    form: &Form,
    state: usize,
    masks: &[u8],
) -> Result<(Vec<f32>, Option<f32>), Stop> {
    let memory = vec![0.0; trainer.needs.memory];
    let obs = (form.show)(state);
    let step = trainer.steps;
    let look = Look { obs: &obs, masks, memory: &memory, evaluate: true, step, key: step };
    let acted = trainer.act(look)?;
    Ok((acted.head, acted.values.first().copied()))
}

fn value(trainer: &mut Trainer, form: &Form, state: usize, rung: Rung) -> Result<f64, Stop> {
    let mask: &[u8] = match rung {
        Rung::Mask if state == 1 => &[1, 0],
        Rung::Mask => &[1, 1],
        _ => &[],
    };
    let (head, value) = look(trainer, form, state, mask)?;
    let best = best(trainer.needs.head, &head, mask);
    Ok(f64::from(value.unwrap_or_else(|| head[best])))
}

/// What it does in a state when nothing is drawn.
fn choice(trainer: &mut Trainer, form: &Form, state: usize) -> Result<usize, Stop> {
    let (head, _) = look(trainer, form, state, &[])?;
    let kind = trainer.needs.head;
    Ok(if form.label.ends_with("Box actions") {
        usize::from(real(kind, &head) > 0.0)
    } else {
        best(kind, &head, &[])
    })
}
