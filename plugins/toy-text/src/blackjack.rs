//! Draw cards up to 21 against a dealer who stops at 17 (Sutton and Barto, example 5.1).

use plugin_api::prelude::*;
use std::cmp::Ordering;

/// Values in one suit: an ace counts 1 until it is usable as 11, pictures count 10.
pub(crate) const DECK: [u8; 13] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10];
/// Twenty-two aces are the longest hand that can be drawn.
const CARDS_MAX: usize = 22;
/// The dealer draws below this sum.
pub(crate) const DEALER_STOPS: u8 = 17;

const FELT: Color = Color(38, 106, 74);
const PAPER: Color = Color(248, 244, 232);
const BACK: Color = Color(150, 52, 60);
const INK: Color = Color(34, 38, 46);

params! {
    /// The rules of the house.
    pub struct BlackjackParams {
        /// Whether a natural wins 1.5; without effect while sab holds.
        natural: bool = false,
        /// Whether to follow the book: a natural wins 1 unless the dealer has one too.
        sab: bool = true,
    }
}

/// A table with one player.
#[derive(Clone, Debug)]
pub struct Blackjack {
    natural: bool,
    sab: bool,
    dealer: Hand,
    player: Hand,
    /// Clubs, diamonds, hearts or spades, on the dealer's open card.
    suit: u8,
    /// Jack, queen or king, where the dealer's open card is one of the tens.
    face: u8,
    /// The player has stopped, and the dealer's cards lie open.
    open: bool,
}

/// Cards on one side of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hand {
    cards: [u8; CARDS_MAX],
    len: u8,
    /// Sum of the cards, each ace as 1.
    plain: u8,
    has_ace: bool,
}

impl Env for Blackjack {
    const NAME: &'static str = "Blackjack-v1";
    type Params = BlackjackParams;
    type Obs = i64;
    type Action = i64;

    fn new(params: &BlackjackParams) -> Result<Self> {
        let BlackjackParams { natural, sab } = *params;
        let empty = Hand::new(&[]);
        Ok(Self { natural, sab, dealer: empty, player: empty, suit: 0, face: 0, open: false })
    }

    fn task(&self) -> Task {
        let sum_card_ace = [32, 11, 2].map(Space::discrete);
        Task::new(Space::tuple(sum_card_ace), Space::discrete(2), 0)
            .rewards(-1.0, if self.natural && !self.sab { 1.5 } else { 1.0 })
            .optimum(crate::blackjack_odds::optimum(self.natural, self.sab))
            .frame_rate(2.0)
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [i64]) {
        self.dealer = Hand::new(&[draw(rng), draw(rng)]);
        self.player = Hand::new(&[draw(rng), draw(rng)]);
        self.suit = rng.integers(0, 4) as u8;
        self.face = if self.dealer.cards[0] == 10 { rng.integers(0, 3) as u8 } else { 0 };
        self.open = false;
        self.look(obs);
    }

    fn step(&mut self, action: &[i64], rng: &mut Rng, obs: &mut [i64]) -> Step {
        assert!(matches!(action[0], 0 | 1), "action {} lies outside of 0..2", action[0]);
        if action[0] == 1 {
            self.player.take(draw(rng));
            self.look(obs);
            let bust = self.player.sum() > 21;
            return Step::when(bust, if bust { -1.0 } else { 0.0 });
        }
        while self.dealer.sum() < DEALER_STOPS {
            self.dealer.take(draw(rng));
        }
        self.open = true;
        self.look(obs);
        let (player, dealer) = (self.player, self.dealer);
        let ahead = compare(player.sum(), dealer.sum());
        Step::terminate(match (player.is_natural(), self.sab, self.natural) {
            (true, true, _) if !dealer.is_natural() => 1.0,
            (true, false, true) if ahead == Ordering::Greater => 1.5,
            _ => f64::from(ahead as i8),
        })
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.scope("dealer", |archive| self.dealer.state(archive));
        archive.scope("player", |archive| self.player.state(archive));
        archive.value("suit", &mut self.suit);
        archive.value("face", &mut self.face);
        archive.value("open", &mut self.open);
    }

