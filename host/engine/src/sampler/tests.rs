//! Tests of the sampler: what it draws is what it says, on every kind of head.

#![expect(clippy::float_cmp, reason = "what is compared is exactly equal")]

mod real;
mod warmup;

use super::*;
use crate::maths;
use plugin_api::Space;
use plugin_api::space::Bounds;
use std::collections::BTreeMap;

/// Everything about many rows that all have the same head and mask.
struct Drawn {
    width: usize,
    actions: Vec<f32>,
    env_actions: Vec<u8>,
    log_probs: Vec<f32>,
}

impl Drawn {
    fn rows(&self) -> impl Iterator<Item = (&[f32], f32)> {
        self.actions.chunks_exact(self.width).zip(self.log_probs.iter().copied())
    }

    fn bits(&self) -> Vec<u32> {
        let log_probs = self.log_probs.iter().map(|x| x.to_bits());
        self.actions.iter().map(|x| x.to_bits()).chain(log_probs).collect()
    }
}

fn task(actions: Space) -> Task {
    Task::new(Space::discrete(1), actions, 0)
}

fn moment(mode: Mode) -> Moment {
    Moment { key: 11, first_lane: 0, lane_step: 5, run_step: 0, mode }
}

/// Draws from the same head and mask in every lane, in pieces of the given sizes.
fn draw_pieces(
    sampler: &Sampler,
    moment: Moment,
    (head, mask): (&[f32], &[u8]),
    pieces: &[usize],
) -> Result<Drawn> {
    let width = sampler.action_width();
    let mut all =
        Drawn { width, actions: Vec::new(), env_actions: Vec::new(), log_probs: Vec::new() };
    for &rows in pieces {
        let first_lane = moment.first_lane + all.log_probs.len() as u64;
        let mut actions = vec![0.0; rows * width];
        let mut env_actions = vec![0; rows * sampler.env_row_bytes()];
        let mut log_probs = vec![0.0; rows];
        let draw = Draw {
            head: &head.repeat(rows),
            masks: &mask.repeat(rows),
            actions: &mut actions,
            env_actions: &mut env_actions,
            log_probs: &mut log_probs,
        };
        sampler.draw(Moment { first_lane, ..moment }, draw, &mut sampler.noise(rows))?;
        all.actions.append(&mut actions);
        all.env_actions.append(&mut env_actions);
        all.log_probs.append(&mut log_probs);
    }
    Ok(all)
}

fn draw_many(sampler: &Sampler, head: &[f32], mask: &[u8], rows: usize) -> Drawn {
    draw_pieces(sampler, moment(Mode::Train), (head, mask), &[rows]).expect("it draws")
}

fn sampler(head: Head, explore: Explore, actions: Space) -> Sampler {
    Sampler::new(head, explore, &task(actions)).expect("they go together")
}

fn epsilon(epsilon: f64) -> Explore {
    Explore::EpsilonGreedy { epsilon: epsilon.into() }
}

fn boltzmann(temperature: f64) -> Explore {
    Explore::Boltzmann { temperature: temperature.into() }
}

/// Draws choices or bits 200 000 times: every action always comes with the same log-probability,
/// these sum to one, frequencies agree with them (χ², p < 1e-6 by chance), and they are the
/// expected ones.
#[track_caller]
fn check(sampler: &Sampler, head: &[f32], mask: &[u8], expected: &[(&[u8], f64)]) {
    let rows = 200_000;
    let drawn = draw_many(sampler, head, mask, rows);
    let mut seen: BTreeMap<Vec<u8>, (usize, f32)> = BTreeMap::new();
    for (action, log_prob) in drawn.rows() {
        let key: Vec<u8> = action.iter().map(|&x| x as u8).collect();
        let entry = seen.entry(key).or_insert((0, log_prob));
        entry.0 += 1;
        assert_eq!(entry.1, log_prob, "one log-probability for each action");
    }
    for &(action, probability) in expected {
        let log_prob = f64::from(seen[action].1);
        assert!((log_prob.exp() - probability).abs() < 1e-6, "{action:?}: {}", log_prob.exp());
    }
    let total: f64 = seen.values().map(|(_, log_prob)| f64::from(*log_prob).exp()).sum();
    assert!((total - 1.0).abs() < 1e-5, "probabilities sum to {total}");
    let chi_square: f64 = seen
        .values()
        .map(|&(count, log_prob)| {
            let expected = f64::from(log_prob).exp() * rows as f64;
            (count as f64 - expected).powi(2) / expected
        })
        .sum();
    let freedom = seen.len() as f64 - 1.0;
    let limit = freedom + 5.0 * (2.0 * freedom).sqrt() + 12.0;
    assert!(chi_square < limit, "χ² is {chi_square} with {freedom} degrees of freedom");
}

