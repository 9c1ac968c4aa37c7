//! Fetch a passenger at one of four stands and bring it to another (Dietterich, 2000).

use crate::board::Board;
use crate::tabular::{Lane, Tabular, World};
use plugin_api::prelude::*;

const SIDE: usize = 5;
const STATES: usize = SIDE * SIDE * 5 * 4;
/// Column c is character 2c + 1; `:` can be driven through, `|` is a wall.
const MAP: [&[u8; 11]; SIDE] =
    [b"|R: | : :G|", b"| : | : : |", b"| : : : : |", b"| | : | : |", b"|Y| : |B: |"];
/// Row and column of the stands: red, green, yellow, blue.
const STANDS: [(usize, usize); 4] = [(0, 0), (0, 4), (4, 0), (4, 3)];
const STAND_NAMES: [&str; 4] = ["R", "G", "Y", "B"];
const STAND_COLORS: [Color; 4] = [Color::RED, Color::GREEN, Color::YELLOW, Color::BLUE];
/// Place of a passenger who sits in the taxi.
const ABOARD: usize = 4;

const ROAD: [Color; 2] = [Color(92, 96, 104), Color(86, 90, 98)];
const WALL: Color = Color(216, 206, 184);
const CAB: Color = Color(244, 196, 48);
const GLASS: Color = Color(60, 70, 84);
const RAIN: Color = Color(130, 160, 196);
/// Where each move points: south, north, east, west.
const DIRECTIONS: [[f32; 2]; 4] = [[0.0, -1.0], [0.0, 1.0], [1.0, 0.0], [-1.0, 0.0]];

params! {
    /// What the taxi can be told.
    pub struct TaxiParams {
        /// Whether it rains, so that the taxi may drift to a side.
        is_rainy: bool = false,
        /// Whether the passenger may ask for another stand once, right after the taxi has left.
        fickle_passenger: bool = false,
        /// Chance to go straight on in the rain.
        rainy_probability: f64 = 0.8 in 0.0..=1.0,
        /// Chance of an episode to have a passenger who asks for another stand.
        fickle_probability: f64 = 0.3 in 0.0..=1.0,
        /// Whether actions that would change nothing are forbidden, rather than merely useless.
        action_mask: bool = false,
    }
}

/// Lanes of taxis.
pub type Taxi = Tabular<Town>;

/// The town, its weather and its passengers.
#[derive(Debug)]
pub struct Town {
    /// Chance to go straight on, where it rains.
    straight: Option<f64>,
    /// Chance that the passenger asks for another stand, if that ever happens.
    fickle: Option<f64>,
    masked: bool,
}

impl World for Town {
    const NAME: &'static str = "Taxi-v4";
    type Params = TaxiParams;

    fn new(params: &TaxiParams) -> Result<Self> {
        Ok(Self {
            straight: params.is_rainy.then_some(params.rainy_probability),
            fickle: params.fickle_passenger.then_some(params.fickle_probability),
            masked: params.action_mask,
        })
    }

    fn transitions(&self) -> Model {
        let start = (0..STATES).map(|state| {
            let view = View::of(state);
            let waits = view.passenger != ABOARD && view.passenger != view.destination;
            if waits { 1.0 / 300.0 } else { 0.0 }
        });
        let model = Model::new(6, start.collect(), |state, action| {
            let view = View::of(state);
            match (action, self.straight) {
                (4, _) => vec![pick_up(view)],
                (5, _) => vec![drop_off(view)],
                (_, None) => vec![going(view.moved(action), 1.0)],
                (_, Some(straight)) => drive_in_rain(view, action, straight),
            }
        });
        let allowed = (0..STATES).flat_map(|state| View::of(state).mask());
        Model { allowed: if self.masked { allowed.collect() } else { Vec::new() }, ..model }
    }

    fn task(&self, states: Space, actions: Space) -> Task {
        Task::new(states, actions, 200).threshold(8.0).rewards(-10.0, 20.0)
    }

    /// The note says whether the passenger still means to change the destination.
    fn begin(&self, lane: &mut Lane, rng: &mut Rng) {
        lane.note = self.fickle.is_some_and(|chance| rng.random() < chance).into();
    }

    #[inline]
    fn amend(&self, before: u16, lane: &mut Lane, rng: &mut Rng) {
        if lane.note != 0 {
            change_mind(View::of(before.into()), lane, rng);
        }
    }

    fn is_exact(&self) -> bool {
        self.fickle.is_none()
    }

    fn render(&self, lane: &Lane, scene: &mut Scene) {
        let view = View::of(lane.state());
        let mut board = Board::new(scene, SIDE, SIDE);
        draw_town(&mut board, self.straight.is_some());
        let (row, column) = STANDS[view.destination];
        board.ring(row, column, 0.46, STAND_COLORS[view.destination]);
        board.ring(row, column, 0.4, Color::WHITE);
        if let Some(&(row, column)) = STANDS.get(view.passenger) {
            board.person(row, column, STAND_COLORS[view.destination]);
        }
        let heading = DIRECTIONS.get(usize::from(lane.action)).copied().unwrap_or([1.0, 0.0]);
        let aboard = (view.passenger == ABOARD).then_some(STAND_COLORS[view.destination]);
        draw_taxi(&mut board, view, heading, aboard);
    }
}

/// What a state number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct View {
    row: usize,
    column: usize,
    /// Stand of the passenger, or `ABOARD`.
    passenger: usize,
    /// Stand to go to.
    destination: usize,
}

