//! The smallest loop that can train any agent: lanes step, actions are drawn from heads, and
//! whatever the agent asked for is handed to it. Fast it need not be, and only probes run in it.

use super::Stop;
use super::acting::{Acted, Look, Shape, act};
use super::lesson::{Lesson, Row};
use super::probes::Form;
use super::world::{Moment, World};
use crate::abi::handle::AgentHandle;
use crate::needs::{Explore, Feed, Head, Needs, Replay};
use crate::params::Values;
use crate::rng::Rng;
use crate::space::Space;

/// Lanes side by side.
pub(super) const LANES: usize = 4;
/// Steps before the first sample are the host's to choose; more than this teaches a probe nothing.
const WARMUP_MAX: u64 = 300;
/// Steps of each lane that are remembered.
const REMEMBERED_MAX: usize = 4000;

/// An action that was drawn for a lane.
#[derive(Clone, Debug, Default)]
struct Drawn {
    action: f32,
    log_prob: f32,
    value: f32,
    memory: Vec<f32>,
}

/// An agent in a world.
#[derive(Debug)]
pub(super) struct Trainer {
    pub(super) agent: AgentHandle,
    pub(super) needs: Needs,
    world: World,
    head_width: usize,
    rng: Rng,
    now: Vec<Moment>,
    drawn: Vec<Drawn>,
    /// [lanes, memory]: what the policy remembers after it looked at `now`.
    memory: Vec<f32>,
    /// Where each lane's process of noise stands.
    noise: [f64; LANES],
    /// Steps of each lane that were not learnt from yet, or are remembered.
    kept: [Vec<Row>; LANES],
    pub(super) steps: u64,
    pub(super) updates: u64,
    /// Every lesson there was, when they are to be kept.
    pub(super) lessons: Option<Vec<Lesson>>,
}

impl Trainer {
    /// At the beginning.
    pub(super) fn new(mut agent: AgentHandle, form: &Form, params: &Values) -> Result<Self, Stop> {
        let needs = agent.needs()?;
        let mut world = World::new(form.plugin.env("probe", params, LANES)?);
        needs.validate(&world.task)?;
        let head_width = needs.head.width(&world.task.actions)?;
        let now = world.seed(&[1, 2, 3, 4])?;
        let mut trainer = Self {
            memory: vec![0.0; LANES * needs.memory],
            agent,
            needs,
            world,
            head_width,
            rng: Rng::seeded(9),
            now,
            drawn: Vec::new(),
            noise: [0.0; LANES],
            kept: Default::default(),
            steps: 0,
            updates: 0,
            lessons: None,
        };
        trainer.look()?;
        Ok(trainer)
    }

    /// Takes a step in every lane, and learns when it is time to.
    pub(super) fn step(&mut self) -> Result<(), Stop> {
        for (lane, drawn) in self.drawn.iter().enumerate() {
            // Gaussian heads may draw beyond the bounds; only the world gets what is clipped.
            let action = match self.world.task.actions {
                Space::Box { .. } => drawn.action.clamp(-1.0, 1.0),
                _ => drawn.action,
            };
            self.world.set_action(lane, &[f64::from(action)]);
        }
        let before = std::mem::replace(&mut self.now, self.world.step()?);
        self.steps += LANES as u64;
        let cut = self.look_at_ends()?;
        for (lane, moment) in self.now.iter().enumerate() {
            if moment.ended() {
                self.memory[lane * self.needs.memory..][..self.needs.memory].fill(0.0);
                self.noise[lane] = 0.0;
            }
        }
        let drawn = std::mem::take(&mut self.drawn);
        self.look()?;
        for (lane, (before, drawn)) in before.into_iter().zip(drawn).enumerate() {
            let next = cut[lane].as_ref().unwrap_or(&self.drawn[lane]);
            let moment = &self.now[lane];
            let next_mask = if moment.ended() { &moment.final_mask } else { &moment.mask };
            self.kept[lane].push(Row {
                lane,
                obs: floats(&before.obs),
                action: vec![drawn.action],
                reward: moment.reward,
                flags: moment.flags,
                next_obs: floats(moment.next_obs()),
                next_action: vec![next.action],
                mask: before.mask,
                next_mask: next_mask.clone(),
                log_prob: drawn.log_prob,
                value: drawn.value,
                next_value: next.value,
                memory: drawn.memory,
                discount: 1.0,
            });
        }
        self.learn()
    }

    /// What the policy writes for rows of observations.
    pub(super) fn act(&mut self, look: Look<'_>) -> Result<Acted, Stop> {
        let rows = look.obs.len() / self.world.task.observations.width();
        let shape = self.shape(rows);
        act(&mut |frame| self.agent.act(frame), shape, look)
    }

    /// What a policy is asked to fill in for this many rows.
    pub(super) fn shape(&self, rows: usize) -> Shape {
        Shape { rows, head: self.head_width, values: self.needs.values }
    }

