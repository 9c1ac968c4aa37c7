//! Walk along a cliff from one corner to the other; a fall costs 100 and leads back to the start.

use crate::board::Board;
use crate::tabular::{Lane, Tabular, World};
use crate::tile_map::{Side, TileMap};
use plugin_api::prelude::*;

const MAP: &str = "............/............/............/SCCCCCCCCCCG";
const SIDES: [Side; 4] = [Side::Up, Side::Right, Side::Down, Side::Left];

const GRASS: [Color; 2] = [Color(122, 166, 92), Color(113, 156, 85)];
const ABYSS: Color = Color(34, 30, 40);
const ROCK: Color = Color(124, 98, 78);
const EMBER: Color = Color(196, 92, 58);

params! {
    /// What the cliff can be told.
    pub struct CliffParams {
        /// Whether a move may turn out a quarter to either side, each with a chance of one third.
        is_slippery: bool = false,
    }
}

/// Lanes along the cliff.
pub type CliffWalking = Tabular<Cliff>;

/// The cliff and its rules.
#[derive(Debug)]
pub struct Cliff {
    map: TileMap,
    is_slippery: bool,
}

impl World for Cliff {
    const NAME: &'static str = "CliffWalking-v1";
    const VARIANTS: &'static [Variant] =
        &[Variant { name: "CliffWalkingSlippery-v1", params: &[("is_slippery", "true")] }];
    type Params = CliffParams;

    fn new(params: &CliffParams) -> Result<Self> {
        let map = TileMap::parse(MAP, "S start, C cliff, G goal, . path")?;
        Ok(Self { map, is_slippery: params.is_slippery })
    }

    fn transitions(&self) -> Model {
        let start = self.map.start(|tile| tile == b'S');
        Model::new(4, start, |state, action| self.outcomes(state, action))
    }

    fn task(&self, states: Space, actions: Space) -> Task {
        Task::new(states, actions, 0).rewards(-100.0, -1.0)
    }

    fn render(&self, lane: &Lane, scene: &mut Scene) {
        let mut board = Board::new(scene, self.map.rows(), self.map.columns);
        for state in 0..self.map.tiles.len() {
            self.draw_tile(&mut board, state);
        }
        let (row, column) = self.map.place(lane.state());
        board.person(row, column, Color::BLUE);
        if let Some(side) = SIDES.get(usize::from(lane.action)) {
            board.pointer(row, column, side.vector(), Color::WHITE);
        }
    }
}

impl Cliff {
    /// The three ways a step may turn out: a quarter back, straight on, a quarter on.
    fn outcomes(&self, state: usize, action: usize) -> Vec<Outcome> {
        if self.is_slippery {
            [3, 0, 1].map(|turn| self.outcome(state, (action + turn) % 4, 1.0 / 3.0)).to_vec()
        } else {
            vec![self.outcome(state, action, 1.0)]
        }
    }

    fn outcome(&self, state: usize, direction: usize, chance: f64) -> Outcome {
        let next = self.map.beside(state, SIDES[direction]);
        match self.map.tiles[next] {
            b'C' => Outcome { chance, next: self.start(), reward: -100.0, terminated: false },
            tile => Outcome { chance, next, reward: -1.0, terminated: tile == b'G' },
        }
    }

    fn start(&self) -> usize {
        self.map.tiles.iter().position(|&tile| tile == b'S').expect("the map has a start")
    }

    fn draw_tile(&self, board: &mut Board<'_>, state: usize) {
        let (row, column) = self.map.place(state);
        board.ground(row, column, GRASS[(row + column) % 2]);
        match self.map.tiles[state] {
            b'C' => draw_cliff(board, row, column),
            b'S' => board.ring(row, column, 0.4, Color::WHITE),
            b'G' => board.flag(row, column, Color::RED),
            _ => {}
        }
    }
}

fn draw_cliff(board: &mut Board<'_>, row: usize, column: usize) {
    board.ground(row, column, ABYSS);
    let brink = [[-0.5, 0.5], [0.5, 0.5], [0.3, 0.22], [0.12, 0.36], [-0.1, 0.16], [-0.32, 0.3]];
    board.polygon(row, column, &brink, ROCK);
    let glow = [[-0.5, -0.5], [0.5, -0.5], [0.5, -0.36], [0.2, -0.44], [-0.15, -0.32]];
    board.polygon(row, column, &glow, EMBER);
}
