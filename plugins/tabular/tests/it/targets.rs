//! What a few chosen steps teach, to the last digit.

use crate::host::{Columns, params};
use plugin_api::prelude::*;
use tabular::dyna_q::DynaQ;
use tabular::monte_carlo::MonteCarlo;
use tabular::n_step_q::NStepQ;
use tabular::q_lambda::QLambda;
use tabular::q_learning::QLearning;
use tabular::sarsa::Sarsa;
use tabular::sweeping::Sweeping;

const STATES: usize = 12;
const ACTIONS: usize = 2;

/// One row: state, action, reward, next state, flags.
type Row = (usize, usize, f64, usize, u8);

/// An agent that learns by hand. Half of what follows counts, and a step goes all the way.
struct Pupil<A> {
    agent: A,
    rng: Rng,
}

impl<A: Agent> Pupil<A> {
    fn new(settings: &[(&str, &str)]) -> Self {
        let knows_step_sizes = A::Params::default().get("step_size").is_some();
        let step_size: &[_] = if knows_step_sizes { &[("step_size", "1")] } else { &[] };
        let settings = [&[("discount", "0.5")], step_size, settings].concat();
        let task = Task::new(Space::discrete(STATES), Space::discrete(ACTIONS), 0);
        let mut rng = Rng::seeded(3);
        let agent = A::new(&params::<A>(&settings), &task, &mut rng).expect("an agent that fits");
        Self { agent, rng }
    }

    fn learn(&mut self, steps: usize, rows: &[Row]) {
        self.learn_with(steps, rows, &[]);
    }

    fn learn_with(&mut self, steps: usize, rows: &[Row], next_actions: &[f32]) {
        let columns = Columns {
            obs: rows.iter().map(|row| row.0 as f32).collect(),
            actions: rows.iter().map(|row| row.1 as f32).collect(),
            rewards: rows.iter().map(|row| row.2).collect(),
            next_obs: rows.iter().map(|row| row.3 as f32).collect(),
            flags: rows.iter().map(|row| row.4).collect(),
            next_actions: next_actions.to_vec(),
            ..Columns::default()
        };
        let mut log = Log::default();
        let mut learn = Learn {
            rng: &mut self.rng,
            log: &mut log,
            priorities: &mut [],
            steps: 0,
            updates: 0,
            progress: 0.0,
        };
        let batch = columns.batch(steps, rows.len() / steps, 1, 1);
        self.agent.learn(&batch, &mut learn).expect("the agent learns");
    }

    /// The value of a state and action.
    fn value(&self, state: usize, action: usize) -> f32 {
        let mut head = [0.0; ACTIONS];
        let mut act = Act {
            head: RowsMut::new(&mut head, ACTIONS),
            values: &mut [],
            masks: Rows::new(&[], 1),
            memory: RowsMut::new(&mut [], 1),
            mode: Mode::Train,
            step: 0,
            key: 0,
            first_lane: 0,
        };
        self.agent.act(Rows::new(&[state as f32], 1), &mut act);
        head[action]
    }

    #[track_caller]
    fn check(&self, expected: &[(usize, usize, f32)]) {
        for &(state, action, expected) in expected {
            let value = self.value(state, action);
            assert!(
                (value - expected).abs() < 1e-6,
                "Q({state}, {action}) = {value}, not {expected}"
            );
        }
    }
}

#[test]
fn q_learning_bootstraps_unless_the_world_ends() {
    let mut pupil = Pupil::<QLearning>::new(&[("initial", "8")]);
    pupil.learn(
        1,
        &[
            (0, 0, 1.0, 1, 0),
            (2, 1, 1.0, 1, TERMINATED),
            (3, 0, 1.0, 1, TRUNCATED),
            (4, 0, 1.0, 1, TERMINATED | TRUNCATED),
        ],
    );
    pupil.check(&[(0, 0, 5.0), (2, 1, 1.0), (3, 0, 5.0), (4, 0, 1.0), (0, 1, 8.0)]);
}

