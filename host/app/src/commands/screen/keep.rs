//! Keeps a run of the screen in its session.

use crate::saved;
use thorndike_engine::drive::Keep;
use thorndike_engine::event::{Done, Event};
use thorndike_engine::run::{Reason, Run};
use thorndike_session::Session;

/// Keeps a run in its session.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) session: Session,
    pub(super) end: Option<Done>,
}

impl Keep for Keeper {
    fn told(&mut self, event: &Event) {
        if let Event::Done(end) = event {
            self.end = Some(end.clone());
        }
    }

    fn edited(&mut self, _steps: u64, _params: &plugin_api::params::Values) {}

    fn pulse(&mut self, _run: &mut Run) -> Result<(), String> {
        Ok(())
    }

    fn save(&mut self, run: &mut Run) -> Result<String, String> {
        let end = match self.end.clone() {
            Some(end) => end,
            None => run.finish(Reason::Stopped).map_err(|error| error.to_string())?,
        };
        saved::save(&self.session, run, &end).map_err(|failure| failure.message)?;
        Ok(self.session.folder().display().to_string())
    }
}
