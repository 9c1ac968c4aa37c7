//! From the text of a config to what it says. What is wrong is named with its place, its key and
//! what it takes, to be put behind the name of the file.

use super::Config;
use crate::cli::{LANES_MAX, THREADS_MAX};
use ron::Options;
use ron::extensions::Extensions;
use ron::value::RawValue;
use serde::Deserialize;
use std::collections::BTreeMap;
use thorndike_engine::registry::closest;
use thorndike_session::error::shown;
use thorndike_tui::wishes::Wishes;

/// What stands behind a key, as it is written.
type Raw<'a> = Option<&'a RawValue>;

/// Where a word goes.
type Place = fn(&mut Wishes) -> &mut Option<String>;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Top<'a> {
    #[serde(borrow)]
    sessions: Raw<'a>,
    #[serde(borrow)]
    plugins: Raw<'a>,
    #[serde(borrow)]
    lanes: Raw<'a>,
    #[serde(borrow)]
    threads: Raw<'a>,
    #[serde(borrow)]
    mode: Raw<'a>,
    #[serde(borrow)]
    screen: Raw<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Screen<'a> {
    #[serde(borrow)]
    theme: Raw<'a>,
    #[serde(borrow)]
    glyphs: Raw<'a>,
    #[serde(borrow)]
    colors: Raw<'a>,
    #[serde(borrow)]
    images: Raw<'a>,
    #[serde(borrow)]
    reduced_motion: Raw<'a>,
    #[serde(borrow)]
    keys: Raw<'a>,
}

/// The config behind a text.
pub(super) fn parse(text: &str) -> Result<Config, String> {
    let reader = Reader { text };
    // Nothing but blanks and comments.
    if options().from_str::<Top<'_>>(&format!("{text}\n()")).is_ok() {
        return Ok(Config::default());
    }
    let top: Top<'_> = reader.block(text)?;
    let folder = "takes a folder in quotes, such as \"runs\"";
    let folders = "takes a list of folders in quotes, such as [\"target/release\"]";
    let mode = "takes lockstep, pipelined or async, without quotes";
    Ok(Config {
        sessions: reader.value("sessions", top.sessions, folder)?,
        plugins: reader.value("plugins", top.plugins, folders)?.unwrap_or_default(),
        lanes: reader.count("lanes", top.lanes, LANES_MAX)?,
        threads: reader.count("threads", top.threads, THREADS_MAX)?,
        mode: reader.value("mode", top.mode, mode)?,
        screen: reader.screen(top.screen)?,
    })
}

fn options() -> Options {
    Options::default().with_default_extension(Extensions::IMPLICIT_SOME)
}

/// Reads parts of a text and knows where in it they stand.
struct Reader<'a> {
    text: &'a str,
}

impl<'a> Reader<'a> {
    /// A block of keys, whose values are looked at later.
    fn block<T: Deserialize<'a>>(&self, part: &'a str) -> Result<T, String> {
        options().from_str(part).map_err(|error| {
            let what = match &error.code {
                ron::Error::NoSuchStructField { expected, found, .. } => unknown(found, expected),
                code => code.to_string(),
            };
            let lines = part.split_inclusive('\n').take(error.span.start.line - 1);
            let before: usize = lines.map(str::len).sum();
            let line = part[before..].chars().take(error.span.start.col - 1);
            let at = before + line.map(char::len_utf8).sum::<usize>();
            self.wrong(&part[at..], &shown(&what))
        })
    }

    /// What stands behind a key, if anything does.
    fn value<T: Deserialize<'a>>(
        &self,
        key: &str,
        raw: Raw<'a>,
        takes: &str,
    ) -> Result<Option<T>, String> {
        let Some(part) = raw.map(RawValue::get_ron) else { return Ok(None) };
        options().from_str(part).map(Some).map_err(|_| self.misfit(key, part, takes))
    }

    /// A whole number from 1 on.
    fn count(&self, key: &str, raw: Raw<'a>, max: u64) -> Result<Option<usize>, String> {
        let takes = format!("takes a whole number from 1 to {max}");
        let number: Option<u64> = self.value(key, raw, &takes)?;
        match (number, raw) {
            (Some(number), Some(raw)) if !(1..=max).contains(&number) => {
                Err(self.misfit(key, raw.get_ron(), &takes))
            }
            (number, _) => Ok(number.map(|number| number as usize)),
        }
    }

    /// What the screen is to be like.
    fn screen(&self, raw: Raw<'a>) -> Result<Wishes, String> {
        let Some(part) = raw.map(RawValue::get_ron) else { return Ok(Wishes::default()) };
        if !part.trim_start().starts_with('(') {
            return Err(self.misfit("screen", part, "takes a block such as (theme: \"light\")"));
        }
        let screen: Screen<'_> = self.block(part)?;
        let mut wishes = Wishes::default();
        let words: [(&str, Raw<'a>, Place); 4] = [
            ("theme", screen.theme, |wishes| &mut wishes.theme),
            ("glyphs", screen.glyphs, |wishes| &mut wishes.glyphs),
            ("colors", screen.colors, |wishes| &mut wishes.colors),
            ("images", screen.images, |wishes| &mut wishes.images),
        ];
        // One after the other, so that the first that does not fit is found with its place.
        for (key, raw, place) in words {
            *place(&mut wishes) = self.value(key, raw, "takes a word in quotes")?;
            if let Some(raw) = raw {
                wishes.check().map_err(|what| self.wrong(raw.get_ron(), &what))?;
            }
        }
        let still = self.value("reduced_motion", screen.reduced_motion, "takes true or false")?;
        let keys = self.keys(screen.keys)?;
        Ok(Wishes { reduced_motion: still.unwrap_or_default(), keys, ..wishes })
    }

    /// Keys by the name of their action.
    fn keys(&self, raw: Raw<'a>) -> Result<BTreeMap<String, String>, String> {
        let takes = "takes actions and their keys in quotes, such as {\"pause\": \"p\"}";
        let raw: Option<BTreeMap<String, &RawValue>> = self.value("keys", raw, takes)?;
        let mut wishes = Wishes::default();
        // One after the other, so that the first that does not fit is found with its place.
        for (action, key) in raw.unwrap_or_default() {
            let takes = "takes keys in quotes, separated by blanks, such as \"p ctrl-p\"";
            let keys: Option<String> = self.value(&action, Some(key), takes)?;
            wishes.keys.insert(action, keys.unwrap_or_default());
            wishes.check().map_err(|what| self.wrong(key.get_ron(), &what))?;
        }
        Ok(wishes.keys)
    }

    fn misfit(&self, key: &str, part: &str, takes: &str) -> String {
        const SHOWN: usize = 40;
        let written = part.trim();
        let few: String = written.chars().take(SHOWN).collect();
        let more = if few.len() < written.len() { "..." } else { "" };
        self.wrong(part, &format!("`{}` {takes}, not `{}{more}`", shown(key), shown(&few)))
    }

    /// A sentence with the place where this part of the text begins.
    fn wrong(&self, part: &str, what: &str) -> String {
        let part = part.trim_start();
        // Parts are slices of the text.
        let at = (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&letter| letter != '\n').count() + 1;
        format!(":{line}:{column}: {what}")
    }
}

