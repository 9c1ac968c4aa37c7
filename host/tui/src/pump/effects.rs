//! What the screen does to the world: asks runs, the bench, the terminal and the disk.

use super::Pump;
use crate::bench::Source;
use crate::record::{self, Recording};
use crate::update::{Effect, Msg};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

impl Pump<'_> {
    pub(super) fn run_effect(&mut self, effect: Effect) -> io::Result<()> {
        let msg = match effect {
            Effect::Ask(run, command) => {
                match self.sources.get_mut(run) {
                    Some(Source::Drive(drive)) => drive.ask(command),
                    Some(Source::Journal(journal)) => {
                        journal.answer(&command);
                        // A full pipe rings as well.
                        let _ = rustix::io::write(&self.bell.1, b".");
                    }
                    None => {}
                }
                return Ok(());
            }
            Effect::Start(plan) => {
                let started = self.bench.start(&plan, self.ring()?);
                return self.take_started(started);
            }
            Effect::Resume(name) => {
                let started = self.bench.resume(&name, self.ring()?);
                return self.take_started(started);
            }
            Effect::Branch(name) => {
                let started = self.bench.branch(&name, self.ring()?);
                return self.take_started(started);
            }
            Effect::LoadAgents => Msg::Agents(self.bench.agents()),
            Effect::LoadEnvs(agent) => Msg::Envs(self.bench.envs(&agent)),
            Effect::LoadForm(agent, env) => Msg::Form(self.bench.form(&agent, &env)),
            Effect::LoadSessions => Msg::Sessions(self.bench.sessions()),
            Effect::LoadCurve(name) => {
                let curve = self.bench.curve(&name);
                Msg::Curve(name, curve)
            }
            Effect::LoadFilm(name, episode) => Msg::Film(self.bench.film(&name, episode)),
            Effect::LoadPlugins(again) => Msg::Plugins(self.bench.plugins(again)),
            Effect::Check(path) => Msg::Checked(self.bench.check(&path)),
            Effect::Verify(name) => Msg::Outcome(self.bench.verify(&name)),
            Effect::Delete(name) => {
                let deleted = self.bench.delete(&name);
                Msg::Outcome(deleted.map(|()| format!("deleted {name}; u brings it back")))
            }
            Effect::Undelete => {
                let back = self.bench.undelete();
                Msg::Outcome(back.map(|name| format!("{name} is back")))
            }
            Effect::Tag(name, tag) => {
                let tagged = self.bench.tag(&name, &tag);
                Msg::Outcome(tagged.map(|()| format!("{name} has the tag {tag}")))
            }
            Effect::Note(name, note) => {
                let noted = self.bench.note(&name, &note);
                Msg::Outcome(noted.map(|()| format!("noted for {name}")))
            }
            Effect::Suspend => {
                self.suspend();
                return Ok(());
            }
            Effect::Detach => {
                self.detach();
                return Ok(());
            }
            Effect::Redraw => {
                self.painter.forget();
                return Ok(());
            }
            Effect::Record => Msg::Outcome(self.record()),
            Effect::Export => {
                let saved = record::export(Path::new(""), self.painter.shown());
                let places = |[text, picture]: [PathBuf; 2]| {
                    format!("saved as {} and {}", text.display(), picture.display())
                };
                Msg::Outcome(saved.map(places).map_err(|error| format!("cannot save: {error}")))
            }
            Effect::Copy(text) => return self.copy(&text),
            Effect::Leave => {
                self.is_over = true;
                return Ok(());
            }
        };
        self.happen(msg)
    }

    /// What could not be written is lost with a recording that nobody ended.
    pub(super) fn end_recording(&mut self) {
        self.state.is_recording = false;
        drop(self.recording.take().map(Recording::end));
    }

    /// Begins a recording of the screen, or ends it.
    fn record(&mut self) -> Result<String, String> {
        let says = |error: io::Error| format!("cannot record: {error}");
        if let Some(recording) = self.recording.take() {
            self.state.is_recording = false;
            let path = recording.end().map_err(says)?;
            return Ok(format!("recorded to {}", path.display()));
        }
        let now = self.clock.seconds();
        let begun = Recording::begin(Path::new(""), self.state.size, now);
        self.recording = Some(begun.map_err(says)?);
        self.state.is_recording = true;
        // A recording begins with the whole screen.
        self.painter.forget();
        Ok("recording; ctrl-o ends it".to_owned())
    }

    /// Hands a text to the terminal's clipboard (OSC 52).
    fn copy(&mut self, text: &str) -> io::Result<()> {
        let code = format!("\x1b]52;c;{}\x07", base64(text.as_bytes()));
        match &mut self.seats.taken {
            Some(seat) => seat.out.write_all(code.as_bytes()),
            None => Ok(()),
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let at = |idx: usize| u32::from(three.get(idx).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            if place <= three.len() {
                let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
                text.push(char::from(letter));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        let cases =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (text, expected) in cases {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }
}
