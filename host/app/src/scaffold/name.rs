//! What a new plugin may be called, and what its library is called then.

/// Names that cargo or rustc keep for themselves, or that would hide what the plugin needs.
const KEPT: [&str; 13] = [
    "alloc",
    "build",
    "core",
    "deps",
    "doc",
    "examples",
    "incremental",
    "plugin-api",
    "plugin_api",
    "proc_macro",
    "std",
    "target",
    "test",
];

/// Words that cannot name a crate.
const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

const CHARS_MAX: usize = 60;

/// Whether a plugin may be called this; one sentence if not.
pub(super) fn check(name: &str) -> Result<(), String> {
    let wrong = name.chars().find(|&c| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    let shown = thorndike_session::error::shown(name);
    if name.is_empty() {
        return Err("a plugin needs a name, such as `My-World-v1`".to_owned());
    }
    if let Some(wrong) = wrong {
        let instead = suggestion(name).map_or(String::new(), |name| format!("; `{name}` would do"));
        let wrong = wrong.escape_debug();
        return Err(format!(
            "`{shown}` cannot name a plugin: `{wrong}` is not among letters, digits, \
             `-` and `_`{instead}"
        ));
    }
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(format!("`{shown}` cannot name a plugin: it must begin with a letter"));
    }
    if name.len() > CHARS_MAX {
        return Err(format!(
            "`{shown}` cannot name a plugin: it has {} characters, at most {CHARS_MAX} fit",
            name.len()
        ));
    }
    let kept = name.to_ascii_lowercase();
    if KEPT.contains(&kept.as_str()) || KEYWORDS.contains(&kept.as_str()) {
        return Err(format!(
            "`{name}` cannot name a plugin: cargo or Rust keep it for themselves; \
             `my-{name}` would do"
        ));
    }
    Ok(())
}

/// The name of the crate's library: `My-World-v1` becomes `my_world_v1`.
pub(super) fn library(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

/// The name of the file that is built.
pub(super) fn file(name: &str) -> String {
    format!("lib{}.so", library(name))
}

/// A name that would do, made of the letters and digits of one that does not.
fn suggestion(name: &str) -> Option<String> {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let instead = words.collect::<Vec<_>>().join("-");
    check(&instead).is_ok().then_some(instead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sensible_names_are_taken_as_they_are() {
        for name in ["maze", "Foo-v1", "my-agent", "snake_case", "X", "a--b", "Walk2d-v10"] {
            check(name).expect("the name is sensible");
        }
        assert_eq!(file("Foo-v1"), "libfoo_v1.so");
    }

    #[test]
    fn other_names_get_a_sentence() {
        let wrong = |name: &str, part: &str| {
            let error = check(name).expect_err("the name is wrong");
            assert!(error.contains(part), "{error}");
            assert!(!error.chars().any(char::is_control), "{error:?}");
        };
        wrong("", "needs a name");
        wrong("my world", "`my-world` would do");
        wrong("lab/Walk-v0", "`lab-Walk-v0` would do");
        wrong("../x", "`x` would do");
        wrong("a:b", "`:` is not among");
        wrong("straße", "`ß` is not among");
        wrong("x\u{1b}[2J\n", "is not among");
        wrong("3d", "begin with a letter");
        wrong("-v1", "begin with a letter");
        wrong("struct", "`my-struct` would do");
        wrong("Test", "keep it for themselves");
        wrong("plugin-api", "keep it for themselves");
        wrong(&"x".repeat(61), "61 characters");
    }
}
