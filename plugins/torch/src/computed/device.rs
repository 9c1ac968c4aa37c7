//! What computes, and how libtorch is told to give the same bits every time.

use plugin_api::{Error, Result};
use std::sync::Once;
use tch::{Cuda, Device};

/// libtorch, computing in one place.
#[derive(Clone, Copy, Debug)]
pub struct Torch {
    device: Device,
}

impl Torch {
    /// libtorch on `cpu` or `cuda`.
    pub fn new(device: &str) -> Result<Self> {
        static STEADY: Once = Once::new();
        // With one thread sums are taken in one order, and lanes and seeds use the other cores.
        STEADY.call_once(|| {
            tch::set_num_threads(1);
            Cuda::cudnn_set_benchmark(false);
        });
        let device = match device {
            "cuda" if Cuda::is_available() => Device::Cuda(0),
            "cuda" => {
                return Err(Error::unsupported(
                    "libtorch finds no graphics card: `device=cpu` computes on the processor, and \
                     `cargo lab build --cuda` builds with what a card needs",
                ));
            }
            _ => Device::Cpu,
        };
        Ok(Self { device })
    }

    /// Where tensors lie.
    pub fn device(&self) -> Device {
        self.device
    }
}
