//! Numbers for TensorBoard: written while a run goes on or afterwards, and read from elsewhere.

use super::records::{self, Field, Message, fields};
use crate::saved::TOOL;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use thorndike_engine::event::Event;
use thorndike_session::journal::{Entry, Episode};
use thorndike_session::model::Played;
use thorndike_session::{Model, Setting, Settings};

/// Bins of a histogram.
const BINS: usize = 30;

/// Episodes that share a histogram of their returns.
const EPISODES: usize = 200;

/// Writes an event file.
#[derive(Debug)]
pub(crate) struct Board {
    out: BufWriter<File>,
}

/// One number of an event file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scalar {
    pub(crate) tag: String,
    pub(crate) step: u64,
    pub(crate) wall: f64,
    pub(crate) value: f64,
}

impl Board {
    /// A new file in a folder, which comes into being if need be.
    pub(crate) fn create(folder: &Path, wall: f64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let pid = std::process::id();
        for copy in 0.. {
            let name = format!("events.out.tfevents.{}.thorndike.{pid}.{copy}", wall as u64);
            match OpenOptions::new().write(true).create_new(true).open(folder.join(name)) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                file => {
                    let mut board = Self { out: BufWriter::new(file?) };
                    let version = Message::default().double(1, wall).bytes(3, b"brain.Event:2");
                    board.record(&version)?;
                    return Ok(board);
                }
            }
        }
        unreachable!("some number is free")
    }

    /// Params, for the page that compares runs by them.
    pub(crate) fn params(&mut self, wall: f64, group: &str, params: &Settings) -> io::Result<()> {
        let mut info = Message::default().bytes(4, group.as_bytes()).double(5, wall);
        for (name, value) in params {
            let value = match value {
                Setting::Bool(value) => Message::default().int(4, u64::from(*value)),
                Setting::Int(value) => Message::default().double(2, *value as f64),
                Setting::Float(value) => Message::default().double(2, *value),
                other => Message::default().bytes(3, other.to_string().as_bytes()),
            };
            let entry = Message::default().bytes(1, name.as_bytes()).message(2, &value);
            info = info.message(1, &entry);
        }
        let content = Message::default().message(3, &info);
        let plugin = Message::default().bytes(1, b"hparams").bytes(2, content.as_bytes());
        let metadata = Message::default().message(1, &plugin);
        let tag = b"_hparams_/session_start_info";
        let value = Message::default().bytes(1, tag).message(9, &metadata);
        let summary = Message::default().message(1, &value);
        self.record(&Message::default().double(1, wall).message(5, &summary))
    }

    /// Numbers of one moment.
    pub(crate) fn scalars<'a>(
        &mut self,
        wall: f64,
        step: u64,
        values: impl IntoIterator<Item = (&'a str, f64)>,
    ) -> io::Result<()> {
        let mut summary = Message::default();
        for (tag, value) in values {
            let value = Message::default().bytes(1, tag.as_bytes()).float(2, value as f32);
            summary = summary.message(1, &value);
        }
        self.record(&Message::default().double(1, wall).int(2, step).message(5, &summary))
    }

    /// How these numbers lie between the smallest and the largest of them; nothing without numbers.
    pub(crate) fn histogram(
        &mut self,
        wall: f64,
        step: u64,
        tag: &str,
        numbers: &[f64],
    ) -> io::Result<()> {
        let finite = || numbers.iter().copied().filter(|number| number.is_finite());
        let (low, high) = finite()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        if low > high {
            return Ok(());
        }
        let width = ((high - low) / BINS as f64).max(f64::MIN_POSITIVE);
        let mut counts = [0.0_f64; BINS];
        finite().for_each(|x| counts[(((x - low) / width) as usize).min(BINS - 1)] += 1.0);
        let limits =
            (1..=BINS).map(|bin| if bin == BINS { high } else { low + bin as f64 * width });
        let packed = |numbers: &mut dyn Iterator<Item = f64>| -> Vec<u8> {
            numbers.flat_map(f64::to_le_bytes).collect()
        };
        let histogram = Message::default()
            .double(1, low)
            .double(2, high)
            .double(3, finite().count() as f64)
            .double(4, finite().sum())
            .double(5, finite().map(|x| x * x).sum())
            .bytes(6, &packed(&mut limits.into_iter()))
            .bytes(7, &packed(&mut counts.into_iter()));
        let value = Message::default().bytes(1, tag.as_bytes()).message(5, &histogram);
        let summary = Message::default().message(1, &value);
        self.record(&Message::default().double(1, wall).int(2, step).message(5, &summary))
    }

    /// An event of a run, if there are numbers in it.
    pub(crate) fn event(&mut self, wall: f64, event: &Event) -> io::Result<()> {
        match thorndike_engine::keep::convert::to_entry(event) {
            Some(entry) => self.entry(wall, &entry),
            None => Ok(()),
        }
    }

    fn entry(&mut self, wall: f64, entry: &Entry) -> io::Result<()> {
        match entry {
            Entry::Metrics(metrics) => {
                let values = metrics.values.iter().map(|(name, value)| (&**name, *value));
                self.scalars(wall, metrics.steps, values)
            }
            Entry::Eval(eval) => {
                let values =
                    [("eval/return_mean", eval.return_mean), ("eval/return_std", eval.return_std)];
                self.scalars(wall, eval.steps, values)
            }
            _ => Ok(()),
        }
    }

    /// Brings everything to the file.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn record(&mut self, message: &Message) -> io::Result<()> {
        records::write(&mut self.out, message.as_bytes())
    }
}

