//! Who acts in lanes, how heads are used, and when.

use plugin_api::Result;
use plugin_api::abi::handle::{ActFrame, AgentHandle, PolicyHandle};
use plugin_api::needs::{Explore, Feed, Head, Needs};

/// Something that maps observations to heads.
pub trait Actor {
    /// Fills in the heads of a frame.
    fn act(&mut self, frame: ActFrame<'_>) -> Result<()>;
}

impl Actor for AgentHandle {
    fn act(&mut self, frame: ActFrame<'_>) -> Result<()> {
        AgentHandle::act(self, frame)
    }
}

impl Actor for PolicyHandle {
    fn act(&mut self, frame: ActFrame<'_>) -> Result<()> {
        PolicyHandle::act(self, frame)
    }
}

/// How a policy's heads are used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Acting {
    /// What a head row means.
    pub head: Head,
    /// How actions are drawn while training.
    pub explore: Explore,
    /// Numbers the policy remembers of each lane.
    pub memory: usize,
    /// Environment steps of a run before which any action is taken, all alike.
    pub random_steps: u64,
}

impl Acting {
    /// Without a policy: any action, all alike.
    pub const FREE: Self =
        Self { head: Head::Action, explore: Explore::Uniform, memory: 0, random_steps: 0 };

    /// As an agent asks for it.
    pub fn of(needs: &Needs) -> Self {
        let Needs { head, explore, memory, .. } = *needs;
        let random_steps = if let Feed::Replay(replay) = &needs.feed { replay.warmup } else { 0 };
        Self { head, explore, memory, random_steps }
    }
}

/// Keys of the random numbers that lanes draw with. Each draw also depends on lane and step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// For actions.
    pub draw: u64,
    /// For actions that are drawn but not taken.
    pub aside: u64,
    /// For noise of the policy's own.
    pub noise: u64,
}

/// When and why lanes step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// Environment steps of the whole run so far; schedules follow it.
    pub run_steps: u64,
    /// Lanes of the whole run: what one step of all of them adds.
    pub run_lanes: u64,
    /// Whether the policy acts to be judged, and greedily.
    pub evaluate: bool,
}
