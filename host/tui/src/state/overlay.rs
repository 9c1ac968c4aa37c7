//! What can be open in front of a screen.

use crate::bench::{Form, Offer, Plan};
use crate::line::Line;

/// What a line that is being written is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// The new value of a param.
    Param(String),
    /// A condition to run until.
    Until,
    /// A tag for the session.
    Tag,
    /// A note for the session.
    Note,
    /// What rows must hold.
    Filter,
}

/// What is to become of runs when the screen is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuitChoice {
    /// They go on without a terminal.
    Detach,
    /// They end now and are saved.
    Stop,
    /// They go on, and the screen stays.
    Stay,
}

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
}

/// Rows of the form that are no params.
const OWN: [&str; 3] = ["steps", "lanes", "seed"];

impl Guide {
    /// Rows of the form: go, what every run has, then the agent's params and the world's.
    pub fn rows(&self) -> Vec<FormRow> {
        let own = |name: &str| match name {
            "steps" => (self.plan.steps.unwrap_or(self.form.steps), self.plan.steps.is_some()),
            "lanes" => (self.plan.lanes.unwrap_or(self.form.lanes), self.plan.lanes.is_some()),
            _ => (self.plan.seed, self.plan.seed != 0),
        };
        let says = |name: &str| match name {
            "steps" => "steps of all worlds together after which it ends",
            "lanes" => "worlds that step side by side",
            _ => "the number from which all chance follows",
        };
        let mut rows: Vec<FormRow> = OWN
            .iter()
            .map(|name| {
                let (value, is_set) = own(name);
                let (name, says) = ((*name).to_owned(), says(name).to_owned());
                FormRow { name, value: value.to_string(), says, is_set }
            })
            .collect();
        let blocks = [
            (&self.form.params, &self.plan.set, ""),
            (&self.form.env_params, &self.plan.env_set, "env."),
        ];
        for (specs, set, prefix) in blocks {
            rows.extend(specs.iter().map(|spec| {
                let own = set.iter().find(|(name, _)| *name == spec.name);
                let usual = self.form.values.get(&spec.name).filter(|_| prefix.is_empty());
                let usual = usual.unwrap_or(&spec.default).to_string();
                let range = spec.range();
                let doc = spec.doc.lines().next().unwrap_or_default();
                FormRow {
                    name: format!("{prefix}{}", spec.name),
                    value: own.map_or(usual, |(_, value)| value.clone()),
                    says: if range.is_empty() { doc.to_owned() } else { format!("{range}: {doc}") },
                    is_set: own.is_some(),
                }
            }));
        }
        rows
    }

    /// Sets a row of the form to what was written, or says what is wrong.
    pub fn set(&mut self, row: usize, text: &str) -> Result<(), String> {
        if let Some(name) = OWN.get(row) {
            let plain = text.replace('_', "");
            let number = plain.parse::<f64>().ok();
            let number =
                number.filter(|number| number.fract() == 0.0 && (0.0..9e15).contains(number));
            let number =
                number.ok_or_else(|| format!("`{name}` takes a whole number, not `{text}`"))?;
            let number = number as u64;
            if number == 0 && *name != "seed" {
                return Err(format!("`{name}` takes a whole number from 1, not 0"));
            }
            match *name {
                "steps" => self.plan.steps = Some(number),
                "lanes" => self.plan.lanes = Some(number),
                _ => self.plan.seed = number,
            }
            return Ok(());
        }
        let idx = row - OWN.len();
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
}

/// What is open in front of a screen.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// All actions by name.
    Palette {
        /// What was written.
        line: Line,
        /// The chosen row.
        at: usize,
    },
    /// What the keys do.
    Help {
        /// What was written to search.
        line: Line,
        /// Rows scrolled down.
        top: usize,
    },
    /// A line is being written.
    Prompt {
        /// What for.
        prompt: Prompt,
        /// The line.
        line: Line,
        /// What is wrong with it.
        error: Option<String>,
    },
    /// What is to become of runs.
    Quit {
        /// The chosen answer.
        choice: QuitChoice,
    },
    /// A text to read.
    Text {
        /// Its title.
        title: String,
        /// Its lines.
        lines: Vec<String>,
    },
    /// The guided start.
    Guide(Box<Guide>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_api::Params;

    plugin_api::params! {
        struct Sample {
            /// Step size.
            live step_size: f64 = 0.5 in 0.0..=1.0,
        }
    }

    #[test]
    fn a_form_is_made_of_declarations_and_checks_what_is_written() {
        let form = Form { params: Sample::specs(), lanes: 8, steps: 100, ..Form::default() };
        let mut guide = Guide { form, ..Guide::default() };
        let names: Vec<_> = guide.rows().into_iter().map(|row| (row.name, row.value)).collect();
        let expected = [("steps", "100"), ("lanes", "8"), ("seed", "0"), ("step_size", "0.5")];
        assert_eq!(names, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        guide.set(0, "2e6").expect("a whole number");
        guide.set(3, "0.25").expect("within its range");
        assert_eq!(guide.plan.steps, Some(2_000_000));
        assert_eq!(guide.plan.set, [("step_size".to_owned(), "0.25".to_owned())]);
        assert_eq!(guide.set(1, "0"), Err("`lanes` takes a whole number from 1, not 0".into()));
        assert_eq!(guide.set(3, "2"), Err("`step_size` lies in 0 to 1, not at 2".into()));
        assert!(guide.rows()[3].is_set);
    }
}
