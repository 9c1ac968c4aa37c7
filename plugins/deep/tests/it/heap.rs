//! In the steady state an agent allocates nothing: neither to act nor to learn.

use crate::rows::{Columns, agent};
use deep::a2c::A2c;
use deep::async_ppo::AsyncPpo;
use deep::dqn::Dqn;
use deep::impala::Impala;
use deep::ppo::Ppo;
use deep::sac::Sac;
use deep::td3::Td3;
use plugin_api::prelude::*;
use plugin_api::testing::heap::{Counted, allocations};

#[global_allocator]
static ALLOCATOR: Counted = Counted;

const ROWS: usize = 64;

fn columns(actions: usize) -> Columns {
    let number = |i: usize| (i as f32 * 0.37).sin();
    Columns {
        obs: (0..2 * ROWS).map(number).collect(),
        next_obs: (0..2 * ROWS).map(|i| number(i + 2)).collect(),
        actions: (0..ROWS).map(|i| (i % actions) as f32).collect(),
        rewards: (0..ROWS).map(|i| f64::from(number(i))).collect(),
        flags: (0..ROWS).map(|i| u8::from(i % 13 == 0)).collect(),
        log_probs: vec![-1.0; ROWS],
        values: vec![0.1; ROWS],
        returns: (0..ROWS).map(number).collect(),
        advantages: (0..ROWS).map(|i| number(i + 1)).collect(),
        weights: vec![1.0; ROWS],
        discounts: vec![0.99; ROWS],
        ..Columns::default()
    }
}

#[track_caller]
fn check<A: Agent>(settings: &[(&str, &str)], actions: Space) {
    let task = Task::new(Space::range::<f32>(-1.0, 1.0, &[2]), actions, 10);
    let mut agent: A = agent(settings, &task);
    let width = agent.needs().head.width(&task.actions).expect("they fit");
    let choices = matches!(task.actions, Space::Discrete { .. });
    let mut rows = columns(if choices { 3 } else { 1 });
    let remembered = agent.needs().memory;
    rows.memory = vec![0.0; remembered * ROWS];
    let mut memory = rows.memory.clone();
    let versions = [0; ROWS];
    let batch = Batch { versions: &versions, ..rows.batch(4) };
    let (mut rng, mut log) = (Rng::seeded(2), Log::default());
    let (mut heads, mut values) = (vec![0.0; width * ROWS], vec![0.0; ROWS]);
    let asks_values = agent.needs().values;
    let mut round = |updates: u64| {
        let mut out = Act {
            head: RowsMut::new(&mut heads, width),
            values: if asks_values { &mut values } else { &mut [] },
            masks: Rows::new(&[], 1),
            memory: RowsMut::new(&mut memory, remembered),
            mode: Mode::Train,
            step: 0,
            key: 0,
            first_lane: 0,
        };
        agent.act(Rows::new(&rows.obs, 2), &mut out);
        let priorities = &mut [];
        let (rng, log) = (&mut rng, &mut log);
        // Every other round is one in which agents look at what they look at now and then.
        let updates = if updates.is_multiple_of(2) { 3200 } else { updates };
        let mut learn = Learn { rng, log, priorities, steps: 0, updates, progress: 0.1 };
        agent.learn(&batch, &mut learn).expect("it learns");
    };
    // The first rounds make room.
    (0..3).for_each(&mut round);
    let ((), count) = allocations(|| (3..20).for_each(&mut round));
    assert_eq!(count, 0, "{} allocates", A::NAME);
}

#[test]
fn agents_of_rollouts_allocate_nothing_once_they_have_room() {
    let small = [("hidden", "16")];
    check::<Ppo>(&[("hidden", "16"), ("normalise_observations", "true")], Space::discrete(3));
    check::<AsyncPpo>(&[("hidden", "16"), ("normalise_rewards", "true")], Space::discrete(3));
    check::<Impala>(&small, Space::discrete(3));
    check::<A2c>(&small, Space::discrete(3));
    check::<Ppo>(&[("hidden", "16"), ("shared", "true")], Space::discrete(3));
    check::<Ppo>(&small, Space::range::<f32>(-1.0, 1.0, &[1]));
    check::<Ppo>(&[("hidden", "16"), ("core", "lstm"), ("core_size", "16")], Space::discrete(3));
}

#[test]
fn agents_of_memories_allocate_nothing_once_they_have_room() {
    let small = [("hidden", "16"), ("batch", "64")];
    check::<Dqn>(&small, Space::discrete(3));
    check::<Dqn>(&[("hidden", "16"), ("param_noise", "true")], Space::discrete(3));
    let real = || Space::range::<f32>(-1.0, 1.0, &[1]);
    check::<Sac>(&small, real());
    check::<Td3>(&[("hidden", "16"), ("param_noise", "0.1")], real());
}
