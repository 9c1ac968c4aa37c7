//! libtorch: fetched once into the cache, without what only a graphics card needs unless that is
//! asked for, and handed to cargo where it is there.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Form, Package, download, empty, remove, unpack};
use crate::place::Place;
use crate::say;

/// The version that our crates speak to.
pub(crate) const VERSION: &str = "2.13.0";

/// The feature of a crate that needs it.
const FEATURE: &str = "libtorch";

const TORCH: Package = Package {
    name: "torch==2.13.0",
    sha256: "60fcdcb2f3876e21146cb4524ef06397d727ca9ad5f020818547e25075fe3cb7",
};

/// Of the package of torch, what every set holds.
const TORCH_KEPT: [&str; 5] = [
    "torch/include/",
    "torch/lib/libtorch_cpu.so",
    "torch/lib/libc10.so",
    "torch/lib/libgomp",
    "torch/lib/libshm.so",
];

/// What `libtorch_cpu` is linked with, although it computes on the processor.
const SMALL: [(Package, &str); 2] = [
    (
        Package {
            name: "nvidia-cuda-runtime==13.0.96",
            sha256: "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
        },
        "nvidia/cu13/lib/libcudart.so",
    ),
    (
        Package {
            name: "nvidia-cuda-cupti==13.0.85",
            sha256: "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
        },
        "nvidia/cu13/lib/libcupti.so",
    ),
];

/// What it needs beside them for a graphics card.
const CUDA: [Package; 13] = [
    Package {
        name: "nvidia-cudnn-cu13==9.20.0.48",
        sha256: "0c45dd8eeb50b603f07995b1b300c62ffe6a1980482b82b3bcf94a4ca9d49304",
    },
    Package {
        name: "nvidia-cusparselt-cu13==0.8.1",
        sha256: "786ce87568c303fadb5afcc7102d454cd3040d75f6f8626f5db460d1871f4dd0",
    },
    Package {
        name: "nvidia-nccl-cu13==2.29.7",
        sha256: "edd81538446786ec3b73972543e53bb43bcaf0bfc8ef76cb679fcc390ffe136d",
    },
    Package {
        name: "nvidia-nvshmem-cu13==3.4.5",
        sha256: "290f0a2ee94c9f3687a02502f3b9299a9f9fe826e6d0287ee18482e78d495b80",
    },
    Package {
        name: "nvidia-cublas==13.1.1.3",
        sha256: "37936a16db8fe4ac1f065c2139360608a543a09275cb1a1af612e08cfa065436",
    },
    Package {
        name: "nvidia-cuda-nvrtc==13.0.88",
        sha256: "ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575",
    },
    Package {
        name: "nvidia-cufft==12.0.0.61",
        sha256: "6c44f692dce8fd5ffd3e3df134b6cdb9c2f72d99cf40b62c32dde45eea9ddad3",
    },
    Package {
        name: "nvidia-cufile==1.15.1.6",
        sha256: "08a3ecefae5a01c7f5117351c64f17c7c62efa5fffdbe24fc7d298da19cd0b44",
    },
    Package {
        name: "nvidia-curand==10.4.0.35",
        sha256: "1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc",
    },
    Package {
        name: "nvidia-cusolver==12.0.4.66",
        sha256: "0a759da5dea5c0ea10fd307de75cdeb59e7ea4fcb8add0924859b944babf1112",
    },
    Package {
        name: "nvidia-cusparse==12.6.3.3",
        sha256: "2b3c89c88d01ee0e477cb7f82ef60a11a4bcd57b6b87c33f789350b59759360b",
    },
    Package {
        name: "nvidia-nvtx==13.0.85",
        sha256: "4936d1d6780fbe68db454f5e72a42ff64d1fd6397df9f363ae786930fd5c1cd4",
    },
    Package {
        name: "nvidia-nvjitlink==13.5.37",
        sha256: "280d7cb9649704145f074b8dbde500de04ce02d0872e066e20a83c17bcaa93eb",
    },
];

/// libtorch as it lies on this machine.
#[derive(Debug)]
pub(crate) struct Libtorch {
    folder: PathBuf,
}

