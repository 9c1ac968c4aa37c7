//! What the screen asks of the program around it: plugins, sessions, and runs to look at.

use crate::door::Door;
use crate::follow::Follower;
use crate::lineage::Stretch;
use crate::run::{MarkKind, Timeline};
use plugin_api::params::{ParamSpec, Values};
use plugin_api::scene::Scene;
use thorndike_engine::drive::{Drive, Ring};
use thorndike_engine::mind::Thought;
use thorndike_session::model::Played;

/// A run, and what it is called.
#[derive(Debug)]
pub struct Started {
    /// Where it comes from.
    pub source: Source,
    /// What there is to know about it.
    pub about: About,
    /// What happened before it was started now, the oldest first.
    pub past: Vec<Stretch>,
    /// Where it can be reached from other terminals.
    pub door: Option<Door>,
}

/// Where a run comes from.
#[derive(Debug)]
pub enum Source {
    /// It lives in this process.
    Drive(Drive),
    /// Another process writes its journal, or has written it.
    Journal(Box<Follower>),
}

/// What there is to know about a run beside what it tells itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    /// Its session.
    pub session: String,
    /// The agent, as `plugin:name`.
    pub agent: String,
    /// The environment, as `plugin:name`.
    pub env: String,
    /// The agent's params.
    pub specs: Vec<ParamSpec>,
    /// Their values when it began.
    pub params: Values,
    /// Environment steps after which it ends.
    pub budget: Option<u64>,
    /// Worlds side by side, where that is known before it tells.
    pub lanes: usize,
    /// Episodes after which it ends.
    pub episodes: Option<u64>,
    /// Return at which the task counts as solved.
    pub threshold: Option<f64>,
    /// Whether it is only looked at: another process holds it, or none any more.
    pub is_followed: bool,
}

/// A run to be started.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The agent.
    pub agent: String,
    /// The environment.
    pub env: String,
    /// Params of the agent as they are written on a command line.
    pub set: Vec<(String, String)>,
    /// Params of the environment.
    pub env_set: Vec<(String, String)>,
    /// The root seed.
    pub seed: u64,
    /// Worlds side by side; the preset's unless said otherwise.
    pub lanes: Option<u64>,
    /// Steps after which it ends; the preset's unless said otherwise.
    pub steps: Option<u64>,
    /// Runs to begin, each with the next seed; one unless said otherwise.
    pub seeds: Option<u64>,
    /// How acting and learning share the time, in a word; the usual way unless said otherwise.
    pub mode: Option<String>,
    /// Workers of a run that is asynchronous.
    pub workers: Option<u64>,
    /// Updates that their policy may be behind.
    pub lag: Option<u64>,
    /// Copies of the agent that learn side by side and are averaged; one unless said otherwise.
    pub copies: Option<u64>,
    /// Steps over which schedules run; those of the run unless said otherwise.
    pub budget: Option<u64>,
}

/// An agent or environment that can be chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offer {
    /// Its name.
    pub name: String,
    /// Its plugin.
    pub plugin: String,
    /// Why it cannot be chosen with what was chosen before; nothing where it can.
    pub unfit: Option<String>,
    /// Whether there is a preset for it.
    pub preset: bool,
    /// What else helps to choose.
    pub says: String,
}

/// What can be set before a run begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    /// Params of the agent.
    pub params: Vec<ParamSpec>,
    /// Their values, the preset's where there is one.
    pub values: Values,
    /// Params of the environment.
    pub env_params: Vec<ParamSpec>,
    /// Worlds side by side.
    pub lanes: u64,
    /// Steps after which it ends.
    pub steps: u64,
    /// How acting and learning usually share the time.
    pub mode: String,
    /// Workers of a run that is asynchronous, unless said otherwise.
    pub workers: u64,
}

/// A session as a list shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionRow {
    /// Its name.
    pub name: String,
    /// Its agent.
    pub agent: String,
    /// Its environment.
    pub env: String,
    /// Its seed.
    pub seed: u64,
    /// Seconds since 1970 when it was made.
    pub created: u64,
    /// Environment steps it has taken.
    pub steps: u64,
    /// Mean return of its last 100 episodes.
    pub return_last100: Option<f64>,
    /// How it ended, or what is wrong with it.
    pub state: String,
    /// Bytes on the disk.
    pub bytes: u64,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its note.
    pub note: String,
    /// Its params, for a comparison.
    pub params: Vec<(String, String)>,
}

/// A plugin as a list shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PluginRow {
    /// Its name; the file's where it could not be opened.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it lies.
    pub path: String,
    /// Why it was refused; nothing where it was not.
    pub refused: Option<String>,
    /// Its agents with their params and presets, and its environments with their params.
    pub parts: Vec<Part>,
}

impl PluginRow {
    /// Everything that is known of it, a line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.path.clone()];
        lines.extend(self.refused.clone());
        for part in &self.parts {
            lines.push(String::new());
            lines.push(format!("{} {}", part.kind, part.name));
            lines.extend(part.params.iter().map(|spec| {
                let live = if spec.live { " (live)" } else { "" };
                let doc = spec.doc.lines().next().unwrap_or_default();
                let range = spec.range();
                let range = if range.is_empty() { range } else { format!(" ({range})") };
                format!("  {} = {}{live}: {doc}{range}", spec.name, spec.default)
            }));
            if !part.presets.is_empty() {
                lines.push(format!("  presets: {}", part.presets.join(", ")));
            }
        }
        lines
    }
}

