//! What stands around a game where a learner plays it, as is usual for old consoles (Mnih et al.,
//! "Human-level control through deep reinforcement learning", 2015; Machado et al., "Revisiting
//! the Arcade Learning Environment", 2018).
//!
//! An action holds for some ticks. A frame is the brighter of the last two ticks place by place,
//! because games may show a thing only now and then; an observation is a stack of frames. A game
//! begins with a random number of ticks in which nothing is pressed, then start is pressed. Rewards
//! are cut to their sign. With `life_ends` the loss of a life ends an episode although the game
//! goes on in the next one, which then depends on the one before.

use crate::canvas::Canvas;
use plugin_api::prelude::*;
use std::fmt::Debug;

/// What a player can press.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Button {
    /// Nothing.
    #[default]
    Nothing,
    /// Start, where the game waits for it.
    Start,
    /// To the right.
    Right,
    /// To the left.
    Left,
}

impl Button {
    /// All of them, in the order of actions.
    pub const ALL: [Self; 4] = [Self::Nothing, Self::Start, Self::Right, Self::Left];
}

/// A game, tick by tick. A game that was just made is over.
pub trait Game: Clone + Debug + Default + Send + 'static {
    /// The name of the world.
    const NAME: &'static str;
    /// Ticks after which an episode is cut off.
    const TICKS_MAX: usize;
    /// The most points that an action can bring.
    const PAY_MAX: f64;
    /// What the best player gets where rewards are cut to their sign, if that is known.
    const OPTIMUM: Option<f64>;

    /// Begins a new game with all lives.
    fn begin(&mut self, rng: &mut Rng);

    /// Goes on by a tick and returns the points it brought.
    fn tick(&mut self, button: Button, rng: &mut Rng) -> f64;

    /// Lives that are left.
    fn lives(&self) -> u32;

    /// Whether the game has come to its end, one way or the other.
    fn is_over(&self) -> bool;

    /// Paints what the screen shows at this tick of the console.
    fn draw(&self, tick: u64, canvas: &mut Canvas);

    /// Draws the game for people.
    fn picture(&self, scene: &mut Scene);

    /// Names what changes.
    fn state(&mut self, archive: &mut Archive);
}

params! {
    /// What a cabinet can be told.
    pub struct CabinetParams {
        /// Places along a side of a frame.
        side: usize = 28 in 16..=210,
        /// Frames of an observation; the newest is the last one.
        stack: usize = 4 in 1..=16,
        /// Ticks that an action holds for.
        skip: usize = 4 in 1..=60,
        /// At most so many ticks go by before a game begins.
        noops: usize = 30 in 0..=1000,
        /// Chance, at every tick, that the button of the tick before stays pressed.
        sticky: f64 = 0.0 in 0.0..=0.99,
        /// Whether the start button is pressed for the player, at the beginning and for every life.
        start: bool = true,
        /// Whether the loss of a life ends an episode; the game goes on in the next one.
        life_ends: bool = false,
        /// Whether rewards are cut to -1, 0 and 1.
        signs: bool = true,
    }
}

/// A game in its cabinet.
#[derive(Clone, Debug)]
pub struct Cabinet<G> {
    params: CabinetParams,
    game: G,
    /// Ticks of the console so far.
    ticks: u64,
    held: Button,
    /// Whether the latest episode ended with a life while others were left.
    has_lost_one: bool,
    points: f64,
    /// The screen at even and at odd ticks.
    screens: [Canvas; 2],
    /// Place by place, the frames of each side by side.
    seen: Vec<u8>,
}

impl<G: Game> Cabinet<G> {
    /// The game as it stands.
    pub fn game(&self) -> &G {
        &self.game
    }

    fn tick(&mut self, button: Button, rng: &mut Rng) {
        if self.params.sticky == 0.0 || !rng.chance(self.params.sticky) {
            self.held = button;
        }
        self.points += self.game.tick(self.held, rng);
        self.show();
    }

    fn show(&mut self) {
        self.ticks += 1;
        let screen = &mut self.screens[(self.ticks % 2) as usize];
        screen.clear();
        self.game.draw(self.ticks, screen);
    }

