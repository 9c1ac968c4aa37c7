//! Fixed-point numbers wide enough to compute tables of double-double constants at compile time.

/// An unsigned number with 64 bits before the point and 192 behind it, lowest limb first.
#[derive(Clone, Copy)]
pub(super) struct Fixed([u64; 4]);

impl Fixed {
    pub(super) const ZERO: Self = Self([0; 4]);
    pub(super) const ONE: Self = Self([0, 0, 0, 1]);

    /// The same number; it must not be negative, and its last bit not below 2⁻¹⁹².
    pub(super) const fn exactly(value: f64) -> Self {
        if value == 0.0 {
            return Self::ZERO;
        }
        let bits = value.to_bits();
        let mantissa = bits & ((1 << 52) - 1) | 1 << 52;
        let exponent = (bits >> 52) as i32 - 1075;
        let place = (exponent + 192) as u32;
        let (limb, shift) = ((place / 64) as usize, place % 64);
        let wide = (mantissa as u128) << shift;
        let mut limbs = [0; 4];
        limbs[limb] = wide as u64;
        if limb < 3 {
            limbs[limb + 1] = (wide >> 64) as u64;
        }
        Self(limbs)
    }

    /// The nearest `f64`; halfway cases do not occur among the constants computed here.
    pub(super) const fn nearest(self) -> f64 {
        let mut top = 256;
        while top > 0 && !self.bit(top - 1) {
            top -= 1;
        }
        let mut mantissa = 0_u64;
        let mut place = 0;
        while place < 53 {
            mantissa = mantissa << 1 | (top > place && self.bit(top - 1 - place)) as u64;
            place += 1;
        }
        if top == 0 {
            return 0.0;
        }
        let up = top > 53 && self.bit(top - 54);
        // A carry out of the mantissa moves on into the exponent, which is what it should do.
        let exponent = (top as i64 - 1 - 192 + 1023) as u64;
        f64::from_bits((exponent << 52 | mantissa & ((1 << 52) - 1)) + up as u64)
    }

    /// The nearest `f64`, and the nearest to what is left.
    pub(super) const fn split(self) -> (f64, f64) {
        let high = self.nearest();
        (high, self.beyond(high))
    }

    /// The nearest `f64` to the difference from a number that is not negative.
    pub(super) const fn beyond(self, value: f64) -> f64 {
        let value = Self::exactly(value);
        if self.less_than(value) {
            -value.minus(self).nearest()
        } else {
            self.minus(value).nearest()
        }
    }

    /// The nearest `f64` to self / value − 1, for a value close to self and from 1 to 2.
    pub(super) const fn relative_to(self, value: f64) -> f64 {
        const TWO_52: Fixed = Fixed::exactly((1_u64 << 52) as f64);
        let mantissa = value.to_bits() & ((1 << 52) - 1) | 1 << 52;
        let value = Self::exactly(value);
        if self.less_than(value) {
            -value.minus(self).times(TWO_52).over(mantissa).nearest()
        } else {
            self.minus(value).times(TWO_52).over(mantissa).nearest()
        }
    }

    const fn bit(self, place: usize) -> bool {
        self.0[place / 64] >> (place % 64) & 1 == 1
    }

    pub(super) const fn less_than(self, other: Self) -> bool {
        let mut limb = 4;
        while limb > 0 {
            limb -= 1;
            if self.0[limb] != other.0[limb] {
                return self.0[limb] < other.0[limb];
            }
        }
        false
    }

    pub(super) const fn is_zero(self) -> bool {
        !Self::ZERO.less_than(self)
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        let mut sum = [0; 4];
        let mut carry = 0;
        let mut limb = 0;
        while limb < 4 {
            let wide = self.0[limb] as u128 + other.0[limb] as u128 + carry;
            sum[limb] = wide as u64;
            carry = wide >> 64;
            limb += 1;
        }
        Self(sum)
    }

    /// The difference; `other` must not be greater.
    pub(super) const fn minus(self, other: Self) -> Self {
        let mut difference = [0; 4];
        let mut borrow = false;
        let mut limb = 0;
        while limb < 4 {
            let (part, first) = self.0[limb].overflowing_sub(other.0[limb]);
            let (part, second) = part.overflowing_sub(borrow as u64);
            difference[limb] = part;
            borrow = first || second;
            limb += 1;
        }
        Self(difference)
    }

    pub(super) const fn times(self, other: Self) -> Self {
        let mut product = [0_u64; 8];
        let mut low = 0;
        while low < 4 {
            let mut carry = 0;
            let mut high = 0;
            while high < 4 {
                let wide = self.0[low] as u128 * other.0[high] as u128
                    + product[low + high] as u128
                    + carry;
                product[low + high] = wide as u64;
                carry = wide >> 64;
                high += 1;
            }
            product[low + 4] = carry as u64;
            low += 1;
        }
        Self([product[3], product[4], product[5], product[6]])
    }

    pub(super) const fn over(self, divisor: u64) -> Self {
        let mut quotient = [0; 4];
        let mut rest = 0;
        let mut limb = 4;
        while limb > 0 {
            limb -= 1;
            let wide = rest << 64 | self.0[limb] as u128;
            quotient[limb] = (wide / divisor as u128) as u64;
            rest = wide % divisor as u128;
        }
        Self(quotient)
    }

    /// ln((n + 1) / (n − 1)) = 2 artanh(1/n), for n above 1.
    pub(super) const fn ln_of_neighbours(n: u64) -> Self {
        let mut power = Self::ONE.over(n);
        let mut sum = Self::ZERO;
        let mut term = 1;
        while !power.is_zero() {
            sum = sum.plus(power.over(term));
            power = power.over(n * n);
            term += 2;
        }
        sum.plus(sum)
    }

    /// log₂ of a number from 1 to 2, digit by digit: squaring it doubles the logarithm.
    pub(super) const fn log2(self) -> Self {
        let mut square = self;
        let mut sum = Self::ZERO;
        let mut digit = Self::ONE;
        let mut digits = 0;
        // Each squaring doubles the error too; a hundred digits leave ninety bits of it unused.
        while digits < 100 {
            digit = digit.over(2);
            square = square.times(square);
            if square.0[3] >= 2 {
                square = square.over(2);
                sum = sum.plus(digit);
            }
            digits += 1;
        }
        sum
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "every digit counts")]
mod tests {
    use super::*;

    #[test]
    fn constants_known_to_many_digits() {
        assert_eq!(Fixed::exactly(1.5).log2().nearest(), 0.584_962_500_721_156_2);
        assert_eq!(Fixed::ln_of_neighbours(3).nearest(), std::f64::consts::LN_2);
        // The second part of ln 2, as it is tabulated.
        let (_, low) = Fixed::ln_of_neighbours(3).split();
        assert_eq!(low, 2.319_046_813_846_299_6e-17);
    }

    #[test]
    fn conversions_keep_every_bit() {
        for value in [0.0, 1.0, 0.1, 1e-20, 0.999_999_999_999_999_9, 3.0, 1e15] {
            assert_eq!(Fixed::exactly(value).nearest(), value);
            assert_eq!(Fixed::exactly(value).plus(Fixed::ONE).beyond(1.0), value);
        }
    }
}
