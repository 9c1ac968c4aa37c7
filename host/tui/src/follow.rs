//! A run that is only looked at: what its journal tells, as if the run told it itself.

use crate::bench::About;
use crate::lineage;
use crate::run::RunView;
use std::mem;
use thorndike_engine::drive::{Command, Delivery, Notice, Phase, Point};
use thorndike_engine::event::{Alert, Edit, Eval, Event, Report};
use thorndike_engine::keep::convert::{from_setting, from_summary};
use thorndike_session::journal::{Entry, Metrics, Reader};
use thorndike_session::{Model, Session};

/// Reads what a process elsewhere writes, or has written.
#[derive(Debug)]
pub struct Follower {
    session: Session,
    reader: Reader,
    told: Delivery,
    phase: Phase,
}

impl Follower {
    /// Follows the journal of a session, and says what it comes to so far.
    pub fn new(session: Session) -> (Self, Model) {
        let (reader, model) = read(&session);
        let mut told = Delivery::default();
        if let Some(moment) = model.moments.last() {
            (told.steps, told.episodes) = (moment.steps, moment.episodes);
            (told.updates, told.seconds) = (moment.updates, moment.seconds);
        }
        if let Some(end) = &model.end {
            told.notices.push(Notice::Event(Event::Done(from_summary(end))));
            (told.steps, told.episodes) = (end.steps, end.episodes);
            (told.updates, told.seconds) = (end.updates, end.seconds);
        }
        let phase = if session.is_under_way() { Phase::Running } else { Phase::Ended };
        told.notices.push(Notice::Phase(phase));
        (Self { session, reader, told, phase }, model)
    }

    /// Whether there may be more to read.
    pub fn is_live(&self) -> bool {
        self.phase != Phase::Ended
    }

    /// Says why nothing can be asked of it. What the screen asks on its own is not there.
    pub fn answer(&mut self, command: &Command) {
        match command {
            Command::Picture(lane) => self.told.notices.push(Notice::Picture(*lane, None)),
            Command::Buffer => self.told.notices.push(Notice::Buffer(None)),
            Command::Peek(_) => self.told.notices.push(Notice::Peek(None)),
            _ => self.refuse(),
        }
    }

    fn refuse(&mut self) {
        let name = self.session.name();
        let why = if self.is_live() {
            format!("{name} is only looked at: it is steered where it was started or attached")
        } else {
            format!("no process holds {name} any more; r on screen 4 goes on with it")
        };
        self.told.notices.push(Notice::Refused(why));
    }

    /// Fetches what the journal has told since the last call. A run that has gone back to an
    /// earlier step is told anew, from its beginning.
    pub fn fetch(&mut self, delivery: &mut Delivery, view: &mut RunView) {
        delivery.clear();
        while let Some(read) = self.reader.next() {
            match read {
                Ok((_, Entry::Start(_))) => {
                    self.begin_again(view);
                    break;
                }
                Ok((_, entry)) => self.take(entry),
                // Damage is the business of `verify`; what comes after it can be told.
                Err(_) => {}
            }
        }
        if self.is_live() && !self.session.is_under_way() {
            self.phase = Phase::Ended;
            self.told.notices.push(Notice::Phase(Phase::Ended));
        }
        let (steps, episodes) = (self.told.steps, self.told.episodes);
        let (updates, seconds) = (self.told.updates, self.told.seconds);
        mem::swap(&mut self.told, delivery);
        (self.told.steps, self.told.episodes) = (steps, episodes);
        (self.told.updates, self.told.seconds) = (updates, seconds);
    }

    fn begin_again(&mut self, view: &mut RunView) {
        let about: About = mem::take(&mut view.about);
        let (follower, model) = Self::new(self.session.clone());
        *view = RunView::new(about);
        view.recall(&lineage::stretches(&self.session, model));
        *self = follower;
    }

