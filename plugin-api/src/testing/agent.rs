//! The promises of an agent, each tried out in every small world that it accepts.

mod contract;
mod ladder;

use super::probes::{Form, Rung, forms};
use super::trainer::Trainer;
use super::{Findings, Stop, ensure, finding, one, params};
use crate::abi::handle::{AgentHandle, PluginHandle};
use crate::abi::info::AgentInfo;
use crate::error::ErrorKind;
use crate::params::{ParamType, Value, Values, find};
use crate::task::Task;

type Check = fn(&Subject<'_>) -> Result<String, Stop>;

const CHECKS: &[(&str, Check)] = &[
    ("params", check_params),
    ("presets", check_presets),
    ("needs", contract::needs),
    ("act", contract::act),
    ("rows", contract::rows),
    ("learn", contract::learn),
    ("state", contract::state),
    ("policy", contract::policy),
    ("live params", contract::live),
];

/// An agent that is checked.
pub(super) struct Subject<'a> {
    plugin: &'a PluginHandle,
    info: &'a AgentInfo,
    params: &'a Values,
    /// The worlds it accepts.
    forms: Vec<Form>,
}

/// The seed of every agent that is not meant to differ.
const SEED: u64 = 3;

impl<'a> Subject<'a> {
    pub(super) fn new(plugin: &'a PluginHandle, info: &'a AgentInfo, params: &'a Values) -> Self {
        Self { plugin, info, params, forms: Vec::new() }
    }

    pub(super) fn check(mut self) -> Findings {
        let name = self.info.name.clone();
        let made = match self.made() {
            Ok(says) => finding(&name, "made", Ok(says)),
            Err(stop) => return one(&name, "made", Err(stop)),
        };
        let mut list = vec![made];
        for (what, check) in CHECKS {
            list.push(finding(&name, what, check(&self)));
        }
        for (what, result) in ladder::climb(&self) {
            list.push(finding(&name, what, result));
        }
        Findings { list }
    }

    /// Finds the worlds it accepts; refusing some is its right, but not with a panic.
    fn made(&mut self) -> Result<String, Stop> {
        let mut refusals = Vec::new();
        for form in forms()? {
            let task = form.task(form.only)?;
            match self.plugin.agent(&self.info.name, self.params, &task, SEED) {
                Ok(_) => self.forms.push(form),
                Err(error) => {
                    let panicked = error.kind == ErrorKind::Panic;
                    ensure!(!panicked, "it panics over {}: {error}", form.label);
                    ensure!(!error.message.is_empty(), "it refuses {} without a word", form.label);
                    refusals.push(error.message);
                }
            }
        }
        let labels: Vec<&str> = self.forms.iter().map(|form| form.label).collect();
        match refusals.first() {
            Some(refusal) if labels.is_empty() => Err(Stop::failed(format!(
                "it accepts none of the small worlds there are to check it in: {refusal}"
            ))),
            _ => Ok(format!("it accepts {}", labels.join("; "))),
        }
    }

    fn agent(&self, form: &Form, seed: u64) -> Result<AgentHandle, Stop> {
        Ok(self.plugin.agent(&self.info.name, self.params, &form.task(form.only)?, seed)?)
    }

    /// The agent in a world of this form.
    fn trainer(&self, form: &Form) -> Result<Trainer, Stop> {
        Trainer::new(self.agent(form, SEED)?, form, &rung_params(form.only))
    }

    /// Tries something out in every world that it accepts.
    fn everywhere(
        &self,
        mut check: impl FnMut(&Form) -> Result<String, Stop>,
    ) -> Result<String, Stop> {
        let mut says = String::new();
        for form in &self.forms {
            let label = form.label;
            says = check(form).map_err(|stop| stop.while_(label))?;
        }
        Ok(says)
    }
}

impl Form {
    /// The task of a world.
    fn task(&self, rung: Option<Rung>) -> Result<Task, Stop> {
        Ok(self.plugin.env("probe", &rung_params(rung), 1)?.task().clone())
    }
}

fn rung_params(rung: Option<Rung>) -> Values {
    let rung = rung.unwrap_or(Rung::Identity);
    Values::from([("rung".to_owned(), Value::Text(rung.name().to_owned()))])
}

fn check_params(subject: &Subject<'_>) -> Result<String, Stop> {
    let task = subject.forms[0].task(subject.forms[0].only)?;
    let make =
        |values: &Values| subject.plugin.agent(&subject.info.name, values, &task, 0).map(drop);
    params::check(&subject.info.params, subject.params, make)
}

/// Presets are texts in the source: nothing reads them before somebody needs them.
fn check_presets(subject: &Subject<'_>) -> Result<String, Stop> {
    let presets = &subject.info.presets;
    for preset in presets {
        for (name, text) in &preset.params {
            let parsed = find(&subject.info.params, name).and_then(|spec| spec.parse(text));
            if let Err(error) = parsed {
                ensure!(false, "the one for {}: {error}", preset.env);
            }
        }
        ensure!(preset.lanes > 0, "the one for {} has no lanes", preset.env);
        ensure!(preset.steps > 0, "the one for {} has no steps", preset.env);
    }
    match presets.len() {
        0 => Err(Stop::skipped("there are none")),
        count => Ok(format!("{count} can be read")),
    }
}

/// Another value that a param may have.
fn other_value(spec: &crate::params::ParamSpec) -> Option<Value> {
    let middle = |low: f64, high: f64| 0.5 * (low + high);
    let (low, high) = (spec.low.unwrap_or(0.0), spec.high);
    let candidates = match spec.kind {
        ParamType::Bool => vec![Value::Bool(true), Value::Bool(false)],
        ParamType::Int => [high.map(|high| middle(low, high)), Some(low + 1.0), Some(low)]
            .into_iter()
            .flatten()
            .map(|value| Value::Int(value as i64))
            .collect(),
        ParamType::Float => [high.map(|high| middle(low, high)), Some(low + 1.0), Some(low)]
            .into_iter()
            .flatten()
            .map(Value::Float)
            .collect(),
        _ => spec.choices.iter().cloned().map(Value::Text).collect(),
    };
    candidates.into_iter().find(|value| *value != spec.default && spec.check(value).is_ok())
}
