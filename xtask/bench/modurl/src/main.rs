//! Steps a CPU second of `ModuRL` learners: `modurl-rival ppo|dqn|sac`.
//!
//! The workloads are those its authors publish: two hidden layers of 64, samples of 64, one thread.
//! CPU time is taken, not that of the clock, so that a busy machine changes little.

use candle_core::{DType, Device, Module, Result, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, VarBuilder, VarMap};
use modurl::prelude::*;
use modurl_gym::classic_control::cartpole::CartPoleV1;
use modurl_gym::classic_control::pendulum::PendulumV1;
use std::fmt::Debug;

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    let rate = match name.as_str() {
        "ppo" => ppo(2_048, 20_480),
        "dqn" => dqn(1_024, 20_480),
        "sac" => sac(256, 4_096),
        _ => panic!("it takes ppo, dqn or sac"),
    };
    let figure = format!("\"steps_per_cpu_s\": {}", rate.round());
    println!("{{\"rival\": \"ModuRL 0.1.0\", \"learner\": \"{name}\", {figure}}}");
}

/// Processor seconds of this process so far, from its clock ticks of a hundredth of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux has it");
    let behind_name = stat.rsplit(')').next().expect("a name in brackets");
    let ticks = behind_name.split_whitespace().skip(11).take(2);
    ticks.map(|word| word.parse::<f64>().expect("a number of ticks")).sum::<f64>() / 100.0
}

/// Has it learn for some steps, then for others that count.
fn timed<E: Debug>(
    before: usize,
    steps: usize,
    mut learn: impl FnMut(usize) -> std::result::Result<(), E>,
) -> f64 {
    learn(before).expect("it learns");
    let start = cpu_seconds();
    learn(steps).expect("it learns");
    steps as f64 / (cpu_seconds() - start)
}

/// A net, and the optimiser of its weights.
fn net(inputs: usize, outputs: usize, vars: &VarMap) -> MLP {
    MLP::builder()
        .input_size(inputs)
        .output_size(outputs)
        .vb(VarBuilder::from_varmap(vars, DType::F32, &Device::Cpu))
        .activation(Tensor::tanh)
        .hidden_layer_sizes(vec![64, 64])
        .name("net".to_owned())
        .build()
        .expect("the net fits")
}

fn adam(vars: Vec<Var>, rate: f64) -> AdamW {
    let params = ParamsAdamW { lr: rate, eps: 1e-5, weight_decay: 0.0, ..ParamsAdamW::default() };
    AdamW::new(vars, params).expect("the weights fit")
}

fn replay() -> ReplayStorageConfig {
    ReplayStorageConfig::new(ReplayDeviceStrategy::OneDevice(Device::Cpu))
}

/// Eight lanes, rollouts of 2048, parts of 64, ten epochs.
fn ppo(before: usize, steps: usize) -> f64 {
    let pole = || CartPoleV1::builder().device(&Device::Cpu).build().expect("a world");
    let mut worlds: VectorizedGymWrapper<CartPoleV1> =
        (0..8).map(|_| pole()).collect::<Vec<_>>().into();
    let (actor_vars, critic_vars) = (VarMap::new(), VarMap::new());
    let actor = ProbabilisticPolicyModel::<CategoricalDistribution>::new(net(4, 2, &actor_vars));
    let nets = SeparatePPONetwork::builder()
        .actor_network(actor)
        .critic_network(net(4, 1, &critic_vars))
        .actor_optimizer(adam(actor_vars.all_vars(), 3e-4))
        .critic_optimizer(adam(critic_vars.all_vars(), 3e-4))
        .combined_loss(true)
        .build();
    let mut agent = PPOAgent::builder()
        .action_space(worlds.action_space())
        .network_info(PPONetworkInfo::Separate(nets))
        .batch_size(2048)
        .mini_batch_size(64)
        .num_epochs(10)
        .ent_coef(0.0)
        .clip_range(ConstantSchedule::new(0.2))
        .training_horizon(before + steps)
        .device(Device::Cpu)
        .build()
        .expect("an agent");
    timed(before, steps, |steps| agent.learn(&mut worlds, steps))
}

