//! How y grows along its axis: evenly, by powers of ten, or by powers of ten on both sides of 0.

/// How y grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Evenly.
    #[default]
    Linear,
    /// By powers of ten; what is not above 0 lies at the foot.
    Log,
    /// By powers of ten away from 0 on both sides.
    Symlog,
}

/// Below this a logarithm says nothing of interest.
const SMALLEST: f64 = 1e-300;

impl Scale {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "lin",
            Self::Log => "log",
            Self::Symlog => "symlog",
        }
    }

    /// The one that comes next.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Linear => Self::Log,
            Self::Log => Self::Symlog,
            Self::Symlog => Self::Linear,
        }
    }

    /// y on an axis that grows evenly.
    pub fn flat(self, y: f64) -> f64 {
        match self {
            Self::Linear => y,
            Self::Log => y.max(SMALLEST).log10(),
            Self::Symlog => y.signum() * y.abs().ln_1p() / std::f64::consts::LN_10,
        }
    }

    /// The other way round.
    pub fn curved(self, flat: f64) -> f64 {
        match self {
            Self::Linear => flat,
            Self::Log => 10_f64.powf(flat),
            Self::Symlog => flat.signum() * (flat.abs() * std::f64::consts::LN_10).exp_m1(),
        }
    }

    /// Where y lies between the ends of a range, 0 to 1.
    pub fn part(self, y: f64, (low, high): (f64, f64)) -> f64 {
        let (low, high) = (self.flat(low), self.flat(high));
        (self.flat(y) - low) / (high - low)
    }

    /// A range that holds both numbers with some room, and is never empty.
    pub fn widened(self, low: f64, high: f64) -> (f64, f64) {
        let low = if self == Self::Log && low <= 0.0 { (high / 1e6).max(1e-9) } else { low };
        let (from, to) = (self.flat(low), self.flat(high.max(low)));
        // What differs by rounding alone is constant, and drawn in the middle.
        let least = 1e-9 * from.abs().max(to.abs()).max(1e-9);
        let room = if to - from > least { 0.02 * (to - from) } else { 0.5 * to.abs().max(1.0) };
        (self.curved(from - room), self.curved(to + room))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_and_curved_undo_each_other() {
        for scale in [Scale::Linear, Scale::Log, Scale::Symlog] {
            for y in [1e-6, 0.5, 1.0, 3.0, 1e9] {
                let back = scale.curved(scale.flat(y));
                assert!((back - y).abs() < 1e-9 * y, "{scale:?}: {back} is not {y}");
            }
        }
        let y = -123.0;
        assert!((Scale::Symlog.curved(Scale::Symlog.flat(y)) - y).abs() < 1e-9);
    }

    #[test]
    fn ranges_hold_their_numbers_and_are_never_empty() {
        for scale in [Scale::Linear, Scale::Log, Scale::Symlog] {
            for (low, high) in [(0.0, 0.0), (-5.0, 7.0), (1e-9, 1e12), (3.0, 3.0), (-2.0, -2.0)] {
                let (from, to) = scale.widened(low, high);
                assert!(from < to && to >= high, "{scale:?} {low} {high}: {from} {to}");
                assert!(scale == Scale::Log || from <= low, "{scale:?} {low} {high}: {from}");
            }
        }
        assert_eq!(
            Scale::Linear.part(3.0, Scale::Linear.widened(3.0, 3.0)).to_bits(),
            0.5_f64.to_bits()
        );
    }
}
