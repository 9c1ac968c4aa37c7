//! Adds up what `cargo test` reports, and keeps the output of what failed.

use std::fmt;
use std::mem;

/// How many tests ended how.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Totals {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// Reads the merged output of `cargo test -- --show-output`, a line at a time.
///
/// A test that finds an optional tool missing prints a line `skipped: TOOL ...` and returns; it
/// is counted as skipped, because nothing of it ran.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    totals: Totals,
    /// What has been skipped and why, each line once.
    notes: Vec<String>,
    /// All lines since the header of the test program that runs now.
    section: Vec<String>,
    section_has_result: bool,
    section_failed: bool,
    /// Tests seen to pass in a program that has not reported its result yet.
    seen_passing: usize,
    /// The lines belong to the output of one test; holds whether it already counts as skipped.
    in_output: Option<bool>,
    /// Skipped by their own word in the program that runs now.
    skipping: usize,
}

impl Reader {
    /// Takes the next line. Returns the output of a test program that has just ended in failure.
    pub(crate) fn line(&mut self, line: &str) -> Option<String> {
        if is_header(line) {
            let ended = self.end_section();
            self.section.push(line.to_string());
            return ended;
        }
        self.section.push(line.to_string());
        if line == "successes:" || line == "failures:" {
            self.in_output = None;
        } else if line.starts_with("---- ") && line.ends_with(" stdout ----") {
            self.in_output = Some(false);
        } else if let Some(counted) = self.in_output {
            if line.starts_with("skipped: ") {
                self.skipping += usize::from(!counted);
                self.in_output = Some(true);
                self.note(line);
            }
        } else {
            self.verdict(line);
        }
        None
    }

    /// Ends the reading. Returns the output of the last test program if it failed.
    pub(crate) fn end(mut self) -> (Totals, Vec<String>, Option<String>) {
        let last = self.end_section();
        (self.totals, self.notes, last)
    }

    fn verdict(&mut self, line: &str) {
        if let Some(counts) = line.strip_prefix("test result: ") {
            let count = |word: &str| counted(counts, word);
            self.totals.passed += count("passed") - self.skipping;
            self.totals.failed += count("failed");
            self.totals.skipped += count("ignored") + mem::take(&mut self.skipping);
            self.section_failed |= count("failed") > 0;
            self.section_has_result = true;
        } else if line.starts_with("test ") && line.ends_with(" ... ok") {
            self.seen_passing += 1;
        } else {
            self.section_failed |= self.is_failure(line);
        }
    }

    /// Before the first test program any error is one of the compiler; later only cargo's own
    /// words count, since tests may print what they like.
    fn is_failure(&self, line: &str) -> bool {
        if self.section.first().is_some_and(|first| is_header(first)) {
            line.starts_with("error: test failed") || line.starts_with("error: doctest failed")
        } else {
            line.starts_with("error")
        }
    }

    fn note(&mut self, line: &str) {
        if !self.notes.iter().any(|note| note == line) {
            self.notes.push(line.to_string());
        }
    }

    /// A program that failed without a result (it crashed, or did not compile) counts as one
    /// failure beside the tests it was seen to pass.
    fn end_section(&mut self) -> Option<String> {
        let lines = mem::take(&mut self.section);
        let has_result = mem::take(&mut self.section_has_result);
        let seen = mem::take(&mut self.seen_passing);
        self.in_output = None;
        self.skipping = 0;
        if !mem::take(&mut self.section_failed) {
            return None;
        }
        if !has_result {
            self.totals.failed += 1;
            self.totals.passed += seen;
        }
        let kept = lines.iter().filter(|line| !line.ends_with(" ... ok"));
        Some(kept.map(String::as_str).collect::<Vec<_>>().join("\n"))
    }
}

/// Cargo names each test program before it starts it, and sums up the failed ones at the end.
fn is_header(line: &str) -> bool {
    let word = line.trim_start();
    line.starts_with("   ") && (word.starts_with("Running ") || word.starts_with("Doc-tests "))
}

/// The number before `word` in a line such as `ok. 3 passed; 0 failed; 1 ignored; ...`.
fn counted(counts: &str, word: &str) -> usize {
    let mut parts = counts.split([';', '.']).map(str::trim);
    let number = |part: &str| part.strip_suffix(word)?.trim().parse().ok();
    parts.find_map(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(output: &str, expected: &str) -> (Vec<String>, Vec<String>) {
        let mut reader = Reader::default();
        let mut shown: Vec<String> = output.lines().filter_map(|line| reader.line(line)).collect();
        let (totals, notes, last) = reader.end();
        shown.extend(last);
        assert_eq!(totals.to_string(), expected);
        (notes, shown)
    }

    #[test]
    fn results_of_all_programs_are_added() {
        let output = "   Compiling a\n     Running unittests src/lib.rs (target/debug/deps/a-1)\n\n\
            running 3 tests\ntest one ... ok\ntest two ... ok\ntest slow ... ignored, long: 1 h\n\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; \
            finished in 0.01s\n   Doc-tests a\n\
            test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let (notes, shown) = check(output, "6 passed, 0 failed, 1 skipped");
        assert!(notes.is_empty() && shown.is_empty());
    }

    #[test]
    fn a_failing_program_is_shown_without_what_passed() {
        let output = "     Running tests/it/main.rs (target/debug/deps/it-1)\ntest good ... ok\n\
            test bad ... FAILED\nfailures:\n---- bad stdout ----\nwrong sum\nfailures:\n    bad\n\
            test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n\
            error: test failed, to rerun pass `-p a --test it`\n     \
            Running unittests src/lib.rs (b)\n\
            test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let (_, shown) = check(output, "2 passed, 1 failed, 0 skipped");
        assert_eq!(shown.len(), 1);
        assert!(shown[0].contains("wrong sum") && !shown[0].contains("good"));
    }

    #[test]
    fn a_program_that_dies_counts_as_one_failure() {
        let output = "     Running unittests src/lib.rs (a)\ntest one ... ok\n\
            error: test failed, to rerun pass `-p a --lib`\n\nCaused by:\n  \
            process didn't exit successfully: `a` (signal: 11, SIGSEGV: bad memory)\n";
        let (_, shown) = check(output, "1 passed, 1 failed, 0 skipped");
        assert!(shown[0].contains("SIGSEGV"));
    }

    #[test]
    fn code_that_does_not_compile_counts_as_one_failure() {
        let (_, shown) =
            check("   Compiling a\nerror[E0425]: no such name\n", "0 passed, 1 failed, 0 skipped");
        assert!(shown[0].contains("no such name"));
    }

    #[test]
    fn a_test_that_skips_itself_is_skipped_and_named_once() {
        let output = "     Running unittests src/lib.rs (a)\ntest one ... ok\ntest two ... ok\n\n\
            successes:\n\n---- one stdout ----\nskipped: ffmpeg is not installed\n\
            skipped: ffmpeg is not installed\ntest result: ok. 9 passed; 9 failed; 0 ignored\n\n\
            successes:\n    one\n    two\n\n\
            test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let (notes, _) = check(output, "1 passed, 0 failed, 1 skipped");
        assert_eq!(notes, ["skipped: ffmpeg is not installed"]);
    }
}
