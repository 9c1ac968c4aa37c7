//! The track: a closed way through random checkpoints, cut into tiles, with curbs in sharp turns.

use std::f64::consts::PI;

use plugin_api::prelude::*;

use super::SCALE;
use crate::precise::sin_cos;

const RADIUS: f64 = 900.0 / SCALE;
/// Length of a tile, half its width, and the width of a curb.
const PIECE: f64 = 21.0 / SCALE;
const WIDTH: f64 = 40.0 / SCALE;
const CURB: f64 = 8.0 / SCALE;
/// How much a piece turns at most.
const TURN: f64 = 0.31;
const CHECKPOINTS: usize = 12;
/// The way goes around so often; two crossings of the start make the track.
const LAPS: u32 = 4;
const PIECES_MAX: usize = 2500;
/// Pieces in a row that turn sharply before there is a curb.
const CURB_PIECES: usize = 4;

/// A place of the way: the direction from the middle of the world, the direction of the track
/// across, and the place itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Piece {
    around: f64,
    pub(super) across: f64,
    pub(super) x: f64,
    pub(super) y: f64,
}

/// Four corners.
pub(super) type Corners = [(f64, f64); 4];

/// The pieces of a lap.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    pieces: Vec<Piece>,
    /// Whether a piece has a curb.
    curbs: Vec<bool>,
}

impl Track {
    /// Draws ways until one closes.
    pub(super) fn random(rng: &mut Rng) -> Self {
        loop {
            if let Some(pieces) = lap(&way(&checkpoints(rng))) {
                return Self { curbs: curbs(&pieces), pieces };
            }
        }
    }

    /// A circle, for a world in which nothing was reset yet.
    pub(super) fn circle() -> Self {
        let piece = |idx: usize| {
            let around = 2.0 * PI * idx as f64 / 100.0;
            let (sin, cos) = sin_cos(around);
            Piece { around, across: around, x: 60.0 * cos, y: 60.0 * sin }
        };
        let pieces: Vec<_> = (0..100).map(piece).collect();
        Self { curbs: curbs(&pieces), pieces }
    }

    pub(super) fn len(&self) -> usize {
        self.pieces.len()
    }

    pub(super) fn places(&self) -> impl Iterator<Item = (f64, f64)> {
        self.pieces.iter().map(|piece| (piece.x, piece.y))
    }

    pub(super) fn start(&self) -> Piece {
        self.pieces[0]
    }

    /// The ends of a tile: this piece and the one before it.
    fn ends(&self, idx: usize) -> [Piece; 2] {
        let before = idx.checked_sub(1).unwrap_or(self.pieces.len() - 1);
        [self.pieces[idx], self.pieces[before]]
    }

    /// The corners of a tile.
    pub(super) fn tile(&self, idx: usize) -> Corners {
        let [[a, b], [c, d]] = self.ends(idx).map(|Piece { across, x, y, .. }| {
            let (sin, cos) = sin_cos(across);
            [(x - WIDTH * cos, y - WIDTH * sin), (x + WIDTH * cos, y + WIDTH * sin)]
        });
        [a, b, d, c]
    }

    /// The corners of the curb beside a tile, where there is one.
    pub(super) fn curb(&self, idx: usize) -> Option<Corners> {
        let ends = self.ends(idx);
        let side = sign(ends[1].across - ends[0].across);
        let [[a, b], [c, d]] = ends.map(|Piece { across, x, y, .. }| {
            let (sin, cos) = sin_cos(across);
            let at = |way: f64| (x + side * way * cos, y + side * way * sin);
            [at(WIDTH), at(WIDTH + CURB)]
        });
        self.curbs[idx].then_some([a, b, d, c])
    }

    /// Names what a track consists of.
    pub(super) fn state(&mut self, archive: &mut Archive) {
        let parts = |piece: &Piece| [piece.around, piece.across, piece.x, piece.y];
        let mut numbers: Vec<f64> = self.pieces.iter().flat_map(parts).collect();
        archive.list("track", &mut numbers);
        if !archive.is_loading() {
            return;
        }
        if numbers.len() < 4 * (CURB_PIECES + 1) || numbers.len() > 4 * PIECES_MAX {
            let says = "the saved track has no length a track can have; take an older snapshot";
            return archive.fail(Error::argument(says));
        }
        let piece =
            |part: &[f64]| Piece { around: part[0], across: part[1], x: part[2], y: part[3] };
        self.pieces = numbers.chunks_exact(4).map(piece).collect();
        self.curbs = curbs(&self.pieces);
    }
}

