//! The constant context of a build.

use crate::base::progress::Progress;
use crate::cache::Cache;
use crate::pyodide::runtime::Runtime;
use crate::remote::Remote;
use crate::settings::config::Config;
use crate::settings::env::Env;

/// The values that do not change during a build after the runtime is known.
#[derive(Clone, Copy)]
pub(crate) struct Session<'a> {
    pub config: &'a Config,
    pub env: &'a Env,
    pub cache: &'a Cache,
    pub runtime: &'a Runtime,
    pub remote: &'a Remote<'a>,
    pub progress: &'a dyn Progress,
}
