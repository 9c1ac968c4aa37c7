//! What the screen asks for: plugins by name, sessions, and runs made of both.

mod film;
mod plans;
mod rows;

use crate::chosen::{self, Chosen, Source};
use crate::cli::{BranchFlags, Course, ModeFlags};
use crate::commands::{branch, registry, resume, train};
use crate::config::Settings;
use crate::failure::Failure;
use crate::faults;
use crate::saved::{self, Named};
use crate::scaffold;
use crate::stage::Prints;
use crate::training::{self, Prepared};
use plugin_api::Task;
use std::path::Path;
use thorndike_engine::drive::{Drive, Ring};
use thorndike_engine::keep::Keeper;
use thorndike_engine::keep::convert::from_setting;
use thorndike_engine::registry::Registry;
use thorndike_session::notes::Notes;
use thorndike_session::{Session, Store};
use thorndike_tui::bench::{
    self, About, Bench, Curve, Film, Form, NewPlugin, Offer, Pick, Plan, PluginRow, Progress,
    SessionRow, Started,
};
use thorndike_tui::door::Door;
use thorndike_tui::follow::Follower;
use thorndike_tui::lineage;
use thorndike_tui::run::Timeline;

/// What the screen asks of this program.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    /// The plugins there were when the program began.
    first: &'a Registry,
    /// The plugins there are since somebody looked again.
    fresh: Option<Registry>,
    settings: &'a Settings,
    prints: Prints,
    /// Sessions that were deleted here.
    deleted: Vec<String>,
    unsaved: rows::Unsaved,
}

/// Starts a run, and says what there is to know about it.
pub(super) fn start(
    prepared: Prepared,
    course: &Course,
    ring: Ring,
    settings: &Settings,
) -> Result<Started, String> {
    let Prepared { mut run, agent, env, writer, origin, .. } = prepared;
    let session = writer.session().clone();
    let past = match origin.snapshot {
        Some(_) => lineage::stretches(&session, session.model()),
        None => Vec::new(),
    };
    let specs = agent.handle.info().agents.iter().find(|info| info.name == agent.name);
    let goal = &run.setup().goal;
    let about = About {
        session: session.name().to_owned(),
        specs: specs.map_or_else(Vec::new, |info| info.params.clone()),
        agent: agent.full.clone(),
        env: env.full.clone(),
        params: agent.params.clone(),
        budget: goal.steps,
        lanes: run.lanes_len(),
        episodes: goal.episodes,
        threshold: run.task().threshold,
        is_followed: false,
    };
    let plan = training::plan(&agent, &env, course);
    let keeper =
        Keeper::begin(writer, &mut run, &origin, plan).map_err(|error| error.to_string())?;
    let escort =
        training::escort((&run, keeper), (&agent, &env), course, settings).map_err(says)?;
    let drive = Drive::start(run, escort, ring)
        .map_err(|error| format!("cannot start a thread for the run: {error}"))?;
    // Where no socket can be made the run is steered from here alone.
    let door = Door::open(session.folder()).ok();
    Ok(Started { source: bench::Source::Drive(drive), about, past, door })
}

/// A session whose journal is followed.
pub(super) fn followed(session: Session, about: About) -> Started {
    let (follower, model) = Follower::new(session.clone());
    let source = bench::Source::Journal(Box::new(follower));
    Started { source, about, past: lineage::stretches(&session, model), door: None }
}

/// The returns of a session's episodes, and what else they can be drawn along.
pub(crate) fn curve(session: &Session) -> Curve {
    let model = session.model();
    let mut timeline = Timeline::default();
    for at in &model.moments {
        timeline.add(at.steps, at.seconds, at.episodes, at.updates);
    }
    Curve { episodes: model.episodes, timeline }
}

impl<'a> Desk<'a> {
    pub(super) fn new(registry: &'a Registry, settings: &'a Settings, prints: Prints) -> Self {
        Self {
            first: registry,
            fresh: None,
            settings,
            prints,
            deleted: Vec::new(),
            unsaved: rows::Unsaved::new(),
        }
    }

    /// The plugins there are.
    fn registry(&self) -> &Registry {
        self.fresh.as_ref().unwrap_or(self.first)
    }

