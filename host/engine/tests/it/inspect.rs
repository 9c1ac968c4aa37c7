//! A look at a run's memory and at what its agent thinks tells the truth and changes nothing.

use crate::toy::{reward, setup, tick, value};
use thorndike_engine::run::Run;

#[test]
fn a_run_that_is_looked_at_comes_to_what_it_would_have_come_to() {
    let made = || Run::new(setup("feed=replay", "", 4, 2)).expect("all fits");
    let (mut looked_at, mut alone) = (made(), made());
    assert_eq!(looked_at.peek(0).expect("nothing fails").map(|peek| peek.rows.len()), Some(0));
    for round in 0..60 {
        tick(&mut looked_at, 1);
        tick(&mut alone, 1);
        looked_at.peek(round).expect("nothing fails").expect("it keeps a memory");
        let obs = [round as f32 % 8.0, 1.0, 2.0];
        let mut mind = looked_at.mind().expect("it thinks");
        mind.think(&obs, &[]).expect("nothing fails");
    }
    let digests = [&mut looked_at, &mut alone].map(|run| run.digest().expect("it can be saved"));
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn drawn_steps_are_steps_that_were_taken() {
    let mut run = Run::new(setup("feed=replay", "", 4, 2)).expect("all fits");
    tick(&mut run, 100);
    let peek = run.peek(1).expect("nothing fails").expect("it keeps a memory");
    assert_eq!(peek.rows.len(), 16);
    for row in &peek.rows {
        let expected = reward(&row.obs, row.action[0]);
        assert_eq!(row.reward.to_bits(), expected.to_bits(), "{row:?}");
        assert!(row.lane < 4 && (1..=50).contains(&row.age), "{row:?}");
        assert!(row.error.is_some_and(f64::is_finite) && row.goals.is_none(), "{row:?}");
    }
    assert_eq!(peek.errors.iter().map(|bin| bin.count).sum::<u64>(), 16);
    assert_ne!(run.peek(2).expect("nothing fails").expect("a memory").rows, peek.rows);
    assert_eq!(run.peek(1).expect("nothing fails").expect("a memory").rows, peek.rows);
    let mut other = Run::new(setup("feed=episodes", "", 4, 2)).expect("all fits");
    tick(&mut other, 10);
    assert!(other.peek(0).expect("nothing fails").is_none());
}

#[test]
fn a_thought_is_what_the_policy_says() {
    let mut run = Run::new(setup("feed=replay", "", 4, 2)).expect("all fits");
    tick(&mut run, 50);
    let obs = [3.0, 4.0, 5.0];
    let mut mind = run.mind().expect("it thinks");
    let thought = mind.think(&obs, &[]).expect("nothing fails");
    assert_eq!((thought.kind, thought.parts.len()), ("value of each choice", 5));
    assert_eq!(thought.value, Some(f64::from(value(&obs))));
    // Its favourite has 1 and the others 0; the best of them is what it expects.
    assert_eq!(
        thought.parts.iter().map(|part| part.number).sum::<f64>().to_bits(),
        1_f64.to_bits()
    );
    assert_eq!(mind.values(&obs, &[]).expect("nothing fails"), Some(vec![1.0]));
    let of_all: Vec<f64> = (0..5)
        .map(|action| {
            let values = mind.values_of(&obs, &[action as f32]).expect("nothing fails");
            values.expect("it has values")[0]
        })
        .collect();
    let numbers: Vec<f64> = thought.parts.iter().map(|part| part.number).collect();
    assert_eq!(of_all, numbers);
    mind.think(&obs[..2], &[]).expect_err("it is too narrow");
}
