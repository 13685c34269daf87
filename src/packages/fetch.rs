//! Archives by name and SHA-256: the folders of `find_links`, the cache, the runtime's own folder,
//! and for wheels of the Pyodide distribution the address that it is served from.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;
use crate::base::progress::Progress;
use crate::cache::bucket::Bucket;
use crate::cache::{Cache, lock};
use crate::engine::Failure;
use crate::engine::node::Runner;
use crate::engine::tools::Node;
use crate::packages::wheel::{Source, Wheel};
use crate::pyodide::runtime::Runtime;
use crate::settings::config::Config;
use crate::settings::env::{self, Env};
use crate::settings::requirement::Name;

/// Files that are fetched at the same time.
const PARALLEL: usize = 8;
/// How often a file is tried in a row without a new byte.
const TRIES: u32 = 4;
/// Before the second try; twice as long before each further one.
const PAUSE: Duration = Duration::from_millis(500);
/// A server that asks for a longer pause is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A connection on which nothing comes for so long is given up.
const IDLE: Duration = Duration::from_secs(30);
/// Everything together; what came until then is kept.
const LIMIT: Duration = Duration::from_secs(2 * 60 * 60);
const REDIRECTS: u32 = 5;
/// The largest wheels of the distribution are a twentieth of this.
const LARGEST_BYTES: u64 = 1 << 30;

/// What `fetch.mjs` reads.
#[derive(Serialize)]
struct FetchJob<'a> {
    schema: u32,
    base: &'a str,
    files: Vec<Wanted<'a>>,
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

#[derive(Serialize)]
struct Wanted<'a> {
    name: &'a str,
    path: PathBuf,
    sha256: &'a str,
}

/// What `fetch.mjs` says of each file.
#[derive(Deserialize)]
struct Outcome {
    url: String,
    failure: Option<Failed>,
}

#[derive(Deserialize)]
struct Failed {
    message: String,
    cause: Cause,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Cause {
    Network,
    Certificate,
    Proxy,
    Status,
    Content,
    Disk,
}

impl Cause {
    const ALL: [Self; 6] =
        [Self::Network, Self::Certificate, Self::Proxy, Self::Status, Self::Content, Self::Disk];

    fn hint(self, runtime: &Runtime) -> String {
        let (variable, version) = (env::PACKAGE_BASE_URL, &runtime.version);
        let mirror = format!("{variable}, if set, must have the wheels of Pyodide {version}");
        match self {
            Self::Network => "check the network, and HTTPS_PROXY, HTTP_PROXY and NO_PROXY; the \
                              next build continues with what came"
                .into(),
            Self::Certificate => {
                "set NODE_EXTRA_CA_CERTS to a file with the certificates of your network".into()
            }
            Self::Proxy => "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY".into(),
            Self::Status => mirror,
            Self::Content => format!("what answered has another file; {mirror}"),
            Self::Disk => "check the cache's disk and permissions".into(),
        }
    }
}

/// The archives of pinned wheels, in their order. Those of the distribution that are nowhere are
/// fetched into the cache, all together; otherwise neither Node nor the network is asked.
pub(crate) fn locate_all(
    wheels: &[Wheel],
    config: &Config,
    runtime: &Runtime,
    env: &Env,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<Vec<PathBuf>> {
    let missing = missing_of(wheels, config, runtime, cache)?;
    if missing.iter().any(|missing| config.offline || missing.wheel.source == Source::Index) {
        return Err(not_found(&missing, config, runtime, cache));
    }
    if !missing.is_empty() {
        let wheels: Vec<_> = missing.into_iter().map(|missing| missing.wheel.clone()).collect();
        fetch(&wheels, config, runtime, env, cache, progress)?;
    }
    wheels.iter().map(|wheel| locate(wheel, config, runtime, cache)).collect()
}

/// Finds the archive of a pinned wheel where it is; its SHA-256 is always checked.
fn locate(wheel: &Wheel, config: &Config, runtime: &Runtime, cache: &Cache) -> Result<PathBuf> {
    look_for(wheel, config, runtime, cache)?
        .map_err(|missing| not_found(&[missing], config, runtime, cache))
}

/// A wheel that is nowhere.
struct Missing<'a> {
    wheel: &'a Wheel,
    /// Files of its name, with what is wrong with them.
    differing: Vec<String>,
}

fn missing_of<'a>(
    wheels: &'a [Wheel],
    config: &Config,
    runtime: &Runtime,
    cache: &Cache,
) -> Result<Vec<Missing<'a>>> {
    let mut missing = Vec::new();
    for wheel in wheels {
        missing.extend(look_for(wheel, config, runtime, cache)?.err());
    }
    Ok(missing)
}

