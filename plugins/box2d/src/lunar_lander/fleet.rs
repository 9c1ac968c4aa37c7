//! Many landers at once: their joints are solved side by side while they fly.

use plugin_api::prelude::*;

use super::{Command, LunarLander, LunarLanderParams, PACE};
use crate::physics::World;

/// A lander for each lane.
#[derive(Clone, Debug)]
pub struct Fleet<C> {
    landers: Vec<LunarLander<C>>,
}

impl<C: Command> BatchEnv for Fleet<C> {
    const NAME: &'static str = C::NAME;
    type Params = LunarLanderParams;
    type Obs = f32;
    type Action = C::Action;

    fn new(params: &LunarLanderParams, lanes: usize) -> Result<Self> {
        Ok(Self { landers: vec![LunarLander::new(params)?; lanes] })
    }

    fn task(&self) -> Task {
        self.landers[0].task()
    }

    fn reset(&mut self, lane: usize, rng: &mut Rng, obs: &mut [f32]) {
        self.landers[lane].reset(rng, obs);
    }

    fn step(
        &mut self,
        actions: Rows<'_, C::Action>,
        rngs: &mut [Rng],
        mut obs: RowsMut<'_, f32>,
        mut steps: Steps<'_>,
    ) {
        for ((lander, action), rng) in self.landers.iter_mut().zip(actions.iter()).zip(rngs) {
            let (main, beside) = C::engines(action);
            lander.fire(main, beside, rng);
        }
        World::step_all(self.landers.iter_mut().map(|lander| lander.moon.world_mut()), PACE);
        for (lane, (lander, obs)) in self.landers.iter_mut().zip(obs.iter_mut()).enumerate() {
            steps.set(lane, lander.judge(obs));
        }
    }

    fn state(&mut self, lane: usize, archive: &mut Archive) {
        self.landers[lane].state(archive);
    }

    fn render(&self, lane: usize, scene: &mut Scene) -> bool {
        self.landers[lane].render(scene)
    }
}
