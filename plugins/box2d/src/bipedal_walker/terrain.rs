//! The ground to walk on: a rough line, and in the hardcore world pits, stumps and stairs.

use plugin_api::prelude::*;

use super::{HEIGHT, SCALE};
use crate::physics::{BodyId, FixturePlan, Shape, Vec2, World};

/// Width of a piece of ground.
pub(super) const PIECE: f64 = 14.0 / SCALE;
/// Ends of pieces.
pub(super) const LENGTH: usize = 200;
pub(super) const LEVEL: f64 = HEIGHT / 4.0;
/// Pieces before the ground gets rough.
pub(super) const START: usize = 20;
/// Most pieces of grass between two obstacles.
pub(super) const GRASS: usize = 10;
const FRICTION: f32 = 2.5;

/// The ground as numbers.
#[derive(Clone, Debug)]
pub(super) struct Terrain {
    /// Heights of the ends of the pieces.
    pub(super) heights: Vec<f64>,
    /// Corners of the obstacles.
    pub(super) blocks: Vec<[Vec2; 4]>,
}

/// What lies ahead.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Grass,
    Stump,
    Stairs,
    Pit,
}

/// Draws a terrain from the left to the right.
struct Builder<'a> {
    rng: &'a mut Rng,
    terrain: Terrain,
    y: f64,
    slope: f64,
    /// Pieces left of what is being built.
    left: i64,
    /// Where the ground was when it began.
    level: f64,
    /// Rise of a stair, its width in pieces, and how many there are.
    stairs: [i64; 3],
}

impl Terrain {
    /// A terrain without any slope.
    pub(super) fn flat() -> Self {
        Self { heights: vec![LEVEL; LENGTH], blocks: Vec::new() }
    }

    pub(super) fn random(rng: &mut Rng, is_hardcore: bool) -> Self {
        let terrain = Self { heights: Vec::with_capacity(LENGTH), blocks: Vec::new() };
        let left = START as i64;
        let mut builder =
            Builder { rng, terrain, y: LEVEL, slope: 0.0, left, level: 0.0, stairs: [0; 3] };
        let (mut kind, mut begins) = (Kind::Grass, false);
        for idx in 0..LENGTH {
            builder.piece(idx, kind, begins);
            begins = builder.left == 0;
            if begins {
                let grass = GRASS as i64;
                builder.left = builder.rng.integers(grass / 2, grass);
                kind = if kind == Kind::Grass && is_hardcore {
                    [Kind::Stump, Kind::Stairs, Kind::Pit][builder.rng.integers(1, 4) as usize - 1]
                } else {
                    Kind::Grass
                };
            }
        }
        builder.terrain
    }

    /// Puts the ground into a world, and returns its bodies in the order in which they were made.
    pub(super) fn build(&self, world: &mut World) -> Vec<BodyId> {
        let blocks = self.blocks.iter().map(|corners| Shape::polygon(corners));
        let edges = self.heights.windows(2).enumerate().map(|(idx, heights)| {
            let [left, right] = [idx, idx + 1].map(|end| end as f64 * PIECE);
            Shape::Edge([Vec2::of(left, heights[0]), Vec2::of(right, heights[1])])
        });
        let add = |shape| {
            let body = world.add_still(Vec2::ZERO);
            world.fix(body, FixturePlan { friction: FRICTION, ..FixturePlan::new(shape) });
            body
        };
        blocks.chain(edges).map(add).collect()
    }

    /// Names the ground, for saving and loading alike.
    pub(super) fn state(&mut self, archive: &mut Archive) {
        archive.list("heights", &mut self.heights);
        let numbers = self.blocks.iter().flatten().flat_map(|corner| [corner.x, corner.y]);
        let mut numbers: Vec<f32> = numbers.collect();
        archive.list("blocks", &mut numbers);
        if archive.is_loading() {
            if self.heights.len() != LENGTH || !numbers.len().is_multiple_of(8) {
                archive.fail(Error::argument(
                    "the saved ground has another length; take a snapshot of this world",
                ));
                return *self = Self::flat();
            }
            let block = |block: &[f32]| {
                std::array::from_fn(|idx| Vec2::new(block[2 * idx], block[2 * idx + 1]))
            };
            self.blocks = numbers.chunks_exact(8).map(block).collect();
        }
    }
}

impl Builder<'_> {
    fn piece(&mut self, idx: usize, kind: Kind, begins: bool) {
        let x = idx as f64 * PIECE;
        match (kind, begins) {
            (Kind::Grass, false) => self.grass(idx),
            (Kind::Grass, true) | (Kind::Stump, false) => {}
            (Kind::Stump, true) => self.stump(x),
            (Kind::Stairs, true) => self.begin_stairs(x),
            (Kind::Stairs, false) => {
                let [rise, width, steps] = self.stairs;
                let gone = (steps * width - self.left - rise) as f64 / width as f64;
                self.y = self.level + (gone * rise as f64) * PIECE;
            }
            (Kind::Pit, true) => self.begin_pit(x),
            (Kind::Pit, false) => {
                self.y = self.level;
                if self.left > 1 {
                    self.y -= 4.0 * PIECE;
                }
            }
        }
        self.terrain.heights.push(self.y);
        self.left -= 1;
    }

    fn grass(&mut self, idx: usize) {
        let above = LEVEL - self.y;
        let back = if above == 0.0 { 0.0 } else { above.signum() };
        self.slope = 0.8 * self.slope + 0.01 * back;
        if idx > START {
            self.slope += self.rng.uniform(-1.0, 1.0) / SCALE;
        }
        self.y += self.slope;
    }

    fn block(&mut self, corners: [[f64; 2]; 4]) {
        self.terrain.blocks.push(corners.map(|[x, y]| Vec2::of(x, y)));
    }

    fn stump(&mut self, x: f64) {
        self.left = self.rng.integers(1, 3);
        let side = self.left as f64 * PIECE;
        let y = self.y;
        self.block([[x, y], [x + side, y], [x + side, y + side], [x, y + side]]);
    }

    fn begin_pit(&mut self, x: f64) {
        self.left = self.rng.integers(3, 5);
        let (y, bottom) = (self.y, self.y - 4.0 * PIECE);
        let corners = [[x, y], [x + PIECE, y], [x + PIECE, bottom], [x, bottom]];
        self.block(corners);
        let width = PIECE * self.left as f64;
        self.block(corners.map(|[x, y]| [x + width, y]));
        self.left += 2;
        self.level = y;
    }

    fn begin_stairs(&mut self, x: f64) {
        let rise = if self.rng.random() > 0.5 { 1 } else { -1 };
        let width = self.rng.integers(4, 5);
        let steps = self.rng.integers(3, 5);
        self.stairs = [rise, width, steps];
        self.level = self.y;
        let y = self.y;
        for step in 0..steps {
            let pieces = |count: i64| count as f64 * PIECE;
            let [left, right] = [step, 1 + step].map(|stair| x + pieces(stair * width));
            let [top, bottom] = [0, -1].map(|below| y + pieces(below + step * rise));
            self.block([[left, top], [right, top], [right, bottom], [left, bottom]]);
        }
        self.left = steps * width;
    }
}
