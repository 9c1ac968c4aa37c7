//! Hidden units that are dead: whatever the net sees, they are silent or at one end of their range,
//! and so learn nothing.

use kit::backend::TapeOps;
use kit::{Activation, Matrix};
use plugin_api::prelude::*;

/// Updates from one look at them to the next, where updates are small: a look costs a copy.
const EVERY: u64 = 64;

/// How close to an end of tanh its ends are.
const END: f32 = 0.99;

/// Looks at the last hidden layer of a net.
#[derive(Debug)]
pub(crate) struct Dead {
    /// None in a net without hidden layers.
    activation: Option<Activation>,
    outputs: Matrix,
}

impl Dead {
    pub(crate) fn new(hidden: &[usize], activation: &str) -> Self {
        let activation = hidden.last().map(|_| Activation::named(activation));
        Self { activation, outputs: Matrix::new(0, hidden.last().copied().unwrap_or(0)) }
    }

    /// Now and then logs which share of them is dead for all rows of the last way there.
    pub(crate) fn look(&mut self, tape: &mut impl TapeOps, learn: &mut Learn<'_>) {
        if learn.updates.is_multiple_of(EVERY) {
            self.look_now(tape, learn.log);
        }
    }

    /// Logs it now.
    pub(crate) fn look_now(&mut self, tape: &mut impl TapeOps, log: &mut Log) {
        if let Some(activation) = self.activation {
            tape.hidden(&mut self.outputs);
            log.scalar("dead_units", share(&self.outputs, activation));
        }
    }
}

fn share(outputs: &Matrix, activation: Activation) -> f64 {
    let is_dead = |unit: usize| {
        let mut all = (0..outputs.rows()).map(|row| outputs.row(row)[unit]);
        match activation {
            Activation::Relu => all.all(|output| output <= 0.0),
            Activation::Tanh => {
                all.clone().all(|output| output >= END) || all.all(|output| output <= -END)
            }
        }
    };
    let units = outputs.columns();
    (0..units).filter(|&unit| is_dead(unit)).count() as f64 / units as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_that_never_speak_or_never_move_are_dead() {
        let mut outputs = Matrix::new(2, 4);
        outputs.row_mut(0).copy_from_slice(&[0.0, 0.0, 0.995, -1.0]);
        outputs.row_mut(1).copy_from_slice(&[0.0, 0.3, -0.999, -0.99]);
        assert_eq!(share(&outputs, Activation::Relu).to_bits(), 0.5_f64.to_bits());
        assert_eq!(share(&outputs, Activation::Tanh).to_bits(), 0.25_f64.to_bits());
    }
}
