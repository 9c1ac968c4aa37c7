//! A square grid: walk from one corner to the opposite one; every step costs 1.
#![forbid(unsafe_code)]

use plugin_api::prelude::*;

params! {
    struct GridParams {
        /// Cells along one side.
        side: usize = 4 in 2..=64,
    }
}

#[derive(Clone)]
struct GridWorld {
    side: usize,
    cell: usize,
}

impl Env for GridWorld {
    const NAME: &'static str = "gridworld";
    type Params = GridParams;
    type Obs = i64;
    type Action = i64;

    fn new(params: &GridParams) -> Result<Self> {
        Ok(Self { side: params.side, cell: 0 })
    }

    fn task(&self) -> Task {
        let cells = Space::discrete(self.side * self.side);
        let shortest = 2 * (self.side - 1);
        Task::new(cells, Space::discrete(4), 200).rewards(-1.0, -1.0).optimum(-(shortest as f64))
    }

    fn reset(&mut self, _rng: &mut Rng, obs: &mut [i64]) {
        self.cell = 0;
        obs[0] = 0;
    }

    fn step(&mut self, action: &[i64], _rng: &mut Rng, obs: &mut [i64]) -> Step {
        let (x, y, last) = (self.cell % self.side, self.cell / self.side, self.side - 1);
        let (x, y) = match action[0] {
            0 => (x, y.saturating_sub(1)),
            1 => (x, last.min(y + 1)),
            2 => (x.saturating_sub(1), y),
            _ => (last.min(x + 1), y),
        };
        self.cell = y * self.side + x;
        obs[0] = self.cell as i64;
        Step::when((x, y) == (last, last), -1.0)
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("cell", &mut self.cell);
    }
}

plugin!(envs: [GridWorld]);