    /// What there is to know about a session beside its journal.
    pub(super) fn about(&self, session: &Session) -> About {
        let identity = session.identity();
        let values = |settings: &thorndike_session::Settings| {
            settings.iter().map(|(name, value)| (name.clone(), from_setting(value))).collect()
        };
        let agent = self.registry().agent(&identity.agent).ok();
        let threshold = self.task(&identity.env).ok().and_then(|(_, task)| task.threshold);
        About {
            session: session.name().to_owned(),
            agent: identity.agent.clone(),
            env: identity.env.clone(),
            specs: agent.map_or_else(Vec::new, |found| found.info.params.clone()),
            params: values(&identity.params),
            budget: identity.goal.steps,
            lanes: identity.lanes,
            episodes: identity.goal.episodes,
            threshold,
            is_followed: true,
        }
    }

    fn task(&self, env: &str) -> Result<(Chosen, Task), String> {
        let env = chosen::env(self.registry(), env, Source::Words(&[])).map_err(says)?;
        let world = env.handle.env(&env.name, &env.params, 1);
        let task = world.map_err(|error| error.to_string())?.task().clone();
        Ok((env, task))
    }

    /// Why an agent cannot learn in a world.
    fn unfit(&self, agent: &str, env: &str) -> Result<(), String> {
        let (env, task) = self.task(env)?;
        let (agent, _) =
            chosen::agent(self.registry(), agent, &env, Source::Words(&[])).map_err(says)?;
        let made = agent.handle.agent(&agent.name, &agent.params, &task, 0);
        made.map(drop).map_err(|error| error.to_string())
    }

    fn open(&self, session: &str) -> Result<Session, String> {
        saved::open(session, self.settings).map_err(|error| error.to_string())
    }

    fn write_notes(&self, session: &str, write: impl FnOnce(&mut Notes)) -> Result<(), String> {
        let session = self.open(session)?;
        let mut notes = session.notes().map_err(|error| error.to_string())?;
        write(&mut notes);
        session.set_notes(&notes).map_err(|error| error.to_string())
    }

    fn store(&self) -> Store {
        Store::new(&self.settings.sessions)
    }
}