fn look_for<'a>(
    wheel: &'a Wheel,
    config: &Config,
    runtime: &Runtime,
    cache: &Cache,
) -> Result<Result<PathBuf, Missing<'a>>> {
    let given = config.find_links.iter().map(|dir| dir.join(&wheel.file_name));
    let own = runtime.dir.join(&wheel.file_name);
    let mut differing = Vec::new();
    for place in given.chain([cached(wheel, cache), own]).filter(|place| place.is_file()) {
        let found = cache.sha256_of(&place)?;
        if found == wheel.sha256 {
            return Ok(Ok(place));
        }
        differing.push(format!("{} has the SHA-256 {found}", place.display()));
    }
    Ok(Err(Missing { wheel, differing }))
}

fn not_found(missing: &[Missing], config: &Config, runtime: &Runtime, cache: &Cache) -> Error {
    let what = match missing {
        [one] => format!("{} was not found", one.wheel.file_name),
        _ => format!("{} archives were not found", missing.len()),
    };
    let folders = config.find_links.iter().chain([&runtime.dir]);
    let mut folders: Vec<_> = folders.map(|dir| dir.display().to_string()).collect();
    folders.insert(config.find_links.len(), cache.bucket(Bucket::Wheels).display().to_string());
    let mut error = Error::new(ErrorKind::Resolve, what).at(folders.join("\n    "));
    for Missing { wheel, differing } in missing {
        error = error.because(wanted(wheel));
        error = differing.iter().fold(error, Error::because);
    }
    if config.offline {
        error = error.because("the build is offline").hint("build once online");
    }
    error.hint(put_into_find_links(runtime))
}

fn wanted(wheel: &Wheel) -> String {
    format!("{} with the SHA-256 {} is needed", wheel.file_name, wheel.sha256)
}

fn put_into_find_links(runtime: &Runtime) -> String {
    format!(
        "put what is missing into a folder of Builder::find_links, or use Builder::pyodide_dir \
         with a full distribution of Pyodide {}",
        runtime.version
    )
}

/// Where the cache keeps a fetched wheel.
fn cached(wheel: &Wheel, cache: &Cache) -> PathBuf {
    cache.bucket(Bucket::Wheels).join(&wheel.sha256).join(&wheel.file_name)
}

pub(crate) fn is_cached(wheel: &Wheel, cache: &Cache) -> bool {
    cached(wheel, cache).is_file()
}

/// Takes a freshly fetched wheel over, and returns its SHA-256.
pub(crate) fn store(path: &Path, cache: &Cache) -> Result<String> {
    let bytes = files::read(path)?;
    let sha256 = files::sha256_hex(&bytes);
    let name = path.file_name().unwrap_or_default();
    let place = cache.bucket(Bucket::Wheels).join(&sha256).join(name);
    if fs::read(&place).is_ok_and(|old| old == bytes) {
        return Ok(sha256);
    }
    files::write_atomic(&place, &bytes)?;
    Ok(sha256)
}

