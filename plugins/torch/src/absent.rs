//! What stands for libtorch in a build without it: a backend that cannot be opened, so that nothing
//! of it can ever exist.

use crate::TorchParams;
use kit::backend::{Backend, NetOps, OptimiserOps, TapeOps, WeightOps};
use kit::{Matrix, Mlp, Rule, Span, Weights};
use plugin_api::{Archive, Error, Result};

/// libtorch, which is not here.
#[derive(Clone, Copy, Debug)]
pub enum Torch {}

/// A place in which there would be numbers; it has none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nowhere;

const WHY: &str = "a backend that cannot be opened is never used";

impl Backend for Torch {
    type Params = TorchParams;
    type Weights = Nowhere;
    type Net = Nowhere;
    type Tape = Nowhere;
    type Optimiser = Nowhere;

    fn open(_: &TorchParams) -> Result<Self> {
        Err(Error::new(
            "this build of the plugin lacks libtorch; run `cargo lab fetch torch`, then `cargo lab \
             build`; the agents of the plugin `deep` need no library",
        ))
    }

    fn weights(&self, _: Weights) -> Nowhere {
        match *self {}
    }

    fn net(&self, _: Mlp) -> Nowhere {
        match *self {}
    }

    fn optimiser(&self, _: Rule, _: &Nowhere) -> Nowhere {
        match *self {}
    }
}

impl WeightOps for Nowhere {
    fn copy(&self) -> Self {
        unreachable!("{WHY}")
    }

    fn zeros(&self) -> Self {
        unreachable!("{WHY}")
    }

    fn clear(&mut self) {
        unreachable!("{WHY}")
    }

    fn follow(&mut self, _: &Self, _: f32) {
        unreachable!("{WHY}")
    }

    fn set_sum(&mut self, _: &Self, _: &Self, _: &Self) {
        unreachable!("{WHY}")
    }

    fn set_moved(&mut self, _: &Self, _: &Self, _: f32) {
        unreachable!("{WHY}")
    }

    fn set_product(&mut self, _: &Self, _: &Self) {
        unreachable!("{WHY}")
    }

    fn read(&self, _: usize, _: &mut [f32]) {
        unreachable!("{WHY}")
    }

    fn numbers(&self, _: usize, _: usize) -> std::borrow::Cow<'_, [f32]> {
        unreachable!("{WHY}")
    }

    fn write(&mut self, _: usize, _: &[f32]) {
        unreachable!("{WHY}")
    }

    fn rewrite(&mut self, _: impl FnOnce(&[Span], &mut [f32])) {
        unreachable!("{WHY}")
    }

    fn clip_norm(&mut self, _: f64) -> Result<f64> {
        unreachable!("{WHY}")
    }

    fn state(&mut self, _: &mut Archive) {
        unreachable!("{WHY}")
    }
}

impl NetOps<Torch> for Nowhere {
    fn tape(&self) -> Self {
        unreachable!("{WHY}")
    }

    fn forward<'t>(&self, _: &Self, _: &Matrix, _: &'t mut Self) -> &'t Matrix {
        unreachable!("{WHY}")
    }

    fn back(&self, _: &Self, _: &Matrix, _: &mut Self, _: Option<&mut Self>, _: bool) {
        unreachable!("{WHY}")
    }
}

impl TapeOps for Nowhere {
    fn output(&self) -> &Matrix {
        unreachable!("{WHY}")
    }

    fn output_and_gradient(&mut self) -> (&Matrix, &mut Matrix) {
        unreachable!("{WHY}")
    }

    fn hidden(&mut self, _: &mut Matrix) {
        unreachable!("{WHY}")
    }

    fn input_gradient(&self) -> &Matrix {
        unreachable!("{WHY}")
    }
}

impl OptimiserOps<Torch> for Nowhere {
    fn step(&mut self, _: &mut Nowhere, _: &Nowhere, _: f64) {
        unreachable!("{WHY}")
    }

    fn state(&mut self, _: &mut Archive) {
        unreachable!("{WHY}")
    }
}
