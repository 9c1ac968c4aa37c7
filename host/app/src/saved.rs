//! Between runs and sessions: what a run is called on the disk, and how it comes back from there.

use crate::chosen::{self, Chosen, Source};
use crate::config::Settings;
use crate::failure::Failure;
use std::io::{self, Write};
use std::path::Path;
use thorndike_engine::clock;
use thorndike_engine::event::Done;
use thorndike_engine::keep::convert::{from_summary, to_goal, to_settings};
use thorndike_engine::registry::{Registry, closest};
use thorndike_engine::run::{Goal, Mode, Setup};
use thorndike_session::error::shown;
use thorndike_session::{Error, Identity, Model, PluginUsed, Session, Store, Summary};

/// Agent of sessions that other programs have recorded.
pub(crate) const IMPORTED: &str = "imported";

/// Name and version of this program.
pub(crate) const TOOL: &str = concat!("thorndike ", env!("CARGO_PKG_VERSION"));

/// What makes a run the run it is.
pub(crate) fn identity(agent: &Chosen, env: &Chosen, setup: &Setup) -> Identity {
    let mut plugins = vec![agent.used.clone()];
    if env.used != agent.used {
        plugins.push(env.used.clone());
    }
    Identity {
        created: clock::unix_seconds(),
        agent: agent.full.clone(),
        env: env.full.clone(),
        params: to_settings(&agent.params),
        env_params: to_settings(&env.params),
        seed: setup.seed,
        lanes: setup.lanes,
        goal: to_goal(&setup.goal),
        mode: setup.mode,
        tool: TOOL.to_owned(),
        plugins,
        ..Identity::default()
    }
}

/// What a run is made of.
pub(crate) fn setup(
    agent: &Chosen,
    env: &Chosen,
    (seed, lanes, mode): (u64, usize, Mode),
    goal: Goal,
) -> Setup {
    Setup {
        agent_plugin: agent.handle.clone(),
        agent: agent.name.clone(),
        params: agent.params.clone(),
        env_plugin: env.handle.clone(),
        env: env.name.clone(),
        env_params: env.params.clone(),
        seed,
        lanes,
        shard_lanes: None,
        patience: None,
        mode,
        goal,
    }
}

/// A session that was named, with the step behind its `@`.
pub(crate) struct Named {
    pub(crate) session: Session,
    pub(crate) step: Option<u64>,
}

/// The session of this name in the store, or the one in this folder; `@STEP` may follow.
pub(crate) fn open_at(words: &str, settings: &Settings) -> Result<Named, Failure> {
    let whole = open(words, settings);
    // A copy that was made by hand may have any name.
    let Some((name, step)) = words.rsplit_once('@').filter(|_| whole.is_err()) else {
        let session = whole?;
        return Ok(Named { session, step: None });
    };
    let step = step.replace('_', "").parse().map_err(|_| {
        let words = shown(words);
        Failure::usage(format!("`{words}` names no step; it takes NAME@STEP, such as `run@10000`"))
    })?;
    Ok(Named { session: open(name, settings)?, step: Some(step) })
}

/// The session of this name in the store, or the one in this folder.
pub(crate) fn open(words: &str, settings: &Settings) -> Result<Session, Error> {
    if words.contains('/') {
        return Session::open(Path::new(words.trim_end_matches('/')));
    }
    Store::new(&settings.sessions).open(words)
}

/// The session that was probably meant, or where to find all, as the end of a sentence.
pub(crate) fn meant(name: &str, store: &Path) -> String {
    let listed = Store::new(store).list().unwrap_or_default();
    let names: Vec<&str> = listed.iter().map(|listed| listed.name.as_str()).collect();
    match closest(name, &names) {
        Some(close) => format!("; did you mean `{}`?", shown(close)),
        None if names.is_empty() => "; it holds none".to_owned(),
        None => "; `thorndike sessions list` shows all".to_owned(),
    }
}

/// What is wrong with a session beside what its snapshots and episodes hold, a sentence each.
pub(crate) fn troubles(session: &Session, model: &Model) -> Vec<String> {
    let damage = session.damage().map(str::to_owned);
    damage.into_iter().chain(journal_troubles(session, model)).collect()
}

