//! Entries as payloads of frames. A payload may be longer than this build knows: what follows was
//! added later, and is passed over.

use super::frame::PAYLOAD_MAX;
use super::{Commit, Entry, Episode, Episodes, Metrics};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Kinds of frames. They are never given to anything else.
pub(super) mod kind {
    pub(crate) const SEGMENT: u8 = 1;
    pub(crate) const NAME: u8 = 2;
    pub(crate) const METRICS: u8 = 3;
    pub(crate) const EPISODE: u8 = 4;
    pub(crate) const EPISODES: u8 = 5;
    pub(crate) const COMMITS: u8 = 6;
    pub(crate) const START: u8 = 16;
    pub(crate) const EVAL: u8 = 17;
    pub(crate) const EDIT: u8 = 18;
    pub(crate) const ALERT: u8 = 19;
    pub(crate) const SAVED: u8 = 20;
    pub(crate) const LOG: u8 = 21;
    pub(crate) const PLUGIN: u8 = 22;
    pub(crate) const RECORDED: u8 = 23;
    pub(crate) const DONE: u8 = 24;
    pub(crate) const WHOLE: u8 = 25;
}

/// Kind and payload of an entry; metrics name their values by the numbers that `id` gives.
pub(super) fn encode(entry: &Entry, id: &mut dyn FnMut(&str) -> u16) -> (u8, Vec<u8>) {
    match entry {
        Entry::Metrics(metrics) => (kind::METRICS, encode_metrics(metrics, id)),
        Entry::Episode(episode) => (kind::EPISODE, encode_episode(episode)),
        Entry::Episodes(episodes) => (kind::EPISODES, encode_episodes(episodes)),
        Entry::Commits(commits) => (kind::COMMITS, encode_commits(commits)),
        Entry::Start(value) => (kind::START, text(value)),
        Entry::Eval(value) => (kind::EVAL, text(value)),
        Entry::Edit(value) => (kind::EDIT, text(value)),
        Entry::Alert(value) => (kind::ALERT, text(value)),
        Entry::Saved(value) => (kind::SAVED, text(value)),
        Entry::Log(value) => (kind::LOG, text(value)),
        Entry::Plugin(value) => (kind::PLUGIN, text(value)),
        Entry::Recorded(value) => (kind::RECORDED, text(value)),
        Entry::Done(value) => (kind::DONE, text(value)),
        Entry::Whole(value) => (kind::WHOLE, text(value)),
        Entry::Other { kind, payload } => (*kind, payload.clone()),
    }
}

/// The entry in a payload; nothing when it does not hold what its kind promises.
pub(super) fn decode(kind: u8, payload: &[u8], names: &[Arc<str>]) -> Option<Entry> {
    Some(match kind {
        kind::METRICS => Entry::Metrics(decode_metrics(payload, names)?),
        kind::EPISODE => Entry::Episode(decode_episode(payload)?),
        kind::EPISODES => Entry::Episodes(decode_episodes(payload)?),
        kind::COMMITS => Entry::Commits(decode_commits(payload)?),
        kind::START => Entry::Start(value(payload)?),
        kind::EVAL => Entry::Eval(value(payload)?),
        kind::EDIT => Entry::Edit(value(payload)?),
        kind::ALERT => Entry::Alert(value(payload)?),
        kind::SAVED => Entry::Saved(value(payload)?),
        kind::LOG => Entry::Log(value(payload)?),
        kind::PLUGIN => Entry::Plugin(value(payload)?),
        kind::RECORDED => Entry::Recorded(value(payload)?),
        kind::DONE => Entry::Done(value(payload)?),
        kind::WHOLE => Entry::Whole(value(payload)?),
        _ => Entry::Other { kind, payload: payload.to_vec() },
    })
}

fn text(value: &impl Serialize) -> Vec<u8> {
    let mut text = ron::to_string(value).expect("plain data can be written").into_bytes();
    // Only texts of plugins can be as long as this, and a part of them is enough.
    if text.len() > PAYLOAD_MAX {
        text = b"()".to_vec();
    }
    text
}

fn value<T: DeserializeOwned>(payload: &[u8]) -> Option<T> {
    ron::de::from_bytes(payload).ok()
}

