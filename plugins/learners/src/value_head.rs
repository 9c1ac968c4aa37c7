//! What a value net puts out, and the values of choices behind it: plain numbers, chances of fixed
//! values, or quantiles; with or without a state value of its own.

use kit::categorical::softmax;
use kit::real::Real;
use plugin_api::prelude::*;

/// What is known of the return of a choice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Its mean.
    Mean,
    /// The chances of so many values, evenly between two (Bellemare et al., 2017).
    Chances { atoms: usize, low: f32, high: f32 },
    /// So many quantiles (Dabney et al., 2018).
    Quantiles { atoms: usize },
}

/// How a row of outputs becomes atoms of choices.
#[derive(Clone, Debug)]
pub(crate) struct ValueHead {
    pub(crate) kind: Kind,
    pub(crate) choices: usize,
    /// Whether outputs are a value of the state and advantages of the choices (Wang et al., 2016).
    dueling: bool,
}

impl ValueHead {
    pub(crate) fn new(kind: Kind, choices: usize, dueling: bool) -> Self {
        Self { kind, choices, dueling }
    }

    /// Numbers kept of each choice.
    pub(crate) fn atoms(&self) -> usize {
        match self.kind {
            Kind::Mean => 1,
            Kind::Chances { atoms, .. } | Kind::Quantiles { atoms } => atoms,
        }
    }

    /// Numbers that the net puts out.
    pub(crate) fn outputs(&self) -> usize {
        (self.choices + usize::from(self.dueling)) * self.atoms()
    }

    /// The value that an atom of chances stands for.
    pub(crate) fn support(&self, atom: usize) -> f32 {
        let Kind::Chances { atoms, low, high } = self.kind else { return 0.0 };
        low + (high - low) * atom as f32 / (atoms - 1) as f32
    }

    /// Writes the atoms of one choice: `V + A(a) - mean A` where the net is dueling.
    pub(crate) fn atoms_of(&self, outputs: &[f32], choice: usize, atoms: &mut [f32]) {
        let count = atoms.len();
        atoms.copy_from_slice(&outputs[choice * count..][..count]);
        if self.dueling {
            let share = 1.0 / self.choices as f32;
            for (atom, value) in atoms.iter_mut().enumerate() {
                let advantages = (0..self.choices).map(|choice| outputs[choice * count + atom]);
                *value += outputs[self.choices * count + atom] - share * advantages.sum::<f32>();
            }
        }
    }

    /// The gradient of the atoms of one choice becomes that of the outputs.
    pub(crate) fn back(&self, atoms: &[f32], choice: usize, outputs: &mut [f32]) {
        let count = atoms.len();
        outputs.fill(0.0);
        if self.dueling {
            let share = 1.0 / self.choices as f32;
            for (atom, &gradient) in atoms.iter().enumerate() {
                for choice in 0..self.choices {
                    outputs[choice * count + atom] = -share * gradient;
                }
                outputs[self.choices * count + atom] = gradient;
            }
        }
        for (output, gradient) in outputs[choice * count..][..count].iter_mut().zip(atoms) {
            *output += gradient;
        }
    }

    /// The mean return of every choice.
    pub(crate) fn values(&self, outputs: &[f32], room: &mut Room, values: &mut [f32]) {
        if self.kind == Kind::Mean && !self.dueling {
            return values.copy_from_slice(&outputs[..self.choices]);
        }
        for (choice, value) in values.iter_mut().enumerate() {
            self.atoms_of(outputs, choice, &mut room.atoms);
            *value = self.mean(room);
        }
    }

    /// The mean return behind the atoms in the room.
    fn mean(&self, room: &mut Room) -> f32 {
        match self.kind {
            Kind::Mean => room.atoms[0],
            Kind::Quantiles { atoms } => room.atoms.iter().sum::<f32>() / atoms as f32,
            Kind::Chances { .. } => {
                softmax(&room.atoms, &[], &mut room.probs, &mut room.log_probs);
                let all = room.probs.iter().enumerate();
                all.map(|(atom, prob)| prob * self.support(atom)).sum()
            }
        }
    }

