//! Requirements that pip can't satisfy, explained for Pyodide.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::pyodide::session::Session;
use crate::settings::requirement::Name;

/// The result of `pip_driver.py` when pip finds nothing.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct PipFailure {
    conflicts: Vec<PipConflict>,
}

#[derive(Serialize, Deserialize)]
struct PipConflict {
    name: String,
    requirement: String,
    parent: String,
    excludes: bool,
    version: String,
    wheels: Vec<String>,
    python: String,
}

/// What pip does not know: a cause, and what to do about it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reason {
    pub cause: String,
    pub hint: String,
}

impl PipFailure {
    pub fn reasons(&self, session: Session) -> BTreeSet<Reason> {
        let excluded = self.conflicts.iter().filter_map(|conflict| conflict.excluded(session));
        let unusable = self.conflicts.iter().filter_map(|conflict| conflict.unusable(session));
        excluded.chain(unusable).collect()
    }
}

impl PipConflict {
    /// Explains that the requirement excludes the distribution's version.
    fn excluded(&self, session: Session) -> Option<Reason> {
        let Session { config, runtime, .. } = session;
        let Self { name, requirement, parent, excludes, .. } = self;
        let package = runtime.lock.get(&Name::new(name)).filter(|_| *excludes)?;
        let stated = config.requires.iter().find(|r| parent.is_empty() && r.text == *requirement);
        let by = stated.map_or(parent, |stated| &stated.origin);
        let requirement = stated.map_or(requirement, |stated| &stated.written);
        let (version, pyodide) = (&package.version, &runtime.version);
        Some(Reason {
            cause: format!(
                "{requirement} of {by} excludes {name} {version}, the version of Pyodide {pyodide}"
            ),
            hint: format!("allow {name} {version}"),
        })
    }

    /// Explains why Pyodide can install no file of the newest version.
    fn unusable(&self, session: Session) -> Option<Reason> {
        let Self { name, version, wheels, python, .. } = self;
        let runtime = session.runtime;
        let (pyodide, lock) = (&runtime.version, &runtime.lock);
        let reason = |cause, hint| Some(Reason { cause, hint });
        if version.is_empty() {
            None
        } else if !python.is_empty() {
            let (major, minor) = runtime.python;
            reason(
                format!(
                    "{name} {version} needs Python {python}, and Pyodide {pyodide} has {}",
                    lock.info.python
                ),
                format!("require a version of {name} that supports Python {major}.{minor}"),
            )
        } else if wheels.is_empty() {
            reason(
                format!("{name} {version} is a source distribution only, and has no wheel"),
                format!(
                    "make a wheel, and add .find_links(\"wheels\") to build.rs:\n\
                     pip wheel --no-deps {name}=={version} --wheel-dir wheels"
                ),
            )
        } else {
            let usable = lock.platform_tags();
            let platforms: BTreeSet<_> =
                wheels.iter().flat_map(|w| platforms(w, &usable)).collect();
            let platforms = platforms.into_iter().collect::<Vec<_>>().join(", ");
            reason(
                format!(
                    "{name} {version} has no wheel for Pyodide {pyodide}; its wheels are for {platforms}"
                ),
                format!(
                    "require another version of {name}, or build a wheel with pyodide-build and put it into a \
                     folder of Builder::find_links"
                ),
            )
        }
    }
}

/// Families of platforms: the start of their tags, their name, and whether a version follows that matters
/// less than the processor.
const FAMILIES: [(&str, &str, bool); 11] = [
    ("manylinux", "manylinux", true),
    ("musllinux", "musllinux", true),
    ("linux", "Linux", true),
    ("macosx", "macOS", true),
    ("win32", "Windows x86", false),
    ("win", "Windows", false),
    ("ios", "iOS", true),
    ("android", "Android", true),
    ("pyodide", "Pyodide", false),
    ("pyemscripten", "Pyodide", false),
    ("emscripten", "Emscripten", false),
];

/// Returns what a wheel is for, in words: `macOS arm64`, or `Python 3.13` where the platform would do.
fn platforms(wheel: &str, usable: &[String]) -> Vec<String> {
    let mut tags = wheel.trim_end_matches(".whl").rsplit('-');
    let (platforms, _, pythons) = (tags.next(), tags.next(), tags.next());
    let platform = |tag: &str| {
        let family = FAMILIES.iter().find(|(start, ..)| tag.starts_with(start));
        let Some((start, title, versioned)) = family else { return tag.to_owned() };
        let rest = tag[start.len()..].trim_start_matches('_');
        let versions = |c: char| *versioned && (c.is_ascii_digit() || c == '_');
        let rest = rest.trim_start_matches(versions).trim_end_matches("_wasm32");
        format!("{title} {rest}").trim_end().to_owned()
    };
    let python = |tag: &str| {
        let digits = tag.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let (major, minor) = digits.split_at_checked(1).unwrap_or((digits, ""));
        let dot = if minor.is_empty() { "" } else { "." };
        format!("Python {major}{dot}{minor}")
    };
    let platforms: Vec<_> = platforms.into_iter().flat_map(|tags| tags.split('.')).collect();
    if platforms.iter().any(|tag| *tag == "any" || usable.iter().any(|usable| usable == tag)) {
        return pythons.into_iter().flat_map(|tags| tags.split('.')).map(python).collect();
    }
    platforms.into_iter().map(platform).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_as_it_is_described() {
        let sample = crate::engine::border::sample("PipFailure");
        let failure: PipFailure = serde_json::from_value(sample.clone()).unwrap();
        assert_eq!(serde_json::to_value(failure).unwrap(), sample);
    }

    #[test]
    fn platforms_are_words() {
        let usable = ["pyodide_2026_0_wasm32".to_owned()];
        for (tags, words) in [
            (
                "cp314-cp314-manylinux_2_17_x86_64.manylinux2014_x86_64",
                "manylinux x86_64, manylinux x86_64",
            ),
            ("cp314-cp314-musllinux_1_2_aarch64", "musllinux aarch64"),
            ("cp39-abi3-macosx_10_9_universal2", "macOS universal2"),
            ("cp314-cp314-win32", "Windows x86"),
            ("cp314-cp314-win_amd64", "Windows amd64"),
            ("cp313-cp313-pyodide_2025_0_wasm32", "Pyodide 2025_0"),
            ("cp313-cp313-pyodide_2026_0_wasm32", "Python 3.13"),
            ("py2-none-any", "Python 2"),
            ("pp310.cp310-none-any", "Python 3.10, Python 3.10"),
            ("py3-none-plan9", "plan9"),
        ] {
            assert_eq!(platforms(&format!("x-1.0-{tags}.whl"), &usable).join(", "), words);
        }
    }
}
