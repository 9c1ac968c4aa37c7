//! What lanes keep from step to step, as columns over all of them: the cut into shards may differ
//! between saving and loading.

use super::Lanes;
use super::shard::{Carry, Shard};
use plugin_api::archive::{Archive, Scalar};

/// Whether all shards have taken the same number of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// They have.
    Common,
    /// Each goes at its own.
    Own,
}

impl Lanes {
    /// Names what changes from step to step apart from the environments, for saving and loading.
    /// The cut into shards may differ between the two, unless each goes at its own `pace`.
    pub fn state(&mut self, archive: &mut Archive, pace: Pace) {
        let mut carry: Vec<Carry<'_>> = self.shards.iter_mut().map(Shard::carry).collect();
        match pace {
            Pace::Common => {
                let mut step = carry.iter().map(|part| *part.step).max().unwrap_or(0);
                let mut drawn = carry.iter().all(|part| *part.drawn);
                archive.value("step", &mut step);
                archive.value("drawn", &mut drawn);
                for part in &mut carry {
                    (*part.step, *part.drawn) = (step, drawn);
                }
            }
            Pace::Own => {
                let mut steps: Vec<u64> = carry.iter().map(|part| *part.step).collect();
                let mut drawn: Vec<u8> = carry.iter().map(|part| u8::from(*part.drawn)).collect();
                archive.slice("steps", &mut steps);
                archive.slice("drawn_each", &mut drawn);
                for (part, (step, drawn)) in carry.iter_mut().zip(steps.into_iter().zip(drawn)) {
                    (*part.step, *part.drawn) = (step, drawn != 0);
                }
            }
        }
        side_by_side(archive, "obs", carry.iter_mut().map(|part| &mut *part.obs));
        side_by_side(archive, "env_actions", carry.iter_mut().map(|part| &mut *part.env_actions));
        side_by_side(archive, "masks", carry.iter_mut().map(|part| &mut *part.masks));
        side_by_side(archive, "totals", carry.iter_mut().map(|part| &mut *part.totals));
        side_by_side(archive, "lengths", carry.iter_mut().map(|part| &mut *part.lengths));
        side_by_side(archive, "noise", carry.iter_mut().map(|part| &mut *part.noise));
        for idx in 0..carry[0].heads.len() {
            let name = carry[0].heads[idx].0;
            side_by_side(archive, name, carry.iter_mut().map(|part| &mut *part.heads[idx].1));
        }
    }
}

/// Saves the rows of all shards as one column, or spreads a column over them.
fn side_by_side<'a, T: Scalar + 'a>(
    archive: &mut Archive,
    name: &str,
    parts: impl Iterator<Item = &'a mut [T]>,
) {
    let mut parts: Vec<&mut [T]> = parts.collect();
    let mut all: Vec<T> = parts.iter().flat_map(|part| part.iter().copied()).collect();
    archive.slice(name, &mut all);
    let mut from = &all[..];
    for part in &mut parts {
        let (here, rest) = from.split_at(part.len());
        part.copy_from_slice(here);
        from = rest;
    }
}
