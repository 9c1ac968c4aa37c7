//! What a session has learned as a model that acts without this program, tried against the agent
//! itself before it is written.

use crate::commands::test::{Player, seat};
use crate::config::Settings;
use crate::export::onnx;
use crate::export::policy::{Choice, Policy};
use crate::failure::Failure;
use crate::saved::{Named, TOOL};
use crate::stage::Stage;
use plugin_api::Error;
use plugin_api::abi::handle::ActFrame;
use plugin_api::archive::State;
use plugin_api::params::Value;
use plugin_api::space::SpaceSampler;

/// Observations it is tried with.
const TRIES: usize = 256;

/// How far a number may be off, for its own size or 1.
const TOLERANCE: f32 = 1e-4;

/// The bytes of the model.
pub(super) fn onnx(named: Named, settings: &Settings) -> Result<Vec<u8>, Failure> {
    let name = named.session.name().to_owned();
    let mut stage = Stage::open(1)?;
    let mut player = seat(named, settings, &mut stage)?;
    let state = State::from_bytes(&player.acts_with)?;
    let activation = player.agent.params.get("activation");
    let activation = activation.map_or("relu", |value| match value {
        Value::Text(text) => text,
        _ => "relu",
    });
    let cannot =
        |why: String| Failure::failed(format!("the policy of {name} is not written: {why}"));
    let head = player.needs.head;
    let policy = Policy::of(&state, &player.task, head, activation).map_err(cannot)?;
    tried(&policy, &mut player).map_err(|error| cannot(error.message))?;
    Ok(onnx::model(&policy, TOOL))
}

/// Whether the net puts out what the agent does.
fn tried(policy: &Policy, player: &mut Player) -> Result<(), Error> {
    let width = player.needs.head.width(&player.task.actions)?;
    let mut obs = vec![0.0; policy.width * TRIES];
    let mut sampler = SpaceSampler::new(&player.task.observations, 1)?;
    obs.chunks_exact_mut(policy.width).for_each(|row| sampler.sample(None, row));
    let mut heads = vec![0.0; width * TRIES];
    player.policy.act(ActFrame {
        obs: &obs,
        rows: TRIES,
        evaluate: true,
        head: &mut heads,
        values: &mut [],
        masks: &vec![1; player.task.mask_width() * TRIES],
        memory: &mut vec![0.0; player.needs.memory * TRIES],
        step: player.summary.steps,
        key: 0,
        first_lane: 0,
    })?;
    let names_actions = player.needs.head == plugin_api::needs::Head::Action;
    for (obs, head) in obs.chunks_exact(policy.width).zip(heads.chunks_exact(width)) {
        let mut outputs = policy.outputs(obs);
        if let (Choice::Squashed { low, high }, true) = (&policy.choice, names_actions) {
            for (output, (low, high)) in outputs.iter_mut().zip(low.iter().zip(high)) {
                *output = f32::midpoint(*low, *high) + (high - low) / 2.0 * output.tanh();
            }
        }
        let pairs = outputs.iter().zip(head).take(policy.decisive());
        let far = |(ours, theirs): (&f32, &f32)| {
            (ours - theirs).abs() > TOLERANCE * theirs.abs().max(1.0)
        };
        if outputs.len() < policy.decisive().min(width) || pairs.into_iter().any(far) {
            return Err(Error::argument(
                "it does more than its dense net, and that cannot be written as ONNX",
            ));
        }
    }
    Ok(())
}
