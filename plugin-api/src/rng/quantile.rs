//! The normal quantile and the logarithm it needs, from additions, multiplications, divisions and
//! square roots only, so that their bits are the same on every machine.

#![expect(
    clippy::unreadable_literal,
    reason = "coefficients of a paper, to be compared and not read"
)]

/// The deviation that a standard normal number exceeds with probability `p`, in (0, 1/2].
///
/// Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied
/// Statistics 37 (1988), procedure PPND16: relative error about 1e-16.
#[inline]
pub(super) fn normal_exceeded_with(p: f64) -> f64 {
    let q = 0.5 - p;
    if q <= 0.425 {
        return q * CENTRE.at(0.180625 - q * q);
    }
    let r = (-ln(p)).sqrt();
    if r <= 5.0 { SHOULDER.at(r - 1.6) } else { TAIL.at(r - 5.0) }
}

/// The natural logarithm of a positive number that is neither subnormal nor infinite, within 2 ulp:
/// ln x = e ln 2 + 2 artanh((m - 1) / (m + 1)), where x = m 2^e and m is near 1.
fn ln(x: f64) -> f64 {
    const LN_2_UPPER: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN_2_LOWER: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
    const SQRT_2: u64 = std::f64::consts::SQRT_2.to_bits();
    const ONE: u64 = 1.0_f64.to_bits();
    // The exponent e such that m = x / 2^e lies in [sqrt(1/2), sqrt(2)).
    let exponent = (x.to_bits() as i64 + (ONE as i64 - SQRT_2 as i64 + (1 << 52))) >> 52;
    let exponent = exponent - 1023;
    let m = f64::from_bits((x.to_bits() as i64 - (exponent << 52)) as u64);
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let series = z * horner_in_pairs(&ARTANH, z);
    let exponent = exponent as f64;
    exponent * LN_2_UPPER + (2.0 * s + (2.0 * s * series + exponent * LN_2_LOWER))
}

/// A polynomial, highest power first, as a Horner scheme in r^2 over pairs: half the waiting of the
/// plain scheme, and as fixed an order.
#[inline]
fn horner_in_pairs<const N: usize>(coefficients: &[f64; N], r: f64) -> f64 {
    let square = r * r;
    let pairs = coefficients.chunks_exact(2);
    pairs.fold(0.0, |sum, pair| sum * square + (pair[0] * r + pair[1]))
}

/// A ratio of two polynomials of degree 7, highest power first.
struct Ratio {
    numerator: [f64; 8],
    denominator: [f64; 8],
}

impl Ratio {
    #[inline]
    fn at(&self, r: f64) -> f64 {
        horner_in_pairs(&self.numerator, r) / horner_in_pairs(&self.denominator, r)
    }
}

/// 1/21 to 1/3: artanh s = s + s z (1/3 + z (1/5 + ..)) with z = s^2, below 0.03.
static ARTANH: [f64; 10] = [
    1.0 / 21.0,
    1.0 / 19.0,
    1.0 / 17.0,
    1.0 / 15.0,
    1.0 / 13.0,
    1.0 / 11.0,
    1.0 / 9.0,
    1.0 / 7.0,
    1.0 / 5.0,
    1.0 / 3.0,
];

/// |p - 1/2| <= 0.425, in 0.425^2 - (p - 1/2)^2.
#[rustfmt::skip]
static CENTRE: Ratio = Ratio {
    numerator: [
        2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987,
        13731.69376550946, 1971.5909503065513, 133.14166789178438, 3.3871328727963665,
    ],
    denominator: [
        5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597,
        5394.196021424751, 687.1870074920579, 42.31333070160091, 1.0,
    ],
};

/// In sqrt(-ln p) - 1.6, up to p = exp(-25).
#[rustfmt::skip]
static SHOULDER: Ratio = Ratio {
    numerator: [
        0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
        3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835,
    ],
    denominator: [
        1.0507500716444169e-09, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
        0.6897673349851, 1.6763848301838038, 2.053191626637759, 1.0,
    ],
};

/// In sqrt(-ln p) - 5, beyond.
#[rustfmt::skip]
static TAIL: Ratio = Ratio {
    numerator: [
        2.0103343992922881e-07, 2.7115555687434876e-05, 0.0012426609473880784, 0.026532189526576124,
        0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
    ],
    denominator: [
        2.0442631033899397e-15, 1.421511758316446e-07, 1.8463183175100548e-05,
        0.0007868691311456133, 0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1.0,
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm_is_within_two_ulp() {
        let mut x = 1e-20;
        while x < 1e20 {
            let (ours, theirs) = (ln(x), x.ln());
            assert!((ours - theirs).abs() <= 5e-16 * theirs.abs(), "ln {x}: {ours}, {theirs}");
            x *= 1.000_37;
        }
        assert_eq!(ln(1.0).to_bits(), 0);
    }

    /// Values of the exact quantile, as the nearest f64.
    #[test]
    fn quantiles_in_every_region() {
        for (p, exact) in [
            (0.49, 0.025068908258711057),
            (0.3, 0.5244005127080408),
            (0.1, 1.2815515655446004),
            (0.075, 1.439531470938456),
            (0.05, 1.6448536269514726),
            (0.001, 3.0902323061678136),
            (1e-10, 6.361340902404057),
            (1e-12, 7.034483825301132),
            (1e-16, 8.222082216130435),
        ] {
            let ours = normal_exceeded_with(p);
            assert!((ours - exact).abs() <= 1e-15 * exact, "{p}: {ours} is not {exact}");
        }
        assert_eq!(normal_exceeded_with(0.5).to_bits(), 0);
    }
}
