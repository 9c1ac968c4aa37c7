//! A policy as an ONNX model: `observation` in, `action` out, any number of rows.
//!
//! Field numbers are those of `onnx.proto`, version 8 of the format, operators of set 17.

use super::policy::{CLIP, Choice, EPSILON, Layer, Policy};
use super::records::Message;

const FLOAT: u64 = 1;
const INT64: u64 = 7;

/// A graph under construction.
#[derive(Debug, Default)]
struct Graph {
    nodes: Vec<Message>,
    tensors: Vec<Message>,
}

/// The bytes of the model.
pub(crate) fn model(policy: &Policy, producer: &str) -> Vec<u8> {
    let mut graph = Graph::default();
    let inputs = graph.inputs(policy);
    let outputs = graph.layers(policy, inputs);
    let kind = graph.action(policy, outputs);
    let (width, actions) = match policy.choice {
        Choice::Largest(_) => (policy.width, 1),
        _ => (policy.width, policy.decisive()),
    };
    let mut body = Message::default();
    for node in &graph.nodes {
        body = body.message(1, node);
    }
    body = body.bytes(2, b"policy");
    for tensor in &graph.tensors {
        body = body.message(5, tensor);
    }
    body = body.message(11, &value("observation", FLOAT, width));
    body = body.message(12, &value("action", kind, actions));
    let operators = Message::default().bytes(1, b"").int(2, 17);
    let model = Message::default()
        .int(1, 8)
        .bytes(2, producer.as_bytes())
        .message(7, &body)
        .message(8, &operators);
    model.as_bytes().to_vec()
}

impl Graph {
    fn node(&mut self, operator: &str, inputs: &[&str], output: &str, attributes: &[Message]) {
        let mut node = Message::default();
        for input in inputs {
            node = node.bytes(1, input.as_bytes());
        }
        node = node.bytes(2, output.as_bytes()).bytes(3, output.as_bytes());
        node = node.bytes(4, operator.as_bytes());
        for attribute in attributes {
            node = node.message(5, attribute);
        }
        self.nodes.push(node);
    }

    fn floats(&mut self, name: &str, shape: &[usize], numbers: &[f32]) {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.tensor(name, shape, FLOAT, &bytes);
    }

    fn ints(&mut self, name: &str, shape: &[usize], numbers: &[i64]) {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.tensor(name, shape, INT64, &bytes);
    }

    fn tensor(&mut self, name: &str, shape: &[usize], kind: u64, bytes: &[u8]) {
        let mut tensor = Message::default();
        for &extent in shape {
            tensor = tensor.int(1, extent as u64);
        }
        self.tensors.push(tensor.int(2, kind).bytes(8, name.as_bytes()).bytes(9, bytes));
    }

    /// From observations to what the first layer takes.
    fn inputs(&mut self, policy: &Policy) -> String {
        let mut last = "observation".to_owned();
        if let Some((n, start)) = policy.one_hot {
            let rows = |row: usize| (0..n).map(move |column| f32::from(row == column));
            let hots: Vec<f32> = (0..n).flat_map(rows).collect();
            self.floats("one_hots", &[n, n], &hots);
            self.ints("first_state", &[], &[start]);
            self.ints("column", &[1], &[1]);
            self.node("Cast", &[&last], "state", &[attribute("to").int(3, INT64).int(20, 2)]);
            self.node("Squeeze", &["state", "column"], "state_of_row", &[]);
            self.node("Sub", &["state_of_row", "first_state"], "state_from_0", &[]);
            self.node("Gather", &["one_hots", "state_from_0"], "one_hot", &[]);
            "one_hot".clone_into(&mut last);
        }
        if let Some((shift, inverse)) = &policy.normal {
            self.floats("mean", &[shift.len()], shift);
            self.floats("inverse_deviation", &[inverse.len()], inverse);
            self.floats("lowest", &[], &[-CLIP]);
            self.floats("highest", &[], &[CLIP]);
            self.node("Sub", &[&last, "mean"], "centred", &[]);
            self.node("Mul", &["centred", "inverse_deviation"], "scaled", &[]);
            self.node("Clip", &["scaled", "lowest", "highest"], "normal", &[]);
            "normal".clone_into(&mut last);
        }
        last
    }

