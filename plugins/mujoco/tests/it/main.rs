//! The worlds against Gymnasium, and whether they can be kept.

mod fetch;
mod golden;
mod promises;
mod speed;

/// Whether the library is here; says so where it is not, and the test is left out.
#[expect(clippy::print_stdout, reason = "the suite counts what was skipped by this line")]
fn is_here() -> bool {
    let here = libmujoco::files::library().is_ok();
    if !here {
        println!("skipped: libmujoco is not installed");
    }
    here
}
