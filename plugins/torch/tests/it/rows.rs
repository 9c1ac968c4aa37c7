//! What comes out for a row does not depend on the rows beside it: the host decides how many lanes
//! act in one call, by how long a step takes.

use crate::gradients::torch;
use kit::backend::{Backend, NetOps};
use kit::{Activation, Init, Matrix, Mlp, MlpSpec, Weights};
use plugin_api::Rng;

fn check(inputs: usize, hidden: &[usize], outputs: usize) {
    let mut rng = Rng::seeded(1);
    let mut weights = Weights::new();
    let init = (Init::Uniform, Init::Uniform);
    let spec =
        MlpSpec { inputs, hidden, outputs, activation: Activation::Tanh, layer_norm: false, init };
    let backend = torch();
    let net = Mlp::new("net", &spec, &mut weights, &mut rng);
    let (net, weights) = (backend.net(net), backend.weights(weights));
    let count = 70;
    let mut all = Matrix::new(count, inputs);
    for row in 0..count {
        all.row_mut(row).fill_with(|| rng.standard_normal() as f32);
    }
    let mut tape = net.tape();
    let together = net.forward(&weights, &all, &mut tape).clone();
    for length in [1, 2, 3, 5, 8, 17, 33, 64] {
        for first in (0..count).step_by(length) {
            let rows = first..count.min(first + length);
            let mut some = Matrix::new(rows.len(), inputs);
            for (to, from) in rows.clone().enumerate() {
                some.row_mut(to).copy_from_slice(all.row(from));
            }
            let apart = net.forward(&weights, &some, &mut tape);
            for (own, row) in rows.enumerate() {
                let (apart, together) = (apart.row(own), together.row(row));
                assert_eq!(apart, together, "{hidden:?}: row {row} in calls of {length}");
            }
        }
    }
}

#[test]
fn rows_are_computed_alike_alone_and_together() {
    check(4, &[64, 64], 2);
    check(23, &[256, 256], 1);
    check(17, &[100, 30], 6);
    check(376, &[512], 17);
}
