//! The four number types a row of observations or actions can be made of.
#![expect(clippy::cast_lossless, reason = "one body for four types")]

use serde::{Deserialize, Serialize};

/// Names an [`Element`] type at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Dtype {
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 64-bit signed integer.
    I64,
    /// 8-bit unsigned integer.
    U8,
}

impl Dtype {
    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F64 | Self::I64 => 8,
            Self::U8 => 1,
        }
    }

    /// The type that holds the values of both without loss.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        use Dtype::{F32, F64, I64, U8};
        match (self, other) {
            (a, b) if a == b => a,
            (U8, x) | (x, U8) => x,
            (F32 | F64 | I64, _) => F64,
        }
    }
}

impl std::fmt::Display for Dtype {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::I64 => "i64",
            Self::U8 => "u8",
        })
    }
}

/// A number that rows are made of: `f32`, `f64`, `i64` or `u8`.
pub trait Element: sealed::Plain + Copy + Default + PartialEq + Send + Sync + 'static {
    /// Its name at run time.
    const DTYPE: Dtype;

    /// The value as learners see it.
    fn to_f32(self) -> f32;

    /// The value, exactly (integers beyond 2^53 are rounded).
    fn to_f64(self) -> f64;

    /// The value of this type: rounded to the nearest one for floats, towards zero for integers.
    fn from_f64(value: f64) -> Self;

    #[doc(hidden)]
    fn from_i64(value: i64) -> Self;
}

/// The types whose every bit pattern is a value.
pub(crate) mod sealed {
    /// A type without padding and without invalid bit patterns.
    pub trait Plain {}
    impl Plain for f32 {}
    impl Plain for f64 {}
    impl Plain for i64 {}
    impl Plain for u8 {}
    impl Plain for u32 {}
    impl Plain for u64 {}
}

macro_rules! element {
    ($($ty:ident $name:ident),*) => {$(
        impl Element for $ty {
            const DTYPE: Dtype = Dtype::$name;

            #[inline]
            fn to_f32(self) -> f32 {
                self as f32
            }

            #[inline]
            fn to_f64(self) -> f64 {
                self as f64
            }

            #[inline]
            fn from_f64(value: f64) -> Self {
                value as $ty
            }

            #[inline]
            fn from_i64(value: i64) -> Self {
                value as $ty
            }
        }
    )*};
}

element!(f32 F32, f64 F64, i64 I64, u8 U8);
