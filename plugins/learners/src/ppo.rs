//! Proximal policy optimisation (Schulman et al., "Proximal Policy Optimization Algorithms", 2017).
//!
//! With `r = π(a|s) / π_old(a|s)` it goes down
//! `mean max(-A r, -A clip(r, 1 - ε, 1 + ε)) + c_v mean (V(s) - R)² - c_e mean H(π(·|s))`
//! over shuffled parts of the latest rollout, several times.

use crate::actor_critic::{ActorCritic, Settings};
use crate::cut::Cut;
use crate::descent::{Judgement, Slopes, Stride};
use crate::parts::{Part, Parts};
use crate::presets;
use kit::real::Real;
use kit::{Backend, CoreKind, CoreSpec, Own};
use plugin_api::prelude::*;

ppo_params! {
    /// What PPO can be told.
    pub struct PpoParams {
        /// What remembers earlier observations, in front of the hidden layers of both nets.
        core: String = "none" of ["none", "gru", "lstm"],
        /// Numbers that come out of it.
        core_size: usize = 64 in 1..,
        /// What its gates that keep begin with as their bias: more remembers longer.
        core_keep: f64 = 0.0 in 0.0..=10.0,
        /// Rewards are cut at so many deviations of the return, where they are measured in those; 0
        /// for no cut.
        live reward_clip: f64 = 0.0 in 0.0..,
        /// Rows of the longest sequences that it learns from; they also end with their episode.
        sequence: usize = 64 in 1..,
        /// Whether the noise of continuous actions follows the state and stays for some steps.
        sde: bool = false,
        /// Steps that it stays for; it also ends with its episode.
        sde_every: usize = 4 in 1..=1_000_000,
    }
}

impl PpoParams {
    fn core(&self) -> Option<CoreSpec> {
        let kind = CoreKind::named(&self.core)?;
        Some(CoreSpec { kind, size: self.core_size, keep: self.core_keep })
    }
}

/// How a round of learning goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    /// Rows of a part.
    pub(crate) batch: usize,
    pub(crate) epochs: usize,
    pub(crate) discount: f64,
    pub(crate) rate: f64,
    pub(crate) clip: f64,
    pub(crate) value_clip: f64,
    pub(crate) entropy_weight: f64,
    pub(crate) value_weight: f64,
    pub(crate) gradient_norm: f64,
    pub(crate) target_kl: f64,
    pub(crate) normalise_advantages: bool,
}

/// PPO with a policy net and a value net.
#[derive(Debug)]
pub struct Ppo<B: Backend = Own> {
    params: kit::Settings<PpoParams, B::Params>,
    nets: ActorCritic<B>,
    parts: Parts,
    cut: Cut,
}

impl<B: Backend> Policy for Ppo<B> {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        self.nets.act(obs, out);
    }
}

/// Sums of what a round of learning logs.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    rows: f64,
    policy_loss: f64,
    value_loss: f64,
    entropy: f64,
    divergence: f64,
    clipped: f64,
}

/// What the loss of one part is made of.
#[derive(Clone, Copy, Debug)]
struct Loss<'a> {
    round: &'a Round,
    clip: f32,
    /// Rows of the part.
    rows: f32,
    /// Mean and deviation of its advantages.
    advantages: (f32, f32),
    /// Rewards in a unit of the critic.
    unit: f64,
}

impl Loss<'_> {
    /// The gradient of a row's part of the loss.
    fn slopes(&self, batch: &Batch<'_>, row: usize, now: Judgement, sums: &mut Sums) -> Slopes {
        let round = self.round;
        let advantage = (batch.advantages[row] - self.advantages.0) / self.advantages.1;
        let log_ratio = now.action.log_prob - batch.log_probs[row];
        let ratio = Real::exp(log_ratio);
        let (free, cut) = (ratio * advantage, ratio.clamp(1.0 - self.clip, 1.0 + self.clip));
        let cut = cut * advantage;
        // ∂ r / ∂ ln π = r, and nothing where the cut one counts.
        let by_log_prob = if free > cut { 0.0 } else { -ratio * advantage };

        let per_unit = (1.0 / self.unit) as f32;
        let (old, target) = (batch.values[row] * per_unit, batch.returns[row] * per_unit);
        let reach = round.value_clip as f32;
        let near = old + (now.value - old).clamp(-reach, reach);
        let held = reach > 0.0 && (near - target).powi(2) > (now.value - target).powi(2);
        let error = if held { near - target } else { now.value - target };
        // A value held at its reach does not move.
        let by_value = if held { 0.0 } else { 2.0 * error };

        sums.rows += 1.0;
        sums.policy_loss -= f64::from(free.min(cut));
        sums.value_loss += f64::from(error * error);
        sums.entropy += f64::from(now.action.entropy);
        sums.divergence += f64::from(ratio - 1.0 - log_ratio);
        sums.clipped += f64::from(u8::from((ratio - 1.0).abs() > self.clip));
        Slopes {
            log_prob: by_log_prob / self.rows,
            entropy: -(round.entropy_weight as f32) / self.rows,
            value: round.value_weight as f32 * by_value / self.rows,
        }
    }
}

