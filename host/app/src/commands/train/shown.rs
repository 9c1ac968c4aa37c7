//! Demonstrations for a run that is about to begin: the newest episodes that a session recorded.

use crate::chosen::{self, Source};
use crate::cli::TrainFlags;
use crate::commands::replay;
use crate::config::Settings;
use crate::failure::Failure;
use crate::saved;
use thorndike_engine::demonstrations::Demonstrations;
use thorndike_engine::registry::Registry;
use thorndike_engine::run::Run;
use thorndike_session::{Session, Shown, Store};

/// Episodes that are shown unless said otherwise.
const EPISODES: usize = 20;

/// Shows the run what the flags name. Returns what it was.
pub(super) fn show(
    run: &mut Run,
    train: &TrainFlags,
    (registry, settings): (&Registry, &Settings),
) -> Result<Option<Shown>, Failure> {
    let Some(name) = &train.demonstrations else {
        if run.wants_only_demonstrations() {
            return Err(Failure::usage(format!(
                "{} learns from demonstrations alone; name a session that recorded episodes in {} \
                 with --demonstrations SESSION",
                train.agent, train.env
            )));
        }
        return Ok(None);
    };
    let session = saved::open(name, settings)?;
    let wanted = train.demonstration_episodes.map_or(EPISODES, usize::from);
    take_in(run, &session, wanted, registry).map(Some)
}

/// Shows the run what it had been shown when it was made, as long as that is still there.
pub(in crate::commands) fn again(
    run: &mut Run,
    shown: &Shown,
    (own, registry): (&Session, &Registry),
) -> Result<(), Failure> {
    let store = own.folder().parent().map(Store::new);
    let session = store.and_then(|store| store.open(&shown.name).ok());
    let session = session.filter(|session| session.identity().id == shown.id);
    let same = session.map(|other| take_in(run, &other, shown.episodes as usize, registry));
    match same {
        Some(Ok(same)) if same == *shown => Ok(()),
        _ => Err(Failure::failed(format!(
            "the demonstrations of {} are lost with the session's snapshots; train it anew",
            shown.name
        ))),
    }
}

/// Shows the run the newest episodes that a session recorded, this many of them.
fn take_in(
    run: &mut Run,
    session: &Session,
    wanted: usize,
    registry: &Registry,
) -> Result<Shown, Failure> {
    let (name, identity) = (session.name(), session.identity());
    let env = chosen::env(registry, &identity.env, Source::Session(&identity.env_params))?;
    let mut takes = session.takes()?.all;
    // An episode that was cut off by the end of its run has no number.
    takes.retain(|take| take.head.episode > 0);
    let mut shown = Demonstrations::default();
    for take in takes.drain(takes.len().saturating_sub(wanted)..) {
        let mut player = replay::player(Some(&env), session, take)?;
        let of_both = (player.task().map(|task| (&task.observations, &task.actions)), run.task());
        let (theirs, task) = of_both;
        if theirs != Some((&task.observations, &task.actions)) {
            return Err(Failure::usage(format!(
                "session {name} was recorded in {}, which is seen and acted in otherwise than {}",
                identity.env,
                run.setup().env
            )));
        }
        shown.add(&mut player)?;
    }
    if shown.is_empty() {
        return Err(Failure::usage(format!(
            "session {name} has recorded no episode to learn from; train it without --replays none"
        )));
    }
    run.show(&shown)?;
    Ok(Shown {
        id: identity.id.clone(),
        name: name.to_owned(),
        episodes: shown.episodes as u64,
        steps: shown.len() as u64,
        return_mean: shown.total / shown.episodes as f64,
    })
}
