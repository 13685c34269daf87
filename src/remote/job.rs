//! The job of `remote.mjs` and its result.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::engine::request::Cause;
use crate::remote::entry::{Entry, UploadFile};

/// The number of simultaneous requests.
const PARALLEL: usize = 8;
const CONNECT: Duration = Duration::from_secs(5);
/// The longest time without a byte.
const IDLE: Duration = Duration::from_secs(10);
const REDIRECTS: u32 = 5;
const LARGEST_BYTES: u64 = 1 << 30;

#[derive(Serialize)]
pub(super) struct Job {
    pub reads: Vec<Read>,
    pub writes: Vec<Write>,
    /// Paths on the server whose content is wrong.
    pub wrong: Vec<String>,
    #[serde(rename = "userAgent")]
    user_agent: &'static str,
    parallel: usize,
    #[serde(rename = "connectMs")]
    connect: u128,
    #[serde(rename = "idleMs")]
    idle: u128,
    #[serde(rename = "totalMs")]
    total: u128,
    redirects: u32,
    bytes: u64,
    pub result: PathBuf,
}

impl Job {
    /// Returns a job without work.
    pub fn new(total: Duration) -> Self {
        Self {
            reads: Vec::new(),
            writes: Vec::new(),
            wrong: Vec::new(),
            user_agent: concat!("pyodide-pack/", env!("CARGO_PKG_VERSION")),
            parallel: PARALLEL,
            connect: CONNECT.as_millis(),
            idle: IDLE.as_millis(),
            total: total.as_millis(),
            redirects: REDIRECTS,
            bytes: LARGEST_BYTES,
            result: PathBuf::new(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Read {
    key: Entry,
    folder: PathBuf,
}

impl Read {
    pub fn new(entry: &Entry, folder: PathBuf) -> Self {
        Self { key: entry.clone(), folder }
    }
}

#[derive(Serialize)]
pub(super) struct Write {
    key: Entry,
    files: Vec<UploadFile>,
}

impl Write {
    pub fn new(entry: &Entry, files: Vec<UploadFile>) -> Self {
        Self { key: entry.clone(), files }
    }
}

/// A file of an entry, whose content has this digest.
#[derive(Deserialize)]
pub(crate) struct RemoteFile {
    /// Relative to the entry's folder, which it does not leave.
    pub path: String,
    pub sha256: String,
    pub bytes: u64,
}

#[derive(Deserialize, Default)]
pub(super) struct Answer {
    pub found: Vec<Option<Vec<RemoteFile>>>,
    pub written: u64,
    pub wrong: Vec<Wrong>,
    pub failure: Option<ServerFailure>,
}

#[derive(Deserialize)]
pub(super) struct Wrong {
    pub path: String,
    pub message: String,
}

#[derive(Deserialize)]
pub(super) struct ServerFailure {
    pub message: String,
    /// The status of the response; 0 without a response.
    pub status: u16,
    pub cause: Cause,
}

#[test]
fn jobs_and_results_are_as_they_are_described() {
    use crate::engine::border::{check, sample};
    let entry = Entry::new("x", "y");
    let source = UploadFile { path: "a".into(), source: PathBuf::from("b"), skip: 9 };
    let (reads, writes) =
        (vec![Read::new(&entry, PathBuf::from("c"))], vec![Write::new(&entry, vec![source])]);
    let job = Job { reads, writes, wrong: vec![entry.path()], ..Job::new(IDLE) };
    check("RemoteJob", &serde_json::from_str(&serde_json::to_string(&job).unwrap()).unwrap());
    assert!(serde_json::from_value::<Answer>(sample("RemoteAnswer")).is_ok());
    assert!(serde_json::from_value::<ServerFailure>(sample("RemoteFailure")).is_ok());
}
