//! What makes a space a space: whoever takes one from elsewhere asks here first.

use super::{Bounds, Space};
use crate::element::Dtype;
use crate::error::{Error, Result};

/// Most elements of a row, and most choices of a space that has a place for each.
const WIDTH_MAX: usize = 1 << 28;

/// What is wrong, as a fragment that begins with the kind of space.
type Flaw = Result<(), String>;

impl Space {
    /// Whether it holds a value, and every row, mask and draw of it can be made; the error says
    /// what is wrong and where.
    pub fn validate(&self) -> Result<()> {
        self.flaw().map_err(Error::new)
    }

    fn flaw(&self) -> Flaw {
        match self {
            Self::Box { low, high, shape, dtype } => box_flaw(low, high, shape, *dtype),
            Self::Discrete { n, start } => {
                choice_flaw(*n, *start).map_err(|flaw| format!("a Discrete {flaw}"))
            }
            Self::MultiDiscrete { n, start } => multi_discrete_flaw(n, start),
            Self::MultiBinary { n } => width_flaw("MultiBinary", Some(*n)),
            Self::Text { min, max, charset } => text_flaw(*min, *max, charset),
            Self::Dict(children) => {
                dict_flaw(children)?;
                for (name, child) in children {
                    child.flaw().map_err(|flaw| format!("child `{name}`: {flaw}"))?;
                }
                width_flaw("Dict", sum(children.iter().map(|(_, child)| child.width())))
            }
            Self::Tuple(children) => {
                for (idx, child) in children.iter().enumerate() {
                    child.flaw().map_err(|flaw| format!("child {idx}: {flaw}"))?;
                }
                width_flaw("Tuple", sum(children.iter().map(Self::width)))
            }
        }
    }
}

fn sum(mut widths: impl Iterator<Item = usize>) -> Option<usize> {
    widths.try_fold(0, usize::checked_add)
}

/// `None` stands for a width beyond all numbers.
fn width_flaw(kind: &str, width: Option<usize>) -> Flaw {
    match width {
        Some(0) => Err(format!("a {kind} without elements")),
        Some(1..=WIDTH_MAX) => Ok(()),
        _ => Err(format!("a {kind} of more than {WIDTH_MAX} elements")),
    }
}

fn box_flaw(low: &Bounds, high: &Bounds, shape: &[usize], dtype: Dtype) -> Flaw {
    let width = shape.iter().try_fold(1, |width: usize, &n| width.checked_mul(n));
    width_flaw("Box", width)?;
    let width = width.expect("it was just measured");
    for (which, bounds) in [("lower", low), ("upper", high)] {
        if let Bounds::Each(bounds) = bounds
            && bounds.len() != width
        {
            return Err(format!("a Box of {width} elements with {} {which} bounds", bounds.len()));
        }
    }
    // One bound for all elements need not be looked at for each of them.
    let different = |bounds: &Bounds| matches!(bounds, Bounds::Each(_));
    let different = if different(low) || different(high) { width } else { 1 };
    (0..different).try_for_each(|idx| {
        interval_flaw(low.at(idx), high.at(idx), dtype)
            .map_err(|flaw| format!("a Box whose element {idx} {flaw}"))
    })
}

fn interval_flaw(low: f64, high: f64, dtype: Dtype) -> Flaw {
    if let Some(bound) = [low, high].into_iter().find(|&bound| !is_bound(bound, dtype)) {
        return Err(format!(
            "has the bound {bound}, which is no {dtype}; `Space::range` and `Space::bounded` round"
        ));
    }
    if low > high {
        return Err(format!("has a lower bound of {low} above an upper bound of {high}"));
    }
    if low == f64::INFINITY || high == f64::NEG_INFINITY {
        return Err("lies at infinity".into());
    }
    if low.is_finite() && high.is_finite() && !(high - low).is_finite() {
        return Err(format!(
            "reaches from {low} to {high}, further than draws do; narrow it, or leave a bound out"
        ));
    }
    Ok(())
}

