//! Folders that go away and plugin files made of a few lines of C.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{self, Command},
    sync::atomic::{AtomicU32, Ordering},
};

/// A new folder that is removed at the end of the test.
#[derive(Debug)]
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("thorndike-test-{}-{count}", process::id()));
        fs::create_dir_all(&path).expect("the folder for temporary files can be written");
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The manifest of a sound plugin.
pub(crate) const MANIFEST: &str = r#"(
    api: (1, 0), name: "toy", version: "0.1.0", panic: "unwind",
    target: "x86_64-unknown-linux-gnu", rustc: "1.95.0",
    needs: [], envs: ["Toy-v0"], agents: ["toy-agent"], from_the_future: Some([1, 2]),
)"#;

/// C code that gives a library this manifest.
pub(crate) fn manifest_code(manifest: &str) -> String {
    let text = manifest.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!(
        "__attribute__((section(\".thorndike.manifest\"), used))\n\
         static const char manifest[] = \"{text}\";\n"
    )
}

/// Compiles C code to a shared library.
#[track_caller]
pub(crate) fn compile(code: &str, library: &Path, flags: &[&str]) {
    let source = library.with_extension("c");
    fs::write(&source, code).expect("the folder of the library can be written");
    let output = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-w", "-o"])
        .arg(library)
        .arg(&source)
        .args(flags)
        .output()
        .expect("a C compiler is part of the set-up");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::remove_file(source).expect("the source was just written");
}

/// A plugin file that describes itself as `descriptor` and runs `constructor` when it is opened.
#[track_caller]
pub(crate) fn plugin(library: &Path, descriptor: &str, constructor: &str) {
    let code = format!(
        "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n\
         #include <signal.h>\n#include <fcntl.h>\n{}\n\
         const char *toy_descriptor(void) {{ return \"{descriptor}\"; }}\n\
         __attribute__((constructor)) static void on_open(void) {{ {constructor} }}\n",
        manifest_code(MANIFEST)
    );
    compile(&code, library, &[]);
}

/// Numbers that only look random, the same ones each time.
#[derive(Debug)]
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((self.0 >> 33) % bound as u64) as usize
    }
}