/// -1, 0 or 1.
pub(super) fn sign(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        0.0
    }
}

/// Directions and places to pass, around the middle.
fn checkpoints(rng: &mut Rng) -> [(f64, f64, f64); CHECKPOINTS] {
    let part = |idx: f64| 2.0 * PI * idx / CHECKPOINTS as f64;
    std::array::from_fn(|idx| {
        let noise = rng.uniform(0.0, part(1.0));
        let drawn = rng.uniform(RADIUS / 3.0, RADIUS);
        let (around, radius) = match idx {
            0 => (0.0, 1.5 * RADIUS),
            _ if idx == CHECKPOINTS - 1 => (part(idx as f64), 1.5 * RADIUS),
            _ => (part(idx as f64) + noise, drawn),
        };
        let (sin, cos) = sin_cos(around);
        (around, radius * cos, radius * sin)
    })
}

/// Steers from checkpoint to checkpoint.
fn way(checkpoints: &[(f64, f64, f64); CHECKPOINTS]) -> Vec<Piece> {
    let (mut x, mut y, mut across) = (1.5 * RADIUS, 0.0_f64, 0.0_f64);
    let (mut next, mut laps, mut was_behind) = (0, 0, false);
    let mut pieces = Vec::with_capacity(PIECES_MAX);
    while laps <= LAPS && pieces.len() < PIECES_MAX {
        let mut around = y.atan2(x);
        if was_behind && around > 0.0 {
            laps += 1;
            was_behind = false;
        }
        if around < 0.0 {
            was_behind = true;
            around += 2.0 * PI;
        }
        let (_, to_x, to_y) = ahead(checkpoints, &mut next, &mut around);
        let (sin, cos) = sin_cos(across);
        let aside = cos * (to_x - x) + sin * (to_y - y);
        while across - around > 1.5 * PI {
            across -= 2.0 * PI;
        }
        while across - around < -1.5 * PI {
            across += 2.0 * PI;
        }
        let before = across;
        let aside = aside * SCALE;
        let turn = TURN.min((0.001 * aside).abs());
        if aside > 0.3 {
            across -= turn;
        }
        if aside < -0.3 {
            across += turn;
        }
        x += -sin * PIECE;
        y += cos * PIECE;
        pieces.push(Piece { around, across: before * 0.5 + across * 0.5, x, y });
    }
    pieces
}

/// The next checkpoint in this direction or behind it.
fn ahead(
    checkpoints: &[(f64, f64, f64); CHECKPOINTS],
    next: &mut usize,
    around: &mut f64,
) -> (f64, f64, f64) {
    loop {
        loop {
            let checkpoint = checkpoints[*next % CHECKPOINTS];
            if *around <= checkpoint.0 {
                return checkpoint;
            }
            *next += 1;
            if next.is_multiple_of(CHECKPOINTS) {
                break;
            }
        }
        *around -= 2.0 * PI;
    }
}

/// What lies between the last two crossings of the start, if its ends meet.
fn lap(way: &[Piece]) -> Option<Vec<Piece>> {
    let start = 2.0 * PI * -0.5 / CHECKPOINTS as f64;
    let crosses = |idx: &usize| way[*idx].around > start && way[*idx - 1].around <= start;
    let mut crossings = (1..way.len()).rev().filter(crosses);
    let (last, first) = (crossings.next()?, crossings.next()?);
    let lap = &way[first..last - 1];
    let (begin, end) = (lap.first()?, lap.last()?);
    let (sin, cos) = sin_cos(begin.across);
    let (x, y) = (cos * (begin.x - end.x), sin * (begin.y - end.y));
    ((x * x + y * y).sqrt() <= PIECE).then(|| lap.to_vec())
}

/// Where the track turns sharply to one side, and a few pieces before.
fn curbs(pieces: &[Piece]) -> Vec<bool> {
    let len = pieces.len();
    let back = |idx: usize, by: usize| (idx + len - by) % len;
    let is_sharp = |idx: usize| {
        let (mut is_sharp, mut side) = (true, 0.0);
        for by in 0..CURB_PIECES {
            let turn = pieces[back(idx, by)].across - pieces[back(idx, by + 1)].across;
            is_sharp &= turn.abs() > TURN * 0.2;
            side += sign(turn);
        }
        is_sharp && side.abs() > CURB_PIECES as f64 - 0.5
    };
    let mut curbs: Vec<bool> = (0..len).map(is_sharp).collect();
    for idx in 0..len {
        for by in 0..CURB_PIECES {
            let here = curbs[idx];
            curbs[back(idx, by)] |= here;
        }
    }
    curbs
}
