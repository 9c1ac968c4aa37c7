//! The worlds against Gymnasium, and whether they can be kept.

mod fetch;
mod film;
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

/// The name of a world, and what repeats its recording.
type Recorded = (&'static str, fn(&str));

/// Repeats the long recordings of these worlds that lie in the folder that `THORNDIKE_LONG_GOLDEN`
/// names.
#[expect(clippy::print_stdout, reason = "the suite counts what was skipped by this line")]
fn long_ones(worlds: &[Recorded]) {
    let Some(folder) = std::env::var_os("THORNDIKE_LONG_GOLDEN") else {
        return println!("skipped: the long recording is not installed");
    };
    for (name, check) in worlds {
        let file = std::path::Path::new(&folder).join(format!("{name}.txt"));
        if let Ok(golden) = std::fs::read_to_string(file) {
            check(&golden);
            println!("{name} is equal");
        }
    }
}