    fn render(&self, scene: &mut Scene) -> bool {
        scene.view(0.0, 0.0, 12.0, 8.0).rect([0.0, 0.0], [12.0, 8.0], FELT);
        let shown = if self.open { self.dealer.cards().len() } else { 1 };
        let dealer = if self.open { self.dealer.sum() } else { self.dealer.cards[0] };
        scene.label([6.0, 7.6], format!("dealer {dealer}"), Color::WHITE);
        for (idx, &card) in self.dealer.cards().iter().enumerate() {
            let card = (idx < shown).then(|| self.name(idx, card));
            draw_card(scene, [spread(idx, self.dealer.cards().len()), 5.8], card.as_deref());
        }
        for (idx, &card) in self.player.cards().iter().enumerate() {
            let name = self.name(idx + 7, card);
            draw_card(scene, [spread(idx, self.player.cards().len()), 2.4], Some(&name));
        }
        let ace = if self.player.has_usable_ace() { ", usable ace" } else { "" };
        let verdict = match (self.player.sum(), self.open) {
            (22.., _) => " - bust",
            (_, false) => "",
            (sum, true) => match compare(sum, self.dealer.sum()) {
                Ordering::Greater => " - won",
                Ordering::Equal => " - drawn",
                Ordering::Less => " - lost",
            },
        };
        scene.label([6.0, 0.5], format!("you {}{ace}{verdict}", self.player.sum()), Color::WHITE);
        true
    }
}

impl Blackjack {
    fn look(&self, obs: &mut [i64]) {
        obs[0] = self.player.sum().into();
        obs[1] = self.dealer.cards[0].into();
        obs[2] = self.player.has_usable_ace().into();
    }

    /// What is printed on a card. Only the dealer's first has a suit and a face that were drawn.
    fn name(&self, place: usize, card: u8) -> String {
        let first = place == 0;
        let suit = if first { self.suit } else { (place as u8 * 3 + card) % 4 };
        let face = if first { self.face } else { place as u8 % 3 };
        let value = match card {
            1 => "A".to_owned(),
            10 => ["J", "Q", "K"][usize::from(face % 3)].to_owned(),
            card => card.to_string(),
        };
        format!("{value}{}", ["♣", "♦", "♥", "♠"][usize::from(suit % 4)])
    }
}

impl Hand {
    /// A hand of these cards.
    pub fn new(dealt: &[u8]) -> Self {
        let mut hand = Self { cards: [0; CARDS_MAX], len: 0, plain: 0, has_ace: false };
        for &card in dealt {
            hand.take(card);
        }
        hand
    }

    /// Adds a card.
    pub fn take(&mut self, card: u8) {
        self.cards[usize::from(self.len)] = card;
        self.len += 1;
        self.plain += card;
        self.has_ace |= card == 1;
    }

    fn state(&mut self, archive: &mut Archive) {
        let mut cards = self.cards().to_vec();
        archive.list("cards", &mut cards);
        if archive.is_loading() {
            let known = |card: &u8| (1..=10).contains(card);
            if (2..=CARDS_MAX).contains(&cards.len()) && cards.iter().all(known) {
                *self = Self::new(&cards);
            } else {
                archive.fail(Error::argument("a saved hand holds cards there are none of"));
            }
        }
    }

    /// The cards in the order they came.
    pub fn cards(&self) -> &[u8] {
        &self.cards[..usize::from(self.len)]
    }

    /// Whether an ace counts 11.
    pub fn has_usable_ace(&self) -> bool {
        self.has_ace && self.plain + 10 <= 21
    }

    /// What the hand is worth.
    pub fn sum(&self) -> u8 {
        self.plain + if self.has_usable_ace() { 10 } else { 0 }
    }

    /// Whether these are an ace and a ten, and nothing else.
    pub fn is_natural(&self) -> bool {
        matches!(self.cards(), [1, 10] | [10, 1])
    }
}

/// Who is ahead, the player's sum first; whoever is bust has nothing.
pub(crate) fn compare(player: u8, dealer: u8) -> Ordering {
    let score = |sum| if sum > 21 { 0 } else { sum };
    score(player).cmp(&score(dealer))
}

fn draw(rng: &mut Rng) -> u8 {
    DECK[rng.integers(0, 13) as usize]
}

/// Where the middle of a card lies when `count` of them share the width of the table.
fn spread(idx: usize, count: usize) -> f32 {
    let gap = (9.0 / count as f32).min(2.2);
    6.0 + gap * (idx as f32 - (count - 1) as f32 / 2.0)
}

fn draw_card(scene: &mut Scene, [x, y]: [f32; 2], name: Option<&str>) {
    let corner = [x - 0.9, y - 1.2];
    scene.rect([corner[0] - 0.05, corner[1] - 0.05], [1.9, 2.5], INK);
    if let Some(name) = name {
        let red = name.ends_with(['♦', '♥']);
        scene.rect(corner, [1.8, 2.4], PAPER);
        scene.label([x, y], name, if red { BACK } else { INK });
    } else {
        scene.rect(corner, [1.8, 2.4], BACK);
        scene.path(&[[x - 0.6, y - 0.9], [x + 0.6, y + 0.9]], PAPER);
        scene.path(&[[x - 0.6, y + 0.9], [x + 0.6, y - 0.9]], PAPER);
    }
}
