//! Squashed normal actions that a soft policy draws, and the gradient of what comes of them.

use crate::deviations::{self, Deviations, Matrices, Spread};
use kit::backend::{TapeOps, WeightOps};
use kit::gaussian::{add_squashed_gradient, squash};
use kit::{Matrix, Weights};
use plugin_api::prelude::*;

/// ln of the smallest and largest deviation.
const LOG_STD: (f32, f32) = (-20.0, 2.0);

/// Where deviations come from: from the net, beside the means, or from weights of their own that
/// follow its last hidden layer.
#[derive(Clone, Debug)]
pub(crate) struct Spreads {
    width: usize,
    follows: Option<Follows>,
    /// ln of the deviations of the latest row, as they are and within bounds.
    free: Vec<f32>,
    bounded: Vec<f32>,
}

/// What deviations that follow the state need.
#[derive(Clone, Debug)]
struct Follows {
    deviations: Deviations,
    spread: Spread,
    features: Matrix,
    matrices: Matrices,
}

impl Spreads {
    /// For actions of `width` numbers; with ln of the deviations at first, and the steps that noise
    /// is kept for, where they follow the state.
    pub(crate) fn new(
        (width, sde): (usize, Option<(f64, usize)>),
        hidden: &[usize],
        weights: &mut Weights,
    ) -> Result<Self> {
        let mut follows = None;
        if let Some((log_std, every)) = sde {
            let features = deviations::features(hidden)?;
            let shape = (width, Some((features, every)));
            let deviations = Deviations::new(shape, log_std, weights);
            follows = Some(Follows {
                spread: deviations.spread(),
                deviations,
                features: Matrix::new(0, features),
                matrices: Matrices::default(),
            });
        }
        Ok(Self { width, follows, free: vec![0.0; width], bounded: vec![0.0; width] })
    }

    /// What heads are called, and numbers that are remembered of a lane.
    pub(crate) fn needs(&self) -> (Head, usize) {
        match &self.follows {
            Some(follows) => (Head::DrawnSquashedGaussian, follows.deviations.memory()),
            None => (Head::SquashedGaussian, 0),
        }
    }

    /// Takes over what the present weights and the latest way through the net say of them.
    pub(crate) fn read(&mut self, weights: &impl WeightOps, tape: &mut impl TapeOps) {
        if let Some(Follows { deviations, spread, features, .. }) = &mut self.follows {
            deviations.read(weights, spread);
            tape.hidden(features);
        }
    }

    /// Looks at a row: its means and ln of its deviations, within bounds.
    fn look<'o>(&mut self, row: usize, outputs: &'o [f32]) -> &'o [f32] {
        let (mean, log_std) = outputs.split_at(self.width);
        if let Some(Follows { deviations, spread, features, .. }) = &mut self.follows {
            deviations.look(features.row(row), spread);
            self.free.copy_from_slice(&spread.row);
        } else {
            self.free.copy_from_slice(log_std);
        }
        for (bounded, free) in self.bounded.iter_mut().zip(&self.free) {
            *bounded = free.clamp(LOG_STD.0, LOG_STD.1);
        }
        mean
    }

    /// Writes the head of a row.
    pub(crate) fn act(&mut self, row: usize, outputs: &[f32], out: &mut Act<'_>) {
        let (mean, width) = (self.look(row, outputs), self.width);
        let seed = self.follows.as_ref().and_then(|follows| follows.deviations.seed(row, out));
        let head = out.head.row(row);
        head[..width].copy_from_slice(mean);
        head[width..2 * width].copy_from_slice(&self.bounded);
        if let Some(Follows { deviations, spread, features, matrices }) = &mut self.follows {
            let drawn = &mut head[2 * width..];
            deviations.draw(features.row(row), (row, seed), (&*spread, matrices), drawn);
        }
    }

    /// Takes the gradient of the bounded ln of the deviations of the row that was looked at last to
    /// where they come from.
    fn back(&mut self, row: usize, slopes: &mut [f32], of_outputs: &mut [f32]) {
        for (slope, free) in slopes.iter_mut().zip(&self.free) {
            // What was cut does not move.
            if !(LOG_STD.0..=LOG_STD.1).contains(free) {
                *slope = 0.0;
            }
        }
        match &mut self.follows {
            None => of_outputs.copy_from_slice(slopes),
            Some(Follows { deviations, spread, features, .. }) => {
                spread.of_row.copy_from_slice(slopes);
                deviations.count(features.row(row), spread);
            }
        }
    }

    /// Writes the gradient of deviations that are weights.
    pub(crate) fn write(&self, gradients: &mut impl WeightOps) {
        if let Some(follows) = &self.follows {
            follows.deviations.write(&follows.spread, gradients);
        }
    }
}

/// Actions that the policy drew, a row for each state.
#[derive(Debug)]
pub(crate) struct Drawn {
    z: Matrix,
    pub(crate) actions: Matrix,
    pub(crate) log_probs: Vec<f32>,
    of_log_std: Vec<f32>,
}

impl Drawn {
    /// Room for actions of so many numbers.
    pub(crate) fn new(width: usize) -> Self {
        let matrix = || Matrix::new(0, width);
        let (z, actions) = (matrix(), matrix());
        Self { z, actions, log_probs: Vec::new(), of_log_std: vec![0.0; width] }
    }

    /// Draws an action for each row that came out of the policy's net.
    pub(crate) fn draw(&mut self, outputs: &Matrix, spreads: &mut Spreads, rng: &mut Rng) {
        self.z.set_rows(outputs.rows());
        self.actions.set_rows(outputs.rows());
        self.log_probs.resize(outputs.rows(), 0.0);
        for row in 0..outputs.rows() {
            let mean = spreads.look(row, outputs.row(row));
            let z = self.z.row_mut(row);
            z.fill_with(|| rng.standard_normal() as f32);
            self.log_probs[row] = squash(mean, &spreads.bounded, z, self.actions.row_mut(row));
        }
    }

    /// Adds the gradient of `by.0 · ln π + Σ by.1 · a` at fixed draws to that of what came out of
    /// the net for a row, and to that of the deviations.
    pub(crate) fn add_gradient(
        &mut self,
        (row, outputs): (usize, &[f32]),
        by: (f32, &[f32]),
        spreads: &mut Spreads,
        of_outputs: &mut [f32],
    ) {
        spreads.look(row, outputs);
        self.of_log_std.fill(0.0);
        let (of_mean, rest) = of_outputs.split_at_mut(spreads.width);
        add_squashed_gradient(
            (&spreads.bounded, self.z.row(row), self.actions.row(row)),
            by,
            (of_mean, &mut self.of_log_std),
        );
        spreads.back(row, &mut self.of_log_std, rest);
    }
}
