//! Plugin probes.

#![forbid(unsafe_code)]
