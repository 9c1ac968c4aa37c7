//! Replays as the columns of a file: those of all its episodes one after another, and a table that
//! says which rows are whose.

use super::{Head, Replay};
use crate::error::{Error, Result};
use crate::seal::from_ron;
use crate::state::{Kind, Tensor, metadata, read_all, write_all};
use std::path::Path;

/// Name of the table. Files of one episode that were written before there was one lack it.
pub(super) const TABLE: &str = "episodes";

/// Key of what the first episode was recorded in.
pub(super) const HEAD: &str = "replay";

/// Numbers of a row of the table. More may follow in later versions.
const ROW: usize = 10;

/// A row of the table: what an episode was recorded in, and how much of each column is its own.
pub(super) struct Row {
    pub(super) head: Head,
    pub(super) steps: usize,
    keys: usize,
    first: usize,
}

/// Replays as the bytes of a file.
pub(super) fn write(replays: &[Replay]) -> Vec<u8> {
    let steps = replays.iter().map(Replay::len).sum::<usize>() as u64;
    let width = replays.first().map_or(0, |replay| replay.action_bytes) as u64;
    let (mut places, mut states, mut table) = (Vec::new(), Vec::new(), Vec::new());
    let keys: usize = replays.iter().map(|replay| replay.keys.len()).sum();
    for (step, state) in replays.iter().flat_map(|replay| &replay.keys) {
        places.extend_from_slice(&step.to_le_bytes());
        places.extend_from_slice(&(state.len() as u64).to_le_bytes());
        states.extend_from_slice(state);
    }
    for replay in replays {
        table.extend(row(replay).into_iter().flat_map(u64::to_le_bytes));
    }
    let (mut rewards, mut hashes) = (Vec::new(), Vec::new());
    rewards.reserve(8 * steps as usize);
    hashes.reserve(8 * steps as usize);
    for replay in replays {
        replay.rewards.iter().for_each(|reward| rewards.extend_from_slice(&reward.to_le_bytes()));
        replay.hashes.iter().for_each(|hash| hashes.extend_from_slice(&hash.to_le_bytes()));
    }
    let bytes = |column: fn(&Replay) -> &[u8]| replays.iter().map(column).collect::<Vec<_>>();
    let actions = bytes(|replay| &replay.actions).concat();
    let flags = bytes(|replay| &replay.flags).concat();
    let first = bytes(|replay| &replay.first).concat();
    let tensors = [
        tensor(TABLE, Kind::U64, &[replays.len() as u64, ROW as u64], table),
        tensor("rewards", Kind::F64, &[steps], rewards),
        tensor("hashes", Kind::U64, &[hashes.len() as u64 / 8], hashes),
        tensor("keys", Kind::U64, &[keys as u64, 2], places),
        tensor("actions", Kind::U8, &[steps, width], actions),
        tensor("flags", Kind::U8, &[flags.len() as u64], flags),
        tensor("states", Kind::U8, &[states.len() as u64], states),
        tensor("first", Kind::U8, &[first.len() as u64], first),
    ];
    let head = replays.first().map(|replay| &replay.head);
    let head = ron::to_string(&head.cloned().unwrap_or_default());
    let head = head.expect("plain data can be written");
    write_all(&tensors.iter().collect::<Vec<_>>(), &[(HEAD, head)])
}

