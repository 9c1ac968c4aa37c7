//! A recorded episode for the screen: every step played again, with its picture, what the policy
//! made of it, and the run around it.

use super::{Desk, says};
use crate::chosen::{self, Source};
use crate::commands::replay;
use crate::number;
use crate::saved;
use plugin_api::params::Value;
use plugin_api::{Dtype, Space, TERMINATED, TRUNCATED};
use thorndike_engine::keep::convert::{AGENT, from_state};
use thorndike_engine::memory;
use thorndike_engine::mind::Mind;
use thorndike_engine::replay::{Moment, Player};
use thorndike_session::replay::Take;
use thorndike_session::{Model, Session};
use thorndike_tui::bench::{Film, Frame, Pick, Progress, Recorded, Track};
use thorndike_tui::plot::short;
use thorndike_tui::run::MarkKind;

/// Steps that are looked at; longer episodes are cut.
const FRAMES_MAX: usize = 20_000;
/// Steps of an agent that looks ahead without saying how far.
const DISCOUNT: f64 = 0.99;

/// The episode that was picked.
pub(super) fn film(
    desk: &Desk<'_>,
    name: &str,
    pick: Pick,
    told: Progress<'_>,
) -> Result<Film, String> {
    let session = desk.open(name)?;
    let track = track(&session)?;
    let far = |steps: u64| move |recorded: &&Recorded| recorded.steps.abs_diff(steps);
    let wanted = match pick {
        Pick::Latest => track.recorded.last(),
        Pick::File(file) => track.recorded.iter().find(|recorded| recorded.file == file),
        Pick::Step(steps) => track.recorded.iter().min_by_key(far(steps)),
    };
    let wanted = *wanted.ok_or_else(|| format!("{name} has no recorded episodes"))?;
    let at = track.recorded.iter().position(|recorded| *recorded == wanted).unwrap_or(0);
    let takes = session.takes().map_err(|error| error.to_string())?.all;
    let take = takes.into_iter().find(|take| take.number == wanted.file);
    let take = take.ok_or_else(|| format!("episode {} of {name} is gone", wanted.file))?;
    let (number, steps, total) = (take.head.episode, take.head.steps, take.head.total);
    let mut player = player(desk, &session, take)?;
    // Without the agent there is still something to see.
    let mut thinker = thinker(desk, &session, steps).ok();
    let frames = frames(&mut player, thinker.as_mut(), told)?;
    let level = player.level();
    let title =
        format!("{name}  episode {number} at step {steps}  return {}  {level}", short(total));
    let thinker = thinker.map(|thinker| thinker.steps);
    Ok(Film { title, session: name.to_owned(), at, frames, track, thinker })
}

/// The whole run as its journal tells it.
fn track(session: &Session) -> Result<Track, String> {
    let model = session.model();
    let takes = session.takes().map_err(|error| error.to_string())?.all;
    let one = |take: &Take| Recorded { file: take.number, steps: take.head.steps };
    let mut recorded: Vec<Recorded> = takes.iter().map(one).collect();
    recorded.sort_by_key(|recorded| (recorded.steps, recorded.file));
    let returns: Vec<(u64, f64)> =
        model.episodes.iter().map(|played| (played.steps(), played.mean())).collect();
    let moments = model.moments.last().map(|moment| moment.steps);
    let last = [moments, model.end.as_ref().map(|end| end.steps), returns.last().map(|at| at.0)];
    let steps = last.into_iter().flatten().max().unwrap_or(0);
    let branched = session.identity().parent.as_ref();
    let branched = branched.map(|parent| (parent.steps, MarkKind::Branch));
    let marks = marks(&model).chain(branched).collect();
    Ok(Track { steps, returns, marks, recorded })
}

fn marks(model: &Model) -> impl Iterator<Item = (u64, MarkKind)> {
    let saved = model.saved.iter().map(|saved| (saved.steps, MarkKind::Save));
    let edits = model.edits.iter().map(|(_, edit)| (edit.steps, MarkKind::Edit));
    let alerts = model.alerts.iter().map(|alert| (alert.steps, MarkKind::Alert));
    let evals = model.evals.iter().map(|eval| (eval.steps, MarkKind::Eval));
    saved.chain(edits).chain(alerts).chain(evals)
}

/// A player that simulates where the world is still there.
fn player(desk: &Desk<'_>, session: &Session, take: Take) -> Result<Player, String> {
    let identity = session.identity();
    let env = chosen::env(desk.registry(), &identity.env, Source::Session(&identity.env_params));
    replay::player(env.ok().as_ref(), session, take).map_err(says)
}

/// The policy as it was saved last before a step.
struct Thinker {
    mind: Mind,
    steps: u64,
    discount: f64,
}

