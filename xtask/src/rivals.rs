//! `cargo lab bench rivals`: runs other systems and ours in turn, and tells how many times faster
//! ours is.
//!
//! Each round measures everything once, so that a busy moment of the machine hits all alike; a
//! ratio is taken within its round, and the table shows the median of them with the extremes.
//! With `--cpu` it is processor time that counts, for a machine that does other things, too.

pub(crate) mod nets;
mod setting;

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::place::Place;
use crate::rivals::setting::Setting;
use crate::{build, say, say_error};

/// What each measurement may take, once the best number of lanes is found.
const SECONDS: &str = "1";

/// What is measured: steps of a world with random actions, or learning in it.
struct Discipline {
    world: &'static str,
    learns: bool,
    rivals: &'static [Rival],
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Rival {
    Operant,
    /// A script beside the operant crate.
    Script(&'static str),
}

const ENVPOOL: Rival = Rival::Script("envpool_worlds.py");
const GYMNASIUM: Rival = Rival::Script("gymnasium_worlds.py");

const Q_LEARNING: Rival = Rival::Script("gymnasium_q_learning.py");

const DISCIPLINES: [Discipline; 23] = [
    steps("CartPole-v1", &[Rival::Operant, ENVPOOL, GYMNASIUM]),
    steps("Pendulum-v1", &[Rival::Operant, ENVPOOL, GYMNASIUM]),
    steps("MountainCar-v0", &[Rival::Operant, ENVPOOL, GYMNASIUM]),
    steps("FrozenLake-v1", &[ENVPOOL, GYMNASIUM]),
    steps("CliffWalking-v1", &[ENVPOOL, GYMNASIUM]),
    steps("Taxi-v4", &[ENVPOOL, GYMNASIUM]),
    steps("LunarLander-v3", &[ENVPOOL]),
    steps("BipedalWalker-v3", &[ENVPOOL]),
    steps("Ant-v5", &[ENVPOOL, GYMNASIUM]),
    steps("HalfCheetah-v5", &[ENVPOOL, GYMNASIUM]),
    steps("Hopper-v5", &[ENVPOOL, GYMNASIUM]),
    steps("Humanoid-v5", &[ENVPOOL, GYMNASIUM]),
    steps("HumanoidStandup-v5", &[ENVPOOL, GYMNASIUM]),
    steps("InvertedDoublePendulum-v5", &[ENVPOOL, GYMNASIUM]),
    steps("InvertedPendulum-v5", &[ENVPOOL, GYMNASIUM]),
    steps("Pusher-v5", &[ENVPOOL, GYMNASIUM]),
    steps("Reacher-v5", &[ENVPOOL, GYMNASIUM]),
    steps("Swimmer-v5", &[ENVPOOL, GYMNASIUM]),
    steps("Walker2d-v5", &[ENVPOOL, GYMNASIUM]),
    steps("FetchReach-v4", &[ENVPOOL]),
    steps("FetchPush-v4", &[ENVPOOL]),
    steps("CarRacing-v3", &[ENVPOOL]),
    Discipline { world: "Taxi-v4", learns: true, rivals: &[Q_LEARNING] },
];

const fn steps(world: &'static str, rivals: &'static [Rival]) -> Discipline {
    Discipline { world, learns: false, rivals }
}

impl Discipline {
    /// The words for our own binary.
    fn ours(&self) -> Vec<&'static str> {
        if self.learns {
            // So many steps that the start of the program does not show in the figure, and lanes
            // that share what a round costs.
            let budget = ["--seed", "0", "--threads", "1", "--lanes", "64", "--steps", "20000000"];
            [&["train", "q-learning", self.world][..], &budget].concat()
        } else if self.is_simulated() {
            // A thousand of them would not fit into the cache, and take longer to make than to run.
            vec!["bench", "env", self.world, "--lanes", "16"]
        } else {
            vec!["bench", "env", self.world]
        }
    }

    /// Whether MuJoCo computes it.
    fn is_simulated(&self) -> bool {
        self.world.ends_with("-v5") || self.world.starts_with("Fetch")
    }
}

/// What of all this shall run.
#[derive(Debug, PartialEq)]
pub(crate) struct Contest {
    rounds: usize,
    /// The field of a figure that counts.
    clock: &'static str,
    /// All of them where this is empty.
    worlds: Vec<&'static str>,
}

impl Default for Contest {
    fn default() -> Self {
        Self { rounds: 5, clock: "steps_per_s", worlds: Vec::new() }
    }
}

impl Contest {
    /// `--rounds N`, `--cpu` and names of worlds, in any order.
    pub(crate) fn from_words(words: &[&str]) -> Result<Self> {
        let mut contest = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if *word == "--rounds" {
                let number = words.next().and_then(|word| word.parse().ok()).filter(|n| *n > 0);
                contest.rounds = number.context("`--rounds` takes a number from 1, such as 5")?;
            } else if *word == "--cpu" {
                contest.clock = "steps_per_cpu_s";
            } else if let Some(known) = DISCIPLINES.iter().find(|one| one.world == *word) {
                contest.worlds.push(known.world);
            } else {
                let stepped = DISCIPLINES.iter().filter(|one| !one.learns);
                let names: Vec<_> = stepped.map(|one| format!("`{}`", one.world)).collect();
                let names = names.join(", ");
                bail!("no rival knows `{word}`; the worlds are {names}");
            }
        }
        Ok(contest)
    }
}

