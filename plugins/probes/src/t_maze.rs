//! Walk down a corridor and turn the way a sign at its start pointed to (Bakker, 2002).
//!
//! The sign is seen once. With memory the best return is 4; without it both turns are a guess,
//! and 1.95 is all there is. Bumping into walls costs 0.1.

use plugin_api::prelude::*;

const CORRIDOR: i64 = 0;
const SIGN_UP: i64 = 1;
const SIGN_DOWN: i64 = 2;
const JUNCTION: i64 = 3;

params! {
    /// The maze.
    pub struct TMazeParams {
        /// Steps from the sign to the junction.
        length: usize = 10 in 1..=1_000,
    }
}

/// The world that has to be remembered.
#[derive(Clone, Debug)]
pub struct TMaze {
    length: usize,
    place: usize,
    up: bool,
}

impl Env for TMaze {
    const NAME: &'static str = "TMaze-v0";
    type Params = TMazeParams;
    type Obs = i64;
    type Action = i64;

    fn new(params: &TMazeParams) -> Result<Self> {
        Ok(Self { length: params.length, place: 0, up: false })
    }

    /// Actions: 0 forward, 1 up, 2 down.
    fn task(&self) -> Task {
        let task = Task::new(Space::discrete(4), Space::discrete(3), self.length as u32 + 20);
        task.rewards(-0.1, 4.0).optimum(4.0).threshold(3.5)
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [i64]) {
        (self.place, self.up) = (0, rng.integers(0, 2) == 1);
        obs[0] = self.look();
    }

    fn step(&mut self, action: &[i64], _rng: &mut Rng, obs: &mut [i64]) -> Step {
        let step = match (action[0], self.place == self.length) {
            (0, false) => {
                self.place += 1;
                Step::go_on(0.0)
            }
            (1 | 2, true) => {
                let right = (action[0] == 1) == self.up;
                Step::terminate(if right { 4.0 } else { -0.1 })
            }
            _ => Step::go_on(-0.1),
        };
        obs[0] = self.look();
        step
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("place", &mut self.place);
        archive.value("up", &mut self.up);
    }

    fn render(&self, scene: &mut Scene) -> bool {
        let tile = |place| if place == self.place { '●' } else { '·' };
        let row = (0..=self.length).map(tile).collect::<String>();
        let blank = " ".repeat(self.length);
        let (above, below) = if self.up { ('★', '×') } else { ('×', '★') };
        scene.write(format!("{blank}{above}\n{row}\n{blank}{below}"));
        true
    }
}

impl TMaze {
    fn look(&self) -> i64 {
        match (self.place, self.up) {
            (0, true) => SIGN_UP,
            (0, false) => SIGN_DOWN,
            (place, _) if place == self.length => JUNCTION,
            _ => CORRIDOR,
        }
    }
}
