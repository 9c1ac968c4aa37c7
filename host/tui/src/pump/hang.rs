//! Pictures of pixels: hung into the field that the screen leaves to them, and taken down again
//! without a trace.

use super::Pump;
use crate::picture::image::{Image, pixels};
use crate::record;
use crate::term::images::{Protocol, encode, take_away};
use ratatui::layout::Rect;
use std::io::Write;

/// The picture that hangs.
#[derive(Debug)]
pub(super) struct Hung {
    protocol: Protocol,
    field: Rect,
    rgb: Vec<u8>,
}

impl Pump<'_> {
    /// Before a frame: takes down a picture whose place or time is over.
    pub(super) fn take_down(&mut self, wanted: Option<Rect>) {
        let hung = self.hung.take_if(|hung| wanted != Some(hung.field));
        let Some(hung) = hung else { return };
        self.painter.forget_field(hung.field);
        if let Some(seat) = &mut self.seats.taken {
            // A terminal that is gone is noticed with the next frame.
            let _ = seat.out.write_all(&take_away(hung.protocol));
        }
    }

    /// After a frame: hangs the picture that belongs there, unless it hangs already.
    pub(super) fn hang(&mut self, wanted: Option<(Rect, Image)>) {
        let (Some(images), Some((field, image))) = (self.state.images, wanted) else { return };
        let is_there =
            self.hung.as_ref().is_some_and(|hung| hung.field == field && hung.rgb == image.rgb);
        if is_there {
            return;
        }
        let bytes = encode(images.protocol, &image, field);
        if let Some(seat) = &mut self.seats.taken {
            // A terminal that is gone is noticed with the next frame.
            let _ = seat.out.write_all(&bytes);
        }
        self.hung = Some(Hung { protocol: images.protocol, field, rgb: image.rgb });
    }

    /// The picture in the size of its area, and the field of cells it takes in the middle of it.
    pub(super) fn fitting(&self) -> Option<(Rect, Image)> {
        let (area, shown) = self.state.map.image?;
        let (wide, high) = self.state.images?.cell;
        let room = (area.width as usize * wide as usize, area.height as usize * high as usize);
        let image = scene_image(self.state.scene(shown)?, room)?;
        let cells = |pixels: usize, cell: u16| pixels.div_ceil(cell as usize).max(1) as u16;
        let columns = cells(image.width, wide).min(area.width);
        let rows = cells(image.height, high).min(area.height);
        let field = Rect::new(area.x + (area.width - columns) / 2, area.y, columns, rows);
        Some((field, image))
    }
}

/// A scene as pixels, with its texts.
fn scene_image(scene: &plugin_api::scene::Scene, room: (usize, usize)) -> Option<Image> {
    let (mut image, texts) = pixels(scene, room.0, room.1)?;
    for writing in texts {
        record::write(&mut image, writing.at, writing.color, &writing.text);
    }
    Some(image)
}
