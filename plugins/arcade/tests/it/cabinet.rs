//! What is usual around old consoles, detail by detail, with a game that notes what is pressed.

use arcade::cabinet::{Button, Cabinet, CabinetParams, Game};
use arcade::canvas::Canvas;
use arcade::catch::Catch;
use plugin_api::prelude::*;

const LIFE: usize = 50;

/// Two lives of so many ticks, three points for every third tick behind the start, and a bar that
/// tells by its place which tick it is.
#[derive(Clone, Debug, Default)]
struct Notes {
    games: u32,
    lives: u32,
    pressed: Vec<Button>,
    lived: usize,
}

impl Game for Notes {
    const NAME: &'static str = "Notes";
    const TICKS_MAX: usize = 4000;
    const PAY_MAX: f64 = 6.0;
    const OPTIMUM: Option<f64> = None;

    fn begin(&mut self, _rng: &mut Rng) {
        *self = Self { games: self.games + 1, lives: 2, ..Self::default() };
    }

    fn tick(&mut self, button: Button, _rng: &mut Rng) -> f64 {
        self.pressed.push(button);
        self.lived += 1;
        if self.lived == LIFE {
            (self.lived, self.lives) = (0, self.lives - 1);
        }
        let started = self.pressed.contains(&Button::Start);
        if started && self.pressed.len().is_multiple_of(3) { 3.0 } else { 0.0 }
    }

    fn lives(&self) -> u32 {
        self.lives
    }

    fn is_over(&self) -> bool {
        self.lives == 0
    }

    fn draw(&self, _tick: u64, canvas: &mut Canvas) {
        canvas.rect([0.0, self.pressed.len() as f32], [84.0, 1.0], 255);
    }

    fn picture(&self, _scene: &mut Scene) {}

    fn state(&mut self, _archive: &mut Archive) {}
}

struct Player<G> {
    world: Cabinet<G>,
    rng: Rng,
    obs: Vec<u8>,
}

impl<G: Game> Player<G> {
    fn new(change: impl FnOnce(&mut CabinetParams)) -> Self {
        let mut params = CabinetParams { side: 84, life_ends: true, ..CabinetParams::default() };
        change(&mut params);
        let world: Cabinet<G> = Cabinet::new(&params).expect("the params fit");
        let obs = vec![0; world.task().observations.width()];
        Self { world, rng: Rng::seeded(7), obs }
    }

    fn reset(&mut self) {
        self.world.reset(&mut self.rng, &mut self.obs);
    }

    fn step(&mut self, action: i64) -> Step {
        self.world.step(&[action], &mut self.rng, &mut self.obs)
    }

    /// One of the frames.
    fn frame(&self, which: usize) -> Vec<u8> {
        self.obs.chunks_exact(4).map(|place| place[which]).collect()
    }
}

/// Rows of a frame that are lit.
fn lit(frame: &[u8]) -> Vec<usize> {
    (0..84).filter(|row| frame[row * 84] == 255).collect()
}

#[test]
fn a_game_begins_after_at_most_thirty_ticks_of_nothing() {
    let mut player: Player<Notes> = Player::new(|_| ());
    let mut waits = [0; 31];
    for _ in 0..2000 {
        player.reset();
        let (start, wait) = player.world.game().pressed.split_last().expect("a tick");
        assert!(*start == Button::Start && wait.iter().all(|one| *one == Button::Nothing));
        waits[wait.len()] += 1;
    }
    assert!(waits.iter().all(|count| *count > 30), "{waits:?}");
    let mut player: Player<Notes> = Player::new(|params| params.noops = 0);
    player.reset();
    assert_eq!(player.world.game().pressed, [Button::Start]);
}

