//! What went wrong with the shared cache, as one warning.

use crate::engine::Failure;
use crate::remote::job::ServerFailure;
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
            (_, cause) => match cause.hint() {
                Some(hint) => format!("{hint}, or unset {}", env::REMOTE_CACHE),
                None => format!("check the server, or unset {}", env::REMOTE_CACHE),
            },
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::request::Cause;

    fn text(status: u16, cause: Cause, is_write: bool) -> String {
        let failure = ServerFailure { message: "PUT cas/00: it failed".into(), status, cause };
        warning("http://c", &[Problem::of_server(&failure, is_write)]).unwrap()
    }

    #[test]
    fn every_failure_has_a_remedy() {
        for (status, is_write, remedy) in [
            (401, false, "PYODIDE_PACK_REMOTE_CACHE_TOKEN"),
            (403, false, "PYODIDE_PACK_REMOTE_CACHE_TOKEN"),
            (403, true, "unset PYODIDE_PACK_REMOTE_CACHE_WRITE"),
            (405, true, "unset PYODIDE_PACK_REMOTE_CACHE_WRITE"),
            (413, true, "client_max_body_size 0"),
            (507, true, "disk"),
        ] {
            let text = text(status, Cause::Status, is_write);
            let start =
                "the build went on without the shared cache at http://c: PUT cas/00: it failed (";
            assert!(text.starts_with(start) && text.contains(remedy), "{text}");
        }
        assert!(text(0, Cause::Certificate, false).contains("NODE_EXTRA_CA_CERTS"));
        assert!(text(407, Cause::Proxy, false).contains("HTTPS_PROXY"));
        assert!(text(0, Cause::Network, false).contains("unset PYODIDE_PACK_REMOTE_CACHE"));
    }

    #[test]
    fn there_is_one_line_for_all() {
        assert_eq!(warning("x", &[]), None);
        let problems: Vec<_> = (0..5).map(|n| Problem::wrong(&format!("cas/{n}"), "why")).collect();
        let text = warning("x", &problems).unwrap();
        assert!(
            text.ends_with("cas/1 was ignored: why; cas/2 was ignored: why; and 2 more"),
            "{text}"
        );
        assert!(!text.contains('\n'));
    }
}
