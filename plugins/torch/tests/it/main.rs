//! Nets computed by libtorch beside our own kernels, and beside libtorch's own gradients.

#[cfg(feature = "libtorch")]
mod contract;
#[cfg(feature = "libtorch")]
mod cores;
#[cfg(feature = "libtorch")]
mod gradients;
#[cfg(feature = "libtorch")]
mod rows;

#[cfg(not(feature = "libtorch"))]
#[test]
fn nets_of_libtorch_equal_ours() {
    println!("skipped: libtorch is not installed");
}