#[test]
fn an_action_holds_for_some_ticks_and_a_frame_is_the_brighter_of_the_last_two() {
    let mut player: Player<Notes> = Player::new(|params| params.noops = 0);
    player.reset();
    player.step(2);
    assert_eq!(player.world.game().pressed[1..], [Button::Right; 4]);
    assert_eq!(lit(&player.frame(3)), [4, 5]);
    player.step(3);
    assert_eq!(player.world.game().pressed[5..], [Button::Left; 4]);
    assert_eq!(lit(&player.frame(3)), [8, 9]);
    // What is shown at every other tick is in every frame.
    let mut player: Player<Catch> = Player::new(|_| ());
    player.reset();
    for _ in 0..5 {
        player.step(0);
        let field = &player.frame(3)[4 * 84..76 * 84];
        assert!(field.iter().any(|grey| *grey > 100), "the fruit is seen");
    }
}

#[test]
fn observations_are_stacks_of_four_grey_frames_of_84_by_84() {
    let mut player: Player<Notes> = Player::new(|params| params.noops = 0);
    let task = player.world.task();
    assert_eq!(task.observations, Space::range::<u8>(0.0, 255.0, &[84, 84, 4]));
    player.reset();
    assert!((1..4).all(|idx| player.frame(idx) == player.frame(0)), "the first one four times");
    for _ in 0..6 {
        let before: Vec<_> = (0..4).map(|idx| player.frame(idx)).collect();
        player.step(0);
        assert!((1..4).all(|idx| player.frame(idx - 1) == before[idx]), "frames move back");
        assert_ne!(player.frame(3), before[3]);
    }
}

#[test]
fn a_lost_life_ends_an_episode_and_only_the_last_one_the_game() {
    let mut player: Player<Notes> = Player::new(|params| params.noops = 0);
    player.reset();
    for (game, lives_left) in [(1, 1), (1, 0), (2, 1), (2, 0)] {
        while !player.step(0).terminated {}
        assert_eq!((player.world.game().games, player.world.game().lives()), (game, lives_left));
        player.reset();
        let last = player.world.game().pressed.last();
        assert_eq!(last, Some(&Button::Start), "pressed for every life");
    }
    let mut player: Player<Notes> = Player::new(|params| params.life_ends = false);
    player.reset();
    while !player.step(0).terminated {}
    let Notes { lives, pressed, .. } = player.world.game();
    let starts = pressed.iter().filter(|one| **one == Button::Start).count();
    assert_eq!((*lives, starts), (0, 2), "both lives are one episode");
}

/// A reset that follows no lost life means that the episode was cut off: the game is not gone on
/// with.
#[test]
fn behind_a_cut_a_new_game_begins() {
    let mut player: Player<Notes> = Player::new(|params| params.start = false);
    player.reset();
    player.step(0);
    player.reset();
    assert_eq!(player.world.game().games, 2);
    assert!(!player.world.game().pressed.contains(&Button::Start), "left to the player");
}

#[test]
fn rewards_are_cut_to_their_sign() {
    let rewards = |signs: bool| {
        let mut player: Player<Notes> = Player::new(|params| {
            (params.noops, params.signs) = (0, signs);
        });
        player.reset();
        (0..6).map(|_| player.step(0).reward).collect::<Vec<f64>>()
    };
    assert_eq!(rewards(true), [1.0; 6]);
    assert_eq!(rewards(false), [3.0, 6.0, 3.0, 3.0, 6.0, 3.0]);
}

#[test]
fn a_sticky_button_stays_pressed_now_and_then() {
    let mut player: Player<Notes> = Player::new(|params| {
        (params.sticky, params.skip, params.noops) = (0.25, 1, 0);
    });
    let (mut stuck, mut all) = (0, 0);
    for _ in 0..300 {
        player.reset();
        for step in 0..40 {
            player.step(2 + step % 2);
            all += 1;
            let pressed = player.world.game().pressed.last().expect("a tick");
            stuck += u32::from(*pressed != Button::ALL[2 + step as usize % 2]);
        }
    }
    // A run of sticks of odd length is seen: p / (1 + p) of all ticks.
    let share = f64::from(stuck) / f64::from(all);
    assert!((share - 0.2).abs() < 0.02, "{share}");
}
