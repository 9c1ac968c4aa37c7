//! An episode and steps of a memory, to be drawn.

use crate::bench::{Curve, Film, Frame, Recorded, SessionRow, Track};
use crate::run::MarkKind;
use crate::state::Compared;
use thorndike_engine::buffer::{Goals, Peek, Transition};
use thorndike_engine::mind::{Part, Thought};
use thorndike_session::journal::Episode;
use thorndike_session::model::Played;

/// An episode whose policy chooses among three.
pub(super) fn film() -> Film {
    let part = |choice, number| Part { place: (0, choice), number, spread: None };
    let parts = vec![part(0, 0.125), part(1, 0.75), part(2, 0.125)];
    let thought = Thought { kind: "probability", parts, value: Some(203.4) };
    let frame = Frame {
        lines: vec!["action 1".into(), "seen [1]".into(), "  7".into()],
        reward: 0.5,
        total: 187.5,
        thought: Some((thought, Some(1))),
        advantage: Some(-0.25),
        ..Frame::default()
    };
    let recorded = |file, steps| Recorded { file, steps };
    let track = Track {
        steps: 1_000_000,
        returns: (1..500).map(|idx| (2000 * idx, idx as f64)).collect(),
        marks: vec![(250_000, MarkKind::Edit), (750_000, MarkKind::Save)],
        recorded: vec![recorded(3, 100_000), recorded(5, 500_000), recorded(9, 900_000)],
    };
    let title = "a-session  episode 5".to_owned();
    let (session, frames) = ("a-session".to_owned(), vec![frame; 20]);
    Film { title, session, at: 1, frames, track, thinker: Some(400_000) }
}

/// Steps of a memory; one of them got another goal.
pub(super) fn peek() -> Peek {
    let goals = Goals {
        wanted: vec![1.0, 2.0],
        reached: vec![3.0, 4.0],
        told: Some(vec![3.0, 4.0]),
        reward: -1.0,
    };
    let step = Transition {
        lane: 2,
        age: 17,
        obs: vec![0.5; 60],
        action: vec![1.0],
        next_obs: vec![0.25; 60],
        goals: Some(goals),
        ..Transition::default()
    };
    let rows = vec![Transition { goals: None, ..step.clone() }, step];
    let errors = [0.5, -2.0];
    Peek { rows, source: "the agent's values", ..Peek::default() }.with_errors(&errors)
}

/// A session whose returns rise to a height.
pub(super) fn compared(name: &str, agent: &str, height: f64) -> Compared {
    let row = SessionRow {
        name: name.into(),
        agent: agent.into(),
        steps: 10_000,
        return_last100: Some(height),
        ..SessionRow::default()
    };
    let episode = |at: u32| {
        let (steps, total) = (10 * u64::from(at), height * f64::from(at) / 1000.0);
        Played::One(Episode { steps, total, ..Episode::default() })
    };
    let episodes = (0..=1000).map(episode).collect();
    let mut curve = Curve { episodes, ..Curve::default() };
    curve.timeline.add(10_000, 10.0, 500, 100);
    Compared::new(row, curve)
}
