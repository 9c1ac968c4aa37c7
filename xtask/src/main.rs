//! `cargo lab`: builds, tests and tidies the repository, and hands every other word to the binary.
//!
//! The words of this program are `build`, `test`, `tidy`, `fetch`, `bench rivals` and `help`.
//! One of them is shared: `cargo lab test` and `cargo lab test --long` run the test suite,
//! while `cargo lab test SESSION` evaluates a session, as `thorndike test SESSION` does.

mod build;
mod fetch;
mod manifest;
mod place;
mod rivals;
mod suite;
mod tidy;
mod totals;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use crate::build::Torch;
use crate::fetch::Libtorch;
use crate::place::Place;
use crate::rivals::Contest;

const HELP: &str = "\
cargo lab                  build host and plugins, then open the bench
cargo lab ARGUMENTS        build what changed, then run `thorndike ARGUMENTS`
cargo lab build            only build; the binary is target/release/thorndike. libtorch is fetched
                           once: --no-torch leaves it out, --cuda takes it for a graphics card
cargo lab test [--long]    formatting, clippy, tidy and every test; --long adds the slow ones
cargo lab tidy             only the rules of the repository that no compiler checks
cargo lab fetch mujoco     the library and the models that the MuJoCo worlds need, into the cache
cargo lab fetch box2d      the C++ of Box2D 2.3.0, which a test compares our engine with
cargo lab fetch torch [--cuda]
                           libtorch, which the plugins torch and reinforce need, into the cache
cargo lab bench rivals [--rounds N] [--cpu] [WORLD ...]
                           other systems and ours in turn, as a table of medians
cargo lab bench nets       nets of several sizes: our kernels, libtorch, and PyTorch
cargo lab --help           the help of the binary";

fn main() -> ExitCode {
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    match Request::from_words(words).and_then(run) {
        Ok(code) => code,
        Err(error) => {
            say_error(&format!("cargo lab: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes a line to the standard output of the task.
#[expect(clippy::print_stdout, reason = "the one place from which tasks speak")]
fn say(line: &str) {
    println!("{line}");
}

/// Writes a line to the standard error of the task.
#[expect(clippy::print_stderr, reason = "the one place from which tasks report a failure")]
fn say_error(line: &str) {
    eprintln!("{line}");
}

/// What the words of the command line ask for.
#[derive(Debug, PartialEq)]
enum Request {
    Build(Torch),
    Suite { long: bool },
    Tidy,
    FetchMujoco,
    FetchBox2d,
    FetchTorch { cuda: bool },
    Rivals(Contest),
    Nets,
    Help,
    Binary(Vec<OsString>),
}

impl Request {
    fn from_words(words: Vec<OsString>) -> Result<Self> {
        let texts: Vec<&str> = words.iter().map(|word| word.to_str().unwrap_or("")).collect();
        let request = match texts.as_slice() {
            [] => Self::Binary(Vec::new()),
            ["build"] => Self::Build(Torch::Wanted),
            ["build", "--no-torch"] => Self::Build(Torch::LeftOut),
            ["build", "--cuda"] => Self::Build(Torch::Cuda),
            ["test"] => Self::Suite { long: false },
            ["test", "--long"] => Self::Suite { long: true },
            ["tidy"] => Self::Tidy,
            ["fetch", "mujoco"] => Self::FetchMujoco,
            ["fetch", "box2d"] => Self::FetchBox2d,
            ["fetch", "torch"] => Self::FetchTorch { cuda: false },
            ["fetch", "torch", "--cuda"] => Self::FetchTorch { cuda: true },
            ["fetch", ..] => {
                anyhow::bail!("`fetch` takes `mujoco`, `box2d`, `torch` or `torch --cuda`")
            }
            ["bench", "rivals", wanted @ ..] => Self::Rivals(Contest::from_words(wanted)?),
            ["bench", "nets"] => Self::Nets,
            ["help"] => Self::Help,
            ["build", extra, ..] => {
                anyhow::bail!("`build` takes `--no-torch` or `--cuda` alone, not `{extra}`")
            }
            ["tidy", extra, ..] => {
                anyhow::bail!("`tidy` takes nothing after it, but `{extra}` follows; leave it out")
            }
            _ => Self::Binary(words),
        };
        Ok(request)
    }
}

fn run(request: Request) -> Result<ExitCode> {
    let place = Place::find()?;
    let good = match request {
        Request::Build(torch) => {
            build::provide(&place, torch)?;
            build::release(&place)?
        }
        Request::Suite { long } => suite::run(&place, long)?,
        Request::Tidy => tidy::report(&place.root)?,
        Request::FetchMujoco => fetch::mujoco()?,
        Request::FetchBox2d => fetch::box2d()?,
        Request::FetchTorch { cuda } => {
            Libtorch::want(&place, true)?;
            Libtorch::fetch(cuda)?
        }
        Request::Rivals(contest) => rivals::run(&place, &contest)?,
        Request::Nets => rivals::nets::run(&place, 3)?,
        Request::Help => {
            say(HELP);
            true
        }
        Request::Binary(words) => {
            if !place.release.join("thorndike").exists() {
                build::provide(&place, Torch::Wanted)?;
            }
            if build::release(&place)? {
                return Err(build::become_binary(&place, &words));
            }
            false
        }
    };
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&str], expected: &Request) {
        let words = words.iter().map(OsString::from).collect();
        assert_eq!(Request::from_words(words).expect("the words are right"), *expected);
    }

    fn binary(words: &[&str]) -> Request {
        Request::Binary(words.iter().map(OsString::from).collect())
    }

    #[test]
    fn own_words_are_tasks_and_the_rest_goes_to_the_binary() {
        check(&["build"], &Request::Build(Torch::Wanted));
        check(&["build", "--no-torch"], &Request::Build(Torch::LeftOut));
        check(&["build", "--cuda"], &Request::Build(Torch::Cuda));
        check(&["tidy"], &Request::Tidy);
        check(&["fetch", "mujoco"], &Request::FetchMujoco);
        check(&["fetch", "box2d"], &Request::FetchBox2d);
        check(&["fetch", "torch"], &Request::FetchTorch { cuda: false });
        check(&["fetch", "torch", "--cuda"], &Request::FetchTorch { cuda: true });
        check(&["help"], &Request::Help);
        check(&["--help"], &binary(&["--help"]));
        check(&["bench", "rivals"], &Request::Rivals(Contest::default()));
        check(&["bench", "nets"], &Request::Nets);
        check(&["bench", "abi"], &binary(&["bench", "abi"]));
        check(&[], &binary(&[]));
    }

    #[test]
    fn test_is_the_suite_alone_and_the_binarys_word_with_a_session() {
        check(&["test"], &Request::Suite { long: false });
        check(&["test", "--long"], &Request::Suite { long: true });
        check(&["test", "my-run"], &binary(&["test", "my-run"]));
        check(&["test", "my-run", "--long"], &binary(&["test", "my-run", "--long"]));
    }

    #[test]
    fn an_extra_word_after_a_task_is_refused_by_name() {
        let words = ["build", "--fast"].map(OsString::from).to_vec();
        let error = Request::from_words(words).expect_err("build takes nothing").to_string();
        assert!(error.contains("`build`") && error.contains("`--fast`"), "{error}");
    }
}
