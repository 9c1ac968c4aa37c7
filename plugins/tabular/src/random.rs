//! The baseline every agent has to beat: any action, all alike.

use plugin_api::prelude::*;
use plugin_api::rng::Stream;
use plugin_api::space::SpaceSampler;

/// Draws each action from the action space, whatever it sees.
#[derive(Debug)]
pub struct Random {
    actions: Space,
    params: (),
}

impl Policy for Random {
    /// While training the host draws, see `needs`; whoever evaluates takes what stands in the head.
    fn act(&self, _obs: Rows<'_>, out: &mut Act<'_>) {
        for (row, head) in out.head.iter_mut().enumerate() {
            // Each lane has chance of its own, whichever lanes come beside it.
            let seed = Stream::new(out.key, out.first_lane + row as u64).bits(0);
            let sampler = SpaceSampler::new(&self.actions, seed);
            let mut sampler = sampler.expect("the space was tried when the agent was made");
            let mask = (!out.masks.is_empty()).then(|| out.masks.row(row));
            sampler.sample(mask, head);
        }
    }
}

impl Agent for Random {
    const NAME: &'static str = "random";
    type Params = ();

    fn new(_params: &(), task: &Task, _rng: &mut Rng) -> Result<Self> {
        SpaceSampler::new(&task.actions, 0)?;
        Ok(Self { actions: task.actions.clone(), params: () })
    }

    fn needs(&self) -> Needs {
        Needs { head: Head::Action, ..Needs::default() }.explore(Explore::Uniform)
    }

    fn learn(&mut self, _batch: &Batch<'_>, _learn: &mut Learn<'_>) -> Result<()> {
        Ok(())
    }

    fn state(&mut self, _archive: &mut Archive) {}

    fn params(&mut self) -> &mut () {
        &mut self.params
    }
}
