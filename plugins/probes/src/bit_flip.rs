//! Flip one bit a step until all are as wanted; every step but the last costs 1 (Andrychowicz et
//! al., 2017).
//!
//! Above some ten bits the goal is never met by chance: without goals relabelled in hindsight an
//! agent stays at -n for ever, with them it needs about n / 2 steps.

use plugin_api::prelude::*;

params! {
    /// The bits.
    pub struct BitFlipParams {
        /// Number of bits.
        bits: usize = 15 in 2..=64,
    }
}

/// The world of bits and wishes.
#[derive(Clone, Debug)]
pub struct BitFlip {
    bits: usize,
    now: u64,
    wanted: u64,
}

impl Env for BitFlip {
    const NAME: &'static str = "BitFlip-v0";
    type Params = BitFlipParams;
    type Obs = u8;
    type Action = i64;

    fn new(params: &BitFlipParams) -> Result<Self> {
        Ok(Self { bits: params.bits, now: 0, wanted: 0 })
    }

    fn task(&self) -> Task {
        let bits = Space::multi_binary(self.bits);
        let observations = Space::dict([
            ("observation", bits.clone()),
            ("achieved_goal", bits.clone()),
            ("desired_goal", bits),
        ]);
        let task = Task::new(observations, Space::discrete(self.bits), self.bits as u32).goals();
        task.rewards(-1.0, 0.0).optimum(self.optimum())
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [u8]) {
        self.now = rng.next_u64() >> (64 - self.bits);
        // A goal that is met from the start would need two steps, there and back.
        while {
            self.wanted = rng.next_u64() >> (64 - self.bits);
            self.wanted == self.now
        } {}
        self.look(obs);
    }

    fn step(&mut self, action: &[i64], _rng: &mut Rng, obs: &mut [u8]) -> Step {
        self.now ^= 1 << action[0];
        self.look(obs);
        let (achieved, rest) = obs.split_at(self.bits);
        self.goal_step(achieved, &rest[..self.bits])
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("now", &mut self.now);
        archive.value("wanted", &mut self.wanted);
    }

    fn goal_step(&self, achieved: &[u8], desired: &[u8]) -> Step {
        let met = achieved == desired;
        Step::when(met, if met { 0.0 } else { -1.0 })
    }

    fn render(&self, scene: &mut Scene) -> bool {
        let width = self.bits;
        let differs = format!("{:0width$b}", self.now ^ self.wanted).replace('0', " ");
        let (now, wanted) = (self.now, self.wanted);
        scene.write(format!("now    {now:0width$b}\nwanted {wanted:0width$b}\n       {differs}"));
        true
    }
}

impl BitFlip {
    /// The row holds the children of the Dict in the order of their names.
    fn look(&self, obs: &mut [u8]) {
        let rows = [self.now, self.wanted, self.now];
        for (row, bits) in obs.chunks_exact_mut(self.bits).zip(rows) {
            for (idx, bit) in row.iter_mut().enumerate() {
                *bit = (bits >> idx & 1) as u8;
            }
        }
    }

    /// -(E[d | d > 0] - 1), where d of n bits differ: n / 2 bits in the mean over all pairs.
    fn optimum(&self) -> f64 {
        1.0 - self.bits as f64 / 2.0 / (1.0 - 0.5_f64.powi(self.bits as i32))
    }
}
