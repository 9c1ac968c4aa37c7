//! The Rust types a param can have, and how their values cross to the host and back.

use super::{ParamType, Value};

/// A Rust type that a param can have.
pub trait Field: Sized {
    /// Its type in the declaration.
    const TYPE: ParamType;

    /// The value as the host sees it.
    fn to_value(&self) -> Value;

    /// The value behind what the host sends; `None` when it cannot be held.
    fn from_value(value: &Value) -> Option<Self>;
}

/// A literal that may stand for the default of a param.
#[doc(hidden)]
pub trait Default<Literal>: Sized {
    fn of(literal: Literal) -> Self;
}

macro_rules! number {
    ($($ty:ty, $kind:ident);*) => {$(
        impl Field for $ty {
            const TYPE: ParamType = ParamType::$kind;

            fn to_value(&self) -> Value {
                Value::$kind(number!(@wide $kind, *self))
            }

            fn from_value(value: &Value) -> Option<Self> {
                number!(@back $kind, value, $ty)
            }
        }

        impl Default<$ty> for $ty {
            fn of(literal: $ty) -> Self {
                literal
            }
        }

        impl<const N: usize> Default<[$ty; N]> for Vec<$ty> {
            fn of(literal: [$ty; N]) -> Self {
                literal.into()
            }
        }
    )*};
    // A number beyond what the host can hold is shown as the greatest it can.
    (@wide Int, $number:expr) => {
        i64::try_from($number).unwrap_or(i64::MAX)
    };
    (@wide Float, $number:expr) => {
        f64::from($number)
    };
    (@back Int, $value:ident, $ty:ty) => {
        match $value {
            Value::Int(value) => <$ty>::try_from(*value).ok(),
            _ => None,
        }
    };
    (@back Float, $value:ident, $ty:ty) => {
        match $value {
            Value::Float(value) => Some(*value as $ty),
            _ => None,
        }
    };
}

number!(usize, Int; u64, Int; u32, Int; i64, Int; f64, Float);

impl Field for f32 {
    const TYPE: ParamType = ParamType::Float;

    /// The shortest decimal that reads back to the same value, so that 0.1 stays 0.1.
    fn to_value(&self) -> Value {
        Value::Float(self.to_string().parse().expect("a number prints as a number"))
    }

    fn from_value(value: &Value) -> Option<Self> {
        number!(@back Float, value, f32)
    }
}

impl Default<f32> for f32 {
    fn of(literal: f32) -> Self {
        literal
    }
}

impl Field for bool {
    const TYPE: ParamType = ParamType::Bool;

    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }
}

impl Default<bool> for bool {
    fn of(literal: bool) -> Self {
        literal
    }
}

impl Field for String {
    const TYPE: ParamType = ParamType::Text;

    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(value) => Some(value.clone()),
            _ => None,
        }
    }
}

impl Default<&str> for String {
    fn of(literal: &str) -> Self {
        literal.to_owned()
    }
}

impl<const N: usize> Default<[&str; N]> for Vec<String> {
    fn of(literal: [&str; N]) -> Self {
        literal.map(str::to_owned).into()
    }
}

macro_rules! list {
    ($($ty:ty, $kind:ident);*) => {$(
        impl Field for Vec<$ty> {
            const TYPE: ParamType = ParamType::$kind;

            fn to_value(&self) -> Value {
                Value::List(self.iter().map(Field::to_value).collect())
            }

            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    Value::List(values) => values.iter().map(<$ty>::from_value).collect(),
                    _ => None,
                }
            }
        }
    )*};
}

list!(usize, IntList; u64, IntList; u32, IntList; i64, IntList; f64, FloatList; String, TextList);
