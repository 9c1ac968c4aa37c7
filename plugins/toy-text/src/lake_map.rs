//! Maps of the frozen lake: the two with a name, any written out, and random ones.

use crate::tile_map::{Side, TileMap};
use plugin_api::prelude::*;

/// The lake of `map_name=4x4`.
pub const SMALL: &str = "SFFF/FHFH/FFFH/HFFG";
/// The lake of `map_name=8x8`.
pub const LARGE: &str = "SFFFFFFF/FFFFFFFF/FFFHFFFF/FFFFFHFF/FFFHFFFF/FHHFFFHF/FHFFHFHF/FFFHFFFG";
/// Where the four actions lead.
pub const SIDES: [Side; 4] = [Side::Left, Side::Down, Side::Right, Side::Up];

/// Random tiles drawn before a random map is given up; about a third of a second.
const DRAWS_MAX: usize = 1 << 26;

/// Reads a lake with at least one start.
pub fn parse(text: &str) -> Result<TileMap> {
    let map = TileMap::parse(text, "S start, F frozen, H hole, G goal")?;
    if !map.tiles.contains(&b'S') {
        return Err(Error::argument(format!("the map `{text}` has no start; mark a tile with S")));
    }
    Ok(map)
}

/// A square lake with a way from the first tile to the last, each other tile frozen with chance
/// `frozen`; the same as Gymnasium's `generate_random_map(size, p, seed)`.
pub fn random(size: usize, frozen: f64, seed: u64) -> Result<TileMap> {
    let mut rng = Rng::seeded(seed);
    let chance = frozen.min(1.0);
    // `choice` divides the running sums by the last of them.
    let threshold = chance / (chance + (1.0 - chance));
    let attempts = DRAWS_MAX / (size * size);
    for _ in 0..attempts {
        let tile = |_| if rng.random() < threshold { b'F' } else { b'H' };
        let mut tiles = (0..size * size).map(tile).collect::<Vec<_>>();
        tiles[0] = b'S';
        tiles[size * size - 1] = b'G';
        let map = TileMap { columns: size, tiles };
        if has_a_way(&map) {
            return Ok(map);
        }
    }
    Err(Error::argument(format!(
        "none of {attempts} random lakes of size {size} with {frozen} of the tiles frozen has a \
         way to the goal; raise map_p or lower map_size"
    )))
}

fn has_a_way(map: &TileMap) -> bool {
    let mut seen = vec![false; map.tiles.len()];
    let mut frontier = vec![0];
    while let Some(state) = frontier.pop() {
        if map.tiles[state] == b'G' {
            return true;
        }
        for next in SIDES.map(|side| map.beside(state, side)) {
            if !seen[next] && map.tiles[next] != b'H' {
                seen[next] = true;
                frontier.push(next);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hopeless_lake_is_given_up() {
        let error = random(40, 0.1, 0).expect_err("no way across forty tiles of holes");
        assert!(error.message.contains("raise map_p or lower map_size"), "{error}");
    }

    #[test]
    fn a_lake_needs_a_start() {
        let error = parse("FF/FG").expect_err("no start");
        assert!(error.message.contains("mark a tile with S"), "{error}");
    }
}
