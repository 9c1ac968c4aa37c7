//! The process at the terminal: it takes the terminal over, passes on what comes from keyboard and
//! mouse, and gives the terminal back, whatever becomes of the process that draws.

use crate::glyph::Glyphs;
use crate::link::{FromFront, Link, ToFront, Voice};
use crate::term::answers::Sorter;
use crate::term::images::{Images, Protocol};
use crate::term::{self, Abilities, Guard, Input, input, probe};
use crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_current_process_group, kill_process};
use signal_hook::consts::{SIGHUP, SIGTSTP};
use std::fs::File;
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use thorndike_engine::clock::Stopwatch;
use thorndike_engine::plugin::safety::StopSignals;

/// A terminal and what leads to the process that draws on it.
#[derive(Debug)]
pub struct Front<'a> {
    /// Where the screen is drawn; its keyboard is standard input.
    pub out: File,
    /// Where messages go.
    pub err: File,
    /// What the terminal can do.
    pub abilities: Abilities,
    /// Whether it may show pictures of pixels.
    pub pictures: Pictures,
    /// Whether it is asked about itself.
    pub asks: bool,
    /// Whether its characters are as somebody wishes.
    pub glyphs_chosen: bool,
    /// Leads to the process that draws.
    pub link: Link,
    /// What that process prints, if it is a child of this one.
    pub prints: Option<PipeReader>,
    /// Becomes readable when somebody asks for an end.
    pub stop: &'a StopSignals,
}

/// Whether a terminal may show pictures of pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pictures {
    /// It is not even asked.
    #[default]
    Never,
    /// If it says so when it is asked.
    Ask,
    /// In this way, as its user says.
    As(Protocol),
}

/// How long a terminal may think about what it can do.
const ANSWER_S: f64 = 3.0;
/// How long an escape may stand alone before it is the key.
const ESCAPE_S: f64 = 0.03;
/// Between two looks at the size of a terminal that has not answered yet.
const LOOK_S: f64 = 0.25;

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// The other process said so, and the code to end with.
    Ended(u8),
    /// Its sessions go on without a terminal.
    Detached(Vec<String>),
    /// Somebody else sits there.
    Busy,
    /// The other process is gone without a word.
    Gone,
    /// The terminal is gone.
    HungUp,
}

struct Sitting<'a> {
    front: Front<'a>,
    guard: Option<Guard>,
    voice: Arc<Mutex<Voice>>,
    process: Option<Pid>,
    /// What was printed while the screen was shown.
    printed: Vec<u8>,
    /// Somebody asks for a pause of the program.
    halted: PipeReader,
    is_asked: bool,
}

/// Lends the terminal to the other process until that one has no use for it any more.
pub fn sit(front: Front<'_>) -> io::Result<Left> {
    let (halted, halts) = io::pipe()?;
    rustix::io::ioctl_fionbio(&halted, true)?;
    let signal = signal_hook::low_level::pipe::register(SIGTSTP, halts)?;
    let voice = Arc::new(Mutex::new(front.link.voice()?));
    let (guard, process, printed, is_asked) = (None, None, Vec::new(), false);
    let mut sitting = Sitting { front, guard, voice, process, printed, halted, is_asked };
    let left = loop {
        match sitting.wait() {
            Ok(None) => {}
            Ok(Some(left)) => break Ok(left),
            Err(error) => break Err(error),
        }
    };
    signal_hook::low_level::unregister(signal);
    let left = left?;
    sitting.end(&left)?;
    Ok(left)
}

