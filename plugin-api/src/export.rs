//! What `plugin!` and `params!` expand to; not for direct use.

pub use crate::abi::info::{MANIFEST_SIZE, ManifestWriter};
pub use crate::abi::module::{AgentExport, EnvExport, Exports, header};
pub use crate::params::field::Default as FieldDefault;
pub use abi_stable::library::LibHeader;

use crate::error::Error;
use crate::params::Value;

/// The error for a value that does not fit a param.
#[doc(hidden)]
pub fn unfit(name: &str, value: &Value) -> Error {
    Error::argument(format!("`{name}` cannot hold {value}"))
}

/// Makes a library of this crate that the bench can load.
///
/// `envs` are environments of one world ([`crate::Env`]), `batch_envs` those of many lanes
/// ([`crate::BatchEnv`]), `agents` are agents; `needs` names libraries that must be there, such as
/// `"libtorch 2.13"`. Use it once, in `lib.rs`.
///
/// ```text
/// plugin!(envs: [Bandit, GridWorld], agents: [TabularQ]);
/// ```
#[macro_export]
macro_rules! plugin {
    (
        $(envs: [$($env:ty),* $(,)?] $(,)?)?
        $(batch_envs: [$($batch:ty),* $(,)?] $(,)?)?
        $(agents: [$($agent:ty),* $(,)?] $(,)?)?
        $(needs: [$($need:literal),* $(,)?] $(,)?)?
    ) => {
        const _: () = {
            struct ThisPlugin;

            impl $crate::export::Exports for ThisPlugin {
                const CRATE: (&'static str, &'static str) =
                    (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
                const ENVS: &'static [$crate::export::EnvExport] = &[
                    $($($crate::export::EnvExport::each::<$env>(),)*)?
                    $($($crate::export::EnvExport::batch::<$batch>(),)*)?
                ];
                const AGENTS: &'static [$crate::export::AgentExport] =
                    &[$($($crate::export::AgentExport::of::<$agent>(),)*)?];
            }

            #[used]
            #[unsafe(link_section = ".thorndike.manifest")]
            static MANIFEST: [u8; $crate::export::MANIFEST_SIZE] =
                $crate::export::ManifestWriter::new(
                    env!("CARGO_PKG_NAME"),
                    env!("CARGO_PKG_VERSION"),
                )
                .list("envs")
                $($(.item(<$env as $crate::Env>::NAME).variants(<$env as $crate::Env>::VARIANTS))*)?
                $($(.item(<$batch as $crate::BatchEnv>::NAME)
                    .variants(<$batch as $crate::BatchEnv>::VARIANTS))*)?
                .end_list()
                .list("agents")
                $($(.item(<$agent as $crate::Agent>::NAME))*)?
                .end_list()
                .list("needs")
                $($(.item($need))*)?
                .end_list()
                .finish();

            // The name is abi_stable's for the root of a library; a test compares the two.
            #[unsafe(no_mangle)]
            static _1as_0lib_1header_0root_bmodule_bloader: $crate::export::LibHeader =
                $crate::export::header::<ThisPlugin>();
        };
    };
}