fn unknown(key: &str, known: &[&str]) -> String {
    let meant = closest(key, known).map(|close| format!("; did you mean `{close}`?"));
    let known = known.join(", ");
    format!("there is no `{key}`, there are {known}{}", meant.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::ModeWord;

    #[test]
    fn a_config_says_what_it_says() {
        let text = "// Mine.\n(\n  sessions: \"runs\",\n  plugins: [\"a\"],\n  lanes: 16,\n  \
                    mode: async,\n  screen: (theme: \"light\", keys: {\"pause\": \"p\"}),\n)";
        let config = parse(text).expect("it is right");
        let keys = [("pause".to_owned(), "p".to_owned())].into();
        let expected = Config {
            sessions: Some("runs".into()),
            plugins: vec!["a".into()],
            lanes: Some(16),
            threads: None,
            mode: Some(ModeWord::Async),
            screen: Wishes { theme: Some("light".to_owned()), keys, ..Wishes::default() },
        };
        assert_eq!(config, expected);
        for nothing in ["", " \n", "// Nothing yet.", "()", "(lanes: None)"] {
            assert_eq!(parse(nothing), Ok(Config::default()), "{nothing}");
        }
    }

    #[track_caller]
    fn wrong(text: &str, expected: &str) {
        assert_eq!(parse(text).expect_err("it is wrong"), expected);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        wrong(
            "(\n  lane: 4,\n)",
            ":2:3: there is no `lane`, there are sessions, plugins, lanes, threads, mode, screen; \
             did you mean `lanes`?",
        );
        wrong("(\u{1b}[2J: 4)", ":1:2: Expected identifier");
        for text in ["(", "() x", "(lanes: [1)", "5"] {
            let error = parse(text).expect_err("it is wrong");
            assert!(error.starts_with(":1:"), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn wrong_values_are_named_with_what_the_key_takes() {
        let lanes = |value: &str| {
            let says = "`lanes` takes a whole number from 1 to 16777216";
            wrong(&format!("(lanes: {value})"), &format!(":1:9: {says}, not `{value}`"));
        };
        ["0", "\"x\"", "-1", "1.5", "16777217"].into_iter().for_each(lanes);
        wrong("(threads:9999)", ":1:10: `threads` takes a whole number from 1 to 1024, not `9999`");
        wrong(
            "(\n plugins:5)",
            ":2:10: `plugins` takes a list of folders in quotes, such as [\"target/release\"], \
             not `5`",
        );
        wrong(
            "(sessions:7)",
            ":1:11: `sessions` takes a folder in quotes, such as \"runs\", not `7`",
        );
        for mode in ["\"lockstep\"", "turbo"] {
            let says = "`mode` takes lockstep, pipelined or async, without quotes";
            wrong(&format!("(mode:{mode})"), &format!(":1:7: {says}, not `{mode}`"));
        }
    }

    #[test]
    fn wishes_for_the_screen_have_their_places() {
        wrong(
            "(screen:(keys:{\"x\":\"y\"}))",
            ":1:20: there is no action `x`; did you mean `x-axis`?",
        );
        wrong(
            "(screen:(\n them: \"light\"))",
            ":2:2: there is no `them`, there are theme, glyphs, colors, images, reduced_motion, \
             keys; did you mean `theme`?",
        );
        wrong(
            "(screen:(theme: \"drak\"))",
            ":1:17: `theme` of the screen is one of dark, light, clear, mono, not `drak`",
        );
        wrong("(screen:(theme: 5))", ":1:17: `theme` takes a word in quotes, not `5`");
        wrong("(screen: 5)", ":1:10: `screen` takes a block such as (theme: \"light\"), not `5`");
    }
}
