//! Bounded continuous actions, and the same between -1 and 1, as nets see them.

use plugin_api::prelude::*;

/// Middle and half width of the bounds of each element.
#[derive(Clone, Debug)]
pub(crate) struct Bounds(Vec<(f32, f32)>);

impl Bounds {
    pub(crate) fn of(actions: &Space) -> Result<Self> {
        let refuse = || {
            Err(Error::unsupported(format!(
                "needs a Box of numbers with finite bounds as actions, these are {actions}"
            )))
        };
        let Space::Box { low, high, dtype, .. } = actions else { return refuse() };
        let whole = !matches!(dtype, plugin_api::Dtype::F32 | plugin_api::Dtype::F64);
        let pair =
            |idx| (f64::midpoint(low.at(idx), high.at(idx)), (high.at(idx) - low.at(idx)) / 2.0);
        let pairs: Vec<(f64, f64)> = (0..actions.width()).map(pair).collect();
        if whole || pairs.iter().any(|(_, half)| !half.is_finite() || *half <= 0.0) {
            return refuse();
        }
        let narrow = |(middle, half): (f64, f64)| (middle as f32, half as f32);
        Ok(Self(pairs.into_iter().map(narrow).collect()))
    }

    /// Numbers of an action.
    pub(crate) fn width(&self) -> usize {
        self.0.len()
    }

    /// An action of the world between -1 and 1.
    pub(crate) fn to_unit(&self, action: &[f32], unit: &mut [f32]) {
        for ((unit, action), (middle, half)) in unit.iter_mut().zip(action).zip(&self.0) {
            *unit = ((action - middle) / half).clamp(-1.0, 1.0);
        }
    }

    /// Numbers between -1 and 1 become an action of the world.
    pub(crate) fn to_world(&self, action: &mut [f32]) {
        for (action, (middle, half)) in action.iter_mut().zip(&self.0) {
            *action = middle + half * *action;
        }
    }
}
