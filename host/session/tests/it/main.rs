//! Sessions on a real disk: saved, found, followed, damaged, refused.

mod damage;
mod journal;
mod scratch;
mod store;
