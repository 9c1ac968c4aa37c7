//! What is exported, as other programs read it: TensorBoard's own reader, Python for tables and
//! texts, Pillow for pictures, safetensors for policies, ffprobe for films.

use crate::desk::{Desk, json};
use crate::python;
use serde_json::Value;
use std::process::Command;

/// A desk with a session `run`, and what it was exported as.
fn exported(forms: &[(&str, &str)]) -> Desk {
    let desk = Desk::new();
    desk.prints(
        "train q-learning FrozenLake-v1 --steps 20000 --session run --quiet --tensorboard live \
         --eval-every 10000",
    );
    for (form, path) in forms {
        desk.prints(&format!("export run --to {form} {path}"));
    }
    desk
}

fn table(desk: &Desk) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(desk.0.join("run.csv")).expect("it was written");
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// The points of a column, as steps and values.
fn column(table: &[Vec<String>], name: &str) -> Vec<(f64, f64)> {
    let at = table[0].iter().position(|head| head == name).expect("there is such a column");
    let point = |row: &Vec<String>| Some((row[0].parse().ok()?, row[at].parse().ok()?));
    table[1..].iter().filter_map(point).collect()
}

/// Numbers by what its page shows them as.
const TENSORBOARD: &str = "
import json, sys
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util
events = EventAccumulator(sys.argv[1], size_guidance={}, tensor_size_guidance={'tensors': 0})
events.Reload()
found = {'scalars': {}, 'histograms': {}, 'hparams': {}}
for tag in events.Tags()['tensors']:
    data = events.SummaryMetadata(tag).plugin_data
    if data.plugin_name == 'hparams':
        data = plugin_data_pb2.HParamsPluginData.FromString(data.content)
        for name, value in data.session_start_info.hparams.items():
            kind = value.WhichOneof('kind')
            found['hparams'][name] = getattr(value, kind)
        continue
    rows = [(event.step, tensor_util.make_ndarray(event.tensor_proto)) for event in
            events.Tensors(tag)]
    if data.plugin_name == 'scalars':
        found['scalars'][tag] = [(step, float(value)) for step, value in rows]
    elif data.plugin_name == 'histograms':
        found['histograms'][tag] = [(step, float(value[:, 2].sum())) for step, value in rows]
print(json.dumps(found))
";

fn points(value: &Value) -> Vec<(f64, f64)> {
    let rows = value.as_array().expect("a list").iter();
    rows.map(|row| (row[0].as_f64().expect("a step"), row[1].as_f64().expect("a value"))).collect()
}

#[test]
fn tensorboard_reads_scalars_histograms_and_params() {
    if python::with("tensorboard").is_none() {
        return;
    }
    let desk = exported(&[("tensorboard", "board"), ("csv", "run.csv")]);
    let read = |folder: &str| {
        let python = python::with("tensorboard").expect("it was there");
        python::answer(python, &desk.0, TENSORBOARD, &[folder])
    };
    let (found, table) = (read("board"), table(&desk));
    let names: Vec<&String> = table[0][4..].iter().collect();
    assert!(names.len() > 5, "{names:?}");
    for name in names {
        let (ours, theirs) = (column(&table, name), points(&found["scalars"][name]));
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for ((step, value), (their_step, theirs)) in ours.into_iter().zip(theirs) {
            // An event file has numbers of four bytes.
            let is_same = (value - theirs).abs() <= 1e-6 * value.abs();
            let is_there = (step - their_step).abs() < 0.5;
            assert!(is_there && is_same, "{name} at {step}: {value} and {theirs}");
        }
    }
    assert_eq!(points(&found["scalars"]["eval/return_mean"]).len(), 2);
    let shown = &json(&desk.prints("sessions show run --json"))[0];
    let returns = points(&found["histograms"]["episode/return"]);
    let all: f64 = returns.iter().map(|(_, count)| count).sum();
    assert_eq!(Some(all), shown["episodes"].as_f64(), "{returns:?}");
    let weights = found["histograms"].as_object().expect("an object");
    assert!(weights.keys().any(|tag| tag.starts_with("weights/")), "{:?}", weights.keys());
    let params = shown["params"].as_object().expect("an object");
    assert!(params.len() > 3);
    for (name, value) in params {
        assert!(!found["hparams"][name].is_null(), "{name} of {}", found["hparams"]);
        if let Some(number) = value.as_f64() {
            assert_eq!(found["hparams"][name].as_f64(), Some(number), "{name}");
        }
    }
    // What was written while the run went on is read as well.
    let live = read("live");
    let (live, after) = (&live["scalars"]["return_last100"], &found["scalars"]["return_last100"]);
    assert_eq!(live, after);
}