#[test]
fn epsilon_greedy_reports_the_true_log_probability() {
    let sampler = sampler(Head::Values, epsilon(0.3), Space::discrete(4));
    check(&sampler, &[0.1, 0.7, -3.0, 0.2], &[], &[(&[1], 0.7 + 0.075), (&[0], 0.075)]);
    check(&sampler, &[0.7, 0.7, -3.0, 0.7], &[], &[(&[3], 0.7 / 3.0 + 0.075), (&[2], 0.075)]);
    check(&sampler, &[9.0, 0.7, -3.0, 0.2], &[0, 1, 1, 0], &[(&[1], 0.85), (&[2], 0.15)]);
}

#[test]
fn epsilon_greedy_over_many_choices() {
    let sampler = sampler(Head::Values, epsilon(0.5), Space::discrete(11));
    let mut head = [0.0; 11];
    head[10] = 1.0;
    check(&sampler, &head, &[], &[(&[10], 0.5 + 0.5 / 11.0), (&[0], 0.5 / 11.0)]);
    let mask = [1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0];
    check(&sampler, &head, &mask, &[(&[0], 1.0 / 9.0), (&[9], 1.0 / 9.0)]);
}

#[test]
fn no_and_full_exploration() {
    let head = [0.5, -1.0, 0.5];
    let none = sampler(Head::Values, epsilon(0.0), Space::discrete(3));
    check(&none, &head, &[], &[(&[0], 0.5), (&[2], 0.5)]);
    let full = sampler(Head::Values, epsilon(1.0), Space::discrete(3));
    check(&full, &head, &[], &[(&[0], 1.0 / 3.0), (&[1], 1.0 / 3.0)]);
    let greedy = sampler(Head::Values, Explore::Policy, Space::discrete(3));
    check(&greedy, &head, &[1, 1, 0], &[(&[0], 1.0)]);
}

#[test]
fn epsilon_greedy_around_an_action_and_around_logits() {
    let over_action = sampler(Head::Action, epsilon(0.4), Space::discrete_from(4, 7));
    check(&over_action, &[2.0], &[], &[(&[2], 0.7), (&[0], 0.1)]);
    check(&over_action, &[2.0], &[0, 1, 1, 0], &[(&[2], 0.8), (&[1], 0.2)]);
    let over_logits = sampler(Head::Logits, epsilon(0.4), Space::multi_discrete(&[2, 3]));
    let head = [1.0, 0.0, 5.0, 5.0, 1.0];
    let any = 0.4 / 6.0;
    check(&over_logits, &head, &[], &[(&[0, 1], 0.3 + any), (&[1, 2], any)]);
}

#[test]
fn temperature_divides_logits_and_not_probabilities() {
    let head = [1.0, 2.0, 4.0_f32];
    for temperature in [0.5, 1.0, 3.0] {
        let sampler = sampler(Head::Values, boltzmann(temperature), Space::discrete(3));
        let weights = head.map(|value| (f64::from(value) / temperature).exp());
        let total: f64 = weights.iter().sum();
        let expected = [(&[0][..], weights[0] / total), (&[2][..], weights[2] / total)];
        check(&sampler, &head, &[], &expected);
    }
    let high = sampler(Head::Values, boltzmann(1.0), Space::discrete(2));
    check(&high, &[1e30, 1e30], &[], &[(&[0], 0.5)]);
    let cold = sampler(Head::Logits, boltzmann(0.0), Space::discrete(3));
    check(&cold, &[1.0, 3.0, 3.0], &[], &[(&[1], 0.5), (&[2], 0.5)]);
}

