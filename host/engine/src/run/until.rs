//! Conditions that end a run as texts, such as `return>=475`.

use super::goal::{Compare, Subject, Until};
use crate::registry::closest;
use std::fmt;

const SUBJECTS: [(&str, Subject); 5] = [
    ("return", Subject::Return),
    ("length", Subject::Length),
    ("success", Subject::Success),
    ("steps", Subject::Steps),
    ("episodes", Subject::Episodes),
];

/// Longer signs first: `>` is also the beginning of `>=`.
const SIGNS: [(&str, Compare); 4] = [
    (">=", Compare::AtLeast),
    ("<=", Compare::AtMost),
    (">", Compare::Above),
    ("<", Compare::Below),
];

/// The condition behind a text, or what is wrong with it.
pub fn parse(text: &str) -> Result<Until, String> {
    let sign = SIGNS.iter().find_map(|&(sign, means)| Some((text.split_once(sign)?, means)));
    let ((name, bound), compare) = sign.ok_or_else(|| {
        "it takes a name, one of >=, <=, > and <, and a number, such as `return>=475`".to_owned()
    })?;
    let (name, bound) = (name.trim(), bound.trim());
    let subject = SUBJECTS.iter().find(|(known, _)| *known == name);
    let subject = subject.map(|&(_, subject)| subject).ok_or_else(|| {
        let names = SUBJECTS.map(|(name, _)| name);
        match closest(name, &names) {
            Some(close) => format!("there is no `{name}`; did you mean `{close}`?"),
            None => format!("there is no `{name}`; there are {}", names.join(", ")),
        }
    })?;
    let number = bound.replace('_', "").parse().ok().filter(|bound: &f64| bound.is_finite());
    let value = number.ok_or_else(|| format!("`{bound}` is not a number"))?;
    Ok(Until { subject, compare, value })
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = SUBJECTS.iter().find(|(_, subject)| *subject == self.subject);
        let sign = SIGNS.iter().find(|(_, compare)| *compare == self.compare);
        let word = |found: Option<&str>| found.expect("every case has its word").to_owned();
        let (name, sign) = (word(name.map(|(word, _)| *word)), word(sign.map(|(word, _)| *word)));
        write!(f, "{name}{sign}{}", self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read() {
        let read = |text: &str| {
            let until = parse(text).expect("the condition is right");
            (until.subject, until.compare, until.value)
        };
        assert_eq!(read("return>=475"), (Subject::Return, Compare::AtLeast, 475.0));
        assert_eq!(read(" return > 4_75.5 "), (Subject::Return, Compare::Above, 475.5));
        assert_eq!(read("length<=20"), (Subject::Length, Compare::AtMost, 20.0));
        assert_eq!(read("success<-1e-3"), (Subject::Success, Compare::Below, -0.001));
        assert_eq!(read("steps>=500"), (Subject::Steps, Compare::AtLeast, 500.0));
        assert_eq!(read("episodes<100"), (Subject::Episodes, Compare::Below, 100.0));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = |text: &str, part: &str| {
            let error = parse(text).expect_err("the condition is wrong");
            assert!(error.contains(part), "{error}");
        };
        wrong("475", "such as `return>=475`");
        wrong("return=475", "one of >=, <=, > and <");
        wrong("retrun>=475", "did you mean `return`?");
        wrong("qqq>=475", "there are return, length, success, steps, episodes");
        wrong("return>=many", "`many` is not a number");
        wrong("return>=nan", "`nan` is not a number");
        wrong(">=1", "there is no ``");
    }
}
