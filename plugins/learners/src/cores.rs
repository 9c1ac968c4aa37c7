//! What policy and value net remember: a core in front of each, fed with the encoded observations.
//! Cores are computed by `kit` with every backend; only their weights and gradients travel.

use kit::backend::WeightOps;
use kit::{Core, CoreKind, CoreTape, Matrix, Weights};
use plugin_api::prelude::*;

/// A core for the policy and one for its values.
#[derive(Clone, Debug)]
pub(crate) struct Cores {
    cores: [Core; 2],
}

/// Room for ways through both and back.
#[derive(Clone, Debug)]
pub(crate) struct Passage {
    tapes: [CoreTape; 2],
    gradients: Vec<f32>,
}

impl Cores {
    /// Cores of a kind and size, whose weights are added to those there are.
    pub(crate) fn new(
        (kind, size): (CoreKind, usize),
        inputs: usize,
        weights: &mut Weights,
        rng: &mut Rng,
    ) -> Self {
        let shape = (kind, inputs, size);
        Self {
            cores: ["actor/core", "critic/core"].map(|name| Core::new(shape, name, weights, rng)),
        }
    }

    /// Numbers that are remembered of a lane.
    pub(crate) fn memory(&self) -> usize {
        self.cores.iter().map(Core::memory).sum()
    }

    /// Room for ways there and back.
    pub(crate) fn passage(&self) -> Passage {
        Passage { tapes: self.cores.each_ref().map(Core::tape), gradients: Vec::new() }
    }

    /// The way through packed sequences, see [`kit::recurrent`].
    pub(crate) fn forward<'m>(
        &self,
        weights: &impl WeightOps,
        inputs: &Matrix,
        (counts, memories): (&[u32], impl Iterator<Item = &'m [f32]> + Clone),
        passage: &mut Passage,
    ) {
        let mut place = 0;
        for (core, tape) in self.cores.iter().zip(&mut passage.tapes) {
            let (start, count) = core.place();
            let own = place..place + core.memory();
            let first = memories.clone().map(|memory| &memory[own.clone()]);
            core.forward(&weights.numbers(start, count), inputs, (counts, first), tape);
            place = own.end;
        }
    }

    /// One row for each lane, which is remembered.
    pub(crate) fn act(
        &self,
        weights: &impl WeightOps,
        inputs: &Matrix,
        memory: &mut RowsMut<'_>,
        passage: &mut Passage,
    ) {
        let counts = [inputs.rows() as u32];
        self.forward(weights, inputs, (&counts, memory.as_rows().iter()), passage);
        let own = self.cores[0].memory();
        for (row, memory) in memory.iter_mut().enumerate() {
            let (policy, value) = memory.split_at_mut(own);
            passage.tapes[0].remember(row, policy);
            passage.tapes[1].remember(row, value);
        }
    }

    /// Goes back from the gradients of what came out of both, and writes those of the weights.
    pub(crate) fn backward<W: WeightOps>(
        &self,
        weights: &W,
        inputs: &Matrix,
        of_outputs: [&Matrix; 2],
        Passage { tapes, gradients }: &mut Passage,
        into: &mut W,
    ) {
        for ((core, tape), of_output) in self.cores.iter().zip(tapes).zip(of_outputs) {
            let (start, count) = core.place();
            gradients.clear();
            gradients.resize(count, 0.0);
            core.backward(&weights.numbers(start, count), inputs, of_output, tape, gradients);
            into.write(start, gradients);
        }
    }
}

impl Passage {
    /// What came out for the policy net, and for the value net.
    pub(crate) fn outputs(&self) -> [&Matrix; 2] {
        self.tapes.each_ref().map(CoreTape::output)
    }
}
