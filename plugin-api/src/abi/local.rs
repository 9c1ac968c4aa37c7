//! A plugin made of types of this very program: for tests, and for hosts that bring worlds of their
//! own.

use super::handle::PluginHandle;
use super::module::{Exports, root};
use super::types::{HostFns, HostFnsRef};
use crate::error::Result;
use abi_stable::prefix_type::WithMetadata;
use abi_stable::std_types::RStr;

/// The handle that a host would get of a library with these exports.
pub fn local<X: Exports>() -> Result<PluginHandle> {
    const HOST: &WithMetadata<HostFns> = &WithMetadata::new(HostFns { log, cancelled });
    PluginHandle::new(root::<X>(), HostFnsRef(WithMetadata::static_as_prefix(HOST)))
}

/// Nobody reads the lines of a plugin that is tested; what it does is judged.
extern "C" fn log(_level: u32, _line: RStr<'_>) {}

extern "C" fn cancelled() -> u32 {
    0
}
