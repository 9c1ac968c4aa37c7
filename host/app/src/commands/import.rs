//! `import`: numbers of other programs become a session that can be looked at and compared.

use crate::cli::Import;
use crate::config::Settings;
use crate::export::board::{self, Scalar};
use crate::failure::{Exit, Failure, Outcome};
use crate::output::Working;
use crate::saved::{IMPORTED, TOOL};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use thorndike_session::journal::{Entry, Metrics, Start};
use thorndike_session::{Identity, Store, Writer};

/// Takes in what was named.
pub(super) fn run(import: &Import, settings: &Settings) -> Outcome {
    let Import::Tensorboard { path, session } = import;
    let (scalars, is_whole) = read(path)?;
    if scalars.is_empty() {
        return Err(Failure::failed(format!("there are no scalars in {}", path.display())));
    }
    let begun = scalars.iter().map(|scalar| scalar.wall).fold(f64::INFINITY, f64::min);
    let name = session.clone().or_else(|| {
        let folder = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
        let name = folder?.file_name()?.to_str()?.to_owned();
        thorndike_session::name::check(&name).is_ok().then_some(name)
    });
    let identity = Identity {
        created: begun as u64,
        agent: IMPORTED.to_owned(),
        env: "tensorboard".to_owned(),
        tool: TOOL.to_owned(),
        ..Identity::default()
    };
    let session = Store::new(&settings.sessions).create(name.as_deref(), &identity)?;
    let (mut writer, _) = Writer::open(&session)?;
    let tool = "tensorboard".to_owned();
    writer.add(&Entry::Start(Start { at: begun as u64, tool, ..Start::default() }));
    let mut moments: BTreeMap<u64, Metrics> = BTreeMap::new();
    let count = scalars.len();
    for Scalar { tag, step, wall, value } in scalars {
        let moment = moments.entry(step).or_default();
        (moment.steps, moment.seconds) = (step, moment.seconds.max(wall - begun));
        moment.values.push((tag.into(), value));
    }
    for (_, metrics) in moments {
        writer.add(&Entry::Metrics(metrics));
    }
    writer.sync()?;
    let cut = if is_whole { "" } else { "; the rest of a file is cut or damaged" };
    let says = format!("{count} numbers are in session {} now{cut}\n", session.name());
    std::io::Write::write_all(&mut std::io::stdout(), says.as_bytes())?;
    Ok(if is_whole { Exit::Success } else { Exit::Failed })
}

fn read(path: &Path) -> Result<(Vec<Scalar>, bool), Failure> {
    let cannot =
        |error: std::io::Error| Failure::failed(format!("cannot read {}: {error}", path.display()));
    let (mut all, mut is_whole) = (Vec::new(), true);
    let files = board::files(path).map_err(cannot)?;
    let mut working = Working::on(io::stderr(), "reading", files.len() as u64);
    for file in files {
        let (mut scalars, whole) = board::scalars(&fs::read(&file).map_err(cannot)?);
        all.append(&mut scalars);
        is_whole &= whole;
        working.add(1);
    }
    Ok((all, is_whole))
}
