//! A policy that names its action, and critics that pull it uphill: TD3 (Fujimoto et al.,
//! "Addressing Function Approximation Error in Actor-Critic Methods", 2018) and, without its three
//! additions, DDPG (Lillicrap et al., "Continuous control with deep reinforcement learning", 2016).
//!
//! - critics go down `mean Σ (Q(s, a) - y)²` with `y = r + γᵏ min Q'(s', a')`, where a' is what the
//!   policy's copy says, plus noise that is cut and differs for each row and number,
//! - the policy goes up `mean Q₁(s, π(s))`, at every `delay`-th update only, as do the copies.

use crate::bounds::Bounds;
use crate::cloning::{self, Cloner, Imitation};
use crate::critics::{self, Critics, Which};
use crate::encoder::Encoder;
use crate::presets;
use crate::shaken::{self, Shaken};
use crate::value_head::goes_on;
use kit::backend::{Backend, NetOps, OptimiserOps, TapeOps, WeightOps};
use kit::real::Real;
use kit::{Activation, Init, Matrix, Mlp, MlpSpec, Own, Rule, Settings, Weights};
use plugin_api::prelude::*;
use std::cell::RefCell;

/// How a round is learned.
#[derive(Clone, Copy, Debug)]
struct Pace {
    learning_rate: f64,
    target_rate: f64,
    gradient_norm: f64,
    /// Updates of the critics for each of the policy.
    delay: u64,
    /// Deviation of the noise on targets, and where it is cut.
    target_noise: (f64, f64),
    /// Weight of the squared action in the policy's loss.
    action_weight: f64,
    imitation: Imitation,
}

/// Policy and critics with their copies.
#[derive(Debug)]
struct Pilot<B: Backend> {
    encoder: Encoder,
    bounds: Bounds,
    actor: B::Net,
    weights: B::Weights,
    copy: B::Weights,
    optimiser: B::Optimiser,
    gradients: B::Weights,
    critics: Critics<B>,
    updates: u64,
    obs: Matrix,
    next_obs: Matrix,
    actions: Matrix,
    /// What the policy would do.
    own: Matrix,
    cloner: Cloner,
    tape: B::Tape,
    targets: Vec<f32>,
    /// Present when the acting policy's weights are moved by noise.
    shaken: Option<Shaken<B>>,
    acting: RefCell<(Matrix, B::Tape)>,
}

/// What the nets are to be.
struct Nets<'a> {
    hidden: &'a [usize],
    activation: &'a str,
    layer_norm: bool,
    critics: usize,
    normalise: bool,
    param_noise: f64,
}

