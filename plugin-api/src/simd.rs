//! Runs a hot loop with the widest vector instructions of this machine, chosen once.
//!
//! Two forms. A [`Kernel`] is ordinary code that the compiler vectorises; [`dispatch`] runs it
//! compiled for the best [`Class`]. A [`WideKernel`] is written over a [`Wide`] number, one or
//! several `f64` at once; [`dispatch_wide`] picks the type. Neither changes a result: Rust never
//! contracts or reorders floating-point operations, and every operation of [`Wide`] is exact or
//! correctly rounded, so all classes give the same bits.

#![expect(clippy::inline_always, reason = "what is not inlined into a kernel misses its class")]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod scalar;

use std::fmt::Debug;
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};
use std::sync::atomic::{AtomicU8, Ordering};

/// The instruction sets that kernels are compiled for, from the narrowest to the widest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// What every machine of the target has.
    Baseline,
    /// AVX2 with fused multiply-add: four `f64` at once.
    Avx2,
    /// AVX-512 F, BW, DQ and VL: eight `f64` at once.
    Avx512,
}

impl Class {
    const ALL: [Self; 3] = [Self::Baseline, Self::Avx2, Self::Avx512];

    /// The variable of the environment that may name a narrower class than the machine has: what is
    /// computed in class `scalar` has the same bits on every machine.
    pub const VARIABLE: &'static str = "THORNDIKE_CLASS";

    /// The class of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "scalar" | "baseline" => Some(Self::Baseline),
            "avx2" => Some(Self::Avx2),
            "avx512" => Some(Self::Avx512),
            _ => None,
        }
    }

    /// The widest class of this machine, or the one that [`Class::VARIABLE`] names. It is looked up
    /// once and then remembered.
    #[inline]
    pub fn best() -> Self {
        /// Zero until the first look, then the class plus one.
        static BEST: AtomicU8 = AtomicU8::new(0);
        match BEST.load(Ordering::Relaxed) {
            0 => {
                let asked = std::env::var(Self::VARIABLE).ok();
                let asked = asked.as_deref().and_then(Self::named);
                let best = Self::detect().min(asked.unwrap_or(Self::Avx512));
                BEST.store(best as u8 + 1, Ordering::Relaxed);
                best
            }
            known => Self::ALL[usize::from(known) - 1],
        }
    }

    /// Every class of this machine, from the narrowest to the widest.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|class| *class <= Self::best())
    }

    #[cfg(target_arch = "x86_64")]
    fn detect() -> Self {
        use std::arch::is_x86_feature_detected as has;
        if !(has!("avx2") && has!("fma") && has!("bmi1") && has!("bmi2")) {
            Self::Baseline
        } else if has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") {
            Self::Avx512
        } else {
            Self::Avx2
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn detect() -> Self {
        Self::Baseline
    }
}

/// A piece of work that the compiler may vectorise.
pub trait Kernel {
    /// What the work returns.
    type Output;

    /// Does the work. Mark it and all it calls `#[inline(always)]`: what is not inlined here is
    /// compiled for the baseline.
    fn run(self) -> Self::Output;
}

/// A piece of work written over a wide number.
pub trait WideKernel {
    /// What the work returns.
    type Output;

    /// Does the work with `V::WIDTH` numbers at once. Mark it and all it calls
    /// `#[inline(always)]`, as for [`Kernel::run`].
    fn run<V: Wide>(self) -> Self::Output;
}

/// Runs the kernel compiled for the best class of this machine.
#[inline]
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    dispatch_in(Class::best(), kernel)
}

/// Runs the kernel in the given class, or in the best one where the machine lacks it.
#[inline]
pub fn dispatch_in<K: Kernel>(class: Class, kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    match class.min(Class::best()) {
        Class::Avx512 => avx512::run(kernel),
        Class::Avx2 => avx2::run(kernel),
        Class::Baseline => kernel.run(),
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = class;
        kernel.run()
    }
}

/// Runs the kernel with the widest number of this machine.
#[inline]
pub fn dispatch_wide<K: WideKernel>(kernel: K) -> K::Output {
    dispatch_wide_in(Class::best(), kernel)
}

/// Runs the kernel with the number of the given class, or of the best one where the machine
/// lacks it.
#[inline]
pub fn dispatch_wide_in<K: WideKernel>(class: Class, kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    match class.min(Class::best()) {
        Class::Avx512 => avx512::run_wide(kernel),
        Class::Avx2 => avx2::run_wide(kernel),
        Class::Baseline => kernel.run::<f64>(),
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = class;
        kernel.run::<f64>()
    }
}

