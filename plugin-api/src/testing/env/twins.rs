//! Twins: two worlds that must live through the same, to the bit.

use super::super::world::{Moment, World, same};
use super::super::{Stop, ensure};
use super::{LANES, SEEDS, Subject};
use crate::abi::types::reset;

/// Steps for which twins are followed.
const STEPS: usize = 60;

/// The same seed brings the same episode; told is how much of it is chance.
pub(super) fn seeds(subject: &Subject<'_>) -> Result<String, Stop> {
    subject.deterministic()?;
    let mut world = subject.short(LANES)?;
    let live = |world: &mut World, seeds: &[u64]| -> Result<_, Stop> {
        let first = world.seed(seeds)?;
        let mut lived = vec![first];
        lived.extend(world.play(STEPS)?);
        Ok(lived)
    };
    let first = live(&mut world, &SEEDS)?;
    let again = live(&mut world, &SEEDS)?;
    same(&first, &again, ("once", "when seeded again"))?;
    let mut other = subject.short(LANES)?;
    let elsewhere = live(&mut other, &SEEDS)?;
    same(&first, &elsewhere, ("here", "in a second instance"))?;

    let many: Vec<Vec<Moment>> = (0..8_u64)
        .map(|seed| live_alike(&mut subject.short(1)?, seed))
        .collect::<Result<_, _>>()?;
    let differs =
        |lived: &&Vec<Moment>| lived.iter().zip(&many[0]).any(|(a, b)| a.difference(b).is_some());
    let different = many.iter().filter(differs).count();
    Ok(match different {
        0 => "the same seed brings the same episode; no seed changes anything".into(),
        _ => format!("the same seed brings the same episode; {} of 8 seeds differ", different + 1),
    })
}

/// One lane from this seed, under actions that do not depend on it.
fn live_alike(world: &mut World, seed: u64) -> Result<Vec<Moment>, Stop> {
    world.seed(&[0])?;
    world.reset(&[reset::SEED], &[seed])?;
    let mut lived = world.moments();
    lived.extend(world.play(STEPS)?.into_iter().flatten());
    Ok(lived)
}

/// What happens in one lane is nobody else's business.
pub(super) fn lanes(subject: &Subject<'_>) -> Result<String, Stop> {
    subject.deterministic()?;
    let (mut left, mut right) = (subject.short(LANES)?, subject.short(LANES)?);
    left.seed(&SEEDS)?;
    right.seed(&SEEDS)?;
    left.play(5)?;
    right.play(5)?;
    let before = left.moments();
    left.reset(&[reset::KEEP, reset::SEED, reset::KEEP], &[77, 77, 77])?;
    let after = left.moments();
    for lane in [0, 2] {
        let (before, after) = (&before[lane], &after[lane]);
        let touched = before.obs != after.obs || before.mask != after.mask;
        ensure!(
            !touched && bits(&before.infos) == bits(&after.infos),
            "lane {lane}: its rows changed when lane 1 was reset"
        );
    }
    for step in 6..=5 + STEPS {
        left.draw();
        right.draw();
        let (left, right) = (left.step()?, right.step()?);
        for lane in [0, 2] {
            if let Some(difference) = left[lane].difference(&right[lane]) {
                ensure!(
                    false,
                    "lane {lane} at step {step}: {difference} with and without a reset of lane 1"
                );
            }
        }
    }
    Ok("each goes its own way when another is reset".into())
}

/// The bits of info scalars, of which poison is no number.
fn bits(infos: &[f64]) -> Vec<u64> {
    infos.iter().map(|value| value.to_bits()).collect()
}

/// A batch of lanes is as many single ones.
pub(super) fn batches(subject: &Subject<'_>) -> Result<String, Stop> {
    const BATCH: usize = 5;
    subject.deterministic()?;
    let seeds: Vec<u64> = (100..).take(BATCH).collect();
    let mut together = subject.short(BATCH)?;
    let first = together.seed(&seeds)?;
    let lived = together.play(STEPS)?;
    for (lane, &seed) in seeds.iter().enumerate() {
        let mut alone = subject.short(1)?;
        let moment = alone.seed(&[seed])?.swap_remove(0);
        if let Some(difference) = first[lane].difference(&moment) {
            ensure!(
                false,
                "lane {lane} of {BATCH} at its first observation: {difference} together and alone"
            );
        }
        for (idx, moments) in alone.play(STEPS)?.iter().enumerate() {
            if let Some(difference) = lived[idx][lane].difference(&moments[0]) {
                let step = idx + 1;
                ensure!(
                    false,
                    "lane {lane} of {BATCH} at step {step}: {difference} together and alone"
                );
            }
        }
    }
    Ok(format!("{BATCH} lanes together are {BATCH} lanes alone"))
}

/// A lane goes on exactly where it was saved: in a fresh instance, and in another lane of a used
/// one.
pub(super) fn state(subject: &Subject<'_>) -> Result<String, Stop> {
    subject.deterministic()?;
    let mut bytes = 0;
    for steps in [0, 1, 7, 16, 17, 40] {
        let mut original = subject.short(LANES)?;
        original.seed(&SEEDS)?;
        original.play(steps)?;
        let saved = (0..LANES).map(|lane| original.save(lane)).collect::<Result<Vec<_>, _>>()?;
        bytes = bytes.max(saved[0].state.len());
        let lived = original.play(STEPS)?;

        let mut fresh = subject.short(LANES)?;
        let mut used = subject.short(LANES)?;
        used.seed(&[900, 901, 902])?;
        used.play(9)?;
        for (lane, saved) in saved.iter().enumerate() {
            for (world, lane) in [(&mut fresh, lane), (&mut used, (lane + 1) % LANES)] {
                world.load(lane, saved)?;
                ensure!(
                    world.save(lane)?.state == saved.state,
                    "lane {lane} at step {steps}: what was loaded is saved as something else"
                );
                ensure!(
                    world.looks_like(lane, saved)?,
                    "lane {lane} at step {steps}: mask or infos are others after loading"
                );
            }
        }
        let again = fresh.play(STEPS)?;
        let names = ("without a break", "after loading it in a fresh instance");
        let after = |stop: Stop| stop.while_(format_args!("{steps} steps, then saved"));
        same(&lived, &again, names).map_err(after)?;
        let moved: Vec<Vec<Moment>> = used
            .play(STEPS)?
            .into_iter()
            .map(|mut moments| {
                moments.rotate_left(1);
                moments
            })
            .collect();
        same(&lived, &moved, ("without a break", "after loading it in another lane"))
            .map_err(after)?;
    }
    Ok(format!("a lane goes on where it was saved, in {bytes} bytes"))
}
