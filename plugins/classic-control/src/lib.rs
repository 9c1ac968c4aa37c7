//! Plugin classic-control.

#![forbid(unsafe_code)]