#[test]
fn sarsa_takes_the_value_of_the_action_that_followed() {
    let mut pupil = Pupil::<Sarsa>::new(&[]);
    pupil.learn_with(1, &[(1, 0, 10.0, 0, TERMINATED), (1, 1, -6.0, 0, TERMINATED)], &[0.0, 0.0]);
    let rows = [(2, 0, 0.0, 1, 0), (3, 0, 0.0, 1, 0), (4, 0, 0.0, 1, TRUNCATED)];
    pupil.learn_with(1, &rows, &[0.0, 1.0, 1.0]);
    pupil.check(&[(2, 0, 5.0), (3, 0, -3.0), (4, 0, -3.0)]);
}

#[test]
fn n_step_returns_stop_at_ends_and_bootstrap_where_cut_off() {
    let mut pupil = Pupil::<NStepQ>::new(&[("initial", "5"), ("cut", "false"), ("steps", "3")]);
    // Two lanes side by side.
    pupil.learn(
        3,
        &[
            (0, 0, 1.0, 1, 0),
            (6, 0, 1.0, 11, TERMINATED),
            (1, 0, 2.0, 2, 0),
            (7, 0, 2.0, 11, TRUNCATED),
            (2, 0, 3.0, 3, 0),
            (8, 0, 3.0, 9, 0),
        ],
    );
    pupil.check(&[(0, 0, 3.375), (1, 0, 4.75), (2, 0, 5.5)]);
    pupil.check(&[(6, 0, 1.0), (7, 0, 4.5), (8, 0, 5.5)]);
}

#[test]
fn n_step_returns_stop_before_an_action_that_was_not_greedy() {
    let settings = [("steps", "2")];
    let rows = [(0, 0, 0.0, 1, 0), (1, 1, -100.0, 2, TERMINATED)];
    for (cut, expected) in [("true", 4.0), ("false", -50.0)] {
        let mut pupil = Pupil::<NStepQ>::new(&[&settings[..], &[("cut", cut)]].concat());
        pupil.learn(1, &[(1, 0, 8.0, 2, TERMINATED)]);
        pupil.learn(2, &rows);
        pupil.check(&[(0, 0, expected), (1, 1, -100.0)]);
    }
}

#[test]
fn a_trail_is_taught_by_what_came_later() {
    let mut pupil = Pupil::<QLambda>::new(&[("lambda", "0.5")]);
    pupil.learn(1, &[(0, 0, 0.0, 1, 0)]);
    pupil.learn(1, &[(1, 0, 0.0, 2, 0)]);
    pupil.learn(1, &[(2, 0, 16.0, 3, TERMINATED)]);
    // The trace falls by a half for the discount and a half for λ.
    pupil.check(&[(2, 0, 16.0), (1, 0, 4.0), (0, 0, 1.0)]);
    // The end cut the trail.
    pupil.learn(1, &[(4, 0, 32.0, 5, TERMINATED)]);
    pupil.check(&[(2, 0, 16.0), (1, 0, 4.0), (0, 0, 1.0)]);
}

#[test]
fn a_trail_is_cut_where_an_action_was_not_greedy() {
    let mut pupil = Pupil::<QLambda>::new(&[("lambda", "1")]);
    pupil.learn(1, &[(1, 0, 2.0, 9, TERMINATED)]);
    pupil.learn(1, &[(0, 0, 0.0, 1, 0)]);
    pupil.learn(1, &[(1, 1, -64.0, 2, TERMINATED)]);
    pupil.check(&[(0, 0, 1.0), (1, 1, -64.0)]);
}

#[test]
fn trails_of_lanes_do_not_mix() {
    let mut pupil = Pupil::<QLambda>::new(&[("lambda", "1")]);
    pupil.learn(1, &[(0, 0, 0.0, 1, 0), (6, 0, 0.0, 7, 0)]);
    pupil.learn(1, &[(1, 0, 4.0, 2, TERMINATED), (7, 0, 0.0, 8, TERMINATED)]);
    pupil.check(&[(0, 0, 2.0), (1, 0, 4.0), (6, 0, 0.0), (7, 0, 0.0)]);
}

