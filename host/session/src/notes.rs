//! What its owner says of a session: tags and a note. The only file that is replaced.

use crate::error::{Error, Result};
use crate::seal;
use crate::session::Session;
use ron::Value;
use std::collections::BTreeMap;
use std::io;

const NOTES: &str = "notes.ron";

/// Tags and a note. What a newer version has put beside them is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notes {
    /// Words to find it by, sorted.
    pub tags: Vec<String>,
    /// A note.
    pub note: String,
    more: BTreeMap<String, Value>,
}

impl Session {
    /// What its owner says of it.
    pub fn notes(&self) -> Result<Notes> {
        let path = self.folder().join(NOTES);
        let text = match seal::read_text(&*self.disk, &path) {
            Err(Error::System { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(Notes::default());
            }
            text => text?,
        };
        let mut more: BTreeMap<String, Value> = seal::from_ron(&path, &text)?;
        let mut take = |key: &str| more.remove(key);
        let tags = take("tags").map(Value::into_rust::<Vec<String>>);
        let note = take("note").map(Value::into_rust::<String>);
        let wrong = |error: ron::Error| Error::damaged(&path, error);
        Ok(Notes {
            tags: tags.transpose().map_err(wrong)?.unwrap_or_default(),
            note: note.transpose().map_err(wrong)?.unwrap_or_default(),
            more,
        })
    }

    /// Replaces what its owner says of it.
    pub fn set_notes(&self, notes: &Notes) -> Result<()> {
        let mut all = notes.more.clone();
        let tags = notes.tags.iter().map(|tag| Value::String(tag.clone())).collect();
        all.insert("tags".to_owned(), Value::Seq(tags));
        all.insert("note".to_owned(), Value::String(notes.note.clone()));
        seal::write(&*self.disk, &self.folder().join(NOTES), &all)
    }

    /// Whether there are notes to be verified.
    pub(crate) fn notes_path(&self) -> Option<std::path::PathBuf> {
        let path = self.folder().join(NOTES);
        self.disk.length(&path).is_ok().then_some(path)
    }
}
