//! Walk over a 10 by 10 grid to a goal worth 10, around blocks if there are any.
//!
//! v0 starts in a corner of an empty grid, v1 has blocks in the way, v2 starts on any tile, and v3
//! has both.

use crate::board::Board;
use crate::tabular::{Lane, Tabular, World};
use crate::tile_map::{Side, TileMap};
use plugin_api::prelude::*;

const EMPTY: &str = "S........./........../........../........../........../\
                     ........../........../........../........../.........G";
const BLOCKED: &str = "S........./..##...#../..#....#../..#..###../.....#..../\
                       .###....#./...#..#.#./.#.#..#.../.#....##../...#.....G";
const LEGEND: &str = "S start, . floor, # block, G goal";
const SIDES: [Side; 4] = [Side::Up, Side::Right, Side::Down, Side::Left];

const FLOOR: [Color; 2] = [Color(226, 220, 206), Color(216, 209, 194)];
const BLOCK: Color = Color(96, 84, 76);
const BLOCK_TOP: Color = Color(128, 114, 102);

params! {
    /// What the grid can be told.
    pub struct GridParams {
        /// Whether there are blocks in the way.
        blocks: bool = false,
        /// Whether an episode starts on any tile but a block or the goal, rather than on S.
        random_start: bool = false,
        /// A grid of your own, rows separated by `/`: S.#/..G.
        map: String = "",
        /// Reward for reaching the goal.
        goal_reward: f64 = 10.0,
        /// Reward for every other step.
        step_reward: f64 = -0.5,
    }
}

/// Lanes on the grid.
pub type GridWorld = Tabular<Grid>;

/// The grid and its rewards.
#[derive(Debug)]
pub struct Grid {
    map: TileMap,
    params: GridParams,
}

impl World for Grid {
    const NAME: &'static str = "GridWorld-v0";
    const VARIANTS: &'static [Variant] = &[
        Variant { name: "GridWorld-v1", params: &[("blocks", "true")] },
        Variant { name: "GridWorld-v2", params: &[("random_start", "true")] },
        Variant { name: "GridWorld-v3", params: &[("blocks", "true"), ("random_start", "true")] },
    ];
    type Params = GridParams;

    fn new(params: &GridParams) -> Result<Self> {
        let map = match (params.map.as_str(), params.blocks) {
            ("", false) => EMPTY,
            ("", true) => BLOCKED,
            (own, _) => own,
        };
        let grid = Self { map: TileMap::parse(map, LEGEND)?, params: params.clone() };
        if !grid.map.tiles.iter().any(|&tile| grid.may_start(tile)) {
            let way_out =
                if params.random_start { "leave a tile free" } else { "mark a tile with S" };
            return Err(Error::argument(format!("the map `{map}` has no start; {way_out}")));
        }
        Ok(grid)
    }

    fn transitions(&self) -> Model {
        let start = self.map.start(|tile| self.may_start(tile));
        Model::new(4, start, |state, action| vec![self.outcome(state, action)])
    }

    fn task(&self, states: Space, actions: Space) -> Task {
        let (goal, step) = (self.params.goal_reward, self.params.step_reward);
        Task::new(states, actions, 100).rewards(goal.min(step), goal.max(step))
    }

    fn render(&self, lane: &Lane, scene: &mut Scene) {
        let mut board = Board::new(scene, self.map.rows(), self.map.columns);
        for state in 0..self.map.tiles.len() {
            self.draw_tile(&mut board, state);
        }
        let (row, column) = self.map.place(lane.state());
        board.person(row, column, Color::BLUE);
        if let Some(side) = SIDES.get(usize::from(lane.action)) {
            board.pointer(row, column, side.vector(), Color::BLUE);
        }
    }
}

impl Grid {
    fn may_start(&self, tile: u8) -> bool {
        tile == b'S' || self.params.random_start && tile == b'.'
    }

    fn outcome(&self, state: usize, action: usize) -> Outcome {
        let ahead = self.map.beside(state, SIDES[action]);
        let next = if self.map.tiles[ahead] == b'#' { state } else { ahead };
        let terminated = self.map.tiles[next] == b'G';
        let reward = if terminated { self.params.goal_reward } else { self.params.step_reward };
        Outcome::sure(next, reward, terminated)
    }

    fn draw_tile(&self, board: &mut Board<'_>, state: usize) {
        let (row, column) = self.map.place(state);
        board.tile(row, column, FLOOR[(row + column) % 2]);
        match self.map.tiles[state] {
            b'#' => {
                board.tile(row, column, BLOCK);
                let top = [[-0.48, 0.48], [0.48, 0.48], [0.36, 0.12], [-0.36, 0.12]];
                board.polygon(row, column, &top, BLOCK_TOP);
            }
            b'G' => board.flag(row, column, Color::GREEN),
            b'S' => board.ring(row, column, 0.4, Color::GREY),
            _ => {}
        }
    }
}
