//! Catch-v0: fruit falls, one after the other, and a basket is to be below it. Twenty fall in a
//! game, faster and faster; the third that is missed ends it. Some drift to a side and pay more.
//!
//! As on old consoles there are too many things for one picture: the fruit is shown at every other
//! tick only.

use crate::cabinet::{Button, Game};
use crate::canvas::{Canvas, FIELD};
use plugin_api::prelude::*;

/// Fruits of a game, and how many may be missed in all.
pub const FRUITS: u32 = 20;
const LIVES: u32 = 3;

/// The basket: half its width, its upper edge, its height, and units that it moves by in a tick.
const BASKET: (f32, f32, f32, f32) = (8.0, 78.0, 3.0, 2.0);
/// Side of a fruit, and where it appears.
const FRUIT: (f32, f32) = (4.0, 6.0);
/// Units that the first fruit falls by in a tick, what each that follows adds, and drift.
const PACE: (f32, f32, f32) = (1.0, 0.03, 0.75);
/// Points for a fruit that falls straight, and for one that drifts.
const PAY: (f64, f64) = (1.0, 3.0);

/// The game.
#[derive(Clone, Debug, Default)]
pub struct Catch {
    lives: u32,
    /// Fruits that have fallen, or are about to.
    fallen: u32,
    is_falling: bool,
    basket: f32,
    /// Middle of the fruit, and how it moves.
    at: [f32; 2],
    by: [f32; 2],
}

impl Catch {
    /// Where the basket is, and where the fruit will be when it has come down, if one falls.
    pub fn basket_and_goal(&self) -> (f32, Option<f32>) {
        let [mut x, mut y] = self.at;
        let mut across = self.by[0];
        while self.is_falling && y < BASKET.1 {
            (x, across) = bounced(x + across, across);
            y += self.by[1];
        }
        (self.basket, self.is_falling.then_some(x))
    }

    fn drop_one(&mut self, rng: &mut Rng) {
        let half = FRUIT.0 / 2.0;
        self.at = [half + (FIELD - FRUIT.0) * rng.random_f32(), FRUIT.1];
        let across = [0.0, 0.0, PACE.2, -PACE.2][rng.below(4)];
        self.by = [across, PACE.0 + PACE.1 * self.fallen as f32];
        self.fallen += 1;
        self.is_falling = true;
    }
}

/// A fruit turns round at the walls.
fn bounced(x: f32, across: f32) -> (f32, f32) {
    let (left, right) = (FRUIT.0 / 2.0, FIELD - FRUIT.0 / 2.0);
    if (left..=right).contains(&x) { (x, across) } else { (x.clamp(left, right), -across) }
}

impl Game for Catch {
    const NAME: &'static str = "Catch-v0";
    const TICKS_MAX: usize = 4000;
    const PAY_MAX: f64 = PAY.1;
    const OPTIMUM: Option<f64> = Some(FRUITS as f64);

    fn begin(&mut self, _rng: &mut Rng) {
        *self = Self { lives: LIVES, basket: FIELD / 2.0, ..Self::default() };
    }

    fn tick(&mut self, button: Button, rng: &mut Rng) -> f64 {
        match button {
            Button::Right => self.basket += BASKET.3,
            Button::Left => self.basket -= BASKET.3,
            Button::Start if !self.is_falling && !self.is_over() => self.drop_one(rng),
            Button::Start | Button::Nothing => {}
        }
        self.basket = self.basket.clamp(BASKET.0, FIELD - BASKET.0);
        if !self.is_falling {
            return 0.0;
        }
        (self.at[0], self.by[0]) = bounced(self.at[0] + self.by[0], self.by[0]);
        self.at[1] += self.by[1];
        if self.at[1] < BASKET.1 {
            return 0.0;
        }
        self.is_falling = false;
        if (self.at[0] - self.basket).abs() > BASKET.0 + FRUIT.0 / 2.0 {
            self.lives -= 1;
            return 0.0;
        }
        let points = if self.by[0] == 0.0 { PAY.0 } else { PAY.1 };
        if !self.is_over() {
            self.drop_one(rng);
        }
        points
    }

    fn lives(&self) -> u32 {
        self.lives
    }

    fn is_over(&self) -> bool {
        self.lives == 0 || (self.fallen == FRUITS && !self.is_falling)
    }

    fn draw(&self, tick: u64, canvas: &mut Canvas) {
        for life in 0..self.lives {
            canvas.rect([2.0 + 6.0 * life as f32, 1.0], [4.0, 2.0], 100);
        }
        canvas.rect([self.basket - BASKET.0, BASKET.1], [2.0 * BASKET.0, BASKET.2], 255);
        if self.is_falling && tick.is_multiple_of(2) {
            let (half, grey) = (FRUIT.0 / 2.0, if self.by[0] == 0.0 { 255 } else { 180 });
            canvas.rect([self.at[0] - half, self.at[1] - half], [FRUIT.0; 2], grey);
        }
    }

    fn picture(&self, scene: &mut Scene) {
        scene.view(0.0, 0.0, FIELD, FIELD);
        let (half, top, height, _) = BASKET;
        let corner = [self.basket - half, FIELD - top - height];
        scene.rect(corner, [2.0 * half, height], Color::BROWN);
        if self.is_falling {
            let color = if self.by[0] == 0.0 { Color::RED } else { Color::YELLOW };
            scene.disc([self.at[0], FIELD - self.at[1]], FRUIT.0 / 2.0, color);
        }
        for life in 0..self.lives {
            scene.disc([4.0 + 6.0 * life as f32, FIELD - 2.0], 1.5, Color::GREEN);
        }
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("lives", &mut self.lives);
        archive.value("fallen", &mut self.fallen);
        archive.value("is_falling", &mut self.is_falling);
        archive.value("basket", &mut self.basket);
        archive.slice("at", &mut self.at);
        archive.slice("by", &mut self.by);
    }
}
