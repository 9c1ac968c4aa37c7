//! Recordings of the screen: begun by a key or with the program, ended by a key or when nobody is
//! in front any more.

use super::Pump;
use crate::record::Recording;
use std::io;
use std::path::Path;

impl Pump<'_> {
    /// Begins a recording of the screen, or ends what is under way.
    pub(super) fn record(&mut self) -> Result<String, String> {
        let says = |error: io::Error| format!("cannot record: {error}");
        if !self.recordings.is_empty() {
            self.state.is_recording = false;
            let mut places = Vec::new();
            for recording in self.recordings.drain(..) {
                places.push(recording.end().map_err(says)?.display().to_string());
            }
            return Ok(format!("recorded to {}", places.join(" and ")));
        }
        let now = self.clock.seconds();
        let begun = Recording::begin_here(Path::new(""), self.state.size, now);
        self.recordings.extend(begun.map_err(says)?);
        self.state.is_recording = true;
        // A recording begins with the whole screen.
        self.painter.forget();
        Ok("recording; ctrl-o ends it".to_owned())
    }

    /// Begins the recordings that were asked for with the program.
    pub(super) fn begin_recordings(&mut self) {
        let now = self.clock.seconds();
        for path in std::mem::take(&mut self.wanted) {
            match Recording::begin(&path, self.state.size, now) {
                Ok(recording) => self.recordings.push(recording),
                Err(error) => {
                    self.state.toast(format!("cannot record to {}: {error}", path.display()));
                }
            }
        }
        self.state.is_recording = !self.recordings.is_empty();
    }

    /// Keeps the frame that was drawn. A full disk ends a recording, not the run.
    pub(super) fn record_frame(&mut self) {
        if self.recordings.is_empty() {
            return;
        }
        let (now, bytes, shown) = (self.drawn_at, self.painter.latest(), self.painter.shown());
        self.recordings.retain_mut(|recording| recording.keep(now, bytes, shown).is_ok());
        self.state.is_recording = !self.recordings.is_empty();
    }

    /// What could not be written is lost with a recording that nobody ended.
    pub(super) fn end_recordings(&mut self) {
        self.state.is_recording = false;
        for recording in self.recordings.drain(..) {
            drop(recording.end());
        }
    }
}
