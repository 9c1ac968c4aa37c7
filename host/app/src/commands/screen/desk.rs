//! What the screen asks for: plugins by name, sessions, and runs made of both.

use super::keep::Keeper;
use crate::chosen::{self, Chosen, Source};
use crate::cli::{Assignment, Count, TrainFlags};
use crate::commands::train::{self, Made};
use crate::config::Settings;
use crate::stage::Prints;
use plugin_api::Task;
use plugin_api::params::Values;
use std::path::Path;
use thorndike_engine::drive::{Drive, Ring};
use thorndike_engine::registry::Registry;
use thorndike_engine::run::{Goal, Run};
use thorndike_session::{Session, Setting, Store};
use thorndike_tui::bench::{
    About, Bench, Curve, Form, Offer, Part, Plan, PluginRow, SessionRow, Started,
};

/// What the screen asks of this program.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    registry: &'a Registry,
    settings: &'a Settings,
    prints: Prints,
}

/// A run that is ready to start.
#[derive(Debug)]
pub(super) struct Ready {
    run: Run,
    session: Session,
    about: About,
    pub(super) goal: Goal,
}

impl Ready {
    /// Starts it.
    pub(super) fn start(self, ring: Ring) -> Result<Started, String> {
        let keep = Keeper { session: self.session, end: None };
        let drive = Drive::start(self.run, Box::new(keep), ring)
            .map_err(|error| format!("cannot start a thread for the run: {error}"))?;
        Ok(Started { drive, about: self.about })
    }
}

impl<'a> Desk<'a> {
    pub(super) fn new(registry: &'a Registry, settings: &'a Settings, prints: Prints) -> Self {
        Self { registry, settings, prints }
    }

    /// A run with what the screen wants to know of it.
    pub(super) fn made(&self, made: Made) -> Ready {
        let Made { run, agent, env, session, goal } = made;
        let specs = agent.handle.info().agents.iter().find(|info| info.name == agent.name);
        let about = About {
            session: session.name().to_owned(),
            specs: specs.map_or_else(Vec::new, |info| info.params.clone()),
            agent: agent.full,
            env: env.full,
            params: agent.params,
            budget: goal.steps,
            episodes: goal.episodes,
            threshold: run.task().threshold,
        };
        Ready { run, session, about, goal }
    }

    fn task(&self, env: &str) -> Result<(Chosen, Task), String> {
        let env = chosen::env(self.registry, env, Source::Words(&[]))
            .map_err(|failure| failure.message)?;
        let world = env.handle.env(&env.name, &env.params, 1);
        let task = world.map_err(|error| error.to_string())?.task().clone();
        Ok((env, task))
    }

    /// Why an agent cannot learn in a world.
    fn unfit(&self, agent: &str, env: &str) -> Result<(), String> {
        let (env, task) = self.task(env)?;
        let (agent, _) = chosen::agent(self.registry, agent, &env, Source::Words(&[]))
            .map_err(|failure| failure.message)?;
        let made = agent.handle.agent(&agent.name, &agent.params, &task, 0);
        made.map(drop).map_err(|error| error.to_string())
    }

    fn flags(plan: &Plan) -> Result<TrainFlags, String> {
        let words = |set: &[(String, String)]| -> Result<Vec<Assignment>, String> {
            set.iter().map(|(key, value)| format!("{key}={value}").parse()).collect()
        };
        let count = |number: Option<u64>| -> Result<Option<Count>, String> {
            number.map(|number| number.to_string().parse()).transpose()
        };
        Ok(TrainFlags {
            agent: plan.agent.clone(),
            env: plan.env.clone(),
            set: words(&plan.set)?,
            env_set: words(&plan.env_set)?,
            seed: plan.seed,
            lanes: count(plan.lanes)?,
            threads: None,
            steps: count(plan.steps)?,
            episodes: None,
            until: None,
            session: None,
            tui: true,
            quit_when_done: false,
            plain: false,
            quiet: false,
        })
    }

    fn store(&self) -> Store {
        Store::new(&self.settings.sessions)
    }
}

