//! Event files of TensorBoard: records of protocol buffers with masked checksums, both ways.

use std::io::{self, Write};

/// A record: `length u64, crc of it, bytes, crc of them`.
pub(crate) fn write(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = (bytes.len() as u64).to_le_bytes();
    out.write_all(&length)?;
    out.write_all(&masked(&length).to_le_bytes())?;
    out.write_all(bytes)?;
    out.write_all(&masked(bytes).to_le_bytes())
}

/// The records in bytes, up to the first one that is cut or damaged; whether all are sound.
pub(crate) fn read(mut bytes: &[u8]) -> (Vec<&[u8]>, bool) {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let Some((record, rest)) = first(bytes) else { return (records, false) };
        records.push(record);
        bytes = rest;
    }
    (records, true)
}

fn first(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    if *sum != masked(length).to_le_bytes() {
        return None;
    }
    let (record, rest) =
        rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    (*sum == masked(record).to_le_bytes()).then_some((record, rest))
}

/// The checksum of these files: rotated and shifted, so that sums of sums are no sums.
fn masked(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// A message under construction: fields by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message(Vec<u8>);

impl Message {
    pub(crate) fn double(mut self, field: u32, value: f64) -> Self {
        self.key(field, 1);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub(crate) fn float(mut self, field: u32, value: f32) -> Self {
        self.key(field, 5);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub(crate) fn int(mut self, field: u32, value: u64) -> Self {
        self.key(field, 0);
        self.varint(value);
        self
    }

    pub(crate) fn bytes(mut self, field: u32, bytes: &[u8]) -> Self {
        self.key(field, 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn message(self, field: u32, message: &Self) -> Self {
        self.bytes(field, &message.0)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn key(&mut self, field: u32, kind: u64) {
        self.varint(u64::from(field) << 3 | kind);
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

/// One field of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Field<'a> {
    Int(u64),
    Double(f64),
    Float(f32),
    Bytes(&'a [u8]),
}

/// The fields of a message with their numbers, up to the first one that is none.
pub(crate) fn fields(bytes: &[u8]) -> impl Iterator<Item = (u32, Field<'_>)> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let key = varint(&mut rest)?;
        let field = match key & 7 {
            0 => Field::Int(varint(&mut rest)?),
            1 => Field::Double(f64::from_le_bytes(*chunk(&mut rest)?)),
            5 => Field::Float(f32::from_le_bytes(*chunk(&mut rest)?)),
            2 => {
                let length = usize::try_from(varint(&mut rest)?).ok()?;
                let (bytes, after) = rest.split_at_checked(length)?;
                rest = after;
                Field::Bytes(bytes)
            }
            _ => return None,
        };
        Some(((key >> 3) as u32, field))
    })
}

fn chunk<'a, const N: usize>(bytes: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (chunk, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(chunk)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let [byte] = *chunk::<1>(bytes)?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_record_is_written_and_read() {
        // The first record of a file that TensorFlow's own writer makes: wall time 0, version 2.
        let event = Message::default().double(1, 0.0).bytes(3, b"brain.Event:2");
        let mut out = Vec::new();
        write(&mut out, event.as_bytes()).expect("memory takes everything");
        let length = [24, 0, 0, 0, 0, 0, 0, 0];
        let expected: &[u8] = &[&length[..], &[163, 127, 75, 34], &[9]].concat();
        assert_eq!(&out[..13], expected);
        let (records, all) = read(&out);
        assert_eq!((records.len(), all), (1, true));
        let fields: Vec<_> = fields(records[0]).collect();
        assert_eq!(fields, [(1, Field::Double(0.0)), (3, Field::Bytes(b"brain.Event:2"))]);
        for length in 1..out.len() {
            assert_eq!(read(&out[..length]), (vec![], false));
        }
        for at in 0..out.len() {
            let mut out = out.clone();
            out[at] ^= 4;
            assert_eq!(read(&out), (vec![], false), "byte {at}");
        }
    }

    #[test]
    fn numbers_of_any_size_come_back() {
        for value in [0, 1, 127, 128, 300, u64::MAX] {
            let message = Message::default().int(2, value).float(17, 0.5);
            let fields: Vec<_> = fields(message.as_bytes()).collect();
            assert_eq!(fields, [(2, Field::Int(value)), (17, Field::Float(0.5))]);
        }
        assert_eq!(fields(&[0xff; 20]).count(), 0);
    }
}
