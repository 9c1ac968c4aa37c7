//! Parameter noise that adapts to how far it moves actions (Plappert et al., "Parameter Space Noise
//! for Exploration", 2018).

use crate::weights::Span;
use plugin_api::{Archive, Rng};

/// The deviation of noise on weights, steered by the distance it causes.
#[derive(Clone, Copy, Debug)]
pub struct ParameterNoise {
    /// Deviation of the noise.
    pub deviation: f64,
    /// Distance of actions it aims at.
    pub target: f64,
}

/// Factor by which the deviation changes.
const PACE: f64 = 1.01;

impl ParameterNoise {
    /// Noise of this deviation at first.
    pub fn new(deviation: f64, target: f64) -> Self {
        Self { deviation, target }
    }

    /// Standard normal numbers for all weights of a layout; none for padding, and none for gains
    /// and shifts of layer norms, which stay as they are.
    pub fn draw(spans: &[Span], numbers: &mut [f32], rng: &mut Rng) {
        for span in spans {
            if span.name.ends_with("/gain") || span.name.ends_with("/shift") {
                continue;
            }
            let stride = span.len() / span.rows.max(1);
            for row in numbers[span.start..][..span.len()].chunks_exact_mut(stride.max(1)) {
                row[..span.columns].fill_with(|| rng.standard_normal() as f32);
            }
        }
    }

    /// Learns how far the noise moved actions: less noise where that was too far, else more.
    pub fn adapt(&mut self, distance: f64) {
        if distance > self.target {
            self.deviation /= PACE;
        } else {
            self.deviation *= PACE;
        }
    }

    /// Names what changes, for saving and loading.
    pub fn state(&mut self, archive: &mut Archive) {
        archive.value("deviation", &mut self.deviation);
    }
}
