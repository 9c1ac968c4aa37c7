//! What the x axis can show instead of steps: time, episodes, updates.

/// What the x axis shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Axis {
    /// Environment steps.
    #[default]
    Steps,
    /// Seconds of work.
    Seconds,
    /// Episodes.
    Episodes,
    /// Updates of the agent.
    Updates,
}

impl Axis {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Steps => "steps",
            Self::Seconds => "seconds",
            Self::Episodes => "episodes",
            Self::Updates => "updates",
        }
    }

    /// The one that comes next.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Steps => Self::Seconds,
            Self::Seconds => Self::Episodes,
            Self::Episodes => Self::Updates,
            Self::Updates => Self::Steps,
        }
    }
}

/// Where steps, seconds, episodes and updates stood at the same moments.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    moments: Vec<[f64; 4]>,
}

/// Beyond, every second moment is forgotten.
const MOMENTS_MAX: usize = 1 << 16;

impl Timeline {
    /// Adds a moment.
    pub fn add(&mut self, steps: u64, seconds: f64, episodes: u64, updates: u64) {
        if self.moments.len() == MOMENTS_MAX {
            let mut keep = false;
            self.moments.retain(|_| {
                keep = !keep;
                keep
            });
        }
        self.moments.push([steps as f64, seconds, episodes as f64, updates as f64]);
    }

    /// What the axis shows at a step, along straight lines between moments.
    pub fn at(&self, axis: Axis, steps: f64) -> f64 {
        let column = axis as usize;
        let at = self.moments.partition_point(|moment| moment[0] < steps);
        let origin = [0.0; 4];
        let before = at.checked_sub(1).map_or(&origin, |before| &self.moments[before]);
        let Some(after) = self.moments.get(at) else { return before[column] };
        let span = after[0] - before[0];
        let part = if span > 0.0 { (steps - before[0]) / span } else { 1.0 };
        before[column] + part * (after[column] - before[column])
    }
}

impl Timeline {
    /// The step at which the axis shows a number, the first where there are several.
    pub fn steps_at(&self, axis: Axis, shown: f64) -> f64 {
        let column = axis as usize;
        let at = self.moments.partition_point(|moment| moment[column] < shown);
        let origin = [0.0; 4];
        let before = at.checked_sub(1).map_or(&origin, |before| &self.moments[before]);
        let Some(after) = self.moments.get(at) else { return before[0] };
        let span = after[column] - before[column];
        let part = if span > 0.0 { (shown - before[column]) / span } else { 1.0 };
        before[0] + part * (after[0] - before[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_lie_on_straight_lines() {
        let mut timeline = Timeline::default();
        timeline.add(100, 1.0, 10, 4);
        timeline.add(300, 2.0, 10, 8);
        let seconds = [(0.0, 0.0), (50.0, 0.5), (100.0, 1.0), (200.0, 1.5), (900.0, 2.0)];
        for (steps, expected) in seconds {
            assert!((timeline.at(Axis::Seconds, steps) - expected).abs() < 1e-12);
        }
        assert!((timeline.at(Axis::Updates, 200.0) - 6.0).abs() < 1e-12);
        assert!((timeline.steps_at(Axis::Seconds, 1.5) - 200.0).abs() < 1e-12);
        assert!((timeline.at(Axis::Steps, 123.0) - 123.0).abs() < 1e-12);
    }
}
