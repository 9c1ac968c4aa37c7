//! Values of flags that need a word of their own when they are wrong.

use std::fmt;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::str::FromStr;
use thorndike_engine::keep::Every;

/// Lanes side by side at most.
pub(crate) const LANES_MAX: u64 = 1 << 24;

/// Threads at most.
pub(crate) const THREADS_MAX: u64 = 1024;

/// `key=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) key: String,
    pub(crate) value: String,
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                Ok(Self { key: key.trim().to_owned(), value: value.to_owned() })
            }
            _ => Err("it takes KEY=VALUE, such as `step_size=0.1`".to_owned()),
        }
    }
}

/// How often: after so many steps, after so many seconds, or never.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cadence(pub(crate) Every);

impl FromStr for Cadence {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self(Every::Never));
        }
        if let Some(seconds) = text.strip_suffix('s') {
            let seconds = seconds.parse().ok().filter(|s: &f64| s.is_finite() && *s > 0.0);
            if let Some(seconds) = seconds {
                return Ok(Self(Every::Seconds(seconds)));
            }
        }
        let wrong = "it takes steps such as `1e5`, seconds such as `30s`, or `never`".to_owned();
        Ok(Self(Every::Steps(text.parse::<Count>().map_err(|_| wrong)?.into())))
    }
}

/// A number from 0 to 1, without 1.
pub(super) fn part(text: &str) -> Result<f64, String> {
    between(text, 0.0, 0.9999)
}

/// How fast something is played.
pub(super) fn speed(text: &str) -> Result<f64, String> {
    between(text, 0.25, 64.0)
}

fn between(text: &str, low: f64, high: f64) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (low..=high).contains(number));
    number.ok_or_else(|| format!("it takes a number from {low} to {high}"))
}

/// How many of something: 1 or more. `10_000` and `1e4` are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count(NonZeroU64);

impl FromStr for Count {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        count_to(text, u64::MAX)
    }
}

/// Lanes side by side, few enough to be told apart from a slip of the finger.
pub(crate) fn lanes(text: &str) -> Result<Count, String> {
    count_to(text, LANES_MAX)
}

/// Threads, or seeds and copies, of which each takes as much as a run.
pub(crate) fn threads(text: &str) -> Result<Count, String> {
    count_to(text, THREADS_MAX)
}

/// Points of each curve of a measurement: more take minutes and say nothing new.
pub(crate) fn points(text: &str) -> Result<Count, String> {
    count_to(text, 100_000_000)
}

/// Seconds of a measurement.
pub(crate) fn minutes(text: &str) -> Result<Count, String> {
    count_to(text, 3600)
}

fn count_to(text: &str, max: u64) -> Result<Count, String> {
    let count = natural(text).filter(|number| *number <= max).and_then(NonZeroU64::new);
    count.map(Count).ok_or_else(|| {
        let example = if max < 1_000_000 { "`8`" } else { "`1000`, `10_000` or `1e6`" };
        format!("it takes a whole number from 1 to {max}, such as {example}")
    })
}

/// A whole number from 0 on.
pub(crate) fn whole(text: &str) -> Result<u64, String> {
    natural(text).ok_or_else(|| format!("it takes a whole number from 0 to {}", u64::MAX))
}

/// Mebibytes.
pub(crate) fn megabytes(text: &str) -> Result<u32, String> {
    let number = natural(text).and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| format!("it takes a whole number from 0 to {}", u32::MAX))
}

/// A whole number that is not negative, in any way to write it.
fn natural(text: &str) -> Option<u64> {
    let plain = text.replace('_', "");
    plain.parse().ok().or_else(|| {
        let float: f64 = plain.parse().ok()?;
        let is_whole = float.fract() == 0.0 && (0.0..u64::MAX as f64).contains(&float);
        is_whole.then_some(float as u64)
    })
}

impl From<Count> for u64 {
    fn from(count: Count) -> Self {
        count.0.get()
    }
}

impl From<Count> for usize {
    fn from(count: Count) -> Self {
        Self::try_from(count.0.get()).unwrap_or(Self::MAX)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An observation.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Row(pub(crate) Vec<f64>);

/// Numbers separated by commas.
pub(super) fn row(text: &str) -> Result<Row, String> {
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    numbers.map(Row).map_err(|_| "it takes numbers such as `0.1,0,-0.02,0`".to_owned())
}

/// A time in seconds.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("it takes seconds from 0 to 86400, such as `0.5`".to_owned()),
    }
}

/// A file to record the screen to.
pub(crate) fn recording(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    thorndike_tui::record::check(&path).map(|()| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_whole_and_not_zero() {
        for (text, expected) in [("1", 1), ("10_000", 10_000), ("1e6", 1_000_000), ("2.5e3", 2500)]
        {
            assert_eq!(text.parse::<Count>().map(u64::from), Ok(expected), "{text}");
        }
        let all = u64::MAX.to_string();
        assert_eq!(all.parse::<Count>().map(u64::from), Ok(u64::MAX));
        for text in ["0", "", "-1", "1.5", "x", "inf", "nan", "1e300", "18446744073709551616"] {
            assert!(text.parse::<Count>().is_err(), "{text}");
        }
        assert_eq!(lanes("16_777_216").map(u64::from), Ok(LANES_MAX));
        let error = lanes("1e12").expect_err("it is too much");
        assert!(error.starts_with("it takes a whole number from 1 to 16777216"), "{error}");
        assert!(threads("1024").is_ok() && threads("1025").is_err());
    }

    #[test]
    fn assignments_keep_everything_behind_the_first_sign() {
        let parsed: Assignment = "map=a=b ".parse().expect("a key and a value");
        assert_eq!(parsed, Assignment { key: "map".into(), value: "a=b ".into() });
        assert!("x=".parse::<Assignment>().is_ok());
        for text in ["", "map", "=4", " =4"] {
            assert!(text.parse::<Assignment>().is_err(), "{text}");
        }
    }
}
