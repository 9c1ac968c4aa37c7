//! Events as lines of `name=value`, the same on every terminal and in every log.

use std::io::{self, Write};
use thorndike_engine::event::{Alert, Done, Edit, Episode, Eval, Event, Report, Start};
use thorndike_session::error::shown;

/// Writes an event as one line.
pub(super) fn write(out: &mut impl Write, event: &Event) -> io::Result<()> {
    let line = match event {
        Event::Start(start) => start_line(start),
        Event::Report(report) => report_line(report),
        Event::Episode(episode) => episode_line(episode),
        Event::Eval(eval) => eval_line(eval),
        Event::Edit(edit) => edit_line(edit),
        Event::Alert(alert) => alert_line(alert),
        Event::Done(end) => done_line(end),
    };
    writeln!(out, "{line}")
}

fn start_line(start: &Start) -> String {
    let mut words = vec![format!(
        "start agent={} env={} seed={} lanes={} mode={} threads={} steps={} budget={}",
        shown(&start.agent),
        shown(&start.env),
        start.seed,
        start.lanes,
        start.mode,
        start.threads,
        start.steps,
        start.budget.map_or("-".to_owned(), |budget| budget.to_string()),
    )];
    if start.copies > 1 {
        words.push(format!("copies={}", start.copies));
    }
    let prefixed = [("", &start.params), ("env.", &start.env_params)];
    for (prefix, params) in prefixed {
        for (name, value) in params {
            words.push(format!("{prefix}{name}={}", shown(&value.to_string())));
        }
    }
    words.join(" ")
}

fn report_line(report: &Report) -> String {
    let mut words = vec![format!(
        "report steps={} episodes={} updates={} seconds={} steps_per_s={} return={} last100={} \
         length={}",
        report.steps,
        report.episodes,
        report.updates,
        figure(report.seconds),
        report.steps_per_s.round(),
        optional(report.return_mean),
        optional(report.return_last100),
        optional(report.length_last100),
    )];
    if let Some(success) = report.success_last100 {
        words.push(format!("success={}", figure(success)));
    }
    for (name, value) in &report.metrics {
        words.push(format!("{}={}", shown(name), figure(*value)));
    }
    words.join(" ")
}

fn episode_line(episode: &Episode) -> String {
    let end = match (episode.terminated, episode.truncated) {
        (true, _) => "terminated",
        (false, true) => "truncated",
        (false, false) => "-",
    };
    let mut words = vec![format!(
        "episode {} return={} length={} end={end}",
        episode.episode,
        figure(episode.total),
        episode.length
    )];
    if let Some(success) = episode.success {
        words.push(if success { "success=yes" } else { "success=no" }.to_owned());
    }
    words.join(" ")
}

fn eval_line(eval: &Eval) -> String {
    let mut words = vec![format!(
        "eval steps={} episodes={} return={} std={} length={}",
        eval.steps,
        eval.episodes,
        figure(eval.return_mean),
        figure(eval.return_std),
        figure(eval.length_mean)
    )];
    if let Some(success) = eval.success {
        words.push(format!("success={}", figure(success)));
    }
    if let Some(regret) = eval.regret {
        words.push(format!("regret={}", figure(regret)));
    }
    words.join(" ")
}

fn edit_line(edit: &Edit) -> String {
    format!(
        "edit steps={} {} {} -> {} by={}",
        edit.steps,
        shown(&edit.name),
        shown(&edit.old.to_string()),
        shown(&edit.new.to_string()),
        shown(&edit.author)
    )
}

fn alert_line(alert: &Alert) -> String {
    format!("alert steps={} {}: {}", alert.steps, shown(&alert.topic), shown(&alert.message))
}

fn done_line(end: &Done) -> String {
    format!(
        "done steps={} episodes={} updates={} seconds={} steps_per_s={} return_mean={} \
         return_last100={} digest={} reason={}",
        end.steps,
        end.episodes,
        end.updates,
        figure(end.seconds),
        end.steps_per_s.round(),
        optional(end.return_mean),
        optional(end.return_last100),
        shown(&end.digest),
        shown(&end.reason)
    )
}

/// A number in five digits that count, without an exponent where one can do without.
pub(crate) fn figure(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    if !(1e-4..1e15).contains(&size) {
        return format!("{value:.4e}");
    }
    let decimals = (4 - size.log10().floor() as i32).clamp(0, 8) as usize;
    let text = format!("{value:.decimals$}");
    if decimals == 0 {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn optional(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), figure)
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn lines_are_stable() {
        let mut out = Vec::new();
        for event in samples::all() {
            write(&mut out, &event).expect("memory takes everything");
        }
        let text = String::from_utf8(out).expect("only text is written");
        let expected = "\
start agent=tabular:q-learning env=toy-text:FrozenLake-v1 seed=7 lanes=8 mode=lockstep \
threads=2 steps=0 budget=1000 step_size=0.5 env.map=4x4 env.sizes=1,2 env.slippery=true
report steps=500 episodes=50 updates=500 seconds=1 steps_per_s=500 return=- last100=-0.33333 \
length=9.5 td_error=0.25
episode 3 return=1 length=6 end=-
eval steps=500 episodes=10 return=0.5 std=0 length=0
alert steps=500 nan: a \\u{1b}[31mred\\u{1b}[0m word\\nand a line
done steps=1000 episodes=100 updates=1000 seconds=2 steps_per_s=500 return_mean=0.5 \
return_last100=0.75 digest=abcd reason=steps
";
        assert_eq!(text, expected);
    }

    #[test]
    fn figures_are_short_and_true() {
        let cases = [
            (0.0, "0"),
            (1.0, "1"),
            (-13.0, "-13"),
            (0.744_231, "0.74423"),
            (475.123_456, "475.12"),
            (123_456.7, "123457"),
            (1e14, "100000000000000"),
            (0.000_123_456, "0.00012346"),
            (0.000_012_345_6, "1.2346e-5"),
            (9.99999, "10"),
            (1e15, "1.0000e15"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (value, expected) in cases {
            assert_eq!(figure(value), expected);
        }
    }
}
