//! The only crate a Thorndike plugin depends on: environments and agents as plain Rust traits.
//!
//! A plugin is a library crate (`crate-type = ["cdylib"]`) with a struct or two and one macro line:
//!
//! 1. Declare settings with [`params!`].
//! 2. Implement [`Env`] for a world, [`BatchEnv`] for many lanes of it at once, or [`Policy`] and
//!    [`Agent`] for something that learns.
//! 3. End the crate with [`plugin!`].
//!
//! The bench then runs it in parallel, draws actions from the heads an agent writes, keeps rollouts
//! and replay buffers, ends and resets episodes, saves and restores everything that `state` names,
//! and turns [`Log`] into charts. [`prelude`] has all names a plugin usually needs;
//! `docs/PLUGINS.md` is the guide.

pub mod abi;
pub mod agent;
pub mod archive;
pub mod batch;
pub mod element;
mod encoding;
pub mod env;
pub mod error;
#[doc(hidden)]
pub mod export;
pub mod idle;
pub mod lanes;
pub mod log;
pub mod model;
pub mod needs;
pub mod params;
pub mod prelude;
pub mod rng;
pub mod rows;
pub mod scene;
pub mod simd;
pub mod space;
pub mod table;
pub mod task;
pub mod testing;

pub use abi::module::{cancelled, log as host_log};
pub use agent::{Act, Agent, Learn, Mode, Policy, Preset};
pub use archive::{Archive, State};
pub use batch::{Batch, Transition};
pub use element::{Dtype, Element};
pub use env::{BatchEnv, Each, Env, Step, Steps, TERMINATED, TRUNCATED, Variant};
pub use error::{Error, ErrorKind, Result};
pub use log::Log;
pub use params::Params;
pub use rng::Rng;
pub use rows::{Rows, RowsMut};
pub use scene::Scene;
pub use space::Space;
pub use table::Table;
pub use task::{Goal, Task};
