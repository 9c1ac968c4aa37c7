//! CartPolePixels-v0: CartPole-v1 for eyes. An observation is the last four frames of a camera that
//! goes with the cart; a bar below shows where on the track that is. Velocities are seen only by
//! what moved between frames.

use plugin_api::prelude::*;

use crate::cart_pole::{CartPole, CartPoleParams};
use crate::single::Single;
use maths::trig;

/// Places along a side of a frame.
pub const SIDE: usize = 42;

/// Frames of an observation; the newest is the last one.
pub const FRAMES: usize = 4;

/// Places of a metre: the pole is one long.
const SCALE: f32 = 32.0;
/// Where the pole stands on the cart.
const FOOT: (f32, f32) = (21.0, 36.0);
/// The rows of the cart, and half its width.
const CART: (std::ops::Range<usize>, f32) = (36..39, 6.0);
/// The rows of the bar, half the width of its mark, and places from its middle to an end.
const BAR: (std::ops::Range<usize>, f32, f32) = (40..42, 1.5, 19.0);
/// Where the track ends.
const X_LIMIT: f64 = 2.4;

/// The world and what was seen of it.
#[derive(Clone, Debug)]
pub struct CartPolePixels {
    world: Single<CartPole, 4, 4>,
    /// Place by place, the frames of each side by side.
    seen: Vec<u8>,
}

impl CartPolePixels {
    /// Moves every frame one back and draws the newest.
    fn look(&mut self, state: &[f32; 4]) {
        let picture = picture(f64::from(state[0]), f64::from(state[2]));
        for (place, grey) in self.seen.chunks_exact_mut(FRAMES).zip(picture) {
            place.copy_within(1.., 0);
            place[FRAMES - 1] = grey;
        }
    }
}

/// A frame: how bright each place is, row by row from the top.
fn picture(x: f64, angle: f64) -> impl Iterator<Item = u8> {
    let (sin, cos) = trig::sin_cos(angle);
    let (across, up) = (sin as f32, cos as f32);
    let mark = FOOT.0 + (x / X_LIMIT) as f32 * BAR.2;
    (0..SIDE * SIDE).map(move |place| {
        let (row, column) = (place / SIDE, place % SIDE);
        let (right, above) = (column as f32 + 0.5 - FOOT.0, FOOT.1 - (row as f32 + 0.5));
        let covered = if CART.0.contains(&row) {
            CART.1 + 0.5 - right.abs()
        } else if BAR.0.contains(&row) {
            BAR.1 + 0.5 - (column as f32 + 0.5 - mark).abs()
        } else {
            // Along the pole and beside it, in places; its half width is one.
            let along = (right * across + above * up).clamp(0.0, SCALE);
            let (beside, beyond) = (right - along * across, above - along * up);
            1.5 - (beside * beside + beyond * beyond).sqrt()
        };
        (covered.clamp(0.0, 1.0) * 255.0) as u8
    })
}

impl Env for CartPolePixels {
    const NAME: &'static str = "CartPolePixels-v0";
    type Params = CartPoleParams;
    type Obs = u8;
    type Action = i64;

    fn new(params: &CartPoleParams) -> Result<Self> {
        Ok(Self { world: Single::new(params)?, seen: vec![0; SIDE * SIDE * FRAMES] })
    }

    fn task(&self) -> Task {
        let seen = Space::range::<u8>(0.0, 255.0, &[SIDE, SIDE, FRAMES]);
        Task { observations: seen, ..self.world.task() }
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [u8]) {
        let mut state = [0.0; 4];
        self.world.reset(rng, &mut state);
        for _ in 0..FRAMES {
            self.look(&state);
        }
        obs.copy_from_slice(&self.seen);
    }

    fn step(&mut self, action: &[i64], rng: &mut Rng, obs: &mut [u8]) -> Step {
        let mut state = [0.0; 4];
        let step = self.world.step(action, rng, &mut state);
        self.look(&state);
        obs.copy_from_slice(&self.seen);
        step
    }

    fn state(&mut self, archive: &mut Archive) {
        self.world.state(archive);
        archive.slice("seen", &mut self.seen);
    }

    fn render(&self, scene: &mut Scene) -> bool {
        self.world.render(scene)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(obs: &[u8], which: usize) -> Vec<u8> {
        obs.chunks_exact(FRAMES).map(|place| place[which]).collect()
    }

    #[test]
    fn it_keeps_what_a_world_promises() {
        plugin_api::testing::check_env::<CartPolePixels>().assert_passed();
    }

    #[test]
    fn it_is_cart_pole_with_a_camera() {
        let params = CartPoleParams::default();
        let mut seen = CartPolePixels::new(&params).expect("the params fit");
        let mut felt = Single::<CartPole, 4, 4>::new(&params).expect("the params fit");
        let (mut one, mut other) = (Rng::seeded(5), Rng::seeded(5));
        let (mut obs, mut state) = (vec![0; SIDE * SIDE * FRAMES], [0.0; 4]);
        seen.reset(&mut one, &mut obs);
        felt.reset(&mut other, &mut state);
        assert!((1..FRAMES).all(|idx| frame(&obs, idx) == frame(&obs, 0)), "nothing moved yet");
        for action in [1, 1, 0, 1, 1, 1, 0, 1, 1] {
            let before = obs.clone();
            let step = seen.step(&[action], &mut one, &mut obs);
            assert_eq!(step, felt.step(&[action], &mut other, &mut state));
            for idx in 1..FRAMES {
                assert_eq!(frame(&obs, idx - 1), frame(&before, idx), "frames move back");
            }
            assert_ne!(frame(&obs, FRAMES - 1), frame(&before, FRAMES - 1), "something moves");
        }
    }

    /// Bright at its foot and its tip, dark beside them.
    #[test]
    fn the_pole_leans_where_it_falls() {
        for (angle, tip) in [(0.0, 21.0), (0.2, 27.0), (-0.2, 15.0)] {
            let frame: Vec<u8> = picture(0.0, angle).collect();
            let row = &frame[6 * SIDE..][..SIDE];
            let sum: f32 = row.iter().map(|&grey| f32::from(grey)).sum();
            let middle = (0..SIDE).map(|x| (x as f32 + 0.5) * f32::from(row[x])).sum::<f32>() / sum;
            assert!((middle - tip).abs() < 0.5, "{angle}: {middle}, not {tip}");
            assert!(sum > 255.0 * 1.5, "{angle}: {sum}");
        }
        let marks: Vec<usize> = [-2.0, 0.0, 2.0]
            .map(|x| {
                let frame: Vec<u8> = picture(x, 0.0).collect();
                let bar = &frame[40 * SIDE..][..SIDE];
                bar.iter().position(|&grey| grey == 255).expect("the mark is somewhere")
            })
            .to_vec();
        assert!(marks[0] < marks[1] && marks[1] < marks[2], "{marks:?}");
    }
}
