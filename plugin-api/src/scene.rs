//! Pictures of a world: a display list of shapes and text, RGB pixels, or plain text.

use crate::encoding;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the host films.
static FILM: AtomicBool = AtomicBool::new(false);

/// Whether scenes are drawn for a film, which deserves pixels as good as can be had, however long
/// they take; otherwise somebody waits for them, and a terminal shows them.
pub fn is_for_film() -> bool {
    FILM.load(Ordering::Relaxed)
}

/// Says what scenes are drawn for from now on.
pub(crate) fn for_film(is_film: bool) {
    FILM.store(is_film, Ordering::Relaxed);
}

/// What a world looks like now.
///
/// Shapes are drawn in order over a plane whose corners the author chooses; y grows upwards. The
/// host draws them with whatever the terminal can show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// Left, bottom, right and top edge of what is visible.
    pub view: [f32; 4],
    /// The shapes, later ones in front.
    pub shapes: Vec<Shape>,
    /// Pixels instead of shapes.
    pub frame: Option<Frame>,
    /// Lines of text instead of shapes, or below them.
    pub text: String,
}

/// One thing to draw. Lengths are in the scene's own units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Shape {
    /// A line through points; closed and filled when `fill` is set.
    Path {
        /// The points, x then y.
        points: Vec<[f32; 2]>,
        /// Whether the inside is filled.
        fill: bool,
        /// Its color.
        color: Color,
    },
    /// A circle.
    Circle {
        /// Its middle.
        center: [f32; 2],
        /// Its radius.
        radius: f32,
        /// Whether the inside is filled.
        fill: bool,
        /// Its color.
        color: Color,
    },
    /// Text whose middle lies at a point.
    Label {
        /// Where.
        at: [f32; 2],
        /// What it says, in one line.
        text: String,
        /// Its color.
        color: Color,
    },
}

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Color(pub u8, pub u8, pub u8);

impl Color {
    /// White.
    pub const WHITE: Self = Self(235, 235, 235);
    /// Grey.
    pub const GREY: Self = Self(128, 128, 128);
    /// Black.
    pub const BLACK: Self = Self(20, 20, 20);
    /// Red.
    pub const RED: Self = Self(214, 76, 76);
    /// Green.
    pub const GREEN: Self = Self(96, 180, 96);
    /// Blue.
    pub const BLUE: Self = Self(86, 136, 220);
    /// Yellow.
    pub const YELLOW: Self = Self(228, 190, 80);
    /// Brown.
    pub const BROWN: Self = Self(160, 118, 80);
    /// Cyan.
    pub const CYAN: Self = Self(90, 190, 200);
}

/// Pixels, row by row from the top left, three bytes each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green and blue of every pixel.
    pub rgb: Vec<u8>,
}

impl Scene {
    /// Clears the scene and sets its edges.
    pub fn view(&mut self, left: f32, bottom: f32, right: f32, top: f32) -> &mut Self {
        *self = Self { view: [left, bottom, right, top], ..Self::default() };
        self
    }

    /// Draws a line between two points.
    pub fn line(&mut self, from: [f32; 2], to: [f32; 2], color: Color) -> &mut Self {
        self.path(&[from, to], color)
    }

    /// Draws a line through points.
    pub fn path(&mut self, points: &[[f32; 2]], color: Color) -> &mut Self {
        self.shapes.push(Shape::Path { points: points.to_vec(), fill: false, color });
        self
    }

    /// Fills the area between points.
    pub fn polygon(&mut self, points: &[[f32; 2]], color: Color) -> &mut Self {
        self.shapes.push(Shape::Path { points: points.to_vec(), fill: true, color });
        self
    }

    /// Fills a rectangle, given its lower left corner and its size.
    pub fn rect(&mut self, corner: [f32; 2], size: [f32; 2], color: Color) -> &mut Self {
        let ([x, y], [w, h]) = (corner, size);
        self.polygon(&[[x, y], [x + w, y], [x + w, y + h], [x, y + h]], color)
    }

    /// Fills a circle.
    pub fn disc(&mut self, center: [f32; 2], radius: f32, color: Color) -> &mut Self {
        self.shapes.push(Shape::Circle { center, radius, fill: true, color });
        self
    }

    /// Draws a circle.
    pub fn circle(&mut self, center: [f32; 2], radius: f32, color: Color) -> &mut Self {
        self.shapes.push(Shape::Circle { center, radius, fill: false, color });
        self
    }

    /// Writes text whose middle lies at a point.
    pub fn label(&mut self, at: [f32; 2], text: impl Into<String>, color: Color) -> &mut Self {
        self.shapes.push(Shape::Label { at, text: text.into(), color });
        self
    }

    /// Shows pixels.
    pub fn pixels(&mut self, width: u32, height: u32, rgb: Vec<u8>) -> &mut Self {
        assert_eq!(rgb.len(), 3 * width as usize * height as usize, "three bytes a pixel");
        self.frame = Some(Frame { width, height, rgb });
        self
    }

    /// Shows lines of text.
    pub fn write(&mut self, text: impl Into<String>) -> &mut Self {
        self.text = text.into();
        self
    }

    /// The scene as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        encoding::to_bytes(self)
    }

    /// The scene behind bytes that [`Scene::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let scene: Self = encoding::from_bytes(bytes, "scene")?;
        if let Some(Frame { width, height, rgb }) = &scene.frame {
            let pixels = u64::from(*width) * u64::from(*height);
            if pixels.checked_mul(3) != Some(rgb.len() as u64) {
                return Err(Error::argument(format!(
                    "the scene is damaged: {} bytes for {width} by {height} pixels",
                    rgb.len()
                )));
            }
        }
        Ok(scene)
    }
}
