//! Who sits in front: terminals that come, go for a while, and go for good. Runs go on without one.

use super::Pump;
use crate::door::Door;
use crate::glyph::Glyphs;
use crate::link::{FromFront, Link, ToFront};
use crate::term::images::Images;
use crate::term::probe::Told;
use crate::term::{Abilities, Colors, Input, Painter, guard};
use crate::theme::Theme;
use crate::update::Msg;
use rustix::event::{PollFd, PollFlags};
use std::fs::File;
use std::io;
use std::mem;

/// A terminal that is lent by the process in front of it.
#[derive(Debug)]
pub struct Seat {
    link: Link,
    pub(super) out: File,
    /// It was given back for a while.
    pub(super) is_away: bool,
}

impl Seat {
    /// Ends the process in front, with this code, after these lines.
    pub fn end(self, code: u8, lines: Vec<String>) {
        // Whoever has gone meanwhile needs no end.
        let _ = self.link.say(&ToFront::End { code, lines });
    }
}

/// Everybody who sits in front, waits for a seat, or may knock.
#[derive(Debug, Default)]
pub(super) struct Seats {
    pub(super) taken: Option<Seat>,
    waiting: Vec<Link>,
    doors: Vec<Door>,
}

impl Seats {
    /// What there is to wait for.
    pub(super) fn files(&self) -> Vec<PollFd<'_>> {
        let mut files = Vec::new();
        if let Some(seat) = &self.taken {
            files.push(PollFd::new(&seat.link, PollFlags::IN));
        }
        files.extend(self.waiting.iter().map(|link| PollFd::new(link, PollFlags::IN)));
        files.extend(self.doors.iter().map(|door| PollFd::new(door, PollFlags::IN)));
        files
    }

    /// Where else to listen for terminals.
    pub(super) fn listen(&mut self, door: Door) {
        self.doors.push(door);
    }

    /// Offers the seat to somebody who has knocked.
    pub(super) fn welcome(&mut self, link: Link) {
        let process = std::process::id();
        let answer = if self.taken.is_some() { ToFront::Busy } else { ToFront::Open { process } };
        // Whoever does not listen has gone again.
        if link.say(&answer).is_ok() && self.taken.is_none() {
            self.waiting.push(link);
        }
    }

    /// Whether somebody sits in front, or is about to.
    pub(super) fn is_empty(&self) -> bool {
        self.taken.is_none() && self.waiting.is_empty()
    }

    fn knocked(&mut self) {
        let visitors: Vec<_> = self.doors.iter().filter_map(Door::visitor).collect();
        for visitor in visitors {
            if let Ok(link) = Link::new(visitor) {
                self.welcome(link);
            }
        }
    }
}

impl Pump<'_> {
    /// Takes in what the seats have to say.
    pub(super) fn take_seats(&mut self) -> io::Result<()> {
        self.seats.knocked();
        for mut link in mem::take(&mut self.seats.waiting) {
            if link.listen().is_err() || link.is_over() {
                continue;
            }
            match link.heard() {
                Ok(None) => self.seats.waiting.push(link),
                Ok(Some(FromFront::Sit { size, abilities, images })) => {
                    self.sit(link, size, (abilities, images))?;
                }
                // Whoever says something else does not know how to sit.
                Ok(Some(_)) | Err(_) => {}
            }
        }
        self.take_input()?;
        self.leave_if_alone();
        Ok(())
    }

    fn sit(
        &mut self,
        mut link: Link,
        size: (u16, u16),
        (abilities, images): (Abilities, Option<Images>),
    ) -> io::Result<()> {
        if self.seats.taken.is_some() {
            // Whoever was slower has to look on; that it is gone already needs no word.
            let _ = link.say(&ToFront::Busy);
            return Ok(());
        }
        let Some(file) = link.file() else { return Ok(()) };
        self.seats.taken = Some(Seat { link, out: File::from(file), is_away: false });
        self.state.glyphs = abilities.glyphs;
        self.state.has_colors = abilities.colors != Colors::None;
        self.state.is_focused = true;
        self.state.images = images;
        self.hung = None;
        self.painter = Painter::new(abilities.colors);
        self.state.size = size;
        self.begin_recordings();
        self.happen(Msg::Resized(size.0, size.1))?;
        self.draw();
        Ok(())
    }

    fn take_input(&mut self) -> io::Result<()> {
        let Some(seat) = &mut self.seats.taken else { return Ok(()) };
        let mut came = Vec::new();
        let mut is_gone = seat.link.listen().is_err() || seat.link.is_over();
        loop {
            match seat.link.heard::<FromFront>() {
                Ok(Some(message)) => came.push(message),
                Ok(None) => break,
                Err(_) => {
                    is_gone = true;
                    break;
                }
            }
        }
        for message in came {
            self.answer(message)?;
            if self.is_over {
                return Ok(());
            }
        }
        if is_gone {
            self.hung_up();
            return Ok(());
        }
        // Whoever pressed a key does not wait for the next frame.
        if self.is_dirty {
            self.draw();
        }
        Ok(())
    }

    fn answer(&mut self, message: FromFront) -> io::Result<()> {
        match message {
            FromFront::Input(Input::Resized(columns, rows)) => {
                self.happen(Msg::Resized(columns, rows))
            }
            FromFront::Input(input) => self.happen(Msg::Input(input)),
            FromFront::Asked => self.happen(Msg::Asked),
            FromFront::Told(told) => {
                self.take_told(told);
                Ok(())
            }
            FromFront::Back(columns, rows) => {
                if let Some(seat) = &mut self.seats.taken {
                    seat.is_away = false;
                }
                self.happen(Msg::Resized(columns, rows))
            }
            FromFront::Sit { .. } => Ok(()),
        }
    }

    /// The terminal has said what it is.
    fn take_told(&mut self, told: Told) {
        self.state.images = told.images;
        if told.has_octants {
            self.state.glyphs = Glyphs::Octant;
        }
        if let Some(is_light) = told.is_light.filter(|_| !self.state.is_theme_chosen) {
            self.state.theme = Theme::on(is_light);
        }
        self.is_dirty = true;
    }

    /// The process in front is gone: runs go on without a terminal.
    pub(super) fn hung_up(&mut self) {
        self.end_recordings();
        if let Some(mut seat) = self.seats.taken.take() {
            // Where the terminal is still there it is left as well as can be from here.
            let _ = guard::farewell(&mut seat.out);
        }
        self.leave_if_alone();
    }

    /// Gives the terminal back while runs go on.
    pub(super) fn detach(&mut self) {
        self.end_recordings();
        let under_way = self.state.runs.iter().filter(|run| run.is_under_way());
        let sessions = under_way.map(|run| run.about.session.clone()).collect();
        if let Some(seat) = self.seats.taken.take() {
            // One that has gone meanwhile is as detached as it can be.
            let _ = seat.link.say(&ToFront::Detached(sessions));
        }
        self.leave_if_alone();
    }

    /// Asks the process in front to stop, as for ctrl-z.
    pub(super) fn suspend(&mut self) {
        if let Some(seat) = &mut self.seats.taken {
            seat.is_away = seat.link.say(&ToFront::Suspend).is_ok();
        }
    }

    /// With nobody in front and nothing under way there is no reason to stay.
    pub(super) fn leave_if_alone(&mut self) {
        if self.seats.is_empty() && !self.state.is_under_way() {
            self.is_over = true;
        }
    }
}