impl Round {
    /// Learns from a rollout that the nets have taken in and that was cut into parts.
    pub(crate) fn learn<B: Backend>(
        &self,
        (nets, parts): (&mut ActorCritic<B>, &mut Parts),
        batch: &Batch<'_>,
        learn: &mut Learn<'_>,
    ) -> Result<()> {
        let stride = Stride { rate: self.rate, norm_max: self.gradient_norm };
        let unit = nets.unit();
        let (mut sums, mut norms, mut steps) = (Sums::default(), 0.0, 0.0);
        'epochs: for _ in 0..self.epochs {
            parts.shuffle(learn.rng);
            while let Some(part) = parts.next(self.batch) {
                let Part { rows, .. } = part;
                let loss = Loss {
                    round: self,
                    clip: self.clip as f32,
                    rows: rows.len() as f32,
                    advantages: spread(self, batch, rows, unit),
                    unit,
                };
                let before = sums;
                norms += nets.descend(batch, part, stride, |row, now| {
                    loss.slopes(batch, row, now, &mut sums)
                })?;
                steps += 1.0;
                let divergence = (sums.divergence - before.divergence) / (sums.rows - before.rows);
                if self.target_kl > 0.0 && divergence > 1.5 * self.target_kl {
                    break 'epochs;
                }
            }
        }
        nets.count(batch, self.discount);
        let log = &mut *learn.log;
        log.scalar("policy_loss", sums.policy_loss / sums.rows);
        log.scalar("value_loss", sums.value_loss / sums.rows);
        log.scalar("entropy", sums.entropy / sums.rows);
        log.scalar("approx_kl", sums.divergence / sums.rows);
        log.scalar("clip_fraction", sums.clipped / sums.rows);
        log.scalar("explained_variance", explained(batch));
        log.scalar("gradient_norm", norms / steps);
        log.scalar("learning_rate", self.rate);
        nets.log(log);
        Ok(())
    }
}

/// Mean and deviation of the advantages of these rows; 0 and 1 where they stay as they are.
fn spread(round: &Round, batch: &Batch<'_>, rows: &[u32], unit: f64) -> (f32, f32) {
    if !round.normalise_advantages || rows.len() < 2 {
        return (0.0, unit as f32);
    }
    let all = || rows.iter().map(|&row| f64::from(batch.advantages[row as usize]));
    let mean = all().sum::<f64>() / rows.len() as f64;
    let squares = all().map(|advantage| (advantage - mean).powi(2)).sum::<f64>();
    (mean as f32, ((squares / (rows.len() - 1) as f64).sqrt() + 1e-8) as f32)
}

impl<B: Backend> Agent for Ppo<B> {
    const NAME: &'static str = "ppo";
    const PRESETS: &'static [Preset] = presets::PPO;
    type Params = kit::Settings<PpoParams, B::Params>;

    fn new(params: &Self::Params, task: &Task, rng: &mut Rng) -> Result<Self> {
        let backend = B::open(&params.backend)?;
        let settings = Settings {
            core: params.core(),
            sde: params.sde.then_some(params.sde_every),
            ..params.nets()
        };
        let nets = ActorCritic::new(&backend, &settings, task, rng)?;
        Ok(Self { params: params.clone(), nets, parts: Parts::default(), cut: Cut::default() })
    }

    fn needs(&self) -> Needs {
        let PpoParams { discount, lambda, .. } = *self.params;
        self.nets.needs(self.params.steps).returns(Returns::Gae { discount, lambda })
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        let PpoParams { discount, lambda, reward_clip, normalise_rewards, .. } = *self.params;
        let round = self.params.round(1.0 - learn.progress);
        let cut;
        let mut batch = batch;
        if normalise_rewards && reward_clip > 0.0 {
            cut = self.cut.rewards(batch, (reward_clip * self.nets.unit(), discount * lambda));
            batch = &cut;
        }
        self.nets.take_in(batch);
        self.parts.begin(batch, self.params.core().map(|_| self.params.sequence));
        round.learn((&mut self.nets, &mut self.parts), batch, learn)
    }

    fn state(&mut self, archive: &mut Archive) {
        self.nets.state(archive);
    }

    fn acting(&mut self, archive: &mut Archive) {
        self.nets.acting_state(archive);
    }

    fn params(&mut self) -> &mut Self::Params {
        &mut self.params
    }
}

/// The part of the returns' variance that the values told: `1 - Var(R - V) / Var(R)`.
pub(crate) fn explained(batch: &Batch<'_>) -> f64 {
    let variance = |of: &dyn Fn(usize) -> f64| {
        let count = batch.len() as f64;
        let mean = (0..batch.len()).map(of).sum::<f64>() / count;
        (0..batch.len()).map(|row| (of(row) - mean).powi(2)).sum::<f64>() / count
    };
    let returns = variance(&|row| f64::from(batch.returns[row]));
    let errors = variance(&|row| f64::from(batch.returns[row] - batch.values[row]));
    if returns > 0.0 { 1.0 - errors / returns } else { 0.0 }
}
