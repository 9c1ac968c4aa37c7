//! The program as its users meet it: words in; lines, files and exit codes out.

mod bad_sessions;
mod bench;
mod cockpit;
mod copies;
mod demonstrations;
mod desk;
mod faults;
mod gallery;
mod kills;
mod learning;
mod modes;
mod onnx;
mod plugins;
mod replays;
mod resume;
mod runs;
mod scaffold;
mod screen;
mod tabular;
mod terminal;
mod torch;
mod trace;
mod tutorial;
mod usage;
mod worlds;
