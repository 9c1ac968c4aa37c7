//! Frames: `length u32, kind u8, number u64, payload, crc32c u32`, little-endian. The checksum is
//! over everything before it.

/// First bytes of every file of a journal.
pub(super) const MAGIC: &[u8; 16] = b"thorndike log 1\n";

/// The longest payload.
pub(super) const PAYLOAD_MAX: usize = 1 << 20;

/// Bytes around a payload.
pub(super) const AROUND: usize = 4 + 1 + 8 + 4;

const HEAD: usize = 4 + 1 + 8;

/// One frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pub(super) kind: u8,
    /// Frames count up from 1; 0 stands for those that only explain others.
    pub(super) number: u64,
    pub(super) payload: &'a [u8],
}

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// A sound frame.
    Whole(Frame<'a>),
    /// The beginning of a frame of so many bytes, perhaps.
    Part(usize),
    /// Nothing that was written by us.
    Nothing,
}

/// Adds a frame to bytes.
pub(super) fn write(out: &mut Vec<u8>, frame: Frame<'_>) {
    let from = out.len();
    out.extend_from_slice(&(frame.payload.len() as u32).to_le_bytes());
    out.push(frame.kind);
    out.extend_from_slice(&frame.number.to_le_bytes());
    out.extend_from_slice(frame.payload);
    let sum = crc32c::crc32c(&out[from..]);
    out.extend_from_slice(&sum.to_le_bytes());
}

/// Looks at the bytes of a place.
pub(super) fn read(bytes: &[u8]) -> Found<'_> {
    let Some((head, _)) = bytes.split_at_checked(HEAD) else { return Found::Part(HEAD) };
    let length = u32::from_le_bytes(head[..4].try_into().expect("four bytes")) as usize;
    if length > PAYLOAD_MAX {
        return Found::Nothing;
    }
    let Some((frame, _)) = bytes.split_at_checked(length + AROUND) else {
        return Found::Part(length + AROUND);
    };
    let (body, sum) = frame.split_at(HEAD + length);
    if crc32c::crc32c(body).to_le_bytes() != *sum {
        return Found::Nothing;
    }
    let number = u64::from_le_bytes(head[5..].try_into().expect("eight bytes"));
    Found::Whole(Frame { kind: head[4], number, payload: &body[HEAD..] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_and_every_flipped_bit_and_cut_is_noticed() {
        let frame = Frame { kind: 3, number: 1 << 40, payload: b"payload" };
        let mut bytes = Vec::new();
        write(&mut bytes, frame);
        assert_eq!(bytes.len(), 7 + AROUND);
        assert_eq!(read(&bytes), Found::Whole(frame));
        for length in 0..bytes.len() {
            assert!(matches!(read(&bytes[..length]), Found::Part(_)));
        }
        for bit in 0..8 * bytes.len() {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(!matches!(read(&bytes), Found::Whole(_)), "bit {bit}");
        }
    }
}
