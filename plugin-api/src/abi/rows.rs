//! Bytes of call frames seen as rows of numbers, after checking size and alignment.

use crate::element::sealed::Plain;
use crate::error::{Error, Result};
use crate::rows::{Rows, RowsMut};

/// The numbers behind bytes.
#[inline]
pub(crate) fn cast<'a, T: Plain>(bytes: &'a [u8], what: &str) -> Result<&'a [T]> {
    // SAFETY: every bit pattern of a plain number is a value, and `align_to` minds alignment and
    // size.
    let (before, numbers, after) = unsafe { bytes.align_to::<T>() };
    if before.is_empty() && after.is_empty() { Ok(numbers) } else { Err(misfit(what)) }
}

/// The numbers behind bytes, writable.
#[inline]
pub(crate) fn cast_mut<'a, T: Plain>(bytes: &'a mut [u8], what: &str) -> Result<&'a mut [T]> {
    // SAFETY: as in `cast`.
    let (before, numbers, after) = unsafe { bytes.align_to_mut::<T>() };
    if before.is_empty() && after.is_empty() { Ok(numbers) } else { Err(misfit(what)) }
}

/// Numbers as bytes.
#[inline]
pub(crate) fn bytes<T: Plain>(numbers: &[T]) -> &[u8] {
    // SAFETY: a plain number has no padding, and u8 has no alignment.
    unsafe { numbers.align_to::<u8>().1 }
}

/// Bytes as rows of numbers.
#[inline]
pub(crate) fn rows<'a, T: Plain>(
    bytes: &'a [u8],
    (count, width): (usize, usize),
    what: &str,
) -> Result<Rows<'a, T>> {
    let numbers = cast(bytes, what)?;
    if numbers.len() != count * width {
        return Err(short(numbers.len(), (count, width), what));
    }
    Ok(Rows::counted(numbers, count, width))
}

/// Bytes as rows of numbers, writable.
#[inline]
pub(crate) fn rows_mut<'a, T: Plain>(
    bytes: &'a mut [u8],
    (count, width): (usize, usize),
    what: &str,
) -> Result<RowsMut<'a, T>> {
    let numbers = cast_mut(bytes, what)?;
    if numbers.len() != count * width {
        return Err(short(numbers.len(), (count, width), what));
    }
    Ok(RowsMut::counted(numbers, count, width))
}

/// Elements of each row where `rows` rows lie in `len` elements.
#[inline]
pub(crate) fn row_width(len: usize, rows: usize, what: &str) -> Result<usize> {
    let width = len.checked_div(rows).unwrap_or(0);
    if width * rows == len { Ok(width) } else { Err(uneven(len, rows, what)) }
}

/// Words as bytes, writable.
#[inline]
pub(crate) fn bytes_mut(words: &mut [u64]) -> &mut [u8] {
    // SAFETY: as in `bytes`, and every pattern of bytes is a word.
    unsafe { words.align_to_mut::<u8>().1 }
}

/// The numbers at an address of the host's.
///
/// # Safety
/// `len` numbers lie at `start` and nobody writes them while `'a` lasts.
#[inline]
pub(crate) unsafe fn there<'a, T: Plain>(start: *const u8, len: usize) -> Result<&'a [T]> {
    let start = start.cast::<T>();
    if start.is_null() || !start.is_aligned() {
        return Err(misfit("rows"));
    }
    // SAFETY: the caller's promise, and the address was just looked at.
    Ok(unsafe { std::slice::from_raw_parts(start, len) })
}

/// The numbers at an address of the host's, writable.
///
/// # Safety
/// `len` numbers lie at `start` and nobody else uses them while `'a` lasts.
#[inline]
pub(crate) unsafe fn there_mut<'a, T: Plain>(start: *mut u8, len: usize) -> Result<&'a mut [T]> {
    let start = start.cast::<T>();
    if start.is_null() || !start.is_aligned() {
        return Err(misfit("rows"));
    }
    // SAFETY: the caller's promise, and the address was just looked at.
    Ok(unsafe { std::slice::from_raw_parts_mut(start, len) })
}

#[cold]
fn misfit(what: &str) -> Error {
    Error::argument(format!("the host's {what} are not aligned to their number type"))
}

#[cold]
fn short(found: usize, (count, width): (usize, usize), what: &str) -> Error {
    Error::argument(format!(
        "the host's {what} are {found} numbers, where {count} rows of {width} belong"
    ))
}

#[cold]
fn uneven(len: usize, rows: usize, what: &str) -> Error {
    Error::argument(format!("the host's {what} has {len} elements in {rows} rows"))
}
