//! What a plugin's functions answer with as bytes, one function for each type.
//!
//! None of them is generic: their code is compiled once, with this crate. What is generic is
//! compiled again into every plugin, and encoders would be nearly all of the work of rebuilding
//! one.

use super::info::PluginInfo;
use crate::encoding::{from_ron, to_bytes, to_ron};
use crate::error::{Error, Result};
use crate::log::Log;
use crate::model::Model;
use crate::needs::Needs;
use crate::params::Values;
use crate::task::Task;
use abi_stable::std_types::RVec;

pub(super) fn task(task: &Task) -> Result<RVec<u8>> {
    Ok(to_ron(task)?.into())
}

pub(super) fn read_task(bytes: &[u8]) -> Result<Task> {
    from_ron(bytes, "task")
}

pub(super) fn needs(needs: &Needs) -> Result<RVec<u8>> {
    Ok(to_ron(needs)?.into())
}

/// What was reported since the last look.
pub(super) fn report(log: &mut Log) -> RVec<u8> {
    to_bytes(&log.take()).into()
}

pub(super) fn model(model: &Model) -> RVec<u8> {
    to_bytes(model).into()
}

/// The mark of a description that is the reason why there is none.
const REASON: &[u8] = b"!";

/// What a plugin says of itself, or why it cannot.
pub(super) fn description(info: Result<PluginInfo>) -> RVec<u8> {
    let reason = |error: Error| [REASON, error.to_string().as_bytes()].concat();
    info.and_then(|info| to_ron(&info)).unwrap_or_else(reason).into()
}

/// What was described; the error is to be read after the name of the plugin's file.
pub(super) fn read_description(bytes: &[u8]) -> Result<PluginInfo> {
    match bytes.strip_prefix(REASON) {
        Some(reason) => {
            let reason = String::from_utf8_lossy(reason);
            Err(Error::new(format!("cannot be used: {reason}")))
        }
        None => from_ron(bytes, "description"),
    }
}

pub(super) fn read_params(bytes: &[u8]) -> Result<Values> {
    if bytes.is_empty() {
        return Ok(Values::new());
    }
    from_ron(bytes, "block of params")
}
