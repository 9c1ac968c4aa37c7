//! Notes which compiler builds this crate, for the manifest of every plugin.

use std::process::Command;

fn main() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let version = Command::new(rustc).arg("--version").output();
    let text = version.ok().and_then(|out| String::from_utf8(out.stdout).ok());
    let number = text.as_deref().and_then(|text| text.split_whitespace().nth(1));
    println!("cargo::rustc-env=THORNDIKE_RUSTC={}", number.unwrap_or("unknown"));
    println!("cargo::rerun-if-changed=build.rs");
}
