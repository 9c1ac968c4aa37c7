//! Rows in memory: aligned bytes that hold numbers of a type known only at run time.

use plugin_api::space::Space;
use plugin_api::{Dtype, Element, Rng};

/// A buffer of rows whose number type a task names.
#[derive(Clone, Debug, Default)]
pub struct RawRows {
    /// Words keep the bytes aligned for every number type.
    words: Vec<u64>,
    bytes: usize,
}

impl RawRows {
    /// Zeroed bytes for `rows` rows of `width` elements.
    pub fn new(rows: usize, width: usize, dtype: Dtype) -> Self {
        let bytes = rows * width * dtype.size();
        Self { words: vec![0; bytes.div_ceil(8)], bytes }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &bytes(&self.words)[..self.bytes]
    }

    /// The bytes, writable.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let len = self.bytes;
        &mut bytes_mut(&mut self.words)[..len]
    }
}

/// Words as bytes.
pub fn bytes(words: &[u64]) -> &[u8] {
    bytemuck::cast_slice(words)
}

/// Words as bytes, writable.
pub fn bytes_mut(words: &mut [u64]) -> &mut [u8] {
    bytemuck::cast_slice_mut(words)
}

/// Numbers behind aligned bytes.
pub fn numbers<T: bytemuck::Pod>(bytes: &[u8]) -> &[T] {
    bytemuck::cast_slice(bytes)
}

/// Numbers behind aligned bytes, writable.
pub fn numbers_mut<T: bytemuck::Pod>(bytes: &mut [u8]) -> &mut [T] {
    bytemuck::cast_slice_mut(bytes)
}

/// Writes numbers of a type known at run time as learners see them.
#[inline]
pub fn to_f32(dtype: Dtype, bytes: &[u8], out: &mut [f32]) {
    fn each<T: Element + bytemuck::Pod>(bytes: &[u8], out: &mut [f32]) {
        for (out, value) in out.iter_mut().zip(numbers::<T>(bytes)) {
            *out = value.to_f32();
        }
    }
    match dtype {
        Dtype::F32 => out.copy_from_slice(numbers(bytes)),
        Dtype::F64 => each::<f64>(bytes, out),
        Dtype::I64 => each::<i64>(bytes, out),
        Dtype::U8 => each::<u8>(bytes, out),
    }
}

/// Writes one number at a place of a row.
pub fn put(dtype: Dtype, bytes: &mut [u8], idx: usize, value: f64) {
    match dtype {
        Dtype::F32 => numbers_mut::<f32>(bytes)[idx] = value as f32,
        Dtype::F64 => numbers_mut::<f64>(bytes)[idx] = value,
        Dtype::I64 => numbers_mut::<i64>(bytes)[idx] = value as i64,
        Dtype::U8 => bytes[idx] = value as u8,
    }
}

/// Reads a row as numbers.
pub fn to_f64(dtype: Dtype, bytes: &[u8]) -> Vec<f64> {
    match dtype {
        Dtype::F32 => numbers::<f32>(bytes).iter().map(|&value| f64::from(value)).collect(),
        Dtype::F64 => numbers::<f64>(bytes).to_vec(),
        Dtype::I64 => numbers::<i64>(bytes).iter().map(|&value| value as f64).collect(),
        Dtype::U8 => bytes.iter().map(|&value| f64::from(value)).collect(),
    }
}

/// Writes some action of the space; for trying things out, not for exploring.
pub fn any_action(space: &Space, rng: &mut Rng, row: &mut [u8]) {
    let dtype = space.dtype();
    for (start, leaf) in space.leaves() {
        for idx in 0..leaf.width() {
            let value = match leaf {
                Space::Box { low, high, .. } => {
                    let (low, high) = (low.at(idx).max(-1.0), high.at(idx).min(1.0));
                    if low < high { rng.uniform(low, high) } else { low }
                }
                Space::Discrete { n, start } => (*start + rng.below(*n) as i64) as f64,
                Space::MultiDiscrete { n, start } => (start[idx] + rng.below(n[idx]) as i64) as f64,
                Space::MultiBinary { .. } => rng.below(2) as f64,
                Space::Text { charset, .. } => rng.below(charset.chars().count().max(1)) as f64,
                Space::Dict(_) | Space::Tuple(_) => 0.0,
            };
            put(dtype, row, start + idx, value);
        }
    }
}