/// The replays in the bytes of a file: at least one.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Vec<Replay>> {
    let wrong = |what: &str| Error::damaged(path, what);
    let head = head(path, metadata(path, bytes, HEAD)?.as_deref())?;
    let mut tensors = read_all(path, bytes)?;
    let mut take = |name: &str, kind: Kind| {
        let place = tensors.iter().position(|t| t.name == name && t.kind == kind);
        place.map(|place| tensors.swap_remove(place)).ok_or_else(|| wrong("a column is missing"))
    };
    let (rewards, hashes) = (take("rewards", Kind::F64)?, take("hashes", Kind::U64)?);
    let (keys, states) = (take("keys", Kind::U64)?, take("states", Kind::U8)?.bytes);
    let (actions, flags) = (take("actions", Kind::U8)?, take("flags", Kind::U8)?.bytes);
    let first = take("first", Kind::U8)?.bytes;
    let width = actions.shape.get(1).copied().unwrap_or(0) as usize;
    let rows = match take(TABLE, Kind::U64) {
        Ok(table) => rows(&head, &table).ok_or_else(|| wrong("its table does not fit"))?,
        Err(_) => vec![Row {
            head,
            steps: rewards.bytes.len() / 8,
            keys: keys.bytes.len() / 16,
            first: first.len(),
        }],
    };
    let mut columns = Columns {
        width,
        rewards: &rewards.bytes,
        hashes: &hashes.bytes,
        keys: &keys.bytes,
        states: &states,
        actions: &actions.bytes,
        flags: &flags,
        first: &first,
    };
    let replays: Option<Vec<Replay>> = rows.into_iter().map(|row| columns.cut(row)).collect();
    let replays = replays.filter(|replays| !replays.is_empty() && columns.is_empty());
    replays.ok_or_else(|| wrong("its columns have different lengths"))
}

/// What the first episode of a file was recorded in.
pub(super) fn head(path: &Path, text: Option<&str>) -> Result<Head> {
    let text = text.ok_or_else(|| Error::damaged(path, "it is no replay"))?;
    let head: Head = from_ron(path, text)?;
    if head.format.0 != crate::FORMAT.0 {
        return Err(Error::Format { path: path.to_owned(), found: head.format });
    }
    Ok(head)
}

fn row(replay: &Replay) -> [u64; ROW] {
    let Replay { head, .. } = replay;
    let Head { episode, lane, steps, total, begun, from, trial, .. } = head;
    let lengths = [replay.len(), replay.keys.len(), replay.first.len()].map(|n| n as u64);
    let [length, keys, first] = lengths;
    [*episode, *lane, *steps, total.to_bits(), *begun, *from, *trial, length, keys, first]
}

/// The rows of a table; what is the same for all stands in `head`.
pub(super) fn rows(head: &Head, table: &Tensor) -> Option<Vec<Row>> {
    let width = usize::try_from(*table.shape.get(1)?).ok()?;
    if width < ROW {
        return None;
    }
    let row = |bytes: &[u8]| {
        let mut words = [0; ROW];
        words.iter_mut().zip(self::words(bytes)).for_each(|(to, word)| *to = word);
        let [episode, lane, steps, total, begun, from, trial, length, keys, first] = words;
        let total = f64::from_bits(total);
        let head = Head { episode, lane, steps, total, begun, from, trial, ..head.clone() };
        let [steps, keys, first] = [length, keys, first].map(|n| usize::try_from(n).ok());
        Some(Row { head, steps: steps?, keys: keys?, first: first? })
    };
    table.bytes.chunks_exact(width.checked_mul(8)?).map(row).collect()
}

/// What of the columns nobody has cut off yet.
struct Columns<'a> {
    width: usize,
    rewards: &'a [u8],
    hashes: &'a [u8],
    keys: &'a [u8],
    states: &'a [u8],
    actions: &'a [u8],
    flags: &'a [u8],
    first: &'a [u8],
}