#[test]
fn logits_of_every_kind_of_choice() {
    let ln = f32::ln;
    let discrete = sampler(Head::Logits, Explore::Policy, Space::discrete(3));
    let head = [ln(0.2), ln(0.5), ln(0.3)];
    check(&discrete, &head, &[], &[(&[0], 0.2), (&[1], 0.5), (&[2], 0.3)]);
    check(&discrete, &head, &[1, 0, 1], &[(&[0], 0.4), (&[2], 0.6)]);
    let multi = sampler(Head::Logits, Explore::Policy, Space::multi_discrete(&[2, 3]));
    let head = [ln(0.1), ln(0.9), ln(0.2), ln(0.5), ln(0.3)];
    check(&multi, &head, &[], &[(&[0, 0], 0.02), (&[1, 1], 0.45)]);
    check(&multi, &head, &[1, 1, 1, 0, 1], &[(&[0, 0], 0.04), (&[1, 2], 0.54)]);
    let bits = sampler(Head::Logits, Explore::Policy, Space::multi_binary(2));
    let head = [ln(0.2 / 0.8), ln(0.6 / 0.4)];
    check(&bits, &head, &[], &[(&[0, 0], 0.32), (&[1, 1], 0.12)]);
}

#[test]
fn any_choice_is_as_likely_as_any_other() {
    let discrete = sampler(Head::Action, Explore::Uniform, Space::discrete_from(5, -2));
    check(&discrete, &[0.0], &[], &[(&[0], 0.2), (&[4], 0.2)]);
    check(&discrete, &[0.0], &[0, 1, 0, 1, 1], &[(&[1], 1.0 / 3.0)]);
    let multi = sampler(Head::Action, Explore::Uniform, Space::multi_discrete(&[2, 3]));
    check(&multi, &[0.0, 0.0], &[], &[(&[1, 2], 1.0 / 6.0)]);
    let bits = sampler(Head::Logits, Explore::Uniform, Space::multi_binary(3));
    check(&bits, &[9.0, 9.0, 9.0], &[], &[(&[0, 1, 0], 0.125)]);
    let whole = sampler(Head::Action, Explore::Uniform, Space::range::<u8>(3.0, 6.0, &[1]));
    check(&whole, &[0.0], &[], &[(&[3], 0.25), (&[6], 0.25)]);
}

#[test]
fn evaluation_is_greedy_and_without_chance() {
    let evaluate = |head: Head, explore, space, row: &[f32], mask: &[u8]| {
        let sampler = sampler(head, explore, space);
        let drawn = draw_pieces(&sampler, moment(Mode::Evaluate), (row, mask), &[100]);
        let drawn = drawn.expect("it draws");
        assert!(drawn.rows().all(|(action, log_prob)| {
            action == &drawn.actions[..drawn.width] && log_prob == 0.0
        }));
        drawn.actions[..drawn.width].to_vec()
    };
    let choices = || Space::discrete(3);
    assert_eq!(evaluate(Head::Values, epsilon(1.0), choices(), &[1.0, 2.0, 2.0], &[]), [1.0]);
    assert_eq!(
        evaluate(Head::Values, epsilon(1.0), choices(), &[1.0, 2.0, 2.0], &[1, 0, 1]),
        [2.0]
    );
    assert_eq!(evaluate(Head::Logits, boltzmann(9.0), choices(), &[1.0, 1.0, 0.0], &[]), [0.0]);
    let multi = Space::multi_discrete(&[2, 2]);
    assert_eq!(
        evaluate(Head::Logits, Explore::Policy, multi, &[0.0, 1.0, 1.0, 1.0], &[]),
        [1.0, 0.0]
    );
    let bits = Space::multi_binary(3);
    assert_eq!(
        evaluate(Head::Logits, Explore::Policy, bits, &[1.0, 0.0, -1.0], &[]),
        [1.0, 0.0, 0.0]
    );
    let real = || Space::range::<f32>(-2.0, 2.0, &[1]);
    assert_eq!(evaluate(Head::Gaussian, Explore::Policy, real(), &[3.5, 0.0], &[]), [3.5]);
    let squashed = evaluate(Head::SquashedGaussian, Explore::Policy, real(), &[0.5, 0.0], &[]);
    assert!((squashed[0] - 2.0 * 0.5_f32.tanh()).abs() < 1e-6);
    let noise = Explore::Gaussian { std: 1.0.into() };
    assert_eq!(evaluate(Head::Action, noise, real(), &[1.5], &[]), [1.5]);
}

