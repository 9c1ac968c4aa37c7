//! Maps of square tiles, written as rows of letters with `/` between them.

use plugin_api::prelude::*;

/// States are kept as 16-bit numbers.
const TILES_MAX: usize = 1 << 16;

/// Tiles in rows and columns; the state of a world is the index of a tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TileMap {
    /// Number of columns.
    pub columns: usize,
    /// `[rows, columns]`.
    pub tiles: Vec<u8>,
}

/// A side of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Towards column 0.
    Left,
    /// Towards the last row.
    Down,
    /// Towards the last column.
    Right,
    /// Towards row 0.
    Up,
}

impl Side {
    /// The direction in a picture, whose y grows upwards.
    pub fn vector(self) -> [f32; 2] {
        match self {
            Self::Left => [-1.0, 0.0],
            Self::Down => [0.0, -1.0],
            Self::Right => [1.0, 0.0],
            Self::Up => [0.0, 1.0],
        }
    }
}

impl TileMap {
    /// Reads a map; `legend` says what each letter means, as in `S start, F frozen`.
    pub fn parse(text: &str, legend: &str) -> Result<Self> {
        let rows = text.split('/').map(|row| row.trim().as_bytes()).collect::<Vec<_>>();
        let columns = rows[0].len();
        if let Some(row) = rows.iter().position(|row| row.len() != columns || columns == 0) {
            return Err(Error::argument(format!(
                "row {row} of the map `{text}` has {} tiles where row 0 has {columns}; \
                 write rows of equal length with `/` between them",
                rows[row].len()
            )));
        }
        let tiles = rows.concat();
        let known = |tile: u8| legend.split(", ").any(|entry| entry.as_bytes()[0] == tile);
        if let Some(place) = tiles.iter().position(|&tile| !known(tile)) {
            let (row, column) = (place / columns, place % columns);
            return Err(Error::argument(format!(
                "row {row}, column {column} of the map `{text}` is not a tile; tiles are {legend}"
            )));
        }
        if tiles.len() > TILES_MAX {
            return Err(Error::argument(format!(
                "the map has {} tiles; write one of at most {TILES_MAX}",
                tiles.len()
            )));
        }
        Ok(Self { columns, tiles })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.tiles.len() / self.columns
    }

    /// Row and column of a tile.
    pub fn place(&self, state: usize) -> (usize, usize) {
        (state / self.columns, state % self.columns)
    }

    /// Equal chances for all tiles that `may` be the first.
    pub fn start(&self, may: impl Fn(u8) -> bool) -> Vec<f64> {
        let count = self.tiles.iter().filter(|&&tile| may(tile)).count() as f64;
        self.tiles.iter().map(|&tile| if may(tile) { 1.0 / count } else { 0.0 }).collect()
    }

    /// The neighbour on one side; at the border, the tile itself.
    pub fn beside(&self, state: usize, side: Side) -> usize {
        let (row, column) = self.place(state);
        match side {
            Side::Left if column > 0 => state - 1,
            Side::Down if row + 1 < self.rows() => state + self.columns,
            Side::Right if column + 1 < self.columns => state + 1,
            Side::Up if row > 0 => state - self.columns,
            _ => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, part: &str) {
        let error = TileMap::parse(text, "S start, . floor").expect_err("this map is wrong");
        assert!(error.message.contains(part), "{error}");
    }

    #[test]
    fn a_map_is_read_row_by_row() {
        let map = TileMap::parse("S../...", "S start, . floor").expect("this map is right");
        assert_eq!((map.rows(), map.columns), (2, 3));
        assert_eq!(map.place(5), (1, 2));
        let around =
            [Side::Left, Side::Down, Side::Right, Side::Up].map(|side| map.beside(0, side));
        assert_eq!(around, [0, 3, 1, 0]);
    }

    #[test]
    fn what_is_wrong_with_a_map_is_said() {
        refused("S../..", "row 1 of the map `S../..` has 2 tiles where row 0 has 3");
        refused(
            "S../.x.",
            "row 1, column 1 of the map `S../.x.` is not a tile; tiles are S start, . floor",
        );
        refused("", "has 0 tiles");
        refused("S./é", "is not a tile");
        refused(&".".repeat(1 << 17), "at most 65536");
    }
}
