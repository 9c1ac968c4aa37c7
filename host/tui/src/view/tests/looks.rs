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
    // A click there goes there.
    state.map = map;
    let (column, row) = (scrubber.x + scrubber.width / 2, scrubber.y);
    let mouse = Mouse { kind: MouseKind::Down(0), column, row, shift: false };
    let effects = update(&mut state, Msg::Input(Input::Mouse(mouse)));
    assert!((499_000..=501_000).contains(&state.replay.cursor), "{}", state.replay.cursor);
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
