//! How values cross the border and reach the disk as bytes: RON where people may read them,
//! postcard behind a number where they may not.
//!
//! The number names the encoding. Postcard does not say what its bytes are, so that a value with
//! one field more needs a new number; a reader knows its own number and all before it.

use crate::error::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The newest encoding there is.
const ENCODING: u8 = 1;

/// A value as bytes.
pub(crate) fn to_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_extend(value, vec![ENCODING]).expect("plain data always encodes")
}

/// The value behind bytes that [`to_bytes`] wrote.
pub(crate) fn from_bytes<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T> {
    let damaged = |how: String| Error::argument(format!("the {what} is damaged: {how}"));
    match bytes {
        [ENCODING, rest @ ..] => match postcard::take_from_bytes(rest) {
            Ok((value, [])) => Ok(value),
            Ok((_, left)) => Err(damaged(format!("it ends {} bytes too late", left.len()))),
            Err(error) => Err(damaged(error.to_string())),
        },
        [other, ..] => Err(Error::argument(format!(
            "the {what} has encoding {other}, this build reads {ENCODING}; use a newer build"
        ))),
        [] => Err(Error::argument(format!("the {what} is empty"))),
    }
}

/// A value as RON.
pub(crate) fn to_ron<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    let text = ron::to_string(value).map_err(|e| Error::new(format!("cannot be written: {e}")))?;
    Ok(text.into_bytes())
}

/// The value behind RON.
pub(crate) fn from_ron<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T> {
    ron::de::from_bytes(bytes)
        .map_err(|error| Error::argument(format!("the {what} is not readable: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back() {
        let value = (1_u8, "text".to_owned(), [f64::NEG_INFINITY, 0.1]);
        assert_eq!(from_bytes(&to_bytes(&value), "pair"), Ok(value.clone()));
        assert_eq!(from_ron(&to_ron(&value).expect("it can be written"), "pair"), Ok(value));
    }

    #[test]
    fn what_is_no_value_is_named() {
        let check = |bytes: &[u8], sentence: &str| {
            let error = from_bytes::<u16>(bytes, "picture").expect_err("it does not fit");
            assert_eq!(error.message, sentence);
        };
        check(&[], "the picture is empty");
        check(&[2, 0], "the picture has encoding 2, this build reads 1; use a newer build");
        check(&[1, 0, 0, 0], "the picture is damaged: it ends 2 bytes too late");
        let error = from_bytes::<u16>(&[1], "picture").expect_err("nothing follows");
        assert!(error.message.starts_with("the picture is damaged: "), "{error}");
        let error = from_ron::<u16>(b"(", "picture").expect_err("no number");
        assert!(error.message.starts_with("the picture is not readable: 1:"), "{error}");
    }

    #[test]
    fn ron_keeps_every_float_to_the_bit() {
        let mut rng = crate::Rng::seeded(1);
        let edges = [f64::from(f32::MAX), f64::MIN_POSITIVE, -0.0, 5e-324, f64::MAX, 0.1];
        for value in edges.into_iter().chain((0..2000).map(|_| f64::from_bits(rng.next_u64()))) {
            if !value.is_nan() {
                let back: f64 = from_ron(&to_ron(&value).expect("a number"), "number")
                    .expect("RON reads what it wrote");
                assert_eq!(back.to_bits(), value.to_bits(), "{value}");
            }
        }
    }
}
