//! The simplest baseline: always the same action.

use plugin_api::prelude::*;

params! {
    /// What a constant agent can be told.
    pub struct ConstantParams {
        /// The action: one number for all its elements, or one for each.
        action: Vec<f64> = [0.0],
    }
}

/// Does the same whatever it sees, even where it is forbidden: the host then says so.
#[derive(Debug)]
pub struct Constant {
    params: ConstantParams,
    action: Vec<f32>,
}

impl Policy for Constant {
    fn act(&self, _obs: Rows<'_>, out: &mut Act<'_>) {
        out.head.iter_mut().for_each(|head| head.copy_from_slice(&self.action));
    }
}

impl Agent for Constant {
    const NAME: &'static str = "constant";
    type Params = ConstantParams;

    fn new(params: &ConstantParams, task: &Task, _rng: &mut Rng) -> Result<Self> {
        let row = match params.action.as_slice() {
            [all] => vec![*all; task.actions.width()],
            each => each.to_vec(),
        };
        task.actions.check(&row).map_err(|error| error.context("`action`"))?;
        let action = row.into_iter().map(|value| value as f32).collect();
        Ok(Self { params: params.clone(), action })
    }

    fn needs(&self) -> Needs {
        Needs { head: Head::Action, ..Needs::default() }
    }

    fn learn(&mut self, _batch: &Batch<'_>, _learn: &mut Learn<'_>) -> Result<()> {
        Ok(())
    }

    fn state(&mut self, _archive: &mut Archive) {}

    fn params(&mut self) -> &mut ConstantParams {
        &mut self.params
    }
}
