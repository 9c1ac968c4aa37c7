//! How episodes end, and what follows.

use super::super::world::World;
use super::super::{Stop, ensure};
use super::{LANES, SEEDS, SHORT, Subject};
use crate::env::TRUNCATED;

/// Longest limit of its own that an environment is followed to.
const LIMIT_MAX: u32 = 2000;

pub(super) fn ends(subject: &Subject<'_>) -> Result<String, Stop> {
    ensure!(subject.diary.left_alone, "a final observation was written for a lane that went on");
    let short = &subject.diary.steps[super::STEPS..];
    let ends = short.iter().flatten().filter(|moment| moment.ended()).count();
    ensure!(ends > 0, "no episode ended in {} steps cut after {SHORT}", super::STEPS);
    let differ = |moment: &&super::Moment| moment.ended() && moment.final_obs != moment.obs;
    let fresh = short.iter().flatten().filter(differ).count();
    let still = "every one ended where the next began";
    let says = if fresh == 0 { still.to_owned() } else { format!("{fresh} ended elsewhere") };
    Ok(format!("{ends} ended and the next began at once; {says}"))
}

pub(super) fn limit(subject: &Subject<'_>) -> Result<String, Stop> {
    let own = subject.diary.task.max_steps;
    for limit in [1, 5] {
        follow(subject.limited(LANES, limit)?, limit, 4 * limit)?;
    }
    if own == 0 || own > LIMIT_MAX {
        return Ok("episodes are cut at any limit that is set".into());
    }
    follow(subject.world(LANES)?, own, own + 1)?;
    Ok(format!("episodes are cut after {own} steps, and at any limit that is set"))
}

/// Whether every lane is truncated at this step of each episode, and never before.
fn follow(mut world: World, limit: u32, steps: u32) -> Result<(), Stop> {
    world.seed(&SEEDS)?;
    let mut elapsed = [0; LANES];
    for step in 1..=steps {
        world.draw();
        for (lane, moment) in world.step()?.into_iter().enumerate() {
            elapsed[lane] += 1;
            ensure!(
                elapsed[lane] < limit || moment.flags & TRUNCATED != 0,
                "lane {lane} at step {step}: an episode goes on after {limit} steps"
            );
            if moment.ended() {
                elapsed[lane] = 0;
            }
        }
    }
    Ok(())
}
