//! What lies before a session: those it was branched off, as far as they belong to its past.

use thorndike_session::{Model, Parent, Session, Store};

/// A part of a run's past, as a session has kept it.
#[derive(Debug)]
pub struct Stretch {
    /// What the session tells.
    pub model: Model,
    /// The step at which the next one was branched off it; nothing for the last one.
    pub until: Option<u64>,
}

/// Sessions that were branched off each other, at most.
const DEEPEST: usize = 64;

/// The past of a session: what those told that it comes from, the first one first, then what it
/// tells itself. One that was deleted or renamed is left out, with what lies before it.
pub fn stretches(session: &Session, own: Model) -> Vec<Stretch> {
    let mut all = vec![Stretch { model: own, until: None }];
    let store = session.folder().parent().map(Store::new);
    let mut parent = session.identity().parent.clone();
    while let (Some(known), Some(store)) = (&parent, &store)
        && all.len() < DEEPEST
    {
        let Some(origin) = opened(store, known) else { break };
        all.push(Stretch { model: origin.model(), until: Some(known.steps) });
        parent.clone_from(&origin.identity().parent);
    }
    all.reverse();
    all
}

/// The session that is meant, not another one of its name.
fn opened(store: &Store, known: &Parent) -> Option<Session> {
    store.open(&known.name).ok().filter(|session| session.identity().id == known.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::About;
    use crate::run::{MarkKind, RunView};
    use plugin_api::params::{Value, Values};
    use thorndike_session::journal::{Edit, Entry, Episode, Metrics, Start};
    use thorndike_session::{Identity, Setting, Writer};

    /// A session whose episodes end at these steps, with a moment of one metric at each.
    fn told(store: &Store, name: &str, parent: Option<Parent>, steps: &[u64]) -> Parent {
        let identity = Identity { parent, ..Identity::default() };
        let session = store.create(Some(name), &identity).expect("writable");
        let (mut writer, _) = Writer::open(&session).expect("nobody else writes");
        writer.add(&Entry::Start(Start::default()));
        for &steps in steps {
            let values = vec![("loss".into(), steps as f64)];
            writer.add(&Entry::Metrics(Metrics { steps, values, ..Metrics::default() }));
            let total = steps as f64;
            writer.add(&Entry::Episode(Episode { steps, total, ..Episode::default() }));
        }
        let edit = Edit {
            steps: steps[0],
            name: "lr".into(),
            old: Setting::Float(0.1),
            new: Setting::Float(0.2),
            author: "user".into(),
        };
        writer.add(&Entry::Edit(edit));
        writer.flush().expect("writable");
        Parent { id: session.identity().id.clone(), name: name.to_owned(), steps: 0 }
    }

    #[test]
    fn a_branch_shows_what_its_origins_told_up_to_where_it_left_them() {
        let folder = std::env::temp_dir().join(format!("thorndike-lineage-{}", std::process::id()));
        let store = Store::new(&folder);
        let first = told(&store, "first", None, &[10, 20, 30, 40]);
        let second = told(&store, "second", Some(Parent { steps: 20, ..first }), &[25, 35, 45]);
        let third = Parent { steps: 35, ..second };
        told(&store, "third", Some(third.clone()), &[50, 60]);
        let session = store.open("third").expect("it is there");
        let past = stretches(&session, session.model());
        let params = Values::from([("lr".to_owned(), Value::Float(0.7))]);
        let mut run = RunView::new(About { params: params.clone(), ..About::default() });
        run.recall(&past[..2]);
        assert_eq!(run.returns.span(), Some((10.0, 35.0)));
        assert_eq!((run.returns.points(), run.metrics[0].1.points()), (4, 4));
        assert_eq!(run.params, params, "what the origin edited is not edited here");
        assert!(run.log.is_empty() && run.edits.0.is_empty());
        let marks = |kind| -> Vec<u64> {
            let of_kind = run.marks.iter().filter(|mark| mark.1 == kind);
            of_kind.map(|mark| mark.0).collect()
        };
        assert_eq!(marks(MarkKind::Branch), [20, 35]);
        assert_eq!(marks(MarkKind::Edit), [10, 25]);
        let mut run = RunView::new(About::default());
        run.recall(&past);
        assert_eq!((run.returns.span(), run.returns.points()), (Some((10.0, 60.0)), 6));
        // Another session of that name is not the origin.
        std::fs::remove_dir_all(folder.join("second")).expect("it is ours");
        told(&store, "second", None, &[1, 2]);
        assert_eq!(stretches(&session, session.model()).len(), 1);
        std::fs::remove_dir_all(&folder).expect("it is ours");
    }
}
