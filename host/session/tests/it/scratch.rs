//! A folder for one test, and a session to try things on.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use thorndike_session::journal::{Alert, Entry, Episode, Metrics};
use thorndike_session::state::Kind;
use thorndike_session::table::Part;
use thorndike_session::{
    Identity, PluginUsed, Setting, Snapshot, State, Store, Summary, Table, Tensor,
};

/// A folder that is gone after the test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = format!("{}-{number}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("session").join(folder);
        fs::create_dir_all(&folder).expect("the target folder is writable");
        Self(folder)
    }

    pub(crate) fn store(&self) -> Store {
        Store::new(self.0.join("store"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder that stays is only in the target folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn identity() -> Identity {
    let params = [("step_size", Setting::Float(0.5)), ("map", Setting::Text("4x4".into()))];
    let params: BTreeMap<_, _> = params.map(|(name, value)| (name.to_owned(), value)).into();
    Identity {
        created: 1_700_000_000,
        agent: "q-learning".into(),
        env: "FrozenLake-v1".into(),
        params: params.clone(),
        env_params: params,
        seed: u64::MAX,
        lanes: 8,
        tool: "thorndike 1.0.0".into(),
        plugins: vec![PluginUsed {
            name: "tabular".into(),
            version: "1.0.0".into(),
            hash: "00".repeat(32),
        }],
        ..Identity::default()
    }
}

pub(crate) fn snapshot(steps: u64) -> Snapshot {
    Snapshot {
        saved: 1_700_000_100,
        cause: "hand".into(),
        summary: Summary {
            steps,
            seconds: 0.1,
            return_mean: Some(-1.0 / 3.0),
            digest: "abc".into(),
            reason: "steps".into(),
            ..Summary::default()
        },
        ..Snapshot::default()
    }
}

/// A state of small and large tensors that differ from step to step.
pub(crate) fn states(steps: u64) -> Vec<State> {
    let tensor = |name: &str, bytes: Vec<u8>| {
        let shape = vec![bytes.len() as u64];
        Tensor { name: name.into(), kind: Kind::U8, shape, bytes }
    };
    let tensors = vec![tensor("z", vec![steps as u8; 5]), tensor("a", steps.to_le_bytes().into())];
    vec![State { name: "agent".into(), tensors }, State::opaque("lanes", vec![7; 300])]
}

/// Rows of two columns of a table.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    pub(crate) stamp: u64,
    pub(crate) first: u8,
    pub(crate) count: u8,
}

impl Part for Rows {
    fn stamp(&self) -> (u64, u64) {
        (self.stamp, self.count.into())
    }

    fn tensors(&self) -> Vec<Tensor> {
        let column = |name: &str, width: u8| {
            let bytes: Vec<u8> = (0..self.count * width).map(|byte| self.first + byte).collect();
            let shape = vec![bytes.len() as u64];
            Tensor { name: name.into(), kind: Kind::U8, shape, bytes }
        };
        vec![column("steps/wide", 3), column("steps/narrow", 1)]
    }
}

/// A table of two parts, the first of which is the same at every step, and one in which a number
/// here and there is another at every step.
pub(crate) fn tables(steps: u64) -> Vec<Table> {
    let rows = |stamp, first| Box::new(Rows { stamp, first, count: 3 }) as Box<dyn Part>;
    let parts = vec![rows(0, 1), rows(steps, steps as u8)];
    let table = |name: &str, parts, strewn| Table {
        state: "agent".into(),
        name: name.into(),
        parts,
        strewn,
    };
    let weights = |from| Box::new(Weights { from, steps }) as Box<dyn Part>;
    let steps = table("steps", parts, false);
    vec![steps, table("weights", vec![weights(0), weights(40)], true)]
}

/// Forty numbers of a column, some of which are others at every step.
#[derive(Clone, Copy, Debug)]
struct Weights {
    from: u64,
    steps: u64,
}

impl Part for Weights {
    fn stamp(&self) -> (u64, u64) {
        (self.steps, 40)
    }

    fn tensors(&self) -> Vec<Tensor> {
        let weight = |row: u64| if row % 9 == self.steps % 9 { self.steps } else { row };
        let bytes = (self.from..self.from + 40).flat_map(|row| weight(row).to_le_bytes());
        let (name, kind, shape) = ("weights/all".into(), Kind::U64, vec![40]);
        vec![Tensor { name, kind, shape, bytes: bytes.collect() }]
    }
}

/// What states and tables come back as.
pub(crate) fn whole(steps: u64) -> Vec<State> {
    let mut states = states(steps);
    for Table { parts, .. } in tables(steps) {
        let mut columns = parts[0].tensors();
        for (column, more) in columns.iter_mut().zip(parts[1].tensors()) {
            column.bytes.extend(more.bytes);
            column.shape[0] += more.shape[0];
        }
        states[0].tensors.extend(columns);
    }
    states
}

/// Some of everything that a journal may hold.
pub(crate) fn entries(steps: u64) -> Vec<Entry> {
    vec![
        Entry::Metrics(Metrics {
            steps,
            values: vec![("loss".into(), 1.0 / steps as f64), ("return_mean".into(), 0.5)],
            ..Metrics::default()
        }),
        Entry::Episode(Episode { episode: steps, steps, total: 1.0, ..Episode::default() }),
        Entry::Alert(Alert { steps, topic: "a".into(), message: "b".into() }),
    ]
}
