//! A policy net and a value net that learn together from rollouts: what A2C and PPO share.

use crate::cores::{Cores, Passage};
use crate::dead::Dead;
use crate::descent::{Judgement, Slopes, Stride};
use crate::deviations::{self, Deviations, Matrices, Spread};
use crate::encoder::Encoder;
use crate::law::{Law, Scratch};
use crate::nets::{Nets, Shape, Tapes};
use crate::parts::Part;
use kit::backend::{Backend, OptimiserOps, TapeOps, WeightOps};
use kit::running::ReturnScale;
use kit::{CoreSpec, Matrix, Rule, Weights};
use plugin_api::TERMINATED;
use plugin_api::prelude::*;
use std::cell::RefCell;

/// What the nets are to be.
#[derive(Clone, Debug)]
pub(crate) struct Settings<'a> {
    pub(crate) hidden: &'a [usize],
    pub(crate) activation: &'a str,
    /// Whether both are one net that shares all layers but the last.
    pub(crate) shared: bool,
    /// The cores in front of the hidden layers.
    pub(crate) core: Option<CoreSpec>,
    /// ln of the deviation that continuous actions begin with.
    pub(crate) log_std: f64,
    /// Steps that noise which follows the state is kept for.
    pub(crate) sde: Option<usize>,
    pub(crate) normalise_observations: bool,
    pub(crate) normalise_rewards: bool,
    pub(crate) rule: Rule,
}

/// Two nets, their optimiser and what they remember of their inputs.
#[derive(Debug)]
pub(crate) struct ActorCritic<B: Backend> {
    encoder: Encoder,
    law: Law,
    cores: Option<Cores>,
    nets: Nets<B>,
    weights: B::Weights,
    deviations: Deviations,
    spread: Spread,
    /// What the policy's last hidden layer puts out, where deviations follow it.
    features: Matrix,
    optimiser: B::Optimiser,
    gradients: B::Weights,
    /// Present when rewards are normalised.
    returns: Option<ReturnScale>,
    /// One unit of what the critic puts out, in rewards.
    unit: f64,
    /// Inputs of a whole rollout, and of a part of it.
    inputs: Matrix,
    part: Matrix,
    passage: Option<Passage>,
    tapes: Tapes<B>,
    dead: Dead,
    scratch: Scratch,
    some_rows: Vec<usize>,
    acting: RefCell<Acting<B>>,
}

/// Rows that are judged in one go.
const JUDGED_AT_ONCE: usize = 256;

/// Room to act.
#[derive(Debug)]
struct Acting<B: Backend> {
    inputs: Matrix,
    passage: Option<Passage>,
    tapes: Tapes<B>,
    features: Matrix,
    spread: Spread,
    matrices: Matrices,
}

impl<B: Backend> ActorCritic<B> {
    pub(crate) fn new(
        backend: &B,
        settings: &Settings<'_>,
        task: &Task,
        rng: &mut Rng,
    ) -> Result<Self> {
        let law = Law::of(&task.actions)?;
        let encoder = Encoder::new(&task.observations, settings.normalise_observations);
        let mut weights = Weights::new();
        let eyes = encoder.eyes();
        check(settings, eyes.is_some())?;
        let width = encoder.width();
        let cores = settings.core.map(|core| Cores::new(core, width, &mut weights, rng));
        let shape = Shape {
            inputs: settings.core.map_or(width, |core| core.size),
            hidden: settings.hidden,
            activation: settings.activation,
            outputs: law.outputs(),
            shared: settings.shared,
        };
        let nets = Nets::new(backend, shape, eyes.as_ref(), &mut weights, rng);
        let follows = match settings.sde {
            Some(every) => Some((features(settings.hidden, &law)?, every)),
            None => None,
        };
        let shape = (law.deviations(), follows);
        let deviations = Deviations::new(shape, settings.log_std, &mut weights);
        let features = || Matrix::new(0, follows.map_or(0, |(features, _)| features));
        let inputs = || Matrix::new(0, encoder.width());
        let weights = backend.weights(weights);
        Ok(Self {
            optimiser: backend.optimiser(settings.rule, &weights),
            gradients: weights.zeros(),
            returns: settings.normalise_rewards.then(ReturnScale::default),
            unit: 1.0,
            inputs: inputs(),
            part: inputs(),
            passage: cores.as_ref().map(Cores::passage),
            tapes: nets.tapes(),
            dead: Dead::new(settings.hidden, settings.activation),
            scratch: law.scratch(),
            some_rows: Vec::new(),
            acting: RefCell::new(Acting {
                inputs: inputs(),
                passage: cores.as_ref().map(Cores::passage),
                tapes: nets.tapes(),
                features: features(),
                spread: deviations.spread(),
                matrices: Matrices::default(),
            }),
            spread: deviations.spread(),
            features: features(),
            deviations,
            encoder,
            law,
            cores,
            nets,
            weights,
        })
    }

