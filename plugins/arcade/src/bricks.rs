//! Bricks-v0: a ball is kept in the air with a paddle and breaks a wall, brick by brick. The upper
//! rows pay more, the ball grows faster, and five balls may be lost. Behind the second wall there
//! is none.

use crate::cabinet::{Button, Game};
use crate::canvas::{Canvas, FIELD};
use plugin_api::prelude::*;

const LIVES: u32 = 5;
const WALLS: u32 = 2;

/// Rows of the wall and bricks in one; size of a brick and the upper edge of the wall.
const WALL: (usize, usize) = (6, 7);
const BRICK: [f32; 2] = [12.0, 4.0];
const WALL_TOP: f32 = 16.0;
const WHOLE: u64 = (1 << (WALL.0 * WALL.1)) - 1;
/// Points for a brick of each row, from the top.
const PAY: [f64; WALL.0] = [7.0, 7.0, 4.0, 4.0, 1.0, 1.0];

/// The paddle: half its width, its upper edge, its height, and units that it moves by in a tick.
const PADDLE: (f32, f32, f32, f32) = (7.0, 78.0, 3.0, 2.5);
/// Half the side of the ball, and the ceiling.
const BALL: f32 = 1.5;
const CEILING: f32 = 6.0;
/// Units that the ball falls by in a tick at first, what each hit of the paddle adds, and the most.
const PACE: (f32, f32, f32) = (1.0, 0.025, 1.6);
/// Units that it moves to a side in a tick when it left the very end of the paddle.
const SLANT: f32 = 1.3;

/// The game.
#[derive(Clone, Debug, Default)]
pub struct Bricks {
    lives: u32,
    walls_broken: u32,
    /// A bit for each brick that stands, row by row from the top.
    standing: u64,
    is_flying: bool,
    hits: u32,
    paddle: f32,
    /// Middle of the ball, and how it moves.
    at: [f32; 2],
    by: [f32; 2],
}

impl Bricks {
    /// Where the paddle is and, if it flies, the ball.
    pub fn paddle_and_ball(&self) -> (f32, Option<[f32; 2]>) {
        (self.paddle, self.is_flying.then_some(self.at))
    }

    /// Bricks of this wall that stand.
    pub fn standing(&self) -> u32 {
        self.standing.count_ones()
    }

    fn serve(&mut self, rng: &mut Rng) {
        self.is_flying = true;
        self.hits = 0;
        self.at = [FIELD * (0.25 + 0.5 * rng.random_f32()), FIELD / 2.0];
        self.by = [if rng.chance(0.5) { 0.6 } else { -0.6 }, PACE.0];
    }

    /// The brick that the middle of the ball is in, by its number.
    fn brick(&self) -> Option<usize> {
        let row = (self.at[1] - WALL_TOP) / BRICK[1];
        let column = (self.at[0] / BRICK[0]) as usize;
        let inside = row >= 0.0 && row < WALL.0 as f32 && column < WALL.1;
        let number = row as usize * WALL.1 + column;
        (inside && self.standing >> number & 1 == 1).then_some(number)
    }

    fn fly(&mut self) -> f64 {
        let before = self.at[1];
        for axis in 0..2 {
            self.at[axis] += self.by[axis];
        }
        if !(BALL..=FIELD - BALL).contains(&self.at[0]) {
            self.at[0] = self.at[0].clamp(BALL, FIELD - BALL);
            self.by[0] = -self.by[0];
        }
        if self.at[1] < CEILING + BALL {
            (self.at[1], self.by[1]) = (CEILING + BALL, self.by[1].abs());
        }
        let aside = self.at[0] - self.paddle;
        let reached = before + BALL < PADDLE.1 && self.at[1] + BALL >= PADDLE.1;
        if reached && aside.abs() <= PADDLE.0 + BALL {
            self.hits += 1;
            let pace = (PACE.0 + PACE.1 * self.hits as f32).min(PACE.2);
            self.by = [SLANT * aside / (PADDLE.0 + BALL), -pace];
        } else if self.at[1] > FIELD + BALL {
            self.is_flying = false;
            self.lives -= 1;
        }
        let Some(number) = self.brick() else { return 0.0 };
        self.standing &= !(1 << number);
        self.by[1] = -self.by[1];
        if self.standing == 0 {
            self.walls_broken += 1;
            self.standing = if self.walls_broken < WALLS { WHOLE } else { 0 };
        }
        PAY[number / WALL.1]
    }

