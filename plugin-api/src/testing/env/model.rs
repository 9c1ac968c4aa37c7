//! Whether steps bring what an environment's model says, as often as it says.

use super::super::{Stop, ensure};
use super::Subject;
use crate::env::TERMINATED;
use crate::model::Model;
use crate::space::Space;
use std::collections::BTreeMap;

/// Lanes and steps from which a model is judged.
const LANES: usize = 16;
const STEPS: usize = 2000;
/// Draws from which chances are judged, and how many deviations they may be off.
const DRAWS_MIN: u32 = 60;
const DEVIATIONS: f64 = 5.5;

/// What follows, by reward bits, state and end.
type Key = (u64, usize, bool);

fn key(reward: f64, next: usize, terminated: bool) -> Key {
    // Both zeros are one reward.
    ((reward + 0.0).to_bits(), next, terminated)
}

/// Steps bring what the model says, as often as it says.
pub(super) fn model(subject: &Subject<'_>) -> Result<String, Stop> {
    let mut world = subject.world(LANES)?;
    let Some(model) = world.env.model()? else {
        return Err(Stop::skipped("it offers none"));
    };
    let task = &subject.diary.task;
    let Some(states) = count(&task.observations) else {
        return Err(Stop::skipped("its observations are no states of a table"));
    };
    let actions = task.actions.choices()?;
    ensure!(
        (states, actions) == (model.states, model.actions),
        "it has {} states and {} actions, the task {states} and {actions}",
        model.states,
        model.actions
    );
    let number = |row: &[f64]| -> Result<usize, Stop> {
        task.observations.check(row)?;
        Ok(number(&task.observations, row))
    };
    let seeds: Vec<u64> = (0..LANES as u64).collect();
    let mut now = world
        .seed(&seeds)?
        .iter()
        .map(|moment| number(&moment.obs))
        .collect::<Result<Vec<usize>, _>>()?;
    let mut firsts = BTreeMap::new();
    let mut seen: BTreeMap<(usize, usize), BTreeMap<Key, u32>> = BTreeMap::new();
    for &state in &now {
        *firsts.entry(state).or_insert(0) += 1;
    }
    for step in 1..=STEPS {
        world.draw();
        for (lane, moment) in world.step()?.iter().enumerate() {
            let place = format!("lane {lane} at step {step}");
            let action = choice(&task.actions, moment.action[0]);
            let next = number(moment.next_obs())?;
            let terminated = moment.flags & TERMINATED != 0;
            let key = key(moment.reward, next, terminated);
            let outcomes = model.outcomes(now[lane], action);
            let known = outcomes.iter().any(|o| self::key(o.reward, o.next, o.terminated) == key);
            ensure!(
                known,
                "{place}: action {action} in state {} led to {next} with reward {}{}, which the \
                 model does not know",
                now[lane],
                moment.reward,
                if terminated { " and an end" } else { "" }
            );
            *seen.entry((now[lane], action)).or_default().entry(key).or_insert(0) += 1;
            now[lane] = number(&moment.obs)?;
            check_mask(&model, now[lane], &moment.mask).map_err(|stop| stop.while_(&place))?;
            if moment.ended() {
                *firsts.entry(now[lane]).or_insert(0) += 1;
            }
        }
    }
    let judged = judge(&model, &seen)?;
    judge_firsts(&model, &firsts)?;
    check_optimum(subject, &model)?;
    let steps = LANES * STEPS;
    Ok(format!("{steps} steps are as it says, the chances of {judged} pairs too"))
}

fn check_mask(model: &Model, state: usize, mask: &[u8]) -> Result<(), Stop> {
    for (action, &allowed) in mask.iter().enumerate() {
        ensure!(
            model.allows(state, action) == (allowed == 1),
            "mask and model differ on action {action} in state {state}"
        );
    }
    Ok(())
}

/// Compares how often things followed with how often they should; says of how many pairs.
fn judge(
    model: &Model,
    seen: &BTreeMap<(usize, usize), BTreeMap<Key, u32>>,
) -> Result<usize, Stop> {
    let mut judged = 0;
    for (&(state, action), followed) in seen {
        let draws: u32 = followed.values().sum();
        if draws < DRAWS_MIN {
            continue;
        }
        judged += 1;
        let mut chances: BTreeMap<Key, f64> = BTreeMap::new();
        for outcome in model.outcomes(state, action) {
            let key = key(outcome.reward, outcome.next, outcome.terminated);
            *chances.entry(key).or_insert(0.0) += outcome.chance;
        }
        for (key, chance) in chances {
            let times = followed.get(&key).copied().unwrap_or(0);
            ensure!(
                plausible(times, draws, chance),
                "action {action} in state {state} led to {} {times} times of {draws}, the model \
                 says with a chance of {chance}",
                key.1
            );
        }
    }
    Ok(judged)
}

fn judge_firsts(model: &Model, firsts: &BTreeMap<usize, u32>) -> Result<(), Stop> {
    let draws: u32 = firsts.values().sum();
    for (state, &chance) in model.start.iter().enumerate() {
        let times = firsts.get(&state).copied().unwrap_or(0);
        ensure!(times == 0 || chance > 0.0, "an episode began in state {state}, of chance 0");
        ensure!(
            draws < DRAWS_MIN || plausible(times, draws, chance),
            "{times} of {draws} episodes began in state {state}, the model says with a chance of \
             {chance}"
        );
    }
    Ok(())
}

fn plausible(times: u32, draws: u32, chance: f64) -> bool {
    let (times, draws) = (f64::from(times), f64::from(draws));
    let deviation = (draws * chance * (1.0 - chance)).max(0.0).sqrt();
    (times - draws * chance).abs() <= DEVIATIONS * deviation + 1.0
}

/// The optimum that a task declares is the one that its model has.
fn check_optimum(subject: &Subject<'_>, model: &Model) -> Result<(), Stop> {
    let task = &subject.diary.task;
    let Some(declared) = task.optimum else { return Ok(()) };
    let optimum = model.optimum(task.max_steps);
    ensure!(
        (declared - optimum).abs() <= 1e-6 * optimum.abs().max(1.0),
        "its task declares an optimum of {declared}, the model has {optimum}"
    );
    Ok(())
}

/// How many values a finite space has.
fn count(space: &Space) -> Option<usize> {
    let counts = space.leaves().into_iter().map(|(_, leaf)| match leaf {
        Space::Discrete { n, .. } => Some(*n),
        Space::MultiDiscrete { n, .. } => n.iter().try_fold(1, |all: usize, &n| all.checked_mul(n)),
        Space::MultiBinary { n } => 1_usize.checked_shl(*n as u32),
        _ => None,
    });
    counts.into_iter().try_fold(1, |all: usize, n| all.checked_mul(n?))
}

/// The number of a value of a finite space, row-major.
fn number(space: &Space, row: &[f64]) -> usize {
    let mut number = 0;
    for (start, leaf) in space.leaves() {
        for idx in 0..leaf.width() {
            let (n, first) = match leaf {
                Space::Discrete { n, start } => (*n, *start),
                Space::MultiDiscrete { n, start } => (n[idx], start[idx]),
                _ => (2, 0),
            };
            number = number * n + (row[start + idx] as i64 - first) as usize;
        }
    }
    number
}

/// The place of a Discrete action among its choices.
fn choice(actions: &Space, value: f64) -> usize {
    let Space::Discrete { start, .. } = actions else { return value as usize };
    (value as i64 - start) as usize
}