impl Bench for Desk<'_> {
    fn agents(&mut self) -> Vec<Offer> {
        let offers = self.registry().plugins.iter().flat_map(|plugin| {
            plugin.info.agents.iter().map(|agent| Offer {
                name: agent.name.clone(),
                plugin: plugin.info.name.clone(),
                unfit: None,
                preset: !agent.presets.is_empty(),
                says: plans::known(&agent.presets),
            })
        });
        offers.collect()
    }

    fn envs(&mut self, agent: &str, told: Progress<'_>) -> Vec<Offer> {
        let presets = self.registry().agent(agent).map(|found| found.info.presets.clone());
        let presets = presets.unwrap_or_default();
        let plugins = &self.registry().plugins;
        let all = plugins.iter().map(|plugin| plugin.info.envs.len()).sum::<usize>();
        let mut offers = Vec::new();
        for plugin in plugins {
            for env in &plugin.info.envs {
                told(Some(offers.len() as f64 / all as f64));
                let full = format!("{}:{}", plugin.info.name, env.name);
                let rank = presets.iter().position(|preset| preset.env == env.name);
                let offer = Offer {
                    name: env.name.clone(),
                    plugin: plugin.info.name.clone(),
                    // Whoever made the preset has tried.
                    unfit: if rank.is_some() { None } else { self.unfit(agent, &full).err() },
                    preset: rank.is_some(),
                    says: String::new(),
                };
                offers.push((rank, offer));
            }
        }
        // What is known to work comes first, in the order of its agent; then what fits.
        offers.sort_by_key(|(rank, offer)| (offer.unfit.is_some(), rank.unwrap_or(usize::MAX)));
        offers.into_iter().map(|(_, offer)| offer).collect()
    }

    fn form(&mut self, agent: &str, env: &str) -> Result<Form, String> {
        plans::form(self, agent, env)
    }

    fn start(&mut self, plan: &Plan, ring: Ring) -> Result<Started, String> {
        let flags = plans::flags(plan)?;
        let prepared = train::prepare(&flags, self.registry(), self.settings).map_err(says)?;
        self::start(prepared, &flags.course, ring, self.settings)
    }

    fn sessions(&mut self) -> Result<Vec<SessionRow>, String> {
        let entries = self.store().list().map_err(|error| error.to_string())?;
        let mut rows: Vec<SessionRow> = entries
            .into_iter()
            .map(|entry| match entry.session {
                Ok(session) => rows::session(&session, &mut self.unsaved),
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

    fn resume(&mut self, session: &str, ring: Ring) -> Result<Started, String> {
        let course = Course::default();
        let named = saved::open_at(session, self.settings).map_err(says)?;
        if resume::finished(&course, &named).map_err(says)?.is_some() {
            return Err(format!("{session} has reached its goal; b branches a new session off it"));
        }
        let prepared = resume::prepare(named, &course, self.registry()).map_err(says)?;
        self::start(prepared, &course, ring, self.settings)
    }

    fn verify(&mut self, session: &str, told: Progress<'_>) -> Result<String, String> {
        let session = self.open(session)?;
        let (bytes, mut read) = (session.bytes().max(1), 0);
        let checked = session.verify(&mut |file| {
            read += file.metadata().map_or(0, |file| file.len());
            told(Some((read as f64 / bytes as f64).min(1.0)));
        });
        match checked.found.first() {
            None => Ok(format!("{}: all {} files are sound", session.name(), checked.files)),
            Some(first) => Err(format!("{}: {first}", session.name())),
        }
    }

    fn delete(&mut self, session: &str) -> Result<(), String> {
        self.store().remove(session).map_err(|error| error.to_string())?;
        self.deleted.push(session.to_owned());
        Ok(())
    }

    fn undelete(&mut self) -> Result<String, String> {
        let name = self.deleted.last().ok_or("nothing was deleted here")?.clone();
        self.store().restore(&name).map_err(|error| error.to_string())?;
        self.deleted.pop();
        Ok(name)
    }

    fn tag(&mut self, session: &str, tag: &str) -> Result<(), String> {
        self.write_notes(session, |notes| {
            let tag = tag.trim();
            match tag.strip_prefix('-') {
                Some(off) => notes.tags.retain(|known| known != off),
                None if !notes.tags.iter().any(|known| known == tag) => {
                    notes.tags.push(tag.to_owned());
                }
                None => {}
            }
            notes.tags.sort();
        })
    }

    fn note(&mut self, session: &str, note: &str) -> Result<(), String> {
        self.write_notes(session, |notes| note.clone_into(&mut notes.note))
    }

    fn film(&mut self, session: &str, pick: Pick, told: Progress<'_>) -> Result<Film, String> {
        film::film(self, session, pick, told)
    }

    fn branch(&mut self, session: &str, ring: Ring, told: Progress<'_>) -> Result<Started, String> {
        let named = saved::open_at(session, self.settings).map_err(says)?;
        let flags = BranchFlags {
            origin: session.to_owned(),
            set: Vec::new(),
            mode: ModeFlags::default(),
            session: None,
            course: further(&named)?,
        };
        let desk = (self.registry(), self.settings);
        let mut goes_on = |taken, total: u64| {
            told(Some(taken as f64 / total.max(1) as f64));
            true
        };
        let prepared = branch::prepare(named, &flags, desk, &mut goes_on).map_err(says)?;
        self::start(prepared, &flags.course, ring, self.settings)
    }

    fn curve(&mut self, session: &str) -> Result<Curve, String> {
        Ok(curve(&self.open(session)?))
    }

    fn plugins(&mut self, again: bool) -> Vec<PluginRow> {
        if again {
            match registry(self.settings) {
                Ok(fresh) => self.fresh = Some(fresh),
                Err(failure) => {
                    let (name, refused) = ("plugins".to_owned(), Some(failure.message));
                    return vec![PluginRow { name, refused, ..PluginRow::default() }];
                }
            }
        }
        rows::plugins(self.registry())
    }

    fn new_plugin(&mut self, kind: NewPlugin, name: &str) -> Result<Vec<String>, String> {
        let here = std::env::current_dir()
            .map_err(|error| format!("cannot tell the current folder: {error}"))?;
        let kind = match kind {
            NewPlugin::Agent => scaffold::Kind::Agent,
            NewPlugin::Env => scaffold::Kind::Env,
        };
        let written = scaffold::write(kind, name, &here).map_err(says)?;
        let mut lines = vec![format!("wrote {}; go on with", written.folder.display())];
        lines.extend(written.next.iter().map(|(command, does)| format!("{command}  # {does}")));
        lines.push("When it is built, R on this screen reads the disk again.".to_owned());
        Ok(lines)
    }

    fn check(&mut self, path: &str) -> Vec<String> {
        crate::commands::plugins::check_lines(Path::new(path))
    }

    fn printed(&mut self) -> Vec<String> {
        faults::strike("screen");
        self.prints.take()
    }
}

fn says(failure: Failure) -> String {
    failure.message
}

/// A branch of a run that reached its goal goes twice as far.
fn further(named: &Named) -> Result<Course, String> {
    let course = Course::default();
    let Some(end) = resume::finished(&course, named).map_err(says)? else { return Ok(course) };
    let steps = (2 * end.steps.max(1)).to_string();
    let steps = Some(steps.parse()?);
    Ok(Course { steps, budget: steps, ..course })
}
