//! Changes to a run under way: params are edited, lanes that failed are put back to work.

use super::supply::Supply;
use super::{Goal, Mode, Run, Setup, check};
use crate::event::{Alert, Edit, Event};
use plugin_api::abi::handle::PluginHandle;
use plugin_api::params::Values;
use plugin_api::{Error, Result};

impl Run {
    /// Changes live params, all of them or none, from the next update on.
    pub fn edit(&mut self, params: &Values) -> Result<()> {
        self.gather_in();
        let before = self.present(params);
        self.agent.set_params(params)?;
        if let Err(error) = self.take_over_needs() {
            self.agent.set_params(&before)?;
            return Err(error);
        }
        // What the first copy takes the others take, for they are its likes.
        self.each_other(|other| other.edit(params))?;
        self.setup.params.extend(params.clone());
        // Policies hold params of their own, so they are made again.
        self.policies.clear();
        if let Some(crewed) = &mut self.crewed {
            crewed.edited = true;
        }
        Ok(())
    }

    /// Goes on with other builds of its plugins; everything that was learned and lived through is
    /// carried over. When that cannot be, the run stays as it was.
    pub fn reload(&mut self, agent: PluginHandle, env: PluginHandle) -> Result<()> {
        let snapshot = self.snapshot()?;
        let setup = Setup { agent_plugin: agent, env_plugin: env, ..self.setup.clone() };
        let mut run = Self::new(setup)?;
        if run.task != self.task {
            return Err(Error::argument(
                "its task is another one: spaces, limits or rewards have changed; begin a new run",
            ));
        }
        run.restore(&snapshot)?;
        if let (Some(old), Some(new)) = (&self.crewed, &run.crewed) {
            let serial = new.serial();
            new.crew.follow(old.crew.unfollowed(), serial, true)?;
        }
        *self = run;
        Ok(())
    }

    /// Changes live params as [`Run::edit`] does, and tells of each one that changed.
    pub fn edit_as(
        &mut self,
        author: &str,
        params: &Values,
        tell: &mut dyn FnMut(Event),
    ) -> Result<()> {
        let before = self.present(params);
        self.edit(params)?;
        for (name, new) in params {
            let Some(old) = before.get(name).filter(|old| *old != new) else { continue };
            tell(Event::Edit(Edit {
                steps: self.counters().steps,
                author: author.to_owned(),
                name: name.clone(),
                old: old.clone(),
                new: new.clone(),
            }));
        }
        Ok(())
    }

    /// The run ends elsewhere from now on.
    pub fn set_goal(&mut self, goal: Goal) {
        let share = goal.share(self.setup.mode.copies());
        self.copies.iter_mut().flat_map(|copies| &mut copies.others).for_each(|other| {
            other.set_goal(share.clone());
        });
        self.setup.goal = goal;
    }

    /// The values that these params have now.
    pub fn present(&self, params: &Values) -> Values {
        let agents = &self.setup.agent_plugin.info().agents;
        let specs = agents.iter().find(|agent| agent.name == self.setup.agent);
        let specs = specs.map_or(&[][..], |agent| &agent.params);
        let default = |name: &String| {
            specs.iter().find(|spec| spec.name == *name).map(|spec| spec.default.clone())
        };
        let now = |name: &String| self.setup.params.get(name).cloned().or_else(|| default(name));
        params.keys().filter_map(|name| Some((name.clone(), now(name)?))).collect()
    }

    /// Uses actions, returns and memory as the agent asks for them since its params changed.
    fn take_over_needs(&mut self) -> Result<()> {
        let needs = self.agent.needs()?;
        let mut same = self.needs.clone();
        same.explore = needs.explore;
        if same.returns.is_some() && needs.returns.is_some() {
            same.returns = needs.returns;
        }
        if let Supply::Replay(..) = self.supply {
            same.feed = needs.feed.clone();
        }
        if same != needs {
            return Err(Error::argument(
                "this changes how the agent learns, which a run cannot do on its way; \
                 begin a new one with it",
            ));
        }
        self.lanes.set_explore(needs.explore)?;
        match &mut self.supply {
            Supply::Nothing(_) => {}
            Supply::Rollout(feed) => feed.set_returns(needs.returns),
            Supply::Episodes(feed) => feed.set_returns(needs.returns),
            Supply::Replay(feed, _) => feed.set(&needs)?,
        }
        self.needs = needs;
        Ok(())
    }

    /// Goes on in another mode, once everything that was collected has been learned from.
    pub fn change_mode(&mut self, mode: Mode) -> Result<()> {
        if mode == self.setup.mode {
            return Ok(());
        }
        if self.setup.mode.copies() > 1 || mode.copies() > 1 {
            return Err(Error::argument(
                "the number of copies and their rounds stay as they are; begin a new run with \
                 others",
            ));
        }
        check(&Setup { mode, ..self.setup.clone() })?;
        let progress = self.progress();
        self.counters.updates += self.supply.learn(&mut self.agent, progress)?;
        self.gather_in();
        self.learn_from_rest()?;
        // Nothing waits any more, so the plainest form holds all there is, for every cut of lanes.
        self.setup.mode = Mode::Lockstep;
        let snapshot = self.snapshot()?;
        let mut run = Self::new(Setup { mode, ..self.setup.clone() })?;
        run.setup.mode = Mode::Lockstep;
        run.restore(&snapshot)?;
        run.setup.mode = mode;
        *self = run;
        Ok(())
    }

    /// Puts lanes back to work in which something failed: they get a new instance of the
    /// environment and begin new episodes. Nothing else changes. Tells what it did.
    pub fn mend(&mut self, tell: &mut dyn FnMut(Event)) -> Result<()> {
        let situation = self.situation();
        self.gather_in();
        // A policy may be what failed, and copies of it are cheap.
        self.policies.clear();
        for mended in self.lanes.mend(&mut self.agent, situation)? {
            self.supply.forget(mended.lanes.clone());
            let (lanes, error) = (mended.lanes, mended.error);
            let which = match lanes.len() {
                1 => format!("lane {} begins a new episode", lanes.start),
                _ => format!("lanes {} to {} begin new episodes", lanes.start, lanes.end - 1),
            };
            tell(Event::Alert(Alert {
                steps: self.counters.steps,
                topic: "mended".to_owned(),
                message: format!("{which} in a new instance of {}: {error}", self.setup.env),
            }));
        }
        self.mend_others(tell)
    }
}
