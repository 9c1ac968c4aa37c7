//! The sines, cosines and squares against the C library of this machine, in every class.
//!
//! The comparison is left out where the library may compute differently: not glibc, or a machine
//! without fused multiply-add.

use std::hint::black_box;

use maths::{square, trig};
use plugin_api::simd::{Class, Wide, WideKernel, dispatch_wide_in};

const ARGUMENTS: usize = 1 << 20;

fn library_is_the_one_copied() -> bool {
    cfg!(all(target_os = "linux", target_env = "gnu")) && Class::best() > Class::Baseline
}

/// Everything the maths modules offer, at some arguments.
#[derive(Debug, PartialEq, Default)]
struct Results {
    sin: Vec<u64>,
    cos: Vec<u64>,
    sin_alone: Vec<u64>,
    cos_alone: Vec<u64>,
    square: Vec<u64>,
    square_f32: Vec<u64>,
}

struct Compute<'a>(&'a [f64]);

impl WideKernel for Compute<'_> {
    type Output = Results;

    #[inline(always)]
    fn run<V: Wide>(self) -> Results {
        let mut results = Results::default();
        for x in self.0.chunks_exact(V::WIDTH) {
            let x = V::load(x);
            let (sin, cos) = trig::sin_cos(x);
            put(&mut results.sin, sin);
            put(&mut results.cos, cos);
            put(&mut results.sin_alone, trig::sin(x));
            put(&mut results.cos_alone, trig::cos(x));
            put(&mut results.square, square::square(x));
            put(&mut results.square_f32, square::square_f32(x.round_f32()));
        }
        results
    }
}

#[inline(always)]
fn put<V: Wide>(to: &mut Vec<u64>, value: V) {
    let mut numbers = [0.0; 8];
    value.store(&mut numbers);
    to.extend(numbers[..V::WIDTH].iter().map(|number| number.to_bits()));
}

fn by_the_library(arguments: &[f64]) -> Results {
    let two = black_box(2.0);
    let map = |f: &dyn Fn(f64) -> f64| arguments.iter().map(|x| f(*x).to_bits()).collect();
    Results {
        sin: map(&f64::sin),
        cos: map(&f64::cos),
        sin_alone: map(&f64::sin),
        cos_alone: map(&f64::cos),
        square: map(&|x| x.powf(two)),
        square_f32: map(&|x| f64::from((x as f32).powf(two as f32))),
    }
}

#[track_caller]
fn check(arguments: &[f64]) {
    let expected = by_the_library(arguments);
    for class in Class::available() {
        let found = dispatch_wide_in(class, Compute(arguments));
        for (name, found, expected) in [
            ("sin", &found.sin, &expected.sin),
            ("cos", &found.cos, &expected.cos),
            ("sin alone", &found.sin_alone, &expected.sin_alone),
            ("cos alone", &found.cos_alone, &expected.cos_alone),
            ("square", &found.square, &expected.square),
            ("square of f32", &found.square_f32, &expected.square_f32),
        ] {
            for ((found, expected), x) in found.iter().zip(expected).zip(arguments) {
                let (found, expected) = (f64::from_bits(*found), f64::from_bits(*expected));
                let same =
                    found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
                assert!(same, "{name} of {x:e} in {class:?}: {found:e}, not {expected:e}");
            }
        }
    }
}

/// Uniform numbers from a plain generator, good enough to choose arguments.
fn uniform(count: usize, seed: u64, magnitude: f64) -> Vec<f64> {
    let mut state = seed;
    let mut draw = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let mixed = (state ^ state >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
        ((mixed ^ mixed >> 32) >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..count).map(|_| magnitude * (2.0 * draw() - 1.0)).collect()
}

/// How far the arguments of the worlds reach, and much further.
const MAGNITUDES: [f64; 8] = [0.13, 0.5, 0.9, 4.0, 10.0, 300.0, 1e6, 1.05e8];

#[test]
fn a_million_arguments_give_the_bits_of_the_library() {
    if library_is_the_one_copied() {
        for (seed, magnitude) in MAGNITUDES.into_iter().enumerate() {
            check(&uniform(ARGUMENTS / 8, seed as u64, magnitude));
        }
    }
}

#[test]
#[ignore = "long: two hundred million arguments"]
fn two_hundred_million_arguments_give_the_bits_of_the_library() {
    if library_is_the_one_copied() {
        for round in 0..25 {
            for (place, magnitude) in MAGNITUDES.into_iter().enumerate() {
                check(&uniform(ARGUMENTS, 1000 + 8 * round + place as u64, magnitude));
            }
        }
    }
}

#[test]
fn arguments_at_the_seams_give_the_bits_of_the_library() {
    if !library_is_the_one_copied() {
        return;
    }
    let mut seams = vec![0.0, 0.126, trig::NEAR, 2.426_265, trig::LIMIT, 1e-8, 1e-300];
    seams.push(f64::from_bits(0x4003_68fd_0000_0000));
    seams.extend((0..256).map(|half| f64::from(half) / 256.0));
    seams.extend((0..2000).map(|turns| f64::from(turns) * std::f64::consts::FRAC_PI_4));
    seams.extend((0..2000).map(|step| std::f64::consts::FRAC_PI_2 - f64::from(step) / 1024.0));
    let mut arguments = Vec::new();
    for seam in seams {
        for steps in -20..20 {
            let near = f64::from_bits(seam.to_bits().wrapping_add_signed(steps));
            if near.abs() < trig::LIMIT {
                arguments.extend([near, -near]);
            }
        }
    }
    arguments.resize(arguments.len().next_multiple_of(8), 0.0);
    check(&arguments);
}

#[test]
fn extremes_give_no_false_numbers() {
    for x in [trig::LIMIT, 1e300, f64::INFINITY, f64::NAN] {
        let (sin, cos) = trig::sin_cos(x);
        assert!(sin.is_nan() && cos.is_nan(), "sine and cosine of {x}: {sin}, {cos}");
    }
    for x in [0.0, 1e-200, 1e200, f64::INFINITY, f64::NAN] {
        assert_eq!(square::square(x).to_bits(), (x * x).to_bits());
    }
    assert_eq!(square::square_f32(0.0), 0.0);
    assert_eq!(square::square_f32(f64::from(f32::MIN_POSITIVE)), 0.0);
    assert!(square::square_f32(f64::NAN).is_nan());
}
