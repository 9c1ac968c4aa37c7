//! The tutorial is true: its commands run in order and print what stands below them.

use crate::desk::Desk;

const TUTORIAL: &str = include_str!("../../../../docs/TUTORIAL.md");

/// Commands, and what the text shows of their output.
#[derive(Default)]
struct Lesson {
    commands: Vec<String>,
    shown: String,
}

/// The lessons of the text: a block of commands, and the block of output right after it.
fn lessons() -> Vec<Lesson> {
    let mut lessons: Vec<Lesson> = Vec::new();
    let mut blocks = TUTORIAL.split("```");
    let mut before = blocks.next().unwrap_or_default();
    while let Some(block) = blocks.next() {
        let (kind, body) = block.split_once('\n').expect("a block has lines");
        match kind {
            "sh" => {
                let commands = body.lines().map(str::to_owned).collect();
                lessons.push(Lesson { commands, shown: String::new() });
            }
            // A block of text belongs to the commands right above it.
            "text" if before.trim().is_empty() => {
                let lesson = lessons.last_mut().expect("text follows commands");
                body.clone_into(&mut lesson.shown);
            }
            _ => {}
        }
        before = blocks.next().unwrap_or_default();
    }
    lessons
}

/// Whether the parts between the gaps of `shown` stand in `printed`, in this order.
#[track_caller]
fn compare(printed: &str, shown: &str) {
    let mut rest = printed;
    for part in shown.split('…').map(|part| part.trim_matches('\n')) {
        let at = rest.find(part);
        let at = at.unwrap_or_else(|| panic!("`{part}` is not in what is left:\n{rest}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn the_tutorial_shows_what_happens() {
    let desk = Desk::new();
    let lessons = lessons();
    assert!(lessons.len() >= 7, "the tutorial has its pages: {}", lessons.len());
    for lesson in &lessons {
        assert!(!lesson.commands.is_empty());
        let printed: String = lesson
            .commands
            .iter()
            .map(|command| {
                let words = command.strip_prefix("thorndike ").expect("a command of ours");
                desk.prints(&words.replace('\'', ""))
            })
            .collect();
        compare(&printed, &lesson.shown);
    }
}
