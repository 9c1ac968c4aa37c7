//! The optimisers of `kit`, each a few calls over all weights at once.

use super::Torch;
use super::tensors::Tensors;
use kit::Rule;
use kit::backend::OptimiserOps;
use plugin_api::Archive;
use tch::{Device, Tensor};

/// What a step of size 0 is taken for: nothing that can be seen, and no division overflows by it.
const SMALLEST_STEP: f64 = 1e-30;

/// A rule and the averages it keeps.
#[derive(Debug)]
pub struct Optimiser {
    rule: Rule,
    first: Tensor,
    second: Tensor,
    steps: u64,
}

impl Optimiser {
    pub(super) fn new(rule: Rule, weights: &Tensors) -> Self {
        let keep = |kept: bool| {
            let len = if kept { weights.flat.numel() } else { 0 };
            weights.flat.narrow(0, 0, len as i64).zeros_like()
        };
        let first = match rule {
            Rule::Sgd { momentum } => momentum != 0.0,
            Rule::RmsProp { .. } => false,
            Rule::Adam { .. } => true,
        };
        let second = !matches!(rule, Rule::Sgd { .. });
        Self { rule, first: keep(first), second: keep(second), steps: 0 }
    }

    /// `w -= rate (momentum mean + g)`.
    fn sgd(&mut self, weights: &mut Tensor, gradients: &Tensor, rate: f64, momentum: f64) {
        if momentum == 0.0 {
            let _ = weights.g_sub_(&(gradients * rate));
            return;
        }
        let keep = if self.steps == 1 { 0.0 } else { momentum };
        let _ = self.first.g_mul_scalar_(keep).g_add_(gradients);
        let _ = weights.g_sub_(&(&self.first * rate));
    }

    /// The quotient is divided by the rate below, which saves a pass over all weights.
    fn rms_prop(&mut self, weights: &mut Tensor, gradients: &Tensor, rate: f64, rule: RmsProp) {
        let _ = self.second.lerp_(&gradients.square(), 1.0 - rule.alpha);
        let mut below = if rule.epsilon_inside {
            (&self.second + rule.epsilon).sqrt_()
        } else {
            self.second.sqrt().g_add_scalar_(rule.epsilon)
        };
        let below = below.g_mul_scalar_(-1.0 / rate);
        let _ = weights.addcdiv_(gradients, &below);
    }

    fn adam(&mut self, weights: &mut Tensor, gradients: &Tensor, rate: f64, rule: Adam) {
        let power = self.steps.min(i32::MAX as u64) as i32;
        let size = rate / (1.0 - rule.betas.0.powi(power));
        let inverse_root = 1.0 / (1.0 - rule.betas.1.powi(power)).sqrt();
        let _ = self.first.lerp_(gradients, 1.0 - rule.betas.0);
        let _ = self.second.lerp_(&gradients.square(), 1.0 - rule.betas.1);
        if rule.decay != 0.0 {
            let _ = weights.g_mul_scalar_(1.0 - rate * rule.decay);
        }
        let mut below = self.second.sqrt();
        let mut below = below.g_mul_scalar_(-inverse_root / size);
        let below = below.g_add_scalar_(-rule.epsilon / size);
        let _ = weights.addcdiv_(&self.first, &below);
    }
}

/// As in [`Rule::RmsProp`].
struct RmsProp {
    alpha: f64,
    epsilon: f64,
    epsilon_inside: bool,
}

/// As in [`Rule::Adam`].
struct Adam {
    betas: (f64, f64),
    epsilon: f64,
    decay: f64,
}

impl OptimiserOps<Torch> for Optimiser {
    fn step(&mut self, weights: &mut Tensors, gradients: &Tensors, rate: f64) {
        self.steps += 1;
        // A step of size 0 only moves the averages; the rules below divide by it.
        let rate = rate.max(SMALLEST_STEP);
        let (weights, gradients) = (&mut weights.flat, &gradients.flat);
        match self.rule {
            Rule::Sgd { momentum } => self.sgd(weights, gradients, rate, momentum),
            Rule::RmsProp { alpha, epsilon, epsilon_inside } => {
                let rule = RmsProp { alpha, epsilon, epsilon_inside };
                self.rms_prop(weights, gradients, rate, rule);
            }
            Rule::Adam { betas, epsilon, decay } => {
                self.adam(weights, gradients, rate, Adam { betas, epsilon, decay });
            }
        }
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("steps", &mut self.steps);
        for (name, tensor) in [("first", &mut self.first), ("second", &mut self.second)] {
            let mut values = vec![0.0f32; tensor.numel()];
            tensor.to_device(Device::Cpu).copy_data(&mut values, tensor.numel());
            archive.slice(name, &mut values);
            if archive.is_loading() {
                tensor.copy_(&Tensor::from_slice(&values));
            }
        }
    }
}