fn thinker(desk: &Desk<'_>, session: &Session, steps: u64) -> Result<Thinker, String> {
    let text = |error: thorndike_session::Error| error.to_string();
    let loaded = session.load_before(steps);
    // The first snapshot may lie behind the first episodes.
    let mut loaded = loaded.or_else(|_| session.load()).map_err(text)?;
    let state = loaded.take(AGENT).ok_or("the snapshot has no agent")?;
    let identity = session.identity();
    let (agent, env) = saved::cast(identity, desk.registry(), &mut Vec::new()).map_err(says)?;
    let think = || -> plugin_api::Result<Mind> {
        let task = env.handle.env(&env.name, &env.params, 1)?.task().clone();
        let mut trained = agent.handle.agent(&agent.name, &agent.params, &task, identity.seed)?;
        trained.load(&from_state(state).to_bytes())?;
        Mind::of((&agent.handle, &agent.name, &agent.params), &mut trained, &task)
    };
    let mind = think().map_err(|error| error.to_string())?;
    let discount = match agent.params.get("discount") {
        Some(Value::Float(discount)) => *discount,
        _ => DISCOUNT,
    };
    Ok(Thinker { mind, steps: loaded.snapshot.summary.steps, discount })
}

fn frames(
    player: &mut Player,
    mut thinker: Option<&mut Thinker>,
    told: Progress<'_>,
) -> Result<Vec<Frame>, String> {
    let scene = |player: &mut Player| player.render().ok().flatten();
    let first = player.first().to_vec();
    let thought = think(player, thinker.as_deref_mut(), &first);
    let lines = observation(player, &first);
    let mut frames = vec![Frame { scene: scene(player), lines, thought, ..Frame::default() }];
    let (mut total, length) = (0.0, player.len().max(1) as f64);
    while frames.len() < FRAMES_MAX {
        let Some(moment) = player.step().map_err(|error| error.to_string())? else { break };
        total += moment.reward;
        told(Some(frames.len() as f64 / length));
        let mut lines = vec![format!("action {}", action(player, &moment))];
        lines.extend(observation(player, &moment.obs));
        for (flag, word) in [(TERMINATED, "terminated"), (TRUNCATED, "truncated")] {
            if moment.flags & flag != 0 {
                lines.push(word.to_owned());
            }
        }
        let thought = think(player, thinker.as_deref_mut(), &moment.obs);
        let discount = thinker.as_ref().map_or(DISCOUNT, |thinker| thinker.discount);
        let before = frames.last_mut().expect("there is a first one");
        if let Some((_, next)) = &mut before.thought {
            *next = choice(player, &moment);
        }
        let value = |thought: &Option<(thorndike_engine::mind::Thought, _)>| {
            thought.as_ref().and_then(|(thought, _)| thought.value)
        };
        let after = if moment.flags & TERMINATED != 0 { Some(0.0) } else { value(&thought) };
        let advantage = value(&before.thought)
            .zip(after)
            .map(|(before, after)| moment.reward + discount * after - before);
        // After an end the world shows the episode that follows.
        let scene = if moment.flags == 0 { scene(player) } else { None };
        let scene = scene.or_else(|| frames.last().and_then(|frame| frame.scene.clone()));
        let reward = moment.reward;
        frames.push(Frame { scene, lines, reward, total, thought, advantage });
    }
    Ok(frames)
}

/// What the policy makes of an observation.
fn think(
    player: &Player,
    thinker: Option<&mut Thinker>,
    obs: &[u8],
) -> Option<(thorndike_engine::mind::Thought, Option<usize>)> {
    let (thinker, task) = (thinker?, player.task()?);
    let mut row = vec![0.0; task.observations.width()];
    if obs.len() != row.len() * task.observations.dtype().size() {
        return None;
    }
    memory::to_f32(task.observations.dtype(), obs, &mut row);
    let thought = thinker.mind.think(&row, player.masks()).ok()?;
    Some((thought, None))
}

/// The choice that was made, counted from 0, where there is one to make.
fn choice(player: &Player, moment: &Moment) -> Option<usize> {
    let Space::Discrete { start, .. } = &player.task()?.actions else { return None };
    let value: i64 = action(player, moment).parse().ok()?;
    usize::try_from(value - start).ok()
}

fn action(player: &Player, moment: &Moment) -> String {
    match player.task().map(|task| &task.actions) {
        Some(space @ Space::Discrete { .. }) => {
            number::words(space.dtype(), &moment.action).join("")
        }
        Some(space) => number::words(space.dtype(), &moment.action).join(" "),
        // Without the world nobody knows what the bytes mean.
        None => number::words(Dtype::U8, &moment.action).join(" "),
    }
}

/// An observation in rows of a few numbers.
fn observation(player: &Player, obs: &[u8]) -> Vec<String> {
    const NUMBERS_MAX: usize = 64;
    let Some(task) = player.task() else { return Vec::new() };
    let numbers = number::words(task.observations.dtype(), obs);
    let shown = numbers.len().min(NUMBERS_MAX);
    let mut lines = vec![format!("seen [{}]", numbers.len())];
    lines.extend(numbers[..shown].chunks(4).map(|row| format!("  {}", row.join("  "))));
    lines
}
