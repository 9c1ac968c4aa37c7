//! Tabular agents on small worlds with known answers, driven by the smallest host there can be.

mod host;
mod keeping;
mod learning;
mod presets;
mod targets;
mod worlds;
