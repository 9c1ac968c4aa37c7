//! The session format and store.
