//! Plugin tabular.

#![forbid(unsafe_code)]
