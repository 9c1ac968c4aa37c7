//! A unit: what the lanes of one worker lived through with one policy.

use crate::lanes::{Ended, Segment};
use crate::replay::Recording;
use plugin_api::Archive;

/// What the lanes of one worker lived through with one policy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unit {
    /// The worker.
    pub(crate) slot: usize,
    /// Its how-manieth unit.
    pub(crate) number: u64,
    /// Number of its first lane.
    pub(crate) first: usize,
    /// Number of the policy.
    pub(crate) serial: u64,
    /// Updates that the policy knew of.
    pub(crate) version: u64,
    /// The steps.
    pub(crate) segment: Segment,
    /// Episodes that ended in it.
    pub(crate) ended: Vec<Ended>,
    /// Episodes that were recorded; they are not saved with the unit.
    pub(crate) recordings: Vec<Recording>,
}

impl Unit {
    /// Names everything but recordings, for saving and loading.
    pub(super) fn state(&mut self, archive: &mut Archive) {
        archive.value("slot", &mut self.slot);
        archive.value("number", &mut self.number);
        archive.value("first", &mut self.first);
        archive.value("serial", &mut self.serial);
        archive.value("version", &mut self.version);
        archive.value("lanes", &mut self.segment.lanes);
        self.segment.state(archive);
        archive.scope("ended", |archive| ends(archive, &mut self.ended));
    }
}

/// Episodes as columns.
fn ends(archive: &mut Archive, ended: &mut Vec<Ended>) {
    let mut lanes: Vec<u64> = ended.iter().map(|end| end.lane as u64).collect();
    let mut steps: Vec<u64> = ended.iter().map(|end| end.step).collect();
    let mut totals: Vec<f64> = ended.iter().map(|end| end.total).collect();
    let mut lengths: Vec<u64> = ended.iter().map(|end| end.length).collect();
    let mut flags: Vec<u8> = ended.iter().map(|end| end.flags).collect();
    let success = |end: &Ended| end.success.map_or(2, u8::from);
    let mut successes: Vec<u8> = ended.iter().map(success).collect();
    archive.list("lanes", &mut lanes);
    archive.list("steps", &mut steps);
    archive.list("totals", &mut totals);
    archive.list("lengths", &mut lengths);
    archive.list("flags", &mut flags);
    archive.list("successes", &mut successes);
    if archive.is_loading() {
        let columns = lanes.iter().zip(&steps).zip(&totals).zip(&lengths).zip(&flags);
        let rows =
            columns.zip(&successes).map(|(((((lane, step), total), length), flags), said)| {
                let success = (*said < 2).then_some(*said == 1);
                let (lane, step, total) = (*lane as usize, *step, *total);
                Ended { lane, step, total, length: *length, flags: *flags, success }
            });
        *ended = rows.collect();
    }
}
