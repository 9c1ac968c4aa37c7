//! The worlds against Gymnasium's own numbers, and against themselves.

mod episodes;
mod lake;
mod models;
mod registry;
mod saving;
mod world;