/// What is wrong with its journal, and what the journal knows to be missing.
pub(crate) fn journal_troubles(session: &Session, model: &Model) -> Vec<String> {
    let name = shown(session.name());
    // Where a frame is damaged, it is missing as well.
    let mut damage: Vec<&String> = model.damage.iter().collect();
    damage.retain(|text| Some(*text) == model.damage.first() || !text.contains(" before frame "));
    let journal = match damage.as_slice() {
        [] => None,
        [only] => Some(format!("{only}; the rest of the journal is sound")),
        [first, rest @ ..] => Some(format!(
            "{first}, and elsewhere in the journal, too (`sessions verify {name}` names {} more); \
             the rest of it is sound",
            rest.len()
        )),
    };
    let missing = session.missing(model).into_iter().map(|missing| missing.to_string());
    journal.into_iter().chain(missing).collect()
}

/// What a session's journal comes to; what is wrong with it is said on standard error.
pub(crate) fn model(session: &Session) -> Model {
    let model = session.model();
    for trouble in troubles(session, &model) {
        // Where standard error is closed nobody can be told.
        let _ = writeln!(io::stderr(), "note: {trouble}");
    }
    model
}

/// The plugins that a session was made with, as they are now.
pub(crate) fn cast(
    identity: &Identity,
    registry: &Registry,
    notes: &mut Vec<String>,
) -> Result<(Chosen, Chosen), Failure> {
    if identity.agent == IMPORTED {
        return Err(Failure::usage(
            "the session was imported and holds no run; show it, export it, or compare with it",
        ));
    }
    let env = world(identity, registry)?;
    registry.agent(&identity.agent).map_err(|why| absent(identity, &identity.agent, &why))?;
    let (agent, _) =
        chosen::agent(registry, &identity.agent, &env, Source::Session(&identity.params))?;
    for used in [&agent.used, &env.used] {
        let before = identity.plugins.iter().find(|before| before.name == used.name);
        if before.is_some_and(|before| before.hash != used.hash) {
            notes.push(format!(
                "note: plugin {} has changed since the session was made; results may differ",
                used.name
            ));
        }
        if agent.used == env.used {
            break;
        }
    }
    Ok((agent, env))
}

/// The environment that a session was made with, as it is now.
pub(crate) fn world(identity: &Identity, registry: &Registry) -> Result<Chosen, Failure> {
    registry.env(&identity.env).map_err(|why| absent(identity, &identity.env, &why))?;
    chosen::env(registry, &identity.env, Source::Session(&identity.env_params))
}

/// What to do where a plugin of a session is not there, or no longer has what was used of it.
fn absent(identity: &Identity, full: &str, why: &str) -> Failure {
    // Of old sessions nobody knows which plugin it was.
    let Some((plugin, bare)) = full.split_once(':') else { return Failure::usage(why) };
    let used = identity.plugins.iter().find(|used| used.name == plugin);
    let which = match used {
        Some(PluginUsed { name, version, hash }) => {
            let hash: String = hash.chars().take(8).collect();
            let (name, version, hash) = (shown(name), shown(version), shown(&hash));
            format!("plugin {name} {version} (a file whose BLAKE3 hash begins with {hash})")
        }
        None => format!("plugin {}", shown(plugin)),
    };
    let bare = shown(bare);
    Failure::usage(format!(
        "the session was made with `{bare}` of {which}, which is not among the plugins here; name \
         its folder with --plugins, or look at what was saved: `sessions show`, `export` of curves \
         and `replay` of recorded actions need no plugin"
    ))
}

/// What a run had come to, if it had reached this goal.
pub(crate) fn finished(summary: &Summary, goal: &Goal) -> Option<Done> {
    let reached = |goal: Option<u64>, now: u64| goal.is_some_and(|goal| now >= goal);
    let is_over = reached(goal.steps, summary.steps)
        || reached(goal.episodes, summary.episodes)
        || (goal.until.is_some() && summary.reason == "until");
    is_over.then(|| from_summary(summary))
}
