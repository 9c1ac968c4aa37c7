//! template-name: a corridor. Walk left (0) or right (1) until the door at the right end.
#![forbid(unsafe_code)]

use plugin_api::prelude::*;

params! {
    struct WorldParams {
        /// Cells from one end to the other.
        cells: usize = 10 in 2..=1000,
        /// Chance that a step goes the other way.
        slip: f64 = 0.1 in 0.0..=0.5,
    }
}

#[derive(Clone)]
struct World {
    params: WorldParams,
    cell: i64,
}

impl Env for World {
    const NAME: &'static str = "template-name";
    type Params = WorldParams;
    type Obs = i64;
    type Action = i64;

    fn new(params: &WorldParams) -> Result<Self> {
        Ok(Self { params: params.clone(), cell: 0 })
    }

    fn task(&self) -> Task {
        let limit = 20 * self.params.cells as u32;
        let task = Task::new(Space::discrete(self.params.cells), Space::discrete(2), limit);
        task.rewards(-1.0, 0.0)
    }

    fn reset(&mut self, _rng: &mut Rng, obs: &mut [i64]) {
        self.cell = 0;
        obs[0] = self.cell;
    }

    fn step(&mut self, action: &[i64], rng: &mut Rng, obs: &mut [i64]) -> Step {
        let right = (action[0] == 1) != rng.chance(self.params.slip);
        let last = self.params.cells as i64 - 1;
        self.cell = (self.cell + if right { 1 } else { -1 }).clamp(0, last);
        obs[0] = self.cell;
        if self.cell == last { Step::terminate(0.0) } else { Step::go_on(-1.0) }
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("cell", &mut self.cell);
    }

    fn render(&self, scene: &mut Scene) -> bool {
        let cells = self.params.cells as f32;
        scene.view(0.0, 0.0, cells, 1.0).rect([0.0, 0.0], [cells, 1.0], Color::GREY);
        scene.rect([cells - 1.0, 0.0], [1.0, 1.0], Color::BROWN);
        scene.disc([self.cell as f32 + 0.5, 0.5], 0.4, Color::YELLOW);
        true
    }
}

plugin!(envs: [World]);
