//! States: named tensors, as safetensors files keep them.

use crate::error::{Error, Result};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::HashMap;
use std::path::Path;

/// What numbers a tensor holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Kind {
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 64-bit signed integer.
    I64,
    /// 64-bit unsigned integer.
    U64,
    /// 32-bit signed integer.
    I32,
    /// 32-bit unsigned integer.
    U32,
    /// 8-bit unsigned integer; also bytes that only their writer understands.
    U8,
    /// Truth value, a byte each.
    Bool,
}

/// One named tensor, row-major and little-endian.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Extent of every axis.
    pub shape: Vec<u64>,
    /// The numbers.
    pub bytes: Vec<u8>,
}

/// A state: something that a snapshot keeps under one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// What it is, such as `agent`.
    pub name: String,
    /// What it consists of, in an order that is kept.
    pub tensors: Vec<Tensor>,
}

impl State {
    /// A state of bytes that only their writer understands.
    pub fn opaque(name: &str, bytes: Vec<u8>) -> Self {
        let shape = vec![bytes.len() as u64];
        let tensor = Tensor { name: OPAQUE.to_owned(), kind: Kind::U8, shape, bytes };
        Self { name: name.to_owned(), tensors: vec![tensor] }
    }

    /// The bytes of a state made by [`State::opaque`].
    pub fn into_opaque(mut self) -> Option<Vec<u8>> {
        let only = self.tensors.pop()?;
        (self.tensors.is_empty() && only.name == OPAQUE).then_some(only.bytes)
    }

    /// Bytes of all tensors.
    pub fn bytes(&self) -> u64 {
        self.tensors.iter().map(|tensor| tensor.bytes.len() as u64).sum()
    }
}

const OPAQUE: &str = "bytes";

impl Kind {
    const ALL: [(Self, Dtype); 8] = [
        (Self::F32, Dtype::F32),
        (Self::F64, Dtype::F64),
        (Self::I64, Dtype::I64),
        (Self::U64, Dtype::U64),
        (Self::I32, Dtype::I32),
        (Self::U32, Dtype::U32),
        (Self::U8, Dtype::U8),
        (Self::Bool, Dtype::BOOL),
    ];

    /// Bytes of one number.
    pub fn size(self) -> usize {
        match self {
            Self::F64 | Self::I64 | Self::U64 => 8,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::U8 | Self::Bool => 1,
        }
    }

    fn dtype(self) -> Dtype {
        Self::ALL[self as usize].1
    }

    fn of(dtype: Dtype) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == dtype).map(|(kind, _)| *kind)
    }
}

/// Key under which a file says in which order its tensors were named.
const ORDER: &str = "order";

/// Tensors as the bytes of a safetensors file that remembers their order.
pub fn to_safetensors(tensors: &[&Tensor]) -> Vec<u8> {
    let names: Vec<&str> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
    write_all(tensors, &[(ORDER, names.join("\n"))])
}

/// Tensors as the bytes of a safetensors file, with texts by name.
pub(crate) fn write_all(tensors: &[&Tensor], texts: &[(&str, String)]) -> Vec<u8> {
    let views = tensors.iter().map(|tensor| {
        let shape = tensor.shape.iter().map(|&extent| extent as usize).collect();
        let view = TensorView::new(tensor.kind.dtype(), shape, &tensor.bytes);
        (tensor.name.as_str(), view.expect("a tensor has the bytes its shape says"))
    });
    let texts = texts.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect();
    safetensors::serialize(views, Some(texts)).expect("plain tensors can be written")
}

/// The text of this name in a safetensors file.
pub(crate) fn metadata(path: &Path, bytes: &[u8], name: &str) -> Result<Option<String>> {
    let read = SafeTensors::read_metadata(bytes);
    let (_, metadata) = read.map_err(|error| Error::damaged(path, error))?;
    Ok(metadata.metadata().as_ref().and_then(|texts| texts.get(name)).cloned())
}

/// The tensors of a safetensors file, in the order they were named if the file says so.
pub fn from_safetensors(path: &Path, bytes: &[u8]) -> Result<Vec<Tensor>> {
    let order = metadata(path, bytes, ORDER)?;
    let place: HashMap<&str, usize> =
        order.iter().flat_map(|order| order.split('\n')).enumerate().map(|(i, n)| (n, i)).collect();
    let mut tensors = read_all(path, bytes)?;
    tensors.sort_by(|a, b| {
        let at = |tensor: &Tensor| place.get(tensor.name.as_str()).copied().unwrap_or(usize::MAX);
        (at(a), &a.name).cmp(&(at(b), &b.name))
    });
    Ok(tensors)
}

/// The tensors of a safetensors file, in no order that means anything.
pub(crate) fn read_all(path: &Path, bytes: &[u8]) -> Result<Vec<Tensor>> {
    let wrong = |error: &dyn std::fmt::Display| Error::damaged(path, error);
    let file = SafeTensors::deserialize(bytes).map_err(|error| wrong(&error))?;
    let mut tensors = Vec::new();
    for (name, view) in file.tensors() {
        let kind = Kind::of(view.dtype());
        let kind = kind.ok_or_else(|| wrong(&format!("`{name}` is of a kind not known here")))?;
        let shape = view.shape().iter().map(|&extent| extent as u64).collect();
        tensors.push(Tensor { name, kind, shape, bytes: view.data().to_vec() });
    }
    Ok(tensors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_come_back_in_their_order() {
        let tensor = |name: &str, kind: Kind, shape: &[u64]| {
            let count = shape.iter().product::<u64>() as usize * kind.size();
            let bytes = (0..count).map(|byte| byte as u8).collect();
            Tensor { name: name.into(), kind, shape: shape.to_vec(), bytes }
        };
        let tensors = [
            tensor("z/weight", Kind::F32, &[2, 3]),
            tensor("a", Kind::U8, &[5]),
            tensor("μ", Kind::F64, &[]),
            tensor("none", Kind::I64, &[0]),
            tensor("flags", Kind::Bool, &[1]),
            tensor("b", Kind::U32, &[2]),
            tensor("c", Kind::I32, &[2]),
            tensor("d", Kind::U64, &[1, 1]),
        ];
        let bytes = to_safetensors(&tensors.iter().collect::<Vec<_>>());
        let back = from_safetensors(Path::new("x"), &bytes).expect("it was just written");
        assert_eq!(back, tensors);
        for length in 0..bytes.len() {
            from_safetensors(Path::new("x"), &bytes[..length]).expect_err("something is missing");
        }
    }

    #[test]
    fn opaque_bytes_are_a_state_too() {
        let state = State::opaque("lanes", vec![1, 2, 3]);
        assert_eq!((state.bytes(), state.into_opaque()), (3, Some(vec![1, 2, 3])));
        assert_eq!(State::default().into_opaque(), None);
    }
}
