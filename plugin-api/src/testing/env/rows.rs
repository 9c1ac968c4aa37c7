//! What lies in the rows that an environment writes.

use super::super::{Stop, ensure};
use super::Subject;
use crate::env::{TERMINATED, TRUNCATED};

/// How far a reward may lie outside of its declared range, for sums that were rounded.
const SLACK: f64 = 1e-9;

pub(super) fn observations(subject: &Subject<'_>) -> Result<String, Stop> {
    let diary = &subject.diary;
    let mut count = 0;
    for (place, moment) in diary.moments() {
        let rows = [("observation", &moment.obs), ("final observation", &moment.final_obs)];
        for (what, row) in rows.into_iter().filter(|(_, row)| !row.is_empty()) {
            let infinite = row.iter().position(|value| !value.is_finite());
            if let Some(idx) = infinite {
                ensure!(false, "{place}: element {idx} of the {what} is {}", row[idx]);
            }
            if let Err(error) = diary.task.observations.check(row) {
                ensure!(false, "{place}: {what}: {error}");
            }
            count += 1;
        }
    }
    Ok(format!("{count} lie in {}", diary.task.observations))
}

pub(super) fn rewards(subject: &Subject<'_>) -> Result<String, Stop> {
    let (low, high) = subject.diary.task.rewards;
    let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
    for (place, moment) in subject.diary.moments().skip(subject.diary.first.len()) {
        let reward = moment.reward;
        ensure!(reward.is_finite(), "{place}: the reward is {reward}; every step has to set it");
        let slack = SLACK * reward.abs().max(1.0);
        ensure!(
            reward >= low - slack && reward <= high + slack,
            "{place}: the reward is {reward}, its task says {low} to {high}"
        );
        (least, most) = (least.min(reward), most.max(reward));
    }
    Ok(format!("from {least:?} to {most:?}, declared as {low:?} to {high:?}"))
}

pub(super) fn flags(subject: &Subject<'_>) -> Result<String, Stop> {
    let diary = &subject.diary;
    for (place, moment) in diary.moments() {
        let known = TERMINATED | TRUNCATED;
        ensure!(
            moment.flags & !known == 0,
            "{place}: the flags are {}, which has other bits than terminated (1) and truncated (2)",
            moment.flags
        );
    }
    for (idx, (moments, &ended)) in diary.steps.iter().zip(&diary.ended).enumerate() {
        let flagged = moments.iter().filter(|moment| moment.ended()).count();
        let step = idx % super::STEPS + 1;
        ensure!(flagged == ended, "step {step}: {flagged} lanes are flagged, {ended} are told");
    }
    let all = || diary.steps.iter().flatten();
    let terminated = all().filter(|moment| moment.flags & TERMINATED != 0).count();
    let truncated = all().filter(|moment| moment.flags & TRUNCATED != 0).count();
    Ok(format!("{terminated} episodes terminated, {truncated} were truncated"))
}

pub(super) fn masks(subject: &Subject<'_>) -> Result<String, Stop> {
    let task = &subject.diary.task;
    if task.mask_width() == 0 {
        return Err(Stop::skipped("its actions are always allowed"));
    }
    let mut forbidden = false;
    for (place, moment) in subject.diary.moments() {
        for mask in [&moment.mask, &moment.final_mask] {
            let wrong = mask.iter().position(|&choice| choice > 1);
            if let Some(idx) = wrong {
                ensure!(
                    false,
                    "{place}: choice {idx} of the mask is {}, neither 0 nor 1; every choice has to \
                     be set",
                    mask[idx]
                );
            }
            forbidden |= mask.contains(&0);
        }
        for (element, choices) in choices(task, &moment.mask) {
            ensure!(
                choices.contains(&1),
                "{place}: the mask allows nothing for element {element} of the action"
            );
        }
    }
    ensure!(forbidden, "its task is masked, but nothing was ever forbidden");
    Ok("0 or 1 everywhere, and something is always allowed".into())
}

/// The part of a mask that belongs to each element of an action.
fn choices<'a>(task: &crate::Task, mask: &'a [u8]) -> Vec<(usize, &'a [u8])> {
    let counts = match &task.actions {
        crate::Space::MultiDiscrete { n, .. } => n.clone(),
        _ => vec![mask.len()],
    };
    let mut rest = mask;
    let mut split = |(element, count)| {
        let (own, after) = rest.split_at(count);
        rest = after;
        (element, own)
    };
    counts.into_iter().enumerate().map(&mut split).collect()
}

pub(super) fn infos(subject: &Subject<'_>) -> Result<String, Stop> {
    let names = &subject.diary.task.infos;
    if names.is_empty() {
        return Err(Stop::skipped("it reports none"));
    }
    for (place, moment) in subject.diary.moments() {
        for (name, value) in names.iter().zip(&moment.infos) {
            ensure!(
                value.is_finite(),
                "{place}: `{name}` is {value}; every reset and step has to set it"
            );
        }
    }
    Ok(format!("{} are finite", names.join(", ")))
}
