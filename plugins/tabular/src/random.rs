//! The baseline every agent has to beat: any action, all alike.

use plugin_api::element::Dtype;
use plugin_api::prelude::*;
use plugin_api::rng::laws;
use plugin_api::space::Bounds;

/// Draws each action from the action space, whatever it sees.
#[derive(Debug)]
pub struct Random {
    actions: Space,
    params: (),
}

impl Policy for Random {
    /// While training the host draws, see `needs`; whoever evaluates takes what stands in the head.
    fn act(&self, _obs: Rows<'_>, out: &mut Act<'_>) {
        let mut rng = Rng::seeded(out.key);
        for (row, head) in out.head.iter_mut().enumerate() {
            let mask = if out.masks.is_empty() { &[] } else { out.masks.row(row) };
            draw(&self.actions, mask, &mut rng, head);
        }
    }
}

impl Agent for Random {
    const NAME: &'static str = "random";
    type Params = ();

    fn new(_params: &(), task: &Task, _rng: &mut Rng) -> Result<Self> {
        Ok(Self { actions: task.actions.clone(), params: () })
    }

    fn needs(&self) -> Needs {
        Needs { head: Head::Action, ..Needs::default() }.explore(Explore::Uniform)
    }

    fn learn(&mut self, _batch: &Batch<'_>, _learn: &mut Learn<'_>) -> Result<()> {
        Ok(())
    }

    fn state(&mut self, _archive: &mut Archive) {}

    fn params(&mut self) -> &mut () {
        &mut self.params
    }
}

/// Draws an action. Masks apply to spaces that are one Discrete or MultiDiscrete.
fn draw(space: &Space, mask: &[u8], rng: &mut Rng, out: &mut [f32]) {
    match space {
        Space::Discrete { n, start } => out[0] = choice(rng, mask, *n, *start),
        Space::MultiDiscrete { n, start } => {
            let mut rest = mask;
            for (value, (&n, &start)) in out.iter_mut().zip(n.iter().zip(start)) {
                let (here, after) = rest.split_at(n.min(rest.len()));
                *value = choice(rng, here, n, start);
                rest = after;
            }
        }
        Space::MultiBinary { .. } => out.fill_with(|| rng.below(2) as f32),
        Space::Box { low, high, dtype, .. } => draw_box(rng, [low, high], *dtype, out),
        Space::Text { min, max, charset } => {
            let length = laws::text_length(rng, *min, *max);
            let characters = charset.chars().count();
            out.fill(-1.0);
            out[..length].fill_with(|| rng.below(characters) as f32);
        }
        Space::Dict(_) | Space::Tuple(_) => {
            for (first, leaf) in space.leaves() {
                draw(leaf, &[], rng, &mut out[first..first + leaf.width()]);
            }
        }
    }
}

fn choice(rng: &mut Rng, mask: &[u8], n: usize, start: i64) -> f32 {
    let value = match mask {
        [] => laws::discrete(rng, n as i64, start),
        mask => laws::discrete_masked(rng, mask, start),
    };
    value as f32
}

fn draw_box(rng: &mut Rng, [low, high]: [&Bounds; 2], dtype: Dtype, out: &mut [f32]) {
    let whole = matches!(dtype, Dtype::I64 | Dtype::U8);
    let bounds = |bounds: &Bounds, more: f64| -> Vec<f64> {
        (0..out.len()).map(|idx| bounds.at(idx) + more).collect()
    };
    // Whole numbers are drawn up to one above their bound and rounded down.
    let (low, high) = (bounds(low, 0.0), bounds(high, f64::from(u8::from(whole))));
    let mut values = vec![0.0; out.len()];
    laws::box_f64(rng, &low, &high, &mut values);
    for (out, value) in out.iter_mut().zip(values) {
        *out = if whole { value.floor() } else { value } as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every value of 1000 draws fits, and all that `expected` lists of the first element come up.
    #[track_caller]
    fn check(space: &Space, mask: &[u8], expected: &[f32]) {
        let mut rng = Rng::seeded(5);
        let mut seen = Vec::new();
        let mut row = vec![f32::NAN; space.width()];
        for _ in 0..1000 {
            draw(space, mask, &mut rng, &mut row);
            let wide: Vec<f64> = row.iter().map(|&value| value.into()).collect();
            space.check(&wide).expect("a drawn action fits");
            if !seen.contains(&row[0]) {
                seen.push(row[0]);
            }
        }
        seen.sort_by(f32::total_cmp);
        if !expected.is_empty() {
            assert_eq!(seen, expected);
        }
    }

    #[test]
    fn every_space_is_drawn_from() {
        check(&Space::discrete_from(3, -1), &[], &[-1.0, 0.0, 1.0]);
        check(&Space::discrete_from(3, 5), &[0, 1, 1], &[6.0, 7.0]);
        check(&Space::multi_discrete(&[2, 4]), &[1, 0, 1, 0, 0, 0], &[0.0]);
        check(&Space::multi_binary(3), &[], &[0.0, 1.0]);
        check(&Space::range::<u8>(3.0, 5.0, &[2]), &[], &[3.0, 4.0, 5.0]);
        check(&Space::bounded(&[-2.0_f32, 0.0], &[2.0, f32::INFINITY]), &[], &[]);
        check(&Space::text(1, 3, "ab"), &[], &[0.0, 1.0]);
        check(&Space::tuple([Space::discrete(2), Space::unbounded::<f64>(&[2])]), &[], &[0.0, 1.0]);
    }
}