impl View {
    fn of(state: usize) -> Self {
        Self {
            row: state / 100,
            column: state / 20 % 5,
            passenger: state / 4 % 5,
            destination: state % 4,
        }
    }

    fn state(self) -> usize {
        ((self.row * SIDE + self.column) * 5 + self.passenger) * 4 + self.destination
    }

    fn place(self) -> (usize, usize) {
        (self.row, self.column)
    }

    /// Whether the taxi can move: 0 south, 1 north, 2 east, 3 west.
    fn is_open(self, direction: usize) -> bool {
        match direction {
            0 => self.row + 1 < SIDE,
            1 => self.row > 0,
            2 => MAP[self.row][2 * self.column + 2] == b':',
            _ => MAP[self.row][2 * self.column] == b':',
        }
    }

    fn moved(mut self, direction: usize) -> Self {
        if self.is_open(direction) {
            match direction {
                0 => self.row += 1,
                1 => self.row -= 1,
                2 => self.column += 1,
                _ => self.column -= 1,
            }
        }
        self
    }

    /// Which actions change anything.
    fn mask(self) -> [bool; 6] {
        let stand = STANDS.iter().position(|&place| place == self.place());
        let can_pick_up = stand == Some(self.passenger);
        let can_drop_off = stand.is_some() && self.passenger == ABOARD;
        let [south, north, east, west] = [0, 1, 2, 3].map(|direction| self.is_open(direction));
        [south, north, east, west, can_pick_up, can_drop_off]
    }
}

/// The taxi drifts to a side only where it could have gone straight on.
fn drive_in_rain(view: View, direction: usize, straight: f64) -> Vec<Outcome> {
    let sides = match direction {
        0 => [2, 3],
        1 => [3, 2],
        2 => [1, 0],
        _ => [0, 1],
    };
    let drift = (1.0 - straight) / 2.0;
    let beside = |side| if view.is_open(direction) { view.moved(side) } else { view };
    vec![
        going(view.moved(direction), straight),
        going(beside(sides[0]), drift),
        going(beside(sides[1]), drift),
    ]
}

fn going(view: View, chance: f64) -> Outcome {
    Outcome { chance, next: view.state(), reward: -1.0, terminated: false }
}

fn pick_up(view: View) -> Outcome {
    if view.mask()[4] {
        return going(View { passenger: ABOARD, ..view }, 1.0);
    }
    Outcome { reward: -10.0, ..going(view, 1.0) }
}

fn drop_off(view: View) -> Outcome {
    let stand = STANDS.iter().position(|&place| place == view.place());
    match stand {
        Some(stand) if view.passenger == ABOARD => {
            let arrived = stand == view.destination;
            let after = going(View { passenger: stand, ..view }, 1.0);
            Outcome { reward: if arrived { 20.0 } else { -1.0 }, terminated: arrived, ..after }
        }
        _ => Outcome { reward: -10.0, ..going(view, 1.0) },
    }
}

/// After the first move with a passenger aboard, a fickle one names one of the other three stands.
fn change_mind(before: View, lane: &mut Lane, rng: &mut Rng) {
    let view = View::of(lane.state());
    if before.passenger == ABOARD && view.place() != before.place() {
        lane.note = 0;
        let other = rng.integers(0, 3) as usize;
        let destination = other + usize::from(other >= before.destination);
        lane.cell.state = View { destination, ..view }.state() as u16;
    }
}

fn draw_town(board: &mut Board<'_>, rains: bool) {
    for (row, line) in MAP.iter().enumerate() {
        for column in 0..SIDE {
            board.ground(row, column, ROAD[(row + column) % 2]);
            if rains {
                let x = 0.3 - 0.15 * ((3 * row + 2 * column) % 5) as f32;
                board.path(row, column, &[[x, 0.3], [x - 0.08, 0.05]], RAIN);
            }
            if line[2 * column + 2] == b'|' && column + 1 < SIDE {
                let wall = [[0.45, -0.5], [0.55, -0.5], [0.55, 0.5], [0.45, 0.5]];
                board.polygon(row, column, &wall, WALL);
            }
        }
    }
    for (stand, (row, column)) in STANDS.into_iter().enumerate() {
        let Color(red, green, blue) = STAND_COLORS[stand];
        board.tile(row, column, Color(red / 2 + 30, green / 2 + 30, blue / 2 + 30));
        board.label(row, column, [-0.32, 0.3], STAND_NAMES[stand], Color::WHITE);
    }
    let corners = [[-0.5, 0.5], [4.5, 0.5], [4.5, -4.5], [-0.5, -4.5], [-0.5, 0.5]];
    board.path(0, 0, &corners, WALL);
}

/// The taxi from above; whoever sits in it wears the color of the destination.
fn draw_taxi(board: &mut Board<'_>, view: View, [x, y]: [f32; 2], aboard: Option<Color>) {
    let (row, column) = view.place();
    // Lengths along the heading and across it.
    let turned = |along: f32, across: f32| [along * x - across * y, along * y + across * x];
    let boxed = |from: f32, to: f32, half: f32| {
        [turned(from, -half), turned(to, -half), turned(to, half), turned(from, half)]
    };
    board.polygon(row, column, &boxed(-0.36, 0.36, 0.2), CAB);
    board.polygon(row, column, &boxed(0.08, 0.2, 0.15), GLASS);
    board.polygon(row, column, &boxed(-0.28, -0.2, 0.15), GLASS);
    board.polygon(row, column, &boxed(-0.12, 0.0, 0.12), aboard.unwrap_or(Color::WHITE));
}
