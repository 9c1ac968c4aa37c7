//! The screen: a pure fold over what runs tell, a pure view of the result, and one thread that owns
//! the terminal. It knows neither files of sessions nor how plugins are found: the program around
//! it is its [`bench::Bench`].
#![forbid(unsafe_code)]

pub mod action;
mod base64;
pub mod bench;
pub mod doctor;
pub mod door;
pub mod follow;
pub mod front;
pub mod glyph;
pub mod grid;
mod line;
pub mod lineage;
pub mod link;
pub mod measure;
pub mod picture;
pub mod plot;
pub mod pump;
pub mod record;
pub mod run;
pub mod series;
pub mod state;
pub mod statistics;
pub mod term;
pub mod theme;
pub mod update;
pub mod view;
pub mod wishes;