/// A figure that a program printed.
#[derive(Debug, Clone, PartialEq)]
struct Figure {
    rival: String,
    lanes: String,
    steps_per_s: f64,
}

impl Figure {
    /// Reads the last line that holds a speed by this clock, as JSON or as `steps_per_s=..`.
    fn parse(output: &str, clock: &str) -> Option<Self> {
        let line = output.lines().rev().find(|line| line.contains(clock))?;
        let steps_per_s = field(line, clock)?.parse().ok()?;
        let text = |name| field(line, name).unwrap_or("").to_string();
        Some(Self { rival: text("rival"), lanes: text("lanes"), steps_per_s })
    }
}

/// The value of a field of a flat JSON object, without its quotes, or of a `name=value` pair.
fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    if let Some((_, rest)) = line.split_once(&format!(" {name}=")) {
        return rest.split(' ').next();
    }
    let rest = line.split_once(&format!("\"{name}\":"))?.1.trim_start();
    match rest.strip_prefix('"') {
        Some(text) => text.split('"').next(),
        None => rest.split([',', '}']).next().map(str::trim),
    }
}

/// Runs the contest and prints the table; true, since slowness is no failure here.
pub(crate) fn run(place: &Place, contest: &Contest) -> Result<bool> {
    ensure!(build::release(place)?, "without the binary there is nothing to compare");
    let setting = Setting::prepare(place)?;
    say("| world | rival | its lanes | its M steps/s | ours | ratio (lowest to highest) |");
    say("|---|---|---|---|---|---|");
    let wanted =
        |one: &&Discipline| contest.worlds.is_empty() || contest.worlds.contains(&one.world);
    for discipline in DISCIPLINES.iter().filter(wanted) {
        let mut rounds = Vec::new();
        for _ in 0..contest.rounds {
            rounds.push(round(place, &setting, discipline, contest.clock)?);
        }
        for index in 0..discipline.rivals.len() {
            let pairs = rounds.iter().map(|(ours, rivals)| (ours.clone(), rivals[index].clone()));
            if let Some(row) = row(discipline.world, &pairs.collect::<Vec<_>>()) {
                say(&row);
            }
        }
    }
    Ok(true)
}

type Round = (Option<Figure>, Vec<Option<Figure>>);

/// Measures ours, then each rival.
fn round(place: &Place, setting: &Setting, discipline: &Discipline, clock: &str) -> Result<Round> {
    let mut ours = Command::new(place.release.join("thorndike"));
    // A run tells every episode in JSON, which takes longer than to live through it.
    let tells = if discipline.ours()[0] == "train" { "--quiet" } else { "--json" };
    ours.args(discipline.ours()).args([tells, "--sessions"]).arg(setting.scratch()?);
    let ours = figure(ours, "thorndike", discipline.world, clock);
    let rivals = discipline.rivals.iter().map(|rival| {
        let mut command = setting.command(*rival);
        command.args([discipline.world, SECONDS]);
        figure(command, &format!("{rival:?}"), discipline.world, clock)
    });
    Ok((ours, rivals.collect()))
}

/// Runs one program; where it gives no figure, says so and goes on without it.
fn figure(mut command: Command, name: &str, world: &str, clock: &str) -> Option<Figure> {
    let output = command.stdin(Stdio::null()).output();
    let figure = match &output {
        Ok(output) => Figure::parse(&String::from_utf8_lossy(&output.stdout), clock),
        Err(_) => None,
    };
    if figure.is_none() {
        let reason = match output {
            Ok(output) => {
                let text = String::from_utf8_lossy(&output.stderr).into_owned();
                text.lines().last().map_or(format!("it printed no `{clock}`"), str::to_string)
            }
            Err(error) => error.to_string(),
        };
        say_error(&format!("skipped: {name} on {world}: {reason}"));
    }
    figure
}

