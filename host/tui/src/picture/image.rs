//! A scene as pixels, for files that hold pictures.

use super::paint;
use plugin_api::scene::Scene;

/// The color of what nothing is drawn on.
const DARK: u8 = 16;

/// Pixels row by row, three bytes each.
#[derive(Clone, Debug)]
pub struct Image {
    /// Pixels side by side.
    pub width: usize,
    /// Pixels one above the other.
    pub height: usize,
    /// Red, green and blue of each.
    pub rgb: Vec<u8>,
}

/// A text that belongs into an image, for whoever has letters.
#[derive(Clone, Debug)]
pub struct Writing {
    /// Where its middle and its top are.
    pub at: (i64, i64),
    /// The text.
    pub text: String,
    /// Its color.
    pub color: [u8; 3],
}

/// What matters most in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// That it is small.
    Small,
    /// That it is soon there.
    Fast,
}

/// An image as a PNG file.
pub fn png(image: &Image, weight: Weight) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, image.width as u32, image.height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    if weight == Weight::Fast {
        encoder.set_compression(png::Compression::Fast);
    }
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&image.rgb)?;
        writer.finish()
    });
    // Memory takes everything, and an image has as many bytes as its size says.
    written.expect("an image is a sound one");
    file
}

/// The scene as pixels, at most so many side by side and one above the other; nothing where there
/// is nothing but text.
pub fn pixels(scene: &Scene, width: usize, height: usize) -> Option<(Image, Vec<Writing>)> {
    let (canvas, labels) = paint(scene, width / 2, height / 4)?;
    let (width, height) = canvas.points();
    let mut image = Image { width, height, rgb: vec![DARK; 3 * width * height] };
    for y in 0..height {
        for x in 0..width {
            if let Some(point) = canvas.point(x, y) {
                image.rgb[3 * (y * width + x)..][..3].copy_from_slice(&point.color);
            }
        }
    }
    let writing = |label: super::Label| Writing {
        at: (2 * label.column + label.text.len() as i64, 4 * label.row),
        text: label.text.into_iter().collect(),
        color: label.color,
    };
    Some((image, labels.into_iter().map(writing).collect()))
}
