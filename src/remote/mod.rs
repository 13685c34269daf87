//! The shared cache: finished builds, their compressed copies and compiled wheels, on an HTTP server that several
//! machines use. It only saves time. Whatever fails there is one warning, and the build goes on without it.

pub(crate) mod entry;
mod job;
mod problem;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tempfile::TempDir;

use crate::base::error::Result;
use crate::base::files;
use crate::base::progress::Progress;
use crate::cache::Cache;
use crate::engine::node::NodeEngine;
use crate::engine::scripts::Script;
use crate::engine::tools::Node;
use crate::engine::{Engine, Limit, Task};
use crate::remote::entry::{Entry, UploadFile};
use crate::remote::job::{Answer, Job, Read, RemoteFile, Write};
use crate::remote::problem::Problem;
use crate::settings::config::Config;
use crate::settings::env::Env;
use crate::settings::remote_cache::RemoteCache;

/// The limit for all that a build reads at once. A build of pandas takes this long at 5 Mbit/s; making it takes a
/// minute.
const READ_LIMIT: Duration = Duration::from_secs(120);
/// The limit for all that a build writes.
const WRITE_LIMIT: Duration = Duration::from_secs(300);
/// How much longer the script may take to end.
const MARGIN: Duration = Duration::from_secs(20);

/// The shared cache of this build, if it has one.
pub(crate) struct Remote<'a>(Option<Connection<'a>>);

struct Connection<'a> {
    server: &'a RemoteCache,
    /// Or why it was not found.
    node: Result<Node, String>,
    cache: &'a Cache,
    progress: &'a dyn Progress,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What was requested, so that nothing is requested twice.
    requested: BTreeSet<Entry>,
    /// Paths on the server whose content is wrong.
    wrong: BTreeSet<String>,
    offers: Vec<Write>,
    problems: Vec<Problem>,
}

/// The files of the requested entries, in a folder that is removed with the value.
pub(crate) struct Reply {
    /// Keeps the folder.
    pub work: TempDir,
    /// In the order of the entries.
    pub found: Vec<Option<Found>>,
}

/// The files of one entry.
pub(crate) struct Found {
    pub dir: PathBuf,
    pub files: Vec<RemoteFile>,
}

impl<'a> Remote<'a> {
    /// Offline builds use no shared cache, and neither do builds whose results are not for others: development
    /// builds, benchmarks, and traces that see the network and the environment.
    pub fn new(
        config: &'a Config,
        env: &Env,
        cache: &'a Cache,
        progress: &'a dyn Progress,
    ) -> Self {
        let unused = config.development || config.trace_network || config.benchmark > 0;
        let unused = unused || config.offline;
        let server = config.remote_cache.as_ref().filter(|_| !unused);
        Self(server.map(|server| {
            let node = Node::unprobed(env).map_err(|error| error.to_string());
            let state = Mutex::default();
            Connection { server, node, cache, progress, state }
        }))
    }

    #[cfg(test)]
    pub fn none() -> Self {
        Self(None)
    }

    /// Returns whether this build uses a shared cache.
    pub fn is_used(&self) -> bool {
        self.0.is_some()
    }

    /// Returns whether the server may have these entries: it answers, and no request for them was made.
    pub fn may_have(&self, entries: &[Entry]) -> bool {
        self.0.as_ref().is_some_and(|connection| connection.state().may_have(entries))
    }

    /// Returns the files of these entries. `None` means that the server has none of them, or was not requested.
    pub fn read(&self, entries: &[Entry]) -> Option<Reply> {
        let connection = self.0.as_ref()?;
        if entries.is_empty() || !connection.request(entries) {
            return None;
        }
        let run = connection.read(entries);
        run.map_err(|error| connection.note(Problem::of_build(&error.to_string()))).ok()
    }

    /// Says that an entry is not what it should be, although it came as its writer made it.
    pub fn reject(&self, entry: &Entry, why: &str) {
        if let Some(connection) = &self.0 {
            connection.note_wrong(entry.path(), why);
        }
    }

    /// Notes what this build made, for [`write`](Self::write).
    pub fn offer(&self, entry: &Entry, files: impl IntoIterator<Item = UploadFile>) {
        if let Some(connection) = self.0.as_ref().filter(|connection| connection.server.write) {
            let write = Write::new(entry, files.into_iter().collect());
            connection.state().offers.push(write);
        }
    }

    /// Returns whether there is something to write.
    pub fn has_offers(&self) -> bool {
        let connection = self.0.as_ref();
        connection.is_some_and(|connection| {
            let state = connection.state();
            !state.offers.is_empty() && !state.is_closed()
        })
    }

    /// Writes all offers to the server.
    pub fn write(&self) {
        let Some(connection) = &self.0 else { return };
        if let Err(error) = connection.write() {
            connection.note(Problem::of_build(&error.to_string()));
        }
    }

    /// Returns the one warning about everything that went wrong.
    pub fn warning(&self) -> Option<String> {
        let connection = self.0.as_ref()?;
        problem::warning(&connection.server.address, &connection.state().problems)
    }
}

