//! The average of agents: states of copies, tensor by tensor.
//!
//! Numbers with a fraction are averaged, whole ones stay each copy's own. What belongs to an
//! optimiser stands in a scope whose name ends in `optimiser`; what belongs to the lanes of a copy
//! is called `open`, and random numbers are called `rng`.

use plugin_api::archive::{Entry, Kind, State};
use plugin_api::{Error, Result};
use thorndike_session::Moments;

/// Whether agents with this state can be averaged at all.
pub(super) fn check(state: &State) -> Result<()> {
    let counts = |entry: &&Entry| {
        let is_count = matches!(entry.kind, Kind::I64 | Kind::U64 | Kind::I32 | Kind::U32);
        is_count && !entry.shape.is_empty() && !is_named(entry, "rng")
    };
    match state.entries.iter().find(counts) {
        Some(entry) => Err(unfit(entry, "holds whole numbers, of which there is no mean")),
        None => Ok(()),
    }
}

/// Gives `to` what all copies share as it is in `from`: so they begin alike.
pub(super) fn hand_over(from: &State, to: &mut State) -> Result<()> {
    for (from, to) in from.entries.iter().zip(&mut to.entries) {
        if is_shared(from, Moments::Average) {
            alike(from, to)?;
            to.bytes.clone_from(&from.bytes);
        }
    }
    Ok(())
}

/// Gives all states the mean of what they share, summed in their order. Returns how far they had
/// been apart: the deviation of parameters from their mean, as a part of the mean's size.
pub(super) fn average(states: &mut [State], moments: Moments) -> Result<f64> {
    let (mut apart, mut size) = (0.0, 0.0);
    let entries = states.first().map_or(0, |first| first.entries.len());
    for idx in 0..entries {
        let first = &states[0].entries[idx];
        for other in &states[1..] {
            let other = other.entries.get(idx).ok_or_else(|| unfit(first, "is not in all copies"));
            alike(first, other?)?;
        }
        if !is_shared(first, moments) {
            continue;
        }
        let all: Vec<Vec<f64>> = states.iter().map(|state| numbers(&state.entries[idx])).collect();
        let mean = mean(&all);
        if !is_moment(first) {
            size += mean.iter().map(|mean| mean * mean).sum::<f64>();
            let distance = |numbers: &Vec<f64>| -> f64 {
                numbers.iter().zip(&mean).map(|(number, mean)| (number - mean).powi(2)).sum()
            };
            apart += all.iter().map(distance).sum::<f64>() / all.len() as f64;
        }
        let bytes = to_bytes(first.kind, &mean);
        for state in &mut *states {
            state.entries[idx].bytes.clone_from(&bytes);
        }
    }
    Ok((apart / size.max(f64::MIN_POSITIVE)).sqrt())
}

/// Whether a tensor is averaged.
fn is_shared(entry: &Entry, moments: Moments) -> bool {
    let has_mean = matches!(entry.kind, Kind::F32 | Kind::F64);
    has_mean && !is_named(entry, "open") && (moments == Moments::Average || !is_moment(entry))
}

/// Whether a tensor belongs to an optimiser.
fn is_moment(entry: &Entry) -> bool {
    entry.name.rsplit('/').skip(1).any(|scope| scope.ends_with("optimiser"))
}

fn is_named(entry: &Entry, name: &str) -> bool {
    entry.name.rsplit('/').next() == Some(name)
}

/// Whether two copies name the same tensor, and agree in what has no mean.
fn alike(first: &Entry, other: &Entry) -> Result<()> {
    if (&first.name, first.kind, &first.shape) != (&other.name, other.kind, &other.shape) {
        return Err(unfit(first, "differs in its shape from copy to copy"));
    }
    let is_kept = matches!(first.kind, Kind::U8 | Kind::Bool) && !first.shape.is_empty();
    if is_kept && first.bytes != other.bytes {
        return Err(unfit(first, "holds whole numbers, of which there is no mean"));
    }
    Ok(())
}

fn unfit(entry: &Entry, why: &str) -> Error {
    Error::argument(format!(
        "copies of this agent cannot be averaged: `{}` of its state {why}; train it without \
         --copies, or several with --seeds",
        entry.name
    ))
}