#[test]
fn a_return_ends_with_its_episode() {
    let mut pupil = Pupil::<MonteCarlo>::new(&[("initial", "4"), ("exploration", "0.5")]);
    let rows = [
        (0, 0, 1.0, 1, 0),
        (1, 0, 2.0, 2, TERMINATED),
        (3, 1, 4.0, 4, 0),
        (4, 1, 8.0, 5, TRUNCATED),
    ];
    pupil.learn(4, &rows);
    pupil.check(&[(0, 0, 2.0), (1, 0, 2.0), (3, 1, 9.0), (4, 1, 10.0)]);
}

#[test]
fn first_or_every_visit_counts() {
    let rows = [(0, 0, 0.0, 0, 0), (0, 0, 0.0, 1, 0), (1, 0, 16.0, 2, TERMINATED)];
    // Every visit is told the return from there on, the first one last; here by halves.
    for (visits, expected) in [("first", 2.0), ("every", 4.0)] {
        let settings = [("visits", visits), ("step_size", "0.5")];
        let mut pupil = Pupil::<MonteCarlo>::new(&settings);
        pupil.learn(3, &rows);
        pupil.check(&[(0, 0, expected), (1, 0, 8.0)]);
    }
}

#[test]
fn pieces_of_walks_end_in_what_the_policy_expects() {
    let mut pupil = Pupil::<MonteCarlo>::new(&[("initial", "4"), ("cut", "2")]);
    let rows =
        [(0, 0, 1.0, 1, 0), (6, 0, 0.0, 7, 0), (1, 0, 2.0, 2, 0), (7, 0, 4.0, 8, TERMINATED)];
    pupil.learn(2, &rows);
    pupil.check(&[(0, 0, 3.0), (1, 0, 4.0), (6, 0, 2.0), (7, 0, 4.0)]);
}

#[test]
fn the_best_return_is_kept_and_a_guess_is_none() {
    let mut pupil = Pupil::<MonteCarlo>::new(&[("keep", "best")]);
    let way = |first, last| [(0, 0, first, 1, 0), (1, 0, last, 2, TERMINATED)];
    for (way, values) in [
        (way(-8.0, -4.0), [-10.0, -4.0]),
        (way(-16.0, -8.0), [-10.0, -4.0]),
        (way(-9.0, -2.0), [-10.0, -2.0]),
    ] {
        pupil.learn(2, &way);
        pupil.check(&[(0, 0, values[0]), (1, 0, values[1])]);
    }
    for (reward, flags, value) in
        [(-1.0, TRUNCATED, -1.0), (-6.0, TERMINATED, -6.0), (-1.0, TRUNCATED, -6.0)]
    {
        pupil.learn(1, &[(3, 0, reward, 4, flags)]);
        pupil.check(&[(3, 0, value)]);
    }
}

#[test]
fn sweeping_carries_one_surprise_back_all_the_way() {
    let mut pupil = Pupil::<Sweeping>::new(&[("planning", "8")]);
    for state in 0..7 {
        pupil.learn(1, &[(state, 0, 0.0, state + 1, 0)]);
    }
    pupil.learn(1, &[(7, 0, 128.0, 8, TERMINATED)]);
    for state in 0..8 {
        pupil.check(&[(state, 0, (1 << state) as f32)]);
    }
}

#[test]
fn sweeping_weighs_what_followed_by_how_often() {
    let mut pupil = Pupil::<Sweeping>::new(&[]);
    let rows = [(0, 0, 8.0, 1, TERMINATED), (0, 0, 0.0, 2, TERMINATED)];
    pupil.learn(1, &[rows[0], rows[1], rows[1], rows[1]]);
    pupil.check(&[(0, 0, 2.0)]);
}

#[test]
fn planning_spreads_what_q_learning_knows_at_one_place_only() {
    let rows: Vec<[Row; 1]> = (0..4).map(|s| [(s, 0, 0.0, s + 1, 0)]).collect();
    let end = [(4, 0, 16.0, 5, TERMINATED)];
    for (planning, expected) in [("0", 0.0), ("200", 1.0)] {
        let mut pupil = Pupil::<DynaQ>::new(&[("planning", planning)]);
        for row in &rows {
            pupil.learn(1, row);
        }
        pupil.learn(1, &end);
        pupil.check(&[(4, 0, 16.0), (0, 0, expected)]);
    }
}
