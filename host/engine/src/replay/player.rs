//! A player: steps through a recorded episode and compares it with what was recorded.

use super::chained;
use crate::memory::RawRows;
use plugin_api::abi::handle::{EnvHandle, PluginHandle, ResetFrame, StepFrame};
use plugin_api::abi::types::reset;
use plugin_api::params::Values;
use plugin_api::scene::Scene;
use plugin_api::{Error, Result, Space, Task};
use thorndike_session::Replay;
use thorndike_session::replay::{Library, Take};

/// How much of a replay can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Only what was recorded is shown; nothing is simulated.
    ActionsOnly,
    /// Another build or another kind of processor, and the same at every step so far.
    Portable,
    /// The same build on the same kind of processor, and the same at every step so far.
    Exact,
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ActionsOnly => "actions-only",
            Self::Portable => "portable",
            Self::Exact => "exact",
        })
    }
}

/// One step of an episode as it is played again.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// Number of the step, from 1.
    pub step: u64,
    /// What was done, as the environment reads it.
    pub action: Vec<u8>,
    /// What was seen then; empty when nothing is simulated.
    pub obs: Vec<u8>,
    /// What it brought.
    pub reward: f64,
    /// How it ended.
    pub flags: u8,
}

/// Plays recorded episodes, one after another.
#[derive(Debug)]
pub struct Player {
    library: Library,
    take: Take,
    /// The part of the episode that is played.
    part: Replay,
    world: Option<World>,
    /// Steps of the episode taken.
    at: u64,
    hash: u64,
    level: Level,
    first: Vec<u8>,
}

#[derive(Debug)]
struct World {
    env: EnvHandle,
    actions: RawRows,
    obs: RawRows,
    final_obs: RawRows,
    reward: [f64; 1],
    flags: [u8; 1],
    masks: [Vec<u8>; 2],
    infos: Vec<f64>,
}

impl Player {
    /// A player that simulates, with the environment that the episode was recorded in.
    pub fn new(
        plugin: &PluginHandle,
        env: (&str, &Values),
        level: Level,
        (library, take): (Library, Take),
    ) -> Result<Self> {
        let mut player = Self::of_actions(library, take)?;
        let world = World::new(plugin.env(env.0, env.1, 1)?)?;
        let task = world.env.task();
        let bytes = task.actions.width() * task.actions.dtype().size();
        if bytes != player.part.action_bytes {
            return Err(Error::argument(format!(
                "actions have {bytes} bytes here and {} in the replay; it can only be shown",
                player.part.action_bytes
            )));
        }
        (player.world, player.level) = (Some(world), level);
        player.seek(0)?;
        Ok(player)
    }

    /// A player that shows what was recorded and simulates nothing.
    pub fn of_actions(library: Library, take: Take) -> Result<Self> {
        let (part, first, level) = (Replay::default(), Vec::new(), Level::ActionsOnly);
        let mut player = Self { library, take, part, world: None, at: 0, hash: 0, level, first };
        player.load(0)?;
        player.first.clone_from(&player.part.first);
        Ok(player)
    }

    /// Puts another episode of the same session in, at its beginning.
    pub fn put_in(&mut self, take: Take, level: Level) -> Result<()> {
        self.take = take;
        self.level = if self.world.is_some() { level } else { Level::ActionsOnly };
        self.load(0)?;
        self.first.clone_from(&self.part.first);
        self.at = 0;
        self.seek(0)
    }

    /// The episode.
    pub fn take(&self) -> &Take {
        &self.take
    }

    /// The task, where there is a simulation.
    pub fn task(&self) -> Option<&Task> {
        self.world.as_ref().map(|world| world.env.task())
    }

    /// Steps of the episode.
    pub fn len(&self) -> u64 {
        self.take.length
    }

    /// Whether it has no step.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Steps taken so far.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// How much of it can be trusted so far.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The first observation.
    pub fn first(&self) -> &[u8] {
        &self.first
    }

    /// Loads the part of the episode that the step after this one lies in.
    fn load(&mut self, steps: u64) -> Result<()> {
        let place = self.take.parts.iter().rev().find(|place| place.from <= steps);
        let place = place.ok_or_else(|| Error::argument("the beginning of the episode is gone"))?;
        let part = self.library.part(place).map_err(|error| Error::new(error.to_string()))?;
        self.part = part;
        Ok(())
    }

    /// Whether the step after this one lies in the part that is loaded.
    fn holds(&self, steps: u64) -> bool {
        let from = self.part.head.from;
        (from..from + self.part.len() as u64).contains(&steps)
    }