/// Whether a bound is a value of the number type, or none where the type has room for that.
fn is_bound(bound: f64, dtype: Dtype) -> bool {
    let whole = bound.fract() == 0.0;
    match dtype {
        Dtype::F64 => !bound.is_nan(),
        Dtype::F32 => f64::from(bound as f32).to_bits() == bound.to_bits() && !bound.is_nan(),
        // As a float, the greatest i64 is one more than it is.
        Dtype::I64 => {
            bound.is_infinite() || whole && (bound as i64 as f64).total_cmp(&bound).is_eq()
        }
        Dtype::U8 => whole && (0.0..=255.0).contains(&bound),
    }
}

fn choice_flaw(n: usize, start: i64) -> Flaw {
    if n == 0 {
        return Err("without choices".into());
    }
    let last = i64::try_from(n - 1).ok().and_then(|last| start.checked_add(last));
    if last.is_some_and(|last| last < i64::MAX) {
        return Ok(());
    }
    Err(format!("whose {n} choices from {start} go beyond the greatest i64"))
}

fn multi_discrete_flaw(n: &[usize], start: &[i64]) -> Flaw {
    if n.len() != start.len() {
        return Err(format!("a MultiDiscrete of {} choices with {} starts", n.len(), start.len()));
    }
    width_flaw("MultiDiscrete", Some(n.len()))?;
    for (idx, (&n, &start)) in n.iter().zip(start).enumerate() {
        choice_flaw(n, start)
            .map_err(|flaw| format!("a MultiDiscrete, its element {idx} {flaw}"))?;
    }
    Ok(())
}

fn text_flaw(min: usize, max: usize, charset: &str) -> Flaw {
    if min > max {
        return Err(format!("a Text of {min} to {max} characters"));
    }
    width_flaw("Text", Some(max))?;
    if charset.is_empty() {
        return Err("a Text without a charset".into());
    }
    let mut characters: Vec<char> = charset.chars().collect();
    characters.sort_unstable();
    match characters.windows(2).find(|two| two[0] == two[1]) {
        Some(two) => Err(format!("a Text whose charset has `{}` twice", two[0])),
        None => Ok(()),
    }
}

