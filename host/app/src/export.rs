//! What a session holds in forms of other programs, a file each.

pub(crate) mod board;
pub(crate) mod chart;
pub(crate) mod film;
pub(crate) mod letters;
pub(crate) mod onnx;
pub(crate) mod policy;
pub(crate) mod records;
pub(crate) mod table;
