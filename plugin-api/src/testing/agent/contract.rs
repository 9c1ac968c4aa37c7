//! What every agent promises, whatever it learns.

use super::super::acting::{Acted, Look, act as act_of};
use super::super::lesson::Lesson;
use super::super::probes::Form;
use super::super::trainer::{LANES, Trainer};
use super::super::{Stop, ensure};
use super::{SEED, Subject, other_value, rung_params};
use crate::abi::handle::AgentHandle;
use crate::needs::{Feed, Needs};
use crate::params::{Value, Values};

/// Lessons after which an agent is looked at.
const LESSONS: usize = 6;
/// Environment steps after which no further lesson is waited for.
const STEPS_MAX: u64 = 40_000;
/// How far numbers may be off that depend on how many rows are computed at once.
const SLACK: f32 = 1e-4;

pub(super) fn needs(subject: &Subject<'_>) -> Result<String, Stop> {
    subject.everywhere(|form| {
        let mut agent = subject.agent(form, SEED)?;
        let (needs, again) = (agent.needs()?, agent.needs()?);
        ensure!(needs == again, "asked twice, it says {needs:?} and {again:?}");
        needs.validate(&form.task(form.only)?)?;
        Ok(format!("a head of {:?}, fed with {}", needs.head, feed(&needs)))
    })
}

fn feed(needs: &Needs) -> String {
    match &needs.feed {
        Feed::Nothing => "nothing".into(),
        Feed::Rollout { steps } => format!("rollouts of {steps} steps"),
        Feed::Episodes => "whole episodes".into(),
        Feed::Replay(replay) => format!("samples of {} steps", replay.batch),
    }
}

/// Acting depends on its arguments and the state alone, and changes neither.
pub(super) fn act(subject: &Subject<'_>) -> Result<String, Stop> {
    subject.everywhere(|form| {
        let mut trainer = subject.trainer(form)?;
        let before = trainer.agent.save()?;
        for evaluate in [false, true] {
            let first = look(&mut trainer, evaluate)?;
            let again = look(&mut trainer, evaluate)?;
            same(&first, &again, 0.0).map_err(|stop| stop.while_("asked twice the same"))?;
        }
        ensure!(trainer.agent.save()? == before, "acting changes the state that it saves");
        Ok("every number is set and finite, and the same when asked again".into())
    })
}

/// What it makes of the present moment, after nothing was remembered.
fn look(trainer: &mut Trainer, evaluate: bool) -> Result<Acted, Stop> {
    let (obs, masks) = trainer.sight();
    let memory = vec![0.0; LANES * trainer.needs.memory];
    trainer.act(Look { obs: &obs, masks: &masks, memory: &memory, evaluate, step: 0, key: 0 })
}

/// A row comes out the same alone, among others and in another place.
pub(super) fn rows(subject: &Subject<'_>) -> Result<String, Stop> {
    let mut exact = true;
    subject.everywhere(|form| {
        let mut trainer = subject.trainer(form)?;
        practise(&mut trainer)?;
        let both = [(form.show)(0), (form.show)(1)];
        let remembered = trainer.needs.memory;
        let batch: Vec<f32> = [0, 1, 1, 0, 1].into_iter().flat_map(|s| both[s].clone()).collect();
        let mask = trainer.sight().1.len() / LANES;
        let mut act = |obs: &[f32], rows: usize, key: u64| {
            let (masks, memory) = (vec![1; rows * mask], vec![0.0; rows * remembered]);
            let memory = &memory;
            trainer.act(Look { obs, masks: &masks, memory, evaluate: true, step: 0, key })
        };
        let together = act(&batch, 5, 0)?;
        for key in 1..8 {
            if same(&together, &act(&batch, 5, key)?, 0.0).is_err() {
                return Err(Stop::skipped("it makes noise of its own, each row another"));
            }
        }
        for (row, state) in [0, 1, 1, 0, 1].into_iter().enumerate() {
            let alone = act(&both[state], 1, 0)?;
            let part = |column: &[f32]| {
                let width = column.len() / 5;
                column[row * width..][..width].to_vec()
            };
            let among = Acted {
                head: part(&together.head),
                values: part(&together.values),
                memory: part(&together.memory),
            };
            exact &= same(&alone, &among, 0.0).is_ok();
            same(&alone, &among, SLACK)
                .map_err(|stop| stop.while_(format_args!("row {row} alone and among 5")))?;
        }
        Ok(String::new())
    })?;
    let how = if exact { "to the bit".to_owned() } else { format!("to within {SLACK}") };
    Ok(format!("a row comes out the same alone and among others, {how}"))
}

