//! Runs scripts: a job goes in as JSON, a result comes out as JSON.

pub(crate) mod node;
pub(crate) mod scripts;
pub(crate) mod tools;

use std::path::Path;
use std::time::Duration;

use crate::base::error::{Error, ErrorKind};

/// How a script failed to give a result.
pub(crate) enum Failure {
    /// It was still running after this time.
    Timeout(Duration, String),
    /// It ended without a result: its status and the end of its standard error.
    Ended(String, String),
    /// The job or the result could not be written, started or read.
    Other(Error),
}

impl Failure {
    /// The same as [`Self::into_error`], with the place where a script failed.
    pub fn into_error_at(self, kind: ErrorKind, what: &str, place: &Path) -> Error {
        match self {
            Self::Other(error) => error,
            failed => failed.into_error(kind, what).at(place.display()),
        }
    }

    /// The error, with what the script said; `what` tells what could not be done.
    pub fn into_error(self, kind: ErrorKind, what: &str) -> Error {
        match self {
            Self::Other(error) => error,
            Self::Timeout(_, stderr) | Self::Ended(_, stderr) => {
                Error::new(kind, what).because(stderr)
            }
        }
    }
}
