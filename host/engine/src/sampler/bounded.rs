//! Any action of bounded reals, for many lanes at once.

#![expect(clippy::inline_always, reason = "kernels take along what they call")]

use super::choose::for_each_tile;
use super::law::{Law, between};
use super::{Draw, Moment, counter};
use plugin_api::simd::{Kernel, dispatch};

/// Draws a number between the bounds of each law, for each row.
pub(super) fn draw(laws: &[Law], log_density: f64, moment: Moment, draw: &mut Draw<'_>) {
    draw.log_probs.fill(log_density as f32);
    for (element, law) in laws.iter().enumerate() {
        if let Law::Real { low, high } = *law {
            let moment = Moment { lane_step: counter(element, moment.lane_step), ..moment };
            dispatch(Column { bounds: (low, high), element, width: laws.len(), moment, draw });
        }
    }
}

/// Whether [`draw`] knows all of these laws.
pub(super) fn fits(laws: &[Law]) -> bool {
    let bounded = |law: &Law| matches!(law, Law::Real { low, high } if (high - low).is_finite());
    !laws.is_empty() && laws.iter().all(bounded)
}

/// One element of all rows, where actions are of `f32` for learner and environment alike.
struct Column<'a, 'b> {
    bounds: (f64, f64),
    element: usize,
    width: usize,
    moment: Moment,
    draw: &'a mut Draw<'b>,
}

impl Kernel for Column<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { bounds, element, width, moment, draw } = self;
        let rows = draw.log_probs.len();
        for_each_tile(moment, rows, |first, words| {
            let numbers = words.iter().map(|&word| between(bounds, word) as f32);
            let places = first * width..(first + words.len()) * width;
            let actions = draw.actions[places.clone()].iter_mut().skip(element).step_by(width);
            let (bytes, _) = draw.env_actions.as_chunks_mut::<4>();
            let bytes = bytes[places].iter_mut().skip(element).step_by(width);
            for ((number, action), bytes) in numbers.zip(actions).zip(bytes) {
                *action = number;
                *bytes = number.to_ne_bytes();
            }
        });
    }
}
