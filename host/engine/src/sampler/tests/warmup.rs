//! Before an agent learns, any action is taken, whatever its head says.

use super::*;

#[test]
fn before_a_warmup_is_over_any_action_is_taken() {
    let values = |space| sampler(Head::Values, epsilon(0.0), space).random_until(100);
    let sampler = values(Space::discrete(2));
    let ones = |run_step| {
        let moment = Moment { run_step, ..moment(Mode::Train) };
        let drawn = draw_pieces(&sampler, moment, (&[0.0, 1.0], &[]), &[1000]).expect("it draws");
        drawn.actions.iter().filter(|action| **action == 1.0).count()
    };
    assert!((400..600).contains(&ones(99)), "{}", ones(99));
    assert_eq!(ones(100), 1000);
    let judged = Moment { run_step: 0, ..moment(Mode::Evaluate) };
    let judged = draw_pieces(&sampler, judged, (&[0.0, 1.0], &[]), &[50]).expect("it draws");
    assert!(judged.actions.iter().all(|action| *action == 1.0));
}