/// Fetches wheels of the distribution into the cache, each by one process at a time.
fn fetch(
    wheels: &[Wheel],
    config: &Config,
    runtime: &Runtime,
    env: &Env,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<()> {
    let base = base_url(env, runtime)?;
    for wheel in wheels {
        if wheel.sha256.len() != 64 || !wheel.sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
            let what = format!("{} has no valid SHA-256 in the lock file", wheel.file_name);
            return Err(Error::new(ErrorKind::Resolve, what)
                .at(runtime.dir.join("pyodide-lock.json").display())
                .hint(put_into_find_links(runtime)));
        }
    }
    let _locks = lock(wheels, cache, progress)?;
    // Another build may have fetched some while this one waited for the locks.
    let still = missing_of(wheels, config, runtime, cache)?;
    let wheels: BTreeMap<_, _> =
        still.into_iter().map(|missing| (cached(missing.wheel, cache), missing.wheel)).collect();
    if wheels.is_empty() {
        return Ok(());
    }
    let node = Node::find(env)?;
    let work = cache.work_dir()?;
    // The environment tells of proxies and certificates.
    let runner = Runner::new(&node, work.path(), true)?;
    let files = wheels.iter().map(|(path, wheel)| Wanted {
        // As in Pyodide itself, a lock file may name a whole address.
        name: match runtime.distribution.get(&Name::new(&wheel.name)) {
            Some(package) if package.file_name.contains("://") => &package.file_name,
            _ => &wheel.file_name,
        },
        path: path.clone(),
        sha256: &wheel.sha256,
    });
    let job = FetchJob {
        schema: 1,
        base: &base,
        files: files.collect(),
        user_agent: concat!("pyodide-pack/", env!("CARGO_PKG_VERSION")),
        parallel: PARALLEL,
        tries: TRIES,
        pause: PAUSE.as_millis(),
        wait: LONGEST_WAIT.as_millis(),
        idle: IDLE.as_millis(),
        redirects: REDIRECTS,
        bytes: LARGEST_BYTES,
        result: runner.result_path("fetch"),
    };
    let outcomes = run(&runner, &job, progress)?;
    let failed = wheels.values().zip(outcomes);
    let failed: Vec<_> = failed.filter_map(|(w, o)| Some((*w, o.url, o.failure?))).collect();
    if failed.is_empty() { Ok(()) } else { Err(not_fetched(&failed, runtime)) }
}

/// Where the distribution's files are.
fn base_url(env: &Env, runtime: &Runtime) -> Result<String> {
    let Some(set) = env.own(env::PACKAGE_BASE_URL) else {
        return runtime.package_base_url().ok_or_else(|| {
            Error::new(ErrorKind::Runtime, "the runtime tells no address of its packages")
                .at(runtime.dir.join("pyodide.mjs").display())
                .hint(format!("set {} to the address of a mirror", env::PACKAGE_BASE_URL))
                .hint(put_into_find_links(runtime))
        });
    };
    let set = set.to_string_lossy().into_owned();
    if set.starts_with("https://") || set.starts_with("http://") {
        return Ok(set);
    }
    // What it says is not shown: it may have credentials.
    Err(Error::new(ErrorKind::Config, format!("{} is no address", env::PACKAGE_BASE_URL))
        .at("the environment")
        .because("it starts with neither https:// nor http://")
        .hint("for a folder on this machine, use Builder::find_links"))
}

/// Locks each wheel; everybody in the same order, so that nobody waits for each other.
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

/// Runs `fetch.mjs` and says what it says while it runs.
fn run(runner: &Runner, job: &FetchJob, progress: &dyn Progress) -> Result<Vec<Outcome>> {
    let said = runner.work.join("fetch.stderr.txt");
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
        let running = scope.spawn(|| runner.run("fetch.mjs", "fetch", job, LIMIT));
        while !running.is_finished() {
            listen();
            std::thread::sleep(Duration::from_millis(20));
        }
        running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    listen();
    result.map_err(|failure| match failure {
        Failure::Other(error) => error,
        Failure::Timeout(limit, _) => {
            Error::new(ErrorKind::Resolve, "the distribution's wheels could not be fetched in time")
                .because(format!("they took more than {} minutes", limit.as_secs() / 60))
                .hint("build again: what was fetched is kept, and continued")
        }
        Failure::Ended(status, stderr) => {
            Error::new(ErrorKind::Resolve, "the distribution's wheels could not be fetched")
                .because(format!("Node.js ended early: {status}"))
                .because(stderr)
        }
    })
}

fn not_fetched(failed: &[(&Wheel, String, Failed)], runtime: &Runtime) -> Error {
    let what = match failed {
        [(wheel, ..)] => format!("{} was not found, and not fetched", wheel.file_name),
        _ => format!("{} archives were not found, and not fetched", failed.len()),
    };
    let urls: Vec<_> = failed.iter().map(|(_, url, _)| url.as_str()).collect();
    let mut error = Error::new(ErrorKind::Resolve, what).at(urls.join("\n    "));
    for (wheel, _, Failed { message, .. }) in failed {
        error = error.because(format!("{}: {message}", wheel.file_name));
    }
    for cause in Cause::ALL {
        if failed.iter().any(|(.., failed)| failed.cause == cause) {
            error = error.hint(cause.hint(runtime));
        }
    }
    error.hint(put_into_find_links(runtime))
}
