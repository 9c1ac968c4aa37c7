//! One row of a core, there and back.

#![expect(clippy::inline_always, reason = "what is not inlined into a kernel misses its class")]

use super::{CoreKind, CoreTape};
use crate::matrix::vectorised;
use crate::real::Real;

/// A row in parts of equal size, one for each gate. Kernels cut their rows themselves, so that the
/// compiler knows how long they are.
#[inline(always)]
fn parts<T, const N: usize>(row: &mut [T], size: usize) -> [&mut [T]; N] {
    let mut rest = row;
    std::array::from_fn(|_| {
        let (part, later) = std::mem::take(&mut rest).split_at_mut(size);
        rest = later;
        part
    })
}

impl CoreKind {
    /// What comes out of a row whose sums are there, and what is kept of it.
    pub(super) fn step<T: Real>(self, tape: &mut CoreTape<T>, row: usize) {
        let (gates, of_state) = (tape.gates.row_mut(row), tape.of_state.row_mut(row));
        let (before, output) = (tape.before.row(row), tape.output.row_mut(row));
        match self {
            Self::Gru => gru(gates, of_state, before, output),
            Self::Lstm => {
                let cells = (tape.cell_before.row(row), tape.cell.row_mut(row));
                lstm(gates, of_state, cells, output);
            }
        }
    }

    /// Makes the gates of a row, and what its state added to them, the gradients of themselves,
    /// and takes the gradients that `carried`, the row's sequence, brought from later times on to
    /// the time before, as far as they do not pass through the state's weights.
    pub(super) fn step_back<T: Real>(
        self,
        tape: &mut CoreTape<T>,
        of_output: &[T],
        (row, carried): (usize, usize),
    ) {
        let (gates, of_state) = (tape.gates.row_mut(row), tape.of_state.row_mut(row));
        let later = tape.of_output.row_mut(carried);
        match self {
            Self::Gru => gru_back(gates, of_state, tape.before.row(row), (of_output, later)),
            Self::Lstm => {
                let cells = (tape.cell_before.row(row), tape.cell.row(row));
                let carried = (later, tape.of_cell.row_mut(carried));
                lstm_back(gates, of_state, cells, of_output, carried);
            }
        }
    }
}

/// `r = σ(x_r + s_r)`, `z = σ(x_z + s_z)`, `n = tanh(x_n + r s_n)`, `h' = (1 - z) n + z h`.
fn gru<T: Real>(gates: &mut [T], of_state: &mut [T], before: &[T], output: &mut [T]) {
    let size = output.len();
    vectorised(|| {
        let ([r, z, n], [s_r, s_z, s_n]) = (parts(gates, size), parts(of_state, size));
        let (before, output) = (&before[..size], &mut output[..size]);
        for i in 0..size {
            r[i] = (r[i] + s_r[i]).sigmoid();
            z[i] = (z[i] + s_z[i]).sigmoid();
            n[i] = (n[i] + r[i] * s_n[i]).tanh();
            output[i] = (T::ONE - z[i]) * n[i] + z[i] * before[i];
        }
    });
}

fn gru_back<T: Real>(
    gates: &mut [T],
    of_state: &mut [T],
    before: &[T],
    (of_output, later): (&[T], &mut [T]),
) {
    let size = before.len();
    vectorised(|| {
        let ([r, z, n], [s_r, s_z, s_n]) = (parts(gates, size), parts(of_state, size));
        let (before, of_output, later) = (&before[..size], &of_output[..size], &mut later[..size]);
        for i in 0..size {
            let delta = of_output[i] + later[i];
            later[i] = delta * z[i];
            let of_z = delta * (before[i] - n[i]) * z[i] * (T::ONE - z[i]);
            let of_n = delta * (T::ONE - z[i]) * (T::ONE - n[i] * n[i]);
            let of_r = of_n * s_n[i] * r[i] * (T::ONE - r[i]);
            (s_r[i], s_z[i], s_n[i]) = (of_r, of_z, of_n * r[i]);
            (r[i], z[i], n[i]) = (of_r, of_z, of_n);
        }
    });
}

/// With `i, f, o = σ(x + s)` and `g = tanh(x_g + s_g)`: `c' = f c + i g`, `h' = o tanh c'`.
fn lstm<T: Real>(
    gates: &mut [T],
    of_state: &mut [T],
    (before, cell): (&[T], &mut [T]),
    output: &mut [T],
) {
    let size = output.len();
    vectorised(|| {
        let [input, forget, new, out] = parts(gates, size);
        let [s_input, s_forget, s_new, s_out] = parts(of_state, size);
        let (before, cell, output) = (&before[..size], &mut cell[..size], &mut output[..size]);
        for i in 0..size {
            input[i] = (input[i] + s_input[i]).sigmoid();
            forget[i] = (forget[i] + s_forget[i]).sigmoid();
            new[i] = (new[i] + s_new[i]).tanh();
            out[i] = (out[i] + s_out[i]).sigmoid();
            cell[i] = forget[i] * before[i] + input[i] * new[i];
            output[i] = out[i] * cell[i].tanh();
        }
    });
}

fn lstm_back<T: Real>(
    gates: &mut [T],
    of_state: &mut [T],
    (before, cell): (&[T], &[T]),
    of_output: &[T],
    (later, of_cell): (&mut [T], &mut [T]),
) {
    let size = before.len();
    vectorised(|| {
        let [input, forget, new, out] = parts(gates, size);
        let (before, cell, of_output) = (&before[..size], &cell[..size], &of_output[..size]);
        let (later, of_cell) = (&mut later[..size], &mut of_cell[..size]);
        for i in 0..size {
            let (delta, told) = (of_output[i] + later[i], cell[i].tanh());
            let kept = of_cell[i] + delta * out[i] * (T::ONE - told * told);
            (later[i], of_cell[i]) = (T::ZERO, kept * forget[i]);
            let of_input = kept * new[i] * input[i] * (T::ONE - input[i]);
            forget[i] = kept * before[i] * forget[i] * (T::ONE - forget[i]);
            new[i] = kept * input[i] * (T::ONE - new[i] * new[i]);
            out[i] = delta * told * out[i] * (T::ONE - out[i]);
            input[i] = of_input;
        }
    });
    of_state.copy_from_slice(gates);
}
