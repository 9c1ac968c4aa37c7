//! What every picture of the screen promises, at many sizes and in all tiers of characters.

mod looks;
mod samples;

use super::*;
use crate::action::Action;
use crate::bench::{About, Offer, Pick, SessionRow};
use crate::glyph::Glyphs;
use crate::grid::Grid;
use crate::record;
use crate::state::{Guide, GuideStage, Overlay, Panel, Prompt, QuitChoice, State};
use crate::term::{Colors, Painter};
use crate::update::act;
use plugin_api::Params;
use samples::{compared, film, peek};
use thorndike_engine::buffer::{Bin, BufferStats};
use thorndike_engine::drive::{Delivery, LaneNow, LanesRow, Notice, Phase, Point};
use thorndike_engine::event::{Alert, Event, Report, Start};

plugin_api::params! {
    struct Sample {
        /// Step size α.
        live step_size: f64 = 0.5 in 0.0..=1.0,
        /// Which map.
        map: String = "small" of ["small", "large"],
    }
}

fn start() -> Start {
    Start {
        agent: "q-learning".into(),
        env: "Taxi-v4".into(),
        seed: 3,
        lanes: 8,
        copies: 1,
        mode: "lockstep",
        threads: 2,
        steps: 0,
        budget: Some(2_000_000),
        params: [].into(),
        env_params: [].into(),
        memory_bytes: 1 << 20,
    }
}

/// A run in which everything has happened that can be shown.
pub(crate) fn busy() -> RunView {
    let about = About {
        session: "q-learning-Taxi-v4-s0-1".into(),
        agent: "tabular:q-learning".into(),
        env: "toy-text:Taxi-v4".into(),
        specs: Sample::specs(),
        budget: Some(2_000_000),
        ..About::default()
    };
    let mut run = RunView::new(about);
    let notices = vec![Notice::Event(Event::Start(start()))];
    run.fold(&mut Delivery { notices, ..Delivery::default() });
    let mut notices = Vec::new();
    for idx in 1..=100_u64 {
        notices.push(Notice::Event(Event::Report(Report {
            steps: 10_000 * idx,
            episodes: 50 * idx,
            updates: 1000 * idx,
            seconds: idx as f64,
            steps_per_s: 41_200.0,
            return_last100: Some(203.4),
            metrics: vec![("td_error".into(), 1.0 / idx as f64), ("entropy".into(), 1.9)],
            buffer_fill: 0.5,
            time: vec![("act and step".into(), 0.66), ("learn".into(), 0.34)],
            ..Report::default()
        })));
    }
    let alert = Alert { steps: 500_000, topic: "entropy".into(), message: "it fell".into() };
    notices.push(Notice::Event(Event::Alert(alert)));
    let bins = |count| (0..count).map(f64::from).map(|low| Bin { low, high: low + 1.0, count: 5 });
    notices.push(Notice::Buffer(Some(BufferStats {
        steps: 953_000,
        capacity: 1_000_000,
        ages: bins(20).collect(),
        rewards: bins(7).collect(),
        ..BufferStats::default()
    })));
    notices.push(Notice::Peek(Some(Box::new(peek()))));
    let mut scene = plugin_api::Scene::default();
    let white = plugin_api::scene::Color::WHITE;
    scene.view(0.0, 0.0, 4.0, 3.0).rect([1.0, 1.0], [2.0, 1.0], white);
    notices.push(Notice::Picture(0, Some(Box::new(scene))));
    let point = |idx: u64| Point {
        steps: 500 * idx,
        lane: (idx % 8) as u32,
        length: 20,
        total: idx as f64 / 10.0,
    };
    let now = vec![LaneNow { reward: 1.0, total: 5.0, length: 3, failed: false }; 8];
    let row = LanesRow { now, rewards: vec![0.5; 8] };
    run.fold(&mut Delivery {
        notices,
        points: (1..2000).map(point).collect(),
        sums: Vec::new(),
        lanes: vec![row; 30],
        steps: 1_000_000,
        episodes: 5000,
        updates: 100_000,
        seconds: 100.0,
        left_out: 0,
    });
    run
}

