//! Keeps what the screen shows: as recordings that terminals play (asciicast) or that are pictures
//! (GIF), as text, and as a drawing (SVG).

mod cast;
mod font;
mod gif;
mod still;

pub use cast::Cast;
use gif::Movie;
use ratatui::buffer::Buffer;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

pub use font::write;
pub use still::{svg, text};

/// A recording under way.
#[derive(Debug)]
pub struct Recording {
    form: Form,
    path: PathBuf,
}

#[derive(Debug)]
enum Form {
    Cast(Cast<BufWriter<File>>),
    Movie(Movie),
}

/// What is wrong with a name for a recording, if anything is.
pub fn check(path: &Path) -> Result<(), String> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("cast" | "gif") => Ok(()),
        _ => Err(format!(
            "a recording is a .cast, which terminals play, or a .gif, not {}",
            path.display()
        )),
    }
}

impl Recording {
    /// Begins a recording of a screen of this size at this time; the ending of the name says what
    /// it is. A file that is there already is written anew.
    pub fn begin(path: &Path, size: (u16, u16), now: f64) -> io::Result<Self> {
        Self::into_file(File::create(path)?, path.to_owned(), size, now)
    }

    /// Begins one of each kind in new files `screen-N.cast` and `screen-N.gif`.
    pub fn begin_here(folder: &Path, size: (u16, u16), now: f64) -> io::Result<[Self; 2]> {
        let begin = |ending| {
            let (file, path) = create(folder, ending)?;
            Self::into_file(file, path, size, now)
        };
        Ok([begin("cast")?, begin("gif")?])
    }

    fn into_file(file: File, path: PathBuf, size: (u16, u16), now: f64) -> io::Result<Self> {
        let is_movie = path.extension().is_some_and(|ending| ending == "gif");
        let form = if is_movie {
            Form::Movie(Movie::begin(file, size)?)
        } else {
            Form::Cast(Cast::begin(BufWriter::new(file), size, None, now)?)
        };
        Ok(Self { form, path })
    }

    /// Keeps what was written to the terminal, and what it shows then.
    pub fn keep(&mut self, now: f64, bytes: &[u8], shown: &Buffer) -> io::Result<()> {
        match &mut self.form {
            Form::Cast(cast) => cast.keep(now, (shown.area.width, shown.area.height), bytes),
            Form::Movie(movie) => movie.keep(now, shown),
        }
    }

    /// Ends the recording and says where it lies.
    pub fn end(self) -> io::Result<PathBuf> {
        match self.form {
            Form::Cast(cast) => cast.end()?,
            Form::Movie(movie) => movie.end()?,
        }
        Ok(self.path)
    }
}

/// Saves the screen as text and as a drawing; says where.
pub fn export(folder: &Path, buffer: &Buffer) -> io::Result<[PathBuf; 2]> {
    let (mut file, text_path) = create(folder, "txt")?;
    file.write_all(text(buffer).as_bytes())?;
    let (mut file, svg_path) = create(folder, "svg")?;
    file.write_all(svg(buffer).as_bytes())?;
    Ok([text_path, svg_path])
}

/// A new file `screen-N.ending`.
fn create(folder: &Path, ending: &str) -> io::Result<(File, PathBuf)> {
    for number in 1.. {
        let path = folder.join(format!("screen-{number}.{ending}"));
        match File::options().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            file => return Ok((file?, path)),
        }
    }
    unreachable!("there is always a next number")
}