impl Libtorch {
    /// The one to build with: named in `LIBTORCH`, or in the cache, unless it was said that it is
    /// to be left out.
    pub(crate) fn found(place: &Place) -> Result<Option<Self>> {
        if left_out(place).exists() {
            return Ok(None);
        }
        if let Some(folder) = env::var_os("LIBTORCH").filter(|folder| !folder.is_empty()) {
            return Ok(Some(Self { folder: folder.into() }));
        }
        let places = [folder(true)?, folder(false)?];
        let there = places.into_iter().find(|folder| folder.exists());
        Ok(there.map(|folder| Self { folder }))
    }

    /// Remembers for this folder of build products whether libtorch is wanted.
    pub(crate) fn want(place: &Place, wanted: bool) -> Result<()> {
        let mark = left_out(place);
        if !wanted {
            return fs::write(&mark, "")
                .with_context(|| format!("cannot write {}", mark.display()));
        }
        if mark.exists() {
            fs::remove_file(&mark).with_context(|| format!("cannot remove {}", mark.display()))?;
        }
        Ok(())
    }

    /// Brings it into the cache unless it is there.
    pub(crate) fn fetch(cuda: bool) -> Result<bool> {
        let place = folder(cuda)?;
        if place.exists() {
            say(&format!("{} is there", place.display()));
            return Ok(true);
        }
        say(&format!("fetching libtorch {VERSION} into {}", place.display()));
        let work = empty(place.with_extension("unpacking"))?;
        let libraries = work.join("torch/lib");
        let all = ["torch/include/", "torch/lib/"];
        let kept = if cuda { &all[..] } else { &TORCH_KEPT[..] };
        take(&TORCH, kept, &work)?;
        let gather = |package: &Package, kept: &str| -> Result<()> {
            take(package, &[kept], &work)?;
            move_all(&work.join("nvidia"), &libraries)
        };
        for (package, kept) in &SMALL {
            gather(package, kept)?;
        }
        if cuda {
            for package in &CUDA {
                gather(package, "nvidia/")?;
            }
        } else {
            // Cargo links both; here the first one is only a name for the second.
            let link = libraries.join("libtorch.so");
            symlink("libtorch_cpu.so", &link)
                .with_context(|| format!("cannot make {}", link.display()))?;
        }
        for name in ["libtorch.so", "libtorch_cpu.so", "libc10.so", "libcudart.so.13"] {
            ensure!(libraries.join(name).exists(), "the packages of libtorch hold no {name}");
        }
        let version = work.join("torch/build-version");
        fs::write(&version, VERSION)
            .with_context(|| format!("cannot write {}", version.display()))?;
        fs::rename(work.join("torch"), &place)
            .with_context(|| format!("cannot make {}", place.display()))?;
        remove(&work)?;
        say(&format!("{} is fetched", place.display()));
        Ok(true)
    }

    /// Has a cargo command build with it: sets `LIBTORCH`, and the feature of each crate that has
    /// one.
    pub(crate) fn apply(&self, place: &Place, command: &mut Command) -> Result<()> {
        command.env("LIBTORCH", &self.folder);
        for name in place.with_feature(FEATURE)? {
            command.args(["--features", &format!("{name}/{FEATURE}")]);
        }
        Ok(())
    }
}

/// Where it lies, with or without what a graphics card needs.
fn folder(cuda: bool) -> Result<PathBuf> {
    let name = if cuda { "cuda" } else { "cpu" };
    Ok(Place::cache(&format!("libtorch-{VERSION}"))?.join(name))
}

/// The mark that says to leave it out.
fn left_out(place: &Place) -> PathBuf {
    place.release.with_file_name("without-libtorch")
}

/// Downloads a package and unpacks what is kept of it.
fn take(package: &Package, kept: &[&str], work: &Path) -> Result<()> {
    let wheel = download(package, Form::Wheel, work)?;
    unpack(&wheel, work, kept)?;
    // Some are large, and all are there at the end.
    wheel.parent().map_or(Ok(()), remove)
}

/// Moves every library below a folder into one.
fn move_all(from: &Path, to: &Path) -> Result<()> {
    let says = || format!("cannot move libraries from {}", from.display());
    for entry in fs::read_dir(from).with_context(says)? {
        let path = entry.with_context(says)?.path();
        if path.is_dir() {
            move_all(&path, to)?;
        } else if let Some(name) = path.file_name()
            && name.to_string_lossy().contains(".so")
        {
            fs::rename(&path, to.join(name)).with_context(says)?;
        }
    }
    Ok(())
}
