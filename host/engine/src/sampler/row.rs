//! One row of any kind, element after element: what the fast forms leave over.

#![expect(clippy::float_cmp, reason = "ties and marked values are exactly equal")]

use super::law::{Law, write_env_row};
use super::{Draw, ELEMENTS_MAX, Moment, Noise, Rule, Sampler, real, softmax};
use crate::maths;
use plugin_api::needs::Head;
use plugin_api::rng::Stream;
use plugin_api::{Error, Result};

/// The element under which a row draws whether any action is to be taken.
const WHETHER_ANY: usize = ELEMENTS_MAX;

/// One row of a draw.
struct Row<'a> {
    head: &'a [f32],
    mask: &'a [u8],
    stream: Stream,
    step: u64,
    /// What was drawn, as learners see it.
    action: &'a mut [f32],
}

/// The part of a head row and of a mask row that belongs to one element.
struct Part<'a> {
    logits: &'a [f32],
    mask: &'a [u8],
}

/// Why a row has no action.
enum Trouble {
    AllForbidden,
    Forbidden { element: usize, value: f32 },
    Misfit { element: usize, value: f32 },
    NotFinite { element: usize },
}

impl Sampler {
    /// Draws the action of one row.
    pub(super) fn draw_row(
        &self,
        rule: Rule,
        moment: Moment,
        row: usize,
        draw: &mut Draw<'_>,
        noise: &mut Noise,
    ) -> Result<()> {
        let width = self.laws.len();
        let masks = if draw.masks.is_empty() { 0 } else { self.mask_width };
        let mut one = Row {
            head: &draw.head[row * self.head_width..][..self.head_width],
            mask: &draw.masks[row * masks..][..masks],
            stream: Stream::new(moment.key, moment.first_lane + row as u64),
            step: moment.lane_step,
            action: &mut draw.actions[row * width..][..width],
        };
        let drawn = match rule {
            Rule::Best | Rule::Greedy => self.greedy(&mut one, rule == Rule::Greedy),
            Rule::Own { temperature } => self.own(&mut one, temperature, noise),
            Rule::Uniform => self.uniform(&mut one),
            Rule::Mixed { epsilon } => self.mixed(&mut one, epsilon),
            Rule::Normal { std } => self.noisy(&mut one, std),
            Rule::Process { keep, gain } => self.driven(&mut one, keep, gain, noise.row(row)),
        };
        let finite = |log_prob| match one.action.iter().position(|x| !x.is_finite()) {
            Some(element) => Err(Trouble::NotFinite { element }),
            None => Ok(log_prob),
        };
        let log_prob = drawn.and_then(finite).map_err(|e| self.explain(e, moment, row))?;
        draw.log_probs[row] = log_prob as f32;
        let bytes = self.env_row_bytes();
        let env_row = &mut draw.env_actions[row * bytes..][..bytes];
        write_env_row(&self.laws, self.dtype, one.action, env_row);
        Ok(())
    }

    /// The best action of a row and ln of its probability, which ties share when they are `drawn`.
    fn greedy(&self, row: &mut Row<'_>, drawn: bool) -> Result<f64, Trouble> {
        let mut log_prob = 0.0;
        for (element, law, part) in self.parts(row.head, row.mask) {
            let best = match (self.head, law) {
                (Head::Values | Head::Logits, Law::Choice { .. }) => {
                    let (best, ties) = part.best().ok_or(Trouble::AllForbidden)?;
                    if drawn && ties > 1 {
                        log_prob -= maths::ln(ties as f64);
                        let rank = row.stream.below(row.counter(element), ties);
                        part.best_of_rank(best, rank)
                    } else {
                        part.best_of_rank(best, 0)
                    }
                }
                (Head::Values | Head::Logits, _) if drawn && part.logits[0] == 0.0 => {
                    log_prob -= std::f64::consts::LN_2;
                    row.stream.below(row.counter(element), 2) as f64
                }
                (Head::Values | Head::Logits, _) => f64::from(u8::from(part.logits[0] > 0.0)),
                (Head::Action, _) => given(element, law, &part, row.head[element])?,
                (Head::Gaussian, _) => f64::from(row.head[element]),
                _ => real::squash(f64::from(row.head[element]), law.scale()),
            };
            row.action[element] = best as f32;
        }
        Ok(log_prob)
    }

