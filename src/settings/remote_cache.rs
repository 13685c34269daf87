//! The shared cache that the environment names.

use serde::Serialize;

use crate::base::error::{Error, ErrorKind, Result};
use crate::settings::env::{self, Env};

/// The cache that several machines share. The script that uses it reads address and token from the environment, so
/// that credentials are in no file and in no message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct RemoteCache {
    /// The address without credentials.
    pub address: String,
    /// Whether the build writes to it.
    pub write: bool,
}

impl RemoteCache {
    pub fn of(env: &Env) -> Result<Option<Self>> {
        let write = env.unwatched_flag(env::REMOTE_CACHE_WRITE)?;
        let Some(set) = env.unwatched(env::REMOTE_CACHE) else { return Ok(None) };
        let address = without_credentials(&set).map_err(|why| {
            // The value is not shown: it may contain credentials.
            Error::new(ErrorKind::Config, format!("{} is not an address", env::REMOTE_CACHE))
                .at("the environment")
                .because(why)
                .hint("set it to an address such as https://cache.example.org/pyodide-pack, or unset it")
        })?;
        Ok(Some(Self { address, write }))
    }
}

/// Returns an address of a folder without user and password, or why it is none.
fn without_credentials(set: &str) -> Result<String, &'static str> {
    let (scheme, rest) = set.split_once("://").unwrap_or_default();
    if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return Err("it starts with neither https:// nor http://");
    }
    if rest.contains(['?', '#', ' ']) {
        return Err("it has a query, a fragment or a space");
    }
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.is_empty() || host.starts_with(':') {
        return Err("it names no host");
    }
    Ok(format!("{scheme}://{host}/{path}").trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(values: &[(&str, &str)]) -> Result<Option<RemoteCache>> {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).into()));
        RemoteCache::of(&Env::from_values(values))
    }

    #[test]
    fn credentials_are_not_shown() {
        let found = |address: &str| cache(&[(env::REMOTE_CACHE, address)]).unwrap().unwrap();
        for (set, shown) in [
            ("http://cache:8080", "http://cache:8080"),
            ("https://user:s@cret@cache.example.org/a/b/", "https://cache.example.org/a/b"),
            ("HTTP://[::1]:80/", "HTTP://[::1]:80"),
        ] {
            assert_eq!(found(set), RemoteCache { address: shown.into(), write: false });
        }
        let write = [(env::REMOTE_CACHE, "http://c"), (env::REMOTE_CACHE_WRITE, "1")];
        assert!(cache(&write).unwrap().unwrap().write);
        assert_eq!(cache(&[]).unwrap(), None);
    }

    #[test]
    fn a_wrong_address_is_an_error_with_a_hint() {
        for set in
            ["cache:8080", "ftp://secret@c/", "http://", "http://secret@/x", "http://c/?secret"]
        {
            let error = cache(&[(env::REMOTE_CACHE, set)]).unwrap_err().to_string();
            assert!(error.contains(env::REMOTE_CACHE) && error.contains("hint: "), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn no_value_goes_into_target() {
        let env = Env::from_values([(env::REMOTE_CACHE.to_owned(), "http://u:p@c".into())]);
        RemoteCache::of(&env).unwrap();
        assert_eq!(env.asked(), [""; 0]);
    }
}