fn encode_metrics(metrics: &Metrics, id: &mut dyn FnMut(&str) -> u16) -> Vec<u8> {
    let mut out = Vec::with_capacity(34 + 10 * metrics.values.len());
    put_all(&mut out, &[metrics.steps, metrics.episodes, metrics.updates]);
    put_all(&mut out, &[metrics.seconds.to_bits()]);
    let values = &metrics.values[..metrics.values.len().min(usize::from(u16::MAX))];
    out.extend_from_slice(&(values.len() as u16).to_le_bytes());
    for (name, value) in values {
        out.extend_from_slice(&id(name).to_le_bytes());
        out.extend_from_slice(&value.to_le_bytes());
    }
    out
}

fn decode_metrics(payload: &[u8], names: &[Arc<str>]) -> Option<Metrics> {
    let mut bytes = Bytes(payload);
    let [steps, episodes, updates] = [bytes.u64()?, bytes.u64()?, bytes.u64()?];
    let seconds = bytes.f64()?;
    let count = bytes.u16()?;
    let mut values = Vec::with_capacity(usize::from(count).min(payload.len() / 10));
    for _ in 0..count {
        let name = names.get(usize::from(bytes.u16()?))?;
        values.push((name.clone(), bytes.f64()?));
    }
    Some(Metrics { steps, episodes, updates, seconds, values })
}

fn encode_episode(episode: &Episode) -> Vec<u8> {
    let mut out = Vec::with_capacity(37);
    let Episode { total, length, .. } = episode;
    put_all(&mut out, &[episode.episode, episode.steps, total.to_bits(), *length]);
    out.extend_from_slice(&episode.lane.to_le_bytes());
    let success = episode.success.map_or(0, |success| 4 + 8 * u8::from(success));
    out.push(u8::from(episode.terminated) + 2 * u8::from(episode.truncated) + success);
    out
}

fn decode_episode(payload: &[u8]) -> Option<Episode> {
    let mut bytes = Bytes(payload);
    let (episode, steps) = (bytes.u64()?, bytes.u64()?);
    let (total, length) = (bytes.f64()?, bytes.u64()?);
    let (lane, flags) = (bytes.u32()?, bytes.take::<1>()?[0]);
    Some(Episode {
        episode,
        lane,
        steps,
        total,
        length,
        terminated: flags & 1 != 0,
        truncated: flags & 2 != 0,
        success: (flags & 4 != 0).then_some(flags & 8 != 0),
    })
}

fn encode_episodes(episodes: &Episodes) -> Vec<u8> {
    let Episodes { last, count, steps, terminated, .. } = *episodes;
    let Episodes { mean, low, high, length, success, .. } = *episodes;
    let mut out = Vec::with_capacity(72);
    put_all(&mut out, &[last, count, steps, terminated]);
    put_all(&mut out, &[mean, low, high, length, success.unwrap_or(f64::NAN)].map(f64::to_bits));
    out
}

fn decode_episodes(payload: &[u8]) -> Option<Episodes> {
    let mut bytes = Bytes(payload);
    let [last, count, steps, terminated] = [bytes.u64()?, bytes.u64()?, bytes.u64()?, bytes.u64()?];
    let [mean, low, high, length] = [bytes.f64()?, bytes.f64()?, bytes.f64()?, bytes.f64()?];
    let success = Some(bytes.f64()?).filter(|success| !success.is_nan());
    Some(Episodes { last, count, steps, mean, low, high, length, terminated, success })
}

fn encode_commits(commits: &[Commit]) -> Vec<u8> {
    let units: usize = commits.iter().map(|commit| commit.units.len()).sum();
    let mut out = Vec::with_capacity(4 + 20 * commits.len() + 12 * units);
    out.extend_from_slice(&(commits.len() as u32).to_le_bytes());
    for Commit { update, steps, units } in commits {
        put_all(&mut out, &[*update, *steps]);
        out.extend_from_slice(&(units.len() as u32).to_le_bytes());
        for (worker, policy) in units {
            out.extend_from_slice(&worker.to_le_bytes());
            put_all(&mut out, &[*policy]);
        }
    }
    out
}

