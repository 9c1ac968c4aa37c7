//! Rows that nested spaces of Gymnasium drew, line by line: see `tests/golden/spaces.py`.

use super::*;
use crate::rng::golden::calls;

const GYMNASIUM: &str = include_str!("../../../tests/golden/spaces.txt");

/// The spaces of the script.
fn space(name: &str) -> Space {
    let pi = std::f64::consts::PI;
    match name {
        "pair" => Space::tuple([Space::discrete_from(5, -2), Space::discrete(2)]),
        "goal" => Space::dict([
            ("observation", Space::unbounded::<f64>(&[4])),
            ("achieved_goal", Space::range::<f64>(-1.0, 1.0, &[2])),
            ("desired_goal", Space::bounded(&[-1.0, 0.5], &[0.1, f64::INFINITY])),
        ]),
        "rover" => {
            let tools = [
                Space::MultiDiscrete { n: vec![4, 7], start: vec![1, -3] },
                Space::discrete_from(9, 1 << 40),
            ];
            let arm = [
                ("joints", Space::range::<f32>(-pi, pi, &[3])),
                ("grip", Space::multi_binary(3)),
                ("tools", Space::tuple(tools)),
            ];
            let far = (1_i64 << 40) as f64;
            Space::dict([
                ("zone", Space::discrete(3)),
                ("camera", Space::range::<u8>(0.0, 255.0, &[2, 2])),
                ("arm", Space::dict(arm)),
                ("odometer", Space::range::<i64>(-far, far, &[2])),
            ])
        }
        "letter" => Space::tuple([
            Space::text(0, 6, "abcdefg"),
            Space::dict([("b", Space::text(1, 2, "xy")), ("a", Space::discrete(4))]),
        ]),
        "deep" => Space::tuple([
            Space::tuple([
                Space::tuple([Space::range::<f32>(0.1, 0.3, &[2])]),
                Space::multi_binary(1),
            ]),
            Space::tuple([Space::discrete(1)]),
        ]),
        "mixed" => Space::tuple([Space::range::<f32>(-1.0, 1.0, &[1]), Space::discrete(4)]),
        "choice" => Space::discrete_from(5, 3),
        "choices" => Space::MultiDiscrete { n: vec![3, 2, 4], start: vec![0, 5, -1] },
        "counts" => Space::bounded(&[0_i64, -7], &[9, 7]),
        _ => panic!("the golden file has a space that is not tested: {name}"),
    }
}

/// An element as the script writes it, of a space that may hold both kinds of numbers.
fn element(text: &str) -> f64 {
    match u64::from_str_radix(text, 16) {
        Ok(bits) if text.len() == 16 => f64::from_bits(bits),
        _ => text.parse::<i64>().expect("no float is a whole number") as f64,
    }
}

#[test]
fn every_row_equals_gymnasium() {
    let mut compared = 0;
    for (line, name, arguments, expected) in calls(GYMNASIUM) {
        let space = space(name);
        let seed = arguments[0].parse().expect("a seed is a number");
        let mask: Option<Vec<u8>> = (arguments[1] != "-").then(|| {
            arguments[1].split(',').map(|choice| choice.parse().expect("0 or 1")).collect()
        });
        let mut sampler = SpaceSampler::new(&space, seed).expect("the space is sound");
        for sample in expected.split(';') {
            let mut row = vec![f64::NAN; space.width()];
            sampler.sample(mask.as_deref(), &mut row);
            let expected: Vec<u64> =
                sample.split(',').map(|text| element(text).to_bits()).collect();
            let bits: Vec<u64> = row.iter().map(|value| value.to_bits()).collect();
            assert_eq!(bits, expected, "line {line}: {name} {arguments:?} drew {row:?}");
            assert_eq!(space.check(&row), Ok(()), "line {line}: {name}");
            compared += 1;
        }
    }
    assert!(compared > 350, "only {compared} rows in the golden file");
}

#[test]
fn rows_of_every_number_type_hold_the_same_draws() {
    fn draw<T: Element>(space: &Space) -> Vec<f64> {
        let mut row = vec![T::default(); space.width()];
        SpaceSampler::new(space, 3).expect("the space is sound").sample(None, &mut row);
        row.into_iter().map(T::to_f64).collect()
    }
    let space = Space::tuple([Space::discrete(200), Space::multi_binary(3)]);
    let expected = draw::<f64>(&space);
    assert!(expected.iter().any(|&value| value > 0.0));
    assert_eq!(draw::<i64>(&space), expected);
    assert_eq!(draw::<f32>(&space), expected);
    assert_eq!(draw::<u8>(&space), expected);
    // An f64 could not hold this one.
    let far = Space::discrete_from(2, (1 << 53) + 1);
    let mut row = [0_i64];
    SpaceSampler::new(&far, 0).expect("the space is sound").sample(Some(&[1, 0]), &mut row);
    assert_eq!(row, [(1 << 53) + 1]);
}

#[test]
fn a_space_with_a_flaw_has_no_draws() {
    let error = SpaceSampler::new(&Space::discrete(0), 0).expect_err("it has no choices");
    assert_eq!(error.message, "a Discrete without choices");
}

#[test]
#[should_panic(expected = "a mask has a place for each choice")]
fn a_mask_for_a_space_that_takes_none() {
    let mut sampler = SpaceSampler::new(&Space::multi_binary(2), 0).expect("the space is sound");
    sampler.sample(Some(&[1, 0]), &mut [0_u8; 2]);
}
