//! A pen that threads hold in turn: one writes by the clock what is told, while another waits for
//! the disk.

use super::pen::Pen;
use crate::error::Result;
use crate::snapshot::Position;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A pen that threads hold in turn.
#[derive(Clone, Debug)]
pub(crate) struct SharedPen(Arc<Mutex<Pen>>);

impl SharedPen {
    pub(crate) fn new(pen: Pen) -> Self {
        Self(Arc::new(Mutex::new(pen)))
    }

    /// The pen, for as long as this is held. Whoever holds it never waits for the disk.
    pub(crate) fn hold(&self) -> MutexGuard<'_, Pen> {
        // Between any two of its steps a pen is sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings what was added to the disk, and says where the journal stood when that began; others
    /// may go on writing.
    pub(crate) fn sync(&self) -> Result<Position> {
        let mut pen = self.hold();
        pen.flush()?;
        let (disk, due) = (pen.disk().clone(), pen.due());
        drop(pen);
        let synced = due.wait(&*disk);
        self.hold().settle(&due, synced)
    }
}
