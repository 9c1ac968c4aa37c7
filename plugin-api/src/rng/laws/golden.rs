//! Samples every law as Gymnasium did, line by line: see `tests/golden/laws.py`.

use super::super::golden::{bits, calls, float, join, list, number};
use super::*;

const GYMNASIUM: &str = include_str!("../../../tests/golden/laws.txt");

#[test]
fn every_sample_equals_gymnasium() {
    let mut compared = 0;
    for (line, law, arguments, expected) in calls(GYMNASIUM) {
        let seed = number(arguments[0]);
        let arguments = &arguments[1..];
        if law == "child_seeds" {
            assert_eq!(join(&child_seeds(seed, number(arguments[0]))), expected, "line {line}");
            continue;
        }
        let mut rng = Rng::seeded(seed);
        for sample in expected.split(';') {
            assert_eq!(draw(&mut rng, law, arguments), sample, "line {line}: {law} {arguments:?}");
            compared += 1;
        }
    }
    assert!(compared > 1000, "only {compared} samples in the golden file");
}

/// One sample, written as the script writes it.
fn draw(rng: &mut Rng, law: &str, arguments: &[&str]) -> String {
    match law {
        "box_f32" | "box_f64" | "box_i64" | "box_u8" => draw_box(rng, law, arguments),
        "discrete" => discrete(rng, number(arguments[0]), number(arguments[1])).to_string(),
        "discrete_masked" => {
            discrete_masked(rng, &list(arguments[0]), number(arguments[1])).to_string()
        }
        "discrete_weighted" => {
            discrete_weighted(rng, &floats(arguments[0]), number(arguments[1])).to_string()
        }
        "sequence_length" => sequence_length(rng).to_string(),
        _ if law.starts_with("text") => draw_text(rng, law, arguments),
        _ if law.starts_with("multi_discrete") => draw_multi_discrete(rng, law, arguments),
        _ => draw_multi_binary(rng, law, arguments[0]),
    }
}

fn draw_box(rng: &mut Rng, law: &str, arguments: &[&str]) -> String {
    let (low, high) = (arguments[0], arguments[1]);
    let count = low.split(',').count();
    match law {
        "box_f32" => {
            let mut out = vec![0.0; count];
            box_f32(rng, &singles(low), &singles(high), &mut out);
            let out: Vec<String> =
                out.into_iter().map(|value: f32| format!("{:08x}", value.to_bits())).collect();
            out.join(",")
        }
        "box_f64" => {
            let mut out = vec![0.0; count];
            box_f64(rng, &floats(low), &floats(high), &mut out);
            let out: Vec<String> = out.into_iter().map(bits).collect();
            out.join(",")
        }
        "box_i64" => {
            let bounds = |text: &str| -> Vec<Option<i64>> {
                let bound = |word| if word == "none" { None } else { Some(number(word)) };
                text.split(',').map(bound).collect()
            };
            let mut out = vec![0; count];
            box_i64(rng, &bounds(low), &bounds(high), &mut out);
            join(&out)
        }
        _ => {
            let mut out = vec![0; count];
            box_u8(rng, &list(low), &list(high), &mut out);
            join(&out)
        }
    }
}

fn draw_multi_discrete(rng: &mut Rng, law: &str, arguments: &[&str]) -> String {
    let counts: Vec<i64> = list(arguments[0]);
    let start: Vec<i64> = list(arguments[1]);
    let mut out = vec![0; counts.len()];
    match law {
        "multi_discrete" => multi_discrete(rng, &counts, &start, &mut out),
        "multi_discrete_masked" => {
            multi_discrete_masked(rng, &counts, &start, &list(arguments[2]), &mut out);
        }
        "multi_discrete_weighted" => {
            multi_discrete_weighted(rng, &counts, &start, &floats(arguments[2]), &mut out);
        }
        _ => panic!("the golden file has a law that is not tested: {law}"),
    }
    join(&out)
}

fn draw_multi_binary(rng: &mut Rng, law: &str, argument: &str) -> String {
    let count = argument.split(',').count();
    let mut out = vec![0; if law == "multi_binary" { number(argument) } else { count }];
    match law {
        "multi_binary" => multi_binary(rng, &mut out),
        "multi_binary_masked" => multi_binary_masked(rng, &list(argument), &mut out),
        "multi_binary_weighted" => multi_binary_weighted(rng, &floats(argument), &mut out),
        _ => panic!("the golden file has a law that is not tested: {law}"),
    }
    join(&out)
}

fn draw_text(rng: &mut Rng, law: &str, arguments: &[&str]) -> String {
    let length = text_length(rng, number(arguments[0]), number(arguments[1]));
    let mut out = vec![0; length];
    match law {
        "text" => text(rng, number(arguments[2]), &mut out),
        "text_masked" => text_masked(rng, &list(arguments[2]), &mut out),
        "text_weighted" => text_weighted(rng, &floats(arguments[2]), &mut out),
        _ => panic!("the golden file has a law that is not tested: {law}"),
    }
    if out.is_empty() { "-".into() } else { join(&out) }
}

fn floats(text: &str) -> Vec<f64> {
    text.split(',').map(float).collect()
}

fn singles(text: &str) -> Vec<f32> {
    let single = |word| u32::from_str_radix(word, 16).expect("a float is written as its bits");
    text.split(',').map(single).map(f32::from_bits).collect()
}