impl<B: Backend> Pilot<B> {
    fn new(backend: &B, nets: &Nets<'_>, task: &Task, rng: &mut Rng) -> Result<Self> {
        let bounds = Bounds::of(&task.actions)?;
        let encoder = Encoder::new(&task.observations, nets.normalise);
        let (inputs, width) = (encoder.width(), bounds.width());
        let Nets { hidden, activation, layer_norm, critics: count, .. } = *nets;
        let spec = MlpSpec {
            inputs,
            hidden,
            outputs: width,
            activation: Activation::named(activation),
            layer_norm,
            init: (Init::Uniform, Init::Uniform),
        };
        let mut weights = Weights::new();
        let actor = backend.net(Mlp::new("actor", &spec, &mut weights, rng));
        let weights = backend.weights(weights);
        let (obs, actions, outputs) = (inputs, width, 1);
        let critics =
            critics::Settings { obs, actions, hidden, activation, layer_norm, count, outputs };
        Ok(Self {
            critics: Critics::new(backend, &critics, rng),
            copy: weights.copy(),
            optimiser: backend.optimiser(Rule::adam(1e-8), &weights),
            gradients: weights.zeros(),
            updates: 0,
            obs: Matrix::new(0, inputs),
            next_obs: Matrix::new(0, inputs),
            actions: Matrix::new(0, width),
            own: Matrix::new(0, width),
            cloner: Cloner::default(),
            tape: actor.tape(),
            targets: Vec::new(),
            shaken: (nets.param_noise > 0.0)
                .then(|| Shaken::new((nets.param_noise, 50), &weights, (inputs, width))),
            acting: RefCell::new((Matrix::new(0, inputs), actor.tape())),
            encoder,
            bounds,
            actor,
            weights,
        })
    }

    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        let (inputs, tape) = &mut *self.acting.borrow_mut();
        self.encoder.encode(obs, inputs);
        match &self.shaken {
            Some(shaken) if out.mode == Mode::Train => {
                let policy = (&self.actor, &self.weights);
                shaken.act(policy, inputs, tape, out, <[f32]>::copy_from_slice);
            }
            _ => {
                let outputs = self.actor.forward(&self.weights, inputs, tape);
                let heads = out.head.iter_mut().enumerate();
                heads.for_each(|(row, head)| head.copy_from_slice(outputs.row(row)));
            }
        }
        for head in &mut out.head {
            kit::matrix::map(head, Real::tanh);
            self.bounds.to_world(head);
        }
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>, pace: Pace) -> Result<()> {
        self.encoder.count(batch.obs);
        self.encoder.encode(batch.obs, &mut self.obs);
        self.encoder.encode(batch.next_obs, &mut self.next_obs);
        let bounds = &self.bounds;
        self.actions.fill_from(batch.actions.iter(), |action, unit| bounds.to_unit(action, unit));
        self.aim(batch, learn.rng, pace.target_noise);
        let loss = self.descend_critics(batch, learn, pace)?;
        self.critics.log(loss, learn);
        self.updates += 1;
        if self.updates.is_multiple_of(pace.delay) {
            let q = self.descend_policy(batch, pace)?;
            self.cloner.log(learn.log);
            self.critics.follow(pace.target_rate);
            self.copy.follow(&self.weights, pace.target_rate as f32);
            learn.log.scalar("q", q);
        }
        if let Some(shaken) = &mut self.shaken {
            let (turn, aim) = ((self.updates, learn), (shaken.noise.target, shaken::of_actions));
            shaken.adapt((&self.actor, &self.weights), &self.obs, &mut self.tape, turn, aim);
        }
        Ok(())
    }

    fn aim(&mut self, batch: &Batch<'_>, rng: &mut Rng, (deviation, reach): (f64, f64)) {
        let outputs = self.actor.forward(&self.copy, &self.next_obs, &mut self.tape);
        self.own.set_rows(batch.len());
        for row in 0..batch.len() {
            for (own, sum) in self.own.row_mut(row).iter_mut().zip(outputs.row(row)) {
                let noise = if deviation > 0.0 { deviation * rng.standard_normal() } else { 0.0 };
                let noise = noise.clamp(-reach, reach) as f32;
                *own = (Real::tanh(*sum) + noise).clamp(-1.0, 1.0);
            }
        }
        self.critics.judge(Which::Copies, &self.next_obs, &self.own);
        self.targets.clear();
        for row in 0..batch.len() {
            let discount = if goes_on(batch.flags[row]) { batch.discounts[row] } else { 0.0 };
            let value = self.critics.smallest(row).1;
            self.targets.push(batch.rewards[row] as f32 + discount * value);
        }
    }

    fn descend_critics(
        &mut self,
        batch: &Batch<'_>,
        learn: &mut Learn<'_>,
        pace: Pace,
    ) -> Result<f64> {
        let rows = batch.len();
        self.critics.judge(Which::Critics, &self.obs, &self.actions);
        let (targets, mut losses, critics) = (&self.targets, 0.0, self.critics.count() as f32);
        let priorities = &mut *learn.priorities;
        priorities.fill(0.0);
        self.critics.descend((pace.learning_rate, pace.gradient_norm), |_, row, outputs| {
            let weight = batch.weights.get(row).copied().unwrap_or(1.0) / rows as f32;
            let error = outputs[0] - targets[row];
            losses += f64::from(weight * error * error);
            outputs[0] = 2.0 * weight * error;
            if let Some(priority) = priorities.get_mut(row) {
                *priority += error.abs() / critics;
            }
        })?;
        Ok(losses)
    }

    /// Returns the mean value of what the policy does.
    fn descend_policy(&mut self, batch: &Batch<'_>, pace: Pace) -> Result<f64> {
        let (rows, shown) = (self.obs.rows(), (&self.obs, &self.actions));
        self.cloner.look((batch, pace.imitation), &mut self.critics, shown);
        let outputs = self.actor.forward(&self.weights, &self.obs, &mut self.tape);
        for row in 0..rows {
            for (own, sum) in self.own.row_mut(row).iter_mut().zip(outputs.row(row)) {
                *own = Real::tanh(*sum);
            }
        }
        self.critics.judge(Which::Critics, &self.obs, &self.own);
        self.cloner.choose(&self.critics);
        let q = (0..rows).map(|row| f64::from(self.critics.output(0, row)[0])).sum::<f64>();
        let share = -1.0 / rows as f32;
        let of_actions = self.critics.action_gradients(|critic, _, slopes| {
            slopes[0] = if critic == 0 { share } else { 0.0 };
        });
        let gradient = self.tape.output_gradient();
        let width = self.own.columns() as f32;
        let pull = 2.0 * pace.action_weight as f32 / (rows as f32 * width);
        for row in 0..rows {
            let parts = self.own.row(row).iter().zip(self.actions.row(row));
            let parts = parts.zip(of_actions.row(row));
            for (slope, ((&own, &shown), of_action)) in gradient.row_mut(row).iter_mut().zip(parts)
            {
                let of_own = of_action + pull * own + self.cloner.slope(row, own, shown);
                *slope = of_own * (1.0 - own * own);
            }
        }
        self.gradients.clear();
        self.actor.backward(&self.weights, &self.obs, &mut self.tape, &mut self.gradients);
        self.gradients.clip_norm(pace.gradient_norm)?;
        self.optimiser.step(&mut self.weights, &self.gradients, pace.learning_rate);
        Ok(q / rows as f64)
    }

    fn state(&mut self, archive: &mut Archive) {
        self.acting_state(archive);
        archive.value("updates", &mut self.updates);
        archive.scope("copy", |archive| self.copy.state(archive));
        archive.scope("optimiser", |archive| self.optimiser.state(archive));
        archive.scope("critics", |archive| self.critics.state(archive));
    }

    fn acting_state(&mut self, archive: &mut Archive) {
        self.weights.state(archive);
        self.encoder.state(archive);
        if let Some(shaken) = &mut self.shaken {
            shaken.state(archive);
        }
    }
}

