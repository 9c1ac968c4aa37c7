//! Which episodes were recorded, and where each lies: known from the heads of files alone, so that
//! listing a hundred thousand episodes reads none of them.

use super::pack::{self, HEAD, TABLE};
use super::{Head, Named, Replay};
use crate::error::{Error, Result};
use crate::session::Session;
use crate::state::{Kind, Tensor};
use safetensors::tensor::Metadata;
use std::collections::BTreeMap;

/// A recorded episode, wherever its parts lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Take {
    /// Its number among the recorded ones of the session.
    pub number: u64,
    /// What it was recorded in, as its last part says.
    pub head: Head,
    /// Its steps.
    pub length: u64,
    /// Its parts, in order.
    pub parts: Vec<Place>,
}

/// Where a part of an episode lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its file.
    pub file: Named,
    /// Its place in that.
    pub at: usize,
    /// Steps of the episode before it.
    pub from: u64,
}

/// The recorded episodes of a session.
#[derive(Debug, Default)]
pub struct Takes {
    /// Those that can be had, in the order they were recorded.
    pub all: Vec<Take>,
    /// Why others cannot: a sentence for each file.
    pub lost: Vec<Error>,
}

impl Session {
    /// The recorded episodes, as far as their files can be read.
    pub fn takes(&self) -> Result<Takes> {
        let (mut known, mut lost) = (BTreeMap::new(), Vec::new());
        for named in self.replays()? {
            let heads = self.heads(&named).map_err(|error| lost.push(error)).unwrap_or_default();
            for (at, (head, length)) in heads.into_iter().enumerate() {
                add(&mut known, &named, at, head, length as u64);
            }
        }
        let mut all: Vec<Take> = known.into_values().collect();
        all.sort_by_key(|take| take.number);
        Ok(Takes { all, lost })
    }

    /// What the episodes of a file were recorded in, and their steps.
    pub(crate) fn heads(&self, named: &Named) -> Result<Vec<(Head, usize)>> {
        let wrong = |what: &dyn std::fmt::Display| Error::damaged(&named.path, what);
        let read = |from: u64, most: u64| {
            let read = self.disk.read(&named.path, from, most);
            read.map_err(Error::system("read", &named.path))
        };
        let start = read(0, 8)?;
        let start: [u8; 8] = start.try_into().map_err(|_| wrong(&"its end is missing"))?;
        let length = u64::from_le_bytes(start);
        let meta = serde_json::from_slice(&read(8, length)?);
        let meta: Metadata = meta.map_err(|error| wrong(&error))?;
        let Some(info) = meta.info(TABLE) else {
            let replays = self.replay(named)?.into_iter();
            // Nothing says when its lane began it; no other one did then.
            let begun = u64::MAX - named.number;
            let head = |replay: &Replay| Head { begun, ..replay.head.clone() };
            return Ok(replays.map(|replay| (head(&replay), replay.len())).collect());
        };
        let text = meta.metadata().as_ref().and_then(|texts| texts.get(HEAD));
        let head = pack::head(&named.path, text.map(String::as_str))?;
        self.owns(named, &head)?;
        let length = length.saturating_add(8);
        let (from, to) = info.data_offsets;
        let bytes = read(length.saturating_add(from as u64), to.saturating_sub(from) as u64)?;
        let shape = info.shape.iter().map(|&extent| extent as u64).collect();
        let table = Tensor { name: TABLE.to_owned(), kind: Kind::U64, shape, bytes };
        let rows = pack::rows(&head, &table).ok_or_else(|| wrong(&"its table does not fit"))?;
        Ok(rows.into_iter().map(|row| (row.head, row.steps)).collect())
    }
}

/// Adds a part to the episode that it belongs to.
fn add(
    known: &mut BTreeMap<(u64, u64, u64), Take>,
    file: &Named,
    at: usize,
    head: Head,
    length: u64,
) {
    let number = file.number + at as u64;
    let place = Place { file: file.clone(), at, from: head.from };
    let key = (head.trial, head.lane, head.begun);
    match known.get_mut(&key).filter(|take| head.from > 0 && take.length == head.from) {
        Some(take) => {
            let total = if head.episode == 0 { take.head.total + head.total } else { head.total };
            take.head = Head { total, ..head };
            take.length += length;
            take.parts.push(place);
        }
        // A part whose beginning is gone leads nowhere; what is told again holds.
        None if head.from == 0 => {
            known.insert(key, Take { number, head, length, parts: vec![place] });
        }
        None => {}
    }
}

/// The recorded episodes of a session as they are read: the latest file stays in memory.
#[derive(Debug)]
pub struct Library {
    session: Session,
    latest: Option<(Named, Vec<Replay>)>,
}

impl Library {
    /// The episodes of a session.
    pub fn new(session: Session) -> Self {
        Self { session, latest: None }
    }

    /// A part of an episode.
    pub fn part(&mut self, place: &Place) -> Result<Replay> {
        let is_there = self.latest.as_ref().is_some_and(|(named, _)| *named == place.file);
        if !is_there {
            self.latest = Some((place.file.clone(), self.session.replay(&place.file)?));
        }
        let (_, replays) = self.latest.as_ref().expect("it was just put there");
        let replay = replays.get(place.at).cloned();
        replay.ok_or_else(|| Error::damaged(&place.file.path, "an episode is missing"))
    }
}
