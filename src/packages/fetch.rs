//! Finds archives by name and SHA-256: in the folders of `find_links`, the cache and the runtime's own
//! folder. Downloads missing wheels of the Pyodide distribution.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;
use crate::base::progress::Progress;
use crate::cache::bucket::Bucket;
use crate::cache::{Cache, lock};
use crate::engine::node::NodeEngine;
use crate::engine::request::Cause;
use crate::engine::scripts::Script;
use crate::engine::tools::Node;
use crate::engine::{Engine, Failure, Limit, Task};
use crate::packages::find;
use crate::packages::wheel::{Source, Wheel};
use crate::pyodide::runtime::Runtime;
use crate::pyodide::session::Session;
use crate::settings::env::{self, Env};
use crate::settings::requirement::Name;

/// The number of simultaneous downloads.
const PARALLEL: usize = 8;
/// The number of successive attempts without a new byte.
const TRIES: u32 = 4;
/// The pause before the second attempt; it doubles before each further one.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest pause that a server may request.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A connection without data for this time is closed.
const IDLE: Duration = Duration::from_secs(30);
/// The limit for all downloads together. Partial downloads stay in the cache.
const LIMIT: Duration = Duration::from_secs(2 * 60 * 60);
const REDIRECTS: u32 = 5;
/// The largest wheels of the distribution are a twentieth of this size.
const LARGEST_BYTES: u64 = 1 << 30;

/// The job of `fetch.mjs`.
#[derive(Serialize)]
struct FetchJob<'a> {
    base: &'a str,
    files: Vec<FetchFile<'a>>,
    #[serde(rename = "userAgent")]
    user_agent: &'a str,
    parallel: usize,
    tries: u32,
    #[serde(rename = "pauseMs")]
    pause: u128,
    #[serde(rename = "waitMs")]
    wait: u128,
    #[serde(rename = "idleMs")]
    idle: u128,
    redirects: u32,
    bytes: u64,
    result: PathBuf,
}

impl<'a> FetchJob<'a> {
    fn new(base: &'a str, files: Vec<FetchFile<'a>>, result: PathBuf) -> Self {
        Self {
            base,
            files,
            user_agent: concat!("pyodide-pack/", env!("CARGO_PKG_VERSION")),
            parallel: PARALLEL,
            tries: TRIES,
            pause: PAUSE.as_millis(),
            wait: LONGEST_WAIT.as_millis(),
            idle: IDLE.as_millis(),
            redirects: REDIRECTS,
            bytes: LARGEST_BYTES,
            result,
        }
    }
}

#[derive(Serialize)]
struct FetchFile<'a> {
    name: &'a str,
    path: PathBuf,
    sha256: &'a str,
}

/// The result of `fetch.mjs` for each file.
#[derive(Deserialize)]
struct FetchOutcome {
    url: String,
    failure: Option<FetchFailure>,
}

#[derive(Deserialize)]
struct FetchFailure {
    message: String,
    cause: Cause,
}

/// Returns what to do about a failed download.
fn hint(cause: Cause, runtime: &Runtime) -> String {
    let (variable, version) = (env::PACKAGE_BASE_URL, &runtime.version);
    let mirror =
        format!("{variable}, if set, must name a mirror of the wheels of Pyodide {version}");
    let general = cause.hint().unwrap_or_default();
    match cause {
        Cause::Network => format!("{general}; the next build continues with what came"),
        Cause::Status => mirror,
        Cause::Content => format!("the server sent a different file; {mirror}"),
        Cause::Certificate | Cause::Proxy | Cause::Disk => general.to_owned(),
    }
}

/// Returns the archives of pinned wheels, in their order. Missing wheels of the distribution are downloaded
/// into the cache, all together. Without missing wheels, neither Node nor the network is used.
pub(crate) fn locate_all(wheels: &[Wheel], session: Session) -> Result<Vec<PathBuf>> {
    let missing = find::missing(wheels, session)?;
    let offline = session.config.offline;
    if missing.iter().any(|missing| offline || missing.wheel.source == Source::Index) {
        return Err(find::not_found(&missing, session));
    }
    if !missing.is_empty() {
        let wheels: Vec<_> = missing.into_iter().map(|missing| missing.wheel.clone()).collect();
        fetch(&wheels, session)?;
    }
    wheels.iter().map(|wheel| find::find(wheel, session)).collect()
}

/// Downloads wheels of the distribution into the cache, each in one process at a time.
fn fetch(wheels: &[Wheel], session: Session) -> Result<()> {
    let Session { runtime, env, cache, progress, .. } = session;
    let base = base_url(env, runtime)?;
    check_digests(wheels, runtime)?;
    let _locks = lock(wheels, cache, progress)?;
    // Another build may have downloaded some while this one waited for the locks.
    let still = find::missing(wheels, session)?.into_iter();
    let still = still.map(|missing| (find::cached(missing.wheel, cache), missing.wheel));
    let wheels: BTreeMap<_, _> = still.collect();
    if wheels.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = wheels.values().map(|wheel| wheel.file_name.as_str()).collect();
    progress.started(&format!("download {} wheels: {}", names.len(), names.join(", ")));
    let node = Node::find(env)?;
    let work = cache.work_dir()?;
    // The environment names proxies and certificates.
    let engine = NodeEngine::new(&node, work.path(), true)?;
    let files = wheels.iter().map(|(path, wheel)| FetchFile {
        // As in Pyodide itself, a lock file may name a complete address.
        name: match runtime.lock.get(&Name::new(&wheel.name)) {
            Some(package) if package.file_name.contains("://") => &package.file_name,
            _ => &wheel.file_name,
        },
        path: path.clone(),
        sha256: &wheel.sha256,
    });
    let result = (&engine as &dyn Engine).result_path("fetch");
    let job = FetchJob::new(&base, files.collect(), result);
    let outcomes = run(&engine, &job, progress)?;
    let failed = wheels.values().zip(outcomes);
    let failed: Vec<_> = failed.filter_map(|(w, o)| Some((*w, o.url, o.failure?))).collect();
    if failed.is_empty() { Ok(()) } else { Err(not_fetched(&failed, runtime)) }
}

