//! How sites move and how they are turned.

use libmujoco::{Model, Numbers, Simulation};

/// Room to compute velocities of sites in.
#[derive(Clone, Debug)]
pub(super) struct Motion {
    place: Vec<f64>,
    turn: Vec<f64>,
}

impl Motion {
    pub(super) fn of(model: &Model) -> Self {
        let room = vec![0.0; 3 * model.nv];
        Self { place: room.clone(), turn: room }
    }

    /// How far a site moves in `dt`, and how far it turns.
    pub(super) fn of_site(
        &mut self,
        now: &Simulation,
        site: usize,
        dt: f64,
    ) -> ([f64; 3], [f64; 3]) {
        now.site_jacobian(site, &mut self.place, &mut self.turn);
        let velocities = now.get(Numbers::Qvel);
        let of = |rows: &[f64]| {
            let row = |idx: usize| rows[velocities.len() * idx..].iter().zip(velocities);
            [0, 1, 2].map(|idx| row(idx).fold(0.0, |sum: f64, (a, b)| a.mul_add(*b, sum)) * dt)
        };
        (of(&self.place), of(&self.turn))
    }
}

/// The angles around x, y and z of a turn that is given as a matrix: it turns around z first, then
/// y, then x.
pub(super) fn angles(turn: &[f64]) -> [f64; 3] {
    let at = |row: usize, column: usize| turn[3 * row + column];
    let level = (at(2, 2) * at(2, 2) + at(1, 2) * at(1, 2)).sqrt();
    let y = -(-at(0, 2)).atan2(level);
    if level > 4.0 * f64::EPSILON {
        [-at(1, 2).atan2(at(2, 2)), y, -at(0, 1).atan2(at(0, 0))]
    } else {
        [0.0, y, -(-at(1, 0)).atan2(at(1, 1))]
    }
}