fn mean(all: &[Vec<f64>]) -> Vec<f64> {
    let mut mean = all[0].clone();
    for numbers in &all[1..] {
        mean.iter_mut().zip(numbers).for_each(|(mean, number)| *mean += number);
    }
    for mean in &mut mean {
        *mean /= all.len() as f64;
    }
    mean
}

fn numbers(entry: &Entry) -> Vec<f64> {
    let bytes = &entry.bytes;
    if entry.kind == Kind::F32 {
        let (words, _) = bytes.as_chunks();
        words.iter().map(|&word| f64::from(f32::from_le_bytes(word))).collect()
    } else {
        let (words, _) = bytes.as_chunks();
        words.iter().map(|&word| f64::from_le_bytes(word)).collect()
    }
}

fn to_bytes(kind: Kind, numbers: &[f64]) -> Vec<u8> {
    if kind == Kind::F32 {
        numbers.iter().flat_map(|&number| (number as f32).to_le_bytes()).collect()
    } else {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_api::Archive;

    /// A state with a bit of everything, as far as `number` says.
    fn state(number: f32) -> State {
        let mut archive = Archive::saving();
        archive.slice("net/weight", &mut [number, 2.0 * number]);
        archive.scope("optimiser", |archive| {
            archive.value("steps", &mut (number as u64));
            archive.slice("first", &mut [f64::from(number)]);
        });
        archive.slice("returns/open", &mut [number]);
        archive.slice("rng", &mut [number as u64; 5]);
        archive.finish().expect("all names differ")
    }

    fn read(state: &State, name: &str) -> Vec<f64> {
        numbers(state.get(name).expect("it was named"))
    }

    #[test]
    fn the_mean_is_the_mean_and_the_rest_stays_where_it_is() {
        for (moments, expected) in [(Moments::Keep, [1.0, 4.0]), (Moments::Average, [2.5, 2.5])] {
            let mut states = [state(1.0), state(4.0)];
            let apart = average(&mut states, moments).expect("they can be averaged");
            // Weights (1, 2) and (4, 8): 1.5 and 3 away from (2.5, 5).
            assert!((apart - 0.6).abs() < 1e-12, "{apart}");
            for (state, (own, first)) in states.iter().zip([1.0, 4.0].into_iter().zip(expected)) {
                assert_eq!(read(state, "net/weight"), [2.5, 5.0]);
                assert_eq!(read(state, "optimiser/first"), [first]);
                assert_eq!(read(state, "returns/open"), [own]);
                let before = self::state(own as f32);
                assert_eq!(state.get("rng"), before.get("rng"));
                assert_eq!(state.get("optimiser/steps"), before.get("optimiser/steps"));
            }
        }
    }

    #[test]
    fn copies_begin_with_the_numbers_of_the_first_and_their_own_chance() {
        let mut other = state(4.0);
        hand_over(&state(1.0), &mut other).expect("they are alike");
        assert_eq!(read(&other, "net/weight"), [1.0, 2.0]);
        assert_eq!(read(&other, "optimiser/first"), [1.0]);
        assert_eq!(read(&other, "returns/open"), [4.0]);
        assert_eq!(other.get("rng"), state(4.0).get("rng"));
    }

    #[test]
    fn tables_of_counts_are_refused_by_name() {
        let mut archive = Archive::saving();
        archive.slice("visits", &mut [1_u32, 2]);
        let error = check(&archive.finish().expect("one tensor")).expect_err("counts");
        assert!(error.message.contains("`visits` of its state holds whole"), "{error}");
        check(&state(1.0)).expect("single counters stay each copy's own");
    }

    #[test]
    fn shapes_that_differ_are_refused() {
        let made = |len: usize| {
            let mut archive = Archive::saving();
            archive.list("seen", &mut vec![0.5_f32; len]);
            archive.finish().expect("one tensor")
        };
        let error = average(&mut [made(1), made(2)], Moments::Keep).expect_err("no mean");
        assert!(error.message.contains("`seen`"), "{error}");
    }
}
