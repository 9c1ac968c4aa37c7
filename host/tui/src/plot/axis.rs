//! Round numbers along an axis, and numbers in few letters.

use super::Scale;

/// Round numbers within a range, about as many as wanted, with their texts.
pub fn ticks(from: f64, to: f64, wanted: usize) -> Vec<(f64, String)> {
    let step = round_step((to - from) / wanted.max(1) as f64);
    if !(step > 0.0 && step.is_finite()) {
        return Vec::new();
    }
    let first = (from / step).ceil() as i64;
    let last = ((to / step) * (1.0 + 1e-12)).floor() as i64;
    let number = |idx: i64| idx as f64 * step;
    (first..=last.min(first + 40)).map(|idx| (number(idx), near(number(idx), step))).collect()
}

/// Round numbers along an axis that may grow by powers of ten.
pub(super) fn ticks_scaled(range: (f64, f64), scale: Scale, wanted: usize) -> Vec<(f64, String)> {
    if scale == Scale::Linear {
        return ticks(range.0, range.1, wanted);
    }
    let (from, to) = (scale.flat(range.0), scale.flat(range.1));
    if to - from < 1.5 {
        return ticks(range.0, range.1, wanted);
    }
    let powers = ticks(from, to, wanted);
    powers
        .into_iter()
        .map(|(flat, _)| {
            let power = 10_f64.powf(flat.abs().round());
            match (scale, flat.round() as i64) {
                (Scale::Symlog, 0) => 0.0,
                (Scale::Symlog, flat) => power.copysign(flat as f64),
                (_, flat) => 10_f64.powi(flat as i32),
            }
        })
        .map(|number| (number, short(number)))
        .fold(Vec::new(), |mut all, tick| {
            if all.last().is_none_or(|last: &(f64, String)| last.1 != tick.1) {
                all.push(tick);
            }
            all
        })
}

/// 1, 2 or 5 times a power of ten that is at least this.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= step * 0.999);
    factor.unwrap_or(10.0) * power
}

/// A multiple of a step, without digits that only rounding has put there.
fn near(number: f64, step: f64) -> String {
    if number.abs() < step / 2.0 { "0".to_owned() } else { short(number) }
}

/// A number in few letters: `1.25M`, `-0.5`, `3e-7`.
pub fn short(number: f64) -> String {
    let size = number.abs();
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if size == 0.0 || !number.is_finite() {
        return if size == 0.0 { "0".to_owned() } else { format!("{number}") };
    }
    if !(1e-3..1e15).contains(&size) {
        return format!("{number:.1e}").replace(".0e", "e");
    }
    let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")];
    let unit = units.iter().find(|(from, _)| size >= 0.999_95 * from);
    let (value, unit) = match unit {
        Some((1e4, _)) => (number / 1e3, "k"),
        Some((unit, letter)) => (number / unit, *letter),
        None => (number, ""),
    };
    let decimals = (2 - value.abs().log10().floor() as i32).clamp(0, 5) as usize;
    let text = format!("{value:.decimals$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_true() {
        let cases = [
            (0.0, "0"),
            (475.0, "475"),
            (-13.25, "-13.2"),
            (0.5, "0.5"),
            (0.0123, "0.0123"),
            (1234.0, "1234"),
            (12_345.0, "12.3k"),
            (200_000.0, "200k"),
            (1_250_000.0, "1.25M"),
            (2e9, "2G"),
            (3e-7, "3e-7"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "inf"),
        ];
        for (number, expected) in cases {
            assert_eq!(short(number), expected);
        }
    }

    #[test]
    fn ticks_are_round_and_within() {
        let texts = |from, to, wanted| {
            let ticks = ticks(from, to, wanted);
            assert!(ticks.iter().all(|(at, _)| (from..=to * 1.000_001 + 1e-12).contains(at)));
            ticks.into_iter().map(|(_, text)| text).collect::<Vec<_>>()
        };
        assert_eq!(texts(0.0, 1e6, 5), ["0", "200k", "400k", "600k", "800k", "1M"]);
        assert_eq!(texts(-0.3, 0.7, 5), ["-0.2", "0", "0.2", "0.4", "0.6"]);
        assert_eq!(texts(3.0, 3.0, 5), Vec::<String>::new());
        let powers = ticks_scaled((0.01, 5000.0), Scale::Log, 8);
        let powers: Vec<_> = powers.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(powers, ["0.01", "0.1", "1", "10", "100", "1000"]);
    }
}
