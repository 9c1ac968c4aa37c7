//! The guided start: what was chosen so far, and the form that is made of declarations.

use crate::bench::{Form, Offer, Plan};
use crate::line::Line;
use plugin_api::params::{ParamSpec, ParamType};

/// Where the guided start stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GuideStage {
    /// The agent is chosen.
    #[default]
    Agent,
    /// The world is chosen.
    Env,
    /// Params are adjusted.
    Form,
}

/// The guided start: agent, world, params, go.
#[derive(Clone, Debug, Default)]
pub struct Guide {
    /// Where it stands.
    pub stage: GuideStage,
    /// The agents there are.
    pub agents: Vec<Offer>,
    /// The worlds there are, and why some do not fit.
    pub envs: Vec<Offer>,
    /// The chosen row of the list.
    pub at: usize,
    /// What was chosen so far.
    pub plan: Plan,
    /// What can be set.
    pub form: Form,
    /// The row of the form that is being written.
    pub writing: Option<Line>,
    /// What is wrong.
    pub error: Option<String>,
}

/// A row of the form.
#[derive(Clone, Debug, PartialEq)]
pub struct FormRow {
    /// Its name.
    pub name: String,
    /// What is set.
    pub value: String,
    /// What may be set, and what it means.
    pub says: String,
    /// Whether it differs from what is usual.
    pub is_set: bool,
    /// What can be chosen; nothing where it is written.
    pub choices: Vec<String>,
}

/// A row that every run has, whatever agent and world declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Own {
    Steps,
    Lanes,
    Seed,
    Seeds,
    Mode,
    Workers,
    Lag,
    Copies,
    Budget,
}

/// Ways in which acting and learning share the time.
pub const MODES: [&str; 3] = ["lockstep", "pipelined", "async"];

/// Runs that are begun at once, at most.
const SEEDS_MAX: u64 = 16;

impl Own {
    fn name(self) -> &'static str {
        match self {
            Self::Steps => "steps",
            Self::Lanes => "lanes",
            Self::Seed => "seed",
            Self::Seeds => "seeds",
            Self::Mode => "mode",
            Self::Workers => "workers",
            Self::Lag => "lag",
            Self::Copies => "copies",
            Self::Budget => "budget",
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::Steps => "steps of all worlds together after which it ends",
            Self::Lanes => "worlds that step side by side",
            Self::Seed => "the number from which all chance follows",
            Self::Seeds => "runs to begin, each with the next seed; Compare puts them together",
            Self::Mode => "learn in turn, beside collecting, or from workers at their own pace",
            Self::Workers => "threads that collect, each with lanes of its own",
            Self::Lag => "updates that their policy may be behind",
            Self::Copies => "of the agent, which learn side by side and are averaged; 1: none",
            Self::Budget => "steps over which schedules run, such as falling step sizes",
        }
    }

    /// Smallest and largest number it takes.
    fn range(self) -> (u64, u64) {
        match self {
            Self::Seed | Self::Lag => (0, u64::MAX),
            Self::Seeds => (1, SEEDS_MAX),
            _ => (1, u64::MAX),
        }
    }
}

impl Guide {
    /// Rows that every run has; some of them belong to one mode alone.
    fn own(&self) -> Vec<Own> {
        use Own::{Budget, Copies, Lag, Lanes, Mode, Seed, Seeds, Steps, Workers};
        let mut own = vec![Steps, Lanes, Seed, Seeds, Mode];
        match self.mode() {
            "async" => own.extend([Workers, Lag]),
            "lockstep" => own.push(Copies),
            _ => {}
        }
        own.push(Budget);
        own
    }

    fn mode(&self) -> &str {
        self.plan.mode.as_deref().unwrap_or(&self.form.mode)
    }

