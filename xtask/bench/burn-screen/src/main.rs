//! burn's training screen with the curves of `screen_data.py`: MOMENTS moments of METRICS metrics,
//! handed to the renderer that its learners use, then nothing more until a key ends it.
//!
//!     burn-screen [MOMENTS [METRICS]]

use burn_train::Interrupter;
use burn_train::metric::{
    MetricAttributes, MetricDefinition, MetricEntry, MetricId, NumericAttributes, NumericEntry,
    SerializedEntry,
};
use burn_train::renderer::tui::TuiMetricsRendererWrapper;
use burn_train::renderer::{MetricState, MetricsRenderer, MetricsRendererTraining};
use std::sync::Arc;

/// The value of a metric at a moment, as `screen_data.py` has it.
fn value(step: u64, moments: u64, metric: u64) -> f64 {
    let part = step as f64 / moments as f64;
    let noise =
        ((12.9898 * (step * (metric + 1) % 78233) as f64).sin() * 43758.5453).rem_euclid(1.0);
    100.0 * part * (2.0 - part) + 20.0 * noise
}

fn main() {
    let mut words = std::env::args().skip(1).map(|word| word.parse().expect("a whole number"));
    let (moments, metrics) = (words.next().unwrap_or(20_000), words.next().unwrap_or(12));
    let interrupter = Interrupter::new();
    let mut screen = TuiMetricsRendererWrapper::new(interrupter.clone(), None);
    let ids: Vec<MetricId> = (0..metrics)
        .map(|metric: u64| MetricId::new(Arc::new(format!("train/metric-{metric}"))))
        .collect();
    for (metric, id) in ids.iter().enumerate() {
        screen.register_metric(MetricDefinition {
            metric_id: id.clone(),
            name: Arc::new(format!("train/metric-{metric}")),
            description: None,
            attributes: MetricAttributes::Numeric(NumericAttributes::default()),
        });
    }
    for step in 1..=moments {
        for (metric, id) in ids.iter().enumerate() {
            let value = value(step, moments, metric as u64);
            let shown = SerializedEntry::new(format!("{value:.3}"), value.to_string());
            let entry = MetricEntry::new(id.clone(), shown);
            screen.update_train(MetricState::Numeric(entry, Some(NumericEntry::Value(value))));
        }
    }
    // The screen stays until somebody ends it.
    screen.manual_close();
}