/// One `f64`, or as many at once as the instruction set takes.
///
/// `f64` itself is the narrowest: one body of physics serves a single world and a batch, and
/// gives both the same bits.
pub trait Wide:
    Copy
    + Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// How many numbers it holds.
    const WIDTH: usize;

    /// One truth value per number.
    type Mask: Mask;

    /// The representations of the numbers.
    type Bits: Bits<Mask = Self::Mask>;

    /// The same number everywhere.
    fn splat(value: f64) -> Self;

    /// The first `WIDTH` numbers of a slice.
    ///
    /// # Panics
    /// Where the slice is shorter; so do all other loads and stores.
    fn load(from: &[f64]) -> Self;

    /// The first `WIDTH` numbers of a slice, widened.
    fn load_f32(from: &[f32]) -> Self;

    /// The first `WIDTH` integers of a slice, exact where their magnitude is below 2⁵¹.
    fn load_i64(from: &[i64]) -> Self;

    /// Writes the numbers to the start of a slice.
    fn store(self, to: &mut [f64]);

    /// Rounds to `f32` and writes one row of `W` columns for each number, rows one after another.
    fn store_rows_f32<const W: usize>(columns: [Self; W], to: &mut [f32]);

    /// `self × factor + addend` with a single rounding.
    #[must_use]
    fn mul_add(self, factor: Self, addend: Self) -> Self;

    /// The magnitude of the numbers with the signs of others.
    #[must_use]
    fn copysign(self, sign: Self) -> Self;

    /// Without the sign.
    #[must_use]
    fn abs(self) -> Self;

    /// The nearest integer towards zero.
    #[must_use]
    fn trunc(self) -> Self;

    /// The nearest `f32`.
    #[must_use]
    fn round_f32(self) -> Self;

    /// Where `self < other`; false where one of them is not a number.
    fn lt(self, other: Self) -> Self::Mask;

    /// Where `self <= other`; false where one of them is not a number.
    fn le(self, other: Self) -> Self::Mask;

    /// Where `self == other`; false where one of them is not a number.
    fn eq(self, other: Self) -> Self::Mask;

    /// `yes` where the mask holds, `no` elsewhere.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// The representations.
    fn to_bits(self) -> Self::Bits;

    /// The numbers with these representations.
    fn from_bits(bits: Self::Bits) -> Self;

    /// For each number the entry that its index names; only the low bits of an index count.
    ///
    /// # Panics
    /// Where `N` is not a power of two.
    fn lookup<const N: usize>(table: &[f64; N], index: Self::Bits) -> Self;

    /// For each number the row that its index names, as columns; only the low bits count.
    ///
    /// # Panics
    /// Where `N` is not a power of two.
    fn lookup_rows<const N: usize>(table: &[[f64; 4]; N], index: Self::Bits) -> [Self; 4];

    /// `self > other`, as [`Wide::lt`].
    #[inline(always)]
    fn gt(self, other: Self) -> Self::Mask {
        other.lt(self)
    }

    /// `self >= other`, as [`Wide::le`].
    #[inline(always)]
    fn ge(self, other: Self) -> Self::Mask {
        other.le(self)
    }

    /// The other sign where the mask holds.
    #[inline(always)]
    #[must_use]
    fn negate_where(self, mask: Self::Mask) -> Self {
        Self::select(mask, -self, self)
    }

    /// Not below `low` and not above `high`; what is not a number stays so.
    #[inline(always)]
    #[must_use]
    fn clip(self, low: f64, high: f64) -> Self {
        let (low, high) = (Self::splat(low), Self::splat(high));
        let raised = Self::select(self.lt(low), low, self);
        Self::select(raised.gt(high), high, raised)
    }
}

/// One truth value for each number of a [`Wide`].
pub trait Mask:
    Copy + Debug + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self>
{
    /// Whether it holds somewhere.
    fn any(self) -> bool;

    /// Whether it holds everywhere.
    fn all(self) -> bool;

    /// One bit per number, the first number lowest.
    fn to_bits(self) -> u32;

    /// Writes 1 where it holds and 0 elsewhere to the start of a slice.
    fn store(self, to: &mut [u8]);
}

/// The representation of each number of a [`Wide`], as 64 bits; sums wrap.
pub trait Bits: Copy + Debug + BitAnd<Output = Self> + BitOr<Output = Self> {
    /// The mask of the same width.
    type Mask: Mask;

    /// The same bits everywhere.
    fn splat(bits: u64) -> Self;

    /// The wrapping sum.
    #[must_use]
    fn plus(self, other: Self) -> Self;

    /// The wrapping difference.
    #[must_use]
    fn minus(self, other: Self) -> Self;

    /// Shifted towards the high end.
    #[must_use]
    fn shift_left<const N: u32>(self) -> Self;

    /// Shifted towards the low end, filled with zeros.
    #[must_use]
    fn shift_right<const N: u32>(self) -> Self;

    /// Where at least one of the given bits is set.
    fn has(self, bits: u64) -> Self::Mask;
}