impl Sitting<'_> {
    /// Waits until something happens, and takes it in.
    fn wait(&mut self) -> io::Result<Option<Left>> {
        let keyboard = io::stdin();
        let stop = self.front.stop.as_fd();
        let mut files = vec![
            PollFd::new(&self.front.link, PollFlags::IN),
            // Keys are another thread's matter; here only the end of the terminal is.
            PollFd::new(&keyboard, PollFlags::empty()),
            PollFd::new(&self.halted, PollFlags::IN),
        ];
        if !self.is_asked {
            files.push(PollFd::from_borrowed_fd(stop, PollFlags::IN));
        }
        let prints_at = files.len();
        if let Some(prints) = &self.front.prints {
            files.push(PollFd::new(prints, PollFlags::IN));
        }
        match poll(&mut files, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let ready: Vec<PollFlags> = files.iter().map(PollFd::revents).collect();
        drop(files);
        let is = |at: usize| ready.get(at).is_some_and(|flags| !flags.is_empty());
        if is(prints_at) {
            self.take_prints()?;
        }
        if is(1) {
            return Ok(Some(Left::HungUp));
        }
        if !self.is_asked && is(3) {
            if self.front.stop.asked_by() == Some(SIGHUP) {
                return Ok(Some(Left::HungUp));
            }
            self.is_asked = true;
            self.say(&FromFront::Asked)?;
        }
        if is(2) {
            // Any number of them is one.
            let mut bytes = [0; 64];
            let _ = self.halted.read(&mut bytes);
            self.halt(false)?;
        }
        if is(0) { self.listen() } else { Ok(None) }
    }

    fn listen(&mut self) -> io::Result<Option<Left>> {
        self.front.link.listen()?;
        while let Some(message) = self.front.link.heard()? {
            match message {
                ToFront::Open { process } => self.open(process)?,
                ToFront::Busy => return Ok(Some(Left::Busy)),
                ToFront::Suspend => self.halt(true)?,
                ToFront::Detached(sessions) => return Ok(Some(Left::Detached(sessions))),
                ToFront::End { code, lines } => {
                    for line in lines {
                        self.printed.extend(line.bytes());
                        self.printed.push(b'\n');
                    }
                    return Ok(Some(Left::Ended(code)));
                }
            }
        }
        Ok(self.front.link.is_over().then_some(Left::Gone))
    }

    /// Takes the terminal over and hands it on.
    fn open(&mut self, process: u32) -> io::Result<()> {
        if self.guard.is_some() {
            return Ok(());
        }
        self.process = Pid::from_raw(process as i32);
        self.guard = Some(Guard::take(self.front.out.try_clone()?)?);
        let size = term::size(&self.front.out);
        let abilities = self.front.abilities;
        let cell = term::cell(&self.front.out);
        let pictures = self.front.pictures;
        let images = match pictures {
            Pictures::Never | Pictures::Ask => None,
            Pictures::As(protocol) => Some(Images { protocol, cell: Images::cell(cell) }),
        };
        // Nobody waits for answers: the screen is there before them.
        let questions = probe::questions(pictures != Pictures::Never);
        if self.front.asks {
            self.front.out.write_all(&questions)?;
        }
        let sit = FromFront::Sit { size, abilities, images };
        self.front.link.say_with(&sit, self.front.out.as_fd())?;
        let keys = Keys {
            voice: self.voice.clone(),
            out: self.front.out.try_clone()?,
            pictures: self.front.asks.then_some(pictures),
            takes_octants: !self.front.glyphs_chosen && abilities.glyphs == Glyphs::Braille,
        };
        // It ends with the process: nothing takes it out of the wait for a key.
        thread::Builder::new().name("keys".to_owned()).spawn(move || keys.pass_on())?;
        Ok(())
    }

    fn say(&self, message: &FromFront) -> io::Result<()> {
        self.voice.lock().unwrap_or_else(PoisonError::into_inner).say(message)
    }

    /// Gives the terminal back and stops, together with the process that draws, until somebody lets
    /// it go on.
    fn halt(&mut self, is_group: bool) -> io::Result<()> {
        if let Some(process) = self.process {
            kill_process(process, Signal::STOP)?;
        }
        if let Some(guard) = &mut self.guard {
            guard.leave()?;
        }
        if is_group {
            // The whole group stops, as it does for ctrl-z in a program that does not look at keys.
            kill_current_process_group(Signal::STOP)?;
        } else {
            kill_process(rustix::process::getpid(), Signal::STOP)?;
        }
        if let Some(guard) = &mut self.guard {
            guard.enter()?;
        }
        if let Some(process) = self.process {
            kill_process(process, Signal::CONT)?;
        }
        let (columns, rows) = term::size(&self.front.out);
        self.say(&FromFront::Back(columns, rows))
    }

    /// Passes on what the other process prints, once that can be seen.
    fn take_prints(&mut self) -> io::Result<()> {
        let Some(prints) = &mut self.front.prints else { return Ok(()) };
        let mut bytes = [0; 4096];
        let read = prints.read(&mut bytes)?;
        if read == 0 {
            self.front.prints = None;
        }
        self.printed.extend_from_slice(&bytes[..read]);
        if self.guard.is_none() {
            self.front.err.write_all(&self.printed)?;
            self.printed.clear();
        }
        Ok(())
    }

    /// Gives the terminal back and shows what was printed meanwhile.
    fn end(mut self, left: &Left) -> io::Result<()> {
        self.guard = None;
        if *left == Left::HungUp {
            return Ok(());
        }
        // A process that goes on holds its end open.
        if let (Left::Ended(_) | Left::Gone, Some(prints)) = (left, &mut self.front.prints) {
            prints.read_to_end(&mut self.printed)?;
        }
        self.front.err.write_all(&self.printed)
    }
}

