//! Temporary.
use crate::lanes::Segment;
use plugin_api::needs::Returns;
/// Computes.
pub fn compute(_wanted: Returns, _s: &Segment, _r: &mut [f32], _a: &mut [f32]) {}
