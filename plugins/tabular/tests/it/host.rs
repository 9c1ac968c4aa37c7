//! The smallest host: acts, draws, steps and learns in turn, as the agent needs.

use plugin_api::lanes::{LaneRows, Lanes, StepRows};
use plugin_api::params::Values;
use plugin_api::prelude::*;

/// An agent in its world.
pub(crate) struct Host<B, A> {
    pub(crate) agent: A,
    pub(crate) lanes: Lanes<B>,
    pub(crate) steps: u64,
    /// Sum of the rewards so far, and episodes that ended.
    pub(crate) rewards: f64,
    pub(crate) episodes: u64,
    updates: u64,
    needs: Needs,
    sampler: Rng,
    learner: Rng,
    log: Log,
    /// Observations and masks of all lanes as they are.
    obs: Vec<i64>,
    masks: Vec<u8>,
    /// Rows that wait for the rest of their batch: one place for all lanes, or one for each.
    rows: Vec<Columns>,
    /// A batch that waits for its next actions.
    held: Option<Columns>,
}

/// Rows of experience, column by column.
#[derive(Clone, Default)]
pub(crate) struct Columns {
    pub(crate) obs: Vec<f32>,
    pub(crate) actions: Vec<f32>,
    pub(crate) rewards: Vec<f64>,
    pub(crate) flags: Vec<u8>,
    pub(crate) next_obs: Vec<f32>,
    pub(crate) next_actions: Vec<f32>,
    pub(crate) masks: Vec<u8>,
    pub(crate) next_masks: Vec<u8>,
    pub(crate) lane_ids: Vec<u32>,
}

impl<B: BatchEnv<Obs = i64, Action = i64>, A: Agent> Host<B, A> {
    /// `settings` are those of the agent, as written on a command line.
    pub(crate) fn new(world: &Values, settings: &[(&str, &str)], lanes: usize, seed: u64) -> Self {
        let mut lanes = Lanes::<B>::new(world, lanes).expect("a world");
        let mut learner = Rng::seeded(seed ^ 0x5eed);
        let params = params::<A>(settings);
        let agent = A::new(&params, lanes.task(), &mut learner).expect("an agent that fits");
        let (width, mask) = (lanes.obs_width(), lanes.mask_width());
        let mut obs = vec![0; lanes.len() * width];
        let mut masks = vec![0; lanes.len() * mask];
        for lane in 0..lanes.len() {
            let obs = &mut obs[lane * width..][..width];
            let (mask, infos) = (&mut masks[lane * mask..][..mask], &mut [][..]);
            lanes.reset(lane, Some(seed * 1000 + lane as u64), LaneRows { obs, mask, infos });
        }
        let needs = agent.needs();
        let places = if needs.feed == Feed::Episodes { lanes.len() } else { 1 };
        Self {
            agent,
            lanes,
            steps: 0,
            rewards: 0.0,
            episodes: 0,
            updates: 0,
            needs,
            sampler: Rng::seeded(seed),
            learner,
            log: Log::default(),
            obs,
            masks,
            rows: vec![Columns::default(); places],
            held: None,
        }
    }

    /// Goes on until `steps` steps were taken in all.
    pub(crate) fn run(&mut self, steps: u64) {
        while self.steps < steps {
            self.step();
        }
    }

