//! Many worlds of a kind at once: what holds their bodies together is solved side by side.

use plugin_api::prelude::*;

use crate::physics::{Pace, World};

/// A world that can be stepped beside others of its kind.
pub trait Member: Env {
    /// How time passes.
    const PACE: Pace;

    /// Lets the action act, before time passes.
    fn act(&mut self, action: &[Self::Action], rng: &mut Rng);

    /// Where time passes.
    fn world_mut(&mut self) -> &mut World;

    /// What a step brought, after time has passed.
    fn judge(&mut self, action: &[Self::Action], obs: &mut [Self::Obs]) -> Step;

    /// A step of this world alone.
    fn step_alone(
        &mut self,
        action: &[Self::Action],
        rng: &mut Rng,
        obs: &mut [Self::Obs],
    ) -> Step {
        self.act(action, rng);
        self.world_mut().step(Self::PACE);
        self.judge(action, obs)
    }
}

/// A world for each lane.
#[derive(Clone, Debug)]
pub struct Fleet<M> {
    members: Vec<M>,
}

impl<M: Member> BatchEnv for Fleet<M> {
    const NAME: &'static str = M::NAME;
    const VARIANTS: &'static [Variant] = M::VARIANTS;
    type Params = M::Params;
    type Obs = M::Obs;
    type Action = M::Action;

    fn new(params: &M::Params, lanes: usize) -> Result<Self> {
        Ok(Self { members: vec![M::new(params)?; lanes] })
    }

    fn task(&self) -> Task {
        self.members[0].task()
    }

    fn reset(&mut self, lane: usize, rng: &mut Rng, obs: &mut [M::Obs]) {
        self.members[lane].reset(rng, obs);
    }

    fn step(
        &mut self,
        actions: Rows<'_, M::Action>,
        rngs: &mut [Rng],
        mut obs: RowsMut<'_, M::Obs>,
        mut steps: Steps<'_>,
    ) {
        for ((member, action), rng) in self.members.iter_mut().zip(actions.iter()).zip(rngs) {
            member.act(action, rng);
        }
        World::step_all(self.members.iter_mut().map(Member::world_mut), M::PACE);
        let rows = actions.iter().zip(obs.iter_mut());
        for (lane, (member, (action, obs))) in self.members.iter_mut().zip(rows).enumerate() {
            steps.set(lane, member.judge(action, obs));
        }
    }

    fn state(&mut self, lane: usize, archive: &mut Archive) {
        self.members[lane].state(archive);
    }

    fn render(&self, lane: usize, scene: &mut Scene) -> bool {
        self.members[lane].render(scene)
    }
}