fn dict_flaw(children: &[(String, Space)]) -> Flaw {
    let names = || children.iter().map(|(name, _)| name);
    for (before, after) in names().zip(names().skip(1)) {
        if before == after {
            return Err(format!("a Dict with two children `{before}`"));
        }
        if before > after {
            return Err(format!(
                "a Dict with `{before}` before `{after}`; children are sorted by name"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(space: &Space, sentence: &str) {
        let error = space.validate().expect_err("it has a flaw");
        assert_eq!(error.message, sentence);
    }

    fn raw_box(low: f64, high: f64, dtype: Dtype) -> Space {
        Space::Box { low: Bounds::All(low), high: Bounds::All(high), shape: vec![2], dtype }
    }

    #[test]
    fn sound_spaces_pass() {
        let infinite = f64::INFINITY;
        for space in [
            Space::discrete(1),
            Space::discrete_from(5, -3),
            Space::discrete_from(3, i64::MAX - 3),
            Space::range::<f32>(-0.1, 0.1, &[3, 2]),
            Space::range::<f32>(f64::from(f32::MIN), f64::from(f32::MAX), &[]),
            Space::unbounded::<f64>(&[2]),
            Space::unbounded::<i64>(&[2]),
            Space::range::<f64>(0.0, infinite, &[1]),
            Space::range::<i64>(-9_223_372_036_854_775_808.0, 4.0, &[1]),
            Space::range::<u8>(0.0, 255.0, &[8, 8, 3]),
            Space::bounded(&[0.1_f32, -1.0], &[0.1, 2.0]),
            Space::multi_discrete(&[2, 3]),
            Space::multi_binary(4),
            Space::text(0, 3, "abc"),
            Space::dict([("b", Space::discrete(2)), ("a", Space::multi_binary(1))]),
            Space::tuple([Space::discrete(2), Space::text(1, 1, "x")]),
        ] {
            assert_eq!(space.validate(), Ok(()), "{space}");
        }
    }

    #[test]
    fn spaces_without_a_value_are_refused() {
        check(&Space::discrete(0), "a Discrete without choices");
        check(&Space::multi_binary(0), "a MultiBinary without elements");
        check(&Space::multi_discrete(&[]), "a MultiDiscrete without elements");
        check(&Space::multi_discrete(&[2, 0]), "a MultiDiscrete, its element 1 without choices");
        check(&Space::range::<f32>(0.0, 1.0, &[2, 0]), "a Box without elements");
        check(&Space::dict([]), "a Dict without elements");
        check(&Space::tuple([]), "a Tuple without elements");
        check(&Space::text(0, 0, "a"), "a Text without elements");
        check(&Space::text(0, 2, ""), "a Text without a charset");
        check(&Space::text(3, 2, "a"), "a Text of 3 to 2 characters");
        check(
            &Space::range::<f32>(1.0, 0.0, &[2]),
            "a Box whose element 0 has a lower bound of 1 above an upper bound of 0",
        );
        check(
            &Space::range::<f64>(f64::INFINITY, f64::INFINITY, &[1]),
            "a Box whose element 0 lies at infinity",
        );
    }

    #[test]
    fn bounds_that_are_no_values_are_refused() {
        let rounds = "`Space::range` and `Space::bounded` round";
        for (low, dtype) in [(0.1, Dtype::F32), (0.5, Dtype::I64), (1e300, Dtype::I64)] {
            check(
                &raw_box(low, f64::INFINITY, dtype),
                &format!(
                    "a Box whose element 0 has the bound {low}, which is no {dtype}; {rounds}"
                ),
            );
        }
        for (high, dtype) in
            [(256.0, Dtype::U8), (f64::INFINITY, Dtype::U8), (f64::NAN, Dtype::F64)]
        {
            check(
                &raw_box(0.0, high, dtype),
                &format!(
                    "a Box whose element 0 has the bound {high}, which is no {dtype}; {rounds}"
                ),
            );
        }
        check(
            &raw_box(f64::MIN, f64::MAX, Dtype::F64),
            &format!(
                "a Box whose element 0 reaches from {} to {}, further than draws do; narrow it, \
                 or leave a bound out",
                f64::MIN,
                f64::MAX
            ),
        );
        let last = Space::bounded(&[0.0_f64, 2.0], &[1.0, 1.0]);
        check(&last, "a Box whose element 1 has a lower bound of 2 above an upper bound of 1");
    }

    #[test]
    fn parts_that_do_not_fit_together_are_refused() {
        let each = |n| Bounds::Each(vec![0.0; n]);
        let space = |low, high| Space::Box { low, high, shape: vec![3], dtype: Dtype::F64 };
        check(&space(each(2), each(3)), "a Box of 3 elements with 2 lower bounds");
        check(&space(Bounds::All(0.0), each(4)), "a Box of 3 elements with 4 upper bounds");
        check(
            &Space::MultiDiscrete { n: vec![2, 2], start: vec![0] },
            "a MultiDiscrete of 2 choices with 1 starts",
        );
        check(&Space::text(1, 2, "abca"), "a Text whose charset has `a` twice");
        let children = |names: [&str; 2]| {
            Space::Dict(names.map(|name| (name.to_owned(), Space::discrete(2))).into())
        };
        check(&children(["a", "a"]), "a Dict with two children `a`");
        check(&children(["b", "a"]), "a Dict with `b` before `a`; children are sorted by name");
    }

    #[test]
    fn spaces_beyond_all_numbers_are_refused_without_counting_them() {
        check(
            &Space::range::<f32>(0.0, 1.0, &[usize::MAX, 2]),
            "a Box of more than 268435456 elements",
        );
        check(&Space::multi_binary(usize::MAX), "a MultiBinary of more than 268435456 elements");
        let wide = Space::multi_binary(1 << 28);
        check(&Space::tuple([wide.clone(), wide]), "a Tuple of more than 268435456 elements");
        check(
            &Space::discrete_from(3, i64::MAX - 2),
            &format!("a Discrete whose 3 choices from {} go beyond the greatest i64", i64::MAX - 2),
        );
    }

    #[test]
    fn the_way_to_a_child_is_told() {
        let inner = Space::tuple([Space::discrete(2), Space::discrete(0)]);
        check(&Space::dict([("goal", inner)]), "child `goal`: child 1: a Discrete without choices");
    }
}