    /// One step of all lanes, and what there is to learn from it.
    pub(crate) fn step(&mut self) {
        let actions = self.draw(&self.obs.clone(), &self.masks.clone());
        if let Some(held) = self.held.take() {
            self.learn_held(held, &actions);
        }
        let (before, masks_before) = (self.obs.clone(), self.masks.clone());
        let (mut next, mut next_masks) = (before.clone(), masks_before.clone());
        let lanes = self.lanes.len();
        let (mut rewards, mut flags) = (vec![0.0; lanes], vec![0; lanes]);
        let mut infos = vec![0.0; lanes * self.lanes.info_width()];
        let width = self.lanes.obs_width();
        self.lanes.step(StepRows {
            actions: Rows::new(&actions, 1),
            obs: RowsMut::new(&mut self.obs, width),
            final_obs: RowsMut::new(&mut next, width),
            rewards: &mut rewards,
            flags: &mut flags,
            masks: &mut self.masks,
            final_masks: &mut next_masks,
            infos: &mut infos,
        });
        let mask_width = self.lanes.mask_width();
        for lane in 0..lanes {
            let (obs, mask) =
                (lane * width..(lane + 1) * width, lane * mask_width..(lane + 1) * mask_width);
            if flags[lane] == 0 {
                next[obs.clone()].copy_from_slice(&self.obs[obs.clone()]);
                next_masks[mask.clone()].copy_from_slice(&self.masks[mask.clone()]);
            }
            let place = lane % self.rows.len();
            let rows = &mut self.rows[place];
            rows.obs.extend(before[obs.clone()].iter().map(|&x| x as f32));
            rows.next_obs.extend(next[obs].iter().map(|&x| x as f32));
            rows.masks.extend(&masks_before[mask.clone()]);
            rows.next_masks.extend(&next_masks[mask]);
            rows.actions.push(actions[lane] as f32);
            rows.rewards.push(rewards[lane]);
            rows.flags.push(flags[lane]);
            if self.needs.feed == Feed::Episodes {
                rows.lane_ids.push(lane as u32);
            }
        }
        self.steps += lanes as u64;
        self.rewards += rewards.iter().sum::<f64>();
        self.episodes += flags.iter().filter(|&&flags| flags != 0).count() as u64;
        self.feed(&flags);
    }

    /// The greedy action of each state, as its head says.
    pub(crate) fn greedy(&self, states: usize) -> Vec<usize> {
        assert_eq!(self.lanes.obs_width(), 1, "states are Discrete");
        let obs: Vec<i64> = (0..states as i64).collect();
        let heads = self.heads(&obs);
        heads.chunks_exact(heads.len() / states).map(|head| best(head, &[])).collect()
    }

    /// What the agent makes of these observations.
    pub(crate) fn heads(&self, obs: &[i64]) -> Vec<f32> {
        let width = self.lanes.obs_width();
        let rows = obs.len() / width;
        let actions = self.lanes.task().actions.choices().expect("Discrete actions");
        let obs: Vec<f32> = obs.iter().map(|&x| x as f32).collect();
        let mut heads = vec![0.0; rows * actions];
        let mut act = Act {
            head: RowsMut::new(&mut heads, actions),
            values: &mut [],
            masks: Rows::new(&[], 1),
            memory: RowsMut::new(&mut [], 1),
            mode: Mode::Train,
            step: self.steps,
            key: 0,
            first_lane: 0,
        };
        self.agent.act(Rows::new(&obs, width), &mut act);
        heads
    }

    fn draw(&mut self, obs: &[i64], masks: &[u8]) -> Vec<i64> {
        let epsilon = match self.needs.explore {
            Explore::EpsilonGreedy { epsilon } => epsilon.at(self.steps),
            _ => 0.0,
        };
        let heads = self.heads(obs);
        let width = heads.len() / (obs.len() / self.lanes.obs_width());
        let mut masks = masks.chunks_exact(self.lanes.mask_width().max(1));
        let mut draw = |head: &[f32]| {
            let mask = masks.next().unwrap_or_default();
            let explores = self.sampler.chance(epsilon);
            let allowed = |action: &usize| mask.get(*action) != Some(&0);
            let mut choices: Vec<usize> = (0..width).filter(allowed).collect();
            if !explores {
                // Ties are broken by chance, as the bench does.
                let top = choices.iter().fold(f32::NEG_INFINITY, |top, &one| top.max(head[one]));
                choices.retain(|&action| head[action] >= top);
            }
            choices[self.sampler.below(choices.len())] as i64
        };
        heads.chunks_exact(width).map(&mut draw).collect()
    }

