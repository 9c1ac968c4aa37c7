//! What the screen does to the world: asks runs, the bench, the terminal and the disk.

use super::Pump;
use crate::base64::base64;
use crate::bench::{Bench, Progress, Source};
use crate::record;
use crate::state::Work;
use crate::update::{Effect, Msg};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use thorndike_engine::clock::Stopwatch;
use thorndike_engine::drive::Command;

impl Pump<'_> {
    pub(super) fn run_effect(&mut self, effect: Effect) -> io::Result<()> {
        match effect {
            Effect::Ask(run, command) => self.ask(run, command),
            Effect::Start(plan) => {
                let ring = self.ring()?;
                let says = format!("starting {} in {}", plan.agent, plan.env);
                let started = self.work(&says, |bench, _| bench.start(&plan, ring));
                return self.take_started(started);
            }
            Effect::Resume(name) => {
                let ring = self.ring()?;
                let says = format!("going on with {name}");
                let started = self.work(&says, |bench, _| bench.resume(&name, ring));
                return self.take_started(started);
            }
            Effect::Branch(name) => {
                let ring = self.ring()?;
                let says = format!("branching off {name}");
                let started = self.work(&says, |bench, told| bench.branch(&name, ring, told));
                return self.take_started(started);
            }
            Effect::Suspend => self.suspend(),
            Effect::Detach => self.detach(),
            Effect::Redraw => self.forget_screen(),
            Effect::Copy(text) => return self.copy(&text),
            Effect::Leave => self.is_over = true,
            Effect::Record => {
                let msg = Msg::Outcome(self.record());
                return self.happen(msg);
            }
            Effect::Export => {
                let msg = Msg::Outcome(self.export());
                return self.happen(msg);
            }
            effect => {
                if let Some(msg) = self.look_up(effect) {
                    return self.happen(msg);
                }
            }
        }
        Ok(())
    }

    /// What the bench knows, or does to a session.
    fn look_up(&mut self, effect: Effect) -> Option<Msg<'static>> {
        Some(match effect {
            Effect::LoadAgents => Msg::Agents(self.bench().agents()),
            Effect::LoadEnvs(agent) => {
                let says = format!("trying worlds for {agent}");
                Msg::Envs(self.work(&says, |bench, told| bench.envs(&agent, told)))
            }
            Effect::LoadForm(agent, env) => Msg::Form(self.bench().form(&agent, &env)),
            Effect::LoadSessions => Msg::Sessions(self.bench().sessions()),
            Effect::LoadCurve(name) => {
                let says = format!("reading {name}");
                let curve = self.work(&says, |bench, _| bench.curve(&name));
                Msg::Curve(name, curve)
            }
            Effect::LoadFilm(name, pick) => {
                let says = format!("playing an episode of {name}");
                Msg::Film(self.work(&says, |bench, told| bench.film(&name, pick, told)))
            }
            Effect::LoadPlugins(again) => {
                Msg::Plugins(self.work("looking for plugins", |bench, _| bench.plugins(again)))
            }
            Effect::NewPlugin(kind, name) => Msg::Scaffolded(self.bench().new_plugin(kind, &name)),
            Effect::Check(path) => {
                let says = format!("trying {path}");
                Msg::Checked(self.work(&says, |bench, _| bench.check(&path)))
            }
            Effect::Verify(name) => {
                let says = format!("reading every byte of {name}");
                Msg::Outcome(self.work(&says, |bench, told| bench.verify(&name, told)))
            }
            Effect::Delete(name) => {
                let deleted = self.bench().delete(&name);
                Msg::Outcome(deleted.map(|()| format!("deleted {name}; u brings it back")))
            }
            Effect::Undelete => {
                let back = self.bench().undelete();
                Msg::Outcome(back.map(|name| format!("{name} is back")))
            }
            Effect::Tag(name, tag) => {
                let tagged = self.bench().tag(&name, &tag);
                Msg::Outcome(tagged.map(|()| format!("{name} has the tag {tag}")))
            }
            Effect::Note(name, note) => {
                let noted = self.bench().note(&name, &note);
                Msg::Outcome(noted.map(|()| format!("noted for {name}")))
            }
            _ => return None,
        })
    }

    fn ask(&mut self, run: usize, command: Command) {
        // Somebody waits for what this brings; pictures and numbers come with the others.
        let can_wait = matches!(command, Command::Picture(_) | Command::Buffer | Command::Peek(_));
        self.is_eager |= !can_wait;
        match self.sources.get_mut(run) {
            Some(Source::Drive(drive)) => drive.ask(command),
            Some(Source::Journal(journal)) => {
                journal.answer(&command);
                // A full pipe rings as well.
                let _ = rustix::io::write(&self.bell.1, b".");
            }
            None => {}
        }
    }

    /// Saves what is shown as text and as a drawing.
    fn export(&mut self) -> Result<String, String> {
        let saved = record::export(Path::new(""), self.painter.shown());
        let places = |[text, picture]: [PathBuf; 2]| {
            format!("saved as {} and {}", text.display(), picture.display())
        };
        saved.map(places).map_err(|error| format!("cannot save: {error}"))
    }

    /// Does something that may take its time, and shows how far it has come.
    fn work<T>(&mut self, says: &str, act: impl FnOnce(&mut dyn Bench, Progress<'_>) -> T) -> T {
        let bench = self.bench.take().expect("one thing is done at a time");
        self.tell_work(says, None);
        let mut shown = Stopwatch::start();
        let answer = act(bench, &mut |part| {
            if shown.seconds() > 0.1 {
                shown = Stopwatch::start();
                self.tell_work(says, part);
            }
        });
        self.bench = Some(bench);
        self.state.work = None;
        self.is_dirty = true;
        answer
    }

    fn tell_work(&mut self, says: &str, part: Option<f64>) {
        self.state.work = Some(Work { says: says.to_owned(), part });
        // A terminal that is gone meanwhile is noticed when the work is done.
        self.draw();
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
