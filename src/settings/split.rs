//! Whether WebAssembly modules are split, for [`Builder::split`](crate::Builder::split).

use crate::settings::env::Env;
use crate::settings::lazy::Lazy;

/// Whether the functions of Pyodide's core and of side modules that the app does not run are fetched on demand, like
/// its lazy files.
///
/// A page then waits for less: of the 2.8 MB of the core, with Brotli, an app that only uses the standard library
/// runs 1.6 MB. The other functions are in chunks. `loadBundle` fetches the chunks while the browser is idle, and a
/// chunk that is needed before that at once. Plain `loadPyodide` uses whole modules. `docs/split.md` has the details.
///
/// ```no_run
/// # fn main() -> pyodide_pack::Result<()> {
/// use pyodide_pack::{Builder, Split};
/// Builder::new("python").split(Split::Never).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Split {
    /// [`Always`](Self::Always) in release builds, [`Never`](Self::Never) in others.
    #[default]
    Auto,
    /// Splits modules if the build is verified, and lazy files are fetched on demand.
    Always,
    /// Keeps modules whole.
    Never,
}

impl Split {
    /// Returns whether a verified build splits modules.
    pub(crate) fn is_wanted(self, lazy: Lazy, env: &Env) -> bool {
        let wanted = match self {
            Self::Always => true,
            Self::Never => false,
            // Cargo sets `release` or `debug`, also for profiles that inherit from these.
            Self::Auto => env.foreign("PROFILE").is_some_and(|name| name == "release"),
        };
        wanted && lazy == Lazy::OnDemand
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn release_builds_with_lazy_files_on_demand_are_split() {
        let env = |profile: &str| Env::from_values([("PROFILE".to_owned(), profile.into())]);
        let (debug, release) = (env("debug"), env("release"));
        assert!(Split::Auto.is_wanted(Lazy::OnDemand, &release));
        assert!(!Split::Auto.is_wanted(Lazy::OnDemand, &debug));
        assert!(!Split::Auto.is_wanted(Lazy::OnDemand, &Env::from_values([])));
        assert!(Split::Always.is_wanted(Lazy::OnDemand, &debug));
        assert!(!Split::Never.is_wanted(Lazy::OnDemand, &release));
        for lazy in [Lazy::Embedded, Lazy::Omit] {
            assert!(!Split::Always.is_wanted(lazy, &release), "{lazy:?}: nothing is fetched");
        }
    }
}
