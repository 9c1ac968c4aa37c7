//! The terminal: what it can do, what comes from its keyboard and mouse, and what is drawn on it.
//! One thread owns it.

pub mod abilities;
pub mod guard;
pub mod input;
pub mod key;
pub mod paint;

pub use abilities::{Abilities, Colors};
pub use guard::Guard;
pub use input::{Input, Parser};
pub use key::{Code, Key};
pub use paint::Painter;
