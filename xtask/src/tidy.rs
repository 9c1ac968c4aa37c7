//! The rules of the repository that no compiler checks. They run as a test and as `cargo lab tidy`.
//!
//! Each rule is a function from the files to what is wrong with them, and has a test with a sample
//! that breaks it.

mod borders;
mod documents;
mod mask;
mod source;
mod tree;
mod wording;

use std::fmt;
use std::path::Path;

use anyhow::Result;

use crate::say;
use crate::tidy::tree::Tree;

/// One breach of a rule, with the way out.
#[derive(Debug)]
struct Finding {
    path: String,
    /// Counted from 1; 0 where the whole file is meant.
    line: usize,
    says: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.says),
            line => write!(f, "{}:{line}: {}", self.path, self.says),
        }
    }
}

/// Prints every breach; true where there is none.
pub(crate) fn report(root: &Path) -> Result<bool> {
    let findings = findings(&Tree::load(root)?);
    for finding in &findings {
        say(&finding.to_string());
    }
    Ok(findings.is_empty())
}

fn findings(tree: &Tree) -> Vec<Finding> {
    let rules = [source::RULES, borders::RULES, documents::RULES, wording::RULES].concat();
    rules.iter().flat_map(|rule| rule(tree)).collect()
}

/// What a rule looks like.
type Rule = fn(&Tree) -> Vec<Finding>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::repository;

    /// The rule finds something in the sample, and at the line that is expected.
    #[track_caller]
    pub(super) fn breaks(rule: Rule, files: &[(&str, &str)], line: usize) {
        let found = rule(&Tree::of(files));
        let lines: Vec<usize> = found.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [line], "{found:?}");
    }

    /// The rule finds nothing in the sample.
    #[track_caller]
    pub(super) fn keeps(rule: Rule, files: &[(&str, &str)]) {
        let found = rule(&Tree::of(files));
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn the_repository_is_tidy() {
        let tree = Tree::load(&repository()).expect("the repository can be read");
        assert!(tree.files.iter().any(|file| file.path == "xtask/src/tidy.rs"), "files are found");
        let lines: Vec<String> = findings(&tree).iter().map(Finding::to_string).collect();
        assert!(lines.is_empty(), "\n{}", lines.join("\n"));
    }
}