impl Bench for Desk<'_> {
    fn agents(&mut self) -> Vec<Offer> {
        let offers = self.registry.plugins.iter().flat_map(|plugin| {
            plugin.info.agents.iter().map(|agent| Offer {
                name: agent.name.clone(),
                plugin: plugin.info.name.clone(),
                unfit: None,
                preset: !agent.presets.is_empty(),
            })
        });
        offers.collect()
    }

    fn envs(&mut self, agent: &str) -> Vec<Offer> {
        let presets = self.registry.agent(agent).map(|found| found.info.presets.clone());
        let presets = presets.unwrap_or_default();
        let mut offers = Vec::new();
        for plugin in &self.registry.plugins {
            for env in &plugin.info.envs {
                let full = format!("{}:{}", plugin.info.name, env.name);
                offers.push(Offer {
                    name: env.name.clone(),
                    plugin: plugin.info.name.clone(),
                    unfit: self.unfit(agent, &full).err(),
                    preset: presets.iter().any(|preset| preset.env == env.name),
                });
            }
        }
        // What fits and is known to work comes first; the order is otherwise that of the plugins.
        offers.sort_by_key(|offer| (offer.unfit.is_some(), !offer.preset));
        offers
    }

    fn form(&mut self, agent: &str, env: &str) -> Result<Form, String> {
        let (env, _) = self.task(env)?;
        let (agent, preset) = chosen::agent(self.registry, agent, &env, Source::Words(&[]))
            .map_err(|failure| failure.message)?;
        let agents = agent.handle.info().agents.iter();
        let params = agents.filter(|info| info.name == agent.name).flat_map(|info| &info.params);
        let envs = env.handle.info().envs.iter();
        let env_params = envs.filter(|info| info.name == env.name).flat_map(|info| &info.params);
        let lanes = self.settings.config.lanes.or(preset.as_ref().map(|preset| preset.lanes));
        Ok(Form {
            params: params.cloned().collect(),
            values: agent.params.clone(),
            env_params: env_params.cloned().collect(),
            lanes: lanes.unwrap_or(train::LANES) as u64,
            steps: preset.map_or(train::STEPS, |preset| preset.steps),
        })
    }

    fn start(&mut self, plan: &Plan, ring: Ring) -> Result<Started, String> {
        let flags = Self::flags(plan)?;
        let made = train::make(&flags, self.registry, self.settings);
        self.made(made.map_err(|failure| failure.message)?).start(ring)
    }

    fn sessions(&mut self) -> Result<Vec<SessionRow>, String> {
        let entries = self.store().list().map_err(|error| error.to_string())?;
        let mut rows: Vec<SessionRow> = entries
            .into_iter()
            .map(|entry| match entry.session {
                Ok(session) => row(&session),
                Err(error) => SessionRow {
                    name: entry.name,
                    state: error.to_string(),
                    ..SessionRow::default()
                },
            })
            .collect();
        rows.sort_by(|a, b| b.created.cmp(&a.created).then(a.name.cmp(&b.name)));
        Ok(rows)
    }

    fn resume(&mut self, _session: &str, _ring: Ring) -> Result<Started, String> {
        Err("this build cannot go on with sessions".to_owned())
    }

    fn verify(&mut self, session: &str) -> Result<String, String> {
        let session = self.store().open(session).map_err(|error| error.to_string())?;
        session.verify().map_err(|error| error.to_string())?;
        Ok(format!("{}: every byte is as it was written", session.name()))
    }

    fn delete(&mut self, _session: &str) -> Result<(), String> {
        Err("this build cannot delete sessions".to_owned())
    }

    fn undelete(&mut self) -> Result<String, String> {
        Err("no session was deleted".to_owned())
    }

    fn tag(&mut self, _session: &str, _tag: &str) -> Result<(), String> {
        Err("this build has no tags".to_owned())
    }

    fn note(&mut self, _session: &str, _note: &str) -> Result<(), String> {
        Err("this build has no notes".to_owned())
    }

    fn branch(&mut self, _session: &str, _ring: Ring) -> Result<Started, String> {
        Err("this build cannot branch sessions".to_owned())
    }

    fn curve(&mut self, _session: &str) -> Result<Curve, String> {
        Err("this build keeps no curves".to_owned())
    }

    fn plugins(&mut self, _again: bool) -> Vec<PluginRow> {
        let mut rows: Vec<PluginRow> = Vec::new();
        for plugin in &self.registry.plugins {
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
        rows.extend(self.registry.rejected.iter().map(|rejected| {
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

    fn check(&mut self, path: &str) -> Vec<String> {
        crate::commands::plugins::check_lines(Path::new(path))
    }

    fn printed(&mut self) -> Vec<String> {
        self.prints.take()
    }
}

fn row(session: &Session) -> SessionRow {
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
    match session.snapshot() {
        Ok(snapshot) => {
            row.steps = snapshot.summary.steps;
            row.return_last100 = snapshot.summary.return_last100;
            row.state = snapshot.summary.reason;
        }
        Err(error) => row.state = error.to_string(),
    }
    row.bytes = std::fs::read_dir(session.folder()).map_or(0, |files| {
        files.flatten().filter_map(|file| Some(file.metadata().ok()?.len())).sum()
    });
    row
}

fn text(setting: &Setting) -> String {
    let values: Values = [(String::new(), chosen::from_setting(setting))].into();
    values.values().map(ToString::to_string).collect()
}
