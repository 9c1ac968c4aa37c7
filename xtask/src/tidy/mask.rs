//! Blanks out comments and quoted text of Rust source, so that rules see code only.

/// The source with every character of a comment, string or character literal turned into a blank.
/// Lines stay where they are.
pub(super) fn mask(source: &str) -> String {
    let text: Vec<char> = source.chars().collect();
    let mut code = String::with_capacity(source.len());
    let mut at = 0;
    while at < text.len() {
        let length = quoted(&text, at);
        if length == 0 {
            code.push(text[at]);
            at += 1;
        } else {
            let end = (at + length).min(text.len());
            code.extend(text[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    code
}

/// The words of code: identifiers and keywords, each with its line counted from 1.
pub(super) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.lines().enumerate().flat_map(move |(index, line)| {
        line.split(move |c| !is_part(c))
            .filter(|word| !word.is_empty())
            .map(move |w| (index + 1, w))
    })
}

/// How many characters of a comment or literal start here; 0 where code goes on.
fn quoted(text: &[char], at: usize) -> usize {
    let here = |offset: usize| text.get(at + offset).copied().unwrap_or('\0');
    let starts_word = at == 0 || !(text[at - 1].is_alphanumeric() || text[at - 1] == '_');
    match (here(0), here(1)) {
        ('/', '/') => text[at..].iter().take_while(|&&c| c != '\n').count(),
        ('/', '*') => block_comment(&text[at..]),
        ('"', _) => 1 + string(&text[at + 1..]),
        ('b' | 'c', '"') if starts_word => 2 + string(&text[at + 2..]),
        ('b' | 'c', 'r') if starts_word => raw_string(&text[at..], 2),
        ('r', _) if starts_word => raw_string(&text[at..], 1),
        ('\'', '\\') => {
            3 + text[(at + 3).min(text.len())..].iter().take_while(|&&c| c != '\'').count() + 1
        }
        ('\'', _) if here(2) == '\'' => 3,
        _ => 0,
    }
}

/// Block comments nest.
fn block_comment(text: &[char]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        match (text[at], text.get(at + 1)) {
            ('/', Some('*')) => depth += 1,
            ('*', Some('/')) => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a string up to and with its closing quote; its opening one is already read.
fn string(text: &[char]) -> usize {
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            '"' => return at + 1,
            '\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

/// The length of a raw string whose marks follow a prefix of that length; 0 if it is none.
fn raw_string(text: &[char], prefix: usize) -> usize {
    let marks = text[prefix..].iter().take_while(|&&c| c == '#').count();
    if text.get(prefix + marks) != Some(&'"') {
        return 0;
    }
    let start = prefix + marks + 1;
    let closes = |at: usize| {
        text[at] == '"' && text[at + 1..].iter().take(marks).filter(|&&c| c == '#').count() == marks
    };
    (start..text.len()).find(|&at| closes(at)).map_or(text.len(), |at| at + 1 + marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let code = mask(source);
        assert_eq!(code.lines().count(), source.lines().count(), "lines stay");
        let found: Vec<&str> = words(&code).map(|(_, word)| word).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn comments_vanish() {
        check("a // b\nc /* d /* e */ f */ g", &["a", "c", "g"]);
    }

    #[test]
    fn strings_of_every_kind_vanish() {
        check(r#"a "b \" c" d b"e" f"#, &["a", "d", "f"]);
        check("a r#\"b \" c\"# d br##\"e\"# f\"## g c\"h\"", &["a", "d", "g"]);
        check("a \"b\nc\" d r#type", &["a", "d", "r", "type"]);
    }

    #[test]
    fn characters_vanish_and_lifetimes_stay() {
        check(r"a 'b' '\'' '\u{1f}' '\n' '\\' c<'d>('e')", &["a", "c", "d"]);
    }

    #[test]
    fn an_unclosed_literal_ends_with_the_file() {
        check("a \"b", &["a"]);
        check("a r\"b", &["a"]);
        check("a /* b", &["a"]);
        check("a '\\", &["a"]);
    }
}
