//! Rules for Rust files: how they begin, how large they are, and which words they may use where.

use crate::tidy::mask::words;
use crate::tidy::tree::{File, Tree};
use crate::tidy::{Finding, Rule};

/// All rules of this file.
pub(super) const RULES: &[Rule] = &[
    first_line_says_what_the_file_owns,
    files_are_small,
    functions_are_small,
    lines_are_short,
    names_say_something,
    ends_have_two_kinds,
    unsafe_is_fenced,
    plugins_forbid_unsafe,
    time_comes_from_the_clock,
    ignored_tests_are_long_ones,
];

/// Lines of a file before its tests.
const FILE_LINES_MAX: usize = 400;

/// Lines of code in the body of a function.
const FUNCTION_LINES_MAX: usize = 70;

const COLUMNS_MAX: usize = 100;

/// Files that may be long, each with the reason.
const LONG_FILES: &[(&str, &str)] = &[
    ("plugin-api/src/rng/ziggurat/tables.rs", "nothing but the constants of numpy's ziggurats"),
    ("plugin-api/src/simd/avx512.rs", "one short function for each operation of one type"),
];

/// Files that may use the word for both kinds of end, each with the reason.
const BOTH_ENDS: &[(&str, &str)] = &[];

/// Where `unsafe` may stand, as the start of a path. The macro in `export.rs` writes it into
/// plugins, and the engine's tests open libraries made to be bad.
const UNSAFE_FENCES: [&str; 9] = [
    "plugin-api/src/abi",
    "plugin-api/src/export.rs",
    "host/engine/tests/",
    "plugin-api/src/simd",
    "plugin-api/src/testing/heap.rs",
    "plugins/kit/src/simd",
    "plugins/libmujoco/src/",
    "host/engine/src/plugin.rs",
    "host/engine/src/plugin/",
];

/// The module through which time enters.
const CLOCK: &str = "host/engine/src/clock.rs";

/// Programs that measure and cannot ask the host what time it is.
const STOPWATCHES: &str = "plugins/torch/examples/";

const EMPTY_NAMES: [&str; 6] =
    ["mod.rs", "base.rs", "common.rs", "util.rs", "utils.rs", "helpers.rs"];

fn first_line_says_what_the_file_owns(tree: &Tree) -> Vec<Finding> {
    let silent = tree.files.iter().filter(|file| {
        let first = file.text.lines().next().unwrap_or("");
        file.is_kind("rs") && first.strip_prefix("//! ").is_none_or(str::is_empty)
    });
    silent
        .map(|file| at(file, 1, "the first line is not `//!` and what the file owns".into()))
        .collect()
}

fn files_are_small(tree: &Tree) -> Vec<Finding> {
    let long = |file: &&File| {
        !LONG_FILES.iter().any(|(path, _)| file.path == *path) && lines(file) > FILE_LINES_MAX
    };
    let says = |file: &File| {
        let lines = lines(file);
        format!("{lines} lines before the tests, at most {FILE_LINES_MAX}; move one idea out")
    };
    tree.rust().filter(long).map(|file| at(file, 0, says(file))).collect()
}

/// The lines before the tests at the end of a file.
fn lines(file: &File) -> usize {
    let all: Vec<&str> = file.text.lines().collect();
    let tests =
        all.windows(2).position(|two| two[0] == "#[cfg(test)]" && two[1].starts_with("mod "));
    tests.unwrap_or(all.len())
}

fn functions_are_small(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.rust() {
        for (line, name, lines) in functions(&file.code) {
            if lines > FUNCTION_LINES_MAX {
                let says = format!("`{name}` has {lines} lines, at most {FUNCTION_LINES_MAX}");
                found.push(at(file, line, says));
            }
        }
    }
    found
}

