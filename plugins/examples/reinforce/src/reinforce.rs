//! REINFORCE (Williams, 1992): goes up `mean Ĝ ln π(a|s)`, Ĝ the normalised returns of an episode.

use plugin_api::prelude::*;
use tch::{Kind, Tensor};

params! {
    pub(crate) struct ReinforceParams {
        /// Discount γ.
        discount: f64 = 0.99 in 0.0..=1.0,
        /// Learning rate of Adam.
        live learning_rate: f64 = 0.01 in 0.0..,
        /// Size of the hidden layer.
        hidden: usize = 64 in 1..,
    }
}

/// Weights and biases of two layers, and Adam's averages of their gradients and squares.
pub(crate) struct Reinforce {
    params: ReinforceParams,
    net: [Tensor; 4],
    averages: [[Tensor; 2]; 4],
    steps: u64,
}

impl Reinforce {
    fn log_probs(&self, obs: Rows<'_>) -> Tensor {
        let [w1, b1, w2, b2] = &self.net;
        let x = Tensor::from_slice(obs.flat()).view([-1, obs.width() as i64]);
        (x.matmul(w1) + b1).tanh().matmul(w2).g_add(b2).log_softmax(-1, Kind::Float)
    }
}

impl Policy for Reinforce {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        let log_probs = tch::no_grad(|| self.log_probs(obs));
        for (row, head) in out.head.iter_mut().enumerate() {
            log_probs.get(row as i64).copy_data(head, head.len());
        }
    }
}

impl Agent for Reinforce {
    const NAME: &'static str = "reinforce";
    type Params = ReinforceParams;

    fn new(params: &ReinforceParams, task: &Task, rng: &mut Rng) -> Result<Self> {
        tch::set_num_threads(1); // Sums taken in one order give the same bits in every run.
        let Space::Discrete { n, .. } = task.actions else {
            return Err(Error::unsupported("needs actions that are Discrete"));
        };
        let (inputs, hidden) = (task.observations.width(), params.hidden);
        let net = [(inputs, hidden), (1, hidden), (hidden, n), (1, n)].map(|(rows, columns)| {
            let small = (0..rows * columns).map(|_| rng.uniform(-0.1, 0.1) as f32);
            let numbers = Tensor::from_slice(&small.collect::<Vec<_>>());
            numbers.view([rows as i64, columns as i64]).set_requires_grad(true)
        });
        let averages = net.each_ref().map(|w| [w.zeros_like(), w.zeros_like()]);
        Ok(Self { params: params.clone(), net, averages, steps: 0 })
    }

    fn needs(&self) -> Needs {
        let discount = self.params.discount;
        Needs::episodes(Head::Logits).returns(Returns::MonteCarlo { discount })
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        let returns = Tensor::from_slice(batch.returns);
        let returns = (&returns - returns.mean(Kind::Float)) / (returns.std(false) + 1e-6);
        let choices = Tensor::from_slice(batch.actions.flat()).to_kind(Kind::Int64).view([-1, 1]);
        let chosen = self.log_probs(batch.obs).gather(1, &choices, false).squeeze();
        let loss = -(chosen * returns).mean(Kind::Float);
        let gradients = Tensor::run_backward(&[&loss], &self.net, false, false);
        self.steps += 1;
        let unbiased = |beta: f64| 1.0 - beta.powf(self.steps as f64);
        for ((w, [m, v]), g) in self.net.iter().zip(&mut self.averages).zip(gradients) {
            let (m, v) = (m.lerp_(&g, 0.1), v.lerp_(&g.square(), 0.001));
            let step = m / unbiased(0.9) / ((v / unbiased(0.999)).sqrt() + 1e-8);
            let _ = tch::no_grad(|| w.shallow_clone().g_sub_(&(step * self.params.learning_rate)));
        }
        learn.log.scalar("loss", loss.double_value(&[]));
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("steps", &mut self.steps);
        let averages = self.averages.iter().flatten();
        for (idx, tensor) in self.net.iter().chain(averages).enumerate() {
            let mut numbers = vec![0.0f32; tensor.numel()];
            tensor.copy_data(&mut numbers, tensor.numel());
            archive.slice(&format!("tensor{idx}"), &mut numbers);
            let loaded = Tensor::from_slice(&numbers).view_as(tensor);
            tch::no_grad(|| tensor.shallow_clone().copy_(&loaded));
        }
    }

    fn params(&mut self) -> &mut ReinforceParams {
        &mut self.params
    }
}
