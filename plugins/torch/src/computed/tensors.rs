//! All weights of one optimiser in one flat tensor, with views of each part.

use kit::backend::WeightOps;
use kit::matrix::padded;
use kit::{Span, Weights};
use plugin_api::{Archive, Result};
use std::borrow::Cow;
use tch::{Device, Kind, Tensor};

/// Weights, or gradients, averages and noise of the same layout.
#[derive(Debug)]
pub struct Tensors {
    pub(super) flat: Tensor,
    views: Vec<View>,
    /// Names and places, and room for the numbers when they are needed here.
    layout: Weights,
}

/// A part of the flat tensor.
#[derive(Debug)]
struct View {
    start: usize,
    /// As rows with their padding, and without it.
    whole: Tensor,
    matrix: Tensor,
    /// The first row, likewise.
    whole_row: Tensor,
    row: Tensor,
}

impl Default for Tensors {
    fn default() -> Self {
        Self { flat: Tensor::new(), views: Vec::new(), layout: Weights::new() }
    }
}

impl Tensors {
    pub(super) fn new(weights: Weights, device: Device) -> Self {
        let flat = Tensor::from_slice(&weights.values).to_device(device);
        Self::over(flat, weights)
    }

    fn over(flat: Tensor, layout: Weights) -> Self {
        let view = |span: &Span| {
            let (rows, columns) = (span.rows as i64, span.columns as i64);
            let stride = padded(span.columns) as i64;
            let all = flat.narrow(0, span.start as i64, span.len() as i64);
            let whole = all.view([rows, stride]);
            View {
                start: span.start,
                matrix: whole.narrow(1, 0, columns),
                whole,
                whole_row: all.narrow(0, 0, stride),
                row: all.narrow(0, 0, columns),
            }
        };
        let views = layout.spans().iter().filter(|span| !span.is_empty()).map(view).collect();
        Self { flat, views, layout }
    }

    fn view(&self, start: usize) -> &View {
        let idx = self.views.partition_point(|view| view.start < start);
        &self.views[idx]
    }

    /// The part that begins here, as rows of so many columns: with padding or without.
    pub(super) fn matrix(&self, start: usize, columns: i64) -> &Tensor {
        let View { whole, matrix, .. } = self.view(start);
        if whole.size()[1] == columns { whole } else { matrix }
    }

    /// The part that begins here, as one row of so many columns: with padding or without.
    pub(super) fn row(&self, start: usize, columns: i64) -> &Tensor {
        let View { whole_row, row, .. } = self.view(start);
        if whole_row.size()[0] == columns { whole_row } else { row }
    }

    fn fetch(&mut self) {
        let values = &mut self.layout.values;
        self.flat.to_device(Device::Cpu).copy_data(values, self.flat.numel());
    }

    fn bring(&mut self) {
        self.flat.copy_(&Tensor::from_slice(&self.layout.values));
    }
}

impl WeightOps for Tensors {
    fn copy(&self) -> Self {
        Self::over(self.flat.copy(), self.layout.clone())
    }

    fn zeros(&self) -> Self {
        Self::over(self.flat.zeros_like(), self.layout.clone())
    }

    fn clear(&mut self) {
        let _ = self.flat.zero_();
    }

    fn follow(&mut self, other: &Self, rate: f32) {
        let _ = self.flat.lerp_(&other.flat, f64::from(rate));
    }

    fn set_sum(&mut self, base: &Self, factor: &Self, other: &Self) {
        let _ = base.flat.addcmul_out(&self.flat, &factor.flat, &other.flat);
    }

    fn set_product(&mut self, one: &Self, other: &Self) {
        let _ = one.flat.multiply_out(&self.flat, &other.flat);
    }

    fn read(&self, start: usize, into: &mut [f32]) {
        if !into.is_empty() {
            let part = self.flat.narrow(0, start as i64, into.len() as i64);
            part.to_device(Device::Cpu).copy_data(into, into.len());
        }
    }

    fn numbers(&self, start: usize, count: usize) -> Cow<'_, [f32]> {
        let mut numbers = vec![0.0; count];
        self.read(start, &mut numbers);
        Cow::Owned(numbers)
    }

    fn write(&mut self, start: usize, from: &[f32]) {
        if !from.is_empty() {
            let mut part = self.flat.narrow(0, start as i64, from.len() as i64);
            part.copy_(&Tensor::from_slice(from));
        }
    }

    fn rewrite(&mut self, with: impl FnOnce(&[Span], &mut [f32])) {
        let (spans, values) = self.layout.parts();
        with(spans, values);
        self.bring();
    }

    fn clip_norm(&mut self, norm_max: f64) -> Result<f64> {
        let norm = self.flat.norm().to_kind(Kind::Double).double_value(&[]);
        if !norm.is_finite() {
            self.fetch();
            self.layout.check_finite("the gradient of")?;
        }
        let factor = norm_max / (norm + 1e-6);
        if norm_max > 0.0 && factor < 1.0 {
            let _ = self.flat.g_mul_scalar_(factor);
        }
        Ok(norm)
    }

    fn state(&mut self, archive: &mut Archive) {
        self.fetch();
        self.layout.state(archive);
        if archive.is_loading() {
            self.bring();
        }
    }
}
