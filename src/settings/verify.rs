//! Whether a build is verified, for [`Builder::verify`](crate::Builder::verify).

use crate::base::error::{Error, ErrorKind, Result};
use crate::settings::env::{self, Env};
use crate::settings::lazy::Lazy;

/// Whether a build runs all scenarios again from the bundle before it accepts it.
///
/// A development build does not. It reuses what an earlier build of the same packages recorded, so an edit of
/// the app takes less than a second. Its bundle behaves the same, because missing files are fetched on demand,
/// but it is not the smallest.
///
/// ```no_run
/// # fn main() -> pyodide_pack::Result<()> {
/// use pyodide_pack::{Builder, Verify};
/// Builder::new("python").verify(Verify::Always).build()?; // in debug builds, too
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Verify {
    /// [`Never`](Self::Never) in debug builds, [`Always`](Self::Always) in all others. Debug builds are verified,
    /// too, if `CI=true` or `PYODIDE_PACK_LOCKED=1` is set, with [`Lazy::Omit`], and with a benchmark.
    #[default]
    Auto,
    /// Verifies every build.
    Always,
    /// Makes a development build in every profile. Its bytes depend on earlier builds.
    Never,
}

/// The settings that decide whether [`Verify::Auto`] verifies.
pub(crate) struct Conditions {
    pub lazy: Lazy,
    pub locked: bool,
    pub benchmark: bool,
}

impl Verify {
    /// Returns whether this is a development build. The variable wins over the builder's setting.
    pub(crate) fn is_development(self, conditions: &Conditions, env: &Env) -> Result<bool> {
        Ok(match from_env(env)?.unwrap_or(self) {
            Self::Always => false,
            Self::Never => true,
            // Cargo sets `release` or `debug`, also for profiles that inherit from these.
            Self::Auto => {
                let Conditions { lazy, locked, benchmark } = *conditions;
                let debug = env.foreign("PROFILE").is_some_and(|name| name == "debug");
                // A file that is omitted can't be fetched, so its absence must be found here.
                debug && !locked && !benchmark && lazy != Lazy::Omit && !env.is_ci()
            }
        })
    }
}

fn from_env(env: &Env) -> Result<Option<Verify>> {
    let Some(value) = env.own(env::VERIFY) else { return Ok(None) };
    let value = value.to_string_lossy().into_owned();
    match value.to_ascii_lowercase().as_str() {
        "auto" => Ok(Some(Verify::Auto)),
        "always" => Ok(Some(Verify::Always)),
        "never" => Ok(Some(Verify::Never)),
        _ => Err(Error::new(ErrorKind::Config, format!("{} is {value:?}", env::VERIFY))
            .at("the environment")
            .hint("set it to auto, always or never, or unset it")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_development(verify: Verify, conditions: &Conditions, values: &[(&str, &str)]) -> bool {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).into()));
        verify.is_development(conditions, &Env::from_values(values)).unwrap()
    }

    #[test]
    fn only_debug_builds_outside_of_ci_are_development_builds() {
        let plain = Conditions { lazy: Lazy::OnDemand, locked: false, benchmark: false };
        let auto = |values: &[(&str, &str)]| is_development(Verify::Auto, &plain, values);
        assert!(auto(&[("PROFILE", "debug")]));
        assert!(!auto(&[("PROFILE", "release")]));
        assert!(!auto(&[]), "outside of a build script");
        assert!(!auto(&[("PROFILE", "debug"), ("CI", "true")]));
        assert!(auto(&[("PROFILE", "debug"), ("CI", "false")]));
        for conditions in [
            Conditions { locked: true, ..plain },
            Conditions { benchmark: true, ..plain },
            Conditions { lazy: Lazy::Omit, ..plain },
        ] {
            assert!(!is_development(Verify::Auto, &conditions, &[("PROFILE", "debug")]));
            assert!(is_development(Verify::Never, &conditions, &[("PROFILE", "release")]));
        }
        assert!(!is_development(Verify::Always, &plain, &[("PROFILE", "debug")]));
    }

    #[test]
    fn the_variable_wins() {
        let plain = Conditions { lazy: Lazy::OnDemand, locked: false, benchmark: false };
        let never = [("PYODIDE_PACK_VERIFY", "never"), ("CI", "true")];
        assert!(is_development(Verify::Always, &plain, &never));
        let always = [("PYODIDE_PACK_VERIFY", "always"), ("PROFILE", "debug")];
        assert!(!is_development(Verify::Never, &plain, &always));
        let wrong = Env::from_values([("PYODIDE_PACK_VERIFY".to_owned(), "yes".into())]);
        let error = Verify::Auto.is_development(&plain, &wrong).unwrap_err().to_string();
        assert!(error.contains("PYODIDE_PACK_VERIFY") && error.contains("always"), "{error}");
    }
}
