//! Replays what numpy drew, line by line, and what a second implementation says of the streams: see
//! `tests/golden/rng.py` and `stream.py`.

use super::{Rng, SeedSequence, Stream, derive};

const NUMPY: &str = include_str!("../../tests/golden/rng.txt");
const STREAMS: &str = include_str!("../../tests/golden/stream.txt");

#[test]
fn every_draw_equals_numpy() {
    let mut rng = Rng::seeded(0);
    let mut sequence = SeedSequence::new(0);
    let mut compared = 0;
    for (line, name, arguments, expected) in calls(NUMPY) {
        let result = match name {
            "seed" | "sequence" | "entropy" => {
                sequence = sequence_of(name, &arguments);
                rng = Rng::from_sequence(&sequence);
                if name == "entropy" { hex(&sequence.generate_u64(1)) } else { "-".into() }
            }
            "generate_u32" => hex(&sequence.generate_u32(number(arguments[0]))),
            "generate_u64" => hex(&sequence.generate_u64(number(arguments[0]))),
            "grandchild" => {
                sequence.spawn(2);
                hex(&sequence.spawn(3)[1].spawn(1)[0].generate_u64(1))
            }
            "derive" => hex(&[derive(number(arguments[0]), arguments[1], number(arguments[2]))]),
            "jumped" => hex(&Rng::from_sequence(&sequence).jumped(number(arguments[0])).words()),
            "words" => hex(&rng.words()),
            "digest" => run(&mut rng, arguments[0], number(arguments[1])),
            _ => draw(&mut rng, name, &arguments),
        };
        assert_eq!(result, expected, "line {line}: {name} {arguments:?}");
        compared += 1;
    }
    assert!(compared > 600, "only {compared} lines in the golden file");
}

/// The bits are part of every recorded run: they must never change, on any machine.
#[test]
fn every_stream_equals_the_second_implementation() {
    for (line, name, arguments, expected) in calls(STREAMS) {
        let [a, b, c] = [0, 1, 2].map(|at| number::<u64>(arguments[at]));
        let stream = Stream::new(a, b);
        let result = match name {
            "at" => hex(&stream.at(c)),
            "random" => bits(stream.random(c)),
            "below" => stream.below(c, 1000).to_string(),
            "word" => hex(&[stream.word(c)]),
            "normal" => bits(stream.normal(c)),
            "words" => {
                let mut words = vec![0; c as usize];
                Stream::fill_u32(a, 0, b, &mut words);
                digest(words.into_iter().map(u64::from))
            }
            "normals" => digest((0..c).map(|at| Stream::new(a, at % b).normal(at).to_bits())),
            _ => panic!("the golden file has a draw that is not tested: {name}"),
        };
        assert_eq!(result, expected, "line {line}: {name} {arguments:?}");
    }
}

/// Line number, name, arguments and result of each call in a golden file.
pub(crate) fn calls(text: &str) -> impl Iterator<Item = (usize, &str, Vec<&str>, &str)> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#'));
    lines.map(|(at, line)| {
        let (call, expected) = line.split_once(" = ").expect("a line is `call = result`");
        let mut words = call.split_whitespace();
        let name = words.next().expect("a call has a name");
        (at, name, words.collect(), expected)
    })
}

fn sequence_of(name: &str, arguments: &[&str]) -> SeedSequence {
    match name {
        "seed" => SeedSequence::new(number(arguments[0])),
        "entropy" => SeedSequence::from(number::<u128>(arguments[0])),
        _ => SeedSequence::with_spawn_key(list(arguments[0]), list(arguments[1])),
    }
}

