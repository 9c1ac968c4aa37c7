//! Plugin toy-text.

#![forbid(unsafe_code)]