/// Learning leaves every number finite, in heads and in reports.
pub(super) fn learn(subject: &Subject<'_>) -> Result<String, Stop> {
    subject.everywhere(|form| {
        let mut trainer = subject.trainer(form)?;
        let lessons = practise(&mut trainer)?;
        if matches!(trainer.needs.feed, Feed::Nothing) {
            return Ok("it does not learn".into());
        }
        ensure!(lessons.len() == LESSONS, "nothing to learn from came in {STEPS_MAX} steps");
        look(&mut trainer, true)?;
        let report = trainer.agent.report()?;
        for (name, summary) in &report.scalars {
            let finite = summary.sum.is_finite() && summary.min <= summary.max;
            ensure!(finite, "it reports `{name}` as {}", summary.mean());
        }
        for (name, values) in &report.histograms {
            let wrong = values.iter().find(|value| !value.is_finite());
            ensure!(wrong.is_none(), "a value of the histogram `{name}` is {wrong:?}");
        }
        let names: Vec<&str> = report.scalars.iter().map(|(name, _)| name.as_str()).collect();
        Ok(format!("{LESSONS} lessons; it reports {}", names.join(", ")))
    })
}

/// Collects lessons while an agent learns from them.
fn practise(trainer: &mut Trainer) -> Result<Vec<Lesson>, Stop> {
    trainer.lessons = Some(Vec::new());
    let enough =
        |lessons: &Option<Vec<Lesson>>| lessons.as_ref().is_some_and(|l| l.len() >= LESSONS);
    let learns = !matches!(trainer.needs.feed, Feed::Nothing);
    while learns && !enough(&trainer.lessons) && trainer.steps < STEPS_MAX {
        trainer.step()?;
    }
    let mut lessons = trainer.lessons.take().unwrap_or_default();
    lessons.truncate(LESSONS);
    Ok(lessons)
}

/// An agent that is saved and loaded in the middle goes on as if nothing had happened.
pub(super) fn state(subject: &Subject<'_>) -> Result<String, Stop> {
    subject.everywhere(|form| {
        let mut trainer = subject.trainer(form)?;
        let lessons = practise(&mut trainer)?;
        let needs = trainer.needs.clone();
        let teach = |agent: &mut AgentHandle, lessons: &[Lesson]| {
            lessons.iter().try_for_each(|lesson| lesson.teach(agent, &needs))
        };
        let mut straight = subject.agent(form, SEED)?;
        teach(&mut straight, &lessons)?;
        let end = straight.save()?;

        let mut twin = subject.agent(form, SEED)?;
        teach(&mut twin, &lessons)?;
        ensure!(twin.save()? == end, "the same seed and lessons lead to another state");

        for at in [0, lessons.len() / 2, lessons.len()] {
            let mut broken = subject.agent(form, SEED)?;
            teach(&mut broken, &lessons[..at])?;
            let saved = broken.save()?;
            // Another seed and another past: whatever it does not load shows.
            let mut resumed = subject.agent(form, SEED + 1)?;
            teach(&mut resumed, &lessons[..lessons.len() / 2])?;
            resumed.load(&saved)?;
            ensure!(
                resumed.save()? == saved,
                "after {at} lessons: what was loaded is saved as something else"
            );
            teach(&mut resumed, &lessons[at..])?;
            ensure!(
                resumed.save()? == end,
                "saved after {at} of {} lessons and loaded elsewhere, it ends in another state",
                lessons.len()
            );
            let mut one = Trainer::new(resumed, form, &rung_params(form.only))?;
            let mut other =
                Trainer::new(subject.agent(form, SEED)?, form, &rung_params(form.only))?;
            other.agent.load(&end)?;
            same(&look(&mut one, true)?, &look(&mut other, true)?, 0.0).map_err(|stop| {
                stop.while_(format_args!("saved after {at} lessons, it acts differently"))
            })?;
        }
        Ok(format!("it goes on where it was saved, in {} bytes", end.len()))
    })
}

