//! Counts rewards and steps of the episode each lane is in.
#![expect(clippy::inline_always, reason = "what is not inlined into a kernel misses its class")]

use plugin_api::TERMINATED;
use plugin_api::simd::{Kernel, dispatch};

/// An episode that ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ended {
    /// The lane.
    pub lane: usize,
    /// Steps each lane had taken when it ended.
    pub step: u64,
    /// Sum of its rewards.
    pub total: f64,
    /// Its steps.
    pub length: u64,
    /// How it ended.
    pub flags: u8,
    /// Whether it succeeded, in worlds that say so.
    pub success: Option<bool>,
}

impl Ended {
    /// Whether the world came to an end.
    pub fn terminated(&self) -> bool {
        self.flags & TERMINATED != 0
    }

    /// Whether the episode was cut off.
    pub fn truncated(&self) -> bool {
        self.flags & plugin_api::TRUNCATED != 0
    }
}

/// Running sums of every lane of a shard.
#[derive(Clone, Debug, PartialEq)]
pub struct Tally {
    /// Sums of rewards.
    pub totals: Vec<f64>,
    /// Steps.
    pub lengths: Vec<u64>,
    /// Column of the info scalar `is_success`, and how many scalars there are.
    success: Option<(usize, usize)>,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(lanes: usize, infos: &[String]) -> Self {
        let success = infos.iter().position(|name| name == "is_success");
        Self {
            totals: vec![0.0; lanes],
            lengths: vec![0; lanes],
            success: success.map(|idx| (idx, infos.len())),
        }
    }

    /// Begins anew in a lane.
    pub fn forget(&mut self, lane: usize) {
        (self.totals[lane], self.lengths[lane]) = (0.0, 0);
    }

    /// Counts one step of every lane.
    #[inline]
    pub fn add(&mut self, rewards: &[f64]) {
        dispatch(Add { totals: &mut self.totals, lengths: &mut self.lengths, rewards });
    }

    /// Takes out the episodes that have just ended in these lanes.
    pub fn end(&mut self, first: usize, step: u64, ends: Ends<'_>, out: &mut Vec<Ended>) {
        for &lane in ends.lanes {
            out.push(Ended {
                lane: first + lane,
                step,
                total: std::mem::take(&mut self.totals[lane]),
                length: std::mem::take(&mut self.lengths[lane]),
                flags: ends.flags[lane],
                success: self.success.map(|(idx, width)| ends.infos[lane * width + idx] > 0.5),
            });
        }
    }
}

/// Where episodes have just ended.
#[derive(Clone, Copy, Debug)]
pub struct Ends<'a> {
    /// The lanes, counted within the shard.
    pub lanes: &'a [usize],
    /// Flags of every lane.
    pub flags: &'a [u8],
    /// Info scalars of every lane.
    pub infos: &'a [f64],
}

struct Add<'a> {
    totals: &'a mut [f64],
    lengths: &'a mut [u64],
    rewards: &'a [f64],
}

impl Kernel for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (total, reward) in self.totals.iter_mut().zip(self.rewards) {
            *total += reward;
        }
        for length in self.lengths {
            *length += 1;
        }
    }
}
