//! A recorded episode for the screen: every step played again, with its picture and in words.

use super::{Desk, says};
use crate::chosen::{self, Source};
use crate::number;
use plugin_api::{Dtype, Space, TERMINATED, TRUNCATED};
use thorndike_engine::keep;
use thorndike_engine::replay::{Level, Moment, Player};
use thorndike_session::Session;
use thorndike_session::replay::Replay;
use thorndike_tui::bench::{Film, Frame};

/// Steps that are looked at; longer episodes are cut.
const FRAMES_MAX: usize = 20_000;

/// The episode of this number, or the latest there is.
pub(super) fn film(desk: &Desk<'_>, name: &str, episode: Option<u64>) -> Result<Film, String> {
    let session = desk.open(name)?;
    let named = session.replays().map_err(|error| error.to_string())?;
    let mut replays: Vec<Replay> =
        named.iter().filter_map(|named| session.replay(named).ok()).collect();
    replays.sort_by_key(|replay| replay.head.episode);
    let episodes: Vec<u64> = replays.iter().map(|replay| replay.head.episode).collect();
    let wanted = episode.or(episodes.last().copied());
    let at = wanted.and_then(|wanted| episodes.iter().position(|episode| *episode == wanted));
    let at = at.ok_or_else(|| format!("{name} has no recorded episodes"))?;
    let replay = replays.swap_remove(at);
    let (number, steps, total) = (replay.head.episode, replay.head.steps, replay.head.total);
    let mut player = player(desk, &session, replay)?;
    let frames = frames(&mut player)?;
    let level = player.level();
    let title = format!("{name}  episode {number} at step {steps}  return {total}  {level}");
    Ok(Film { title, session: name.to_owned(), episode: number, episodes, frames })
}

/// A player that simulates where the world is still there.
fn player(desk: &Desk<'_>, session: &Session, replay: Replay) -> Result<Player, String> {
    let identity = session.identity();
    let env = chosen::env(desk.registry, &identity.env, Source::Session(&identity.env_params));
    let Ok(env) = env.map_err(says) else { return Ok(Player::of_actions(replay)) };
    let is_same = replay.head.plugin == env.used.hash && replay.head.cpu == keep::cpu();
    let level = if is_same { Level::Exact } else { Level::Portable };
    let player = Player::new(&env.handle, &env.name, &env.params, level, replay);
    player.map_err(|error| error.to_string())
}

fn frames(player: &mut Player) -> Result<Vec<Frame>, String> {
    let scene = |player: &mut Player| player.render().ok().flatten();
    let first = player.first().to_vec();
    let lines = observation(player, &first);
    let mut frames = vec![Frame { scene: scene(player), lines, ..Frame::default() }];
    let mut total = 0.0;
    while frames.len() < FRAMES_MAX {
        let Some(moment) = player.step().map_err(|error| error.to_string())? else { break };
        total += moment.reward;
        let mut lines = vec![format!("action {}", action(player, &moment))];
        lines.extend(observation(player, &moment.obs));
        for (flag, word) in [(TERMINATED, "terminated"), (TRUNCATED, "truncated")] {
            if moment.flags & flag != 0 {
                lines.push(word.to_owned());
            }
        }
        // After an end the world shows the episode that follows.
        let scene = if moment.flags == 0 { scene(player) } else { None };
        let scene = scene.or_else(|| frames.last().and_then(|frame| frame.scene.clone()));
        frames.push(Frame { scene, lines, reward: moment.reward, total });
    }
    Ok(frames)
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