    fn take(&mut self, entry: Entry) {
        let told = &mut self.told;
        let mut tell = |event| told.notices.push(Notice::Event(event));
        match entry {
            Entry::Metrics(metrics) => {
                tell(Event::Report(report(&metrics)));
                (told.steps, told.episodes) = (metrics.steps, metrics.episodes);
                (told.updates, told.seconds) = (metrics.updates, metrics.seconds);
            }
            Entry::Episode(episode) => told.points.push(Point {
                steps: episode.steps,
                lane: episode.lane,
                length: u32::try_from(episode.length).unwrap_or(u32::MAX),
                total: episode.total,
            }),
            Entry::Episodes(sum) => told.sums.push(sum),
            Entry::Eval(eval) => tell(Event::Eval(Eval {
                steps: eval.steps,
                episodes: eval.episodes as usize,
                return_mean: eval.return_mean,
                return_std: eval.return_std,
                length_mean: eval.length_mean,
                success: eval.success,
                regret: eval.regret,
            })),
            Entry::Edit(edit) => tell(Event::Edit(Edit {
                steps: edit.steps,
                author: edit.author,
                name: edit.name,
                old: from_setting(&edit.old),
                new: from_setting(&edit.new),
            })),
            Entry::Alert(alert) => {
                let (steps, topic, message) = (alert.steps, alert.topic, alert.message);
                tell(Event::Alert(Alert { steps, topic, message }));
            }
            Entry::Saved(saved) => {
                let place = self.session.folder().display().to_string();
                told.notices.push(Notice::Saved { steps: saved.steps, place });
            }
            Entry::Done(end) => {
                (told.steps, told.episodes) = (end.steps, end.episodes);
                tell(Event::Done(from_summary(&end)));
            }
            Entry::Start(_)
            | Entry::Whole(_)
            | Entry::Commits(_)
            | Entry::Log(_)
            | Entry::Plugin(_)
            | Entry::Recorded(_)
            | Entry::Other { .. } => {}
        }
    }
}

/// The journal as far as it goes, and the reader behind it.
fn read(session: &Session) -> (Reader, Model) {
    let (mut reader, mut model) = (session.follow(), Model::default());
    model.take(&mut reader);
    (reader, model)
}