    /// Left upper corners of the bricks that stand, with their rows.
    fn bricks(&self) -> impl Iterator<Item = ([f32; 2], usize)> {
        let standing = self.standing;
        (0..WALL.0 * WALL.1).filter(move |number| standing >> number & 1 == 1).map(|number| {
            let (row, column) = (number / WALL.1, number % WALL.1);
            ([column as f32 * BRICK[0], WALL_TOP + row as f32 * BRICK[1]], row)
        })
    }
}

impl Game for Bricks {
    const NAME: &'static str = "Bricks-v0";
    const TICKS_MAX: usize = 20_000;
    const PAY_MAX: f64 = 28.0;
    const OPTIMUM: Option<f64> = None;

    fn begin(&mut self, _rng: &mut Rng) {
        let paddle = FIELD / 2.0;
        *self = Self { lives: LIVES, standing: WHOLE, paddle, ..Self::default() };
    }

    fn tick(&mut self, button: Button, rng: &mut Rng) -> f64 {
        match button {
            Button::Right => self.paddle += PADDLE.3,
            Button::Left => self.paddle -= PADDLE.3,
            Button::Start if !self.is_flying && !self.is_over() => self.serve(rng),
            Button::Start | Button::Nothing => {}
        }
        self.paddle = self.paddle.clamp(PADDLE.0, FIELD - PADDLE.0);
        if self.is_flying { self.fly() } else { 0.0 }
    }

    fn lives(&self) -> u32 {
        self.lives
    }

    fn is_over(&self) -> bool {
        self.lives == 0 || self.walls_broken == WALLS
    }

    fn draw(&self, _tick: u64, canvas: &mut Canvas) {
        for life in 0..self.lives {
            canvas.rect([2.0 + 6.0 * life as f32, 1.0], [4.0, 2.0], 100);
        }
        for (corner, row) in self.bricks() {
            // A gap on each side keeps bricks apart.
            canvas.rect(corner, [BRICK[0] - 1.0, BRICK[1] - 1.0], 220 - 20 * row as u8);
        }
        canvas.rect([self.paddle - PADDLE.0, PADDLE.1], [2.0 * PADDLE.0, PADDLE.2], 255);
        if self.is_flying {
            canvas.rect([self.at[0] - BALL, self.at[1] - BALL], [2.0 * BALL; 2], 255);
        }
    }

    fn picture(&self, scene: &mut Scene) {
        const COLORS: [Color; WALL.0 / 2] = [Color::RED, Color::YELLOW, Color::BLUE];
        scene.view(0.0, 0.0, FIELD, FIELD);
        for ([left, top], row) in self.bricks() {
            let corner = [left + 0.5, FIELD - top - BRICK[1] + 0.5];
            scene.rect(corner, [BRICK[0] - 1.0, BRICK[1] - 1.0], COLORS[row / 2]);
        }
        let corner = [self.paddle - PADDLE.0, FIELD - PADDLE.1 - PADDLE.2];
        scene.rect(corner, [2.0 * PADDLE.0, PADDLE.2], Color::WHITE);
        if self.is_flying {
            scene.disc([self.at[0], FIELD - self.at[1]], BALL, Color::WHITE);
        }
        for life in 0..self.lives {
            scene.disc([4.0 + 6.0 * life as f32, FIELD - 2.0], 1.5, Color::GREEN);
        }
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("lives", &mut self.lives);
        archive.value("walls_broken", &mut self.walls_broken);
        archive.value("standing", &mut self.standing);
        archive.value("is_flying", &mut self.is_flying);
        archive.value("hits", &mut self.hits);
        archive.value("paddle", &mut self.paddle);
        archive.slice("at", &mut self.at);
        archive.slice("by", &mut self.by);
        self.standing &= WHOLE;
    }
}
