//! What an environment may offer beyond steps: a scene, and goals.

use super::super::world::Moment;
use super::super::{Stop, ensure};
use super::{LANES, SEEDS, Subject};
use crate::env::TERMINATED;
use crate::scene::{Scene, Shape};
use crate::task::Goal;

/// Scenes can be drawn, and drawing changes nothing.
pub(super) fn scene(subject: &Subject<'_>) -> Result<String, Stop> {
    let mut world = subject.short(LANES)?;
    world.seed(&SEEDS)?;
    let (mut shapes, mut drawn) = (0, 0);
    for step in 0..40 {
        for lane in 0..LANES {
            let before = world.env.save(lane)?;
            let scene = world.env.render(lane)?;
            ensure!(
                world.env.save(lane)? == before,
                "lane {lane} at step {step}: drawing it changes its state"
            );
            if let Some(scene) = scene {
                let place = format!("lane {lane} at step {step}");
                check_scene(&scene).map_err(|stop| stop.while_(&place))?;
                drawn += 1;
                shapes = shapes.max(scene.shapes.len());
            }
        }
        world.play(1)?;
    }
    match drawn {
        0 => Err(Stop::skipped("there is nothing to see")),
        _ => Ok(format!("drawn {drawn} times, with up to {shapes} shapes")),
    }
}

fn check_scene(scene: &Scene) -> Result<(), Stop> {
    let Scene { view: [left, bottom, right, top], shapes, frame, text } = scene;
    let seen = !shapes.is_empty() || frame.is_some() || !text.is_empty();
    ensure!(seen, "its scene is empty; `false` says that there is nothing to see");
    let sound = shapes.is_empty() || left < right && bottom < top;
    ensure!(sound, "its scene shows {left} to {right} by {bottom} to {top}, which is no area");
    let lengths: Vec<f32> = shapes.iter().flat_map(lengths).chain(scene.view).collect();
    let wrong = lengths.iter().find(|length| !length.is_finite());
    ensure!(wrong.is_none(), "its scene has a length of {wrong:?}");
    Ok(())
}

fn lengths(shape: &Shape) -> Vec<f32> {
    match shape {
        Shape::Path { points, .. } => points.as_flattened().to_vec(),
        Shape::Circle { center: [x, y], radius, .. } => vec![*x, *y, *radius],
        Shape::Label { at, .. } => at.to_vec(),
    }
}

/// The reward of a step is what its goals are worth; other goals can be asked for, many at once.
pub(super) fn goals(subject: &Subject<'_>) -> Result<String, Stop> {
    let task = &subject.diary.task;
    let Some(goal) = &task.goal else {
        return Err(Stop::skipped("it has none"));
    };
    let mut world = subject.short(LANES)?;
    world.seed(&SEEDS)?;
    let mut different = 0;
    for step in 1..=60 {
        world.draw();
        let moments = world.step()?;
        let own = ask(&mut world.env, task, goal, &moments, |moment| moment)?;
        for (lane, (moment, (reward, flags))) in moments.iter().zip(&own).enumerate() {
            let place = format!("lane {lane} at step {step}");
            ensure!(
                reward.to_bits() == moment.reward.to_bits(),
                "{place}: the step brought {}, its goals are worth {reward}",
                moment.reward
            );
            ensure!(
                flags & TERMINATED == moment.flags & TERMINATED,
                "{place}: the flags of the step are {}, of its goals {flags}",
                moment.flags
            );
        }
        let other = ask(&mut world.env, task, goal, &moments, |_| &moments[0])?;
        different += own
            .iter()
            .zip(&other)
            .filter(|(own, other)| own.0.to_bits() != other.0.to_bits())
            .count();
        for (lane, (reward, _)) in other.iter().enumerate() {
            let (low, high) = task.rewards;
            ensure!(
                *reward >= low && *reward <= high,
                "lane {lane} at step {step}: with another goal the reward is {reward}"
            );
        }
    }
    Ok(format!("steps are worth what their goals say; {different} would differ with other goals"))
}

/// Rewards and flags of moments whose wishes are taken from elsewhere.
fn ask<'a>(
    env: &mut crate::abi::handle::EnvHandle,
    task: &crate::Task,
    goal: &Goal,
    moments: &'a [Moment],
    wishes: impl Fn(&'a Moment) -> &'a Moment,
) -> Result<Vec<(f64, u8)>, Stop> {
    let dtype = task.observations.dtype();
    let rows = |part: &dyn Fn(&'a Moment) -> &'a [f64]| {
        let values: Vec<f64> = moments.iter().flat_map(|moment| part(moment).to_vec()).collect();
        let mut rows = super::super::fence::Fenced::new(values.len() * dtype.size());
        super::super::world::put(dtype, &values, rows.bytes_mut());
        rows
    };
    let achieved = rows(&|moment| &moment.next_obs()[goal.achieved.clone()]);
    let desired = rows(&|moment| &wishes(moment).next_obs()[goal.desired.clone()]);
    let mut rewards = vec![f64::NAN; moments.len()];
    let mut flags = vec![u8::MAX; moments.len()];
    let bytes = (achieved.bytes(), desired.bytes());
    env.goal_steps(goal.achieved.len(), bytes, &mut rewards, &mut flags)?;
    Ok(rewards.into_iter().zip(flags).collect())
}
