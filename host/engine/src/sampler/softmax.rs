//! Draws from logits: one of several choices, or a bit.

use crate::maths;

/// One of the choices, with probability proportional to exp(logit / temperature), and ln of that.
///
/// `random` lies in [0, 1), `weights` has room for the choices, `mask` is empty when all are
/// allowed; `None` when none is.
pub(super) fn choice(
    logits: &[f32],
    mask: &[u8],
    temperature: f64,
    random: f64,
    weights: &mut [f64],
) -> Option<(usize, f64)> {
    let is_allowed = |choice: usize| mask.get(choice) != Some(&0);
    let largest = (0..logits.len()).filter(|&choice| is_allowed(choice)).map(|c| logits[c]);
    let largest = f64::from(largest.reduce(f32::max)?);
    let mut total = 0.0;
    for (choice, weight) in weights[..logits.len()].iter_mut().enumerate() {
        let exponent = (f64::from(logits[choice]) - largest) / temperature;
        *weight = if is_allowed(choice) { maths::exp(exponent) } else { 0.0 };
        total += *weight;
    }
    let mut left = random * total;
    let mut drawn = None;
    for (choice, &weight) in weights[..logits.len()].iter().enumerate() {
        // Rounding may leave a little over at the end: then the last possible choice is drawn.
        if weight > 0.0 {
            drawn = Some(choice);
            if left < weight {
                break;
            }
            left -= weight;
        }
    }
    let drawn = drawn?;
    let exponent = (f64::from(logits[drawn]) - largest) / temperature;
    Some((drawn, exponent - maths::ln(total)))
}

/// A bit that is 1 with probability 1 / (1 + exp(-logit)), and ln of the probability of what it is.
pub(super) fn bit(logit: f64, random: f64) -> (bool, f64) {
    let one = random < 1.0 / (1.0 + maths::exp(-logit));
    (one, -maths::softplus(if one { -logit } else { logit }))
}
