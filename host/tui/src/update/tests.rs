//! What keys ask for, where there is a run and where there is none.

use super::*;
use crate::bench::NewPlugin;
use crate::run::LogLine;

fn press(state: &mut State, keys: &str) -> Vec<Effect> {
    let input = |key: &str| Input::Key(Key::named(key).expect("a key"));
    keys.split(' ').flat_map(|key| update(state, Msg::Input(input(key)))).collect()
}

/// The bench with a session and no run.
fn bench() -> State {
    let row = SessionRow { name: "old".into(), note: "it fell".into(), ..SessionRow::default() };
    let mut state = State { size: (120, 40), screen: Screen::Sessions, ..State::default() };
    state.sessions.rows = Some(vec![row]);
    state
}

fn error(state: &State) -> Option<&str> {
    match &state.overlay {
        Some(Overlay::Prompt { error, .. }) => error.as_deref(),
        _ => None,
    }
}

#[test]
fn sessions_are_branched_tagged_and_noted_without_a_run() {
    let mut state = bench();
    assert_eq!(press(&mut state, "b"), [Effect::Branch("old".into())]);
    press(&mut state, "t a b");
    assert_eq!(press(&mut state, "enter"), [Effect::Tag("old".into(), "ab".into())]);
    // A note is written on.
    press(&mut state, "! x");
    assert_eq!(press(&mut state, "enter"), [Effect::Note("old".into(), "it fellx".into())]);
    state.sessions.rows = Some(Vec::new());
    assert!(press(&mut state, "b t !").is_empty());
    assert!(state.overlay.is_none() && state.toasts.len() == 1, "{:?}", state.toasts);
}

#[test]
fn a_new_plugin_is_written_from_its_screen() {
    let mut state = bench();
    state.screen = Screen::Plugins;
    press(&mut state, "n");
    let wanted = Effect::NewPlugin(NewPlugin::Agent, "my-agent".into());
    assert_eq!(press(&mut state, "enter"), [wanted]);
    update(&mut state, Msg::Scaffolded(Err("it is there already".into())));
    assert_eq!(error(&state), Some("it is there already"));
    assert!(press(&mut state, "ctrl-u x enter").is_empty());
    assert_eq!(error(&state), Some("begin with `agent` or `env`, then its name"));
    let wanted = Effect::NewPlugin(NewPlugin::Env, "w".into());
    assert_eq!(press(&mut state, "ctrl-u e n v space w enter"), [wanted]);
    update(&mut state, Msg::Scaffolded(Ok(vec!["cd w".into()])));
    assert!(matches!(&state.overlay, Some(Overlay::Text { lines, .. }) if lines == &["cd w"]));
    assert!(press(&mut state, "esc").is_empty());
    assert!(state.overlay.is_none());
}

#[test]
fn replay_opens_the_latest_episode_of_what_one_looks_at() {
    let mut state = bench();
    assert_eq!(press(&mut state, "3"), [Effect::LoadFilm("old".into(), Pick::Latest)]);
}

#[test]
fn a_solved_task_is_no_plateau_and_a_run_that_failed_says_so_to_the_end() {
    use thorndike_engine::drive::Notice;
    use thorndike_engine::event::{Event, Report};
    let reports = |threshold: Option<f64>| -> Vec<LogLine> {
        let mut run = RunView::new(About { threshold, ..About::default() });
        for number in 1..=200_u64 {
            let report = Report {
                steps: 10_000 * number,
                episodes: 100 * number,
                return_last100: Some(500.0),
                ..Report::default()
            };
            let notices = vec![Notice::Event(Event::Report(report))];
            run.fold(&mut Delivery { notices, episodes: 100 * number, ..Delivery::default() });
        }
        run.log.into_iter().filter(|line| line.text.starts_with("plateau")).collect()
    };
    assert!(!reports(None).is_empty() && reports(Some(475.0)).is_empty());
    let mut run = RunView::default();
    let notices = vec![Notice::Failed("it broke".into()), Notice::Phase(Phase::Ended)];
    run.fold(&mut Delivery { notices, ..Delivery::default() });
    assert_eq!(run.word(), "FAILED");
}