    fn own_row(&self, own: Own) -> FormRow {
        let (plan, form) = (&self.plan, &self.form);
        let row = |value: String, is_set: bool, choices: Vec<String>| FormRow {
            name: own.name().to_owned(),
            value,
            says: with_range(&choices.join(", "), own.says()),
            is_set,
            choices,
        };
        let (set, usual) = match own {
            Own::Steps => (plan.steps, form.steps),
            Own::Lanes => (plan.lanes, form.lanes),
            Own::Seed => (Some(plan.seed).filter(|seed| *seed != 0), 0),
            Own::Seeds => (plan.seeds, 1),
            Own::Workers => (plan.workers, form.workers),
            Own::Lag => (plan.lag, 1),
            Own::Copies => (plan.copies, 1),
            Own::Budget => (plan.budget, plan.steps.unwrap_or(form.steps)),
            Own::Mode => {
                let choices = MODES.map(str::to_owned).to_vec();
                return row(self.mode().to_owned(), plan.mode.is_some(), choices);
            }
        };
        row(set.unwrap_or(usual).to_string(), set.is_some(), Vec::new())
    }

    /// Rows of the form: what every run has, then the agent's params and the world's.
    pub fn rows(&self) -> Vec<FormRow> {
        let mut rows: Vec<FormRow> = self.own().into_iter().map(|own| self.own_row(own)).collect();
        let blocks = [
            (&self.form.params, &self.plan.set, ""),
            (&self.form.env_params, &self.plan.env_set, "env."),
        ];
        for (specs, set, prefix) in blocks {
            rows.extend(specs.iter().map(|spec| {
                let own = set.iter().find(|(name, _)| *name == spec.name);
                let usual = self.form.values.get(&spec.name).filter(|_| prefix.is_empty());
                let usual = usual.unwrap_or(&spec.default).to_string();
                FormRow {
                    name: format!("{prefix}{}", spec.name),
                    value: own.map_or(usual, |(_, value)| value.clone()),
                    says: with_range(&spec.range(), spec.doc.lines().next().unwrap_or_default()),
                    is_set: own.is_some(),
                    choices: choices(spec),
                }
            }));
        }
        rows
    }

    /// Sets a row of the form to what was written, or says what is wrong.
    pub fn set(&mut self, row: usize, text: &str) -> Result<(), String> {
        let own = self.own();
        if let Some(own) = own.get(row) {
            return self.set_own(*own, text);
        }
        let idx = row - own.len();
        let agents = self.form.params.len();
        let (spec, set) = if idx < agents {
            (&self.form.params[idx], &mut self.plan.set)
        } else {
            (&self.form.env_params[idx - agents], &mut self.plan.env_set)
        };
        spec.parse(text).map_err(|error| error.to_string())?;
        set.retain(|(name, _)| *name != spec.name);
        set.push((spec.name.clone(), text.to_owned()));
        Ok(())
    }

    fn set_own(&mut self, own: Own, text: &str) -> Result<(), String> {
        let name = own.name();
        if own == Own::Mode {
            let known = MODES.iter().find(|mode| **mode == text);
            let known = known
                .ok_or_else(|| format!("`{name}` is one of {}, not `{text}`", MODES.join(", ")))?;
            self.plan.mode = Some((*known).to_owned());
            // What belongs to another mode goes with it.
            (self.plan.workers, self.plan.lag, self.plan.copies) = (None, None, None);
            return Ok(());
        }
        let number = text.replace('_', "").parse::<f64>().ok();
        let number = number.filter(|number| number.fract() == 0.0 && (0.0..9e15).contains(number));
        let number =
            number.ok_or_else(|| format!("`{name}` takes a whole number, not `{text}`"))? as u64;
        let (low, high) = own.range();
        if number < low {
            return Err(format!("`{name}` takes a whole number from {low}, not {number}"));
        }
        if number > high {
            return Err(format!("`{name}` takes {low} to {high}, not {number}"));
        }
        let plan = &mut self.plan;
        match own {
            Own::Steps => plan.steps = Some(number),
            Own::Lanes => plan.lanes = Some(number),
            Own::Seeds => plan.seeds = Some(number),
            Own::Workers => plan.workers = Some(number),
            Own::Lag => plan.lag = Some(number),
            Own::Copies => plan.copies = Some(number),
            Own::Budget => plan.budget = Some(number),
            Own::Seed | Own::Mode => plan.seed = number,
        }
        Ok(())
    }

