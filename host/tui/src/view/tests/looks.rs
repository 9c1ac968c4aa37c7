//! What Replay, Buffer and charts show, and what the mouse does there.

use super::*;
use crate::term::Input;
use crate::term::input::{Mouse, MouseKind};
use crate::update::{Effect, Msg, update};

#[test]
fn a_replay_shows_what_the_policy_thought_and_where_one_is_in_the_run() {
    let mut state = state((120, 40), Glyphs::Braille);
    state.screen = Screen::Replay;
    let (text, map) = drawn(&state);
    for part in ["value 203", "advantage -0.25", "probability", "0.75", "policy of step 400k"] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    let chosen = text.lines().find(|line| line.contains('▸')).expect("a choice stands out");
    assert!(chosen.contains("▸1"), "{chosen}");
    assert!(text.contains("cursor at step 600000") && text.contains('▲'), "{text}");
    let scrubber = map.hits.iter().find(|(_, hit)| *hit == Hit::Scrubber).expect("it is there").0;
    let row = text.lines().nth(scrubber.bottom() as usize - 2).expect("a row of marks");
    let column = |sign| row.chars().position(|letter| letter == sign).expect("a mark") as u16;
    let part = |x: u16| f64::from(x - scrubber.x) / f64::from(scrubber.width);
    assert!((part(column('E')) - 0.25).abs() < 0.02, "{row}");
    assert!((part(column('C')) - 0.75).abs() < 0.02, "{row}");
    // The cursor follows the mouse, and what lies there is opened in the end.
    state.map = map;
    let mut mouse = |kind, part: u16| {
        let (column, row) = (scrubber.x + scrubber.width / 4 * part, scrubber.y);
        let mouse = Mouse { kind, column, row, shift: false };
        update(&mut state, Msg::Input(Input::Mouse(mouse)))
    };
    assert!(mouse(MouseKind::Down(0), 1).is_empty() && mouse(MouseKind::Drag(0), 3).is_empty());
    assert!(mouse(MouseKind::Drag(0), 2).is_empty());
    let effects = mouse(MouseKind::Up(0), 2);
    assert!((490_000..=501_000).contains(&state.replay.cursor), "{}", state.replay.cursor);
    assert!(!state.is_scrubbing);
    let wanted = Pick::Step(state.replay.cursor);
    assert_eq!(effects, [Effect::LoadFilm("a-session".into(), wanted)]);
    // Through the marks and round again.
    let mut at = |action| {
        act(&mut state, action);
        state.replay.cursor
    };
    assert_eq!(at(Action::ScrubMark), 750_000);
    assert_eq!(at(Action::ScrubMark), 250_000);
    assert_eq!(at(Action::ScrubOn), 260_000);
}

#[test]
fn the_memory_is_shown_step_by_step_with_both_goals() {
    use crate::update::Effect;
    use thorndike_engine::drive::Command;
    let mut state = state((140, 44), Glyphs::Braille);
    state.screen = Screen::Buffer;
    let (text, _) = drawn(&state);
    assert!(text.contains("td error by the agent's values") && text.contains("new goal"), "{text}");
    assert!(!text.contains("goal that hindsight gave it"), "{text}");
    act(&mut state, Action::Down);
    let (text, _) = drawn(&state);
    for part in ["goal it had", "goal that hindsight gave it", "reward -1 before hindsight"] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    let drawn = act(&mut state, Action::Draw);
    assert!(drawn.contains(&Effect::Ask(0, Command::Peek(1))), "{drawn:?}");
    assert!(state.runs[0].peek.is_none());
}

#[test]
fn a_box_on_a_chart_is_zoomed_into() {
    use crate::term::Input;
    use crate::term::input::{Mouse, MouseKind};
    use crate::update::{Msg, update};
    let mut state = state((120, 40), Glyphs::Braille);
    state.map = drawn(&state).1;
    let (_, placed) = state.map.charts[0].clone();
    let mouse = |state: &mut State, kind, column, row| {
        let mouse = Mouse { kind, column, row, shift: true };
        update(state, Msg::Input(Input::Mouse(mouse)));
    };
    let (x, y) = (placed.area.x, placed.area.y);
    mouse(&mut state, MouseKind::Move, x + 3, y + 1);
    assert_eq!(state.charts.reads_at(), Some(placed.x_at(x + 3)));
    mouse(&mut state, MouseKind::Down(0), x + 20, y + 2);
    mouse(&mut state, MouseKind::Drag(0), x + 10, y + 6);
    assert!(state.zoom_box.is_some() && state.charts.window.is_none());
    drawn(&state);
    mouse(&mut state, MouseKind::Up(0), x + 10, y + 6);
    let window = (placed.x_at(x + 10), placed.x_at(x + 20));
    assert_eq!(state.charts.window, Some(window));
    let (low, high) = state.charts.range.expect("y as well");
    assert!(placed.range.0 < low && low < high && high < placed.range.1, "{low} {high}");
    assert!(state.zoom_box.is_none());
    // The right button without a way is a place for the crosshair.
    mouse(&mut state, MouseKind::Down(2), x + 5, y + 1);
    mouse(&mut state, MouseKind::Up(2), x + 5, y + 1);
    assert_eq!(state.charts.cross, Some(placed.x_at(x + 5)));
}

