//! The `params!` block: a struct with defaults, ranges, docs and everything the host needs to know.

/// Declares the params of an environment or agent.
///
/// Each field has a doc comment, a type, a default, and if wanted a range (`in low..=high`, `in
/// low..`), choices (`of ["a", "b"]`), a unit (`unit "s"`), and `live` in front when it may change
/// during a run.
///
/// ```
/// use plugin_api::prelude::*;
///
/// params! {
///     struct WalkParams {
///         /// Step size α.
///         live step_size: f32 = 0.5 in 0.0..=1.0,
///         /// Cells along one side.
///         side: usize = 4 in 2..=64,
///         /// Which map.
///         map: String = "small" of ["small", "large"],
///         /// Time between two steps.
///         pause: f64 = 0.02 in 0.0.. unit "s",
///         /// Sizes of the hidden layers.
///         hidden: Vec<usize> = [64, 64],
///     }
/// }
/// let params = WalkParams::default();
/// assert_eq!(params.side, 4);
/// assert!(WalkParams::specs()[0].live);
/// ```
#[macro_export]
macro_rules! params {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($body:tt)* }) => {
        $crate::params!(@field [$(#[$meta])* $vis $name] [] $($body)*);
    };

    // One field after another is brought into one form: docs, live, name, type, default, low, high,
    // choices, unit.
    (@field $head:tt [$($out:tt)*]
        $(#[doc = $doc:literal])* live $field:ident : $ty:ty = $default:literal $($rest:tt)*) => {
        $crate::params!(@after $head [$($out)*]
            [[$($doc)*] true $field [$ty] [$default]] $($rest)*);
    };
    (@field $head:tt [$($out:tt)*]
        $(#[doc = $doc:literal])* live $field:ident : $ty:ty = $default:tt $($rest:tt)*) => {
        $crate::params!(@after $head [$($out)*]
            [[$($doc)*] true $field [$ty] [$default]] $($rest)*);
    };
    (@field $head:tt [$($out:tt)*]
        $(#[doc = $doc:literal])* $field:ident : $ty:ty = $default:literal $($rest:tt)*) => {
        $crate::params!(@after $head [$($out)*]
            [[$($doc)*] false $field [$ty] [$default]] $($rest)*);
    };
    (@field $head:tt [$($out:tt)*]
        $(#[doc = $doc:literal])* $field:ident : $ty:ty = $default:tt $($rest:tt)*) => {
        $crate::params!(@after $head [$($out)*]
            [[$($doc)*] false $field [$ty] [$default]] $($rest)*);
    };
    (@after $head:tt [$($out:tt)*] [$($field:tt)*]
        in $low:literal ..= $high:literal $(unit $unit:literal)? $(, $($rest:tt)*)?) => {
        $crate::params!(@field $head
            [$($out)* { $($field)* [Some($low as f64)] [Some($high as f64)] [] [$($unit)?] }]
            $($($rest)*)?);
    };
    (@after $head:tt [$($out:tt)*] [$($field:tt)*]
        in $low:literal .. $(unit $unit:literal)? $(, $($rest:tt)*)?) => {
        $crate::params!(@field $head
            [$($out)* { $($field)* [Some($low as f64)] [None] [] [$($unit)?] }] $($($rest)*)?);
    };
    (@after $head:tt [$($out:tt)*] [$($field:tt)*]
        of [$($choice:literal),+ $(,)?] $(, $($rest:tt)*)?) => {
        $crate::params!(@field $head
            [$($out)* { $($field)* [None] [None] [$($choice,)+] [] }] $($($rest)*)?);
    };
    (@after $head:tt [$($out:tt)*] [$($field:tt)*] $(unit $unit:literal)? $(, $($rest:tt)*)?) => {
        $crate::params!(@field $head
            [$($out)* { $($field)* [None] [None] [] [$($unit)?] }] $($($rest)*)?);
    };

    (@field [$(#[$meta:meta])* $vis:vis $name:ident] [$({
        [$($doc:literal)*] $live:literal $field:ident [$ty:ty] [$default:expr]
        [$low:expr] [$high:expr] [$($choice:literal,)*] [$($unit:literal)?]
    })*]) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $name {
            $($(#[doc = $doc])* $vis $field: $ty,)*
        }

        impl ::std::default::Default for $name {
            fn default() -> Self {
                Self { $($field: <$ty as $crate::export::FieldDefault<_>>::of($default),)* }
            }
        }

        impl $crate::Params for $name {
            fn specs() -> ::std::vec::Vec<$crate::params::ParamSpec> {
                let defaults = <Self as ::std::default::Default>::default();
                ::std::vec![$($crate::params::ParamSpec {
                    name: ::std::stringify!($field).into(),
                    kind: <$ty as $crate::params::Field>::TYPE,
                    default: $crate::params::Field::to_value(&defaults.$field),
                    low: $low,
                    high: $high,
                    choices: ::std::vec![$($choice.into()),*],
                    unit: ::std::concat!($($unit)?).into(),
                    doc: ::std::concat!($($doc, "\n"),*).trim().replace("\n ", "\n"),
                    live: $live,
                }),*]
            }

            fn get(&self, name: &str) -> ::std::option::Option<$crate::params::Value> {
                match name {
                    $(::std::stringify!($field) => {
                        Some($crate::params::Field::to_value(&self.$field))
                    })*
                    _ => None,
                }
            }

            fn put(&mut self, name: &str, value: &$crate::params::Value) -> $crate::Result<()> {
                match name {
                    $(::std::stringify!($field) => {
                        self.$field = <$ty as $crate::params::Field>::from_value(value)
                            .ok_or_else(|| $crate::export::unfit(name, value))?;
                        Ok(())
                    })*
                    _ => Err($crate::export::unfit(name, value)),
                }
            }
        }
    };
}