    /// What comes out of the policy net.
    pub(crate) fn head(&self) -> Head {
        self.law.head(self.deviations.follow_states())
    }

    /// What is asked of the host for rollouts of so many steps.
    pub(crate) fn needs(&self, steps: usize) -> Needs {
        let memory = self.cores.as_ref().map_or(0, Cores::memory) + self.deviations.memory();
        Needs { memory, ..Needs::rollout(steps, self.head()) }
    }

    /// How much a unit of the critic's is in rewards.
    pub(crate) fn unit(&self) -> f64 {
        self.unit
    }

    pub(crate) fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        let acting = &mut *self.acting.borrow_mut();
        let Acting { inputs, passage, tapes, features, spread, matrices } = acting;
        self.encoder.encode(obs, inputs);
        if let Some((cores, passage)) = self.cores.as_ref().zip(passage.as_mut()) {
            cores.act(&self.weights, inputs, &mut out.memory, passage);
        }
        let seen = seen(inputs, passage.as_ref());
        if out.values.is_empty() {
            self.nets.look_policy(&self.weights, seen[0], tapes);
        } else {
            self.nets.look(&self.weights, seen, tapes);
        }
        let (deviations, follow) = (&self.deviations, self.deviations.follow_states());
        deviations.read(&self.weights, spread);
        if follow {
            tapes.of_policy().hidden(features);
        }
        for row in 0..inputs.rows() {
            let features = if follow { features.row(row) } else { &[] };
            deviations.look(features, spread);
            let seed = deviations.seed(row, out);
            let outputs = tapes.policy(row);
            let (means, rest) = out.head.row(row).split_at_mut(outputs.len());
            let (log_std, drawn) = rest.split_at_mut(spread.row.len());
            means.copy_from_slice(outputs);
            log_std.copy_from_slice(&spread.row);
            if follow {
                deviations.draw(features, (row, seed), (&*spread, &mut *matrices), drawn);
            }
        }
        for (row, value) in out.values.iter_mut().enumerate() {
            *value = (f64::from(tapes.value(row)) * self.unit) as f32;
        }
    }

    /// Takes in a rollout, as the nets that acted saw it.
    pub(crate) fn take_in(&mut self, batch: &Batch<'_>) {
        self.encoder.encode(batch.obs, &mut self.inputs);
    }

    /// Judges what was done and what was seen in a rollout that was taken in, as the nets are now:
    /// `ln π(a|s)` and values of all rows, in rewards.
    pub(crate) fn judge(
        &mut self,
        batch: &Batch<'_>,
        log_probs: &mut Vec<f32>,
        values: &mut Vec<f32>,
    ) {
        let alone = self.cores.is_none() && !self.deviations.follow_states();
        assert!(alone, "rows are judged one by one, with deviations that all share");
        self.deviations.read(&self.weights, &mut self.spread);
        self.deviations.look(&[], &mut self.spread);
        log_probs.clear();
        values.clear();
        for first in (0..batch.len()).step_by(JUDGED_AT_ONCE) {
            let rows = first..batch.len().min(first + JUDGED_AT_ONCE);
            self.part.set_rows(rows.len());
            for (to, row) in rows.clone().enumerate() {
                self.part.row_mut(to).copy_from_slice(self.inputs.row(row));
            }
            self.nets.look(&self.weights, [&self.part; 2], &mut self.tapes);
            let log_std = &self.spread.row[..];
            for (at, row) in rows.enumerate() {
                let mask = if batch.masks.is_empty() { &[] } else { batch.masks.row(row) };
                let (law, action) = ((self.tapes.policy(at), log_std), batch.actions.row(row));
                let judged = self.law.judge(law, mask, action, &mut self.scratch);
                log_probs.push(judged.log_prob);
                values.push((f64::from(self.tapes.value(at)) * self.unit) as f32);
            }
        }
    }

    /// Values, in rewards, of what was seen next: of the next row in the same lane, or, behind a
    /// cut and behind the last row, of the observation itself. Behind an end of the world they
    /// mean nothing.
    pub(crate) fn judge_next(&mut self, batch: &Batch<'_>, values: &[f32], next: &mut Vec<f32>) {
        next.clear();
        next.extend_from_slice(&values[batch.lanes.min(values.len())..]);
        next.resize(values.len(), 0.0);
        let last = batch.len() - batch.lanes;
        let cut = |row: &usize| batch.flags[*row] & TERMINATED == 0;
        let mut rows = (0..batch.len()).filter(|row| *row >= last || batch.flags[*row] != 0);
        let mut rows = rows.by_ref().filter(cut).peekable();
        while rows.peek().is_some() {
            let some = &mut self.some_rows;
            some.clear();
            some.extend(rows.by_ref().take(JUDGED_AT_ONCE));
            let obs = some.iter().map(|&row| batch.next_obs.row(row));
            self.encoder.encode_some(obs, &mut self.part);
            self.nets.look_value(&self.weights, &self.part, &mut self.tapes);
            for (at, &row) in some.iter().enumerate() {
                next[row] = (f64::from(self.tapes.value(at)) * self.unit) as f32;
            }
        }
    }

    /// The way through the nets for a part of the rollout.
    fn look(&mut self, batch: &Batch<'_>, part: Part<'_>) {
        self.part.set_rows(part.rows.len());
        for (to, &row) in part.rows.iter().enumerate() {
            self.part.row_mut(to).copy_from_slice(self.inputs.row(row as usize));
        }
        if let Some((cores, passage)) = self.cores.as_ref().zip(self.passage.as_mut()) {
            let first = &part.rows[..part.counts[0] as usize];
            let memories = first.iter().map(|&row| batch.memory.row(row as usize));
            cores.forward(&self.weights, &self.part, (part.counts, memories), passage);
        }
        let seen = seen(&self.part, self.passage.as_ref());
        self.nets.look(&self.weights, seen, &mut self.tapes);
    }

    /// Logs how many hidden units of the policy are dead.
    pub(crate) fn log(&mut self, log: &mut Log) {
        self.dead.look_now(self.tapes.of_policy(), log);
    }

    /// The way back from the gradients of what came out.
    fn look_back(&mut self) {
        let seen = seen(&self.part, self.passage.as_ref());
        let (weights, gradients) = (&self.weights, &mut self.gradients);
        self.nets.back(weights, seen, &mut self.tapes, (gradients, self.cores.is_some()));
        if let Some((cores, passage)) = self.cores.as_ref().zip(self.passage.as_mut()) {
            let of_outputs = self.tapes.of_inputs();
            cores.backward(weights, &self.part, of_outputs, passage, gradients);
        }
    }

    /// One step down the mean of the losses whose gradients `slopes` gives for each row of a part
    /// of the rollout. Returns the norm of the gradient.
    pub(crate) fn descend(
        &mut self,
        batch: &Batch<'_>,
        part: Part<'_>,
        stride: Stride,
        mut slopes: impl FnMut(usize, Judgement) -> Slopes,
    ) -> Result<f64> {
        self.look(batch, part);
        self.gradients.clear();
        let (deviations, spread) = (&self.deviations, &mut self.spread);
        let follow = deviations.follow_states();
        deviations.read(&self.weights, spread);
        if follow {
            self.tapes.of_policy().hidden(&mut self.features);
        }
        let mut ends = self.tapes.ends();
        ends.clear();
        for (at, &row) in part.rows.iter().enumerate() {
            let row = row as usize;
            let mask = if batch.masks.is_empty() { &[] } else { batch.masks.row(row) };
            let features = if follow { self.features.row(at) } else { &[] };
            deviations.look(features, spread);
            let value = ends.value(at);
            let (outputs, of_outputs) = ends.policy(at);
            let (law, action) = ((outputs, &spread.row[..]), batch.actions.row(row));
            let judged = self.law.judge(law, mask, action, &mut self.scratch);
            let slope = slopes(row, Judgement { action: judged, value });
            let by = (slope.log_prob, slope.entropy);
            let into = (of_outputs, &mut spread.of_row[..]);
            self.law.add_gradient(law, action, &self.scratch, by, into);
            deviations.count(features, spread);
            ends.set_value(at, slope.value);
        }
        deviations.write(spread, &mut self.gradients);
        self.look_back();
        let norm = self.gradients.clip_norm(stride.norm_max)?;
        self.optimiser.step(&mut self.weights, &self.gradients, stride.rate);
        Ok(norm)
    }

    /// Counts a rollout in the running statistics, once nothing is learned from it any more.
    pub(crate) fn count(&mut self, batch: &Batch<'_>, discount: f64) {
        self.encoder.count(batch.obs);
        if let Some(returns) = &mut self.returns {
            let (rows, lanes) = ((batch.rewards, batch.flags), (batch.lanes, batch.lane_ids));
            returns.add(rows, lanes, discount);
            self.unit = returns.deviation();
        }
    }

    pub(crate) fn state(&mut self, archive: &mut Archive) {
        self.acting_state(archive);
        archive.scope("optimiser", |archive| self.optimiser.state(archive));
        if let Some(returns) = &mut self.returns {
            archive.scope("returns", |archive| returns.state(archive));
        }
    }

    pub(crate) fn acting_state(&mut self, archive: &mut Archive) {
        self.weights.state(archive);
        self.encoder.state(archive);
        archive.value("unit", &mut self.unit);
    }
}

/// What policy net and value net are fed with: what came out of their cores, or the inputs.
fn seen<'m>(inputs: &'m Matrix, passage: Option<&'m Passage>) -> [&'m Matrix; 2] {
    passage.map_or([inputs; 2], Passage::outputs)
}

/// Numbers of the last hidden layer, for deviations of normal laws to follow.
fn features(hidden: &[usize], law: &Law) -> Result<usize> {
    if law.deviations() == 0 {
        return Err(Error::unsupported(
            "noise that follows the state needs actions that are a Box of floats: `sde=false` \
             draws from these",
        ));
    }
    deviations::features(hidden)
}

/// Whether what was asked for goes together.
fn check(settings: &Settings<'_>, sees_images: bool) -> Result<()> {
    let core = settings.core.is_some();
    if core && sees_images {
        return Err(Error::unsupported(
            "a core remembers numbers, and these observations are images: `core=none` learns \
             from them as they are",
        ));
    }
    if core && settings.shared {
        return Err(Error::unsupported(
            "policy and value net have a core each and cannot be one: take `shared=false` or \
             `core=none`",
        ));
    }
    Ok(())
}
