//! Sessions and plugins as the lists of the screen show them.

use std::collections::BTreeMap;
use thorndike_engine::keep::convert::from_setting;
use thorndike_engine::registry::Registry;
use thorndike_session::{Error, Session, Setting};
use thorndike_tui::bench::{Part, PluginRow, SessionRow};

/// The plugins there are, and the files that were refused.
pub(super) fn plugins(registry: &Registry) -> Vec<PluginRow> {
    let mut rows: Vec<PluginRow> = Vec::new();
    for plugin in &registry.plugins {
        let agents = plugin.info.agents.iter().map(|agent| Part {
            kind: "agent",
            name: agent.name.clone(),
            params: agent.params.clone(),
            presets: agent.presets.iter().map(|preset| preset.env.clone()).collect(),
        });
        let envs = plugin.info.envs.iter().map(|env| Part {
            kind: "env",
            name: env.name.clone(),
            params: env.params.clone(),
            presets: Vec::new(),
        });
        rows.push(PluginRow {
            name: plugin.info.name.clone(),
            version: plugin.info.version.clone(),
            path: plugin.found.candidate.path.display().to_string(),
            refused: None,
            parts: agents.chain(envs).collect(),
        });
    }
    rows.extend(registry.rejected.iter().map(|rejected| {
        let name = rejected.path.file_name().map(|name| name.to_string_lossy().into_owned());
        PluginRow {
            name: name.unwrap_or_default(),
            path: rejected.path.display().to_string(),
            refused: Some(rejected.reason.clone()),
            ..PluginRow::default()
        }
    }));
    rows
}

/// Where runs stand that were not saved yet, by name and bytes of their sessions: to know it, a
/// whole journal is read.
pub(super) type Unsaved = BTreeMap<String, (u64, u64, Option<f64>)>;

/// A session.
pub(super) fn session(session: &Session, unsaved: &mut Unsaved) -> SessionRow {
    let identity = session.identity();
    let mut row = SessionRow {
        name: session.name().to_owned(),
        agent: identity.agent.clone(),
        env: identity.env.clone(),
        seed: identity.seed,
        created: identity.created,
        params: identity.params.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        ..SessionRow::default()
    };
    match session.latest() {
        Ok(snapshot) => {
            row.steps = snapshot.summary.steps;
            row.return_last100 = snapshot.summary.return_last100;
            row.state = snapshot.summary.reason;
        }
        // A run that was not saved yet is known by its journal.
        Err(Error::NoSnapshot(_)) => {
            "not saved yet".clone_into(&mut row.state);
            let bytes = session.bytes();
            let known = unsaved.get(&row.name).filter(|(then, _, _)| *then == bytes).copied();
            let (_, steps, mean) = known.unwrap_or_else(|| {
                let model = session.model();
                let mean = model.points("return_last100").last().map(|(_, value)| value);
                (bytes, model.moments.last().map_or(0, |moment| moment.steps), mean)
            });
            (row.steps, row.return_last100) = (steps, mean);
            unsaved.insert(row.name.clone(), (bytes, steps, mean));
        }
        Err(error) => row.state = error.to_string(),
    }
    row.bytes = session.bytes();
    let notes = session.notes().unwrap_or_default();
    (row.tags, row.note) = (notes.tags, notes.note);
    row
}

fn text(setting: &Setting) -> String {
    from_setting(setting).to_string()
}
