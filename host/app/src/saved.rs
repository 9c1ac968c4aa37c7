//! Between runs and sessions: what of a run goes to the disk, and how it comes back.

use crate::chosen::{Chosen, to_settings};
use crate::failure::Failure;
use thorndike_engine::clock;
use thorndike_engine::event::Done;
use thorndike_engine::run::Run;
use thorndike_session::{Identity, Session, Snapshot, Summary};

/// Name of the agent's state in a snapshot.
pub(crate) const AGENT: &str = "agent";
const LANES: &str = "lanes";
const HOST: &str = "host";

/// What makes a run the run it is.
pub(crate) fn identity(agent: &Chosen, env: &Chosen, seed: u64, lanes: usize) -> Identity {
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
        seed,
        lanes,
        tool: format!("thorndike {}", env!("CARGO_PKG_VERSION")),
        plugins,
        ..Identity::default()
    }
}

/// Saves where the run stands.
pub(crate) fn save(session: &Session, run: &mut Run, end: &Done) -> Result<(), Failure> {
    let snapshot = run.snapshot()?;
    let lanes = postcard::to_stdvec(&snapshot.lanes).expect("plain data always encodes");
    let manifest = Snapshot {
        saved: clock::unix_seconds(),
        summary: Summary {
            steps: end.steps,
            episodes: end.episodes,
            updates: end.updates,
            seconds: end.seconds,
            steps_per_s: end.steps_per_s,
            return_mean: end.return_mean,
            return_last100: end.return_last100,
            digest: end.digest.clone(),
            reason: end.reason.clone(),
        },
        ..Snapshot::default()
    };
    let states = [(AGENT, &snapshot.agent[..]), (LANES, &lanes[..]), (HOST, &snapshot.host[..])];
    Ok(session.save(manifest, &states)?)
}
