//! A child on a pseudo-terminal, and what that terminal has seen when the child is gone.

use std::{
    env,
    fs::File,
    io::Read,
    path::PathBuf,
    process::{Child, Command, ExitStatus},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    process::{Pid, Signal, kill_process},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, tcgetattr},
};

use super::faults_in;
use crate::fixture::Folder;

/// What one child needs.
pub(super) struct Stage {
    folder: Folder,
    faults: PathBuf,
    pub(super) note: PathBuf,
}

/// A child while it plays.
pub(super) struct Play {
    child: Child,
    seen: Arc<Mutex<Vec<u8>>>,
}

/// What is left of a child.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) bytes: Vec<u8>,
    pub(super) is_terminal_restored: bool,
}

impl Stage {
    pub(super) fn new(code: &str) -> Self {
        let folder = Folder::new();
        let (faults, note) = (faults_in(&folder, code), folder.file("crash.ron"));
        Self { folder, faults, note }
    }

    /// Plays a scene to its end, with `meanwhile` going on beside it.
    pub(super) fn play(&self, scene: &str, meanwhile: impl FnOnce(&Play)) -> Ended {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("terminals are there");
        grantpt(&ours).expect("ours");
        unlockpt(&ours).expect("ours");
        let name = ptsname(&ours, Vec::new()).expect("it has a name");
        let theirs = File::options()
            .read(true)
            .write(true)
            .open(name.to_str().expect("a plain name"))
            .expect("it was unlocked");
        let before = tcgetattr(&theirs).expect("a terminal");
        assert!(before.local_modes.contains(LocalModes::ICANON | LocalModes::ECHO));

        let end = || theirs.try_clone().expect("files are left");
        let child = Command::new(env::current_exe().expect("this test"))
            .args(["containment::act_out", "--exact", "--nocapture", "--test-threads=1"])
            .env("THORNDIKE_SCENE", scene)
            .env("THORNDIKE_FAULTS", &self.faults)
            .env("THORNDIKE_NOTE", &self.note)
            .current_dir(&self.folder.0)
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("this test runs");

        let seen = Arc::new(Mutex::new(Vec::new()));
        let reader = {
            let (mut ours, seen) = (File::from(ours), Arc::clone(&seen));
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                // The read fails when nobody holds the other end any more.
                while let Ok(read @ 1..) = ours.read(&mut buffer) {
                    seen.lock().expect("no panic").extend(&buffer[..read]);
                }
            })
        };
        let mut play = Play { child, seen };
        meanwhile(&play);
        let status = play.wait();
        let after = tcgetattr(&theirs).expect("a terminal");
        let is_terminal_restored = before.local_modes == after.local_modes
            && before.input_modes == after.input_modes
            && before.output_modes == after.output_modes
            && before.control_modes == after.control_modes;
        drop(theirs);
        reader.join().expect("no panic");
        let bytes = play.seen.lock().expect("no panic").clone();
        Ended { status, bytes, is_terminal_restored }
    }
}

const PATIENCE: Duration = Duration::from_secs(10);

impl Play {
    pub(super) fn wait_for(&self, text: &str) {
        let begin = Instant::now();
        while !String::from_utf8_lossy(&self.seen.lock().expect("no panic")).contains(text) {
            assert!(begin.elapsed() < PATIENCE, "`{text}` never came");
            thread::sleep(Duration::from_millis(2));
        }
    }

    pub(super) fn send(&self, signal: i32) {
        let signal = Signal::from_named_raw(signal).expect("a signal");
        kill_process(Pid::from_child(&self.child), signal).expect("the child lives");
    }

    fn wait(&mut self) -> ExitStatus {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("our child") {
                return status;
            }
            if begin.elapsed() > PATIENCE {
                self.child.kill().expect("our child");
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Ended {
    /// What came after the last of these bytes.
    pub(super) fn after(&self, mark: &[u8]) -> Option<&[u8]> {
        let at = self.bytes.windows(mark.len()).rposition(|window| window == mark)?;
        self.bytes.get(at + mark.len()..)
    }

    pub(super) fn shown(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}