impl Columns<'_> {
    /// Cuts off what belongs to a row, if it is all there.
    fn cut(&mut self, row: Row) -> Option<Replay> {
        let words_long = row.steps.checked_mul(8)?;
        let mut keys = Vec::new();
        for pair in cut(&mut self.keys, row.keys.checked_mul(16)?)?.chunks_exact(16) {
            let (step, length) = pair.split_at(8);
            let length = usize::try_from(words(length).next()?).ok()?;
            keys.push((words(step).next()?, cut(&mut self.states, length)?.to_vec()));
        }
        let replay = Replay {
            head: row.head,
            action_bytes: self.width,
            first: cut(&mut self.first, row.first)?.to_vec(),
            rewards: words(cut(&mut self.rewards, words_long)?).map(f64::from_bits).collect(),
            hashes: words(cut(&mut self.hashes, words_long)?).collect(),
            actions: cut(&mut self.actions, row.steps.checked_mul(self.width)?)?.to_vec(),
            flags: cut(&mut self.flags, row.steps)?.to_vec(),
            keys,
        };
        let fits = replay.keys.first().is_some_and(|(step, _)| *step == 0)
            && replay.keys.is_sorted_by(|a, b| a.0 < b.0);
        fits.then_some(replay)
    }

    fn is_empty(&self) -> bool {
        let all = [self.rewards, self.hashes, self.keys, self.states, self.actions];
        all.iter().chain(&[self.flags, self.first]).all(|column| column.is_empty())
    }
}

/// The first bytes of a column, which is shorter then.
fn cut<'a>(column: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (cut, rest) = column.split_at_checked(length)?;
    *column = rest;
    Some(cut)
}

fn tensor(name: &str, kind: Kind, shape: &[u64], bytes: Vec<u8>) -> Tensor {
    Tensor { name: name.to_owned(), kind, shape: shape.to_vec(), bytes }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replays_come_back_and_cut_ones_are_refused() {
        let one = Replay {
            head: Head { format: crate::FORMAT, episode: 7, total: 0.1, ..Head::default() },
            first: vec![9; 4],
            action_bytes: 2,
            actions: vec![1, 2, 3, 4, 5, 6],
            rewards: vec![0.1, -0.0, 1e300],
            flags: vec![0, 0, 1],
            hashes: vec![1, u64::MAX, 3],
            keys: vec![(0, vec![5; 3]), (2, vec![])],
        };
        let two = Replay {
            head: Head { episode: 9, lane: 3, begun: 4, from: 5, trial: 6, ..one.head.clone() },
            actions: vec![7; 2],
            rewards: vec![f64::NEG_INFINITY],
            flags: vec![2],
            hashes: vec![8],
            keys: vec![(0, vec![1])],
            ..one.clone()
        };
        let replays = [one, two];
        let bytes = write(&replays);
        let path = Path::new("x");
        assert_eq!(read(path, &bytes).expect("just written"), replays);
        assert_eq!(replays[0].action(1), [3, 4]);
        for length in 0..bytes.len() {
            read(path, &bytes[..length]).expect_err("something is missing");
        }
        let [one, _] = replays;
        let broken = Replay { flags: vec![0], ..one };
        read(path, &write(&[broken])).expect_err("flags are missing");
    }

    #[test]
    fn files_from_before_there_were_tables_are_one_episode() {
        let head = Head { format: crate::FORMAT, episode: 3, ..Head::default() };
        let column = |name, kind, shape: &[u64], bytes| tensor(name, kind, shape, bytes);
        let tensors = [
            column("rewards", Kind::F64, &[1], vec![0; 8]),
            column("hashes", Kind::U64, &[1], vec![1; 8]),
            column("keys", Kind::U64, &[1, 2], [[0; 8], 2_u64.to_le_bytes()].concat()),
            column("actions", Kind::U8, &[1, 1], vec![4]),
            column("flags", Kind::U8, &[1], vec![1]),
            column("states", Kind::U8, &[2], vec![5, 6]),
            column("first", Kind::U8, &[3], vec![7, 8, 9]),
        ];
        let text = ron::to_string(&head).expect("plain data can be written");
        let bytes = write_all(&tensors.iter().collect::<Vec<_>>(), &[(HEAD, text)]);
        let replays = read(Path::new("x"), &bytes).expect("sound");
        assert_eq!((replays.len(), &replays[0].head), (1, &head));
        assert_eq!((&replays[0].keys, replays[0].flags[0]), (&vec![(0, vec![5, 6])], 1));
        assert_eq!(replays[0].first, [7, 8, 9]);
    }
}
