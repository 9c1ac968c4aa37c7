//! A policy whose weights are moved by noise while it explores: every lane has noise of its own for
//! a whole episode, and its deviation adapts to how far it moves what is done (Plappert et al.,
//! "Parameter Space Noise for Exploration", 2018). Only the acting copy is moved.
//!
//! How far that is, is for those to say who have the policy: by how much its actions differ, or its
//! chances of them.

use crate::kept::{self, Made};
use kit::Matrix;
use kit::backend::{Backend, NetOps, WeightOps};
use kit::noise::ParameterNoise;
use kit::real::Real;
use plugin_api::prelude::*;
use std::cell::RefCell;

/// Numbers of a lane's memory that noise on weights needs.
pub(crate) const MEMORY: usize = kept::WIDTH;

/// Noise on the weights of a policy.
#[derive(Debug)]
pub(crate) struct Shaken<B: Backend> {
    pub(crate) noise: ParameterNoise,
    /// Updates between two looks at how far it moves what is done.
    every: u64,
    /// For looks at how far it moves actions.
    drawn: B::Weights,
    moved: B::Weights,
    calm: Matrix,
    acting: RefCell<Acting<B>>,
}

/// Room to act: noise of each lane, the weights it moves, and one row.
#[derive(Debug)]
struct Acting<B: Backend> {
    lanes: Made<B::Weights>,
    moved: B::Weights,
    row: Matrix,
}

impl<B: Backend> Shaken<B> {
    /// Noise of this deviation at first, that adapts at every so many updates.
    pub(crate) fn new(
        (deviation, every): (f64, u64),
        weights: &B::Weights,
        (inputs, outputs): (usize, usize),
    ) -> Self {
        Self {
            noise: ParameterNoise::new(deviation, deviation),
            every,
            drawn: weights.zeros(),
            moved: weights.zeros(),
            calm: Matrix::new(0, outputs),
            acting: RefCell::new(Acting {
                lanes: Made::default(),
                moved: weights.zeros(),
                row: Matrix::new(1, inputs),
            }),
        }
    }

    /// Has `write` make the head of each row from what the moved policy puts out for it.
    pub(crate) fn act(
        &self,
        (actor, weights): (&B::Net, &B::Weights),
        inputs: &Matrix,
        tape: &mut B::Tape,
        out: &mut Act<'_>,
        mut write: impl FnMut(&mut [f32], &[f32]),
    ) {
        let Acting { lanes, moved, row: one } = &mut *self.acting.borrow_mut();
        for row in 0..inputs.rows() {
            let lane = out.first_lane + row as u64;
            let seed = kept::seed(out.memory.row(row), 0, (out.key, lane));
            let noise = lanes.of(
                (row, seed),
                || weights.zeros(),
                |noise, rng| {
                    noise.rewrite(|spans, numbers| ParameterNoise::draw(spans, numbers, rng));
                },
            );
            moved.set_moved(weights, noise, self.noise.deviation as f32);
            one.row_mut(0).copy_from_slice(inputs.row(row));
            let outputs = actor.forward(moved, one, tape);
            write(out.head.row(row), outputs.row(0));
        }
    }

    /// Now and then, looks at how far noise moves what is done in these states, by the `distance`
    /// of what comes out for them, and adapts so that it comes to `target`.
    pub(crate) fn adapt(
        &mut self,
        (actor, weights): (&B::Net, &B::Weights),
        obs: &Matrix,
        tape: &mut B::Tape,
        (updates, learn): (u64, &mut Learn<'_>),
        (target, distance): (f64, impl FnOnce(&Matrix, &Matrix) -> f64),
    ) {
        if !updates.is_multiple_of(self.every) {
            return;
        }
        let calm = actor.forward(weights, obs, tape);
        self.calm.set_rows(calm.rows());
        self.calm.flat_mut().copy_from_slice(calm.flat());
        self.drawn.rewrite(|spans, numbers| ParameterNoise::draw(spans, numbers, learn.rng));
        self.moved.set_moved(weights, &self.drawn, self.noise.deviation as f32);
        let moved = actor.forward(&self.moved, obs, tape);
        let distance = distance(&self.calm, moved);
        self.noise.target = target;
        self.noise.adapt(distance);
        learn.log.scalar("noise_distance", distance);
        learn.log.scalar("noise_deviation", self.noise.deviation);
    }

    pub(crate) fn state(&mut self, archive: &mut Archive) {
        archive.scope("noise", |archive| self.noise.state(archive));
    }
}

/// `√ mean (tanh x - tanh y)²` over all numbers: actions between -1 and 1.
pub(crate) fn of_actions(x: &Matrix, y: &Matrix) -> f64 {
    let square = |(x, y): (&f32, &f32)| f64::from(Real::tanh(*x) - Real::tanh(*y)).powi(2);
    let rows = (0..x.rows()).map(|row| x.row(row).iter().zip(y.row(row)).map(square).sum::<f64>());
    (rows.sum::<f64>() / (x.rows() * x.columns()) as f64).sqrt()
}