    pub(crate) fn room(&self) -> Room {
        let atoms = vec![0.0; self.atoms()];
        Room {
            values: vec![0.0; self.choices],
            next: atoms.clone(),
            target: atoms.clone(),
            probs: atoms.clone(),
            log_probs: atoms.clone(),
            atoms,
        }
    }
}

/// Room for the atoms of one row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Room {
    pub(crate) values: Vec<f32>,
    /// Atoms of the choice that was made, then their gradient.
    pub(crate) atoms: Vec<f32>,
    /// Atoms of the best next choice.
    pub(crate) next: Vec<f32>,
    pub(crate) target: Vec<f32>,
    pub(crate) probs: Vec<f32>,
    pub(crate) log_probs: Vec<f32>,
}

/// The first best choice that is allowed.
pub(crate) fn best(values: &[f32], mask: &[u8]) -> usize {
    let mut best: Option<usize> = None;
    for (choice, value) in values.iter().enumerate() {
        let allowed = mask.get(choice) != Some(&0);
        if allowed && best.is_none_or(|best| *value > values[best]) {
            best = Some(choice);
        }
    }
    best.unwrap_or(0)
}

/// Moves the chances of `values` to the fixed places between `low` and `high`: each is split among
/// its two neighbours by nearness (Bellemare et al., 2017, algorithm 1).
pub(crate) fn project(
    (low, high): (f32, f32),
    values_and_chances: impl Iterator<Item = (f32, f32)>,
    target: &mut [f32],
) {
    target.fill(0.0);
    let last = target.len() - 1;
    let gap = (high - low) / last as f32;
    for (value, chance) in values_and_chances {
        let place = ((value.clamp(low, high) - low) / gap).clamp(0.0, last as f32);
        let left = (place as usize).min(last);
        let part = place - left as f32;
        target[left] += chance * (1.0 - part);
        if part > 0.0 {
            target[left + 1] += chance * part;
        }
    }
}

/// The sum over quantiles of the mean over targets of the quantile Huber loss with κ = 1, and its
/// gradient in place of the quantiles: `|τ̂ᵢ - [u < 0]| h(u)` with `u = target - θᵢ` and
/// `τ̂ᵢ = (2i + 1) / 2n`.
pub(crate) fn quantile_huber<T: Real>(quantiles: &mut [T], targets: &[T]) -> T {
    let count = T::of(quantiles.len() as f64);
    let share = T::ONE / T::of(targets.len() as f64);
    let mut loss = T::ZERO;
    for (i, quantile) in quantiles.iter_mut().enumerate() {
        let tau = T::of(i as f64 + 0.5) / count;
        let mut slope = T::ZERO;
        for &target in targets {
            let u = target - *quantile;
            let weight = if u < T::ZERO { T::ONE - tau } else { tau };
            loss += share * weight * huber(u);
            slope -= share * weight * u.within(-T::ONE, T::ONE);
        }
        *quantile = slope;
    }
    loss
}

/// ½ u² near 0 and |u| - ½ beyond 1; its slope is u between -1 and 1.
pub(crate) fn huber<T: Real>(u: T) -> T {
    let half = T::of(0.5);
    if u.abs() <= T::ONE { half * u * u } else { u.abs() - half }
}

