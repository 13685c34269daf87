//! What went wrong with the shared cache, as one warning.

use crate::engine::Failure;
use crate::remote::job::{Cause, ServerFailure};
use crate::settings::env;

/// The largest number of problems in the warning.
const SHOWN: usize = 3;

pub(super) struct Problem {
    text: String,
    /// Whether the server is not used further.
    pub closes: bool,
}

impl Problem {
    /// The server has something, but not what it should be.
    pub fn wrong(path: &str, why: &str) -> Self {
        Self { text: format!("{path} was ignored: {why}"), closes: false }
    }

    pub fn of_server(failure: &ServerFailure, is_write: bool) -> Self {
        let ServerFailure { message, status, cause } = failure;
        let hint = match (*status, *cause) {
            (401, _) => format!("set {} to a valid token", env::REMOTE_CACHE_TOKEN),
            (403 | 405, _) if is_write => {
                format!("allow PUT on the server, or unset {}", env::REMOTE_CACHE_WRITE)
            }
            (403, _) => format!("check {}", env::REMOTE_CACHE_TOKEN),
            (413, _) => "allow larger bodies on the server (nginx: client_max_body_size 0)".into(),
            (500.., _) => "check the server's log and disk".into(),
            (_, Cause::Certificate) => {
                "set NODE_EXTRA_CA_CERTS to a file with the certificates of your network".into()
            }
            (_, Cause::Proxy) => "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY".into(),
            (_, Cause::Disk) => "check the local cache's disk and permissions".into(),
            _ => format!("check the server, or unset {}", env::REMOTE_CACHE),
        };
        Self { text: format!("{message} ({hint})"), closes: true }
    }

    /// The script returned nothing.
    pub fn ended(failure: &Failure) -> Self {
        let text = match failure {
            Failure::Timeout(limit, _) => format!("it took more than {} s", limit.as_secs()),
            Failure::Ended(status, _) => {
                format!("Node.js ended early: {status}: {}", failure.stderr().replace('\n', " "))
            }
        };
        Self { text, closes: true }
    }

    /// The build itself could not use the server.
    pub fn of_build(error: &str) -> Self {
        let lines: Vec<_> = error.lines().map(str::trim).collect();
        Self { text: lines.join(", "), closes: true }
    }
}

/// Returns one line about all problems.
pub(super) fn warning(address: &str, problems: &[Problem]) -> Option<String> {
    if problems.is_empty() {
        return None;
    }
    let mut texts: Vec<_> =
        problems.iter().take(SHOWN).map(|problem| problem.text.clone()).collect();
    if let Some(more @ 1..) = problems.len().checked_sub(SHOWN) {
        texts.push(format!("and {more} more"));
    }
    let texts = texts.join("; ");
    Some(format!("the build went on without the shared cache at {address}: {texts}"))
}