#[test]
fn pictures_of_pixels_get_a_field_where_nothing_lies_in_front() {
    use crate::term::images::{Images, Protocol};
    let mut state = state((120, 40), Glyphs::Braille);
    let (with_cells, map) = drawn(&state);
    assert_eq!(map.image, None);
    state.images = Some(Images { protocol: Protocol::Kitty, cell: (9, 18) });
    let (with_pixels, map) = drawn(&state);
    let (field, _) = map.image.expect("a field is left");
    let blank = |text: &str| {
        let mut rows = text.lines().skip(field.y as usize).take(field.height as usize);
        rows.all(|row| {
            let cells: Vec<char> = row.chars().collect();
            cells[field.x as usize..field.right() as usize].iter().all(|cell| *cell == ' ')
        })
    };
    assert!(blank(&with_pixels) && !blank(&with_cells), "{with_pixels}");
    state.overlay = Some(Overlay::Quit { choice: QuitChoice::Detach });
    assert_eq!(drawn(&state).1.image, None);
    state.overlay = None;
    state.is_recording = true;
    assert_eq!(drawn(&state).1.image, None);
}

#[test]
fn runs_side_by_side_are_looked_at_closely_without_a_run_of_ones_own() {
    let mut state = state((120, 40), Glyphs::Braille);
    state.runs.clear();
    state.screen = Screen::Compare;
    let (text, map) = drawn(&state);
    assert!(text.contains("last 100") && text.contains("AUC"), "{text}");
    state.map = map;
    let (_, placed) = state.map.charts[0].clone();
    assert_eq!(placed.window, (0.0, 10_000.0));
    act(&mut state, Action::ZoomIn);
    assert_eq!(state.compare.charts.window, Some((2500.0, 7500.0)));
    let at = |kind, x| {
        let (column, row, shift) = (placed.area.x + x, placed.area.y + 2, false);
        Msg::Input(Input::Mouse(Mouse { kind, column, row, shift }))
    };
    update(&mut state, at(MouseKind::WheelDown, 10));
    let (from, to) = state.compare.charts.window.expect("it looks at a part");
    assert!((to - from - 6250.0).abs() < 1e-6, "{from} {to}");
    act(&mut state, Action::ZoomHome);
    // Numbers are those under the mouse, else those in the end.
    let value = |state: &State| {
        let (text, _) = drawn(state);
        let row = text.lines().find(|line| line.contains(" 10k ")).expect("a row");
        let numbers = row.rsplit("A a-session").next().expect("what follows");
        numbers.split_whitespace().nth(2).and_then(|number| number.parse::<f64>().ok())
    };
    let last = value(&state);
    update(&mut state, at(MouseKind::Move, placed.area.width / 2));
    let middle = value(&state);
    assert!(middle < last.map(|last| 0.6 * last), "{middle:?} {last:?}");
    assert_eq!(state.charts, crate::state::Charts::default(), "the cockpit looks as it did");
    // Seeds together, by time.
    act(&mut state, Action::Group);
    act(&mut state, Action::Axis);
    let (text, map) = drawn(&state);
    assert!(text.contains("x seconds") && text.contains("interquartile mean"), "{text}");
    assert_eq!(map.charts[0].1.window, (0.0, 10.0));
    let row = text.lines().find(|line| line.contains(" to ")).expect("a group");
    for part in ["A a-session", "100", "90 to 110", "50"] {
        assert!(row.contains(part), "no {part} in {row}");
    }
}