/// Declares a learner with a policy that names its action.
macro_rules! pilot_agent {
    (
        $agent:ident $params:ident $name:literal $presets:ident $about:literal
        ($critics:expr, $additions:expr); $($own:tt)*
    ) => {
        replay_params! {
            #[doc = concat!("What ", $about, " can be told.")]
            pub struct $params {
                /// Learning rate of policy and critics.
                live learning_rate: f64 = 0.001 in 0.0..,
                /// How far the copies move towards policy and critics with every update.
                live target_rate: f64 = 0.005 in 0.0..=1.0,
                /// Norm to which gradients are cut; 0 for none.
                live gradient_norm: f64 = 0.0 in 0.0..,
                /// Which noise actions get while training.
                noise: String = "normal" of ["none", "normal", "ornstein-uhlenbeck"],
                /// Its deviation, in units of half the action's range.
                live noise_std: f64 = 0.1 in 0.0..,
                /// How far noise on the policy's weights moves its actions, in units of half their
                /// range; it is drawn anew for every episode. 0 for no such noise.
                param_noise: f64 = 0.0 in 0.0..,
                /// Weight of the squared action in the policy's loss.
                live action_weight: f64 = 0.0 in 0.0..,
                /// Part of each sample that comes from demonstrations, where the run has any.
                demonstration_share: f64 = 0.25 in 0.0..=1.0,
                /// Weight of the distance to demonstrated actions in the policy's loss.
                live bc_weight: f64 = 1.0 in 0.0..,
                /// Whether only demonstrations count that the critics value above the policy's own
                /// action.
                live q_filter: bool = true,
                /// Whether observations are normalised by their running mean and deviation.
                normalise_observations: bool = false,
                /// Whether hidden layers normalise their sums.
                layer_norm: bool = false,
                /// Sizes of the hidden layers.
                hidden: Vec<usize> = [256, 256],
                /// What hidden layers do with their sums.
                activation: String = "relu" of ["tanh", "relu"],
                $($own)*
            }
        }

        #[doc = $about]
        #[derive(Debug)]
        pub struct $agent<B: Backend = Own> {
            params: Settings<$params, B::Params>,
            pilot: Pilot<B>,
        }

        impl<B: Backend> Policy for $agent<B> {
            fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
                self.pilot.act(obs, out);
            }
        }

        impl<B: Backend> Agent for $agent<B> {
            const NAME: &'static str = $name;
            const PRESETS: &'static [Preset] = presets::$presets;
            type Params = Settings<$params, B::Params>;

            fn new(params: &Self::Params, task: &Task, rng: &mut Rng) -> Result<Self> {
                let backend = B::open(&params.backend)?;
                let nets = Nets {
                    hidden: &params.hidden,
                    activation: &params.activation,
                    layer_norm: params.layer_norm,
                    critics: $critics,
                    normalise: params.normalise_observations,
                    param_noise: params.param_noise,
                };
                Ok(Self { params: params.clone(), pilot: Pilot::new(&backend, &nets, task, rng)? })
            }

            fn needs(&self) -> Needs {
                let params = &self.params;
                let std = Schedule::Constant(params.noise_std);
                let explore = match params.noise.as_str() {
                    "normal" => Explore::Gaussian { std },
                    "ornstein-uhlenbeck" => {
                        Explore::OrnsteinUhlenbeck { theta: 0.15, sigma: std, dt: 0.01 }
                    }
                    _ => Explore::Policy,
                };
                let replay = Replay {
                    demonstrations: cloning::rows(params.batch, params.demonstration_share),
                    ..params.replay()
                };
                let memory = if params.param_noise > 0.0 { shaken::MEMORY } else { 0 };
                Needs { memory, ..Needs::replay(replay, Head::Action).explore(explore) }
            }

            fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
                let params = &self.params;
                let additions: fn(&$params) -> (u64, (f64, f64)) = $additions;
                let (delay, target_noise) = additions(params);
                let pace = Pace {
                    learning_rate: params.learning_rate,
                    target_rate: params.target_rate,
                    gradient_norm: params.gradient_norm,
                    delay,
                    target_noise,
                    action_weight: params.action_weight,
                    imitation: Imitation {
                        weight: params.bc_weight,
                        filter: params.q_filter,
                    },
                };
                self.pilot.learn(batch, learn, pace)
            }

            fn state(&mut self, archive: &mut Archive) {
                self.pilot.state(archive);
            }

            fn acting(&mut self, archive: &mut Archive) {
                self.pilot.acting_state(archive);
            }

            fn params(&mut self) -> &mut Self::Params {
                &mut self.params
            }
        }
    };
}

pilot_agent! {
    Td3 Td3Params "td3" TD3 "Twin delayed deterministic policy gradients"
    (2, |params: &Td3Params| (params.delay, (params.target_noise, params.target_noise_clip)));
    /// Updates of the critics for each of the policy.
    live delay: u64 = 2 in 1..,
    /// Deviation of the noise on the actions of targets.
    live target_noise: f64 = 0.2 in 0.0..,
    /// Where that noise is cut.
    live target_noise_clip: f64 = 0.5 in 0.0..,
}

/// DDPG is a module of its own, because params of two agents share names.
pub mod ddpg {
    use super::{Backend, Imitation, Nets, Own, Pace, Pilot, Settings, cloning, presets, shaken};
    use plugin_api::prelude::*;

    pilot_agent! {
        Ddpg DdpgParams "ddpg" DDPG "Deep deterministic policy gradients"
        (1, |_| (1, (0.0, 0.0)));
    }
}
