//! Screens that are lists: what is in them, what is chosen, what is filtered out.

use crate::bench::{Film, PluginRow, SessionRow};
use crate::run::Level;

/// What is chosen in a list, and how far it is scrolled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListView {
    /// The chosen row.
    pub at: usize,
    /// The first visible row.
    pub top: usize,
    /// Only rows that hold this are shown.
    pub filter: String,
}

impl ListView {
    /// Moves the choice by so many rows of `count`.
    pub fn step(&mut self, by: i64, count: usize) {
        let last = count.saturating_sub(1) as i64;
        self.at = (self.at as i64).saturating_add(by).clamp(0, last) as usize;
    }

    /// The first row to show so that the chosen one is among `page` rows.
    pub fn first(&self, page: usize, count: usize) -> usize {
        let last = count.saturating_sub(page);
        self.at.saturating_sub(page.saturating_sub(1)).max(self.top.min(self.at)).min(last)
    }

    /// Whether a text passes the filter, whatever the case of letters; blanks separate words that
    /// must all be there, and a word behind `!` must not.
    pub fn passes(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.filter.to_lowercase().split_whitespace().all(|word| match word.strip_prefix('!') {
            Some(unwanted) => unwanted.is_empty() || !text.contains(unwanted),
            None => text.contains(word),
        })
    }
}

/// The Sessions screen.
#[derive(Clone, Debug, Default)]
pub struct SessionsView {
    /// All sessions; nothing before they were asked for.
    pub rows: Option<Vec<SessionRow>>,
    /// What is chosen.
    pub list: ListView,
}

impl SessionsView {
    /// Those that pass the filter.
    pub fn shown(&self) -> Vec<&SessionRow> {
        let text = |row: &SessionRow| {
            let tags = row.tags.join(" ");
            format!("{} {} {} {} {tags} {}", row.name, row.agent, row.env, row.state, row.note)
        };
        let rows = self.rows.iter().flatten();
        rows.filter(|row| self.list.passes(&text(row))).collect()
    }
}

/// The Plugins screen.
#[derive(Clone, Debug, Default)]
pub struct PluginsView {
    /// All plugins; nothing before they were asked for.
    pub rows: Option<Vec<PluginRow>>,
    /// What is chosen.
    pub list: ListView,
    /// What a check of the chosen one found.
    pub check: Vec<String>,
}

impl PluginsView {
    /// Those that pass the filter.
    pub fn shown(&self) -> Vec<&PluginRow> {
        let text = |row: &PluginRow| {
            let parts: Vec<&str> = row.parts.iter().map(|part| &part.name[..]).collect();
            format!("{} {} {}", row.name, row.path, parts.join(" "))
        };
        let rows = self.rows.iter().flatten();
        rows.filter(|row| self.list.passes(&text(row))).collect()
    }
}

/// The Log screen.
#[derive(Clone, Debug)]
pub struct LogView {
    /// Lines scrolled up from the newest.
    pub back: usize,
    /// Only lines that hold this are shown.
    pub list: ListView,
    /// Only lines of this level and above.
    pub level: Level,
}

impl Default for LogView {
    fn default() -> Self {
        Self { back: 0, list: ListView::default(), level: Level::Print }
    }
}

/// The Replay screen.
#[derive(Clone, Debug)]
pub struct ReplayView {
    /// The episode.
    pub film: Film,
    /// The step that is shown.
    pub at: usize,
    /// When the next step is due while it plays.
    pub due: Option<f64>,
    /// Steps a second.
    pub speed: f64,
    /// The place in the whole run, in its steps.
    pub cursor: u64,
}

impl Default for ReplayView {
    fn default() -> Self {
        Self { film: Film::default(), at: 0, due: None, speed: 8.0, cursor: 0 }
    }
}

impl ReplayView {
    /// Moves by so many steps, within the episode.
    pub fn step(&mut self, by: i64) {
        let last = self.film.frames.len().saturating_sub(1) as i64;
        self.at = (self.at as i64).saturating_add(by).clamp(0, last) as usize;
    }

    /// Moves the place in the whole run by a part of it.
    pub fn scrub(&mut self, part: f64) {
        let steps = self.film.track.steps;
        let by = part * steps as f64;
        // A step at least, however short the run.
        let by = if by.abs() < 1.0 { by.signum() } else { by };
        self.cursor = (self.cursor as f64 + by).round().clamp(0.0, steps as f64) as u64;
    }

    /// Goes to the next mark of the run, from its last one to its first.
    pub fn next_mark(&mut self) -> bool {
        let marks = || self.film.track.marks.iter().map(|(steps, _)| *steps);
        let next = marks().filter(|steps| *steps > self.cursor).min().or(marks().min());
        self.cursor = next.unwrap_or(self.cursor);
        next.is_some()
    }

    /// Time has passed: steps that are due are taken, and the last one ends the play.
    pub fn tick(&mut self, now: f64) {
        while let Some(due) = self.due.filter(|due| *due <= now) {
            self.step(1);
            let is_last = self.at + 1 >= self.film.frames.len();
            self.due = (!is_last).then_some((due + 1.0 / self.speed).max(now - 1.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_row_stays_in_sight() {
        let mut list = ListView::default();
        for by in [1, 1, 1, 100, -2, i64::MIN, i64::MAX] {
            list.step(by, 20);
            let first = list.first(5, 20);
            list.top = first;
            assert!((first..first + 5).contains(&list.at), "{} {first}", list.at);
        }
        list.step(1, 0);
        assert_eq!((list.at, list.first(5, 0)), (0, 0));
    }

    #[test]
    fn a_film_plays_at_its_speed_and_stands_still_at_its_end() {
        let film = Film { frames: vec![crate::bench::Frame::default(); 5], ..Film::default() };
        let mut replay = ReplayView { film, due: Some(1.0), speed: 2.0, ..ReplayView::default() };
        for (now, at) in [(0.9, 0), (1.0, 1), (1.4, 1), (1.5, 2), (2.5, 4), (9.0, 4)] {
            replay.tick(now);
            assert_eq!(replay.at, at, "at {now}");
        }
        assert_eq!(replay.due, None);
        replay.step(-100);
        assert_eq!(replay.at, 0);
    }

    #[test]
    fn filters_want_all_words_and_none_of_the_unwanted() {
        let list = ListView { filter: "Taxi !sarsa q-".into(), ..ListView::default() };
        assert!(list.passes("q-learning on Taxi-v4"));
        assert!(!list.passes("sarsa q-learning on taxi") && !list.passes("q-learning"));
        assert!(ListView::default().passes(""));
    }
}
