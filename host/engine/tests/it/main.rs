//! Tests of the engine from outside, in one binary.
#![expect(clippy::float_cmp, reason = "what is expected is exact")]
#![expect(
    clippy::disallowed_methods,
    reason = "the tests take the time of what they wait for, and no run depends on it"
)]

mod containment;
mod copies;
mod crews;
mod damage;
mod discovery;
mod driving;
mod edits;
mod fixture;
mod growth;
mod heap;
mod inspect;
mod modes;
mod panics;
mod passed;
mod replays;
mod rollouts;
mod slow;
mod toy;