    /// What lanes see now, a row each, and what is allowed to them.
    pub(super) fn sight(&self) -> (Vec<f32>, Vec<u8>) {
        let obs = self.now.iter().flat_map(|moment| floats(&moment.obs)).collect();
        (obs, self.now.iter().flat_map(|moment| moment.mask.clone()).collect())
    }

    /// Looks at this moment of every lane and draws its action.
    fn look(&mut self) -> Result<(), Stop> {
        let (obs, masks) = self.sight();
        let before = self.memory.clone();
        let step = self.steps;
        let memory = &before;
        let look = Look { obs: &obs, masks: &masks, memory, evaluate: false, step, key: step };
        let acted = self.act(look)?;
        self.memory.clone_from(&acted.memory);
        self.drawn = (0..LANES)
            .map(|lane| {
                let mask = self.now[lane].mask.clone();
                let memory = &before[lane * self.needs.memory..][..self.needs.memory];
                self.draw(&acted, lane, lane, &mask, memory)
            })
            .collect();
        Ok(())
    }

    /// The same for the final observation of lanes that ended; what is drawn there is never done.
    fn look_at_ends(&mut self) -> Result<Vec<Option<Drawn>>, Stop> {
        let mut cut = vec![None; LANES];
        if !self.needs.values && !self.needs.next_actions {
            return Ok(cut);
        }
        for (lane, cut) in cut.iter_mut().enumerate() {
            let moment = self.now[lane].clone();
            if moment.ended() {
                let memory = self.memory[lane * self.needs.memory..][..self.needs.memory].to_vec();
                let look = Look {
                    obs: &floats(&moment.final_obs),
                    masks: &moment.final_mask,
                    memory: &memory,
                    evaluate: false,
                    step: self.steps,
                    key: !self.steps,
                };
                let acted = self.act(look)?;
                *cut = Some(self.draw(&acted, 0, lane, &moment.final_mask, &memory));
            }
        }
        Ok(cut)
    }

    fn draw(
        &mut self,
        acted: &Acted,
        row: usize,
        lane: usize,
        mask: &[u8],
        memory: &[f32],
    ) -> Drawn {
        let head = &acted.head[row * self.head_width..][..self.head_width];
        let value = acted.values.get(row).copied().unwrap_or(0.0);
        let (action, log_prob) = match self.world.task.actions {
            Space::Box { .. } => self.draw_real(head, lane),
            _ => self.draw_choice(head, mask),
        };
        Drawn { action: action as f32, log_prob: log_prob as f32, value, memory: memory.to_vec() }
    }

    fn draw_choice(&mut self, head: &[f32], mask: &[u8]) -> (f64, f64) {
        let steps = self.steps;
        let allowed = |choice: usize| mask.get(choice) != Some(&0);
        let count = (0..2).filter(|&choice| allowed(choice)).count() as f64;
        let any = |choice: usize| if allowed(choice) { 1.0 / count } else { 0.0 };
        let greedy = |choice: usize| {
            let best = best(self.needs.head, head, mask);
            f64::from(u8::from(choice == best))
        };
        let soft = |choice: usize, temperature: f64| {
            let weight = |choice: usize| {
                let most = head.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let weight = (f64::from(head[choice] - most) / temperature).exp();
                if allowed(choice) { weight } else { 0.0 }
            };
            weight(choice) / (weight(0) + weight(1))
        };
        let chance = |choice: usize| match self.needs.explore {
            Explore::Uniform => any(choice),
            Explore::EpsilonGreedy { epsilon } => {
                let epsilon = epsilon.at(steps);
                epsilon * any(choice) + (1.0 - epsilon) * greedy(choice)
            }
            Explore::Boltzmann { temperature } => soft(choice, temperature.at(steps).max(1e-6)),
            Explore::Policy if self.needs.head == Head::Logits => soft(choice, 1.0),
            _ => greedy(choice),
        };
        let chances = [chance(0), chance(1)];
        let choice = usize::from(self.rng.random() >= chances[0]);
        (choice as f64, chances[choice].ln())
    }

