//! Calls of policies, for agents and their copies alike.

use super::{Stop, ensure};
use crate::abi::handle::ActFrame;
use crate::error::Result;

/// What a policy looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look<'a> {
    pub(super) obs: &'a [f32],
    pub(super) masks: &'a [u8],
    pub(super) memory: &'a [f32],
    pub(super) evaluate: bool,
    pub(super) step: u64,
    /// For noise of the policy's own.
    pub(super) key: u64,
}

/// What a policy is asked to fill in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) rows: usize,
    pub(super) head: usize,
    pub(super) values: bool,
}

/// What a policy wrote for some rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Acted {
    pub(super) head: Vec<f32>,
    pub(super) values: Vec<f32>,
    pub(super) memory: Vec<f32>,
}

/// Has a policy act; what it must write is poisoned before and checked after.
pub(super) fn act(
    policy: &mut dyn FnMut(ActFrame<'_>) -> Result<()>,
    shape: Shape,
    look: Look<'_>,
) -> Result<Acted, Stop> {
    let mut acted = Acted {
        head: vec![f32::NAN; shape.rows * shape.head],
        values: vec![f32::NAN; if shape.values { shape.rows } else { 0 }],
        memory: look.memory.to_vec(),
    };
    policy(ActFrame {
        obs: look.obs,
        rows: shape.rows,
        evaluate: look.evaluate,
        head: &mut acted.head,
        values: &mut acted.values,
        masks: look.masks,
        memory: &mut acted.memory,
        step: look.step,
        key: look.key,
        first_lane: 0,
    })?;
    let remembered = acted.memory.len() / shape.rows.max(1);
    let columns = [
        ("head", shape.head, &acted.head),
        ("values", 1, &acted.values),
        ("memory", remembered, &acted.memory),
    ];
    for (what, width, column) in columns {
        if let Some(at) = column.iter().position(|number| !number.is_finite()) {
            let (row, element, number) = (at / width, at % width, column[at]);
            ensure!(
                false,
                "row {row} of {}: element {element} of the {what} is {number}; \
                 `act` sets every one",
                shape.rows
            );
        }
    }
    Ok(acted)
}