#[test]
fn series_differ_where_there_are_no_colors() {
    for glyphs in TIERS {
        let mut state = state((120, 40), glyphs);
        state.screen = Screen::Compare;
        let signs = |state: &State| {
            let (text, map) = drawn(state);
            let area = map.charts[0].1.area;
            let rows = text.lines().skip(area.y as usize).take(area.height as usize);
            let cells: String =
                rows.map(|row| row.chars().skip(area.x as usize).collect::<String>()).collect();
            ['A', 'B', 'C'].map(|sign| cells.matches(sign).count())
        };
        state.compare.charts.smooth = 1;
        let colored = signs(&state);
        assert!(glyphs == Glyphs::Ascii || colored == [0; 3], "{colored:?}");
        state.has_colors = false;
        let plain = signs(&state);
        assert!(plain.iter().all(|count| *count >= 4), "{glyphs:?}: {plain:?}");
        (state.has_colors, state.theme) =
            (true, crate::theme::Theme::named("mono").expect("it is there"));
        assert_eq!(signs(&state), plain);
    }
}

#[test]
fn every_screen_keeps_to_the_colors_there_are() {
    for colors in [Colors::None, Colors::Sixteen, Colors::Palette, Colors::True] {
        for theme in crate::theme::THEMES {
            let mut state = state((120, 40), Glyphs::Braille);
            state.theme = theme;
            for (screen, _, _) in SCREENS {
                state.screen = screen;
                let mut buffer = Buffer::empty(Rect::new(0, 0, 120, 40));
                draw(&state, &mut buffer);
                let sent = Painter::new(colors).frame(&mut buffer).to_vec();
                let sent = String::from_utf8(sent).expect("only text is drawn");
                let codes = sent.split("\u{1b}[").filter_map(|part| Some(part.split_once('m')?.0));
                for codes in
                    codes.filter(|codes| codes.bytes().all(|b| b == b';' || b.is_ascii_digit()))
                {
                    let is_fit = match colors {
                        Colors::None => !codes.contains("38;") && !codes.contains("48;"),
                        Colors::Sixteen => {
                            codes.strip_prefix("38;5;").or(codes.strip_prefix("48;5;")).is_none_or(
                                |number| number.parse::<u8>().is_ok_and(|number| number < 16),
                            )
                        }
                        Colors::Palette => !codes.contains(";2;"),
                        Colors::True => true,
                    };
                    assert!(is_fit, "{codes} with {colors:?} in {screen:?}");
                }
            }
        }
    }
}

#[test]
fn the_palette_reaches_everything_and_does_what_keys_do() {
    use crate::action::ACTIONS;
    use crate::update::found;
    for (screen, _, _) in SCREENS {
        let mut state = state((120, 40), Glyphs::Braille);
        state.screen = screen;
        for spec in ACTIONS.iter().filter(|spec| state.scopes().contains(&spec.scope)) {
            let all = found(&state, spec.name);
            let at = all.iter().position(|found| found.action == spec.action);
            assert!(at.is_some(), "{} in {screen:?}", spec.name);
            let is_shadowed = state.bindings.action(state.scopes(), key_of(&state, spec.action))
                != Some(spec.action);
            if is_shadowed {
                continue;
            }
            let line = crate::line::Line::of(spec.name);
            let fresh = || {
                let mut fresh = self::state((120, 40), Glyphs::Braille);
                fresh.screen = screen;
                fresh
            };
            let (mut written, mut pressed) = (fresh(), fresh());
            written.overlay = Some(Overlay::Palette { line, at: at.unwrap_or_default() });
            let enter = crate::term::Key::named("enter").expect("a key");
            let chosen = update(&mut written, Msg::Input(Input::Key(enter)));
            let key = key_of(&pressed, spec.action);
            assert_eq!(chosen, update(&mut pressed, Msg::Input(Input::Key(key))), "{}", spec.name);
            assert_eq!(
                (written.screen, written.charts),
                (pressed.screen, pressed.charts),
                "{}",
                spec.name
            );
        }
    }
}

fn key_of(state: &State, action: Action) -> crate::term::Key {
    crate::term::Key::named(&state.bindings.key(action)).expect("every action has a key")
}

#[test]
fn pictures_are_asked_for_with_the_beat_of_the_run_and_not_for_each_answer() {
    use thorndike_engine::drive::Command;
    let mut state = state((120, 40), Glyphs::Braille);
    let mut told = |delivery: Delivery| -> usize {
        let mut delivery = Delivery { steps: 1_000_000, ..delivery };
        let effects = update(&mut state, Msg::Delivery(0, &mut delivery));
        let asks = |effect: &&Effect| matches!(effect, Effect::Ask(_, Command::Picture(_)));
        effects.iter().filter(asks).count()
    };
    let beat = || Delivery { lanes: vec![LanesRow::default()], ..Delivery::default() };
    assert_eq!(told(beat()), 1);
    assert_eq!(told(beat()), 0, "one is on its way");
    let answer = Delivery { notices: vec![Notice::Picture(0, None)], ..Delivery::default() };
    assert_eq!(told(answer), 0);
    assert_eq!(told(beat()), 1);
}
