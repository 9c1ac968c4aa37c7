//! Rigid bodies in the plane, equal to `Box2D` 2.3.0 bit for bit in what these worlds use of it:
//! edges and convex polygons, joints with motors and limits, sensors, contacts that stay warm from
//! step to step, and impacts within a step.
//!
//! Everything is plain data: a [`World`] can be cloned, saved and restored at any time. The order
//! of every sum is part of the result, and so is the order in which bodies, joints and contacts
//! are looked at: the newest first.

mod body;
mod collide;
mod contact;
mod distance;
mod impact;
mod joint;
mod shape;
mod solver;
mod tree;
mod vector;
mod world;

pub use body::{Body, FixturePlan};
pub use joint::JointPlan;
pub use shape::{Polygon, Shape};
pub use vector::{Place, Turn, Vec2};
pub use world::{Event, Pace, World};

/// A body of a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyId(pub(crate) u32);

/// Lengths and angles that do not matter.
pub(crate) const LINEAR_SLOP: f32 = 0.005;
pub(crate) const ANGULAR_SLOP: f32 = 2.0 / 180.0 * std::f32::consts::PI;

/// The skin around all shapes.
pub(crate) const POLYGON_RADIUS: f32 = 2.0 * LINEAR_SLOP;
