//! Patches: what changed of some columns, number by number, for columns that change a little all
//! over the place.
//!
//! A patch holds, for each column with changes, the new numbers under the column's name, and under
//! that name with an `@` how far apart they stand: for each one the count of numbers since the last
//! one, seven bits a byte, the lowest first, with the eighth bit on all bytes but a count's last.

use crate::state::{Kind, Tensor};

/// What stands behind the name of a column that says where its numbers go.
const PLACES: char = '@';

/// What to change in the columns `before` to make `now` of them. None where they are not of the
/// same names and lengths, or where so much has changed that it had better be written whole.
pub(crate) fn between(before: &[Tensor], now: &[Tensor]) -> Option<Vec<Tensor>> {
    let whole: usize = now.iter().map(|column| column.bytes.len()).sum();
    let mut patch = Vec::new();
    if before.len() != now.len() {
        return None;
    }
    for (before, now) in before.iter().zip(now) {
        if (&before.name, before.kind, &before.shape) != (&now.name, now.kind, &now.shape) {
            return None;
        }
        patch.extend(changed(before, now).into_iter().flatten());
    }
    let bytes: usize = patch.iter().map(|column| column.bytes.len()).sum();
    (2 * bytes <= whole).then_some(patch)
}

fn changed(before: &Tensor, now: &Tensor) -> Option<[Tensor; 2]> {
    let size = now.kind.size();
    let (mut places, mut bytes, mut since) = (Vec::new(), Vec::new(), 0_u64);
    for (before, now) in before.bytes.chunks_exact(size).zip(now.bytes.chunks_exact(size)) {
        if before == now {
            since += 1;
            continue;
        }
        while since >= 0x80 {
            places.push(since as u8 | 0x80);
            since >>= 7;
        }
        places.push(since as u8);
        bytes.extend_from_slice(now);
        since = 0;
    }
    let count = (bytes.len() / size) as u64;
    let (name, kind) = (now.name.clone(), now.kind);
    let shape = vec![places.len() as u64];
    let places = Tensor { name: format!("{name}{PLACES}"), kind: Kind::U8, shape, bytes: places };
    (count > 0).then(|| [places, Tensor { name, kind, shape: vec![count], bytes }])
}

/// Makes the changes of a patch. None where it is not one of these columns.
pub(crate) fn apply(columns: &mut [Tensor], patch: &[Tensor]) -> Option<()> {
    let find = |name: &str| patch.iter().find(|tensor| tensor.name == name);
    let mut used = 0;
    for column in columns {
        let Some(new) = find(&column.name) else { continue };
        let places = find(&format!("{}{PLACES}", column.name))?;
        if new.kind != column.kind || places.kind != Kind::U8 {
            return None;
        }
        let size = column.kind.size();
        let (mut next, mut places) = (0_usize, places.bytes.iter());
        for number in new.bytes.chunks_exact(size) {
            let at = next.checked_add(count(&mut places)?)?;
            let from = at.checked_mul(size)?;
            column.bytes.get_mut(from..)?.get_mut(..size)?.copy_from_slice(number);
            next = at + 1;
        }
        if places.next().is_some() {
            return None;
        }
        used += 2;
    }
    (used == patch.len()).then_some(())
}

fn count<'a>(bytes: &mut impl Iterator<Item = &'a u8>) -> Option<usize> {
    let mut count = 0_usize;
    for shift in (0..usize::BITS).step_by(7) {
        let byte = *bytes.next()?;
        count |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(count);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(first: &[u64], second: &[u8]) -> Vec<Tensor> {
        let column = |name: &str, kind, bytes: Vec<u8>, count: usize| Tensor {
            name: name.into(),
            kind,
            shape: vec![count as u64],
            bytes,
        };
        let words = first.iter().flat_map(|word| word.to_le_bytes()).collect();
        vec![
            column("a", Kind::U64, words, first.len()),
            column("b", Kind::U8, second.to_vec(), second.len()),
        ]
    }

    #[test]
    fn what_changed_is_found_and_made_again() {
        let before = columns(&(0..100_000).collect::<Vec<_>>(), &[0; 1000]);
        for places in
            [&[0_usize; 0][..], &[0], &[99_999], &[5, 6, 7, 140, 70_000], &[127, 256, 16_640]]
        {
            let mut now = before.clone();
            for place in places {
                now[0].bytes[8 * place + 3] ^= 1;
            }
            let patch = between(&before, &now).expect("little has changed");
            let mut made = before.clone();
            assert_eq!(apply(&mut made, &patch), Some(()));
            assert!(made == now, "{places:?}");
            let bytes: usize = patch.iter().map(|tensor| tensor.bytes.len()).sum();
            assert!(bytes <= 11 * places.len(), "{bytes} for {places:?}");
        }
    }

    #[test]
    fn what_changed_much_or_has_another_shape_is_written_whole() {
        let before = columns(&[1; 100], &[2; 100]);
        assert!(between(&before, &columns(&[3; 100], &[2; 100])).is_none());
        assert!(between(&before, &columns(&[1; 101], &[2; 100])).is_none());
        assert!(between(&before, &before[..1]).is_none());
    }

    #[test]
    fn patches_that_do_not_fit_are_refused() {
        let before = columns(&[1; 9], &[2; 100]);
        let mut now = before.clone();
        now[0].bytes[70] = 7;
        let patch = between(&before, &now).expect("little has changed");
        let refuses = |change: &dyn Fn(&mut Vec<Tensor>)| {
            let (mut patch, mut columns) = (patch.clone(), before.clone());
            change(&mut patch);
            assert_eq!(apply(&mut columns, &patch), None, "{patch:?}");
        };
        refuses(&|patch| patch[0].bytes[0] = 9);
        refuses(&|patch| patch[0].bytes = vec![0xff; 12]);
        refuses(&|patch| patch[0].bytes.push(0));
        refuses(&|patch| patch[0].bytes.clear());
        refuses(&|patch| patch[1].kind = Kind::F64);
        refuses(&|patch| drop(patch.remove(0)));
        refuses(&|patch| patch[1].name.push('b'));
    }
}
