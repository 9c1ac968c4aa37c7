//! Plugin classic-control.