/// Something that a plugin offers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// `agent` or `env`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its params.
    pub params: Vec<ParamSpec>,
    /// Environments it has settings for.
    pub presets: Vec<String>,
}

/// What a new plugin offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewPlugin {
    /// An agent.
    Agent,
    /// A world.
    Env,
}

/// Which recorded episode is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pick {
    /// The latest there is.
    #[default]
    Latest,
    /// The one in the file of this number.
    File(u64),
    /// The one that lies closest to this step of the run.
    Step(u64),
}

/// An episode to be looked at step by step.
#[derive(Clone, Debug, Default)]
pub struct Film {
    /// Which episode of which session it is.
    pub title: String,
    /// The session.
    pub session: String,
    /// Where it stands among the recorded ones.
    pub at: usize,
    /// Its steps; the first one is what was seen before anything was done.
    pub frames: Vec<Frame>,
    /// The run that it is part of.
    pub track: Track,
    /// Whose thoughts are shown: the step at which the policy was saved.
    pub thinker: Option<u64>,
}

/// A run from its beginning to its end.
#[derive(Clone, Debug, Default)]
pub struct Track {
    /// Environment steps of the run.
    pub steps: u64,
    /// Returns of episodes, by steps.
    pub returns: Vec<(u64, f64)>,
    /// What happened, by steps.
    pub marks: Vec<(u64, MarkKind)>,
    /// The recorded episodes, by steps.
    pub recorded: Vec<Recorded>,
}

/// A recorded episode.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Recorded {
    /// Number of its file.
    pub file: u64,
    /// Where in the run it lies.
    pub steps: u64,
}

/// A step of an episode.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// What it looked like.
    pub scene: Option<Scene>,
    /// What was done, seen and thought, in lines.
    pub lines: Vec<String>,
    /// What it brought.
    pub reward: f64,
    /// Sum of rewards so far.
    pub total: f64,
    /// What the policy makes of what is seen here, and the choice that was made next.
    pub thought: Option<(Thought, Option<usize>)>,
    /// How much better the step turned out than the policy had expected.
    pub advantage: Option<f64>,
}

/// Tells how far something has come: a part from 0 to 1, where that is known.
pub type Progress<'a> = &'a mut dyn FnMut(Option<f64>);

/// A curve that is read from a session.
#[derive(Clone, Debug, Default)]
pub struct Curve {
    /// Its episodes.
    pub episodes: Vec<Played>,
    /// What else the x axis can show.
    pub timeline: Timeline,
}

/// What the program around the screen does for it.
pub trait Bench {
    /// The agents there are.
    fn agents(&mut self) -> Vec<Offer>;

    /// The environments there are, and whether this agent can learn in them.
    fn envs(&mut self, agent: &str, told: Progress<'_>) -> Vec<Offer>;

    /// What can be set before a run of these two.
    fn form(&mut self, agent: &str, env: &str) -> Result<Form, String>;

    /// Starts a run.
    fn start(&mut self, plan: &Plan, ring: Ring) -> Result<Started, String>;

    /// All sessions, the newest first.
    fn sessions(&mut self) -> Result<Vec<SessionRow>, String>;

    /// Goes on with a session.
    fn resume(&mut self, session: &str, ring: Ring) -> Result<Started, String>;

    /// Reads every byte of a session and says what it found.
    fn verify(&mut self, session: &str, told: Progress<'_>) -> Result<String, String>;

    /// Puts a session out of sight, so that it can come back.
    fn delete(&mut self, session: &str) -> Result<(), String>;

    /// Brings back the session that was deleted last, and says which.
    fn undelete(&mut self) -> Result<String, String>;

    /// Puts a tag on a session.
    fn tag(&mut self, session: &str, tag: &str) -> Result<(), String>;

    /// Writes a note on a session.
    fn note(&mut self, session: &str, note: &str) -> Result<(), String>;

    /// Branches a new session off one, at its end or at `NAME@STEP`, and starts it.
    fn branch(&mut self, session: &str, ring: Ring, told: Progress<'_>) -> Result<Started, String>;

    /// A recorded episode of a session.
    fn film(&mut self, session: &str, pick: Pick, told: Progress<'_>) -> Result<Film, String>;

    /// The returns of a session's episodes, by steps.
    fn curve(&mut self, session: &str) -> Result<Curve, String>;

    /// The plugins there are; those of refused files among them.
    fn plugins(&mut self, again: bool) -> Vec<PluginRow>;

    /// Writes the crate of a new plugin, an agent or a world, and says how to go on, a line each.
    fn new_plugin(&mut self, kind: NewPlugin, name: &str) -> Result<Vec<String>, String>;

    /// Tries a plugin file and says what it found, a line each.
    fn check(&mut self, path: &str) -> Vec<String>;

    /// What plugins have printed or logged since the last call.
    fn printed(&mut self) -> Vec<String>;
}
