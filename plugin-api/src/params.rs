//! Params: settings of an environment or agent, declared once with [`crate::params!`].
//!
//! Form, command-line flags, config check, help, live edit and the saved session all come from that
//! one declaration.

#[doc(hidden)]
pub mod field;
mod macros;

pub use field::Field;

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A block of params. Write it with [`crate::params!`], not by hand.
pub trait Params: Default + Clone + Send + 'static {
    /// What there is to set.
    fn specs() -> Vec<ParamSpec>;

    /// The value of a param.
    fn get(&self, name: &str) -> Option<Value>;

    /// Sets a param whose value was checked against its spec.
    fn put(&mut self, name: &str, value: &Value) -> Result<()>;

    /// Sets a param after checking name, type and range.
    fn set(&mut self, name: &str, value: &Value) -> Result<()> {
        let specs = Self::specs();
        let value = find(&specs, name)?.check(value)?;
        self.put(name, &value)
    }

    /// The defaults with these values in their place.
    fn with(values: &Values) -> Result<Self> {
        let mut params = Self::default();
        for (name, value) in values {
            params.set(name, value)?;
        }
        Ok(params)
    }
}

/// An environment or agent without settings.
impl Params for () {
    fn specs() -> Vec<ParamSpec> {
        Vec::new()
    }

    fn get(&self, _name: &str) -> Option<Value> {
        None
    }

    fn put(&mut self, name: &str, _value: &Value) -> Result<()> {
        Err(Error::argument(format!("there is no param `{name}`, there are none")))
    }
}

/// Values by the name of their param, sorted.
pub type Values = BTreeMap<String, Value>;

/// The value of a param.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// A switch.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
    /// Several values of one type.
    List(Vec<Value>),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
            Self::List(values) => {
                for (idx, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if idx > 0 { "," } else { "" })?;
                }
                Ok(())
            }
        }
    }
}

/// The type of a param.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParamType {
    /// A switch.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A text.
    Text,
    /// Several whole numbers.
    IntList,
    /// Several numbers.
    FloatList,
    /// Several texts.
    TextList,
}

impl ParamType {
    /// In words, for messages.
    pub fn words(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Int => "a whole number",
            Self::Float => "a number",
            Self::Text => "a text",
            Self::IntList => "whole numbers separated by commas",
            Self::FloatList => "numbers separated by commas",
            Self::TextList => "texts separated by commas",
        }
    }

    fn item(self) -> Option<Self> {
        match self {
            Self::IntList => Some(Self::Int),
            Self::FloatList => Some(Self::Float),
            Self::TextList => Some(Self::Text),
            _ => None,
        }
    }
}

/// What there is to know about a param.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParamSpec {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: ParamType,
    /// Its value unless set.
    pub default: Value,
    /// Smallest value allowed.
    pub low: Option<f64>,
    /// Largest value allowed.
    pub high: Option<f64>,
    /// The texts allowed; empty when any is.
    pub choices: Vec<String>,
    /// Unit, such as `s`; empty when there is none.
    pub unit: String,
    /// What it means.
    pub doc: String,
    /// Whether it may change during a run.
    pub live: bool,
}

impl ParamSpec {
    /// The value behind a text, as written on a command line.
    pub fn parse(&self, text: &str) -> Result<Value> {
        let value = match self.kind.item() {
            None => self.parse_item(self.kind, text)?,
            Some(_) if text.trim().is_empty() => Value::List(Vec::new()),
            Some(item) => {
                let inner = text.trim().trim_start_matches('[').trim_end_matches(']');
                let items = inner.split(',').map(|part| self.parse_item(item, part.trim()));
                Value::List(items.collect::<Result<_>>()?)
            }
        };
        self.check(&value)
    }

    fn parse_item(&self, kind: ParamType, text: &str) -> Result<Value> {
        let plain = text.replace('_', "");
        let value = match kind {
            ParamType::Bool => text.parse().ok().map(Value::Bool),
            ParamType::Int => plain.parse().ok().map(Value::Int).or_else(|| {
                let float: f64 = plain.parse().ok()?;
                let whole = float.fract() == 0.0 && float.abs() < 9e15;
                whole.then_some(Value::Int(float as i64))
            }),
            ParamType::Float => plain.parse().ok().filter(|f: &f64| !f.is_nan()).map(Value::Float),
            _ => Some(Value::Text(text.to_owned())),
        };
        value.ok_or_else(|| {
            Error::argument(format!("`{}` takes {}, not `{text}`", self.name, self.kind.words()))
        })
    }

    /// The value, if its type and range fit; whole numbers serve as numbers.
    pub fn check(&self, value: &Value) -> Result<Value> {
        let wrong = || {
            let words = self.kind.words();
            Error::argument(format!("`{}` takes {words}, not `{value}`", self.name))
        };
        let value = match (self.kind.item(), value) {
            (None, value) => coerce(self.kind, value).ok_or_else(wrong)?,
            (Some(item), Value::List(values)) => {
                let values = values.iter().map(|value| coerce(item, value));
                Value::List(values.collect::<Option<_>>().ok_or_else(wrong)?)
            }
            (Some(_), _) => return Err(wrong()),
        };
        match &value {
            Value::List(values) => values.iter().try_for_each(|value| self.check_range(value))?,
            value => self.check_range(value)?,
        }
        Ok(value)
    }

    fn check_range(&self, value: &Value) -> Result<()> {
        let number = match value {
            Value::Int(value) => *value as f64,
            Value::Float(value) => *value,
            Value::Text(text) if !self.choices.is_empty() && !self.choices.contains(text) => {
                let choices = self.choices.join(", ");
                return Err(Error::argument(format!(
                    "`{}` is one of {choices}, not `{text}`",
                    self.name
                )));
            }
            _ => return Ok(()),
        };
        let fits =
            self.low.is_none_or(|low| number >= low) && self.high.is_none_or(|high| number <= high);
        if fits {
            return Ok(());
        }
        Err(Error::argument(format!("`{}` lies in {}, not at {value}", self.name, self.range())))
    }

    /// The allowed range in words; empty when there is none.
    pub fn range(&self) -> String {
        match (self.low, self.high) {
            (Some(low), Some(high)) => format!("{low} to {high}"),
            (Some(low), None) => format!("{low} and above"),
            (None, Some(high)) => format!("{high} and below"),
            (None, None) => self.choices.join(", "),
        }
    }
}

fn coerce(kind: ParamType, value: &Value) -> Option<Value> {
    match (kind, value) {
        (ParamType::Bool, Value::Bool(_))
        | (ParamType::Int, Value::Int(_))
        | (ParamType::Text, Value::Text(_)) => Some(value.clone()),
        (ParamType::Float, Value::Float(number)) => (!number.is_nan()).then(|| value.clone()),
        (ParamType::Float, Value::Int(number)) => Some(Value::Float(*number as f64)),
        _ => None,
    }
}

/// The spec of this name, or an error that lists the names there are.
pub fn find<'a>(specs: &'a [ParamSpec], name: &str) -> Result<&'a ParamSpec> {
    specs.iter().find(|spec| spec.name == name).ok_or_else(|| {
        let names: Vec<_> = specs.iter().map(|spec| spec.name.as_str()).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Error::argument(format!("there is no param `{name}`, there are: {names}"))
    })
}
