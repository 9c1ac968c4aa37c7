//! Plugin toy-text.
