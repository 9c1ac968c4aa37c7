//! Everything a plugin usually needs: `use plugin_api::prelude::*;`.

pub use crate::agent::{Act, Agent, Learn, Mode, Policy, Preset};
pub use crate::archive::Archive;
pub use crate::batch::{Batch, Transition};
pub use crate::env::{BatchEnv, Each, Env, Step, Steps, TERMINATED, TRUNCATED, Variant};
pub use crate::error::{Error, Result};
pub use crate::log::Log;
pub use crate::model::{Model, Outcome};
pub use crate::needs::{
    Explore, Feed, GoalStrategy, Head, Needs, Priorities, Relabel, Replay, Returns, Schedule,
};
pub use crate::params::Params;
pub use crate::rng::Rng;
pub use crate::rows::{Rows, RowsMut};
pub use crate::scene::{Color, Scene};
pub use crate::space::Space;
pub use crate::table::Table;
pub use crate::task::{Determinism, Task};
pub use crate::{params, plugin};