fn state(size: (u16, u16), glyphs: Glyphs) -> State {
    let row = SessionRow {
        name: "a-session".into(),
        agent: "tabular:q-learning".into(),
        state: "steps".into(),
        steps: 12_000,
        ..SessionRow::default()
    };
    let mut state =
        State { size, glyphs, has_colors: true, runs: vec![busy()], ..State::default() };
    for (name, agent, height) in [("a-session", "a", 90.0), ("b", "b", 20.0), ("c", "a", 110.0)] {
        state.compare.take(compared(name, agent, height));
    }
    state.replay.film = film();
    state.replay.cursor = 600_000;
    state.sessions.rows = Some(vec![row; 30]);
    state.plugins.rows = Some(Vec::new());
    state
}

fn drawn(state: &State) -> (String, Map) {
    let mut buffer = Buffer::empty(Rect::new(0, 0, state.size.0, state.size.1));
    let map = draw(state, &mut buffer);
    (record::text(&buffer), map)
}

fn overlays() -> Vec<Option<Overlay>> {
    let guide = |stage| {
        let unfit = Some("it learns in worlds with few states only".to_owned());
        let offer = Offer { name: "CartPole-v1".into(), unfit, ..Offer::default() };
        Some(Overlay::Guide(Box::new(Guide { stage, envs: vec![offer; 3], ..Guide::default() })))
    };
    vec![
        None,
        Some(Overlay::Palette { line: crate::line::Line::of("st"), at: 2 }),
        Some(Overlay::Help { line: crate::line::Line::default(), top: 3 }),
        Some(Overlay::Prompt {
            prompt: Prompt::Param("step_size".into()),
            line: crate::line::Line::of("0.25"),
            error: Some("`step_size` lies in 0 to 1, not at 2".into()),
        }),
        Some(Overlay::Quit { choice: QuitChoice::Stop }),
        Some(Overlay::Text { title: "entropy".into(), lines: vec!["a line ".repeat(30)], top: 1 }),
        guide(GuideStage::Agent),
        guide(GuideStage::Env),
        guide(GuideStage::Form),
    ]
}

const SIZES: [(u16, u16); 9] =
    [(200, 60), (160, 45), (120, 40), (110, 34), (80, 24), (60, 20), (40, 12), (20, 5), (20, 3)];
const TIERS: [Glyphs; 4] = [Glyphs::Octant, Glyphs::Braille, Glyphs::Half, Glyphs::Ascii];

#[test]
fn every_screen_can_be_drawn_at_every_size_and_clicks_stay_within() {
    for size in SIZES.into_iter().chain([(1, 1), (19, 40), (300, 2), (51, 15)]) {
        for glyphs in TIERS {
            let mut state = state(size, glyphs);
            for (screen, _, _) in SCREENS {
                state.screen = screen;
                state.compare.is_grouped = glyphs == Glyphs::Half;
                state.compare.regroup();
                for overlay in overlays() {
                    state.overlay = overlay;
                    let (text, map) = drawn(&state);
                    let whole = Rect::new(0, 0, size.0, size.1);
                    let within = |area: &Rect| whole.intersection(*area) == *area;
                    assert!(map.hits.iter().all(|(area, _)| within(area)), "{screen:?} {size:?}");
                    assert!(glyphs != Glyphs::Ascii || text.is_ascii(), "{screen:?}\n{text}");
                }
            }
        }
    }
}

#[test]
fn what_matters_most_is_shown_at_every_size() {
    for size in SIZES {
        for glyphs in TIERS {
            let mut state = state(size, glyphs);
            state.toast("a message that would lie in front of everything");
            let (text, _) = drawn(&state);
            let mut wanted = vec!["RUNNING", "1M", "return 203", "q-learn"];
            if size.1 > 3 {
                wanted.push("eta 1:40");
            }
            for word in wanted {
                assert!(text.contains(word), "{word} at {size:?}\n{text}");
            }
        }
    }
    let (text, _) = drawn(&state((19, 5), Glyphs::Braille));
    assert!(text.starts_with("needs 20x3"), "{text}");
}

