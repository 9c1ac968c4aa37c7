//! Params of an agent together with those of the backend beneath it.

use plugin_api::params::{ParamSpec, Value};
use plugin_api::{Params, Result};
use std::ops::{Deref, DerefMut};

/// The params of an agent, which it can be used as, and behind them those of its backend.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings<P, X> {
    /// What the agent can be told.
    pub agent: P,
    /// What the backend can be told.
    pub backend: X,
}

impl<P, X> Deref for Settings<P, X> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.agent
    }
}

impl<P, X> DerefMut for Settings<P, X> {
    fn deref_mut(&mut self) -> &mut P {
        &mut self.agent
    }
}

impl<P: Params, X: Params> Params for Settings<P, X> {
    fn specs() -> Vec<ParamSpec> {
        P::specs().into_iter().chain(X::specs()).collect()
    }

    fn get(&self, name: &str) -> Option<Value> {
        self.agent.get(name).or_else(|| self.backend.get(name))
    }

    fn put(&mut self, name: &str, value: &Value) -> Result<()> {
        if self.agent.get(name).is_some() {
            self.agent.put(name, value)
        } else {
            self.backend.put(name, value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    plugin_api::params! {
        struct Rate {
            /// How fast.
            live rate: f64 = 0.5 in 0.0..,
        }
    }

    plugin_api::params! {
        struct Place {
            /// Where.
            device: String = "cpu" of ["cpu", "cuda"],
        }
    }

    #[test]
    fn both_kinds_of_params_are_told_by_name() {
        let specs = Settings::<Rate, Place>::specs();
        let names: Vec<&str> = specs.iter().map(|spec| spec.name.as_str()).collect();
        assert_eq!(names, ["rate", "device"]);
        let mut both = Settings::<Rate, Place>::default();
        both.set("rate", &Value::Float(0.25)).expect("a param of the agent");
        both.set("device", &Value::Text("cuda".into())).expect("a param of the backend");
        assert!((both.rate - 0.25).abs() < 1e-12);
        assert_eq!(both.backend.device, "cuda");
        assert_eq!(both.get("device"), Some(Value::Text("cuda".into())));
        let error = both.set("speed", &Value::Int(1)).expect_err("there is none");
        assert!(error.to_string().contains("rate, device"), "{error}");
    }
}
