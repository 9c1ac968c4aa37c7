//! The binary interface between host and plugins: plain structs and function tables, checked on
//! load.
//!
//! Authors never see this module; `plugin!` fills it in, and hosts use [`handle`]. The rules under
//! which it may grow are in `docs/ABI.md`: new fields only at the end of a table, each optional.
#![expect(
    unsafe_code,
    reason = "the binary interface, with `simd` the only place of this crate that needs it"
)]

pub(crate) mod agent;
pub(crate) mod env;
pub(crate) mod frame;
pub mod guard;
pub mod handle;
pub mod info;
pub mod local;
pub mod module;
pub(crate) mod rows;
pub mod trail;
pub mod types;
mod wire;
