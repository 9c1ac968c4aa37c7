//! Values of params as a session keeps them: without the plugin that declared them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Values by the name of their param, sorted.
pub type Settings = BTreeMap<String, Setting>;

/// The value of a param. In a file it is just the value: `true`, `4`, `0.5`, `"text"`, `[64, 64]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Setting {
    /// A switch.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(String),
    /// Several values.
    List(Vec<Setting>),
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_went() {
        let values = [
            Setting::Bool(true),
            Setting::Int(-4),
            Setting::Int(i64::MAX),
            Setting::Float(0.1),
            Setting::Float(1.0),
            Setting::Float(-0.0),
            Setting::Float(1e300),
            Setting::Float(f64::MIN_POSITIVE),
            Setting::Float(f64::INFINITY),
            Setting::Float(f64::NEG_INFINITY),
            Setting::Text("1".into()),
            Setting::Text("a \"b\"\n\u{1b}".into()),
            Setting::List(vec![Setting::Int(64), Setting::Int(64)]),
            Setting::List(vec![Setting::Float(1.0)]),
            Setting::List(Vec::new()),
        ];
        for value in values {
            let text = ron::to_string(&value).expect("plain data can be written");
            let back: Setting = ron::from_str(&text).expect("what was written can be read");
            assert_eq!(format!("{back:?}"), format!("{value:?}"), "{text}");
        }
    }
}