/// The report behind the numbers of a moment; what is not its own is a metric.
fn report(metrics: &Metrics) -> Report {
    let mut report = Report {
        steps: metrics.steps,
        episodes: metrics.episodes,
        updates: metrics.updates,
        seconds: metrics.seconds,
        ..Report::default()
    };
    for (name, value) in &metrics.values {
        match &**name {
            "return_mean" => report.return_mean = Some(*value),
            "return_last100" => report.return_last100 = Some(*value),
            "length_last100" => report.length_last100 = Some(*value),
            "success_last100" => report.success_last100 = Some(*value),
            "steps_per_s" => report.steps_per_s = *value,
            "buffer_fill" => report.buffer_fill = *value,
            name => match name.strip_prefix("time/") {
                Some(part) => report.time.push((part.to_owned(), *value)),
                None => report.metrics.push((name.to_owned(), *value)),
            },
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Panel, State};
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use thorndike_engine::keep::convert::to_entry;
    use thorndike_session::{Identity, Store, Writer, journal};

    #[test]
    fn a_journal_tells_what_the_run_told() {
        let folder = std::env::temp_dir().join(format!("thorndike-follow-{}", std::process::id()));
        let store = Store::new(&folder);
        let session = store.create(Some("a"), &Identity::default()).expect("writable");
        let (mut writer, _) = Writer::open(&session).expect("nobody else writes");
        let metrics = |steps, value| {
            let values = vec![("loss".into(), value), ("time/step".into(), 0.5)];
            Entry::Metrics(Metrics { steps, seconds: 1.0, values, ..Metrics::default() })
        };
        writer.add_all(&[Entry::Start(journal::Start::default()), metrics(10, 1.0)]);
        writer.flush().expect("writable");
        let (mut follower, model) = Follower::new(session.clone());
        let mut view = RunView::new(About::default());
        view.recall(&lineage::stretches(&session, model));
        let mut delivery = Delivery::default();
        follower.fetch(&mut delivery, &mut view);
        view.fold(&mut delivery);
        assert_eq!((view.steps, view.phase, view.metrics.len()), (10, Phase::Running, 1));
        let episode = journal::Episode { steps: 15, total: 3.0, ..journal::Episode::default() };
        writer.add_all(&[Entry::Episode(episode), metrics(20, 2.0)]);
        writer.flush().expect("writable");
        follower.fetch(&mut delivery, &mut view);
        view.fold(&mut delivery);
        assert_eq!((view.steps, view.returns.span()), (20, Some((15.0, 15.0))));
        assert_eq!(view.report.time, [("step".to_owned(), 0.5)]);
        follower.answer(&Command::Pause);
        follower.fetch(&mut delivery, &mut view);
        let news = view.fold(&mut delivery);
        assert!(news[0].contains("only looked at"), "{news:?}");
        // It goes back to step 12 and ends there.
        let start = journal::Start { steps: 12, ..journal::Start::default() };
        writer.add_all(&[Entry::Start(start), metrics(13, 9.0)]);
        writer.flush().expect("writable");
        drop(writer);
        follower.fetch(&mut delivery, &mut view);
        view.fold(&mut delivery);
        assert_eq!((view.steps, view.phase, view.returns.span()), (13, Phase::Ended, None));
        assert!(!follower.is_live());
        std::fs::remove_dir_all(&folder).expect("it is ours");
    }

    /// A panel alone, cell by cell with its style.
    fn drawn(run: RunView, panel: Panel) -> (Buffer, RunView) {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 100, 30));
        let mut state = State {
            size: (100, 30),
            has_colors: true,
            panel,
            is_alone: true,
            runs: vec![run],
            ..State::default()
        };
        crate::view::draw(&state, &mut buffer);
        (buffer, state.runs.remove(0))
    }

    #[test]
    fn what_a_journal_shows_is_what_the_run_showed_cell_by_cell() {
        let folder = std::env::temp_dir().join(format!("thorndike-same-{}", std::process::id()));
        let session = Store::new(&folder).create(Some("a"), &Identity::default());
        let session = session.expect("writable");
        let (mut writer, _) = Writer::open(&session).expect("nobody else writes");
        writer.add(&Entry::Start(journal::Start::default()));
        writer.flush().expect("writable");
        let (mut follower, _) = Follower::new(session);
        let (mut live, mut followed) = (RunView::default(), RunView::default());
        let mut rng = plugin_api::Rng::seeded(7);
        for instant in 1..=200_u64 {
            let steps = 100 * instant;
            let mut told = Delivery { steps, updates: instant, ..Delivery::default() };
            (told.episodes, told.seconds) = (2 * instant, 0.5 * instant as f64);
            for half in [50, 0] {
                let (steps, total) = (steps - half, 100.0 * rng.random());
                told.points.push(Point { steps, total, ..Point::default() });
                let episode = journal::Episode { steps, total, ..journal::Episode::default() };
                writer.add(&Entry::Episode(episode));
            }
            let number = if instant % 17 == 0 { f64::NAN } else { rng.random() };
            let mut events = vec![Event::Report(Report {
                steps,
                episodes: 2 * instant,
                updates: instant,
                seconds: told.seconds,
                steps_per_s: 200.0,
                return_last100: Some(50.0),
                length_last100: Some(10.0 * rng.random()),
                metrics: vec![("loss".to_owned(), number)],
                ..Report::default()
            })];
            if instant % 50 == 0 {
                let (topic, message) = ("lr".to_owned(), "too high".to_owned());
                events.push(Event::Alert(Alert { steps, topic, message }));
            }
            for event in events {
                writer.add(&to_entry(&event).expect("it is written"));
                told.notices.push(Notice::Event(event));
            }
            writer.flush().expect("writable");
            live.fold(&mut told);
            let mut delivery = Delivery::default();
            follower.fetch(&mut delivery, &mut followed);
            followed.fold(&mut delivery);
            for panel in [Panel::Return, Panel::MetricA, Panel::MetricB] {
                let (a, b);
                (a, live) = drawn(live, panel);
                (b, followed) = drawn(followed, panel);
                assert_eq!(a, b, "{panel:?} at {instant}");
            }
        }
        std::fs::remove_dir_all(&folder).expect("it is ours");
    }
}
