//! What exploration remembers of each lane from step to step, and room for drawing.

use plugin_api::Archive;

/// What exploration remembers of each lane: where its process of noise stands.
#[derive(Clone, Debug)]
pub struct Noise {
    width: usize,
    /// [lanes, width] in units of half the action's range; no rows where noise cannot apply.
    process: Vec<f64>,
    /// Room for the weights of one element's choices; means nothing between two draws.
    pub(super) weights: Vec<f64>,
}

impl Noise {
    pub(super) fn new(lanes: usize, width: usize, choices: usize) -> Self {
        Self { width, process: vec![0.0; lanes * width], weights: vec![0.0; choices] }
    }

    /// An episode starts in a lane (counted from the first of this shard): its process starts at 0.
    pub fn restart(&mut self, lane: usize) {
        self.row(lane).fill(0.0);
    }

    /// Restarts every lane whose flags say that its episode has ended.
    pub fn restart_ended(&mut self, flags: &[u8]) {
        if self.width > 0 {
            for (lane, _) in flags.iter().enumerate().filter(|&(_, &flags)| flags != 0) {
                self.restart(lane);
            }
        }
    }

    /// Names everything there is to remember.
    pub fn state(&mut self, archive: &mut Archive) {
        let lanes = self.process.len().checked_div(self.width).unwrap_or(0);
        archive.tensor("process", &[lanes, self.width], &mut self.process);
    }

    /// Where the process of every lane stands, lane by lane.
    pub fn process_mut(&mut self) -> &mut [f64] {
        &mut self.process
    }

    pub(super) fn row(&mut self, lane: usize) -> &mut [f64] {
        &mut self.process[lane * self.width..][..self.width]
    }
}
