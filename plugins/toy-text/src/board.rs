//! A board of square tiles as a picture: row 0 on top, one unit a tile.

use plugin_api::prelude::*;

const SHADOW: Color = Color(60, 70, 84);
const SKIN: Color = Color(240, 204, 170);
const POLE: Color = Color(92, 74, 58);

/// A scene seen as rows and columns.
#[derive(Debug)]
pub struct Board<'a> {
    scene: &'a mut Scene,
    rows: usize,
}

impl<'a> Board<'a> {
    /// An empty board with a narrow margin around it.
    pub fn new(scene: &'a mut Scene, rows: usize, columns: usize) -> Self {
        scene.view(-0.25, -0.25, columns as f32 + 0.25, rows as f32 + 0.25);
        Self { scene, rows }
    }

    /// A point of a tile; `[0.0, 0.0]` is its middle, `[0.5, 0.5]` its upper right corner.
    pub fn point(&self, row: usize, column: usize, offset: [f32; 2]) -> [f32; 2] {
        let (x, y) = (column as f32 + 0.5, (self.rows - row) as f32 - 0.5);
        [x + offset[0], y + offset[1]]
    }

    /// Fills a tile, leaving a thin gap to its neighbours.
    pub fn tile(&mut self, row: usize, column: usize, color: Color) {
        let corner = self.point(row, column, [-0.48, -0.48]);
        self.scene.rect(corner, [0.96, 0.96], color);
    }

    /// Fills a tile up to its edges.
    pub fn ground(&mut self, row: usize, column: usize, color: Color) {
        let corner = self.point(row, column, [-0.5, -0.5]);
        self.scene.rect(corner, [1.0, 1.0], color);
    }

    /// A filled circle in the middle of a tile.
    pub fn disc(&mut self, row: usize, column: usize, radius: f32, color: Color) {
        let middle = self.point(row, column, [0.0, 0.0]);
        self.scene.disc(middle, radius, color);
    }

    /// A circle in the middle of a tile.
    pub fn ring(&mut self, row: usize, column: usize, radius: f32, color: Color) {
        let middle = self.point(row, column, [0.0, 0.0]);
        self.scene.circle(middle, radius, color);
    }

    /// A line through points of one tile.
    pub fn path(&mut self, row: usize, column: usize, offsets: &[[f32; 2]], color: Color) {
        let points = self.points(row, column, offsets);
        self.scene.path(&points, color);
    }

    /// A filled area between points of one tile.
    pub fn polygon(&mut self, row: usize, column: usize, offsets: &[[f32; 2]], color: Color) {
        let points = self.points(row, column, offsets);
        self.scene.polygon(&points, color);
    }

    /// Text in the middle of a tile, moved by `offset`.
    pub fn label(&mut self, row: usize, column: usize, offset: [f32; 2], text: &str, color: Color) {
        let at = self.point(row, column, offset);
        self.scene.label(at, text, color);
    }

    /// Someone standing on a tile, seen from the front.
    pub fn person(&mut self, row: usize, column: usize, coat: Color) {
        let feet = [[-0.2, -0.32], [0.2, -0.32], [0.14, -0.38], [-0.14, -0.38]];
        self.polygon(row, column, &feet, SHADOW);
        self.polygon(row, column, &[[-0.2, -0.3], [0.2, -0.3], [0.1, 0.12], [-0.1, 0.12]], coat);
        let head = self.point(row, column, [0.0, 0.2]);
        self.scene.disc(head, 0.13, SKIN);
        self.polygon(row, column, &[[-0.14, 0.24], [0.14, 0.24], [0.02, 0.44]], coat);
    }

    /// A flag on its pole.
    pub fn flag(&mut self, row: usize, column: usize, cloth: Color) {
        self.polygon(
            row,
            column,
            &[[-0.16, -0.36], [-0.1, -0.36], [-0.1, 0.4], [-0.16, 0.4]],
            POLE,
        );
        self.polygon(row, column, &[[-0.1, 0.4], [0.32, 0.22], [-0.1, 0.04]], cloth);
    }

    /// A small arrow head at the edge of a tile that points out of it, towards `[x, y]`.
    pub fn pointer(&mut self, row: usize, column: usize, [x, y]: [f32; 2], color: Color) {
        let tip = [0.47 * x, 0.47 * y];
        let back = [0.36 * x, 0.36 * y];
        let side = [0.1 * y, -0.1 * x];
        let left = [back[0] + side[0], back[1] + side[1]];
        let right = [back[0] - side[0], back[1] - side[1]];
        self.polygon(row, column, &[tip, left, right], color);
    }

    fn points(&self, row: usize, column: usize, offsets: &[[f32; 2]]) -> Vec<[f32; 2]> {
        offsets.iter().map(|&offset| self.point(row, column, offset)).collect()
    }
}
