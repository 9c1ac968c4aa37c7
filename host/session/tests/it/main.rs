//! Sessions saved, found, followed, damaged, refused; on a real disk and on one that fails.

mod crashes;
mod damage;
mod fuzz;
mod journal;
mod recorder;
mod scratch;
mod sim;
mod speed;
mod store;
mod tables;