#[test]
fn draws_do_not_depend_on_how_lanes_are_cut_into_shards() {
    let noise = Explore::Gaussian { std: 0.2.into() };
    let real = || Space::range::<f32>(-2.0, 2.0, &[2]);
    for (head, explore, space, row) in [
        (Head::Values, epsilon(0.4), Space::discrete(3), &[1.0, 0.0, 1.0][..]),
        (Head::Values, epsilon(0.4), Space::discrete(9), &[0.0; 9]),
        (Head::Values, boltzmann(2.0), Space::discrete(3), &[1.0, 0.0, 1.0]),
        (Head::Action, Explore::Uniform, Space::discrete(6), &[0.0]),
        (Head::Logits, epsilon(0.4), Space::multi_discrete(&[2, 2]), &[0.0; 4]),
        (Head::Gaussian, Explore::Policy, real(), &[0.0; 4]),
        (Head::Action, noise, real(), &[0.0; 2]),
    ] {
        let sampler = sampler(head, explore, space);
        let moment = Moment { first_lane: 37, ..moment(Mode::Train) };
        let whole = draw_pieces(&sampler, moment, (row, &[]), &[300]).expect("it draws");
        let cut = draw_pieces(&sampler, moment, (row, &[]), &[1, 26, 64, 3, 130, 76]);
        let cut = cut.expect("it draws");
        assert_eq!(whole.bits(), cut.bits());
        assert_eq!(whole.env_actions, cut.env_actions);
    }
}

#[test]
fn lanes_steps_and_runs_do_not_share_draws() {
    let sampler = sampler(Head::Gaussian, Explore::Policy, Space::unbounded::<f32>(&[2]));
    let head = ([0.0; 4].as_slice(), [].as_slice());
    let mut all = Vec::new();
    for key in [1, 2] {
        for lane_step in [0, 1, 2] {
            let moment = Moment { key, lane_step, ..moment(Mode::Train) };
            all.extend(draw_pieces(&sampler, moment, head, &[50]).expect("it draws").actions);
        }
    }
    let count = all.len();
    all.sort_by(f32::total_cmp);
    all.dedup();
    assert_eq!(all.len(), count);
}

/// A change of one bit here changes what every recorded run replays.
#[test]
fn bits_never_change() {
    let mut digest = 0_u64;
    let mut add = |drawn: Drawn| {
        for bits in drawn.bits() {
            digest = digest.rotate_left(5).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(bits);
        }
    };
    let values = sampler(Head::Values, epsilon(0.4), Space::discrete(4));
    add(draw_many(&values, &[0.0, 1.0, 1.0, 0.5], &[], 500));
    let soft = sampler(Head::Logits, Explore::Policy, Space::multi_discrete(&[3, 2]));
    add(draw_many(&soft, &[0.0, 1.0, 1.0, 0.5, 0.2], &[], 500));
    let squashed =
        sampler(Head::SquashedGaussian, Explore::Policy, Space::range::<f32>(-1.0, 3.0, &[1]));
    add(draw_many(&squashed, &[0.3, -0.5], &[], 500));
    assert_eq!(digest, 0x8f0f_052f_e8fe_cdd8);
}

#[test]
fn worlds_get_rows_of_their_own_numbers() {
    let first = |sampler: &Sampler, head: &[f32]| {
        let drawn = draw_pieces(sampler, moment(Mode::Evaluate), (head, &[]), &[1]);
        drawn.expect("it draws").env_actions
    };
    let discrete = sampler(Head::Values, Explore::Policy, Space::discrete_from(3, -5));
    assert_eq!(first(&discrete, &[0.0, 0.0, 1.0]), (-3_i64).to_ne_bytes());
    let bits = sampler(Head::Logits, Explore::Policy, Space::multi_binary(2));
    assert_eq!(first(&bits, &[1.0, -1.0]), [1, 0]);
    let (low, high) = (Bounds::Each(vec![-1.0, 0.0]), Bounds::Each(vec![1.0, f64::INFINITY]));
    let space = Space::Box { low, high, shape: vec![2], dtype: Dtype::F64 };
    let wide = sampler(Head::Action, Explore::Policy, space);
    let expected = [(-1.0_f64).to_ne_bytes(), 7.0_f64.to_ne_bytes()].concat();
    assert_eq!(first(&wide, &[-3.0, 7.0]), expected);
    let whole = sampler(Head::Action, Explore::Policy, Space::range::<u8>(0.0, 9.0, &[2]));
    assert_eq!(first(&whole, &[2.6, 77.0]), [3, 9]);
}

#[track_caller]
fn check_error(drawn: Result<Drawn>, says: &str) {
    let message = drawn.err().expect("it is refused").to_string();
    assert!(message.contains(says), "{message}");
}

