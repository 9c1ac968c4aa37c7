//! `cargo lab bench nets`: updates of the same agent with our own kernels, with libtorch, and in
//! `PyTorch`, in turn.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::setting::{Venv, python};
use super::{field, median};
use crate::fetch::Libtorch;
use crate::place::Place;
use crate::say;

/// Seconds of each measurement.
const SECONDS: &str = "1";

/// What is installed for the comparison: 3 GB, since the index has it for graphics cards only.
const VENV: Venv = Venv { name: "rivals-torch", packages: &["numpy==2.4.6", "torch==2.13.0"] };

/// A line of figures: whose nets, which size, updates and acts a second.
#[derive(Debug, Clone, PartialEq)]
struct Figure {
    nets: String,
    size: String,
    updates: f64,
    acts: f64,
}

impl Figure {
    fn parse(line: &str) -> Option<Self> {
        let number = |name| field(line, name)?.parse().ok();
        Some(Self {
            nets: field(line, "nets")?.to_string(),
            size: field(line, "size")?.to_string(),
            updates: number("updates_per_s")?,
            acts: number("acts_per_s")?,
        })
    }
}

/// Measures everything once a round and prints the table of medians; true, since slowness is no
/// failure here.
pub(crate) fn run(place: &Place, rounds: usize) -> Result<bool> {
    let Some(libtorch) = Libtorch::found(place)? else {
        bail!("there is no libtorch to compare with; `cargo lab fetch torch` brings it")
    };
    let mut build = place.cargo();
    build.args(["build", "--release", "--package", "torch", "--package", "reinforce"]);
    build.args(["--examples", "--quiet"]);
    libtorch.apply(place, &mut build)?;
    ensure!(build.status().context("cannot start cargo")?.success(), "the example does not build");
    let ours = place.release.join("examples/updates");
    let script = place.root.join("xtask/bench/torch_updates.py");
    let venv = python(&VENV)?;
    let mut figures = Vec::new();
    for _ in 0..rounds {
        let mut command = Command::new(&ours);
        figures.extend(lines(command.arg(SECONDS))?);
        let mut command = Command::new(venv.join("bin/python"));
        figures.extend(lines(command.arg(&script).arg(SECONDS))?);
    }
    for row in table(&figures) {
        say(&row);
    }
    Ok(true)
}

fn lines(command: &mut Command) -> Result<Vec<Figure>> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot start {command:?}"))?;
    ensure!(output.status.success(), "{command:?} failed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().filter_map(Figure::parse).collect())
}

/// A row for each size: updates and acts of each kind of nets, and how they compare.
fn table(figures: &[Figure]) -> Vec<String> {
    let mut sizes: Vec<&str> = Vec::new();
    for figure in figures {
        if !sizes.contains(&figure.size.as_str()) {
            sizes.push(&figure.size);
        }
    }
    let mut rows = vec![
        "| net and batch | updates/s: ours | torch | PyTorch | torch / PyTorch | ours / torch | \
         acts/s: ours | torch | PyTorch |"
            .to_string(),
        "|---|---|---|---|---|---|---|---|---|".to_string(),
    ];
    for size in sizes {
        let middle = |nets: &str, of: fn(&Figure) -> f64| {
            let fits = |one: &&Figure| one.size == size && one.nets.starts_with(nets);
            median(figures.iter().filter(fits).map(of).collect()).unwrap_or(f64::NAN)
        };
        let updates = ["ours", "torch", "PyTorch"].map(|nets| middle(nets, |one| one.updates));
        let acts = ["ours", "torch", "PyTorch"].map(|nets| middle(nets, |one| one.acts));
        let (behind, ahead) = (updates[1] / updates[2], updates[0] / updates[1]);
        rows.push(format!(
            "| {size} | {:.0} | {:.0} | {:.0} | {behind:.1} | {ahead:.1} | {:.0} | {:.0} | {:.0} |",
            updates[0], updates[1], updates[2], acts[0], acts[1], acts[2]
        ));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_size_become_a_row_of_medians_and_ratios() {
        let line = |nets: &str, updates: f64| {
            let text = format!(
                "{{\"nets\": \"{nets}\", \"size\": \"4-64-64-2 b64\", \"updates_per_s\": \
                 {updates}, \"acts_per_s\": 5.0}}"
            );
            Figure::parse(&text).expect("a line of figures")
        };
        let figures = [
            line("ours", 900.0),
            line("torch", 100.0),
            line("PyTorch 2.13.0", 40.0),
            line("torch", 300.0),
        ];
        let rows = table(&figures);
        assert_eq!(rows[2], "| 4-64-64-2 b64 | 900 | 200 | 40 | 5.0 | 4.5 | 5 | 5 | 5 |");
        assert_eq!(Figure::parse("{\"nets\": \"ours\"}"), None);
    }
}