    /// The plans of all runs that are to begin, a seed each.
    pub fn plans(&self) -> Vec<Plan> {
        let seeds = 0..self.plan.seeds.unwrap_or(1);
        let plan = |more| Plan { seed: self.plan.seed + more, seeds: None, ..self.plan.clone() };
        seeds.map(plan).collect()
    }
}

fn with_range(range: &str, says: &str) -> String {
    if range.is_empty() { says.to_owned() } else { format!("{range}: {says}") }
}

/// What can be chosen for a param instead of written.
fn choices(spec: &ParamSpec) -> Vec<String> {
    match spec.kind {
        ParamType::Bool => ["false", "true"].map(str::to_owned).to_vec(),
        _ => spec.choices.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_api::Params;

    plugin_api::params! {
        struct Sample {
            /// Step size.
            live step_size: f64 = 0.5 in 0.0..=1.0,
            /// Which map.
            map: String = "small" of ["small", "large"],
        }
    }

    #[test]
    fn a_form_is_made_of_declarations_and_checks_what_is_written() {
        let mode = "lockstep".to_owned();
        let form = Form {
            params: Sample::specs(),
            lanes: 8,
            steps: 100,
            mode,
            workers: 3,
            ..Form::default()
        };
        let mut guide = Guide { form, ..Guide::default() };
        let names = |guide: &Guide| -> Vec<(String, String)> {
            guide.rows().into_iter().map(|row| (row.name, row.value)).collect()
        };
        let expected = [
            ("steps", "100"),
            ("lanes", "8"),
            ("seed", "0"),
            ("seeds", "1"),
            ("mode", "lockstep"),
            ("copies", "1"),
            ("budget", "100"),
            ("step_size", "0.5"),
            ("map", "small"),
        ];
        let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        assert_eq!(names(&guide), owned(&expected));
        guide.set(0, "2e6").expect("a whole number");
        guide.set(7, "0.25").expect("within its range");
        assert_eq!(guide.plan.steps, Some(2_000_000));
        assert_eq!(guide.plan.set, owned(&[("step_size", "0.25")]));
        assert_eq!(guide.set(1, "0"), Err("`lanes` takes a whole number from 1, not 0".into()));
        assert_eq!(guide.set(7, "2"), Err("`step_size` lies in 0 to 1, not at 2".into()));
        assert!(guide.rows()[7].is_set);
        assert_eq!(guide.rows()[8].choices, ["small", "large"]);
    }

    #[test]
    fn workers_and_lag_belong_to_one_mode_and_each_seed_is_a_run() {
        let mut guide = Guide { form: Form { workers: 3, ..Form::default() }, ..Guide::default() };
        guide.set(4, "async").expect("it is one");
        let rows = guide.rows();
        let row = |name: &str| rows.iter().position(|row| row.name == name).expect("it is there");
        assert_eq!(rows[row("workers")].value, "3");
        guide.set(row("workers"), "2").expect("a number");
        guide.set(row("lag"), "0").expect("none is a lag, too");
        assert_eq!((guide.plan.workers, guide.plan.lag), (Some(2), Some(0)));
        guide.set(4, "pipelined").expect("it is one");
        assert_eq!((guide.plan.workers, guide.plan.lag), (None, None));
        assert!(guide.rows().iter().all(|row| row.name != "workers"));
        let error = guide.set(4, "asink").expect_err("there is none");
        assert_eq!(error, "`mode` is one of lockstep, pipelined, async, not `asink`");
        assert_eq!(guide.set(3, "17"), Err("`seeds` takes 1 to 16, not 17".into()));
        guide.set(2, "5").expect("a number");
        guide.set(3, "3").expect("few enough");
        let seeds: Vec<u64> = guide.plans().iter().map(|plan| plan.seed).collect();
        assert_eq!(seeds, [5, 6, 7]);
    }
}