#[test]
fn troubles_name_lane_and_step() {
    let with = |sampler: &Sampler, head: &[f32], mask: &[u8], mode| {
        let moment = Moment { first_lane: 70, ..moment(mode) };
        draw_pieces(sampler, moment, (head, mask), &[2])
    };
    let train = Mode::Train;
    let lane = "lane 70 at its step 5: ";
    let all_forbidden = format!("{lane}the mask forbids every action");
    for (head, explore) in [
        (Head::Values, epsilon(0.5)),
        (Head::Values, Explore::Uniform),
        (Head::Values, boltzmann(1.0)),
        (Head::Logits, Explore::Policy),
    ] {
        for mode in [train, Mode::Evaluate] {
            if (explore, mode) != (Explore::Uniform, Mode::Evaluate) {
                let sampler = sampler(head, explore, Space::discrete(2));
                check_error(with(&sampler, &[0.0, 1.0], &[0, 0], mode), &all_forbidden);
            }
        }
    }
    let multi = sampler(Head::Logits, Explore::Policy, Space::multi_discrete(&[2, 2]));
    check_error(with(&multi, &[0.0; 4], &[1, 1, 0, 0], train), &all_forbidden);
    let values = sampler(Head::Values, Explore::Policy, Space::discrete(2));
    let nan = format!("{lane}element 1 of the policy's head is NaN");
    check_error(with(&values, &[0.0, f32::NAN], &[], train), &nan);
    let action = sampler(Head::Action, Explore::Policy, Space::discrete(3));
    let forbidden = format!("{lane}the policy picked 1 for element 0, which the mask forbids");
    check_error(with(&action, &[1.0], &[1, 0, 1], train), &forbidden);
    check_error(with(&action, &[3.0], &[], train), "takes a whole number from 0 to 2");
    check_error(with(&action, &[0.5], &[], Mode::Evaluate), "picked 0.5");
    let wide = sampler(Head::Gaussian, Explore::Policy, Space::unbounded::<f32>(&[1]));
    check_error(with(&wide, &[0.0, 800.0], &[], train), "is not finite");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let refused = |head, explore, space, says: &str| {
        let error = Sampler::new(head, explore, &task(space)).expect_err("it is refused");
        assert!(error.to_string().contains(says), "{error}");
    };
    let real = || Space::range::<f32>(-1.0, 1.0, &[1]);
    refused(Head::Values, Explore::Policy, real(), "needs Discrete actions, not Box");
    refused(Head::Values, Explore::Policy, Space::multi_discrete(&[2, 2]), "needs Discrete");
    refused(Head::Logits, Explore::Policy, real(), "MultiBinary");
    refused(Head::Gaussian, Explore::Policy, Space::discrete(2), "f32 or f64");
    refused(Head::Gaussian, Explore::Policy, Space::range::<u8>(0.0, 9.0, &[1]), "f32 or f64");
    refused(Head::SquashedGaussian, Explore::Policy, Space::unbounded::<f32>(&[1]), "finite");
    refused(Head::Gaussian, boltzmann(1.0), real(), "values or logits");
    refused(Head::Action, Explore::Gaussian { std: 0.1.into() }, Space::discrete(2), "noise");
    refused(Head::Action, Explore::Uniform, Space::text(0, 3, "ab"), "without Text");
    let mut sampler = sampler(Head::Values, epsilon(0.1), Space::discrete(2));
    let noise = Explore::Gaussian { std: 0.1.into() };
    assert!(sampler.set_explore(noise, &task(Space::discrete(2))).is_err());
    assert_eq!(sampler.explore, epsilon(0.1), "a refused edit changes nothing");
}

#[test]
fn schedules_go_by_the_steps_of_the_run() {
    let epsilon = Schedule::Linear { from: 1.0, to: 0.0, steps: 100 };
    let explore = Explore::EpsilonGreedy { epsilon };
    let sampler = sampler(Head::Values, explore, Space::discrete(2));
    for (run_step, expected) in [(0, 0.5), (50, 0.75), (100, 1.0)] {
        let moment = Moment { run_step, ..moment(Mode::Train) };
        let drawn = draw_pieces(&sampler, moment, (&[1.0, 0.0], &[]), &[1000]).expect("it draws");
        let best = drawn.rows().find(|(action, _)| action == &[0.0]).expect("the best is drawn");
        assert!((f64::from(best.1).exp() - expected).abs() < 1e-6, "at {run_step}");
    }
}
