//! What lies between workers and learner: the policy that was published last, units that wait to be
//! learned from, and the rules that say who may begin and what is learned from next.

mod saved;

use super::{Unit, recordings};
use crate::clock::Stopwatch;
use crate::lanes::{Patience, Segment, Shard, Situation};
use crate::replay::Pass;
use crate::run::LaneNow;
use crate::run::look;
use plugin_api::scene::Scene;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use thorndike_session::journal::Commit;

/// A policy as it was published.
#[derive(Debug)]
pub(crate) struct Published {
    /// Its number: 1 more with every update, and with every edit of params.
    pub(crate) serial: u64,
    /// Updates that it knows of.
    pub(crate) version: u64,
    /// When it acts, for schedules.
    pub(crate) situation: Situation,
    /// What policies load.
    pub(crate) acting: Vec<u8>,
}

/// What came of waiting for units.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// They are there, by our own choice.
    Live,
    /// They are there, as others decided.
    Followed,
    /// A worker failed.
    Failed,
    /// What was to be followed does not fit.
    Unfit(String),
}

/// One worker's place.
#[derive(Debug, Default)]
struct Slot {
    lanes: usize,
    /// Units it has begun.
    begun: u64,
    /// Updates that the policy of the unit under way knows of.
    flying: Option<u64>,
    /// Units begun that nobody has learned from.
    open: u64,
    /// Room for further units.
    spare: Vec<Segment>,
    /// Policies of the next units, where others decided; those published by now with them.
    orders: VecDeque<(u64, Option<Arc<Published>>)>,
    now: Vec<LaneNow>,
    /// What is to be recorded from now on, if it was asked for.
    armed: Option<Pass>,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct State {
    policy: Option<Arc<Published>>,
    /// Whether the learner is at work with the newest policy.
    busy: bool,
    closed: bool,
    failed: bool,
    lag: u64,
    slots: Vec<Slot>,
    finished: Vec<Unit>,
    /// What is learned from next, where others decided.
    commits: VecDeque<Commit>,
    /// Whether it is up to us when they are finished.
    freely: bool,
    wanted: Option<usize>,
    picture: Option<(usize, Scene)>,
}

#[derive(Debug)]
pub(super) struct Board {
    state: Mutex<State>,
    changed: Condvar,
}

impl State {
    /// The policy with which a worker may begin a unit now, if it may.
    fn may_begin(&mut self, slot: usize) -> Option<Arc<Published>> {
        if !self.commits.is_empty() || !self.freely {
            let orders = &mut self.slots[slot].orders;
            let (_, policy) = orders.pop_front_if(|(_, policy)| policy.is_some())?;
            return policy;
        }
        // Units before this one fill so many updates; what is being learned from is one more.
        let before: u64 = self.slots.iter().map(|slot| slot.open).sum();
        let late = u64::from(self.busy) + before / self.slots.len() as u64;
        let may = late <= self.lag && self.slots[slot].open <= self.lag;
        if may { self.policy.clone() } else { None }
    }

    /// Whether others decided that a worker begins now. It does even when it is called home: where
    /// they decided so, it had begun before anything could change.
    fn is_ordered(&self, slot: usize) -> bool {
        self.slots[slot].orders.front().is_some_and(|(_, policy)| policy.is_some())
    }

    /// Takes the units of the next update, if they are there.
    fn choose(
        &mut self,
        updates: u64,
        enough: Option<usize>,
        units: &mut Vec<Unit>,
    ) -> Option<Taken> {
        if let Some(commit) = self.commits.front() {
            if commit.update != updates {
                let found = commit.update;
                let says = format!("update {updates} comes, the journal has {found}");
                return Some(Taken::Unfit(says));
            }
            return self.choose_as(units);
        }
        if !self.freely {
            let says = "the journal does not say what was learned from after update";
            return Some(Taken::Unfit(format!("{says} {updates}")));
        }
        let overdue = |version: u64| version.saturating_add(self.lag) <= updates;
        let waits = self.slots.iter().any(|slot| slot.flying.is_some_and(overdue));
        let lanes: usize = self.finished.iter().map(|unit| unit.segment.lanes).sum();
        let enough = enough.is_some_and(|enough| lanes >= enough.max(1));
        if (self.finished.len() >= self.slots.len() && !waits) || enough {
            // What would be too old the next time is never left behind.
            self.finished.sort_unstable_by_key(|unit| (unit.version, unit.slot, unit.number));
            let old = self.finished.iter().filter(|unit| overdue(unit.version)).count();
            let count = old.max(self.slots.len()).min(self.finished.len());
            units.extend(self.finished.drain(..count));
            units.sort_unstable_by_key(|unit| (unit.slot, unit.number));
        }
        (!units.is_empty()).then_some(Taken::Live)
    }