/// An update every four steps.
fn dqn(before: usize, steps: usize) -> f64 {
    let pole = CartPoleV1::builder().device(&Device::Cpu).build().expect("a world");
    let mut worlds = VectorizedGymWrapper::from(vec![pole]);
    let (vars, mut target_vars) = (VarMap::new(), VarMap::new());
    let (online, target) = (net(4, 2, &vars), net(4, 2, &target_vars));
    let mut agent = DQNAgent::builder()
        .action_space(Discrete::new(2))
        .observation_space(worlds.observation_space())
        .online_q_network(online)
        .target_q_network(target)
        .online_vars(&vars)
        .target_vars(&mut target_vars)
        .optimizer(adam(vars.all_vars(), 2.5e-4))
        .batch_size(64)
        .training_start(before + 1)
        .epsilon_schedule(ConstantSchedule::new(0.1))
        .training_horizon(before + steps)
        .replay_storage_config(replay())
        .build()
        .expect("an agent");
    timed(before, steps, |steps| agent.learn(&mut worlds, steps))
}

/// Means and deviations within what a deviation may be.
struct Law(MLP);

impl Module for Law {
    fn forward(&self, obs: &Tensor) -> Result<Tensor> {
        let sums = self.0.forward(obs)?;
        let log_std = sums.narrow(1, 1, 1)?.clamp(-20.0, 2.0)?;
        Tensor::cat(&[sums.narrow(1, 0, 1)?, log_std], 1)
    }
}

/// An update a step.
fn sac(before: usize, steps: usize) -> f64 {
    let swing = PendulumV1::builder().device(&Device::Cpu).build().expect("a world");
    let mut worlds = VectorizedGymWrapper::from(vec![TimeLimitGym::new(swing, 200)]);
    let actor_vars = VarMap::new();
    let normal = GaussianDistribution::new(vec![1]).expect("one number");
    let law = TransformedDistribution::new(normal, TanhTransform);
    let policy =
        ProbabilisticPolicyModel::with_distribution(Law(net(3, 2, &actor_vars)), law);
    let vars = [VarMap::new(), VarMap::new()];
    let mut copies = [VarMap::new(), VarMap::new()];
    let critic = |(vars, copy)| critic(vars, copy);
    let critics = vars.iter().zip(&mut copies).map(critic).collect();
    let log_alpha = Var::zeros((), DType::F32, &Device::Cpu).expect("a number");
    let entropy = SACEntropyConfiguration::automatic_with_target_schedule(
        log_alpha.clone(),
        adam(vec![log_alpha], 3e-4),
        ConstantSchedule::new(-1.0),
    );
    let mut agent = SACAgent::builder()
        .policy(policy)
        .actor_optimizer(adam(actor_vars.all_vars(), 3e-4))
        .critics(critics)
        .entropy_configuration(entropy)
        .action_space(worlds.action_space())
        .observation_space(worlds.observation_space())
        .replay_capacity(10_000)
        .batch_size(64)
        .training_start(before + 1)
        .training_horizon(before + steps)
        .replay_storage_config(replay())
        .build()
        .expect("an agent");
    timed(before, steps, |steps| agent.learn(&mut worlds, steps))
}

fn critic<'a>(vars: &'a VarMap, copy: &'a mut VarMap) -> SACCritic<'a, AdamW> {
    let (online, target) = (net(4, 1, vars), net(4, 1, copy));
    SACCritic::builder()
        .online_network(ScalarStateActionCritic::new(online))
        .target_network(ScalarStateActionCritic::new(target))
        .online_vars(vars)
        .target_vars(copy)
        .optimizer(adam(vars.all_vars(), 3e-4))
        .build()
        .expect("nets that fit")
}
