//! The keys of a build.

use crate::bundle::loader;
use crate::cache::code::Floor;
use crate::cache::key::Key;
use crate::engine::scripts;
use crate::packages::wheel::Wheel;
use crate::pipeline::sources::Sources;
use crate::pyodide::runtime::Runtime;
use crate::settings::config::Config;

pub(super) struct Keys {
    /// A digest of everything that decides a recording, except the contents of the user's files.
    pub recording: String,
    /// A digest of everything that decides the outputs.
    pub build: String,
}

impl Keys {
    pub fn new(config: &Config, sources: &Sources, runtime: &Runtime, wheels: &[Wheel]) -> Self {
        let mut key = Key::new("recording", Floor::Pipeline);
        key.list(scripts::FILES.iter().map(|(_, content)| content));
        key.list(loader::shipped());
        key.list([&runtime.version, &runtime.fingerprint]);
        key.list(wheels.iter().map(|wheel| format!("{wheel:?}")));
        key.list(config.scenarios.iter().map(|scenario| &scenario.filename));
        key.field(format!("{:?} {:?}", config.eager, config.eager_sources));
        key.field(format!("{:?} {}", config.exclude, config.trace_network));
        key.field(format!("{:?} {:?} {}", config.python, config.lazy, config.service_worker));
        let recording = key.finish();

        let mut key = Key::new("build", Floor::Base);
        key.field(&recording);
        key.field(format!("{} {:?}", config.split, config.snapshot));
        for (name, bytes) in &sources.app {
            key.list([name.as_bytes(), bytes]);
        }
        key.list(&sources.scenarios);
        key.list(&sources.prelude);
        Self { recording, build: key.finish() }
    }
}