    /// Goes to where so many steps were taken; beyond the end, to the end.
    pub fn seek(&mut self, steps: u64) -> Result<()> {
        let steps = steps.min(self.len());
        if self.world.is_none() {
            self.at = steps;
            return Ok(());
        }
        // Past the last step there is none to look for.
        let wanted = steps.min(self.len().saturating_sub(1));
        let (part_before, at) = (self.part.head.from, self.at);
        if !self.holds(wanted) {
            self.load(wanted)?;
        }
        let from = self.part.head.from;
        let key = self.part.keys.iter().rev().find(|(step, _)| from + step <= steps);
        let (start, state) = key.ok_or_else(|| Error::argument("the replay has no states"))?;
        // On the way to a later place, a state behind this one is of no use.
        if steps < at || from + start > at || at == 0 || from != part_before {
            let Some(world) = &mut self.world else { return Ok(()) };
            world.env.load(0, state)?;
            self.at = from + start;
            self.hash = if *start == 0 { 0 } else { self.part.hashes[*start as usize - 1] };
        }
        while self.at < steps {
            self.step()?;
        }
        Ok(())
    }

    /// Plays on to the end, past every step that was recorded: a jump would leave out those between
    /// two saved states.
    pub fn play(&mut self) -> Result<()> {
        if self.world.is_none() {
            self.at = self.len();
        }
        while self.step()?.is_some() {}
        Ok(())
    }

    /// Takes the next step; nothing at the end. When it turns out otherwise than recorded, that is
    /// an error, and the player only shows what was recorded from then on.
    pub fn step(&mut self) -> Result<Option<Moment>> {
        if self.at == self.len() {
            return Ok(None);
        }
        if !self.holds(self.at) {
            self.load(self.at)?;
            self.hash = 0;
        }
        let at = (self.at - self.part.head.from) as usize;
        self.at += 1;
        let mut moment = Moment {
            step: self.at,
            action: self.part.action(at).to_vec(),
            obs: Vec::new(),
            reward: self.part.rewards[at],
            flags: self.part.flags[at],
        };
        let Some(world) = &mut self.world else { return Ok(Some(moment)) };
        let stepped = world.step(&moment.action);
        let (reward, flags) = (world.reward[0], world.flags[0]);
        moment.obs = world.seen().to_vec();
        self.hash = chained(self.hash, &moment.obs, reward, flags);
        let expected = self.part.hashes[at];
        if stepped.is_ok() && self.hash == expected {
            return Ok(Some(moment));
        }
        (self.world, self.level) = (None, Level::ActionsOnly);
        stepped?;
        Err(Error::new(format!(
            "step {} of episode {} turned out otherwise: hash {:016x} instead of {expected:016x}, \
             reward {reward} instead of {}",
            self.at, self.take.head.episode, self.hash, moment.reward
        )))
    }

    /// What is allowed now; empty where everything is.
    pub fn masks(&self) -> &[u8] {
        self.world.as_ref().map_or(&[], |world| &world.masks[0])
    }

    /// What the world looks like now; nothing when there is no simulation or nothing to see.
    pub fn render(&mut self) -> Result<Option<Scene>> {
        match &mut self.world {
            Some(world) => world.env.render(0),
            None => Ok(None),
        }
    }
}

impl World {
    fn new(env: EnvHandle) -> Result<Self> {
        let task = env.task();
        let row = |space: &Space| RawRows::new(1, space.width(), space.dtype());
        let masks = vec![1; task.mask_width()];
        let mut world = Self {
            actions: row(&task.actions),
            obs: row(&task.observations),
            final_obs: row(&task.observations),
            reward: [0.0],
            flags: [0],
            masks: [masks.clone(), masks],
            infos: vec![0.0; task.infos.len()],
            env,
        };
        // Some worlds can only be loaded once they have begun.
        world.env.reset(ResetFrame {
            which: &[reset::SEED],
            seeds: &[0],
            obs: world.obs.bytes_mut(),
            masks: &mut world.masks[0],
            infos: &mut world.infos,
        })?;
        Ok(world)
    }

    fn step(&mut self, action: &[u8]) -> Result<()> {
        self.actions.bytes_mut().copy_from_slice(action);
        let [masks, final_masks] = &mut self.masks;
        let stepped = self.env.step(StepFrame {
            actions: self.actions.bytes(),
            obs: self.obs.bytes_mut(),
            final_obs: self.final_obs.bytes_mut(),
            rewards: &mut self.reward,
            flags: &mut self.flags,
            masks,
            final_masks,
            infos: &mut self.infos,
        });
        stepped.map(|_| ())
    }

    fn seen(&self) -> &[u8] {
        if self.flags[0] == 0 { self.obs.bytes() } else { self.final_obs.bytes() }
    }
}