    /// Moves every frame one back; the newest is what the last two ticks showed.
    fn look(&mut self) {
        let stack = self.params.stack;
        let [even, odd] = &self.screens;
        let frame = even.places().iter().zip(odd.places());
        for (place, (&even, &odd)) in self.seen.chunks_exact_mut(stack).zip(frame) {
            place.copy_within(1.., 0);
            place[stack - 1] = even.max(odd);
        }
    }

    /// A new game, somewhere in its first moments.
    fn begin(&mut self, rng: &mut Rng) {
        let wait = rng.below(self.params.noops + 1);
        self.game.begin(rng);
        (self.ticks, self.held) = (0, Button::Nothing);
        // What the screen showed of the game before is gone.
        self.show();
        self.show();
        for _ in 0..wait {
            self.tick(Button::Nothing, rng);
            if self.game.is_over() {
                self.game.begin(rng);
            }
        }
        self.points = 0.0;
    }
}

impl<G: Game> Env for Cabinet<G> {
    const NAME: &'static str = G::NAME;
    type Params = CabinetParams;
    type Obs = u8;
    type Action = i64;

    fn new(params: &CabinetParams) -> Result<Self> {
        let CabinetParams { side, stack, .. } = *params;
        Ok(Self {
            params: params.clone(),
            game: G::default(),
            ticks: 0,
            held: Button::Nothing,
            has_lost_one: false,
            points: 0.0,
            screens: [Canvas::new(side), Canvas::new(side)],
            seen: vec![0; side * side * stack],
        })
    }

    fn task(&self) -> Task {
        let CabinetParams { side, stack, skip, signs, .. } = self.params;
        let seen = Space::range::<u8>(0.0, 255.0, &[side, side, stack]);
        let actions = Space::discrete(Button::ALL.len());
        let steps = G::TICKS_MAX.div_ceil(skip) as u32;
        let task = Task::new(seen, actions, steps)
            .rewards(0.0, if signs { 1.0 } else { G::PAY_MAX })
            .infos(&["lives", "points"])
            .frame_rate(60.0 / skip as f64);
        match G::OPTIMUM.filter(|_| signs) {
            Some(optimum) => task.optimum(optimum),
            None => task,
        }
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [u8]) {
        if !std::mem::take(&mut self.has_lost_one) {
            self.begin(rng);
        }
        if self.params.start {
            self.tick(Button::Start, rng);
        }
        for _ in 0..self.params.stack {
            self.look();
        }
        obs.copy_from_slice(&self.seen);
    }

    fn step(&mut self, action: &[i64], rng: &mut Rng, obs: &mut [u8]) -> Step {
        let (lives, points) = (self.game.lives(), self.points);
        for _ in 0..self.params.skip {
            self.tick(Button::ALL[action[0] as usize], rng);
            if self.game.is_over() {
                break;
            }
        }
        let (is_over, has_lost_one) = (self.game.is_over(), self.game.lives() < lives);
        self.has_lost_one = self.params.life_ends && has_lost_one && !is_over;
        if self.params.start && has_lost_one && !self.has_lost_one && !is_over {
            self.tick(Button::Start, rng);
        }
        self.look();
        obs.copy_from_slice(&self.seen);
        let pay = self.points - points;
        let reward = if self.params.signs && pay != 0.0 { pay.signum() } else { pay };
        Step::when(is_over || self.has_lost_one, reward)
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.scope("game", |archive| self.game.state(archive));
        archive.value("ticks", &mut self.ticks);
        let mut held = self.held as u8;
        archive.value("held", &mut held);
        match Button::ALL.get(usize::from(held)) {
            Some(button) => self.held = *button,
            None => archive.fail(Error::new(format!("there is no button {held}"))),
        }
        archive.value("has_lost_one", &mut self.has_lost_one);
        archive.value("points", &mut self.points);
        for (name, screen) in ["even", "odd"].into_iter().zip(&mut self.screens) {
            archive.slice(name, screen.places_mut());
        }
        archive.slice("seen", &mut self.seen);
    }

    fn infos(&self, out: &mut [f64]) {
        out.copy_from_slice(&[f64::from(self.game.lives()), self.points]);
    }

    fn render(&self, scene: &mut Scene) -> bool {
        self.game.picture(scene);
        true
    }
}
