//! The child's side of a probe: opens one file, reports, and is gone.

use std::{
    convert::Infallible,
    env,
    io::{self, Read, Write},
    os::{
        fd::{FromRawFd, RawFd},
        unix::net::UnixStream,
    },
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use super::super::safety;
use super::frame::{self, PAYLOAD_BYTES_MAX, Secret};

/// The variable that tells the child which open file leads back to its parent.
pub(super) const CHANNEL_VARIABLE: &str = "THORNDIKE_PROBE_CHANNEL";

/// Opens `path` by way of `open`, reports what that came to, and ends the process at once: the
/// plugin's destructors and exit handlers do not run. Comes back only if this process was not
/// started as a probe child.
pub fn child_main(
    path: &Path,
    open: impl FnOnce(&Path) -> Result<Vec<u8>, String>,
) -> io::Result<Infallible> {
    let mut channel = channel()?;
    let mut secret: Secret = [0; 32];
    channel.read_exact(&mut secret)?;
    let report = match catch_unwind(AssertUnwindSafe(|| open(path))) {
        Ok(Ok(descriptor)) if descriptor.len() > PAYLOAD_BYTES_MAX => {
            Err(format!("its description is larger than {} KB", PAYLOAD_BYTES_MAX >> 10))
        }
        Ok(report) => report,
        Err(panic) => Err(format!("panicked: {}", safety::said(panic.as_ref()))),
    };
    channel.write_all(&frame::encode(&secret, &report))?;
    signal_hook::low_level::exit(0)
}

fn channel() -> io::Result<UnixStream> {
    let no_probe = || io::Error::other("a probe child is only started by the bench itself");
    let number = env::var(CHANNEL_VARIABLE).ok().and_then(|number| number.parse().ok());
    let number: RawFd = number.filter(|number| *number > 2).ok_or_else(no_probe)?;
    #[expect(unsafe_code, reason = "an open file is taken over that the parent has left")]
    // SAFETY: The parent left this file open for this purpose and nothing else knows its number;
    // if the variable is set by hand the number may be of no open file, and then every use of the
    // stream fails with an error.
    let channel = unsafe { UnixStream::from_raw_fd(number) };
    if channel.peer_addr().is_ok() {
        return Ok(channel);
    }
    // Closing a file of which nothing is known could close that of somebody else.
    std::mem::forget(channel);
    Err(no_probe())
}