fn decode_commits(payload: &[u8]) -> Option<Vec<Commit>> {
    let mut bytes = Bytes(payload);
    let count = bytes.u32()?;
    let mut commits = Vec::with_capacity((count as usize).min(payload.len() / 20));
    for _ in 0..count {
        let (update, steps, length) = (bytes.u64()?, bytes.u64()?, bytes.u32()?);
        let mut units = Vec::with_capacity((length as usize).min(payload.len() / 12));
        for _ in 0..length {
            units.push((bytes.u32()?, bytes.u64()?));
        }
        commits.push(Commit { update, steps, units });
    }
    Some(commits)
}

fn put_all(out: &mut Vec<u8>, words: &[u64]) {
    out.extend(words.iter().flat_map(|word| word.to_le_bytes()));
}

/// Takes numbers from the front of bytes.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn f64(&mut self) -> Option<f64> {
        self.take().map(f64::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Alert, Edit, Eval, Line, Recorded, Saved, Start, Whole};
    use crate::{PluginUsed, Setting, Summary};

    fn all() -> Vec<Entry> {
        let (steps, text) = (7, || "a \"b\"\n\u{1b}".to_owned());
        let values = vec![("loss".into(), 0.1), ("π".into(), f64::INFINITY), ("loss".into(), -0.0)];
        let episode = Episode { episode: 1, lane: 2, steps, total: 0.3, ..Episode::default() };
        vec![
            Entry::Start(Start { steps, generation: Some(3), ..Start::default() }),
            Entry::Metrics(Metrics { steps, episodes: 2, updates: 1, seconds: 0.5, values }),
            Entry::Episode(episode),
            Entry::Episode(Episode { terminated: true, success: Some(false), ..episode }),
            Entry::Episode(Episode { truncated: true, success: Some(true), ..episode }),
            Entry::Episodes(Episodes { last: 9, count: 5, mean: 0.1, ..Episodes::default() }),
            Entry::Episodes(Episodes { success: Some(0.5), ..Episodes::default() }),
            Entry::Commits(vec![
                Commit { update: 3, steps, units: vec![(0, 3), (1, u64::MAX)] },
                Commit::default(),
            ]),
            Entry::Eval(Eval { steps, regret: Some(0.25), ..Eval::default() }),
            Entry::Edit(Edit {
                steps,
                author: text(),
                name: "step_size".into(),
                old: Setting::Float(0.1),
                new: Setting::Float(0.2),
            }),
            Entry::Alert(Alert { steps, topic: text(), message: text() }),
            Entry::Saved(Saved { generation: 2, steps, cause: text() }),
            Entry::Whole(Whole { generation: 2 }),
            Entry::Log(Line { steps, source: text(), text: text() }),
            Entry::Plugin(PluginUsed { name: text(), ..PluginUsed::default() }),
            Entry::Recorded(Recorded { total: 1.5, ..Recorded::default() }),
            Entry::Done(Summary { return_mean: Some(-1.0 / 3.0), ..Summary::default() }),
            Entry::Other { kind: 200, payload: vec![1, 2, 3] },
        ]
    }

    #[test]
    fn entries_come_back_as_they_went_and_may_have_grown() {
        for entry in all() {
            let mut names: Vec<Arc<str>> = Vec::new();
            let mut id = |name: &str| {
                let known = names.iter().position(|known| &**known == name);
                known.unwrap_or_else(|| {
                    names.push(name.into());
                    names.len() - 1
                }) as u16
            };
            let (kind, mut payload) = encode(&entry, &mut id);
            assert_eq!(decode(kind, &payload, &names), Some(entry.clone()));
            if kind < 16 {
                for length in 0..payload.len() {
                    assert_eq!(decode(kind, &payload[..length], &names), None);
                }
                payload.extend_from_slice(b"later");
                assert_eq!(decode(kind, &payload, &names), Some(entry));
            }
        }
        let later = b"(steps:3,later:[1,(2,)],topic:\"a\")";
        let expected = Alert { steps: 3, topic: "a".into(), message: String::new() };
        assert_eq!(decode(kind::ALERT, later, &[]), Some(Entry::Alert(expected)));
        assert_eq!(decode(kind::ALERT, b"(steps:", &[]), None);
    }
}
