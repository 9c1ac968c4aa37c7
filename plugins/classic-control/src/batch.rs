//! Many lanes of a world: their state lies in columns, and several are stepped by one instruction.

use plugin_api::prelude::*;
use plugin_api::simd::{Class, Kernel, Mask, Pair, Wide, WideKernel, dispatch_in, dispatch_wide_in};

use crate::world::{Action, World};

/// Lanes that lie side by side: as many as the widest instructions take at once.
const BLOCK: usize = 16;

/// Lanes of a world.
#[derive(Clone, Debug)]
pub struct Batch<W, const STATE: usize, const OBS: usize> {
    world: W,
    lanes: usize,
    blocks: Vec<Block<STATE>>,
    /// The disturbance of each lane's step.
    noise: Vec<f64>,
}

/// The states of some lanes, a column for each number.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Block<const STATE: usize>([[f64; BLOCK]; STATE]);

impl<W: World<STATE, OBS>, const STATE: usize, const OBS: usize> Batch<W, STATE, OBS> {
    fn lane(&self, lane: usize) -> [f64; STATE] {
        self.blocks[lane / BLOCK].0.map(|column| column[lane % BLOCK])
    }

    /// [`BatchEnv::step`] with the instructions of a given class.
    #[inline]
    pub fn step_in(
        &mut self,
        class: Class,
        actions: Rows<'_, W::Action>,
        rngs: &mut [Rng],
        mut obs: RowsMut<'_, f32>,
        steps: Steps<'_>,
    ) {
        if self.world.is_noisy() {
            for (noise, rng) in self.noise.iter_mut().zip(rngs) {
                *noise = self.world.noise(rng);
            }
        }
        let lanes = StepAll {
            world: &self.world,
            blocks: &mut self.blocks,
            noise: &self.noise,
            actions: &actions.flat()[..self.lanes],
            obs: &mut obs.flat()[..self.lanes * OBS],
            rewards: &mut steps.rewards[..self.lanes],
            flags: &mut steps.flags[..self.lanes],
        };
        let (blocks, rest) = lanes.split();
        dispatch_wide_in(class, blocks);
        if let Some(rest) = rest {
            dispatch_in(class, rest);
        }
    }
}

impl<W: World<STATE, OBS>, const STATE: usize, const OBS: usize> BatchEnv for Batch<W, STATE, OBS> {
    const NAME: &'static str = W::NAME;
    type Params = W::Params;
    type Obs = f32;
    type Action = W::Action;

    fn new(params: &W::Params, lanes: usize) -> Result<Self> {
        let world = W::new(params)?;
        let noise = vec![0.0; lanes];
        let blocks = vec![Block([[0.0; BLOCK]; STATE]); lanes.div_ceil(BLOCK)];
        Ok(Self { world, lanes, blocks, noise })
    }

    fn task(&self) -> Task {
        self.world.task()
    }

    #[inline]
    fn reset(&mut self, lane: usize, rng: &mut Rng, obs: &mut [f32]) {
        let (state, first_obs) = self.world.start(rng);
        obs.copy_from_slice(&first_obs);
        for (column, number) in self.blocks[lane / BLOCK].0.iter_mut().zip(state) {
            column[lane % BLOCK] = number;
        }
    }

    #[inline]
    fn step(
        &mut self,
        actions: Rows<'_, W::Action>,
        rngs: &mut [Rng],
        obs: RowsMut<'_, f32>,
        steps: Steps<'_>,
    ) {
        self.step_in(Class::best(), actions, rngs, obs, steps);
    }

    fn state(&mut self, lane: usize, archive: &mut Archive) {
        let columns = &mut self.blocks[lane / BLOCK].0;
        for (name, column) in W::COLUMNS.into_iter().zip(columns) {
            archive.value(name, &mut column[lane % BLOCK]);
        }
    }

    fn render(&self, lane: usize, scene: &mut Scene) -> bool {
        self.world.draw(&self.lane(lane), scene);
        true
    }
}

/// One step of some lanes.
struct StepAll<'a, W: World<STATE, OBS>, const STATE: usize, const OBS: usize> {
    world: &'a W,
    blocks: &'a mut [Block<STATE>],
    noise: &'a [f64],
    actions: &'a [W::Action],
    obs: &'a mut [f32],
    rewards: &'a mut [f64],
    flags: &'a mut [u8],
}

/// One step of lanes that do not fill a block.
struct StepRest<'a, W: World<STATE, OBS>, const STATE: usize, const OBS: usize>(
    StepAll<'a, W, STATE, OBS>,
);

