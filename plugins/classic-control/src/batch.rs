//! Many lanes of a world: their state lies in columns, and several are stepped by one instruction.

use plugin_api::prelude::*;
use plugin_api::simd::{Mask, Wide, WideKernel, dispatch_wide};

use crate::world::{Action, World};

/// Lanes that lie side by side: as many as the widest instructions take at once.
const BLOCK: usize = 8;

/// Lanes of a world.
#[derive(Clone, Debug)]
pub struct Batch<W, const STATE: usize, const OBS: usize> {
    world: W,
    lanes: usize,
    blocks: Vec<Block<STATE>>,
    /// The disturbance of each lane's step; empty where steps are not disturbed.
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
}

impl<W: World<STATE, OBS>, const STATE: usize, const OBS: usize> BatchEnv for Batch<W, STATE, OBS> {
    const NAME: &'static str = W::NAME;
    type Params = W::Params;
    type Obs = f32;
    type Action = W::Action;

    fn new(params: &W::Params, lanes: usize) -> Result<Self> {
        let world = W::new(params)?;
        let noise = vec![0.0; if world.is_noisy() { lanes } else { 0 }];
        let blocks = vec![Block([[0.0; BLOCK]; STATE]); lanes.div_ceil(BLOCK)];
        Ok(Self { world, lanes, blocks, noise })
    }

    fn task(&self) -> Task {
        self.world.task()
    }

    #[inline]
    fn reset(&mut self, lane: usize, rng: &mut Rng, obs: &mut [f32]) {
        let state = self.world.start(rng);
        obs.copy_from_slice(&self.world.first_obs(&state));
        for (column, number) in self.blocks[lane / BLOCK].0.iter_mut().zip(state) {
            column[lane % BLOCK] = number;
        }
    }

    #[inline]
    fn step(
        &mut self,
        actions: Rows<'_, W::Action>,
        rngs: &mut [Rng],
        mut obs: RowsMut<'_, f32>,
        steps: Steps<'_>,
    ) {
        for (noise, rng) in self.noise.iter_mut().zip(rngs) {
            *noise = self.world.noise(rng);
        }
        dispatch_wide(StepAll {
            world: &self.world,
            blocks: &mut self.blocks,
            noise: &self.noise,
            actions: &actions.flat()[..self.lanes],
            obs: &mut obs.flat()[..self.lanes * OBS],
            rewards: &mut steps.rewards[..self.lanes],
            flags: &mut steps.flags[..self.lanes],
        });
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

/// One step of all lanes.
struct StepAll<'a, W: World<STATE, OBS>, const STATE: usize, const OBS: usize> {
    world: &'a W,
    blocks: &'a mut [Block<STATE>],
    noise: &'a [f64],
    actions: &'a [W::Action],
    obs: &'a mut [f32],
    rewards: &'a mut [f64],
    flags: &'a mut [u8],
}

impl<W, const STATE: usize, const OBS: usize> WideKernel for StepAll<'_, W, STATE, OBS>
where
    W: World<STATE, OBS>,
{
    type Output = ();

    #[inline(always)]
    fn run<V: Wide>(mut self) {
        let lanes = self.actions.len();
        let whole = lanes - lanes % V::WIDTH;
        for lane in (0..whole).step_by(V::WIDTH) {
            self.step_from::<V>(lane);
        }
        // What does not fill a register any more: one by one, with the same bits.
        for lane in whole..lanes {
            self.step_from::<f64>(lane);
        }
    }
}

impl<W, const STATE: usize, const OBS: usize> StepAll<'_, W, STATE, OBS>
where
    W: World<STATE, OBS>,
{
    /// Steps as many lanes as `V` holds.
    #[inline(always)]
    fn step_from<V: Wide>(&mut self, lane: usize) {
        let (columns, first) = (&mut self.blocks[lane / BLOCK].0, lane % BLOCK);
        let state = std::array::from_fn(|idx| V::load(&columns[idx][first..]));
        let action = W::Action::load(&self.actions[lane..]);
        let noise = match self.noise.get(lane..) {
            Some(noise) if !noise.is_empty() => V::load(noise),
            _ => V::splat(0.0),
        };
        let outcome = self.world.step::<V>(state, action, noise);
        for (column, numbers) in columns.iter_mut().zip(outcome.state) {
            numbers.store(&mut column[first..]);
        }
        V::store_rows_f32(outcome.obs, &mut self.obs[lane * OBS..]);
        outcome.reward.store(&mut self.rewards[lane..]);
        outcome.terminated.store(&mut self.flags[lane..]);
    }
}