#[test]
fn panels_are_framed_whole_and_do_not_overlap() {
    for size in [(200, 60), (120, 40), (80, 24)] {
        let (text, map) = drawn(&state(size, Glyphs::Braille));
        let count = |letter: char| text.matches(letter).count();
        assert_eq!(count('╭'), count('╰'), "{text}");
        assert_eq!((count('╭'), count('╮')), (count('╯'), count('╯')), "{text}");
        let panels: Vec<Rect> = map
            .hits
            .iter()
            .filter(|(_, hit)| matches!(hit, Hit::Panel(_)))
            .map(|(area, _)| *area)
            .collect();
        assert!(panels.len() >= 5, "{text}");
        for (idx, one) in panels.iter().enumerate() {
            for other in &panels[idx + 1..] {
                assert!(one.intersection(*other).is_empty(), "{one} {other}\n{text}");
            }
        }
    }
}

#[test]
fn every_panel_can_be_shown_alone() {
    let mut state = state((100, 30), Glyphs::Braille);
    state.is_alone = true;
    let names = [
        (Panel::Return, "return 203"),
        (Panel::Picture, "Taxi-v4  lane 0"),
        (Panel::MetricA, "td_error"),
        (Panel::MetricB, "entropy"),
        (Panel::Speed, "41.2k"),
        (Panel::Memory, "953k/1M"),
        (Panel::Params, "step_size"),
        (Panel::Lanes, "lanes 8"),
        (Panel::Log, "it fell"),
    ];
    for (panel, name) in names {
        state.panel = panel;
        let (text, _) = drawn(&state);
        assert!(text.contains(name), "{name}\n{text}");
    }
}

#[test]
fn a_storm_of_sizes_and_actions_does_no_harm() {
    let mut state = state((80, 24), Glyphs::Braille);
    let mut painter = Painter::new(Colors::Palette);
    let mut grid = Grid::new((200, 60));
    let mut number = 1_u64;
    let mut random = |below: usize| {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (number >> 33) as usize % below
    };
    for _ in 0..1000 {
        state.size = (1 + random(200) as u16, 1 + random(60) as u16);
        let action = crate::action::ACTIONS[random(crate::action::ACTIONS.len())].action;
        act(&mut state, action);
        let mut buffer = Buffer::empty(Rect::new(0, 0, state.size.0, state.size.1));
        state.map = draw(&state, &mut buffer);
        // What is sent leads a terminal to the very picture that was drawn.
        if painter.shown().area != buffer.area {
            grid = Grid::new(state.size);
        }
        grid.take(painter.frame(&mut buffer));
        let lines = |text: &str| -> Vec<String> {
            text.lines().map(|line| line.trim_end().to_owned()).collect()
        };
        assert_eq!(lines(&grid.text()), lines(&record::text(painter.shown())));
    }
}

#[test]
fn nothing_is_drawn_twice_and_colors_are_not_all_there_is() {
    let mut painter = Painter::new(Colors::None);
    let state = state((120, 40), Glyphs::Braille);
    let mut picture = || {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 120, 40));
        draw(&state, &mut buffer);
        painter.frame(&mut buffer).to_vec()
    };
    let first = String::from_utf8(picture()).expect("only text is drawn");
    let codes = first.split("\u{1b}[").filter_map(|part| Some(part.split_once('m')?.0));
    let codes: Vec<&str> = codes.filter(|codes| codes.bytes().all(|b| b != b'H')).collect();
    assert!(!codes.is_empty(), "bold and dim are shown");
    for codes in codes {
        let is_plain = codes.split(';').all(|code| ["0", "1", "2", "7"].contains(&code));
        assert!(is_plain, "{codes}");
    }
    assert!(picture().is_empty());
}