    fn layers(&mut self, policy: &Policy, inputs: String) -> String {
        let mut last = inputs;
        for (place, layer) in policy.layers.iter().enumerate() {
            let named = |what: &str| format!("layer{place}_{what}");
            let Layer { inputs, outputs, weight, bias, norm } = layer;
            self.floats(&named("weight"), &[*inputs, *outputs], weight);
            self.floats(&named("bias"), &[*outputs], bias);
            self.node("Gemm", &[&last, &named("weight"), &named("bias")], &named("sums"), &[]);
            last = named("sums");
            if let Some((gain, shift)) = norm {
                self.floats(&named("gain"), &[*outputs], gain);
                self.floats(&named("shift"), &[*outputs], shift);
                let epsilon = attribute("epsilon").float(2, EPSILON).int(20, 1);
                let from = [last, named("gain"), named("shift")];
                let from = from.each_ref().map(String::as_str);
                self.node("LayerNormalization", &from, &named("normed"), &[epsilon]);
                last = named("normed");
            }
            if place + 1 < policy.layers.len() {
                let operator = if policy.is_tanh { "Tanh" } else { "Relu" };
                self.node(operator, &[&last], &named("outputs"), &[]);
                last = named("outputs");
            }
        }
        last
    }

    /// From what the last layer puts out to the action; says what numbers that has.
    fn action(&mut self, policy: &Policy, mut last: String) -> u64 {
        let (low, high) = match &policy.choice {
            Choice::Largest(start) => {
                let attributes = [attribute("axis").int(3, 1).int(20, 2)];
                self.ints("first_action", &[], &[*start]);
                self.node("ArgMax", &[&last], "largest", &attributes);
                self.node("Add", &["largest", "first_action"], "action", &[]);
                return INT64;
            }
            Choice::Means { low, high } | Choice::Squashed { low, high } => (low, high),
        };
        let width = low.len();
        if policy.layers.last().is_some_and(|layer| layer.outputs > width) {
            self.ints("from", &[1], &[0]);
            self.ints("to", &[1], &[width as i64]);
            self.ints("axis", &[1], &[1]);
            self.node("Slice", &[&last, "from", "to", "axis"], "means", &[]);
            "means".clone_into(&mut last);
        }
        if let Choice::Means { .. } = policy.choice {
            self.floats("low", &[width], low);
            self.floats("high", &[width], high);
            self.node("Max", &[&last, "low"], "not_below", &[]);
            self.node("Min", &["not_below", "high"], "action", &[]);
            return FLOAT;
        }
        let pairs = || low.iter().zip(high);
        let half: Vec<f32> = pairs().map(|(low, high)| (high - low) / 2.0).collect();
        let middle: Vec<f32> = pairs().map(|(low, high)| f32::midpoint(*low, *high)).collect();
        self.floats("half_range", &[width], &half);
        self.floats("middle", &[width], &middle);
        self.node("Tanh", &[&last], "squashed", &[]);
        self.node("Mul", &["squashed", "half_range"], "stretched", &[]);
        self.node("Add", &["stretched", "middle"], "action", &[]);
        FLOAT
    }
}

fn attribute(name: &str) -> Message {
    Message::default().bytes(1, name.as_bytes())
}