    /// ln of the probability that [`Self::greedy`] draws this action of choices and bits.
    fn greedy_log_prob(&self, row: &Row<'_>) -> f64 {
        let mut log_prob = 0.0;
        for (element, law, part) in self.parts(row.head, row.mask) {
            let action = row.action[element];
            let ties = match (self.head, law) {
                (Head::Values | Head::Logits, Law::Choice { .. }) => match part.best() {
                    Some((best, ties)) if part.logits[action as usize] == best => ties,
                    _ => 0,
                },
                (Head::Values | Head::Logits, _) if part.logits[0] == 0.0 => 2,
                (Head::Values | Head::Logits, _) => {
                    usize::from((part.logits[0] > 0.0) == (action > 0.0))
                }
                _ => usize::from(row.head[element] == action),
            };
            log_prob -= maths::ln(ties as f64);
        }
        if log_prob == f64::INFINITY { f64::NEG_INFINITY } else { log_prob }
    }

    /// A draw from the distribution that the head describes.
    fn own(&self, row: &mut Row<'_>, temperature: f64, noise: &mut Noise) -> Result<f64, Trouble> {
        let mut log_prob = 0.0;
        let width = self.laws.len();
        for (element, law, part) in self.parts(row.head, row.mask) {
            let counter = row.counter(element);
            let (action, log_density) = match self.head {
                Head::Gaussian | Head::SquashedGaussian => {
                    let (mean, log_std) = (row.head[element], row.head[width + element]);
                    let (mean, log_std) = (f64::from(mean), f64::from(log_std));
                    let z = if self.is_drawn {
                        f64::from(row.head[2 * width + element])
                    } else {
                        row.stream.normal(counter)
                    };
                    if self.head == Head::Gaussian {
                        real::gaussian(mean, log_std, z)
                    } else {
                        real::squashed(mean, log_std, z, law.scale())
                    }
                }
                _ if matches!(law, Law::Bit) => {
                    let logit = f64::from(part.logits[0]) / temperature;
                    let (one, log_prob) = softmax::bit(logit, row.stream.random(counter));
                    (f64::from(u8::from(one)), log_prob)
                }
                _ => {
                    let random = row.stream.random(counter);
                    let weights = &mut noise.weights;
                    let drawn =
                        softmax::choice(part.logits, part.mask, temperature, random, weights);
                    let (choice, log_prob) = drawn.ok_or(Trouble::AllForbidden)?;
                    (choice as f64, log_prob)
                }
            };
            row.action[element] = action as f32;
            log_prob += log_density;
        }
        Ok(log_prob)
    }

    /// Any action.
    fn uniform(&self, row: &mut Row<'_>) -> Result<f64, Trouble> {
        let mut log_prob = self.uniform_log_density;
        for (element, law, part) in self.parts(row.head, row.mask) {
            let counter = row.counter(element);
            row.action[element] = if let Law::Choice { n, .. } = *law {
                let allowed = part.allowed(n);
                if allowed == 0 {
                    return Err(Trouble::AllForbidden);
                }
                log_prob -= maths::ln(allowed as f64);
                part.allowed_of_rank(n, row.stream.below(counter, allowed)) as f32
            } else {
                law.uniform(row.stream, counter, &mut log_prob) as f32
            };
        }
        Ok(log_prob)
    }

    /// Any action with chance epsilon, else the best.
    fn mixed(&self, row: &mut Row<'_>, epsilon: f64) -> Result<f64, Trouble> {
        let any = row.stream.random(row.counter(WHETHER_ANY)) < epsilon;
        let counted = |law: &Law| matches!(law, Law::Choice { .. } | Law::Bit | Law::Whole { .. });
        if !self.laws.iter().all(counted) {
            // A density and a certain action never meet, so that only the part that was drawn
            // counts.
            return Ok(if any {
                maths::ln(epsilon) + self.uniform(row)?
            } else {
                maths::ln(1.0 - epsilon) + self.greedy(row, true)?
            });
        }
        let uniform = if any {
            self.uniform(row)?
        } else {
            self.greedy(row, true)?;
            self.uniform_log_prob(row)
        };
        let best = (1.0 - epsilon) * maths::exp(self.greedy_log_prob(row));
        Ok(maths::ln(epsilon * maths::exp(uniform) + best))
    }

    /// ln of the probability that [`Self::uniform`] draws any certain action of choices and bits.
    fn uniform_log_prob(&self, row: &Row<'_>) -> f64 {
        let choices = self.parts(row.head, row.mask).map(|(_, law, part)| match law {
            Law::Choice { n, .. } => -maths::ln(part.allowed(*n) as f64),
            _ => 0.0,
        });
        self.uniform_log_density + choices.sum::<f64>()
    }