/// What `acting` names makes a policy that acts as the agent does.
pub(super) fn policy(subject: &Subject<'_>) -> Result<String, Stop> {
    subject.everywhere(|form| {
        let mut trainer = subject.trainer(form)?;
        practise(&mut trainer)?;
        let (name, task) = (&subject.info.name, form.task(form.only)?);
        let mut policy = subject.plugin.policy(name, subject.params, &task)?;
        let acting = trainer.agent.acting()?;
        policy.load(&acting)?;
        let (obs, masks) = trainer.sight();
        let memory = vec![0.0; LANES * trainer.needs.memory];
        for evaluate in [false, true] {
            let looks =
                Look { obs: &obs, masks: &masks, memory: &memory, evaluate, step: 0, key: 0 };
            let copy = act_of(&mut |frame| policy.act(frame), trainer.shape(LANES), looks)?;
            let own = trainer.act(looks)?;
            same(&own, &copy, 0.0)
                .map_err(|stop| stop.while_("agent and policy differ after learning"))?;
        }
        Ok(format!("a copy acts as the agent does, from {} bytes", acting.len()))
    })
}

/// Live params can be set while it learns, all or none, and the others cannot.
pub(super) fn live(subject: &Subject<'_>) -> Result<String, Stop> {
    let form = &subject.forms[0];
    let live: Vec<_> = subject.info.params.iter().filter(|spec| spec.live).collect();
    let mut trainer = subject.trainer(form)?;
    let lessons = practise(&mut trainer)?;
    let needs = trainer.needs.clone();
    let mut quiet = Vec::new();
    for spec in &live {
        let Some(other) = other_value(spec) else { continue };
        let edit = Values::from([(spec.name.clone(), other.clone())]);
        let (mut edited, mut plain) = (subject.agent(form, SEED)?, subject.agent(form, SEED)?);
        edited.set_params(&edit)?;
        edited.needs()?.validate(&form.task(form.only)?)?;
        let mut spoilt = edit.clone();
        spoilt.insert("no such param".into(), Value::Int(0));
        ensure!(plain.set_params(&spoilt).is_err(), "it takes a param that is not declared");
        for lesson in &lessons {
            lesson.teach(&mut edited, &needs)?;
            lesson.teach(&mut plain, &needs)?;
        }
        let mut twin = subject.agent(form, SEED)?;
        for lesson in &lessons {
            lesson.teach(&mut twin, &needs)?;
        }
        ensure!(
            plain.save()? == twin.save()? && plain.needs()? == twin.needs()?,
            "`{}` was set although another value of the same edit was refused",
            spec.name
        );
        if edited.save()? == plain.save()? && edited.needs()? == plain.needs()? {
            quiet.push(spec.name.as_str());
        }
    }
    refuses_fixed(subject, form)?;
    let says = format!("{} of {} can be set during a run", live.len(), subject.info.params.len());
    if quiet.is_empty() {
        return Ok(says);
    }
    Ok(format!("{says}; no effect was seen of {}", quiet.join(", ")))
}

fn refuses_fixed(subject: &Subject<'_>, form: &Form) -> Result<(), Stop> {
    for spec in subject.info.params.iter().filter(|spec| !spec.live) {
        let Some(other) = other_value(spec) else { continue };
        if subject.params.get(&spec.name) == Some(&other) {
            continue;
        }
        let edit = Values::from([(spec.name.clone(), other)]);
        let refused = subject.agent(form, SEED)?.set_params(&edit).is_err();
        ensure!(refused, "`{}` is not live, but can be set during a run", spec.name);
    }
    Ok(())
}

/// Compares what two policies wrote.
fn same(one: &Acted, other: &Acted, slack: f32) -> Result<(), Stop> {
    let columns = [
        ("head", &one.head, &other.head),
        ("values", &one.values, &other.values),
        ("memory", &one.memory, &other.memory),
    ];
    for (what, a, b) in columns {
        let far = |(a, b): (&f32, &f32)| {
            a.to_bits() != b.to_bits() && (a - b).abs() > slack * a.abs().max(1.0)
        };
        if let Some(at) = a.iter().zip(b).position(far) {
            ensure!(false, "element {at} of the {what} is {:?} and {:?}", a[at], b[at]);
        }
    }
    Ok(())
}
