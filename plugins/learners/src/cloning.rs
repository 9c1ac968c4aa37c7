//! Imitation beside reinforcement: demonstrated rows of a sample pull the policy towards what was
//! done there (Nair et al., "Overcoming Exploration in Reinforcement Learning with Demonstrations",
//! 2018): `w mean |π(s) - a|²` over demonstrated rows.
//!
//! With the filter only rows count where `Q(s, a) > Q(s, π(s))`: what the critics take to be worse
//! than the policy's own is not imitated.

use crate::critics::{Critics, Which};
use kit::Matrix;
use kit::backend::Backend;
use plugin_api::prelude::*;

/// How much is imitated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Imitation {
    /// w; 0 for none.
    pub(crate) weight: f64,
    pub(crate) filter: bool,
}

/// Which rows of a sample are imitated, and how strongly.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cloner {
    /// Q of what was demonstrated.
    theirs: Vec<f32>,
    rows: Vec<bool>,
    demonstrated: usize,
    /// Sum of squared distances, for the log.
    apart: f64,
    share: f32,
}

impl Cloner {
    /// Before the policy's own actions are judged: has critics judge those of the demonstrations.
    /// Returns whether there is anything to imitate.
    pub(crate) fn look<B: Backend>(
        &mut self,
        (batch, imitation): (&Batch<'_>, Imitation),
        critics: &mut Critics<B>,
        (obs, actions): (&Matrix, &Matrix),
    ) -> bool {
        self.rows.clear();
        self.rows.extend(batch.demonstrations.iter().map(|flag| *flag != 0));
        self.demonstrated = self.rows.iter().filter(|is_shown| **is_shown).count();
        if imitation.weight == 0.0 {
            self.demonstrated = 0;
        }
        if self.demonstrated == 0 {
            return false;
        }
        self.apart = 0.0;
        self.share = (2.0 * imitation.weight / self.demonstrated as f64) as f32;
        self.theirs.clear();
        if imitation.filter {
            critics.judge(Which::Critics, obs, actions);
            self.theirs.extend((0..batch.len()).map(|row| worth(critics, row)));
        }
        true
    }

    /// Once the policy's own actions are judged: keeps rows whose demonstration is worth more.
    pub(crate) fn choose<B: Backend>(&mut self, critics: &Critics<B>) {
        for (row, &theirs) in self.theirs.iter().enumerate() {
            self.rows[row] &= theirs > worth(critics, row);
        }
    }

    /// What the loss of a row adds to the gradient of one number of the policy's action.
    pub(crate) fn slope(&mut self, row: usize, own: f32, theirs: f32) -> f32 {
        if self.demonstrated == 0 || !self.rows[row] {
            return 0.0;
        }
        let error = own - theirs;
        self.apart += f64::from(error * error);
        self.share * error
    }

    /// Tells how far the policy is from what it imitates, and how much of it passed the filter.
    pub(crate) fn log(&self, log: &mut Log) {
        if self.demonstrated == 0 {
            return;
        }
        let kept = self.rows.iter().filter(|is_kept| **is_kept).count();
        log.scalar("cloned", kept as f64 / self.demonstrated as f64);
        log.scalar("cloning_loss", self.apart / self.demonstrated as f64);
    }
}

/// What the critic that thinks least of a row says: the mean of its outputs.
fn worth<B: Backend>(critics: &Critics<B>, row: usize) -> f32 {
    let mean = |critic: usize| {
        let outputs = critics.output(critic, row);
        outputs.iter().sum::<f32>() / outputs.len() as f32
    };
    (0..critics.count()).map(mean).fold(f32::INFINITY, f32::min)
}

/// Rows of a sample that come from demonstrations.
pub(crate) fn rows(batch: usize, share: f64) -> usize {
    (batch as f64 * share) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::critics::Settings;
    use kit::Own;

    const SETTINGS: Settings<'static> = Settings {
        obs: 1,
        actions: 1,
        hidden: &[8],
        activation: "tanh",
        layer_norm: false,
        count: 2,
        outputs: 1,
    };

    fn column(numbers: impl Iterator<Item = f32>) -> Matrix {
        let numbers: Vec<f32> = numbers.collect();
        let mut matrix = Matrix::new(numbers.len(), 1);
        numbers.iter().enumerate().for_each(|(row, &number)| matrix.row_mut(row)[0] = number);
        matrix
    }

    /// What four rows are pulled by whose last three were demonstrated.
    fn pulls(imitation: Imitation) -> (Vec<f32>, Vec<f32>) {
        let mut critics = Critics::<Own>::new(&Own, &SETTINGS, &mut Rng::seeded(4));
        let obs = column([0.1, -0.4, 0.9, 0.3].into_iter());
        let (shown, own) =
            (column([0.5; 4].into_iter()), column([0.2, 0.7, -0.3, 0.9].into_iter()));
        let rows = [0.0; 4];
        let batch = Batch {
            steps: 1,
            lanes: 4,
            obs: Rows::new(&rows, 1),
            actions: Rows::new(&rows, 1),
            rewards: &[0.0; 4],
            flags: &[0; 4],
            next_obs: Rows::new(&rows, 1),
            demonstrations: &[0, 1, 1, 1],
            ..Batch::default()
        };
        let mut cloner = Cloner::default();
        cloner.look((&batch, imitation), &mut critics, (&obs, &shown));
        critics.judge(Which::Critics, &obs, &shown);
        let theirs: Vec<f32> = (0..4).map(|row| critics.smallest(row).1).collect();
        critics.judge(Which::Critics, &obs, &own);
        let better = (0..4).map(|row| theirs[row] - critics.smallest(row).1).collect();
        cloner.choose(&critics);
        let pull = |row: usize| cloner.slope(row, own.row(row)[0], shown.row(row)[0]);
        ((0..4).map(pull).collect(), better)
    }

    #[test]
    fn demonstrations_pull_towards_what_was_done() {
        let (pulls, _) = pulls(Imitation { weight: 1.5, filter: false });
        let expected = [0.0, 0.2, -0.8, 0.4].map(|error: f32| 2.0 * 1.5 / 3.0 * error);
        for (pull, expected) in pulls.iter().zip(expected) {
            assert!((pull - expected).abs() < 1e-6, "{pulls:?}");
        }
    }

    #[test]
    fn the_filter_keeps_what_critics_take_to_be_better_than_the_own_action() {
        let (pulls, better) = pulls(Imitation { weight: 1.0, filter: true });
        let kept: Vec<bool> = pulls.iter().map(|pull| *pull != 0.0).collect();
        let expected: Vec<bool> =
            better.iter().enumerate().map(|(row, better)| row > 0 && *better > 0.0).collect();
        assert_eq!(kept, expected, "{better:?}");
        assert!(kept.contains(&true) && kept[1..].contains(&false), "{better:?}");
    }

    #[test]
    fn without_weight_or_demonstrations_nothing_is_pulled() {
        let (pulls, _) = pulls(Imitation { weight: 0.0, filter: true });
        assert!(pulls.iter().all(|pull| *pull == 0.0));
        assert_eq!((rows(256, 0.25), rows(256, 0.0), rows(3, 1.0)), (64, 0, 3));
    }
}