/// Refuses a wheel without a checksum to compare.
fn check_digests(wheels: &[Wheel], runtime: &Runtime) -> Result<()> {
    let valid = |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let Some(wheel) = wheels.iter().find(|wheel| !valid(&wheel.sha256)) else { return Ok(()) };
    let what = format!("{} has no valid SHA-256 in the lock file", wheel.file_name);
    Err(Error::new(ErrorKind::Resolve, what)
        .at(runtime.dir.join("pyodide-lock.json").display())
        .hint(find::put_into_find_links(runtime)))
}

/// Returns the address of the distribution's files.
fn base_url(env: &Env, runtime: &Runtime) -> Result<String> {
    let Some(set) = env.own(env::PACKAGE_BASE_URL) else {
        return runtime.package_base_url().ok_or_else(|| {
            Error::new(ErrorKind::Runtime, "the runtime names no address for its packages")
                .at(runtime.dir.join("pyodide.mjs").display())
                .hint(format!("set {} to the address of a mirror", env::PACKAGE_BASE_URL))
                .hint(find::put_into_find_links(runtime))
        });
    };
    let set = set.to_string_lossy().into_owned();
    if set.starts_with("https://") || set.starts_with("http://") {
        return Ok(set);
    }
    // The value is not shown: it may contain credentials.
    Err(Error::new(ErrorKind::Config, format!("{} is not an address", env::PACKAGE_BASE_URL))
        .at("the environment")
        .because("it starts with neither https:// nor http://")
        .hint("for a folder on this machine, use Builder::find_links"))
}

/// Locks each wheel. All processes lock in the same order, so there is no deadlock.
fn lock(wheels: &[Wheel], cache: &Cache, progress: &dyn Progress) -> Result<Vec<File>> {
    let wheels: BTreeMap<_, _> = wheels.iter().map(|wheel| (&wheel.sha256, wheel)).collect();
    let bucket = cache.bucket(Bucket::Wheels);
    files::create_dir_all(&bucket)?;
    let mut waited = false;
    let lock = |(sha256, wheel): (&String, &Wheel)| {
        let path = bucket.join(format!("{sha256}.lock"));
        lock::lock(&path, || {
            if !std::mem::replace(&mut waited, true) {
                let what = format!("waiting for another build that fetches {}", wheel.file_name);
                progress.started(&what);
            }
        })
    };
    wheels.into_iter().map(lock).collect()
}

/// Runs `fetch.mjs` and relays its messages while it runs.
fn run(engine: &NodeEngine, job: &FetchJob, progress: &dyn Progress) -> Result<Vec<FetchOutcome>> {
    let task = Task { script: Script::Fetch, name: "fetch", limit: Limit::Total(LIMIT) };
    let said = engine.stderr_path(task.name);
    let mut heard = 0;
    let mut listen = || {
        let lines = fs::read_to_string(&said).unwrap_or_default();
        let whole = lines.rfind('\n').map_or(0, |end| end + 1);
        for line in lines.get(heard..whole).unwrap_or_default().lines() {
            progress.started(line);
        }
        heard = whole;
    };
    let result = std::thread::scope(|scope| {
        let running = scope.spawn(|| (engine as &dyn Engine).run(task, job));
        while !running.is_finished() {
            listen();
            std::thread::sleep(Duration::from_millis(20));
        }
        running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    listen();
    result?.map_err(|failure| match failure {
        Failure::Timeout(limit, _) => {
            Error::new(ErrorKind::Resolve, "the distribution's wheels could not be fetched in time")
                .because(format!("they took more than {} minutes", limit.as_secs() / 60))
                .hint("build again: partial downloads are continued")
        }
        Failure::Ended(ref status, _) => {
            Error::new(ErrorKind::Resolve, "the distribution's wheels could not be fetched")
                .because(format!("Node.js ended early: {status}"))
                .because(failure.stderr())
        }
    })
}

fn not_fetched(failed: &[(&Wheel, String, FetchFailure)], runtime: &Runtime) -> Error {
    let what = match failed {
        [(wheel, ..)] => format!("{} was not found, and could not be fetched", wheel.file_name),
        _ => format!("{} archives were not found, and could not be fetched", failed.len()),
    };
    let urls: Vec<_> = failed.iter().map(|(_, url, _)| url.as_str()).collect();
    let mut error = Error::new(ErrorKind::Resolve, what).at(urls.join("\n    "));
    for (wheel, _, FetchFailure { message, .. }) in failed {
        error = error.because(format!("{}: {message}", wheel.file_name));
    }
    for cause in Cause::ALL {
        if failed.iter().any(|(.., failed)| failed.cause == cause) {
            error = error.hint(hint(cause, runtime));
        }
    }
    error.hint(find::put_into_find_links(runtime))
}

#[test]
fn jobs_and_results_are_as_they_are_described() {
    use crate::engine::border::{check, sample};
    let file = FetchFile { name: "a.whl", path: PathBuf::from("a.whl"), sha256: "00" };
    let job = FetchJob::new("https://example.org/", vec![file], PathBuf::from("result"));
    check("FetchJob", &serde_json::from_str(&serde_json::to_string(&job).unwrap()).unwrap());
    assert!(serde_json::from_value::<FetchOutcome>(sample("FetchOutcome")).is_ok());
}