impl State {
    /// Returns whether the server may have entries that were not requested yet.
    fn may_have(&self, entries: &[Entry]) -> bool {
        !self.is_closed() && entries.iter().all(|entry| !self.requested.contains(entry))
    }

    /// Returns whether the server is not used further.
    fn is_closed(&self) -> bool {
        self.problems.iter().any(|problem| problem.closes)
    }
}

impl Connection<'_> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, problem: Problem) {
        self.state().problems.push(problem);
    }

    fn note_wrong(&self, path: String, why: &str) {
        self.note(Problem::wrong(&path, why));
        self.state().wrong.insert(path);
    }

    /// Marks entries as requested. Returns whether they may be.
    fn request(&self, entries: &[Entry]) -> bool {
        let mut state = self.state();
        let may_have = state.may_have(entries);
        state.requested.extend(entries.iter().cloned());
        may_have
    }

    fn read(&self, entries: &[Entry]) -> Result<Reply> {
        let work = self.cache.work_dir()?;
        let folder = |number: usize| work.path().join(format!("entry-{number}"));
        let reads = entries.iter().enumerate();
        let mut job = Job::new(READ_LIMIT);
        job.reads = reads.map(|(number, entry)| Read::new(entry, folder(number))).collect();
        let found = self.run(&work, job, READ_LIMIT)?.found;
        let files: Vec<_> = found.iter().flatten().flatten().collect();
        let bytes: u64 = files.iter().map(|file| file.bytes).sum();
        let address = &self.server.address;
        self.progress
            .started(&format!("read {} files, {bytes} bytes, from {address}", files.len()));
        let found = found.into_iter().enumerate();
        let found = found.map(|(number, files)| Some(Found { dir: folder(number), files: files? }));
        let found = found.collect();
        Ok(Reply { work, found })
    }

    fn write(&self) -> Result<()> {
        let mut job = Job::new(WRITE_LIMIT);
        {
            let mut state = self.state();
            job.writes = std::mem::take(&mut state.offers);
            job.wrong = state.wrong.iter().cloned().collect();
        }
        let work = self.cache.work_dir()?;
        let written = self.run(&work, job, WRITE_LIMIT)?.written;
        self.progress.started(&format!("wrote {written} bytes to {}", self.server.address));
        Ok(())
    }

    /// Runs `remote.mjs`, and notes what it reports.
    fn run(&self, work: &TempDir, mut job: Job, limit: Duration) -> Result<Answer> {
        let node = match &self.node {
            Ok(node) => node,
            Err(why) => {
                self.note(Problem::of_build(why));
                return Ok(Answer::default());
            }
        };
        // The environment names the server, proxies and certificates.
        let engine = NodeEngine::new(node, work.path(), true)?;
        let engine: &dyn Engine = &engine;
        let task =
            Task { script: Script::Remote, name: "remote", limit: Limit::Total(limit + MARGIN) };
        job.result = engine.result_path(task.name);
        let is_write = !job.writes.is_empty();
        let answer: Answer = match engine.run(task, &job)? {
            Ok(answer) => answer,
            Err(failure) => {
                self.note(Problem::ended(&failure));
                return Ok(Answer::default());
            }
        };
        for wrong in &answer.wrong {
            self.note_wrong(wrong.path.clone(), &wrong.message);
        }
        if let Some(failure) = &answer.failure {
            self.note(Problem::of_server(failure, is_write));
        }
        Ok(answer)
    }
}

impl Found {
    /// Moves a file to its place in the cache.
    pub fn take(&self, path: &str, to: &Path) -> Result<()> {
        files::rename(&self.dir.join(path), to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::progress::Log;
    use crate::settings::builder::Builder;
    use crate::settings::cargo::Cargo;
    use crate::settings::env;

    fn is_used(change: fn(Builder) -> Builder, variable: (&str, &str)) -> bool {
        let dir = tempfile::tempdir().unwrap();
        let app = dir.path().join("app.py");
        std::fs::write(&app, "").unwrap();
        let builder = Builder::new(&app).out_dir(dir.path().join("out"));
        let builder = change(builder.cache_dir(dir.path().join("cache")));
        let variables = [(env::REMOTE_CACHE, "http://127.0.0.1:1"), variable];
        let env = Env::from_values(variables.map(|(name, value)| (name.to_owned(), value.into())));
        let mut cargo = Cargo::default();
        let config = Config::resolve(builder, &env, &mut cargo).unwrap();
        let cache = config.open_cache(&mut cargo).unwrap();
        Remote::new(&config, &env, &cache, &Log::silent()).is_used()
    }

    #[test]
    fn builds_that_are_not_for_others_do_not_use_it() {
        let same = |builder| builder;
        assert!(is_used(same, (env::LOCKED, "1")));
        assert!(!is_used(same, (env::OFFLINE, "1")));
        assert!(!is_used(same, (env::VERIFY, "never")));
        assert!(!is_used(same, (env::REMOTE_CACHE, "")));
        assert!(!is_used(|builder| builder.benchmark(3), (env::LOCKED, "1")));
        assert!(!is_used(|builder| builder.trace_network(true), (env::LOCKED, "1")));
    }
}
