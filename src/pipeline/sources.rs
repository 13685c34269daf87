//! The user's files.

use std::path::Path;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;
use crate::base::paths::APP_DIR;
use crate::settings::app::Scenario;
use crate::settings::config::Config;

/// The user's files. Each is read once, so a change during the build counts for the next build only.
pub(super) struct Sources {
    /// Name and content of each file of the app.
    pub app: Vec<(String, Vec<u8>)>,
    /// The contents, in the order of the configuration.
    pub scenarios: Vec<Vec<u8>>,
    pub prelude: Option<Vec<u8>>,
}

impl Sources {
    pub fn read(config: &Config) -> Result<Self> {
        let app = config.app.files.iter();
        // Excluded files are not read: they may be large, and must not count as changes.
        let app = app.map(|(name, path)| {
            let content = if is_excluded(config, name) { Vec::new() } else { files::read(path)? };
            Ok((name.clone(), content))
        });
        let scenarios = config.scenarios.iter().map(|scenario| files::read(&scenario.source));
        Ok(Self {
            app: app.collect::<Result<_>>()?,
            scenarios: scenarios.collect::<Result<_>>()?,
            prelude: config.prelude.as_deref().map(files::read).transpose()?,
        })
    }

    /// The scenarios, with copies of their files in `work`.
    pub fn scenarios(&self, config: &Config, work: &Path) -> Result<Vec<Scenario>> {
        let numbered = config.scenarios.iter().zip(&self.scenarios).enumerate();
        let copy = |(number, (scenario, bytes)): (usize, (&Scenario, &Vec<u8>))| {
            let script = work.join(format!("scenario-{number}.py"));
            files::write_atomic(&script, bytes)?;
            Ok(Scenario { script, ..scenario.clone() })
        };
        numbered.map(copy).collect()
    }

    /// A prelude runs in its own folder, because it may import files beside it. So it must not change.
    pub fn check_prelude(&self, config: &Config) -> Result<()> {
        let Some(path) = &config.prelude else { return Ok(()) };
        if files::read(path).ok() == self.prelude {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Config, "the prelude changed while the build ran")
            .at(path.display())
            .hint("build again"))
    }
}

/// Returns whether `exclude` removes a file of the app.
pub(super) fn is_excluded(config: &Config, name: &str) -> bool {
    config.exclude.position(&[name, &format!("{APP_DIR}/{name}")]).is_some()
}
