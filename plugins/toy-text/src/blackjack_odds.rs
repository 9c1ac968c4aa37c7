//! The exact odds of Blackjack: every hand of the dealer and the best play against it.

use crate::blackjack::{DEALER_STOPS, DECK, compare};

/// Cards of one value each, hence the chance of one.
const CARD: f64 = 1.0 / DECK.len() as f64;
/// Largest plain sum a hand can reach by one card more than it should.
const SUMS: usize = 32;

/// How the dealer ends up, given the open card.
#[derive(Clone, Debug, Default)]
struct Dealer {
    /// Chance of each final sum, two-card 21 left out.
    sums: [f64; SUMS],
    /// Chance of an ace and a ten.
    natural: f64,
}

/// Largest expected reward of one game.
pub fn optimum(natural: bool, sab: bool) -> f64 {
    let games = DECK.iter().map(|&open| {
        let dealer = Dealer::showing(open);
        let values = best_values(&dealer);
        let bonus = natural_value(&dealer, natural, sab);
        let hands = DECK.iter().flat_map(|&a| DECK.iter().map(move |&b| (a, b)));
        let worth = hands.map(|hand| match hand {
            (1, 10) | (10, 1) => bonus,
            (a, b) => values[usize::from(a + b)][usize::from(a == 1 || b == 1)],
        });
        worth.sum::<f64>() * CARD * CARD
    });
    games.sum::<f64>() * CARD
}

impl Dealer {
    fn showing(open: u8) -> Self {
        let mut dealer = Self::default();
        // Chance to hold [plain sum][an ace]; a card adds at least 1, so sums are done in order.
        let mut chance = [[0.0; 2]; SUMS];
        for hidden in DECK {
            if matches!((open, hidden), (1, 10) | (10, 1)) {
                dealer.natural += CARD;
            } else {
                chance[usize::from(open + hidden)][usize::from(open == 1 || hidden == 1)] += CARD;
            }
        }
        for plain in 0..SUMS as u8 {
            for ace in [0, 1] {
                let here = chance[usize::from(plain)][ace];
                let sum = worth(plain, ace);
                if sum >= DEALER_STOPS {
                    dealer.sums[usize::from(sum)] += here;
                    continue;
                }
                for card in DECK {
                    let ace = if card == 1 { 1 } else { ace };
                    chance[usize::from(plain + card)][ace] += here * CARD;
                }
            }
        }
        dealer
    }

    /// Expected reward of stopping with this sum.
    fn stopping(&self, sum: u8) -> f64 {
        let pay = |dealer| f64::from(compare(sum, dealer) as i8);
        let rest = (0..SUMS as u8).map(|dealer| self.sums[usize::from(dealer)] * pay(dealer));
        rest.sum::<f64>() + self.natural * pay(21)
    }
}

/// Value of each hand `[plain sum][an ace]` for a player who goes on as well as can be.
fn best_values(dealer: &Dealer) -> [[f64; 2]; SUMS] {
    let mut values = [[-1.0; 2]; SUMS];
    for plain in (2..=21).rev() {
        for ace in [0, 1] {
            let drawing = DECK.map(|card| {
                let ace = if card == 1 { 1 } else { ace };
                values[usize::from(plain + card)][ace]
            });
            let drawing = drawing.iter().sum::<f64>() * CARD;
            values[usize::from(plain)][ace] = drawing.max(dealer.stopping(worth(plain, ace)));
        }
    }
    values
}

/// Expected reward of stopping with an ace and a ten.
fn natural_value(dealer: &Dealer, natural: bool, sab: bool) -> f64 {
    // The book lets a natural beat any hand but another one; the other rules see only the sums.
    let level = dealer.natural + dealer.sums[21];
    match (sab, natural) {
        (true, _) => 1.0 - dealer.natural,
        (false, true) => 1.5 * (1.0 - level),
        (false, false) => 1.0 - level,
    }
}

fn worth(plain: u8, ace: usize) -> u8 {
    if ace == 1 && plain + 10 <= 21 { plain + 10 } else { plain }
}
