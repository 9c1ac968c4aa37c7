//! Sine and cosine of `f32` against the C library.

use maths::single::sin_cos;
use plugin_api::simd::Class;

fn check(bits: impl Iterator<Item = u32>) {
    if !cfg!(all(target_os = "linux", target_env = "gnu")) || Class::best() == Class::Baseline {
        return;
    }
    for x in bits.map(f32::from_bits).filter(|x| !x.is_nan()) {
        let (sin, cos) = sin_cos(x);
        if x.is_infinite() {
            assert!(sin.is_nan() && cos.is_nan(), "{x}: {sin}, {cos}");
        } else {
            assert_eq!(sin.to_bits(), x.sin().to_bits(), "sine of {x:e}");
            assert_eq!(cos.to_bits(), x.cos().to_bits(), "cosine of {x:e}");
        }
    }
}

#[test]
fn a_million_numbers_give_the_bits_of_the_library() {
    check((0..=u32::MAX).step_by(4093));
}

/// Numbers whose plain sums round otherwise than the fused ones of the library.
#[test]
fn doubtful_numbers_give_the_bits_of_the_library() {
    let near = |x: f32| (-2000..2000).map(move |steps| x.to_bits().wrapping_add_signed(steps));
    let quarters = (1..600).map(|quarter| quarter as f32 * std::f32::consts::FRAC_PI_4);
    check(quarters.flat_map(near));
}

#[test]
#[ignore = "long: all four billion numbers"]
fn all_numbers_give_the_bits_of_the_library() {
    check(0..=u32::MAX);
}
