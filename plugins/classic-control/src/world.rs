//! What a world of this plugin is: a start, one step of physics for any number of lanes at once,
//! and a picture. [`Single`](crate::single::Single) and [`Batch`](crate::batch::Batch) make an
//! environment of it.

use plugin_api::prelude::*;
use plugin_api::simd::Wide;
use plugin_api::{Element, Params};

/// A world whose lanes have `STATE` numbers each, of which `OBS` are seen after a step.
pub trait World<const STATE: usize, const OBS: usize>: Clone + Send + 'static {
    /// The name users write.
    const NAME: &'static str;
    /// Names of the state's numbers, for saving.
    const COLUMNS: [&'static str; STATE];
    /// The params.
    type Params: Params;
    /// Number type of actions; a row is a single one.
    type Action: Action;

    /// A world as the params describe it.
    fn new(params: &Self::Params) -> Result<Self>;

    /// The task.
    fn task(&self) -> Task;

    /// The state in which an episode starts.
    fn start(&self, rng: &mut Rng) -> [f64; STATE];

    /// What is seen of such a state.
    fn first_obs(&self, state: &[f64; STATE]) -> [f32; OBS];

    /// Whether steps are disturbed.
    fn is_noisy(&self) -> bool {
        false
    }

    /// The disturbance of one step; drawn only where steps are disturbed.
    fn noise(&self, _rng: &mut Rng) -> f64 {
        0.0
    }

    /// One step of each lane in `state`. Mark it and all it calls `#[inline(always)]`.
    fn step<V: Wide>(&self, state: [V; STATE], action: V, noise: V) -> Outcome<V, STATE, OBS>;

    /// Draws a state.
    fn draw(&self, state: &[f64; STATE], scene: &mut Scene);
}

/// What a step brought.
#[derive(Debug)]
pub struct Outcome<V: Wide, const STATE: usize, const OBS: usize> {
    /// The next state.
    pub state: [V; STATE],
    /// What is seen of it, to be rounded to `f32`.
    pub obs: [V; OBS],
    /// The rewards.
    pub reward: V,
    /// Where the world came to an end.
    pub terminated: V::Mask,
}

/// An action as the physics takes it: a number.
pub trait Action: Element {
    /// The first actions of a slice.
    fn load<V: Wide>(from: &[Self]) -> V;
}

impl Action for i64 {
    #[inline(always)]
    fn load<V: Wide>(from: &[Self]) -> V {
        V::load_i64(from)
    }
}

impl Action for f32 {
    #[inline(always)]
    fn load<V: Wide>(from: &[Self]) -> V {
        V::load_f32(from)
    }
}

/// The bounds of a uniform start, or an error that says what is wrong with them.
pub fn start_bounds(low: f64, high: f64) -> Result<(f64, f64)> {
    if low <= high {
        Ok((low, high))
    } else {
        Err(Error::argument(format!("`low` is {low}, but must not exceed `high`, which is {high}")))
    }
}
