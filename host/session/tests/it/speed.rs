//! What sessions cost: figures for docs/BENCHMARKS.md, each against its bar.

use crate::scratch::{Scratch, identity, snapshot};
use std::sync::Arc;
use std::time::Instant;
use thorndike_session::journal::{Entry, Metrics};
use thorndike_session::state::Kind;
use thorndike_session::{Model, Recorder, State, Tensor, Writer};

#[expect(clippy::disallowed_methods, reason = "this test measures")]
fn seconds(what: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    what();
    begun.elapsed().as_secs_f64()
}

fn metrics(steps: u64, names: &[Arc<str>]) -> Entry {
    let values = names.iter().map(|name| (name.clone(), steps as f64)).collect();
    Entry::Metrics(Metrics { steps, values, ..Metrics::default() })
}

/// A memory of a million transitions as SAC in Pendulum keeps it; `newest` of them are new.
fn memory(newest: u64) -> Vec<State> {
    const STEPS: u64 = 1_000_000;
    let number = |step: u64, width: u64| {
        let age = u64::from(step < newest);
        (step * 31 + width + age * 7_777_777).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    };
    let column = |name: &str, kind: Kind, width: u64| {
        let size = kind.size();
        let words = (0..STEPS).flat_map(|step| (0..width).map(move |w| number(step, w)));
        let bytes = words.flat_map(|word| word.to_le_bytes().into_iter().take(size)).collect();
        Tensor { name: name.into(), kind, shape: vec![STEPS, width], bytes }
    };
    let tensors = vec![
        column("obs", Kind::F32, 3),
        column("actions", Kind::F32, 1),
        column("rewards", Kind::F64, 1),
        column("flags", Kind::U8, 1),
        column("finals", Kind::U32, 1),
    ];
    vec![State { name: "host".into(), tensors }]
}

#[test]
#[ignore = "long: measures, and only a release build on a quiet machine counts"]
fn what_sessions_cost() {
    let scratch = Scratch::new();
    let names: Vec<Arc<str>> = (0..20).map(|n| format!("agent/number{n}").into()).collect();

    let session = scratch.store().create(Some("journal"), &identity()).expect("free");
    let (writer, _) = Writer::open(&session).expect("alone");
    let recorder = Recorder::start(writer).expect("a thread starts");
    let entries: Vec<Entry> = (0..60_000).map(|step| metrics(step, &names)).collect();
    let mut batches = entries.chunks(20).map(<[Entry]>::to_vec).collect::<Vec<_>>();
    let cost = seconds(|| batches.iter_mut().for_each(|batch| recorder.add_all(batch)));
    let cost_ns = cost / 1_200_000.0 * 1e9;
    println!("journal, on the training thread: {cost_ns:.1} ns a metric (bar 60)");
    drop(recorder.finish().expect("the disk works"));

    let mut model = Model::default();
    let all = seconds(|| model.take(&mut session.read()));
    assert_eq!(model.series.values().map(|series| series.values.len()).sum::<usize>(), 1_200_000);
    println!("a journal of 1.2 million points: {:.0} ms to the last curve (bar 300)", all * 1e3);

    let session = scratch.store().create(Some("memory"), &identity()).expect("free");
    let (mut writer, _) = Writer::open(&session).expect("alone");
    let (first, second) = (memory(0), memory(50_000));
    let bytes = first[0].bytes();
    let whole = seconds(|| drop(writer.save(snapshot(1), &first)));
    let mut written = 0;
    let part = seconds(|| written = writer.save(snapshot(2), &second).expect("the disk works"));
    let changed = bytes / 20;
    let ratio = written as f64 / changed as f64;
    let (size, new) = (bytes as f64 / 1e6, changed as f64 / 1e6);
    println!(
        "a memory of {size:.0} MB: {whole:.2} s to the disk; {new:.1} MB of it new: {part:.2} s"
    );
    println!("written for what had changed: {ratio:.2} times as much (bar 2)");
    let load = seconds(|| assert_eq!(session.load().expect("sound").states, second));
    println!("opened again with every byte checked: {load:.2} s (bar 1)");
    assert!(ratio < 2.0 && model.damage.is_empty());
}
