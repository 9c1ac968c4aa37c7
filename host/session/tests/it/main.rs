//! Sessions on a real disk: saved, found, damaged, refused.

mod damage;
mod scratch;
mod store;
