//! What a session may be called, and what it is called when nobody says so.

use crate::error::{Error, Result};

/// Most characters of a name: with what is put around it, it stays below every file system's limit.
const NAME_CHARS_MAX: usize = 150;

/// Whether a session may be called this; says what is wrong if not.
pub fn check(name: &str) -> Result<()> {
    let wrong = name.chars().find(|&c| !is_allowed(c));
    let reason = if name.is_empty() {
        "it is empty".to_owned()
    } else if let Some(wrong) = wrong {
        let wrong = wrong.escape_debug();
        format!("`{wrong}` is not among letters, digits, `-`, `_`, `.` and `+`")
    } else if name.starts_with(['.', '-']) {
        "it starts with a dot or a dash".to_owned()
    } else if name.len() > NAME_CHARS_MAX {
        format!("it has {} characters, at most {NAME_CHARS_MAX} fit", name.len())
    } else {
        return Ok(());
    };
    Err(Error::Name { name: name.to_owned(), reason })
}

/// `<agent>-<env>-s<seed>`, to which the store adds a number. Of names such as `plugin:agent` only
/// the second part is taken.
pub fn stem(agent: &str, env: &str, seed: u64) -> String {
    let plain = |name: &str| -> String {
        let bare = name.rsplit(':').next().unwrap_or(name);
        let plain = bare.chars().map(|c| if is_allowed(c) { c } else { '-' });
        let plain: String = plain.skip_while(|&c| c == '.' || c == '-').take(50).collect();
        if plain.is_empty() { "unnamed".to_owned() } else { plain }
    };
    format!("{}-{}-s{seed}", plain(agent), plain(env))
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || ['-', '_', '.', '+'].contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refuses(name: &str, part: &str) {
        let error = check(name).expect_err("the name must be refused").to_string();
        assert!(error.contains(part), "{error}");
        assert!(!error.contains('\n') && !error.contains('\u{1b}'), "{error:?}");
    }

    #[test]
    fn names_that_would_leave_the_store_or_the_line_are_refused() {
        refuses("", "empty");
        refuses("../x", "`/` is not among");
        refuses("..", "starts with a dot");
        refuses(".hidden", "starts with a dot");
        refuses("-x", "or a dash");
        refuses("a b", "` ` is not among");
        refuses("a\nb", "`\\n` is not among");
        refuses("\u{1b}[2J", "is not among");
        refuses("run@3", "`@` is not among");
        refuses(&"x".repeat(151), "151 characters");
        for name in ["a", "run.1", "q-learning-FrozenLake-v1-s0-1", &"x".repeat(150)] {
            check(name).expect("a plain name is fine");
        }
    }

    #[test]
    fn the_given_name_is_always_a_name() {
        assert_eq!(stem("q-learning", "FrozenLake-v1", 3), "q-learning-FrozenLake-v1-s3");
        assert_eq!(stem("torch:ppo", "lab/Walk-v0", 0), "ppo-lab-Walk-v0-s0");
        for odd in ["..", "-", "\n", &"x".repeat(400)] {
            check(&format!("{}-{}", stem(odd, odd, u64::MAX), u64::MAX)).expect("it is a name");
        }
    }
}
