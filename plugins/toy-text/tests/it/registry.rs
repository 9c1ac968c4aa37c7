//! Ids, limits, thresholds and sizes equal to those in Gymnasium's registry.

use crate::world::{Lane, Visitor, visit};
use plugin_api::params::Values;
use plugin_api::prelude::*;

struct Described;

impl Visitor for Described {
    type Output = Task;

    fn visit<B: BatchEnv<Obs = i64, Action = i64>>(self, values: &Values) -> Task {
        Lane::<B>::new(values).lanes.task().clone()
    }
}

#[test]
fn tasks_are_those_of_the_registry() {
    let golden = include_str!("../golden/registry.txt");
    assert_eq!(golden.lines().count(), 6);
    for line in golden.lines() {
        let name = line.split(' ').next().expect("a name");
        let task = visit(name, "", Described);
        let sizes = match &task.observations {
            Space::Tuple(children) => {
                children.iter().map(|space| space.choices().expect("Discrete")).collect()
            }
            space => vec![space.choices().expect("Discrete")],
        };
        let sizes = sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let limit = if task.max_steps == 0 { "-".to_owned() } else { task.max_steps.to_string() };
        let threshold = task.threshold.map_or("-".to_owned(), |threshold| threshold.to_string());
        let actions = task.actions.choices().expect("Discrete");
        assert_eq!(format!("{name} {limit} {threshold} {sizes} {actions}"), line);
    }
}