    /// A number between -1 and 1, or beyond where a head has no bounds.
    fn draw_real(&mut self, head: &[f32], lane: usize) -> (f64, f64) {
        let drawn = self.rng.standard_normal();
        let z = if self.needs.head.is_drawn() { f64::from(head[2]) } else { drawn };
        let density = |deviation: f64| -0.5 * z * z - 0.918_938_533_204_672_7 - deviation.ln();
        let best = real(self.needs.head, head);
        match self.needs.explore {
            Explore::Uniform => (self.rng.uniform(-1.0, 1.0), -std::f64::consts::LN_2),
            Explore::EpsilonGreedy { epsilon } => {
                let any = self.rng.chance(epsilon.at(self.steps));
                (if any { self.rng.uniform(-1.0, 1.0) } else { best }, 0.0)
            }
            Explore::Gaussian { std } => (best + std.at(self.steps) * z, 0.0),
            Explore::OrnsteinUhlenbeck { theta, sigma, dt } => {
                let noise = &mut self.noise[lane];
                *noise += -theta * *noise * dt + sigma.at(self.steps) * dt.sqrt() * z;
                (best + *noise, 0.0)
            }
            Explore::Policy | Explore::Boltzmann { .. } => match self.needs.head.law() {
                Head::Gaussian => {
                    let deviation = f64::from(head[1]).exp();
                    (f64::from(head[0]) + deviation * z, density(deviation))
                }
                Head::SquashedGaussian => {
                    let deviation = f64::from(head[1]).exp();
                    let x = f64::from(head[0]) + deviation * z;
                    let slope = (1.0 - x.tanh().powi(2)).max(1e-12);
                    (x.tanh(), density(deviation) - slope.ln())
                }
                _ => (best, 0.0),
            },
        }
    }

    fn learn(&mut self) -> Result<(), Stop> {
        let held = self.kept[0].len();
        match self.needs.feed.clone() {
            Feed::Nothing => self.kept.iter_mut().for_each(Vec::clear),
            Feed::Rollout { steps } if held == steps => {
                let kept = std::mem::take(&mut self.kept);
                let rows = (0..steps * LANES).map(|row| kept[row % LANES][row / LANES].clone());
                self.teach(rows.collect(), (steps, LANES))?;
            }
            Feed::Rollout { .. } => {}
            Feed::Episodes => {
                let mut ended = Vec::new();
                for kept in &mut self.kept {
                    if kept.last().is_some_and(|row| row.flags != 0) {
                        ended.append(kept);
                    }
                }
                if !ended.is_empty() {
                    let rows = ended.len();
                    self.teach(ended, (rows, 1))?;
                }
            }
            Feed::Replay(replay) => self.replay(&replay)?,
        }
        Ok(())
    }

    fn replay(&mut self, replay: &Replay) -> Result<(), Stop> {
        let room = (replay.capacity / LANES).clamp(1, REMEMBERED_MAX);
        for kept in &mut self.kept {
            let more = kept.len().saturating_sub(room);
            kept.drain(..more);
        }
        let due = |steps: u64| steps / replay.every.max(1);
        if self.steps < replay.warmup.min(WARMUP_MAX)
            || due(self.steps) == due(self.steps - LANES as u64)
        {
            return Ok(());
        }
        let rounds = due(self.steps) - due(self.steps - LANES as u64);
        for _ in 0..rounds * replay.updates as u64 {
            let rows = (0..replay.batch).map(|_| self.remember(replay)).collect();
            self.teach(rows, (1, replay.batch))?;
        }
        Ok(())
    }

    /// A step of the past, as far as `n_step` of them go.
    fn remember(&mut self, replay: &Replay) -> Row {
        let kept = &self.kept[self.rng.below(LANES)];
        let first = self.rng.below(kept.len());
        let mut row = kept[first].clone();
        row.discount = replay.discount as f32;
        let (mut factor, mut at) = (replay.discount, first);
        for _ in 1..replay.n_step {
            let Some(next) = kept.get(at + 1).filter(|_| kept[at].flags == 0) else { break };
            row.reward += factor * next.reward;
            factor *= replay.discount;
            at += 1;
        }
        let last = &kept[at];
        row.flags = last.flags;
        row.next_obs.clone_from(&last.next_obs);
        row.next_action.clone_from(&last.next_action);
        row.next_mask.clone_from(&last.next_mask);
        row.next_value = last.next_value;
        row.discount = factor as f32;
        row
    }

    fn teach(&mut self, rows: Vec<Row>, (steps, lanes): (usize, usize)) -> Result<(), Stop> {
        let (env_steps, updates) = (self.steps, self.updates);
        let lesson = Lesson { rows, steps, lanes, env_steps, updates };
        lesson.teach(&mut self.agent, &self.needs)?;
        self.updates += 1;
        if let Some(lessons) = &mut self.lessons {
            lessons.push(lesson);
        }
        Ok(())
    }
}

/// The best choice of a head, by its place.
pub(super) fn best(head_kind: Head, head: &[f32], mask: &[u8]) -> usize {
    if head_kind == Head::Action {
        return head[0] as usize;
    }
    let allowed = |choice: usize| mask.get(choice) != Some(&0);
    let mut best = usize::from(!allowed(0));
    for choice in 0..head.len() {
        if allowed(choice) && head[choice] > head[best] {
            best = choice;
        }
    }
    best
}

/// The number that a head means when nothing is drawn.
pub(super) fn real(head_kind: Head, head: &[f32]) -> f64 {
    let value = f64::from(head[0]);
    if head_kind.law() == Head::SquashedGaussian { value.tanh() } else { value }
}

fn floats(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}