/// Each function with a body: the line it starts on, its name, its lines of code.
fn functions(code: &str) -> Vec<(usize, &str, usize)> {
    let mut found = Vec::new();
    for (start, _) in code.match_indices("fn ") {
        let after = &code[start + 3..];
        let name = after.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
        let whole_word = !code[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if let Some(body) = body(after)
            && whole_word
            && !name.is_empty()
        {
            let lines = body.lines().filter(|line| !line.trim().is_empty()).count();
            found.push((code[..start].matches('\n').count() + 1, name, lines));
        }
    }
    found
}

/// What stands between the braces of the function whose name starts the text.
fn body(text: &str) -> Option<&str> {
    let mut depth = 0;
    let mut open = None;
    for (index, c) in text.char_indices() {
        match c {
            ';' if depth == 0 => return None,
            '{' if depth == 0 && open.is_none() => open = Some(index + 1),
            _ => {}
        }
        depth += i32::from("([{".contains(c)) - i32::from(")]}".contains(c));
        if let Some(open) = open
            && depth == 0
        {
            return Some(&text[open..index]);
        }
    }
    None
}

fn lines_are_short(tree: &Tree) -> Vec<Finding> {
    let long = |line: &str| line.chars().count() > COLUMNS_MAX;
    let rust = tree.files.iter().filter(|file| file.is_kind("rs"));
    where_lines(rust, long, &format!("longer than {COLUMNS_MAX} columns"))
}

fn names_say_something(tree: &Tree) -> Vec<Finding> {
    let empty = |file: &&File| EMPTY_NAMES.contains(&file.path.rsplit('/').next().unwrap_or(""));
    let says = "a name that says nothing; name the file after what it owns";
    tree.rust().filter(empty).map(|file| at(file, 0, says.into())).collect()
}

fn ends_have_two_kinds(tree: &Tree) -> Vec<Finding> {
    let held = tree.rust().filter(|file| !BOTH_ENDS.iter().any(|(path, _)| file.path == *path));
    where_words(
        held,
        &["done"],
        "say `terminated` or `truncated`, or `finished` for what is neither",
    )
}

fn unsafe_is_fenced(tree: &Tree) -> Vec<Finding> {
    let outside = |file: &&File| !UNSAFE_FENCES.iter().any(|fence| file.path.starts_with(fence));
    where_words(
        tree.rust().filter(outside),
        &["unsafe"],
        "`unsafe` outside the places fenced for it",
    )
}

fn plugins_forbid_unsafe(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (_, folder, manifest) in tree.manifests() {
        let root = tree.file(&format!("{folder}/src/lib.rs"));
        if let Some(root) = root
            && folder.starts_with("plugins/")
            && manifest.is_plugin
            && !root.code.contains("#![forbid(unsafe_code)]")
        {
            found.push(at(root, 0, "a plugin without `#![forbid(unsafe_code)]`".into()));
        }
    }
    found
}

/// Tests may hold a stopwatch.
fn time_comes_from_the_clock(tree: &Tree) -> Vec<Finding> {
    let reads = |line: &str| line.contains("Instant::now") || line.contains("SystemTime::now");
    let measures = |path: &str| path.contains("/tests/") || path.starts_with(STOPWATCHES);
    let others = tree.rust().filter(|file| file.path != CLOCK && !measures(&file.path));
    let mut found = Vec::new();
    for file in others {
        for (index, _) in file.code.lines().enumerate().filter(|(_, line)| reads(line)) {
            found.push(at(file, index + 1, format!("runs must replay: take time from {CLOCK}")));
        }
    }
    found
}

/// The long suite runs every ignored test, so nothing else may hide behind the attribute.
fn ignored_tests_are_long_ones(tree: &Tree) -> Vec<Finding> {
    let hidden = |line: &str| {
        let line = line.trim_start();
        let attribute = line.starts_with("#[ignore") && !line.starts_with("#[ignore = \"long: ");
        let sample = line.starts_with("//") && line.contains("```") && line.contains("ignore");
        attribute || sample
    };
    where_lines(
        tree.rust(),
        hidden,
        "ignored, yet not as `#[ignore = \"long: why\"]`; samples that \
        do not run are marked `text`",
    )
}

fn where_lines<'a>(
    files: impl Iterator<Item = &'a File>,
    breaks: impl Fn(&str) -> bool,
    says: &str,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in files {
        for (index, _) in file.text.lines().enumerate().filter(|(_, line)| breaks(line)) {
            found.push(at(file, index + 1, says.to_string()));
        }
    }
    found
}

fn where_words<'a>(
    files: impl Iterator<Item = &'a File>,
    banned: &[&str],
    says: &str,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in files {
        for (line, _) in words(&file.code).filter(|(_, word)| banned.contains(word)) {
            found.push(at(file, line, says.to_string()));
        }
    }
    found
}