    /// The best action with independent noise on top, within bounds.
    fn noisy(&self, row: &mut Row<'_>, std: f64) -> Result<f64, Trouble> {
        let mut log_prob = self.greedy(row, false)?;
        for (element, law) in self.laws.iter().enumerate() {
            let z = row.stream.normal(row.counter(element));
            let (added, log_density) = real::noise(std, z, law.scale().0);
            row.action[element] = law.clip(f64::from(row.action[element]) + added) as f32;
            log_prob += log_density;
        }
        Ok(log_prob)
    }

    /// The best action with the process on top, which moves on by a step: x ← keep x + gain z.
    fn driven(
        &self,
        row: &mut Row<'_>,
        keep: f64,
        gain: f64,
        process: &mut [f64],
    ) -> Result<f64, Trouble> {
        let mut log_prob = self.greedy(row, false)?;
        for ((element, law), x) in self.laws.iter().enumerate().zip(process) {
            let z = row.stream.normal(row.counter(element));
            let half = law.scale().0;
            let (added, log_density) = real::noise(gain, z, half);
            let kept = keep * *x;
            *x = kept + gain * z;
            let moved = f64::from(row.action[element]) + kept * half + added;
            row.action[element] = law.clip(moved) as f32;
            log_prob += log_density;
        }
        Ok(log_prob)
    }

    /// Each element with its law and its part of head and mask.
    fn parts<'a>(
        &'a self,
        head: &'a [f32],
        mask: &'a [u8],
    ) -> impl Iterator<Item = (usize, &'a Law, Part<'a>)> {
        let ranked = matches!(self.head, Head::Values | Head::Logits);
        let (mut logits_at, mut mask_at) = (0, 0);
        self.laws.iter().enumerate().map(move |(element, law)| {
            let logits = if ranked { &head[logits_at..][..law.logits()] } else { &[] };
            let mask = if mask.is_empty() { mask } else { &mask[mask_at..][..law.choices()] };
            logits_at += law.logits();
            mask_at += law.choices();
            (element, law, Part { logits, mask })
        })
    }

    fn explain(&self, trouble: Trouble, moment: Moment, row: usize) -> Error {
        match trouble {
            Trouble::AllForbidden => moment.all_forbidden(row),
            Trouble::Forbidden { element, value } => moment.error(
                row,
                format!("the policy picked {value} for element {element}, which the mask forbids"),
            ),
            Trouble::Misfit { element, value } => moment.error(
                row,
                format!(
                    "the policy picked {value} for element {element}, which takes {}",
                    self.laws[element]
                ),
            ),
            Trouble::NotFinite { element } => moment.error(
                row,
                format!(
                    "element {element} of the action is not finite, its deviation is too large"
                ),
            ),
        }
    }
}

impl Moment {
    pub(super) fn all_forbidden(&self, row: usize) -> Error {
        self.error(row, crate::lanes::scan::ALL_FORBIDDEN)
    }
}

impl Row<'_> {
    fn counter(&self, element: usize) -> u64 {
        super::counter(element, self.step)
    }
}

impl Part<'_> {
    fn is_allowed(&self, choice: usize) -> bool {
        self.mask.get(choice) != Some(&0)
    }

    fn allowed(&self, n: usize) -> usize {
        (0..n).filter(|&choice| self.is_allowed(choice)).count()
    }

    fn allowed_of_rank(&self, n: usize, rank: usize) -> usize {
        let mut allowed = (0..n).filter(|&choice| self.is_allowed(choice));
        allowed.nth(rank).expect("the rank lies below the number of allowed choices")
    }

    /// The best value among the allowed choices, and how many have it.
    fn best(&self) -> Option<(f32, usize)> {
        let allowed = || (0..self.logits.len()).filter(|&choice| self.is_allowed(choice));
        let best = allowed().map(|choice| self.logits[choice]).reduce(f32::max)?;
        Some((best, allowed().filter(|&choice| self.logits[choice] == best).count()))
    }

    fn best_of_rank(&self, best: f32, rank: usize) -> f64 {
        let is_best = |&choice: &usize| self.is_allowed(choice) && self.logits[choice] == best;
        let choice = (0..self.logits.len()).filter(is_best).nth(rank);
        choice.expect("the rank lies below the number of best choices") as f64
    }
}

/// What the policy itself picked for an element, if it may.
fn given(element: usize, law: &Law, part: &Part<'_>, value: f32) -> Result<f64, Trouble> {
    if !law.admits(f64::from(value)) {
        return Err(Trouble::Misfit { element, value });
    }
    if matches!(law, Law::Choice { .. }) && !part.is_allowed(value as usize) {
        return Err(Trouble::Forbidden { element, value });
    }
    Ok(f64::from(value))
}
