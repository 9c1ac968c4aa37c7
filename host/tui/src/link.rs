//! What the process of a run and the one that holds a terminal say to each other, over a socket.
//! The terminal itself is handed over with it: whoever draws, draws on it directly.

use crate::term::images::Images;
use crate::term::probe::Told;
use crate::term::{Abilities, Input};
use rustix::cmsg_space;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::io::{self, IoSlice, IoSliceMut, Write};
use std::mem::MaybeUninit;
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// What the process at the terminal says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromFront {
    /// Here is a terminal; its file comes along.
    Sit {
        /// Columns and rows.
        size: (u16, u16),
        /// What it can do.
        abilities: Abilities,
        /// How it takes pictures, if it does.
        images: Option<Images>,
    },
    /// Something came from keyboard or mouse.
    Input(Input),
    /// The terminal was given back for a while, and is ours again; it has this size.
    Back(u16, u16),
    /// Somebody outside asked for an end.
    Asked,
    /// What the terminal says of itself, a little after it was taken over.
    Told(Told),
}

/// What the process of the run says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToFront {
    /// Take the terminal over and hand it on.
    Open {
        /// The process of the run.
        process: u32,
    },
    /// Somebody else sits there already.
    Busy,
    /// Give the terminal back and stop, as for ctrl-z.
    Suspend,
    /// These sessions go on without a terminal.
    Detached(Vec<String>),
    /// It is over.
    End {
        /// The code to end with.
        code: u8,
        /// What is to stay on the terminal.
        lines: Vec<String>,
    },
}

/// One end of the socket.
#[derive(Debug)]
pub struct Link {
    stream: UnixStream,
    held: Vec<u8>,
    files: VecDeque<OwnedFd>,
    is_over: bool,
}

/// Longer messages are not ours.
const BYTES_MAX: usize = 1 << 20;
/// Whoever does not listen for so long is gone.
const PATIENCE: Duration = Duration::from_secs(2);

impl Link {
    /// One end of a socket.
    pub fn new(stream: UnixStream) -> io::Result<Self> {
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream, held: Vec::new(), files: VecDeque::new(), is_over: false })
    }

    /// A way to say things from another thread.
    pub fn voice(&self) -> io::Result<Voice> {
        Ok(Voice(self.stream.try_clone()?))
    }

    /// Says something.
    pub fn say(&self, message: &impl Serialize) -> io::Result<()> {
        (&self.stream).write_all(&packed(message)?)
    }

    /// Says something and hands a file over.
    pub fn say_with(&self, message: &impl Serialize, file: BorrowedFd<'_>) -> io::Result<()> {
        let bytes = packed(message)?;
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
        let mut along = SendAncillaryBuffer::new(&mut space);
        let files = [file];
        if !along.push(SendAncillaryMessage::ScmRights(&files)) {
            return Err(io::Error::other("there is no room for a file"));
        }
        let slices = [IoSlice::new(&bytes)];
        let sent = sendmsg(&self.stream, &slices, &mut along, SendFlags::NOSIGNAL)?;
        (&self.stream).write_all(&bytes[sent..])
    }

    /// Takes in what has come, without waiting for more.
    pub fn listen(&mut self) -> io::Result<()> {
        let mut bytes = [0; 16 << 10];
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(4))];
        let mut along = RecvAncillaryBuffer::new(&mut space);
        let mut slices = [IoSliceMut::new(&mut bytes)];
        let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
        let read = match recvmsg(&self.stream, &mut slices, &mut along, flags) {
            Ok(read) => read.bytes,
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => return Ok(()),
            // It is gone, and did not care for what it had not read yet.
            Err(rustix::io::Errno::CONNRESET) => 0,
            Err(error) => return Err(error.into()),
        };
        for message in along.drain() {
            if let RecvAncillaryMessage::ScmRights(files) = message {
                self.files.extend(files);
            }
        }
        self.is_over = read == 0;
        self.held.extend_from_slice(&bytes[..read]);
        Ok(())
    }

    /// The next thing that was said; nothing before it has come whole.
    pub fn heard<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        let Some((length, rest)) = self.held.split_first_chunk::<4>() else { return Ok(None) };
        let length = u32::from_le_bytes(*length) as usize;
        if length > BYTES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "that is no message"));
        }
        let Some(body) = rest.get(..length) else { return Ok(None) };
        let message = postcard::from_bytes(body)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.held.drain(..4 + length);
        Ok(Some(message))
    }

    /// The oldest file that was handed over.
    pub fn file(&mut self) -> Option<OwnedFd> {
        self.files.pop_front()
    }

    /// Whether the other side is gone.
    pub fn is_over(&self) -> bool {
        self.is_over
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// Says things to the other side.
#[derive(Debug)]
pub struct Voice(UnixStream);

impl Voice {
    /// Says something.
    pub fn say(&self, message: &impl Serialize) -> io::Result<()> {
        (&self.0).write_all(&packed(message)?)
    }
}

/// A message behind its length.
fn packed(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let body = postcard::to_allocvec(message).map_err(io::Error::other)?;
    let mut bytes = (body.len() as u32).to_le_bytes().to_vec();
    bytes.extend(body);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::Key;
    use std::fs::File;
    use std::io::Read;

    #[test]
    fn messages_and_files_arrive_whole_and_in_order() {
        let (ours, theirs) = UnixStream::pair().expect("sockets are there");
        let ours = Link::new(ours).expect("a socket");
        let mut theirs = Link::new(theirs).expect("a socket");
        assert_eq!(theirs.heard::<FromFront>().expect("nothing is wrong"), None);
        theirs.listen().expect("nothing is wrong");
        let (mut reader, writer) = io::pipe().expect("pipes are there");
        let sit = FromFront::Sit { size: (80, 24), abilities: Abilities::default(), images: None };
        ours.say_with(&sit, writer.as_fd()).expect("it listens");
        drop(writer);
        let key = FromFront::Input(Input::Key(Key::char('é')));
        ours.say(&key).expect("it listens");
        theirs.listen().expect("it came");
        theirs.listen().expect("it came");
        assert_eq!(theirs.heard().expect("whole"), Some(sit));
        assert_eq!(theirs.heard().expect("whole"), Some(key));
        let mut file = File::from(theirs.file().expect("it came along"));
        file.write_all(b"drawn").expect("the pipe is open");
        drop(file);
        let mut drawn = String::new();
        reader.read_to_string(&mut drawn).expect("text");
        assert_eq!(drawn, "drawn");
        assert!(!theirs.is_over() && theirs.file().is_none());
        drop(ours);
        theirs.listen().expect("the end is no error");
        assert!(theirs.is_over());
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let (ours, theirs) = UnixStream::pair().expect("sockets are there");
        let mut theirs = Link::new(theirs).expect("a socket");
        (&ours).write_all(&[0xff; 64]).expect("it listens");
        theirs.listen().expect("it came");
        assert!(theirs.heard::<FromFront>().is_err());
    }
}