fn at(file: &File, line: usize, says: String) -> Finding {
    Finding { path: file.path.clone(), line, says }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::{breaks, keeps};

    const PLUGIN: (&str, &str) = (
        "plugins/bandit/Cargo.toml",
        "[package]\nname = \"bandit\"\n[lib]\ncrate-type = [\"cdylib\"]\n",
    );

    #[test]
    fn a_file_that_does_not_say_what_it_owns_is_found() {
        breaks(first_line_says_what_the_file_owns, &[("a.rs", "use b;\n")], 1);
        breaks(first_line_says_what_the_file_owns, &[("a.rs", "//!\n")], 1);
        keeps(first_line_says_what_the_file_owns, &[("a.rs", "//! Owns a.\n"), ("a.md", "a")]);
    }

    #[test]
    fn a_long_file_is_found_and_its_tests_do_not_count() {
        let lines = "let a = 1;\n".repeat(FILE_LINES_MAX);
        breaks(files_are_small, &[("a.rs", &format!("{lines}let b = 1;\n"))], 0);
        let tests = format!("{lines}#[cfg(test)]\nmod tests {{\n{lines}}}\n");
        keeps(files_are_small, &[("a.rs", &tests)]);
    }

    #[test]
    fn a_long_function_is_found_at_its_line() {
        let body = |lines: usize| "    f();\n".repeat(lines);
        let long =
            format!("trait A {{\n    fn a();\n}}\nfn b(c: [u8; 2]) -> u8 {{\n{}}}\n", body(71));
        breaks(functions_are_small, &[("a.rs", &long)], 4);
        let short = format!("fn b() {{\n// Why.\n\n{}}}\nfn c() {{\n{}}}\n", body(70), body(70));
        keeps(functions_are_small, &[("a.rs", &short)]);
    }

    #[test]
    fn a_long_line_is_found_and_columns_are_characters() {
        breaks(lines_are_short, &[("a.rs", &format!("\n{}\n", "x".repeat(101)))], 2);
        keeps(lines_are_short, &[("a.rs", &"é".repeat(100)), ("a.md", &"x".repeat(101))]);
    }

    #[test]
    fn a_name_that_says_nothing_is_found() {
        breaks(names_say_something, &[("host/engine/src/utils.rs", "")], 0);
        breaks(names_say_something, &[("host/engine/src/plugin/mod.rs", "")], 0);
        keeps(names_say_something, &[("host/engine/src/rollout.rs", "")]);
    }

    #[test]
    fn one_word_for_both_ends_is_found() {
        breaks(ends_have_two_kinds, &[("a.rs", "\nlet done = true;\n")], 2);
        keeps(ends_have_two_kinds, &[("a.rs", "say(\"done\"); // done\nEvent::Done; undone;\n")]);
    }

    #[test]
    fn unsafe_outside_its_fence_is_found() {
        let text = "unsafe { f() }\n";
        breaks(unsafe_is_fenced, &[("host/session/src/lib.rs", text)], 1);
        breaks(unsafe_is_fenced, &[("host/engine/src/plugins.rs", text)], 1);
        keeps(unsafe_is_fenced, &[("plugin-api/src/abi/guard.rs", text)]);
        keeps(unsafe_is_fenced, &[("host/session/src/lib.rs", "#![deny(unsafe_code)] // unsafe")]);
    }

    #[test]
    fn a_plugin_that_allows_unsafe_is_found() {
        breaks(plugins_forbid_unsafe, &[PLUGIN, ("plugins/bandit/src/lib.rs", "")], 0);
        let quoted = ("plugins/bandit/src/lib.rs", "// #![forbid(unsafe_code)]\n");
        breaks(plugins_forbid_unsafe, &[PLUGIN, quoted], 0);
        let forbids = ("plugins/bandit/src/lib.rs", "#![forbid(unsafe_code)]\n");
        keeps(plugins_forbid_unsafe, &[PLUGIN, forbids]);
    }

    #[test]
    fn time_from_elsewhere_is_found() {
        let text = "\nlet t = Instant::now();\n";
        breaks(time_comes_from_the_clock, &[("host/engine/src/train.rs", text)], 2);
        keeps(time_comes_from_the_clock, &[(CLOCK, text), ("plugin-api/tests/rng.rs", text)]);
        keeps(time_comes_from_the_clock, &[("xtask/bench/operant/src/main.rs", text)]);
    }

    #[test]
    fn a_test_that_hides_is_found() {
        breaks(ignored_tests_are_long_ones, &[("a.rs", "#[test]\n#[ignore]\nfn a() {}\n")], 2);
        breaks(ignored_tests_are_long_ones, &[("a.rs", "/// ```ignore\n")], 1);
        keeps(ignored_tests_are_long_ones, &[("a.rs", "#[ignore = \"long: 30 seeds\"]\n")]);
    }
}