/// An input or output: rows of so many numbers.
fn value(name: &str, kind: u64, width: usize) -> Message {
    let rows = Message::default().bytes(2, b"rows");
    let columns = Message::default().int(1, width as u64);
    let shape = Message::default().message(1, &rows).message(1, &columns);
    let tensor = Message::default().int(1, kind).message(2, &shape);
    let kind = Message::default().message(1, &tensor);
    Message::default().bytes(1, name.as_bytes()).message(2, &kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    /// Reads rows of observations and prints an action for each.
    const SCRIPT: &str = "
import sys, numpy, onnx, onnxruntime
model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
rows = numpy.array(eval(sys.argv[2]), dtype=numpy.float32)
actions, = onnxruntime.InferenceSession(sys.argv[1]).run(None, {'observation': rows})
for row in actions:
    print(*row)
";

    fn numbers(count: usize, seed: f32) -> Vec<f32> {
        (0..count).map(|idx| ((idx as f32 + seed) * 12.9898).sin()).collect()
    }

    fn layer(inputs: usize, outputs: usize, is_normed: bool) -> Layer {
        let norm = is_normed.then(|| (numbers(outputs, 3.0), numbers(outputs, 4.0)));
        let (weight, bias) = (numbers(inputs * outputs, 1.0), numbers(outputs, 2.0));
        Layer { inputs, outputs, weight, bias, norm }
    }

    fn action(policy: &Policy, obs: &[f32]) -> Vec<f32> {
        let outputs = policy.outputs(obs);
        let bounded = |low: &[f32], high: &[f32], act: fn(f32, f32, f32) -> f32| {
            let bounds = low.iter().zip(high);
            outputs.iter().zip(bounds).map(|(&x, (&low, &high))| act(x, low, high)).collect()
        };
        match &policy.choice {
            Choice::Largest(start) => {
                let largest = outputs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let place = outputs.iter().position(|x| x.to_bits() == largest.to_bits());
                vec![(place.expect("it is one of them") as i64 + start) as f32]
            }
            Choice::Means { low, high } => bounded(low, high, |x, low, high| x.clamp(low, high)),
            Choice::Squashed { low, high } => bounded(low, high, |x, low, high| {
                f32::midpoint(low, high) + x.tanh() * (high - low) / 2.0
            }),
        }
    }

    /// The runtime's own actions for a policy.
    fn theirs(policy: &Policy, rows: &[Vec<f32>]) -> Option<Vec<Vec<f32>>> {
        let known = Command::new("python3")
            .args(["-c", "import onnx, onnxruntime"])
            .stderr(Stdio::null())
            .status();
        if !known.is_ok_and(|status| status.success()) {
            println!("skipped: onnxruntime is not installed");
            return None;
        }
        let name = format!("thorndike-{}.onnx", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, model(policy, "test")).expect("the folder is writable");
        let command = Command::new("python3")
            .args(["-c", SCRIPT])
            .arg(&path)
            .arg(format!("{rows:?}"))
            .stderr(Stdio::inherit())
            .output();
        let out = command.expect("it was there").stdout;
        std::fs::remove_file(&path).expect("it is ours");
        let text = String::from_utf8(out).expect("only numbers are printed");
        let row = |line: &str| line.split(' ').map(|x| x.parse().expect("a number")).collect();
        Some(text.lines().map(row).collect())
    }

    #[test]
    fn the_runtime_does_what_the_policy_does() {
        let bounds = || (vec![-2.0, 0.0], vec![2.0, 0.5]);
        let choices = [
            Choice::Largest(3),
            Choice::Means { low: bounds().0, high: bounds().1 },
            Choice::Squashed { low: bounds().0, high: bounds().1 },
        ];
        for (case, choice) in choices.into_iter().enumerate() {
            let one_hot = (case == 0).then_some((5, 2));
            let width = if case == 0 { 1 } else { 4 };
            let inputs = if case == 0 { 5 } else { 4 };
            let policy = Policy {
                one_hot,
                width,
                normal: (case == 1).then(|| (numbers(4, 5.0), vec![3.0; 4])),
                layers: vec![layer(inputs, 6, case == 2), layer(6, 6, false), layer(6, 4, false)],
                is_tanh: case != 1,
                choice,
            };
            let rows: Vec<Vec<f32>> = (0..5)
                .map(|row| match one_hot {
                    Some((_, start)) => vec![(start + row) as f32],
                    None => numbers(width, 10.0 * row as f32),
                })
                .collect();
            let Some(theirs) = theirs(&policy, &rows) else { return };
            assert_eq!(theirs.len(), rows.len());
            for (row, theirs) in rows.iter().zip(theirs) {
                let ours = action(&policy, row);
                assert_eq!(ours.len(), theirs.len());
                for (ours, theirs) in ours.iter().zip(theirs) {
                    assert!((ours - theirs).abs() < 1e-5, "{case}: {ours} and {theirs}");
                }
            }
        }
    }
}
