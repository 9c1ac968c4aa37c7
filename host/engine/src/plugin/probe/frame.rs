//! The report of a probe child as bytes: secret, kind, length, payload, checksum.

/// Bytes that only parent and child know, new for each probe.
pub(super) type Secret = [u8; 32];

/// The longest payload of a report.
pub(super) const PAYLOAD_BYTES_MAX: usize = 1 << 20;

/// Bytes of a frame beside its payload.
const EXTRA_BYTES: usize = 32 + 1 + 4 + 32;

/// More than the longest frame, so that one fits even behind stray bytes.
pub(super) const CHANNEL_BYTES_MAX: usize = 2 * (PAYLOAD_BYTES_MAX + EXTRA_BYTES);

const READY: u8 = 1;
const REFUSED: u8 = 2;

pub(super) fn encode(secret: &Secret, report: &Result<Vec<u8>, String>) -> Vec<u8> {
    let (kind, payload) = match report {
        Ok(descriptor) => (READY, descriptor.as_slice()),
        Err(reason) => (REFUSED, reason.as_bytes()),
    };
    let mut frame = secret.to_vec();
    frame.push(kind);
    frame.extend((payload.len() as u32).to_le_bytes());
    frame.extend(payload);
    let checksum = blake3::hash(&frame);
    frame.extend(checksum.as_bytes());
    frame
}

/// The report among these bytes. A plugin may write to any open file, so bytes before and after
/// the frame are passed over.
pub(super) fn decode(secret: &Secret, bytes: &[u8]) -> Option<Result<Vec<u8>, String>> {
    let start = bytes.windows(secret.len()).rposition(|window| window == secret)?;
    let frame = bytes.get(start..)?;
    let (_, rest) = frame.split_first_chunk::<32>()?;
    let (&kind, rest) = rest.split_first()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let payload = rest.get(..u32::from_le_bytes(*length) as usize)?;
    let checksum = rest.get(payload.len()..)?.first_chunk::<32>()?;
    let body = frame.get(..payload.len() + EXTRA_BYTES - 32)?;
    match kind {
        _ if blake3::hash(body).as_bytes() != checksum => None,
        READY => Some(Ok(payload.to_vec())),
        REFUSED => Some(Err(String::from_utf8_lossy(payload).into_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Secret, decode, encode};

    const SECRET: Secret = *b"0123456789abcdef0123456789abcdef";

    #[test]
    fn a_report_survives_stray_bytes_around_it() {
        for report in [Ok(vec![1, 2, 3]), Ok(vec![]), Err("no".to_owned())] {
            let mut bytes = b"stray".repeat(100);
            bytes.extend(encode(&SECRET, &report));
            bytes.extend(b"more");
            assert_eq!(decode(&SECRET, &bytes), Some(report));
        }
    }

    #[test]
    fn no_changed_or_shortened_report_is_taken() {
        let frame = encode(&SECRET, &Ok(b"descriptor".to_vec()));
        for at in 0..frame.len() {
            let mut changed = frame.clone();
            changed[at] ^= 0x10;
            assert_eq!(decode(&SECRET, &changed), None, "byte {at}");
            assert_eq!(decode(&SECRET, &frame[..at]), None, "length {at}");
        }
        assert_eq!(decode(&[0; 32], &frame), None);
    }
}