/// Writes all that a model holds; there is room for more behind it.
pub(crate) fn write(
    folder: &Path,
    group: &str,
    params: &Settings,
    model: &Model,
) -> io::Result<Board> {
    let begun = model.starts.first().map_or(0, |start| start.at) as f64;
    let mut board = Board::create(folder, begun)?;
    board.params(begun, group, params)?;
    let mut at: Vec<Vec<(&str, f64)>> = vec![Vec::new(); model.moments.len()];
    for (name, series) in model.series.iter() {
        for (&moment, &value) in series.moments.iter().zip(&series.values) {
            at[moment as usize].push((name, value));
        }
    }
    for (moment, values) in model.moments.iter().zip(at) {
        board.scalars(begun + moment.seconds, moment.steps, values)?;
    }
    for eval in &model.evals {
        board.entry(begun, &Entry::Eval(eval.clone()))?;
    }
    let single: Vec<&Episode> = model
        .episodes
        .iter()
        .filter_map(|played| match played {
            Played::One(episode) => Some(episode),
            Played::Many(_) => None,
        })
        .collect();
    for episodes in single.chunks(EPISODES) {
        let step = episodes.last().map_or(0, |episode| episode.steps);
        let of = |number: fn(&Episode) -> f64| -> Vec<f64> {
            episodes.iter().map(|episode| number(episode)).collect()
        };
        board.histogram(begun, step, "episode/return", &of(|episode| episode.total))?;
        board.histogram(begun, step, "episode/length", &of(|episode| episode.length as f64))?;
    }
    board.flush()?;
    Ok(board)
}

/// The event files at a path: itself, or those in the folder.
pub(crate) fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().contains("tfevents") {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// The scalars in the bytes of an event file, and whether all of it could be read.
pub(crate) fn scalars(bytes: &[u8]) -> (Vec<Scalar>, bool) {
    let (records, is_whole) = records::read(bytes);
    let mut scalars = Vec::new();
    for record in records {
        let (mut wall, mut step) = (0.0, 0);
        for (number, field) in fields(record) {
            match (number, field) {
                (1, Field::Double(value)) => wall = value,
                (2, Field::Int(value)) => step = value,
                (5, Field::Bytes(summary)) => {
                    let values = fields(summary).filter_map(|(_, value)| match value {
                        Field::Bytes(value) => named(value),
                        _ => None,
                    });
                    scalars.extend(values.map(|(tag, value)| Scalar { tag, step, wall, value }));
                }
                _ => {}
            }
        }
    }
    (scalars, is_whole)
}

/// Name and number of a summary's value.
fn named(value: &[u8]) -> Option<(String, f64)> {
    let (mut tag, mut number) = (None, None);
    for (field, content) in fields(value) {
        match (field, content) {
            (1, Field::Bytes(text)) => tag = String::from_utf8(text.to_vec()).ok(),
            (2, Field::Float(value)) => number = Some(f64::from(value)),
            (8, Field::Bytes(tensor)) => number = first_number(tensor),
            _ => {}
        }
    }
    Some((tag?, number?))
}

/// The number of a tensor that holds one.
fn first_number(tensor: &[u8]) -> Option<f64> {
    let (mut is_double, mut number) = (false, None);
    for (field, content) in fields(tensor) {
        match (field, content) {
            (1, Field::Int(dtype)) => is_double = dtype == 2,
            (4, Field::Bytes(bytes)) if is_double => {
                number = bytes.first_chunk().map(|bytes| f64::from_le_bytes(*bytes));
            }
            (4 | 5, Field::Bytes(bytes)) => {
                number = bytes.first_chunk().map(|bytes| f64::from(f32::from_le_bytes(*bytes)));
            }
            (5, Field::Float(value)) => number = Some(f64::from(value)),
            (6, Field::Double(value)) => number = Some(value),
            _ => {}
        }
    }
    number
}

/// Name of the program as a group of runs.
pub(crate) fn group(name: &str) -> String {
    format!("{TOOL}/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use thorndike_session::journal::Metrics;

    #[test]
    fn what_is_written_is_read() {
        let folder = std::env::temp_dir().join(format!("thorndike-board-{}", std::process::id()));
        let mut model = Model::default();
        for (steps, loss) in [(10, 0.5), (20, 0.25)] {
            let values = vec![("loss".into(), loss), ("return_mean".into(), 1.0)];
            let metrics = Metrics { steps, seconds: steps as f64, values, ..Metrics::default() };
            model.apply(steps, Entry::Metrics(metrics));
        }
        let params = Settings::from([("a".to_owned(), Setting::Bool(true))]);
        write(&folder, "run", &params, &model).expect("the folder is writable");
        let files = files(&folder).expect("it is readable");
        let bytes = fs::read(&files[0]).expect("it was written");
        fs::remove_dir_all(&folder).expect("it is ours");
        let (scalars, is_whole) = scalars(&bytes);
        assert!(is_whole && files.len() == 1);
        let losses: Vec<_> = scalars.iter().filter(|scalar| scalar.tag == "loss").collect();
        assert_eq!(losses.len(), 2);
        assert_eq!((losses[1].step, losses[1].wall, losses[1].value), (20, 20.0, 0.25));
    }
}