    fn feed(&mut self, flags: &[u8]) {
        match self.needs.feed {
            Feed::Rollout { steps } if self.rows[0].rewards.len() == steps * flags.len() => {
                let rows = std::mem::take(&mut self.rows[0]);
                if self.needs.next_actions {
                    assert_eq!(steps, 1, "this host knows next actions of single steps only");
                    self.held = Some(rows);
                } else {
                    self.learn(&rows, steps, flags.len());
                }
            }
            Feed::Episodes => {
                let mut ended = Columns::default();
                for lane in (0..flags.len()).filter(|&lane| flags[lane] != 0) {
                    ended.append(&mut self.rows[lane]);
                }
                if !ended.rewards.is_empty() {
                    self.learn(&ended, ended.rewards.len(), 1);
                }
            }
            _ => {}
        }
    }

    /// Where an episode ended, an action is drawn for its final observation.
    fn learn_held(&mut self, mut held: Columns, actions: &[i64]) {
        let finals: Vec<i64> = held.next_obs.iter().map(|&x| x as i64).collect();
        let drawn = if held.flags.iter().any(|&flags| flags != 0) {
            self.draw(&finals, &held.next_masks)
        } else {
            actions.to_vec()
        };
        let next = held.flags.iter().zip(actions).zip(drawn);
        held.next_actions = next
            .map(|((&flags, &action), drawn)| if flags == 0 { action } else { drawn } as f32)
            .collect();
        self.learn(&held, 1, actions.len());
    }

    fn learn(&mut self, rows: &Columns, steps: usize, lanes: usize) {
        let batch = rows.batch(steps, lanes, self.lanes.obs_width(), self.lanes.mask_width());
        let mut learn = Learn {
            rng: &mut self.learner,
            log: &mut self.log,
            priorities: &mut [],
            steps: self.steps,
            updates: self.updates,
            progress: 0.0,
        };
        self.agent.learn(&batch, &mut learn).expect("the agent learns");
        self.updates += 1;
    }
}

impl Columns {
    /// These rows as an agent sees them.
    pub(crate) fn batch(&self, steps: usize, lanes: usize, width: usize, mask: usize) -> Batch<'_> {
        Batch {
            steps,
            lanes,
            obs: Rows::new(&self.obs, width),
            actions: Rows::new(&self.actions, 1),
            rewards: &self.rewards,
            flags: &self.flags,
            next_obs: Rows::new(&self.next_obs, width),
            next_actions: Rows::new(&self.next_actions, 1),
            masks: Rows::new(&self.masks, mask),
            next_masks: Rows::new(&self.next_masks, mask),
            lane_ids: &self.lane_ids,
            ..Batch::default()
        }
    }

    fn append(&mut self, rows: &mut Self) {
        self.obs.append(&mut rows.obs);
        self.actions.append(&mut rows.actions);
        self.rewards.append(&mut rows.rewards);
        self.flags.append(&mut rows.flags);
        self.next_obs.append(&mut rows.next_obs);
        self.masks.append(&mut rows.masks);
        self.next_masks.append(&mut rows.next_masks);
        self.lane_ids.append(&mut rows.lane_ids);
    }
}

/// An agent's params with these settings.
pub(crate) fn params<A: Agent>(settings: &[(&str, &str)]) -> A::Params {
    let specs = A::Params::specs();
    let mut params = A::Params::default();
    for (name, text) in settings {
        let spec = plugin_api::params::find(&specs, name).expect("a known param");
        params
            .set(name, &spec.parse(text).expect("a value that fits"))
            .expect("a param that is set");
    }
    params
}

/// The first best action that is allowed.
fn best(head: &[f32], mask: &[u8]) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for (action, &value) in head.iter().enumerate() {
        if value > best.1 && mask.get(action) != Some(&0) {
            best = (action, value);
        }
    }
    best.0
}
