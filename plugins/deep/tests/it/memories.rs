//! PPO with a core: it learns from what it remembered, and looks at a rollout as it saw it.

use crate::rows::{Columns, agent, learn, logged};
use deep::ppo::Ppo;
use plugin_api::TERMINATED;
use plugin_api::prelude::*;

const LANES: usize = 3;
const STEPS: usize = 12;
/// Episodes of the first lane end behind these steps.
const ENDS: [usize; 2] = [4, 9];

fn task() -> Task {
    Task::new(Space::range::<f32>(-1.0, 1.0, &[2]), Space::discrete(3), 10)
}

fn settings<'a>(own: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let all = [("hidden", "8"), ("core_size", "5"), ("epochs", "1"), ("batch", "64")];
    let plain = [("normalise_advantages", "false"), ("value_weight", "0"), ("gradient_norm", "0")];
    [&all[..], &plain, own].concat()
}

/// What a policy says of each step, led through it row by row; memories begin anew with episodes.
fn lived(ppo: &Ppo) -> Columns {
    let width = ppo.needs().memory;
    let mut memory = vec![0.0_f32; LANES * width];
    let mut columns = Columns::default();
    for step in 0..STEPS {
        let place = |i: usize| ((step * LANES * 2 + i) as f32 * 0.37).sin();
        let obs: Vec<f32> = (0..2 * LANES).map(place).collect();
        let (mut heads, mut values) = (vec![0.0; 3 * LANES], vec![0.0; LANES]);
        columns.memory.extend_from_slice(&memory);
        let mut out = Act {
            head: RowsMut::new(&mut heads, 3),
            values: &mut values,
            masks: Rows::new(&[], 1),
            memory: RowsMut::new(&mut memory, width),
            mode: Mode::Train,
            step: 0,
            key: 0,
            first_lane: 0,
        };
        ppo.act(Rows::new(&obs, 2), &mut out);
        for (lane, head) in heads.chunks(3).enumerate() {
            let action = (step + lane) % 3;
            let sum: f64 = head.iter().map(|&z| f64::from(z).exp()).sum();
            columns.actions.push(action as f32);
            columns.log_probs.push((f64::from(head[action]) - sum.ln()) as f32);
            columns.advantages.push(((step + 2 * lane) as f32).cos());
            let ends = lane == 0 && ENDS.contains(&step);
            columns.flags.push(if ends { TERMINATED } else { 0 });
            if ends {
                memory[..width].fill(0.0);
            }
        }
        columns.returns.extend(values.iter().map(|value| value + 1.0));
        columns.values.extend(values);
        columns.rewards.extend([1.0; LANES]);
        columns.next_obs.extend(obs.iter().map(|x| x + 0.1));
        columns.obs.extend(obs);
    }
    columns
}

/// Before anything is learned every ratio is 1, wherever sequences are cut; the surrogate is then
/// the mean advantage.
#[test]
fn sequences_say_again_what_was_said_step_by_step() {
    for core in ["gru", "lstm"] {
        for sequence in ["64", "5", "1"] {
            let own = [("core", core), ("sequence", sequence)];
            let mut ppo: Ppo = agent(&settings(&own), &task());
            let rows = lived(&ppo);
            let log = learn(&mut ppo, &rows.batch(LANES), 0.0).expect("it learns");
            assert!(logged(&log, "approx_kl").abs() < 1e-7, "{own:?}");
            let mean = rows.advantages.iter().sum::<f32>() / rows.advantages.len() as f32;
            let loss = logged(&log, "policy_loss");
            assert!((loss + f64::from(mean)).abs() < 1e-6, "{own:?}: {loss} {mean}");
            assert!(logged(&log, "gradient_norm") > 0.0);
        }
    }
}

/// What was remembered counts: other memories are another policy.
#[test]
fn a_forgotten_memory_is_noticed() {
    let own = [("core", "gru"), ("sequence", "5")];
    let mut ppo: Ppo = agent(&settings(&own), &task());
    let mut rows = lived(&ppo);
    rows.memory.iter_mut().for_each(|x| *x = -*x);
    let log = learn(&mut ppo, &rows.batch(LANES), 0.0).expect("it learns");
    let mean = rows.advantages.iter().sum::<f32>() / rows.advantages.len() as f32;
    assert!((logged(&log, "policy_loss") + f64::from(mean)).abs() > 1e-5, "ratios are not 1");
}

/// Nothing is remembered across the end of an episode: what came before it does not matter.
#[test]
fn an_episode_knows_nothing_of_the_one_before() {
    let ppo: Ppo = agent(&settings(&[("core", "lstm")]), &task());
    let rows = lived(&ppo);
    let width = ppo.needs().memory;
    let memory = |step: usize, lane: usize| &rows.memory[(step * LANES + lane) * width..][..width];
    assert_eq!(width, 20, "output and cell of two cores");
    for begin in [0, ENDS[0] + 1, ENDS[1] + 1] {
        assert!(memory(begin, 0).iter().all(|x| *x == 0.0), "step {begin}");
    }
    assert!(memory(1, 0).iter().all(|x| *x != 0.0) && memory(5, 1).iter().all(|x| *x != 0.0));
}

#[test]
fn images_are_refused_with_the_way_out() {
    let pixels = Space::range::<u8>(0.0, 255.0, &[20, 20, 1]);
    let task = Task::new(pixels, Space::discrete(2), 10);
    let values = crate::contract::values::<Ppo>(&[("core", "gru")]);
    let params = <Ppo as Agent>::Params::with(&values).expect("they fit");
    let error =
        <Ppo as Agent>::new(&params, &task, &mut Rng::seeded(1)).expect_err("images").to_string();
    assert!(error.contains("images") && error.contains("core=none"), "{error}");
}
