//! A layer of a net: sums of what comes in, for whole rows or for the windows of an image.

use super::{Activation, MlpSpec};
use crate::layer_norm;
use crate::matrix::{Matrix, padded, transpose, vectorised};
use crate::patches::Patches;
use crate::product::{PAD, Product, Side, Start};
use crate::real::Real;
use crate::weights::Weights;
use plugin_api::Rng;

/// Filters that look at an image before the dense layers do.
#[derive(Clone, Copy, Debug)]
pub struct Eyes<'a> {
    /// Rows, places of a row, and channels of an image.
    pub image: (usize, usize, usize),
    /// Number of filters, side of a window and places between two, for each layer of them.
    pub filters: &'a [(usize, usize, usize)],
}

/// A layer of a net.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Numbers that come in, from one window where the layer looks through several.
    pub inputs: usize,
    /// Numbers that come out, for one window.
    pub outputs: usize,
    /// The windows of an image that the layer looks through, each on its own.
    pub patches: Option<Patches>,
    /// Place of the first weight: rows are inputs, columns outputs.
    pub weight: usize,
    /// Place of the first bias.
    pub bias: usize,
    /// Places of gain and shift, where sums are normalised.
    pub norm: Option<(usize, usize)>,
    /// What is done with the sums; nothing in the last layer.
    pub activation: Option<Activation>,
}

impl Layer {
    /// Numbers that come in, from all windows together.
    pub fn takes_in(&self) -> usize {
        self.patches.map_or(self.inputs, |patches| patches.image())
    }

    /// Numbers that come out, of all windows together.
    pub fn puts_out(&self) -> usize {
        self.outputs * self.patches.map_or(1, |patches| patches.count())
    }

    /// The layers of filters.
    pub(super) fn of_eyes<T: Real>(
        name: &str,
        eyes: &Eyes<'_>,
        spec: &MlpSpec<'_>,
        weights: &mut Weights<T>,
        rng: &mut Rng,
    ) -> Vec<Self> {
        let (mut height, mut width, mut channels) = eyes.image;
        assert_eq!(spec.inputs, height * width * channels, "the inputs are an image");
        let mut layers = Vec::new();
        for (idx, &(filters, size, stride)) in eyes.filters.iter().enumerate() {
            assert!(filters.is_multiple_of(PAD), "what filters put out lies without padding");
            let patches = Patches { height, width, channels, size, stride };
            let inputs = patches.len();
            let weight = weights.add(format!("{name}/layer{idx}/weight"), inputs, filters);
            let bias = weights.add(format!("{name}/layer{idx}/bias"), 1, filters);
            let (values, rest) = weights.values[weight..].split_at_mut(bias - weight);
            spec.init.0.fill((inputs, filters), values, rest, rng);
            let activation = Some(spec.activation);
            let patches = Some(patches);
            layers.push(Self {
                inputs,
                outputs: filters,
                patches,
                weight,
                bias,
                norm: None,
                activation,
            });
            (height, width) = patches.map_or((height, width), |patches| patches.grid());
            channels = filters;
        }
        layers
    }

    /// The rows that are multiplied: those that come in, or a row for each window of each.
    pub(super) fn look<'m, T: Real>(
        &self,
        input: &'m Matrix<T>,
        windows: &'m mut Matrix<T>,
    ) -> &'m Matrix<T> {
        let Some(patches) = self.patches else { return input };
        patches.gather(input, windows);
        windows
    }

    pub(super) fn weight<'w, T: Real>(&self, weights: &'w Weights<T>) -> &'w [T] {
        &weights.values[self.weight..][..self.inputs * padded(self.outputs)]
    }

    pub(super) fn row<'w, T: Real>(&self, weights: &'w Weights<T>, start: usize) -> &'w [T] {
        &weights.values[start..][..layer_norm::len(self.outputs)]
    }

    /// `dW += Xᵀ · dY` and `db += Σ dY`.
    pub(super) fn add_gradients<T: Real>(
        &self,
        input: &Matrix<T>,
        delta: &Matrix<T>,
        gradients: &mut Weights<T>,
    ) {
        let columns = padded(self.outputs);
        T::multiply(Product {
            a: input.flat(),
            a_stride: input.stride(),
            side: Side::Transposed,
            b: delta.flat(),
            c: &mut gradients.values[self.weight..][..self.inputs * columns],
            start: Start::There,
            rows: self.inputs,
            inner: input.rows(),
            columns,
        });
        let bias = &mut gradients.values[self.bias..][..columns];
        vectorised(|| {
            for row in delta.flat().chunks_exact(columns) {
                bias.iter_mut().zip(row).for_each(|(bias, &delta)| *bias += delta);
            }
        });
    }

    /// `dX = dY · Wᵀ`.
    pub(super) fn back<T: Real>(
        &self,
        weights: &Weights<T>,
        delta: &Matrix<T>,
        transposed: &mut [T],
        input: &mut Matrix<T>,
    ) {
        let columns = padded(self.inputs);
        let transposed = &mut transposed[..self.outputs * columns];
        let weight = self.weight(weights);
        transpose(weight, self.inputs, padded(self.outputs), transposed, columns);
        if columns > self.inputs {
            // What another layer left there would reach the padding of the gradient.
            transposed.chunks_exact_mut(columns).for_each(|row| row[self.inputs..].fill(T::ZERO));
        }
        let rows = input.rows();
        T::multiply(Product {
            a: delta.flat(),
            a_stride: padded(self.outputs),
            side: Side::Plain,
            b: transposed,
            c: input.flat_mut(),
            start: Start::Zero,
            rows,
            inner: self.outputs,
            columns,
        });
    }
}
