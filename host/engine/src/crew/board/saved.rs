//! Saving and loading what lies between workers and learner.

use super::super::Unit;
use super::{Board, State};
use plugin_api::Archive;

impl Board {
    pub(in crate::crew) fn state(&self, archive: &mut Archive) {
        let mut state = self.lock();
        let State { slots, finished, .. } = &mut *state;
        let mut begun: Vec<u64> = slots.iter().map(|slot| slot.begun).collect();
        archive.slice("begun", &mut begun);
        let mut count = finished.len();
        archive.value("units", &mut count);
        // A saved count cannot ask for more than there ever are.
        finished.resize_with(count.min(1 << 16), Unit::default);
        for (idx, unit) in finished.iter_mut().enumerate() {
            archive.scope(&format!("unit{idx}"), |archive| unit.state(archive));
        }
        for (idx, (slot, begun)) in slots.iter_mut().zip(begun).enumerate() {
            let open = finished.iter().filter(|unit| unit.slot == idx).count() as u64;
            (slot.begun, slot.open, slot.flying) = (begun, open, None);
        }
        if archive.is_loading() {
            let lanes: Vec<usize> = slots.iter().map(|slot| slot.lanes).collect();
            if finished.iter().any(|unit| lanes.get(unit.slot) != Some(&unit.segment.lanes)) {
                archive.fail(plugin_api::Error::argument("its units are of other workers"));
                finished.clear();
            }
            for slot in slots.iter_mut() {
                slot.orders.clear();
            }
            state.commits.clear();
        }
    }
}
