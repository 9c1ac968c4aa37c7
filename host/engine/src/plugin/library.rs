//! Opens a plugin file as a library, checks that both sides mean the same, and gets hold of its
//! root.
#![expect(
    unsafe_code,
    reason = "foreign code is let in here, after everything that could be checked"
)]

use super::host;
use abi_stable::StableAbi;
use abi_stable::abi_stability::abi_checking::check_layout_compatibility;
use abi_stable::library::{AbiHeaderRef, LibHeader};
use abi_stable::type_layout::TypeLayout;
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use plugin_api::abi::handle::{PluginHandle, ResetFrame, StepFrame};
use plugin_api::abi::info::PluginInfo;
use plugin_api::abi::types::{PluginRef, ROOT_SYMBOL, reset};
use plugin_api::params::Values;
use plugin_api::{Rng, Task};
use std::path::Path;

/// Opens a library and connects to the plugin in it. The library stays open for good: code of a
/// plugin may still run somewhere when nobody holds a handle any more.
pub fn open(path: &Path) -> Result<PluginHandle, String> {
    // SAFETY: opening runs the library's constructors. The caller has had a child do the same
    // before.
    let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }
        .map_err(|error| plain(&error))?;
    let library = std::mem::ManuallyDrop::new(library);
    let symbol = format!("{ROOT_SYMBOL}\0");
    // SAFETY: the symbol is a static that begins with abi_stable's header, which is checked before
    // the rest is used.
    let header: AbiHeaderRef = *unsafe { library.get(symbol.as_bytes()) }
        .map_err(|_| "has no plugin root; end its lib.rs with `plugin!(..)`".to_owned())?;
    if !header.is_valid() {
        return Err(format!(
            "is built with abi_stable {}.{}, this bench needs 0.11; \
             rebuild it with the current plugin-api",
            header.abi_major, header.abi_minor
        ));
    }
    let header = header.upgrade().map_err(|_| "has a damaged header".to_owned())?;
    let root = checked_root(header)?;
    PluginHandle::new(root, host::functions()).map_err(|error| error.to_string())
}

/// What the linker's loader said, on one line and without the name of our private copy.
fn plain(error: &libloading::Error) -> String {
    use std::error::Error;
    let text = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    text.lines().next().unwrap_or_default().to_owned()
}

/// The root of the library, if its layout fits ours in either direction: an older plugin lacks what
/// was added at the end of our tables, a newer one has more than we know.
fn checked_root(header: &'static LibHeader) -> Result<PluginRef, String> {
    let theirs = header.layout().ok_or("does not say how its types are laid out; rebuild it")?;
    if !fits(theirs) {
        let theirs = header.version_strings();
        return Err(format!(
            "does not fit this bench: its plugin-api {theirs} has another layout than ours, {}; \
             rebuild it",
            env!("CARGO_PKG_VERSION")
        ));
    }
    // SAFETY: the layouts were compared just above.
    unsafe { header.init_root_module_with_unchecked_layout::<PluginRef>() }
        .map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned())
}

fn fits(theirs: &'static TypeLayout) -> bool {
    let ours = <PluginRef as StableAbi>::LAYOUT;
    check_layout_compatibility(ours, theirs).is_ok()
        || check_layout_compatibility(theirs, ours).is_ok()
}

/// Tries out a plugin file, in a process that may die of it: opens it, and has each of its worlds
/// make a few steps and go through saving and loading. Returns its description.
pub fn examine(path: &Path) -> Result<Vec<u8>, String> {
    let plugin = open(path)?;
    for env in &plugin.info().envs {
        try_out(&plugin, &env.name).map_err(|error| format!("its world {}: {error}", env.name))?;
    }
    encode(plugin.info())
}

/// A description as bytes for the cache.
fn encode(info: &PluginInfo) -> Result<Vec<u8>, String> {
    Ok(ron::to_string(info).map_err(|error| error.to_string())?.into_bytes())
}

/// The description behind bytes that [`examine`] returned.
pub fn decode(bytes: &[u8]) -> Result<PluginInfo, String> {
    ron::de::from_bytes(bytes).map_err(|error| error.to_string())
}

fn try_out(plugin: &PluginHandle, name: &str) -> plugin_api::Result<()> {
    const LANES: usize = 2;
    let mut env = plugin.env(name, &Values::new(), LANES)?;
    let task: Task = env.task().clone();
    let row = task.observations.width() * task.observations.dtype().size();
    let action_row = task.actions.width() * task.actions.dtype().size();
    let words = |bytes: usize| vec![0u64; (LANES * bytes).div_ceil(8)];
    let (mut obs, mut finals, actions) = (words(row), words(row), action(&task, LANES, action_row));
    let mask_bytes = LANES * task.mask_width();
    let (mut masks, mut final_masks) = (vec![0; mask_bytes], vec![0; mask_bytes]);
    let mut infos = vec![0.0; LANES * task.infos.len()];
    env.reset(ResetFrame {
        which: &[reset::SEED; LANES],
        seeds: &[0, 1],
        obs: &mut crate::memory::bytes_mut(&mut obs)[..LANES * row],
        masks: &mut masks,
        infos: &mut infos,
    })?;
    let saved = env.save(0)?;
    env.step(StepFrame {
        actions: &crate::memory::bytes(&actions)[..LANES * action_row],
        obs: &mut crate::memory::bytes_mut(&mut obs)[..LANES * row],
        final_obs: &mut crate::memory::bytes_mut(&mut finals)[..LANES * row],
        rewards: &mut [0.0; LANES],
        flags: &mut [0; LANES],
        masks: &mut masks,
        final_masks: &mut final_masks,
        infos: &mut infos,
    })?;
    env.load(0, &saved)
}

/// An action for each lane, drawn from the space, as words that are aligned for any number type.
fn action(task: &Task, lanes: usize, row_bytes: usize) -> Vec<u64> {
    let mut words = vec![0u64; (lanes * row_bytes).div_ceil(8)];
    let mut rng = Rng::seeded(0);
    let bytes = crate::memory::bytes_mut(&mut words);
    for lane in 0..lanes {
        crate::memory::any_action(
            &task.actions,
            &mut rng,
            &mut bytes[lane * row_bytes..][..row_bytes],
        );
    }
    words
}