/// Whether a row goes on: its value counts unless the world came to an end.
pub(crate) fn goes_on(flags: u8) -> bool {
    flags & TERMINATED == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Central differences of a function at a point.
    fn differences(at: &[f64], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
        let moved = |idx: usize, by: f64| {
            let mut point = at.to_vec();
            point[idx] += by;
            f(&point)
        };
        (0..at.len()).map(|idx| (moved(idx, 1e-6) - moved(idx, -1e-6)) / 2e-6).collect()
    }

    #[track_caller]
    fn agree(ours: &[f64], right: &[f64]) {
        for (ours, right) in ours.iter().zip(right) {
            assert!((ours - right).abs() <= 1e-6 * right.abs().max(1e-2), "{ours}, not {right}");
        }
        assert!(right.iter().any(|x| x.abs() > 1e-3), "nothing to compare");
    }

    /// Values on a place, between two and beyond the ends keep all of their chances.
    #[test]
    #[expect(clippy::float_cmp, reason = "the chances are exact")]
    fn chances_move_to_fixed_places_and_none_is_lost() {
        let moved = |values: &[(f32, f32)]| {
            let mut target = [0.0; 5];
            project((0.0, 4.0), values.iter().copied(), &mut target);
            target
        };
        assert_eq!(moved(&[(2.0, 1.0)]), [0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(moved(&[(4.0, 0.5), (0.0, 0.5)]), [0.5, 0.0, 0.0, 0.0, 0.5]);
        assert_eq!(moved(&[(1.25, 1.0)]), [0.0, 0.75, 0.25, 0.0, 0.0]);
        assert_eq!(moved(&[(-3.0, 0.25), (9.0, 0.75)]), [0.25, 0.0, 0.0, 0.0, 0.75]);
        let many: Vec<_> = (0..40).map(|i| (i as f32 * 0.173 - 1.0, 0.025)).collect();
        assert!((moved(&many).iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_loss_of_quantiles_has_the_slope_it_leaves_behind() {
        let (at, targets) = ([-1.7, 0.2, 0.9, 3.1], [-0.4, 0.55, 2.6]);
        let mut ours = at;
        let loss = quantile_huber(&mut ours, &targets);
        assert!(loss > 0.0);
        agree(&ours, &differences(&at, |at| quantile_huber(&mut at.to_vec(), &targets)));
    }

    #[test]
    fn huber_is_a_parabola_with_straight_arms() {
        for (u, right) in [(0.0, 0.0), (0.5, 0.125), (-1.0, 0.5), (3.0, 2.5), (-4.0, 3.5)] {
            assert!((huber::<f64>(u) - right).abs() < 1e-12, "{u}");
        }
        let at: [f64; 4] = [-2.0, -0.3, 0.6, 1.5];
        let slopes = at.map(|u| u.clamp(-1.0, 1.0));
        agree(&slopes, &differences(&at, |at| at.iter().map(|&u| huber(u)).sum()));
    }

    /// What C51 goes down has the gradient `p - m`.
    #[test]
    fn the_loss_of_chances_has_the_slope_of_their_distance() {
        let (at, target) = ([0.3, -1.0, 0.8, 0.1], [0.1, 0.5, 0.0, 0.4]);
        let loss = |at: &[f64]| {
            let (mut probs, mut logs) = ([0.0; 4], [0.0; 4]);
            softmax(at, &[], &mut probs, &mut logs);
            -target.iter().zip(logs).map(|(m, ln)| m * ln).sum::<f64>()
        };
        let (mut probs, mut logs) = ([0.0; 4], [0.0; 4]);
        softmax(&at, &[], &mut probs, &mut logs);
        let ours: Vec<f64> = probs.iter().zip(target).map(|(p, m)| p - m).collect();
        agree(&ours, &differences(&at, loss));
    }

    /// The way back through values and advantages is the transpose of the way there.
    #[test]
    fn a_dueling_head_goes_back_the_way_it_came() {
        for dueling in [false, true] {
            let head = ValueHead::new(Kind::Quantiles { atoms: 2 }, 3, dueling);
            let outputs: Vec<f32> = (0..head.outputs()).map(|i| (i as f32).sin()).collect();
            let (slopes, mut there, mut back) = ([0.5, -2.0], [0.0; 2], outputs.clone());
            head.back(&slopes, 1, &mut back);
            for (idx, slope) in back.iter().enumerate() {
                let mut moved = outputs.clone();
                let mut value = |by: f32| {
                    moved[idx] = outputs[idx] + by;
                    head.atoms_of(&moved, 1, &mut there);
                    slopes[0] * there[0] + slopes[1] * there[1]
                };
                let difference = (value(0.5) - value(-0.5)) / 1.0;
                assert!((slope - difference).abs() < 1e-5, "{dueling} {idx}: {slope}");
            }
        }
    }
}