/// What comes from the keyboard, on its way to the process that draws.
struct Keys {
    voice: Arc<Mutex<Voice>>,
    out: File,
    /// What the terminal was asked about, if it was asked.
    pictures: Option<Pictures>,
    /// Whether octants are welcome where the terminal has them.
    takes_octants: bool,
}

impl Keys {
    /// Passes keys on for as long as there are any.
    fn pass_on(self) {
        if let Some(pictures) = self.pictures
            && self.take_answers(pictures).is_err()
        {
            return;
        }
        while let Ok(event) = event::read() {
            let came = match event {
                // crossterm asks the terminal that the process began with, which may be another.
                Event::Resize(..) => Some(self.size()),
                event => input::input(event),
            };
            let Some(came) = came else { continue };
            if self.say(&FromFront::Input(came)).is_err() {
                return;
            }
        }
    }

    /// Waits for what the terminal says of itself. Keys that come meanwhile are passed on.
    fn take_answers(&self, pictures: Pictures) -> io::Result<()> {
        let (mut sorter, watch) = (Sorter::default(), Stopwatch::start());
        let (keyboard, mut size) = (io::stdin(), self.size());
        while !sorter.is_whole() && watch.seconds() < ANSWER_S {
            // Nobody else looks at the size meanwhile.
            if self.size() != size {
                size = self.size();
                self.say(&FromFront::Input(size.clone()))?;
            }
            let patience = if sorter.holds_escape() { ESCAPE_S } else { LOOK_S };
            let patience = Timespec { tv_sec: 0, tv_nsec: (patience * 1e9) as i64 };
            let mut files = [PollFd::new(&keyboard, PollFlags::IN)];
            let came = match poll(&mut files, Some(&patience)) {
                Ok(0) => sorter.escape().into_iter().collect(),
                Ok(_) => {
                    let mut bytes = [0; 1024];
                    match rustix::io::read(&keyboard, &mut bytes)? {
                        0 => return Ok(()),
                        read => sorter.take(&bytes[..read]),
                    }
                }
                Err(rustix::io::Errno::INTR) => Vec::new(),
                Err(error) => return Err(error.into()),
            };
            for input in came {
                self.say(&FromFront::Input(input))?;
            }
        }
        let mut told = probe::understood(sorter.answers(), term::cell(&self.out));
        if let Pictures::As(protocol) = pictures {
            let cell = told.images.map(|images| images.cell).or(term::cell(&self.out));
            told.images = Some(Images { protocol, cell: Images::cell(cell) });
        }
        told.has_octants &= self.takes_octants;
        self.say(&FromFront::Told(told))?;
        if self.size() == size { Ok(()) } else { self.say(&FromFront::Input(self.size())) }
    }

    fn size(&self) -> Input {
        let (columns, rows) = term::size(&self.out);
        Input::Resized(columns, rows)
    }

    fn say(&self, message: &FromFront) -> io::Result<()> {
        self.voice.lock().unwrap_or_else(PoisonError::into_inner).say(message)
    }
}
