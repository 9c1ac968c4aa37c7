//! Where the actions of a look at a world come from: a file, chance, or nowhere.

use crate::cli::EnvFlags;
use crate::failure::Failure;
use plugin_api::space::SpaceSampler;
use plugin_api::{Dtype, Element, Task};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use thorndike_engine::memory::{RawRows, numbers_mut, to_f64};
use thorndike_session::error::shown;

/// Actions, one after the other.
#[derive(Debug)]
pub(crate) struct Actions {
    source: Source,
    left: u64,
    row: RawRows,
}

#[derive(Debug)]
enum Source {
    Chance(Box<SpaceSampler>),
    File { path: PathBuf, reader: BufReader<File>, number: u64 },
}

impl Actions {
    /// The actions that were asked for: none without a file, `random` or a number of steps.
    pub(super) fn open(asked: &EnvFlags, task: &Task, random_steps: u64) -> Result<Self, Failure> {
        let space = &task.actions;
        let row = RawRows::new(1, space.width(), space.dtype());
        let steps = asked.steps.map(u64::from);
        let (source, left) = match &asked.actions {
            Some(file) if file != Path::new("random") => {
                let cannot = |error| {
                    Failure::usage(format!("cannot read the actions {}: {error}", file.display()))
                };
                let reader = BufReader::new(File::open(file).map_err(cannot)?);
                (Source::File { path: file.clone(), reader, number: 0 }, steps.unwrap_or(u64::MAX))
            }
            chosen => {
                let sampler = SpaceSampler::new(space, asked.seed)?;
                let fallback = if chosen.is_some() { random_steps } else { 0 };
                (Source::Chance(Box::new(sampler)), steps.unwrap_or(fallback))
            }
        };
        Ok(Self { source, left, row })
    }

    /// The next action as a row of its space, until there are no more; chance keeps to the mask,
    /// which is empty in a world without one.
    pub(super) fn next(&mut self, task: &Task, mask: &[u8]) -> Result<Option<&[u8]>, Failure> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let dtype = task.actions.dtype();
        match &mut self.source {
            Source::Chance(sampler) => {
                let mask = (!mask.is_empty()).then_some(mask);
                draw(sampler, dtype, mask, self.row.bytes_mut());
            }
            Source::File { path, reader, number } => loop {
                *number += 1;
                let place = || format!("{}:{number}", shown(&path.to_string_lossy()));
                let wrong = |why: String| Failure::usage(format!("{}: {why}", place()));
                let Some(line) = line(reader).map_err(wrong)? else { return Ok(None) };
                if line.trim().is_empty() {
                    continue;
                }
                read(&line, task, self.row.bytes_mut()).map_err(wrong)?;
                break;
            },
        }
        Ok(Some(self.row.bytes()))
    }
}

fn draw(sampler: &mut SpaceSampler, dtype: Dtype, mask: Option<&[u8]>, row: &mut [u8]) {
    match dtype {
        Dtype::F32 => sampler.sample(mask, numbers_mut::<f32>(row)),
        Dtype::F64 => sampler.sample(mask, numbers_mut::<f64>(row)),
        Dtype::I64 => sampler.sample(mask, numbers_mut::<i64>(row)),
        Dtype::U8 => sampler.sample(mask, row),
    }
}

/// Bytes of a line at most: far more than any action takes.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// The next line, until there are no more.
fn line(reader: &mut impl BufRead) -> Result<Option<String>, String> {
    let mut line = Vec::new();
    let read = reader.take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
    match read.map_err(|error| format!("cannot be read: {error}"))? {
        0 => Ok(None),
        bytes if bytes as u64 == LINE_BYTES_MAX => {
            Err(format!("the line has more than {LINE_BYTES_MAX} bytes; write an action a line"))
        }
        _ => {
            let text = String::from_utf8(line);
            text.map(Some).map_err(|_| "the line is no text; write an action a line".to_owned())
        }
    }
}

/// Writes the numbers of a line into a row, if they are an action of the task.
fn read(line: &str, task: &Task, row: &mut [u8]) -> Result<(), String> {
    fn each<T: Element + std::str::FromStr + bytemuck::Pod>(
        words: &[&str],
        row: &mut [u8],
    ) -> Result<(), String> {
        for (number, word) in numbers_mut::<T>(row).iter_mut().zip(words) {
            let kind = T::DTYPE;
            *number = word.parse().map_err(|_| format!("`{}` is not {kind}", shown(word)))?;
        }
        Ok(())
    }
    let (space, words) = (&task.actions, line.split_whitespace().collect::<Vec<_>>());
    if words.len() != space.width() {
        let (found, needed) = (words.len(), space.width());
        return Err(format!("{found} numbers, and an action of {space} has {needed}"));
    }
    match space.dtype() {
        Dtype::F32 => each::<f32>(&words, row)?,
        Dtype::F64 => each::<f64>(&words, row)?,
        Dtype::I64 => each::<i64>(&words, row)?,
        Dtype::U8 => each::<u8>(&words, row)?,
    }
    space.check(&to_f64(space.dtype(), row)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_api::Space;

    #[track_caller]
    fn check(space: Space, line: &str, expected: Result<&[f64], &str>) {
        let task = Task::new(Space::discrete(1), space, 1);
        let dtype = task.actions.dtype();
        let mut row = RawRows::new(1, task.actions.width(), dtype);
        let found = read(line, &task, row.bytes_mut()).map(|()| to_f64(dtype, row.bytes()));
        match expected {
            Ok(numbers) => assert_eq!(found.as_deref(), Ok(numbers)),
            Err(part) => assert!(found.as_ref().is_err_and(|e| e.contains(part)), "{found:?}"),
        }
    }

    #[test]
    fn lines_become_rows_of_the_space() {
        check(Space::discrete(4), " 3 ", Ok(&[3.0]));
        check(Space::range::<f32>(-1.0, 1.0, &[2]), "0.5\t-1e-1", Ok(&[0.5, f64::from(-0.1_f32)]));
        check(Space::multi_binary(3), "0 1 1", Ok(&[0.0, 1.0, 1.0]));
    }

    #[test]
    fn lines_are_text_and_not_endless() {
        let all = |mut text: &[u8]| -> Result<Vec<String>, String> {
            std::iter::from_fn(|| line(&mut text).transpose()).collect()
        };
        assert_eq!(all(b"1\n\n2"), Ok(vec!["1\n".to_owned(), "\n".to_owned(), "2".to_owned()]));
        assert!(all(b"\xff\n").is_err_and(|why| why.contains("is no text")));
        let endless = vec![0; 2 << 20];
        assert!(all(&endless).is_err_and(|why| why.contains("more than 1048576 bytes")));
    }

    #[test]
    fn what_is_no_action_is_named() {
        check(Space::discrete(4), "4", Err("element 0 is 4, which is outside of Discrete(4)"));
        check(Space::discrete(4), "1.5", Err("`1.5` is not i64"));
        check(Space::discrete(4), "1 2", Err("2 numbers, and an action of Discrete(4) has 1"));
        check(Space::range::<f32>(-1.0, 1.0, &[1]), "nan", Err("outside of Box"));
        check(Space::multi_binary(1), "\u{1b}", Err("`\\u{1b}` is not u8"));
    }
}
