//! What learning changed is saved, and nothing else is needed to go on.

use crate::host::Host;
use crate::learning::lab;
use crate::worlds::Lab;
use plugin_api::archive::State;
use plugin_api::prelude::*;

fn save<A: Agent>(agent: &mut A) -> State {
    let mut archive = Archive::saving();
    agent.state(&mut archive);
    archive.finish().expect("a state that can be saved")
}

fn load<A: Agent>(agent: &mut A, state: State) -> Result<()> {
    let mut archive = Archive::loading(state);
    agent.state(&mut archive);
    archive.finish().map(|_| ())
}

fn host<A: Agent>(name: &str) -> Host<Lab, A> {
    Host::new(&lab(name), &[], 3, 11)
}

/// Half a run, then another agent takes over from its state, and the end is the same to the bit.
fn check_interruption<A: Agent>(name: &str) {
    let (mut whole, mut halves) = (host::<A>(name), host::<A>(name));
    whole.run(3_000);
    halves.run(1_500);
    let bytes = save(&mut halves.agent).to_bytes();
    halves.agent = host::<A>(name).agent;
    load(&mut halves.agent, State::from_bytes(&bytes).expect("whole bytes")).expect("it fits");
    halves.run(3_000);
    assert_eq!(whole.rewards.to_bits(), halves.rewards.to_bits(), "{} in {name}", A::NAME);
    assert_eq!(save(&mut whole.agent), save(&mut halves.agent), "{} in {name}", A::NAME);
}

/// What `acting` names is enough to act.
fn check_acting<A: Agent>() {
    let mut host = host::<A>("fork");
    host.run(600);
    let learned = host.heads(&[0, 1]);
    let mut archive = Archive::saving();
    host.agent.acting(&mut archive);
    let acting = archive.finish().expect("a state that can be saved");
    host.agent = self::host::<A>("fork").agent;
    assert_ne!(host.heads(&[0, 1]), learned, "{} learned something", A::NAME);
    let mut archive = Archive::loading(acting);
    host.agent.acting(&mut archive);
    archive.finish().expect("it fits");
    assert_eq!(host.heads(&[0, 1]), learned, "{}", A::NAME);
}

/// A state of another world is refused.
fn check_refusal<A: Agent>() {
    let state = save(&mut host::<A>("cliff").agent);
    load(&mut host::<A>("fork").agent, state).expect_err("another world");
}

macro_rules! for_each_learner {
    ($($test:ident $agent:ty;)*) => {$(
        #[test]
        fn $test() {
            for name in ["fork", "masked fork", "corridor", "treadmill"] {
                check_interruption::<$agent>(name);
            }
            check_acting::<$agent>();
            check_refusal::<$agent>();
        }
    )*};
}

for_each_learner! {
    q_learning tabular::q_learning::QLearning;
    sarsa tabular::sarsa::Sarsa;
    expected_sarsa tabular::expected_sarsa::ExpectedSarsa;
    double_q tabular::double_q::DoubleQ;
    n_step_q tabular::n_step_q::NStepQ;
    q_lambda tabular::q_lambda::QLambda;
    monte_carlo tabular::monte_carlo::MonteCarlo;
    dyna_q tabular::dyna_q::DynaQ;
    sweeping tabular::sweeping::Sweeping;
}

#[test]
fn damaged_trails_and_models_are_refused() {
    let damages = [("trails/visited", 0), ("trails/lengths", 0)];
    for (name, byte) in damages {
        let mut host = host::<tabular::q_lambda::QLambda>("corridor");
        host.run(30);
        check_damage(&mut host.agent, name, byte);
    }
    for name in ["model/next", "model/pair"] {
        let mut host = host::<tabular::dyna_q::DynaQ>("corridor");
        host.run(30);
        check_damage(&mut host.agent, name, 0);
    }
}

fn check_damage<A: Agent>(agent: &mut A, name: &str, byte: usize) {
    let mut state = save(agent);
    let entry = state.entries.iter_mut().find(|entry| entry.name == name).expect("it is there");
    entry.bytes[byte] = 0xff;
    let error = load(agent, state).expect_err("damaged").to_string();
    assert!(error.contains("does not fit") || error.contains("do not fit"), "{error}");
}
