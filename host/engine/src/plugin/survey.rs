//! From folders to a list of plugins: finds them, has a child open each, keeps what came of it.

use super::{
    cache::Cache,
    discover::{self, Candidate, Place, Rejected},
    probe::{Limits, Outcome, Prober, Report},
};

/// The copies of plugin files that may lie in the cache, all together.
const COPIES_BYTES_MAX: u64 = 1 << 30;

/// All plugins there are, and one line for each file that is none.
#[derive(Debug, Default)]
pub struct Survey {
    /// Sound plugins, by place and then by name.
    pub plugins: Vec<Plugin>,
    /// Files that are not loaded, and why.
    pub rejected: Vec<Rejected>,
}

/// A plugin file that can be loaded, as far as can be told without doing it.
#[derive(Clone, Debug)]
pub struct Plugin {
    /// The file and its manifest.
    pub candidate: Candidate,
    /// What the probe child found out; `None` for a heavy plugin that nobody has chosen yet.
    pub descriptor: Option<Vec<u8>>,
}

/// Looks through all places. A heavy plugin is not opened, only listed.
pub fn survey(places: &[Place], cache: &Cache, prober: &Prober, api_major: u16) -> Survey {
    let found = discover::discover(places, cache, api_major);
    let mut survey = Survey { plugins: Vec::new(), rejected: found.rejected };
    let mut hashes = Vec::new();
    for candidate in found.candidates {
        hashes.push(candidate.hash);
        if candidate.manifest.is_heavy() && cache.probed(candidate.hash).is_none() {
            survey.plugins.push(Plugin { candidate, descriptor: None });
            continue;
        }
        match describe(&candidate, cache, prober) {
            Ok(descriptor) => {
                survey.plugins.push(Plugin { candidate, descriptor: Some(descriptor) });
            }
            Err(reason) => survey.rejected.push(Rejected::found(&candidate, reason)),
        }
    }
    cache.prune(&hashes, COPIES_BYTES_MAX);
    survey
}

/// What a child finds out about this plugin, now or at an earlier start; else why it is not loaded.
pub fn describe(candidate: &Candidate, cache: &Cache, prober: &Prober) -> Result<Vec<u8>, String> {
    // A sound probe does not clear a file that killed the bench later, while it was loaded.
    if let Some(action) = cache.left_over(candidate.hash) {
        return Err(format!(
            "is left out: the bench ended while it was {action}; \
             `thorndike plugins check FILE` tries it again"
        ));
    }
    let report = match cache.probed(candidate.hash) {
        Some(report) => report,
        None => probe(candidate, cache, prober)?,
    };
    explain(report, &candidate.manifest.needs, cache.forbids_execution())
}

fn probe(candidate: &Candidate, cache: &Cache, prober: &Prober) -> Result<Report, String> {
    let hash = candidate.hash;
    let copy = cache.private_copy(hash, &candidate.path).map_err(|why| why.to_string())?;
    let limits = if candidate.manifest.is_heavy() { Limits::HEAVY } else { Limits::LIGHT };
    // A probe without a pedal is still a probe.
    let _pedal = cache.press(hash, "probing it");
    let report = prober.probe(&copy, limits);
    cache.remember(hash, &report);
    Ok(report)
}

/// Turns the words of the system's library loader into ours.
fn explain(report: Report, needs: &[String], is_noexec: bool) -> Result<Vec<u8>, String> {
    if let Outcome::Refused(reason) = &report.outcome {
        if let Some((before, _)) = reason.split_once(": cannot open shared object file") {
            let library = before.rsplit([' ', '/']).next().unwrap_or(before);
            return Err(match needs {
                [] => format!("needs a library that is not there: {library} not found"),
                needs => format!("needs {}: {library} not found", needs.join(", ")),
            });
        }
        if reason.contains("failed to map segment") {
            return Err(if is_noexec {
                "cannot be executed from the cache folder; \
                 set THORNDIKE_CACHE to one on a disk that allows it"
            } else {
                "is damaged: its parts cannot be mapped into memory; rebuild it"
            }
            .to_owned());
        }
    }
    report.into_descriptor()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same words of the loader have two causes.
    #[test]
    fn a_disk_is_blamed_only_where_it_forbids_execution() {
        let says = |is_noexec| {
            let reason = "x.so: failed to map segment from shared object".to_owned();
            let report = Report { outcome: Outcome::Refused(reason), printed: String::new() };
            explain(report, &[], is_noexec).expect_err("it was refused")
        };
        assert!(says(true).contains("set THORNDIKE_CACHE to one on a disk that allows it"));
        assert!(says(false).starts_with("is damaged: "));
    }
}
