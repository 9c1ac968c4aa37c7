//! Plugin probes.
