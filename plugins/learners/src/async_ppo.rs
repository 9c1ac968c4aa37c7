//! Asynchronous PPO: the clipped surrogate of [`crate::ppo`] on rollouts of older policies, with
//! values and advantages corrected by V-trace.
//!
//! Targets are `v = V + Σ γᵏ λᵏ (Π c) ρ δ`, advantages `v - V`; with the policy that acted both are
//! those of GAE. Where no row is late the host's own GAE is used, so that nothing differs from PPO.

use crate::actor_critic::ActorCritic;
use crate::parts::Parts;
use crate::presets;
use crate::trace::{Look, Trace, lag};
use kit::vtrace::Clips;
use kit::{Backend, Own};
use plugin_api::prelude::*;

ppo_params! {
    /// What asynchronous PPO can be told.
    pub struct AsyncPpoParams {
        /// Largest weight ρ̄ of a step's own error.
        live rho_clip: f64 = 1.0 in 0.0..,
        /// Largest weight c̄ of what follows it.
        live c_clip: f64 = 1.0 in 0.0..,
    }
}

/// PPO for policies that acted some updates ago.
#[derive(Debug)]
pub struct AsyncPpo<B: Backend = Own> {
    params: kit::Settings<AsyncPpoParams, B::Params>,
    nets: ActorCritic<B>,
    parts: Parts,
    trace: Trace,
}

impl<B: Backend> Policy for AsyncPpo<B> {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        self.nets.act(obs, out);
    }
}

impl<B: Backend> Agent for AsyncPpo<B> {
    const NAME: &'static str = "async-ppo";
    const PRESETS: &'static [Preset] = presets::ASYNC_PPO;
    type Params = kit::Settings<AsyncPpoParams, B::Params>;

    fn new(params: &Self::Params, task: &Task, rng: &mut Rng) -> Result<Self> {
        let backend = B::open(&params.backend)?;
        let nets = ActorCritic::new(&backend, &params.nets(), task, rng)?;
        Ok(Self { params: params.clone(), nets, parts: Parts::default(), trace: Trace::default() })
    }

    fn needs(&self) -> Needs {
        let AsyncPpoParams { discount, lambda, .. } = *self.params;
        self.nets.needs(self.params.steps).returns(Returns::Gae { discount, lambda })
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        let Self { params, nets, parts, trace } = self;
        let round = params.round(1.0 - learn.progress);
        nets.take_in(batch);
        parts.begin(batch, None);
        let (most, mean) = lag(batch, learn.updates);
        learn.log.scalar("lag", mean);
        if most == 0 {
            return round.learn((nets, parts), batch, learn);
        }
        let clips = Clips { rho: params.rho_clip, c: params.c_clip };
        let look = Look { discount: params.discount, lambda: params.lambda, clips };
        trace.look(nets, batch, look);
        trace.log(clips, learn.log);
        for ((advantage, target), value) in
            trace.advantages.iter_mut().zip(&trace.targets).zip(&trace.values)
        {
            *advantage = target - value;
        }
        let corrected = Batch {
            values: &trace.values,
            returns: &trace.targets,
            advantages: &trace.advantages,
            ..*batch
        };
        round.learn((nets, parts), &corrected, learn)
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
