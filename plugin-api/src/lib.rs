//! The only crate a plugin author depends on.
