//! Tests of the games and of what stands around them.

mod cabinet;
mod games;
