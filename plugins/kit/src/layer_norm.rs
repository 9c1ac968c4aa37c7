//! Layer normalisation (Ba, Kiros and Hinton, "Layer Normalization", 2016), forwards and back.

use crate::matrix::{Matrix, padded};
use crate::real::Real;

/// Added to the variance, as in `PyTorch`.
const EPSILON: f64 = 1e-5;

/// What the way back needs of the way there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Normed<T> {
    /// `x̂ = (x - mean) / √(variance + ε)`.
    normal: Matrix<T>,
    /// `1 / √(variance + ε)` of each row.
    inverse: Vec<T>,
}

/// `y = x̂ ∘ gain + shift`, in place.
pub(crate) fn forward<T: Real>(
    x: &mut Matrix<T>,
    (gain, shift): (&[T], &[T]),
    normed: &mut Normed<T>,
) {
    let columns = x.columns();
    if normed.normal.columns() != columns {
        normed.normal = Matrix::new(x.rows(), columns);
    }
    normed.normal.set_rows(x.rows());
    normed.inverse.resize(x.rows(), T::ZERO);
    let count = T::of(columns as f64);
    for row in 0..x.rows() {
        let (numbers, normal) = (x.row_mut(row), normed.normal.row_mut(row));
        let mean = numbers.iter().copied().sum::<T>() / count;
        let square = |&number: &T| (number - mean) * (number - mean);
        let variance = numbers.iter().map(square).sum::<T>() / count;
        let inverse = T::ONE / (variance + T::of(EPSILON)).sqrt();
        normed.inverse[row] = inverse;
        for (i, number) in numbers.iter_mut().enumerate() {
            normal[i] = (*number - mean) * inverse;
            *number = normal[i] * gain[i] + shift[i];
        }
    }
}

/// The gradient of y becomes that of x: with `g = dy ∘ gain`,
/// `dx = (g - mean(g) - x̂ mean(g ∘ x̂)) / √(variance + ε)`. Those of gain and shift are added.
pub(crate) fn backward<T: Real>(
    delta: &mut Matrix<T>,
    gain: &[T],
    normed: &Normed<T>,
    mut gradients: Option<(&mut [T], &mut [T])>,
) {
    let count = T::of(delta.columns() as f64);
    for row in 0..delta.rows() {
        let (delta, normal) = (delta.row_mut(row), normed.normal.row(row));
        if let Some((of_gain, of_shift)) = &mut gradients {
            for (i, &delta) in delta.iter().enumerate() {
                of_gain[i] += delta * normal[i];
                of_shift[i] += delta;
            }
        }
        let (mut mean, mut along) = (T::ZERO, T::ZERO);
        for (i, delta) in delta.iter_mut().enumerate() {
            *delta *= gain[i];
            mean += *delta;
            along += *delta * normal[i];
        }
        let (mean, along, inverse) = (mean / count, along / count, normed.inverse[row]);
        for (delta, &normal) in delta.iter_mut().zip(normal) {
            *delta = (*delta - mean - normal * along) * inverse;
        }
    }
}

/// Numbers that gain or shift take.
pub(crate) fn len(columns: usize) -> usize {
    padded(columns)
}
