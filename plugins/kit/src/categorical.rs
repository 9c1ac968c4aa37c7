//! The law of a choice given by logits, where some choices may be forbidden.

use crate::real::Real;

/// ln of the probability of what was chosen, and the entropy of the law.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Judged<T> {
    /// ln π(a).
    pub log_prob: T,
    /// `H = -Σ π ln π`, over what is allowed.
    pub entropy: T,
}

/// Logit of what is forbidden: its probability is 0, and 0 · ln 0 stays a number.
const FORBIDDEN: f64 = -1e8;

#[inline]
fn logit<T: Real>(logits: &[T], mask: &[u8], choice: usize) -> T {
    if mask.get(choice) == Some(&0) { T::of(FORBIDDEN) } else { logits[choice] }
}

/// Fills in the probabilities and their logarithms; an empty mask allows everything.
pub fn softmax<T: Real>(logits: &[T], mask: &[u8], probs: &mut [T], log_probs: &mut [T]) {
    let logit = |choice| logit(logits, mask, choice);
    let top = (0..logits.len()).map(logit).fold(T::of(f64::NEG_INFINITY), T::max);
    let mut sum = T::ZERO;
    for (choice, prob) in probs.iter_mut().enumerate() {
        *prob = (logit(choice) - top).exp();
        sum += *prob;
    }
    let log_sum = sum.ln();
    for (choice, (prob, log_prob)) in probs.iter_mut().zip(log_probs).enumerate() {
        *log_prob = logit(choice) - top - log_sum;
        *prob = if mask.get(choice) == Some(&0) { T::ZERO } else { *prob / sum };
    }
}

/// Judges a choice. `probs` is filled in.
pub fn judge<T: Real>(
    logits: &[T],
    mask: &[u8],
    choice: usize,
    probs: &mut [T],
    log_probs: &mut [T],
) -> Judged<T> {
    softmax(logits, mask, probs, log_probs);
    let parts = probs.iter().zip(log_probs.iter());
    let entropy = -parts.map(|(&p, &ln)| if p > T::ZERO { p * ln } else { T::ZERO }).sum::<T>();
    Judged { log_prob: log_probs[choice], entropy }
}

/// Adds the gradient of `by_log_prob · ln π(a) + by_entropy · H` to that of the logits:
/// `∂ ln π(a) / ∂zⱼ = [j = a] - πⱼ` and `∂H / ∂zⱼ = -πⱼ (ln πⱼ + H)`.
pub fn add_gradient<T: Real>(
    (probs, log_probs): (&[T], &[T]),
    choice: usize,
    judged: Judged<T>,
    (by_log_prob, by_entropy): (T, T),
    logits: &mut [T],
) {
    for (j, logit) in logits.iter_mut().enumerate() {
        if probs[j] > T::ZERO {
            let hit = if j == choice { T::ONE } else { T::ZERO };
            *logit += by_log_prob * (hit - probs[j])
                - by_entropy * probs[j] * (log_probs[j] + judged.entropy);
        }
    }
}
