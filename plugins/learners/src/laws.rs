//! How far two laws over the same choices differ: the divergence of `softmax Q` of one net from
//! that of another.

use kit::categorical::softmax;

/// The law of a net in one state.
#[derive(Clone, Debug)]
struct Of {
    values: Vec<f32>,
    probs: Vec<f32>,
    log_probs: Vec<f32>,
}

/// Room for two laws.
#[derive(Clone, Debug)]
pub(crate) struct Laws([Of; 2]);

impl Laws {
    /// Over so many choices.
    pub(crate) fn new(choices: usize) -> Self {
        let room = || vec![0.0; choices];
        Self([(); 2].map(|()| Of { values: room(), probs: room(), log_probs: room() }))
    }

    /// `Σ p (ln p - ln q)`, where `tell` writes the values of the choices of the first and of the
    /// second net.
    pub(crate) fn divergence(&mut self, mut tell: impl FnMut(usize, &mut [f32])) -> f64 {
        for (which, law) in self.0.iter_mut().enumerate() {
            tell(which, &mut law.values);
            softmax(&law.values, &[], &mut law.probs, &mut law.log_probs);
        }
        let [p, q] = &self.0;
        let terms = p.probs.iter().zip(&p.log_probs).zip(&q.log_probs);
        terms.map(|((p, ln_p), ln_q)| f64::from(p * (ln_p - ln_q))).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_divergence_is_its_definition_and_nothing_from_itself() {
        let mut laws = Laws::new(2);
        let mut of = |p: [f32; 2], q: [f32; 2]| {
            laws.divergence(|which, values| {
                values.copy_from_slice(&[p, q][which].map(|chance| chance.ln() + 3.0));
            })
        };
        let right = 0.25 * (0.25_f64 / 0.5).ln() + 0.75 * (0.75_f64 / 0.5).ln();
        assert!((of([0.25, 0.75], [0.5, 0.5]) - right).abs() < 1e-6);
        assert!(of([0.1, 0.9], [0.1, 0.9]).abs() < 1e-7);
    }

    /// A greedy policy that takes any of n choices with chance ε diverges by `-ln (1 - ε + ε / n)`
    /// from the greedy one: what noise on weights aims at.
    #[test]
    fn chance_diverges_by_what_noise_aims_at() {
        let (epsilon, n) = (0.3_f32, 3);
        let mixed = [1.0 - epsilon + epsilon / n as f32, epsilon / n as f32, epsilon / n as f32];
        let divergence = Laws::new(n).divergence(|which, values| match which {
            0 => values.copy_from_slice(&[100.0, 0.0, 0.0]),
            _ => values.copy_from_slice(&mixed.map(f32::ln)),
        });
        let aim = -(1.0 - 0.3 + 0.3 / 3.0_f64).ln();
        assert!((divergence - aim).abs() < 1e-6, "{divergence}, not {aim}");
    }
}
