//! Evaluation: a policy plays episodes to be judged, apart from training and without exploring.

use crate::event::Eval;
use crate::lanes::{Acting, Ended, LaneSetup, Lanes, Situation};
use crate::memory;
use crate::replay::{Pass, Recording};
use plugin_api::abi::handle::{ActFrame, PluginHandle, PolicyHandle};
use plugin_api::lanes::MAX_STEPS;
use plugin_api::model::Model;
use plugin_api::params::{Value, Values};
use plugin_api::{Dtype, Result, Task};

/// Lanes that play side by side at most.
const LANES_MAX: usize = 64;

/// What is played.
#[derive(Clone, Debug)]
pub struct Match {
    /// The plugin with the environment.
    pub env_plugin: PluginHandle,
    /// The environment's name in its plugin.
    pub env: String,
    /// Its params.
    pub env_params: Values,
    /// How the policy's heads are used.
    pub acting: Acting,
    /// Root of all random numbers.
    pub seed: u64,
    /// Episodes to play.
    pub episodes: usize,
    /// Steps the policy has been trained for.
    pub run_steps: u64,
    /// Whether the episodes are recorded.
    pub records: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The episodes, lane by lane.
    pub played: Vec<Ended>,
    /// Those that were recorded.
    pub recorded: Vec<Recording>,
}

/// Steps after which an episode is cut off where the world has no limit and a policy may walk in
/// circles.
pub const STEPS_MAX: u32 = 10_000;

/// Params of a world whose episodes come to an end, whatever a policy does.
pub fn limited(params: &Values, task: &Task, limit: Option<u32>) -> Values {
    let mut params = params.clone();
    if let Some(limit) = limit.or((task.max_steps == 0).then_some(STEPS_MAX)) {
        params.insert(MAX_STEPS.to_owned(), Value::Int(i64::from(limit)));
    }
    params
}

/// Plays the episodes. Each lane plays a number fixed beforehand, so that short ones do not count
/// more.
pub fn play(game: &Match, policy: &mut PolicyHandle) -> Result<Outcome> {
    let count = game.episodes.clamp(1, LANES_MAX);
    let task = game.env_plugin.env(&game.env, &game.env_params, 1)?.task().clone();
    let mut lanes = Lanes::new(&LaneSetup {
        plugin: game.env_plugin.clone(),
        env: game.env.clone(),
        params: limited(&game.env_params, &task, None),
        lanes: count,
        acting: game.acting,
        seed: game.seed,
        purpose: "evaluate",
        shard_lanes: None,
    })?;
    let wanted = |lane: usize| game.episodes / count + usize::from(lane < game.episodes % count);
    let mut played: Vec<Vec<Ended>> = vec![Vec::new(); count];
    let mut missing = game.episodes;
    let situation = Situation { run_steps: game.run_steps, run_lanes: 0, evaluate: true };
    if game.records {
        lanes.put_in_tape(Pass::All)?;
    }
    let (mut ended, mut recorded) = (Vec::new(), Vec::new());
    while missing > 0 {
        lanes.roll_with(policy, situation, 1)?;
        lanes.take_ended(&mut ended);
        for episode in ended.drain(..) {
            let lane = &mut played[episode.lane];
            if lane.len() < wanted(episode.lane) {
                lane.push(episode);
                missing -= 1;
                lanes.name_recording(&episode, (game.episodes - missing) as u64);
            }
        }
        recorded.extend(lanes.take_recordings(Pass::All));
    }
    // What lanes played beyond their number does not count; parts of long episodes have no name.
    let counts = |recording: &Recording| {
        let lane = &played[recording.replay.head.lane as usize];
        lane.last().is_some_and(|last| recording.step <= last.step)
    };
    recorded.retain(counts);
    Ok(Outcome { played: played.into_iter().flatten().collect(), recorded })
}

/// What the episodes came to.
pub fn summary(played: &[Ended], run_steps: u64) -> Eval {
    let count = played.len() as f64;
    let mean = |value: &dyn Fn(&Ended) -> f64| played.iter().map(value).sum::<f64>() / count;
    let return_mean = mean(&|episode| episode.total);
    let variance = mean(&|episode| (episode.total - return_mean).powi(2));
    let says = played.iter().all(|episode| episode.success.is_some()) && !played.is_empty();
    let success = |episode: &Ended| f64::from(u8::from(episode.success == Some(true)));
    Eval {
        steps: run_steps,
        episodes: played.len(),
        return_mean,
        return_std: variance.sqrt(),
        length_mean: mean(&|episode| episode.length as f64),
        success: says.then(|| mean(&success)),
        regret: None,
    }
}

/// Exact judgement of a greedy policy in a known world: its expected return, and the best there is.
pub fn judge(
    model: &Model,
    task: &Task,
    acting: Acting,
    policy: &mut PolicyHandle,
) -> Result<(f64, f64)> {
    let mut chances = vec![0.0; model.states * model.actions];
    let choices = greedy_choices(model, task, acting, policy)?;
    for (row, choice) in chances.chunks_exact_mut(model.actions).zip(choices) {
        row[choice] = 1.0;
    }
    Ok((model.value_of(&chances, task.max_steps), model.optimum(task.max_steps)))
}

/// The greedy action of a policy in every state.
fn greedy_choices(
    model: &Model,
    task: &Task,
    acting: Acting,
    policy: &mut PolicyHandle,
) -> Result<Vec<usize>> {
    use crate::sampler::{Draw, Moment, Sampler};
    let sampler = Sampler::new(acting.head, acting.explore, task)?;
    let (rows, width) = (model.states, task.observations.width());
    let obs: Vec<f32> = (0..rows).map(|state| state as f32).collect();
    assert_eq!(width, 1, "a model's states are the values of a Discrete observation");
    let mut head = vec![0.0; rows * sampler.head_width()];
    let masks: Vec<u8> = if task.mask_width() > 0 {
        (0..rows)
            .flat_map(|state| (0..model.actions).map(move |action| (state, action)))
            .map(|(state, action)| u8::from(model.allows(state, action)))
            .collect()
    } else {
        Vec::new()
    };
    policy.act(ActFrame {
        obs: &obs,
        rows,
        evaluate: true,
        head: &mut head,
        values: &mut vec![0.0; rows],
        masks: &masks,
        memory: &mut vec![0.0; rows * acting.memory],
        step: 0,
        key: 0,
        first_lane: 0,
    })?;
    let mut actions = vec![0.0; rows];
    let mut env_actions = memory::RawRows::new(rows, 1, Dtype::I64);
    let moment = Moment {
        key: 0,
        first_lane: 0,
        lane_step: 0,
        run_step: 0,
        mode: plugin_api::Mode::Evaluate,
    };
    let draw = Draw {
        head: &head,
        masks: &masks,
        actions: &mut actions,
        env_actions: env_actions.bytes_mut(),
        log_probs: &mut vec![0.0; rows],
    };
    sampler.draw(moment, draw, &mut sampler.noise(rows))?;
    Ok(actions.into_iter().map(|action| action as usize).collect())
}