/// A row of the table, from our figure and the rival's in each round.
fn row(world: &str, rounds: &[(Option<Figure>, Option<Figure>)]) -> Option<String> {
    let theirs: Vec<&Figure> = rounds.iter().filter_map(|(_, theirs)| theirs.as_ref()).collect();
    let first = theirs.first()?;
    let speed = millions(median(theirs.iter().map(|figure| figure.steps_per_s).collect())?);
    let ours =
        median(rounds.iter().filter_map(|(ours, _)| Some(ours.as_ref()?.steps_per_s)).collect());
    let mut ratios: Vec<f64> = rounds
        .iter()
        .filter_map(|(ours, theirs)| {
            Some(ours.as_ref()?.steps_per_s / theirs.as_ref()?.steps_per_s)
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    let ours = ours.map_or("–".to_string(), millions);
    let ratio = match (median(ratios.clone()), ratios.first(), ratios.last()) {
        (Some(middle), Some(low), Some(high)) => format!("{middle:.1} ({low:.1} to {high:.1})"),
        _ => "–".to_string(),
    };
    let Figure { rival, lanes, .. } = first;
    Some(format!("| {world} | {rival} | {lanes} | {speed} | {ours} | {ratio} |"))
}

/// Two places, and as many as a slow world needs.
fn millions(steps_per_s: f64) -> String {
    let places = if steps_per_s < 1e5 { 4 } else { 2 };
    format!("{:.places$}", steps_per_s / 1e6)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = values[(values.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speed(steps_per_s: f64) -> Figure {
        Figure { rival: "other".into(), lanes: "64".into(), steps_per_s }
    }

    fn both(ours: f64, theirs: f64) -> (Option<Figure>, Option<Figure>) {
        (Some(speed(ours)), Some(speed(theirs)))
    }

    #[test]
    fn rounds_and_worlds_are_read() {
        let contest = Contest::from_words(&["Taxi-v4", "--rounds", "3"]).expect("right words");
        assert_eq!((contest.rounds, contest.clock), (3, "steps_per_s"));
        assert_eq!(contest.worlds, ["Taxi-v4"]);
        let busy = Contest::from_words(&["--cpu"]).expect("right words");
        assert_eq!((busy.clock, busy.worlds.len()), ("steps_per_cpu_s", 0));
        let wrong = |words: &[&str]| Contest::from_words(words).expect_err("wrong").to_string();
        assert!(wrong(&["--rounds", "0"]).contains("from 1"));
        assert!(wrong(&["Taxi-v3"]).contains("`Taxi-v4`"));
    }

    #[test]
    fn the_last_figure_counts() {
        let output = "{\"event\":\"report\",\"steps_per_s\":1}\nnoise\n\
            {\"rival\": \"a b\", \"lanes\": 64, \"steps_per_s\": 2.5e6}\n";
        let figure = Figure::parse(output, "steps_per_s").expect("there is a figure");
        assert_eq!(figure.rival, "a b");
        assert_eq!(figure.lanes, "64");
        assert!((figure.steps_per_s - 2.5e6).abs() < 1.0);
        assert_eq!(Figure::parse(output, "steps_per_cpu_s"), None);
        assert_eq!(Figure::parse("{\"steps\":1}", "steps_per_s"), None);
    }

    #[test]
    fn ratios_are_taken_within_rounds() {
        let rounds = [both(4e6, 2e6), both(9e6, 3e6), both(2e6, 2e6)];
        assert_eq!(
            row("w", &rounds).expect("a row"),
            "| w | other | 64 | 2.00 | 4.00 | 2.0 (1.0 to 3.0) |"
        );
        let slow = row("w", &[both(5_900.0, 3_600.0)]).expect("a row");
        assert!(slow.contains("| 0.0036 | 0.0059 | 1.6 "), "{slow}");
        let alone = [(None, Some(speed(2e6))), (None, None)];
        assert_eq!(row("w", &alone).expect("a row"), "| w | other | 64 | 2.00 | – | – |");
        assert_eq!(row("w", &[(Some(speed(1e6)), None)]), None);
    }
}