impl<'a, W: World<STATE, OBS>, const STATE: usize, const OBS: usize> StepAll<'a, W, STATE, OBS> {
    /// The lanes that fill whole blocks, and the others if there are any.
    fn split(self) -> (Self, Option<StepRest<'a, W, STATE, OBS>>) {
        let whole = self.actions.len() / BLOCK;
        let (blocks, last_block) = self.blocks.split_at_mut(whole);
        let (noise, last_noise) = self.noise.split_at(whole * BLOCK);
        let (actions, last_actions) = self.actions.split_at(whole * BLOCK);
        let (obs, last_obs) = self.obs.split_at_mut(whole * BLOCK * OBS);
        let (rewards, last_rewards) = self.rewards.split_at_mut(whole * BLOCK);
        let (flags, last_flags) = self.flags.split_at_mut(whole * BLOCK);
        let rest = StepRest(StepAll {
            world: self.world,
            blocks: last_block,
            noise: last_noise,
            actions: last_actions,
            obs: last_obs,
            rewards: last_rewards,
            flags: last_flags,
        });
        let world = self.world;
        let whole = Self { world, blocks, noise, actions, obs, rewards, flags };
        (whole, (!last_actions.is_empty()).then_some(rest))
    }
}

impl<W, const STATE: usize, const OBS: usize> WideKernel for StepAll<'_, W, STATE, OBS>
where
    W: World<STATE, OBS>,
{
    type Output = ();

    #[inline(always)]
    fn run<V: Wide>(self) {
        let inputs = self.actions.as_chunks::<BLOCK>().0.iter().zip(self.noise.as_chunks::<BLOCK>().0);
        let (rewards, _) = self.rewards.as_chunks_mut::<BLOCK>();
        let (flags, _) = self.flags.as_chunks_mut::<BLOCK>();
        let outputs = self.obs.chunks_exact_mut(BLOCK * OBS).zip(rewards.iter_mut().zip(flags));
        for (block, ((actions, noise), (obs, (rewards, flags)))) in
            self.blocks.iter_mut().zip(inputs.zip(outputs))
        {
            if W::IN_PAIRS {
                for first in (0..BLOCK).step_by(2 * V::WIDTH) {
                    step_part::<W, Pair<V>, STATE, OBS>(self.world, block, first, actions, noise, obs, rewards, flags);
                }
            } else {
                for first in (0..BLOCK).step_by(V::WIDTH) {
                    step_part::<W, V, STATE, OBS>(self.world, block, first, actions, noise, obs, rewards, flags);
                }
            }
        }
    }
}

#[inline(always)]
fn step_part<W: World<STATE, OBS>, V: Wide, const STATE: usize, const OBS: usize>(world: &W, block: &mut Block<STATE>, first: usize, actions: &[W::Action], noise: &[f64], obs: &mut [f32], rewards: &mut [f64], flags: &mut [u8]) {
                let action = W::Action::load(&actions[first..]);
                let noise = V::load(&noise[first..]);
                let outcome = world.step::<V>(block.load(first), action, noise);
                block.store(first, outcome.state);
                V::store_rows_f32(outcome.obs, &mut obs[first * OBS..]);
                outcome.reward.store(&mut rewards[first..]);
                outcome.terminated.store(&mut flags[first..]);
}

impl<W, const STATE: usize, const OBS: usize> Kernel for StepRest<'_, W, STATE, OBS>
where
    W: World<STATE, OBS>,
{
    type Output = ();

    /// One by one, with the same bits.
    #[inline(always)]
    fn run(self) {
        let Self(lanes) = self;
        let block = &mut lanes.blocks[0];
        for lane in 0..lanes.actions.len() {
            let action = W::Action::load::<f64>(&lanes.actions[lane..]);
            let outcome = lanes.world.step(block.load(lane), action, lanes.noise[lane]);
            block.store(lane, outcome.state);
            f64::store_rows_f32(outcome.obs, &mut lanes.obs[lane * OBS..]);
            lanes.rewards[lane] = outcome.reward;
            lanes.flags[lane] = u8::from(outcome.terminated);
        }
    }
}

impl<const STATE: usize> Block<STATE> {
    /// The states of as many lanes as `V` holds, from one of the block on.
    #[inline(always)]
    fn load<V: Wide>(&self, first: usize) -> [V; STATE] {
        let mut state = [V::splat(0.0); STATE];
        for (numbers, column) in state.iter_mut().zip(&self.0) {
            *numbers = V::load(&column[first..]);
        }
        state
    }

    #[inline(always)]
    fn store<V: Wide>(&mut self, first: usize, state: [V; STATE]) {
        for (column, numbers) in self.0.iter_mut().zip(state) {
            numbers.store(&mut column[first..]);
        }
    }
}
