//! Numbers of rows as text: the shortest decimal that reads back to the same bits in its type.

use plugin_api::Dtype;
use thorndike_engine::memory::numbers;

/// One number as a word of JSON.
pub(crate) trait Shortest {
    /// The shortest decimal that reads back to the same bits. JSON knows no infinity, but Python
    /// and JavaScript read a number beyond their range as one; NaN is `null`.
    fn shortest(self) -> String;
}

macro_rules! float {
    ($($ty:ty),*) => {$(
        impl Shortest for $ty {
            fn shortest(self) -> String {
                if self.is_nan() {
                    "null".to_owned()
                } else if self.is_infinite() {
                    if self > 0.0 { "1e999".to_owned() } else { "-1e999".to_owned() }
                } else {
                    format!("{self:?}")
                }
            }
        }
    )*};
}

macro_rules! whole {
    ($($ty:ty),*) => {$(
        impl Shortest for $ty {
            fn shortest(self) -> String {
                self.to_string()
            }
        }
    )*};
}

float!(f32, f64);
whole!(i64, u8);

/// The numbers of a row of a type known only at run time.
pub(crate) fn words(dtype: Dtype, row: &[u8]) -> Vec<String> {
    fn each<T: Shortest + Copy + bytemuck::Pod>(row: &[u8]) -> Vec<String> {
        numbers::<T>(row).iter().map(|number| number.shortest()).collect()
    }
    match dtype {
        Dtype::F32 => each::<f32>(row),
        Dtype::F64 => each::<f64>(row),
        Dtype::I64 => each::<i64>(row),
        Dtype::U8 => each::<u8>(row),
    }
}

/// The numbers of a row as a list of JSON.
pub(crate) fn list(dtype: Dtype, row: &[u8]) -> String {
    format!("[{}]", words(dtype, row).join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_api::Rng;
    use thorndike_engine::memory::RawRows;

    #[test]
    fn every_number_reads_back_to_its_bits() {
        let mut rng = Rng::seeded(0);
        for _ in 0..100_000 {
            let bits = rng.next_u64();
            let wide = f64::from_bits(bits);
            let narrow = f32::from_bits(bits as u32);
            if wide.is_finite() {
                let text = wide.shortest();
                let back: f64 = text.parse().expect("a number");
                assert_eq!(back.to_bits(), wide.to_bits(), "{text}");
                serde_json::from_str::<f64>(&text).expect("a number of JSON");
            }
            if narrow.is_finite() {
                let back: f32 = narrow.shortest().parse().expect("a number");
                assert_eq!(back.to_bits(), narrow.to_bits());
                serde_json::from_str::<f64>(&narrow.shortest()).expect("a number of JSON");
            }
        }
    }

    #[test]
    fn narrow_numbers_are_as_short_as_their_type_allows() {
        assert_eq!(0.1_f32.shortest(), "0.1");
        assert_eq!(f64::from(0.1_f32).shortest(), "0.10000000149011612");
        assert_eq!((-0.0_f64).shortest(), "-0.0");
        assert_eq!(1e-7_f32.shortest(), "1e-7");
        assert_eq!(f32::INFINITY.shortest(), "1e999");
        assert_eq!(f64::NEG_INFINITY.shortest(), "-1e999");
        assert_eq!(f64::NAN.shortest(), "null");
    }

    #[test]
    fn rows_are_read_in_their_type() {
        let mut rows = RawRows::new(1, 2, Dtype::F32);
        rows.bytes_mut().copy_from_slice(&[0, 0, 128, 63, 205, 204, 204, 61]);
        assert_eq!(list(Dtype::F32, rows.bytes()), "[1.0,0.1]");
        assert_eq!(list(Dtype::U8, rows.bytes()), "[0,0,128,63,205,204,204,61]");
        assert_eq!(list(Dtype::I64, rows.bytes()), "[4453159313468293120]");
        assert_eq!(list(Dtype::F64, RawRows::new(0, 2, Dtype::F64).bytes()), "[]");
    }
}