#[test]
fn twelve_common_tasks_take_four_keys_at_most() {
    use crate::term::{Input, Key};
    use crate::update::{Effect, Msg, update};
    use thorndike_engine::drive::{Command, Stride};
    let press = |state: &mut State, keys: &str| -> Vec<Effect> {
        let keys: Vec<&str> = keys.split(' ').collect();
        assert!(keys.len() <= 4, "{keys:?}");
        let input = |key: &str| Input::Key(Key::named(key).expect("a key"));
        keys.iter().flat_map(|key| update(state, Msg::Input(input(key)))).collect()
    };
    let ask = |command: Command| vec![Effect::Ask(0, command)];
    let fresh = || state((120, 40), Glyphs::Braille);
    let step = |stride| ask(Command::Step(stride));
    let tasks = [
        ("space", ask(Command::Pause)),
        (".", step(Stride::Round)),
        (",", step(Stride::Update)),
        (";", step(Stride::Episode)),
        ("s", ask(Command::Save)),
        ("S", ask(Command::Stop)),
        ("b", vec![Effect::Branch("q-learning-Taxi-v4-s0-1".into())]),
        ("ctrl-o", vec![Effect::Record]),
        ("X", vec![Effect::Export]),
        ("N", vec![Effect::LoadAgents]),
        ("q enter", vec![Effect::Detach]),
        ("q s", ask(Command::Stop)),
        ("D", vec![Effect::Detach]),
        ("3 b", vec![Effect::Branch("a-session@600000".into())]),
        ("3 }", vec![Effect::LoadFilm("a-session".into(), Pick::File(9))]),
        ("3 enter", vec![Effect::LoadFilm("a-session".into(), Pick::Step(600_000))]),
        ("4 enter", vec![Effect::LoadSessions, Effect::Resume("a-session".into())]),
    ];
    for (keys, expected) in tasks {
        let effects = press(&mut fresh(), keys);
        let asked: Vec<_> = effects
            .into_iter()
            .filter(|effect| {
                let looks = |command: &Command| {
                    matches!(command, Command::Picture(_) | Command::Buffer | Command::Peek(_))
                };
                !matches!(effect, Effect::Ask(_, command) if looks(command))
            })
            .collect();
        assert_eq!(asked, expected, "{keys}");
    }
    let mut state = fresh();
    press(&mut state, "e");
    press(&mut state, "ctrl-u 1");
    let values = [("step_size".to_owned(), plugin_api::params::Value::Float(1.0))].into();
    assert_eq!(press(&mut state, "enter"), ask(Command::Edit(values)));
    state.runs[0].phase = Phase::Ended;
    assert_eq!(press(&mut state, "q"), [Effect::Leave]);
}

#[test]
fn clicks_do_what_keys_do() {
    use crate::term::Input;
    use crate::term::input::{Mouse, MouseKind};
    use crate::update::{Msg, update};
    let mut state = state((120, 40), Glyphs::Braille);
    let mut buffer = Buffer::empty(Rect::new(0, 0, 120, 40));
    state.map = draw(&state, &mut buffer);
    let hits = state.map.hits.clone();
    for (area, hit) in hits {
        let Hit::Action(action) = hit else { continue };
        let at = |state: &mut State| {
            let (kind, column, row) = (MouseKind::Down(0), area.x, area.y);
            let mouse = Mouse { kind, column, row, shift: false };
            update(state, Msg::Input(Input::Mouse(mouse)))
        };
        let (mut clicked, mut pressed) =
            (self::state((120, 40), Glyphs::Braille), self::state((120, 40), Glyphs::Braille));
        clicked.map = state.map.clone();
        assert_eq!(at(&mut clicked), act(&mut pressed, action), "{action:?}");
        assert_eq!(clicked.screen, pressed.screen);
    }
    let (_, placed) = state.map.charts[0].clone();
    let wheel = Mouse {
        kind: MouseKind::WheelUp,
        column: placed.area.x + 5,
        row: placed.area.y,
        shift: false,
    };
    update(&mut state, Msg::Input(Input::Mouse(wheel)));
    let (from, to) = state.charts.window.expect("it looks closer");
    assert!(to - from < placed.window.1 - placed.window.0);
    act(&mut state, Action::ZoomHome);
    assert_eq!(state.charts.window, None);
}
