//! Marks of a run, as words: the best episode, the second edit.

use std::str::FromStr;

/// What marks a place of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarkKind {
    Best,
    Worst,
    Last,
    Edit,
    Alert,
    Eval,
    Saved,
}

impl MarkKind {
    const ALL: [(&'static str, Self); 7] = [
        ("best", Self::Best),
        ("worst", Self::Worst),
        ("last", Self::Last),
        ("edit", Self::Edit),
        ("alert", Self::Alert),
        ("eval", Self::Eval),
        ("saved", Self::Saved),
    ];

    /// In one word.
    pub(crate) fn word(self) -> &'static str {
        Self::ALL[self as usize].0
    }
}

/// A mark of a run: of its kind the one of this number, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) kind: MarkKind,
    pub(crate) number: usize,
}

impl FromStr for Mark {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, number) = text.split_once(':').unwrap_or((text, "1"));
        let kind = MarkKind::ALL.iter().find(|(word, _)| *word == kind).map(|(_, kind)| *kind);
        let number = number.parse().ok().filter(|number| *number > 0);
        kind.zip(number).map(|(kind, number)| Self { kind, number }).ok_or_else(|| {
            let words: Vec<&str> = MarkKind::ALL.iter().map(|(word, _)| *word).collect();
            format!("it takes {}, and `edit:2` for the second one", words.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_words_with_a_number() {
        assert_eq!("best".parse(), Ok(Mark { kind: MarkKind::Best, number: 1 }));
        assert_eq!("edit:12".parse(), Ok(Mark { kind: MarkKind::Edit, number: 12 }));
        assert!(MarkKind::ALL.iter().all(|(word, kind)| kind.word() == *word));
        for text in ["", "edit:", "edit:0", "edit:x", "edits", "best 2"] {
            assert!(text.parse::<Mark>().is_err(), "{text}");
        }
    }
}
