//! Cross a frozen lake from start to goal without falling into a hole; the ice is slippery.

use crate::board::Board;
use crate::lake_map::{self, SIDES};
use crate::tabular::{Lane, Tabular, World};
use crate::tile_map::TileMap;
use plugin_api::prelude::*;

const ICE: [Color; 2] = [Color(205, 228, 241), Color(190, 217, 235)];
const CRACK: Color = Color(160, 192, 214);
const WATER: Color = Color(24, 58, 98);
const RIM: Color = Color(122, 170, 206);

params! {
    /// What a lake can be told.
    pub struct LakeParams {
        /// Which lake: the small one, the large one, or a random one.
        map_name: String = "4x4" of ["4x4", "8x8", "random"],
        /// A lake of your own in place of map_name, rows separated by `/`: SFF/FHF/FFG.
        desc: String = "",
        /// Whether a move may turn out a quarter to either side.
        is_slippery: bool = true,
        /// Chance to go where one wants to on slippery ice.
        success_rate: f64 = 0.333_333_333_333_333_3 in 0.0..=1.0,
        /// Rewards for reaching the goal, a hole and any other tile.
        reward_schedule: Vec<f64> = [1.0, 0.0, 0.0],
        /// Tiles along one side of a random lake.
        map_size: usize = 8 in 2..=255,
        /// Chance of each tile of a random lake to be frozen.
        map_p: f64 = 0.8 in 0.0..=1.0,
        /// Seed of a random lake.
        map_seed: u64 = 0 in 0..,
    }
}

/// Lanes on the lake.
pub type FrozenLake = Tabular<Lake>;

/// The lake and its rules.
#[derive(Debug)]
pub struct Lake {
    map: TileMap,
    /// Chance to go straight on; none where the ice is not slippery.
    success_rate: Option<f64>,
    /// For the goal, a hole and any other tile.
    rewards: [f64; 3],
    threshold: f64,
}

impl World for Lake {
    const NAME: &'static str = "FrozenLake-v1";
    const VARIANTS: &'static [Variant] = &[Variant {
        name: "FrozenLake8x8-v1",
        params: &[("map_name", "8x8"), ("max_steps", "200")],
    }];
    type Params = LakeParams;

    fn new(params: &LakeParams) -> Result<Self> {
        let map = match (params.desc.as_str(), params.map_name.as_str()) {
            ("", "4x4") => lake_map::parse(lake_map::SMALL)?,
            ("", "8x8") => lake_map::parse(lake_map::LARGE)?,
            ("", _) => lake_map::random(params.map_size, params.map_p, params.map_seed)?,
            (desc, _) => lake_map::parse(desc)?,
        };
        let rewards = params.reward_schedule.as_slice().try_into().map_err(|_| {
            Error::argument(format!(
                "`reward_schedule` has {} numbers; give three, for goal, hole and ice, as in 1,0,0",
                params.reward_schedule.len()
            ))
        })?;
        let success_rate = params.is_slippery.then_some(params.success_rate);
        let threshold = if params.map_name == "8x8" { 0.85 } else { 0.7 };
        Ok(Self { map, success_rate, rewards, threshold })
    }

    fn transitions(&self) -> Model {
        let start = self.map.start(|tile| tile == b'S');
        Model::new(4, start, |state, action| self.outcomes(state, action))
    }

    fn task(&self, states: Space, actions: Space) -> Task {
        let low = self.rewards.iter().copied().fold(f64::INFINITY, f64::min);
        let high = self.rewards.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Task::new(states, actions, 100).threshold(self.threshold).rewards(low, high)
    }

    fn render(&self, lane: &Lane, scene: &mut Scene) {
        let mut board = Board::new(scene, self.map.rows(), self.map.columns);
        for state in 0..self.map.tiles.len() {
            self.draw_tile(&mut board, state);
        }
        let (row, column) = self.map.place(lane.state());
        if self.map.tiles[lane.state()] == b'H' {
            board.ring(row, column, 0.14, Color::WHITE);
            board.label(row, column, [0.0, 0.0], "splash", Color::WHITE);
        } else {
            board.person(row, column, Color::RED);
        }
        if let Some(side) = SIDES.get(usize::from(lane.action)) {
            board.pointer(row, column, side.vector(), Color::BLUE);
        }
    }
}

impl Lake {
    /// The three ways a step may turn out: a quarter back, straight on, a quarter on.
    fn outcomes(&self, state: usize, action: usize) -> Vec<Outcome> {
        if self.ends(state) {
            return vec![Outcome::sure(state, 0.0, true)];
        }
        match self.success_rate {
            None => vec![self.outcome(state, action, 1.0)],
            Some(straight) => {
                let astray = (1.0 - straight) / 2.0;
                [(3, astray), (0, straight), (1, astray)]
                    .map(|(turn, chance)| self.outcome(state, (action + turn) % 4, chance))
                    .to_vec()
            }
        }
    }

    fn outcome(&self, state: usize, direction: usize, chance: f64) -> Outcome {
        let next = self.map.beside(state, SIDES[direction]);
        let [goal, hole, ice] = self.rewards;
        let reward = match self.map.tiles[next] {
            b'G' => goal,
            b'H' => hole,
            _ => ice,
        };
        Outcome { chance, next, reward, terminated: self.ends(next) }
    }

    fn ends(&self, state: usize) -> bool {
        matches!(self.map.tiles[state], b'G' | b'H')
    }

    fn draw_tile(&self, board: &mut Board<'_>, state: usize) {
        let (row, column) = self.map.place(state);
        board.tile(row, column, ICE[(row + column) % 2]);
        match self.map.tiles[state] {
            b'H' => {
                board.disc(row, column, 0.42, RIM);
                board.disc(row, column, 0.37, WATER);
            }
            b'G' => board.flag(row, column, Color::GREEN),
            b'S' => board.ring(row, column, 0.4, Color::BLUE),
            // Cracks lie where they please, but always at the same places.
            _ if (3 * column + 5 * row) % 7 < 2 => {
                let crack = [[-0.35, 0.3], [-0.12, 0.12], [-0.18, -0.05], [0.08, -0.2]];
                board.path(row, column, &crack, CRACK);
            }
            _ => {}
        }
    }
}