/// The results of one operation, written as the script writes them.
fn draw(rng: &mut Rng, name: &str, arguments: &[&str]) -> String {
    match name {
        "advance" => {
            rng.advance(number(arguments[0]));
            "-".into()
        }
        "random" | "random_f32" | "standard_normal" | "standard_exponential" => {
            bits(f64::from_bits(one(rng, name)))
        }
        "uniform" => bits(rng.uniform(float(arguments[0]), float(arguments[1]))),
        "normal" => bits(rng.normal(float(arguments[0]), float(arguments[1]))),
        "exponential" => bits(rng.exponential(float(arguments[0]))),
        "geometric" => rng.geometric(float(arguments[0])).to_string(),
        "choice" => rng.choice(number(arguments[0])).to_string(),
        "choice_weighted" => {
            let weights: Vec<f64> = arguments[0].split(',').map(float).collect();
            rng.choice_weighted(&weights).to_string()
        }
        "permutation" => join(&rng.permutation(number(arguments[0]))),
        "shuffle" => {
            let mut items: Vec<usize> = (0..number(arguments[0])).collect();
            rng.shuffle(&mut items);
            join(&items)
        }
        "choice_without_replacement" => {
            join(&rng.choice_without_replacement(number(arguments[0]), number(arguments[1])))
        }
        "choice_many_without_replacement" => {
            let chosen = rng.choice_without_replacement(number(arguments[0]), number(arguments[1]));
            digest(chosen.into_iter().map(|value| value as u64))
        }
        _ => draw_integers(rng, name, arguments),
    }
}

fn draw_integers(rng: &mut Rng, name: &str, arguments: &[&str]) -> String {
    let (low, high) = (arguments[0], arguments[1]);
    match name {
        "integers" => rng.integers(number(low), number(high)).to_string(),
        "integers_inclusive" => rng.integers_inclusive(number(low), number(high)).to_string(),
        "integers_i32" => rng.integers_i32(number(low), number(high)).to_string(),
        "integers_u32" => rng.integers_u32(number(low), number(high)).to_string(),
        "integers_u8" => rng.integers_u8(number(low), number(high)).to_string(),
        "fill_integers_u8" => {
            let mut values = vec![0; number(arguments[2])];
            rng.fill_integers_u8(number(low), number(high), &mut values);
            join(&values)
        }
        _ => panic!("the golden file has an operation that is not tested: {name}"),
    }
}

/// The digest of a long run of one law.
fn run(rng: &mut Rng, name: &str, n: usize) -> String {
    digest((0..n).map(|_| one(rng, name)))
}

fn one(rng: &mut Rng, name: &str) -> u64 {
    match name {
        "random" => rng.random().to_bits(),
        "random_f32" => f64::from(rng.random_f32()).to_bits(),
        "standard_normal" => rng.standard_normal().to_bits(),
        "standard_exponential" => rng.standard_exponential().to_bits(),
        "integers" => rng.integers(-5, (1 << 31) + (1 << 30)) as u64,
        "geometric" => rng.geometric(0.25) as u64,
        _ => panic!("the golden file has a law that is not tested: {name}"),
    }
}

/// FNV-1a over 64-bit words, folded so that two flipped signs do not cancel out.
fn digest(words: impl Iterator<Item = u64>) -> String {
    let state = words.fold(0xcbf2_9ce4_8422_2325_u64, |state, word| {
        let state = (state ^ word).wrapping_mul(0x0100_0000_01b3);
        state ^ state >> 32
    });
    format!("{state:016x}")
}

pub(super) fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().ok().unwrap_or_else(|| panic!("{text} is not a number of this type"))
}

pub(super) fn list<T: std::str::FromStr>(text: &str) -> Vec<T> {
    if text == "-" { Vec::new() } else { text.split(',').map(number).collect() }
}

pub(super) fn float(text: &str) -> f64 {
    f64::from_bits(u64::from_str_radix(text, 16).expect("a float is written as its bits"))
}

pub(super) fn bits(value: f64) -> String {
    format!("{:016x}", value.to_bits())
}

fn hex<T: std::fmt::LowerHex>(words: &[T]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("{word:x}")).collect();
    words.join(" ")
}

pub(super) fn join<T: ToString>(values: &[T]) -> String {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    values.join(",")
}