/// Tables, lines, curves and casts with what Python brings along.
const PLAIN: &str = "
import csv, json, math
import xml.etree.ElementTree as xml
rows = list(csv.DictReader(open('run.csv')))
lines = [json.loads(line) for line in open('run.jsonl')]
curve = xml.parse('run.svg').getroot()
head, *frames = [json.loads(line) for line in open('run.cast') if not line.startswith('#')]
assert all(len(frame) == 3 and frame[0] >= 0 and frame[1] in 'ox' for frame in frames)
shapes = [shape for shape in curve.iter() if shape.get('points') or shape.get('d')]
print(json.dumps({
    'steps': int(rows[-1]['steps']), 'numbers': len(rows[0]), 'rows': len(rows),
    'finite': all(math.isfinite(float(row['return_mean'] or 0)) for row in rows),
    'events': sorted({line['event'] for line in lines}),
    'curve': curve.tag.split('}')[-1], 'shapes': len(shapes),
    'cast': head['version'], 'columns': head['term']['cols'], 'frames': len(frames),
    'seconds': sum(frame[0] for frame in frames), 'last': ''.join(f[2] for f in frames[-3:]),
}))
";

#[test]
fn python_reads_tables_lines_curves_and_casts() {
    let Some(python) = python::with("csv") else { return };
    let forms = ["csv", "jsonl", "svg", "cast"].map(|form| (form, format!("run.{form}")));
    let forms = forms.each_ref().map(|(form, path)| (*form, path.as_str()));
    let desk = exported(&forms);
    let found = python::answer(python, &desk.0, PLAIN, &[]);
    assert_eq!((&found["steps"], &found["finite"]), (&20_000.into(), &true.into()), "{found}");
    let table = table(&desk);
    assert_eq!(
        (&found["rows"], &found["numbers"]),
        (&(table.len() - 1).into(), &table[0].len().into())
    );
    let events = found["events"].as_array().expect("a list");
    for event in ["start", "report", "episode", "eval", "saved", "whole", "recorded", "done"] {
        assert!(events.contains(&event.into()), "{event} in {found}");
    }
    assert_eq!((&found["curve"], &found["cast"]), (&"svg".into(), &3.into()), "{found}");
    assert!(found["shapes"].as_u64() > Some(0) && found["columns"] == 80, "{found}");
    // A picture for each step, twenty a second.
    let (frames, seconds) = (found["frames"].as_f64(), found["seconds"].as_f64());
    let (frames, seconds) = (frames.expect("a number"), seconds.expect("a number"));
    assert!(frames >= 3.0 && seconds > 0.05 * (frames - 4.0), "{found}");
    assert!(found["last"].as_str().is_some_and(|text| text.contains("end")), "{found}");
}

const PICTURES: &str = "
import json
from PIL import Image
curve, film = Image.open('run.png'), Image.open('run.gif')
curve.load()
colors = len(curve.convert('RGB').getcolors(1 << 20))
frames = []
for frame in range(film.n_frames):
    film.seek(frame)
    frames.append(hash(film.convert('RGB').tobytes()))
print(json.dumps({'curve': curve.size, 'colors': colors, 'film': film.size,
                  'frames': film.n_frames, 'different': len(set(frames)),
                  'duration': film.info['duration'], 'loop': film.info['loop']}))
";

#[test]
fn pillow_reads_curves_and_films() {
    let Some(python) = python::with("PIL") else { return };
    let desk = exported(&[("png", "run.png"), ("gif", "run.gif")]);
    let found = python::answer(python, &desk.0, PICTURES, &[]);
    assert!(
        found["curve"][0].as_u64() > Some(300) && found["colors"].as_u64() > Some(2),
        "{found}"
    );
    assert!(
        found["frames"].as_u64() >= Some(2) && found["different"].as_u64() > Some(1),
        "{found}"
    );
    assert_eq!((&found["duration"], &found["loop"]), (&50.into(), &0.into()), "{found}");
}

const TENSORS: &str = "
import json
from safetensors import safe_open
with safe_open('run.safetensors', 'numpy') as file:
    tensors = {name: file.get_tensor(name) for name in file.keys()}
print(json.dumps({name: [str(tensor.dtype), list(tensor.shape), float(abs(tensor).max())]
                  for name, tensor in tensors.items()}))
";

#[test]
fn safetensors_reads_policies() {
    let Some(python) = python::with("safetensors.numpy") else { return };
    let desk = exported(&[("safetensors", "run.safetensors")]);
    let found = python::answer(python, &desk.0, TENSORS, &[]);
    let tables = found.as_object().expect("an object");
    let table = tables.iter().find(|(name, _)| name.ends_with("/q")).expect("it has a table").1;
    let size: u64 =
        table[1].as_array().expect("a shape").iter().filter_map(Value::as_u64).product();
    assert!(size == 64 && table[2].as_f64() > Some(0.0), "sixteen places, four ways: {found}");
}

#[test]
fn ffprobe_reads_films() {
    if Command::new("ffprobe").arg("-version").output().is_err() {
        return println!("skipped: ffprobe is not installed");
    }
    let desk = exported(&[("mp4", "run.mp4"), ("gif", "run.gif")]);
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-count_frames", "-show_streams", "-of", "json", "run.mp4"]);
    let out = command.current_dir(&desk.0).output().expect("it was there");
    let found: Value = serde_json::from_slice(&out.stdout).expect("it prints JSON");
    let film = &found["streams"][0];
    assert_eq!(film["codec_type"], "video", "{found}");
    let frames = film["nb_read_frames"].as_str().and_then(|text| text.parse::<u64>().ok());
    assert!(frames >= Some(2) && film["r_frame_rate"] == "20/1", "{found}");
}
