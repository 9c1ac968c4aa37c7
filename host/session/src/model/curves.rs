//! Curves by their names. Numbers are told again and again in the same order, so that where the
//! last one lay tells where the next one lies.

use super::Series;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was measured, by name.
#[derive(Clone, Debug, Default)]
pub struct Curves {
    places: BTreeMap<String, usize>,
    all: Vec<Series>,
    /// For each place in what was told last, the name there and its curve.
    latest: Vec<(Arc<str>, usize)>,
}

impl Curves {
    /// The curve of this name.
    pub fn get(&self, name: &str) -> Option<&Series> {
        self.places.get(name).map(|&place| &self.all[place])
    }

    /// Names in their order.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.places.keys()
    }

    /// Curves in the order of their names.
    pub fn values(&self) -> impl Iterator<Item = &Series> {
        self.places.values().map(|&place| &self.all[place])
    }

    /// Names and curves, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Series)> {
        self.places.iter().map(|(name, &place)| (name, &self.all[place]))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All curves, in no order that means anything.
    pub(super) fn all_mut(&mut self) -> &mut [Series] {
        &mut self.all
    }

    /// The curve of the name that stands at this place of what is told.
    #[inline]
    pub(super) fn told(&mut self, at: usize, name: &Arc<str>) -> &mut Series {
        let place = match self.latest.get(at) {
            Some((known, place)) if Arc::ptr_eq(known, name) => *place,
            _ => self.find(at, name),
        };
        &mut self.all[place]
    }

    fn find(&mut self, at: usize, name: &Arc<str>) -> usize {
        let place = self.places.get(&**name).copied().unwrap_or_else(|| {
            self.places.insert(name.to_string(), self.all.len());
            self.all.push(Series::default());
            self.all.len() - 1
        });
        if at == self.latest.len() {
            self.latest.push((name.clone(), place));
        } else if let Some(latest) = self.latest.get_mut(at) {
            *latest = (name.clone(), place);
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_found_in_whatever_order_their_names_are_told() {
        let mut curves = Curves::default();
        let [a, b]: [Arc<str>; 2] = ["a".into(), "b".into()];
        let rounds: [&[&Arc<str>]; 4] = [&[&b, &a], &[&a, &b], &[&b], &[&a]];
        for (moment, names) in rounds.into_iter().enumerate() {
            for (at, name) in names.iter().enumerate() {
                curves.told(at, name).moments.push(moment as u32);
            }
        }
        // Another copy of a name is the same name.
        curves.told(0, &Arc::from("b")).moments.push(9);
        let known: Vec<_> = curves.iter().map(|(name, one)| (&**name, &one.moments[..])).collect();
        assert_eq!(known, [("a", &[0, 1, 3][..]), ("b", &[0, 1, 2, 9][..])]);
        assert_eq!((curves.len(), curves.get("c")), (2, None));
    }
}
