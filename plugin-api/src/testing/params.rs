//! Whether a declaration of params makes sense, and what it says is held to.

use super::{Stop, ensure};
use crate::error::{ErrorKind, Result};
use crate::params::{ParamSpec, ParamType, Value, Values};

/// Checks every param on its own: `make` makes the thing with these values.
pub(super) fn check(
    specs: &[ParamSpec],
    base: &Values,
    mut make: impl FnMut(&Values) -> Result<()>,
) -> Result<String, Stop> {
    for (idx, spec) in specs.iter().enumerate() {
        let name = &spec.name;
        ensure!(specs[..idx].iter().all(|other| other.name != *name), "`{name}` is there twice");
        ensure!(!spec.doc.is_empty(), "`{name}` has no doc comment, and so no help");
        if let Err(error) = spec.check(&spec.default) {
            ensure!(false, "its own default does not fit: {error}");
        }
    }
    let mut refuses = |name: &str, value: Value, what: &str| {
        let mut values = base.clone();
        values.insert(name.to_owned(), value.clone());
        match make(&values) {
            Err(error) if error.kind == ErrorKind::Argument => Ok(()),
            Err(error) => Err(Stop::failed(format!("`{name}` at {value} ({what}): {error}"))),
            Ok(()) => Err(Stop::failed(format!("`{name}` takes {value}, which is {what}"))),
        }
    };
    for spec in specs {
        for value in beyond(spec) {
            refuses(&spec.name, value, "out of its range")?;
        }
        if spec.kind != ParamType::Text || !spec.choices.is_empty() {
            refuses(&spec.name, Value::Text("\u{1f}".into()), "no value of its type")?;
        }
    }
    refuses("no such param", Value::Int(0), "not declared")?;
    Ok(format!("{} params, what does not fit is refused", specs.len()))
}

/// Values just outside of what a param allows.
fn beyond(spec: &ParamSpec) -> Vec<Value> {
    let number = |value: f64| match spec.kind {
        ParamType::Int => Some(Value::Int(value as i64)),
        ParamType::Float => Some(Value::Float(value)),
        _ => None,
    };
    let low = spec.low.and_then(|low| number(low - 1.0));
    let high = spec.high.and_then(|high| number(high + 1.0));
    // Beyond 2^53 one more is the same number.
    let far = |value: &Value| spec.check(value).is_err();
    low.into_iter().chain(high).filter(far).collect()
}