    /// Takes the units that the next commit names, if all of them are there.
    fn choose_as(&mut self, units: &mut Vec<Unit>) -> Option<Taken> {
        self.finished.sort_unstable_by_key(|unit| (unit.slot, unit.number));
        let commit = &self.commits[0];
        let mut places = Vec::with_capacity(commit.units.len());
        for &(slot, serial) in &commit.units {
            let mut of_slot = (0..self.finished.len()).filter(|place| {
                self.finished[*place].slot == slot as usize && !places.contains(place)
            });
            let place = of_slot.next()?;
            let made = self.finished[place].serial;
            if made != serial {
                let says = format!("worker {slot} used policy {made}, the journal has {serial}");
                return Some(Taken::Unfit(says));
            }
            places.push(place);
        }
        places.sort_unstable();
        units.extend(places.iter().rev().map(|&place| self.finished.remove(place)));
        units.reverse();
        self.commits.pop_front();
        Some(Taken::Followed)
    }

    /// Gives orders their policy where it is the published one.
    fn hand_out(&mut self) {
        let Some(policy) = &self.policy else { return };
        for (serial, place) in self.slots.iter_mut().flat_map(|slot| &mut slot.orders) {
            if *serial == policy.serial {
                *place = Some(policy.clone());
            }
        }
    }
}

impl Board {
    pub(super) fn new(lengths: impl Iterator<Item = usize>, lag: u64) -> Self {
        let slot = |lanes| Slot { lanes, now: vec![LaneNow::default(); lanes], ..Slot::default() };
        let state = State {
            policy: None,
            busy: false,
            closed: false,
            failed: false,
            lag,
            slots: lengths.map(slot).collect(),
            finished: Vec::new(),
            commits: VecDeque::new(),
            freely: true,
            wanted: None,
            picture: None,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing is finished under the lock that could leave it half finished.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Workers are about to come.
    pub(super) fn open(&self) {
        let mut state = self.lock();
        (state.closed, state.failed) = (false, false);
    }

    /// Workers go home after the units under way.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        (state.closed, state.busy) = (true, false);
        self.changed.notify_all();
    }

    pub(super) fn publish(&self, policy: Published) {
        let mut state = self.lock();
        state.policy = Some(Arc::new(policy));
        state.busy = false;
        state.hand_out();
        self.changed.notify_all();
    }

    /// Waits until a worker may begin a unit; nothing when it is to go home.
    pub(super) fn begin(&self, slot: usize) -> Option<Arc<Published>> {
        let mut state = self.lock();
        loop {
            if state.closed && !state.is_ordered(slot) {
                return None;
            }
            if let Some(policy) = state.may_begin(slot) {
                let place = &mut state.slots[slot];
                place.begun += 1;
                place.open += 1;
                place.flying = Some(policy.version);
                return Some(policy);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes what a worker brings, and gives it room for the next unit.
    pub(super) fn hand_in(&self, slot: usize, shard: &mut Shard, policy: &Published) {
        let mut state = self.lock();
        let armed = state.slots[slot].armed.take();
        let wanted = state.wanted.filter(|lane| shard.lane_range().contains(lane));
        let spare = state.slots[slot].spare.pop();
        let number = state.slots[slot].begun;
        drop(state);
        let mut segment = spare.unwrap_or_else(|| shard.segment().clone());
        shard.swap_segment(&mut segment);
        shard.set_taken();
        let drawn = wanted.and_then(|lane| {
            let place = lane - shard.first();
            let scene = shard.env_mut().render(place);
            Some((lane, scene.ok()??))
        });
        let unit = Unit {
            slot,
            number,
            first: shard.first(),
            serial: policy.serial,
            version: policy.version,
            segment,
            ended: shard.ended().to_vec(),
            recordings: recordings(shard, armed),
        };
        shard.forget_ended();
        let mut state = self.lock();
        look::shard_now(shard, &mut state.slots[slot].now.iter_mut());
        state.slots[slot].flying = None;
        state.finished.push(unit);
        if drawn.is_some() {
            (state.picture, state.wanted) = (drawn, None);
        }
        self.changed.notify_all();
    }

    /// A worker cannot go on.
    pub(super) fn fail(&self, slot: usize) {
        let mut state = self.lock();
        state.failed = true;
        let place = &mut state.slots[slot];
        place.open -= u64::from(place.flying.take().is_some());
        state.commits.clear();
        state.slots.iter_mut().for_each(|slot| slot.orders.clear());
        self.changed.notify_all();
    }

    pub(super) fn take(
        &self,
        updates: u64,
        patience: Option<Patience>,
        units: &mut Vec<Unit>,
    ) -> Taken {
        let watch = Stopwatch::start();
        let mut state = self.lock();
        let taken = loop {
            if state.failed {
                return Taken::Failed;
            }
            let left = patience.map(|patience| patience.time_out - watch.seconds());
            let is_over = left.is_some_and(|left| left <= 0.0);
            let enough = patience.filter(|_| is_over).map(|patience| patience.min_lanes);
            match state.choose(updates, enough, units) {
                None => {}
                Some(unfit @ Taken::Unfit(_)) => return unfit,
                Some(taken) => break taken,
            }
            state = match left.filter(|_| !is_over) {
                Some(left) => {
                    let left = Duration::try_from_secs_f64(left).unwrap_or_default();
                    let waited = self.changed.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        };
        for unit in units.iter() {
            state.slots[unit.slot].open -= 1;
        }
        state.busy = true;
        self.changed.notify_all();
        taken
    }

    pub(super) fn take_rest(&self, units: &mut Vec<Unit>) {
        let mut state = self.lock();
        units.append(&mut state.finished);
        units.sort_unstable_by_key(|unit| (unit.slot, unit.number));
        state.slots.iter_mut().for_each(|slot| slot.open = 0);
        state.commits.clear();
    }

    pub(super) fn give_back(&self, units: &mut Vec<Unit>) {
        let mut state = self.lock();
        for unit in units.drain(..) {
            state.slots[unit.slot].spare.push(unit.segment);
        }
    }

    pub(super) fn follow(
        &self,
        commits: Vec<Commit>,
        serial: u64,
        freely: bool,
    ) -> Result<(), String> {
        let mut state = self.lock();
        let mut waiting: Vec<usize> = vec![0; state.slots.len()];
        for unit in &state.finished {
            waiting[unit.slot] += 1;
        }
        for &(slot, needs) in commits.iter().flat_map(|commit| &commit.units) {
            let idx = slot as usize;
            let place = state.slots.get_mut(idx).ok_or_else(|| {
                format!("the journal has a worker {slot}, this run has only so many before it")
            })?;
            // Those that wait already come first.
            if waiting[idx] > 0 {
                waiting[idx] -= 1;
            } else if needs < serial {
                return Err(format!("worker {slot} would need policy {needs}, it is {serial} now"));
            } else {
                place.orders.push_back((needs, None));
            }
        }
        state.commits = commits.into();
        state.freely = freely;
        state.hand_out();
        Ok(())
    }

    pub(super) fn unfollowed(&self) -> Vec<Commit> {
        self.lock().commits.iter().cloned().collect()
    }

    pub(super) fn lanes_now(&self, lanes: &mut [LaneNow]) {
        let state = self.lock();
        let all = state.slots.iter().flat_map(|slot| &slot.now);
        for (lane, now) in lanes.iter_mut().zip(all) {
            *lane = *now;
        }
    }

    pub(super) fn picture(&self, lane: usize) -> Option<Scene> {
        let mut state = self.lock();
        state.wanted = Some(lane);
        state.picture.as_ref().filter(|(of, _)| *of == lane).map(|(_, scene)| scene.clone())
    }

    pub(super) fn arm(&self, pass: Pass) {
        self.lock().slots.iter_mut().for_each(|slot| slot.armed = Some(pass));
    }
}
