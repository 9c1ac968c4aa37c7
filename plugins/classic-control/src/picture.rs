//! What the pictures share: turning shapes, and the colors of the originals.

use plugin_api::prelude::*;

/// Lines and cars.
pub(crate) const BLACK: Color = Color(0, 0, 0);

/// Corners turned to the left by an angle and then moved.
pub(crate) fn turned<const N: usize>(
    corners: &[[f64; 2]; N],
    angle: f64,
    to: [f64; 2],
) -> [[f32; 2]; N] {
    let (sin, cos) = angle.sin_cos();
    corners.map(|[x, y]| [(x * cos - y * sin + to[0]) as f32, (x * sin + y * cos + to[1]) as f32])
}
