//! Cores that remember what came before: gated recurrent units (Cho et al., "Learning Phrase
//! Representations using RNN Encoder-Decoder", 2014) and long short-term memory (Hochreiter and
//! Schmidhuber, "Long Short-Term Memory", 1997), both with `PyTorch`'s formulas and tensors.
//!
//! Several sequences go through side by side, packed: first the first rows of all of them, then the
//! second rows, and so on. Longer sequences stand before shorter ones, so that those that go on are
//! always the first, and nothing is padded.

mod cell;

use crate::init::Init;
use crate::matrix::{Matrix, padded, transpose, vectorised};
use crate::product::{Product, Side, Start};
use crate::real::Real;
use crate::weights::Weights;
use plugin_api::Rng;

/// The kind of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoreKind {
    /// Gated recurrent units.
    Gru,
    /// Long short-term memory.
    Lstm,
}

impl CoreKind {
    /// `gru` or `lstm`; any other name is no core.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "gru" => Some(Self::Gru),
            "lstm" => Some(Self::Lstm),
            _ => None,
        }
    }

    fn gates(self) -> usize {
        if self == Self::Gru { 3 } else { 4 }
    }
}

/// The shape of a core whose weights lie in a [`Weights`].
#[derive(Clone, Debug)]
pub struct Core {
    kind: CoreKind,
    inputs: usize,
    size: usize,
    start: usize,
}

/// What a core remembers of the way there, and room for the way back.
#[derive(Clone, Debug, Default)]
pub struct CoreTape<T = f32> {
    /// Sequences that have a row at each time.
    counts: Vec<u32>,
    /// What inputs and what the state before add to each gate. On the way there the former become
    /// the gates, on the way back both become their own gradients.
    gates: Matrix<T>,
    of_state: Matrix<T>,
    /// The state before each row, and after it: what is told, and what is kept besides.
    before: Matrix<T>,
    cell_before: Matrix<T>,
    output: Matrix<T>,
    cell: Matrix<T>,
    /// Gradients on their way from a time to the one before, a row for each sequence.
    of_output: Matrix<T>,
    of_cell: Matrix<T>,
    transposed: Vec<T>,
}

impl<T: Real> CoreTape<T> {
    /// What came out last, a row for each row that went in.
    pub fn output(&self) -> &Matrix<T> {
        &self.output
    }

    /// What is to be remembered after a row.
    pub fn remember(&self, row: usize, memory: &mut [T]) {
        let (output, cell) = memory.split_at_mut(self.output.columns());
        output.copy_from_slice(self.output.row(row));
        if !cell.is_empty() {
            cell.copy_from_slice(self.cell.row(row));
        }
    }
}

impl Core {
    /// A core whose weights are added to those there are, under names that begin with `name`:
    /// orthogonal, with biases of zero.
    pub fn new<T: Real>(
        (kind, inputs, size): (CoreKind, usize, usize),
        name: &str,
        weights: &mut Weights<T>,
        rng: &mut Rng,
    ) -> Self {
        let columns = kind.gates() * size;
        let mut add = |what: &str, rows: usize| {
            let weight = weights.add(format!("{name}/{what}_weight"), rows, columns);
            let bias = weights.add(format!("{name}/{what}_bias"), 1, columns);
            let (values, rest) = weights.values[weight..].split_at_mut(bias - weight);
            Init::Orthogonal(1.0).fill((rows, columns), values, rest, rng);
            weight
        };
        let start = add("input", inputs);
        add("state", size);
        Self { kind, inputs, size, start }
    }

    /// Numbers that come out.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Numbers that are remembered from one row to the next.
    pub fn memory(&self) -> usize {
        if self.kind == CoreKind::Gru { self.size } else { 2 * self.size }
    }

    /// Where its weights begin, and how many they are: they lie side by side.
    pub fn place(&self) -> (usize, usize) {
        (self.start, (self.inputs + self.size + 2) * self.stride())
    }

    fn stride(&self) -> usize {
        padded(self.kind.gates() * self.size)
    }

    /// Place of the state's weights behind those of the inputs.
    fn state_start(&self) -> usize {
        (self.inputs + 1) * self.stride()
    }

    /// Room for ways there and back.
    pub fn tape<T: Real>(&self) -> CoreTape<T> {
        let (size, gates) = (self.size, self.kind.gates() * self.size);
        let cell = if self.kind == CoreKind::Lstm { size } else { 0 };
        CoreTape {
            counts: Vec::new(),
            gates: Matrix::new(0, gates),
            of_state: Matrix::new(0, gates),
            before: Matrix::new(0, size),
            cell_before: Matrix::new(0, cell),
            output: Matrix::new(0, size),
            cell: Matrix::new(0, cell),
            of_output: Matrix::new(0, size),
            of_cell: Matrix::new(0, cell),
            transposed: vec![T::ZERO; gates * padded(size)],
        }
    }

    /// The way through packed sequences: `counts` says how many have a row at each time, `first`
    /// what is remembered before the first row of each. `weights` are those at [`Self::place`].
    pub fn forward<'t, 'm, T: Real>(
        &self,
        weights: &[T],
        inputs: &Matrix<T>,
        (counts, first): (&[u32], impl Iterator<Item = &'m [T]>),
        tape: &'t mut CoreTape<T>,
    ) -> &'t Matrix<T> {
        let rows = inputs.rows();
        assert_eq!(counts.iter().sum::<u32>() as usize, rows, "a row for each time of a sequence");
        tape.counts.clear();
        tape.counts.extend_from_slice(counts);
        for matrix in [
            &mut tape.gates,
            &mut tape.of_state,
            &mut tape.before,
            &mut tape.cell_before,
            &mut tape.output,
            &mut tape.cell,
        ] {
            matrix.set_rows(rows);
        }
        self.multiply(weights, (inputs, self.inputs), 0..rows, &mut tape.gates);
        for (row, memory) in first.enumerate() {
            let (output, cell) = memory.split_at(self.size);
            tape.before.row_mut(row).copy_from_slice(output);
            tape.cell_before.row_mut(row).copy_from_slice(cell);
        }
        let mut start = 0;
        for (time, &count) in counts.iter().enumerate() {
            let count = count as usize;
            if time > 0 {
                let last = start - counts[time - 1] as usize;
                for idx in 0..count {
                    tape.before.row_mut(start + idx).copy_from_slice(tape.output.row(last + idx));
                    let cell = tape.cell_before.row_mut(start + idx);
                    cell.copy_from_slice(tape.cell.row(last + idx));
                }
            }
            let times = start..start + count;
            let of_state = &mut tape.of_state;
            let state = (&tape.before, self.size);
            self.multiply(&weights[self.state_start()..], state, times.clone(), of_state);
            times.for_each(|row| self.kind.step(tape, row));
            start += count;
        }
        &tape.output
    }

    /// `C = X W + b` for some rows, with the bias behind the weights.
    fn multiply<T: Real>(
        &self,
        weights: &[T],
        (from, inner): (&Matrix<T>, usize),
        rows: std::ops::Range<usize>,
        into: &mut Matrix<T>,
    ) {
        let stride = self.stride();
        T::multiply(Product {
            a: &from.flat()[rows.start * from.stride()..],
            a_stride: from.stride(),
            side: Side::Plain,
            b: &weights[..inner * stride],
            c: &mut into.flat_mut()[rows.start * stride..rows.end * stride],
            start: Start::Bias(&weights[inner * stride..][..stride]),
            rows: rows.len(),
            inner,
            columns: stride,
        });
    }

    /// Goes back from the gradient of what came out, after a way there with these inputs: adds the
    /// gradients of the weights to those at [`Self::place`].
    pub fn backward<T: Real>(
        &self,
        weights: &[T],
        inputs: &Matrix<T>,
        of_output: &Matrix<T>,
        tape: &mut CoreTape<T>,
        gradients: &mut [T],
    ) {
        let (size, stride) = (self.size, self.stride());
        let sequences = tape.counts.first().map_or(0, |&count| count as usize);
        for carried in [&mut tape.of_output, &mut tape.of_cell] {
            carried.set_rows(sequences);
            carried.clear();
        }
        let state = &weights[self.state_start()..][..size * stride];
        transpose(state, size, stride, &mut tape.transposed, padded(size));
        let mut end = inputs.rows();
        for time in (0..tape.counts.len()).rev() {
            let count = tape.counts[time] as usize;
            let start = end - count;
            for idx in 0..count {
                self.kind.step_back(tape, of_output.row(start + idx), (start + idx, idx));
            }
            T::multiply(Product {
                a: &tape.of_state.flat()[start * stride..],
                a_stride: stride,
                side: Side::Plain,
                b: &tape.transposed,
                c: &mut tape.of_output.flat_mut()[..count * padded(size)],
                start: Start::There,
                rows: count,
                inner: self.kind.gates() * size,
                columns: padded(size),
            });
            end = start;
        }
        let (of_inputs, of_states) = gradients.split_at_mut(self.state_start());
        self.add_gradients((inputs, self.inputs), &tape.gates, of_inputs);
        self.add_gradients((&tape.before, size), &tape.of_state, of_states);
    }

    /// `dW += Xᵀ dC` and `db += Σ dC`.
    fn add_gradients<T: Real>(
        &self,
        (from, inner): (&Matrix<T>, usize),
        delta: &Matrix<T>,
        gradients: &mut [T],
    ) {
        let stride = self.stride();
        let (weights, bias) = gradients.split_at_mut(inner * stride);
        T::multiply(Product {
            a: from.flat(),
            a_stride: from.stride(),
            side: Side::Transposed,
            b: delta.flat(),
            c: weights,
            start: Start::There,
            rows: inner,
            inner: from.rows(),
            columns: stride,
        });
        vectorised(|| {
            for row in delta.flat().chunks_exact(stride) {
                bias.iter_mut().zip(row).for_each(|(bias, &delta)| *bias += delta);
            }
        });
    }
}
