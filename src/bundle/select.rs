//! Hot, cold or dropped: for every file of the image, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::base::error::Result;
use crate::base::paths::{LIBRARY_DIR, is_side_module};
use crate::bundle::layout::Shipped;
use crate::image::content::Contents;
use crate::image::{Image, OwnerKind};
use crate::run::record::{Phase, Trace};
use crate::run::startup::PlainLines;
use crate::settings::config::Config;
use crate::transform::wasm::dylink;

/// Why a file is where it is; the first that applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Hot: one of the app's own.
    App,
    /// Hot: opened before any scenario started.
    Boot,
    /// Hot: opened by this scenario.
    Opened(String),
    /// Hot: opened when a bundle is unpacked without the JavaScript loader.
    PlainLoader,
    /// Hot: this side module needs it.
    NeededBy(String),
    /// Hot: opened in the bundle, and not in the trace.
    Shipped,
    /// Hot: this glob of `include`.
    Include(String),
    /// Cold.
    NotOpened,
}

impl Reason {
    pub fn is_hot(&self) -> bool {
        *self != Self::NotOpened
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App => write!(f, "app"),
            Self::Boot => write!(f, "boot"),
            Self::Opened(scenario) => write!(f, "opened by {scenario}"),
            Self::PlainLoader => write!(f, "opened when unpacked without the loader"),
            Self::NeededBy(module) => write!(f, "needed by {module}"),
            Self::Shipped => write!(f, "opened in shipped form"),
            Self::Include(glob) => write!(f, "include {glob:?}"),
            Self::NotOpened => write!(f, "not opened"),
        }
    }
}

/// The decision for every file of the image.
#[derive(Default)]
pub(crate) struct Selection {
    pub reasons: BTreeMap<String, Reason>,
    /// Sources that are opened although their bytecode is hot: by `linecache`, `inspect`, `open`.
    pub sources: BTreeSet<String>,
    /// Hot side modules, in the order in which they are loaded.
    pub side_modules: Vec<String>,
    pub warnings: Vec<String>,
}

impl Selection {
    pub fn is_hot(&self, path: &str) -> bool {
        self.reasons.get(path).is_some_and(Reason::is_hot)
    }

    /// Makes files hot that were opened in the bundle, and not in the trace.
    pub fn add_opened(&mut self, opened: &[&Shipped]) {
        for shipped in opened {
            if shipped.has_bytecode {
                self.sources.insert(shipped.origin.clone());
            } else {
                if is_side_module(&shipped.origin) && !self.is_hot(&shipped.origin) {
                    self.side_modules.push(shipped.origin.clone());
                }
                self.reasons.insert(shipped.origin.clone(), Reason::Shipped);
            }
        }
    }
}

/// `traces` are those of the scenarios, `plain` what the plain three lines need.
pub(crate) fn select(
    config: &Config,
    image: &Image,
    traces: &[Trace],
    plain: &PlainLines,
) -> Result<Selection> {
    let contents = image.contents()?;
    let mut reasons = BTreeMap::new();
    let mut side_modules = Vec::new();
    let mut set = |path: &str, reason: Reason| {
        if image.files.contains_key(path) && !reasons.contains_key(path) {
            if is_side_module(path) {
                side_modules.push(path.to_owned());
            }
            reasons.insert(path.to_owned(), reason);
        }
    };
    for (path, file) in &image.files {
        if image.owner(file).kind == OwnerKind::App {
            set(path, Reason::App);
        }
    }
    for (scenario, trace) in config.scenarios.iter().zip(traces) {
        for (path, phase) in &trace.opened {
            let opened = || Reason::Opened(scenario.name.clone());
            set(path, if *phase == Phase::Boot { Reason::Boot } else { opened() });
        }
    }
    for path in &plain.opened {
        set(path, Reason::PlainLoader);
    }
    let mut used = BTreeSet::new();
    for path in image.files.keys() {
        if let Some(index) = config.include.position(&image.names(path)) {
            used.insert(index);
            set(path, Reason::Include(config.include.text(index).to_owned()));
        }
    }
    let mut next = 0;
    while next < side_modules.len() {
        let module = side_modules[next].clone();
        for library in needed(image, &contents, &module) {
            if !reasons.contains_key(&library) {
                reasons.insert(library.clone(), Reason::NeededBy(module.clone()));
                side_modules.push(library);
            }
        }
        next += 1;
    }
    for path in image.files.keys() {
        reasons.entry(path.clone()).or_insert(Reason::NotOpened);
    }
    let warnings = config.include.unused(&used, "include");
    Ok(Selection { reasons, sources: BTreeSet::new(), side_modules, warnings })
}

/// The files of the image that a side module needs, found as the dynamic linker finds them.
fn needed(image: &Image, contents: &Contents, module: &str) -> Vec<String> {
    let Some(file) = image.files.get(module) else { return Vec::new() };
    let Some(dylink) = dylink(contents.get(file)) else { return Vec::new() };
    let origin = module.rsplit_once('/').map_or("", |(dir, _)| dir);
    let paths = dylink.runtime_path.iter().flat_map(|paths| paths.split(':'));
    let mut dirs: Vec<String> = paths.map(|dir| normal(&dir.replace("$ORIGIN", origin))).collect();
    dirs.extend([origin.to_owned(), LIBRARY_DIR.to_owned()]);
    let find = |name: &String| {
        dirs.iter().map(|dir| format!("{dir}/{name}")).find(|path| image.files.contains_key(path))
    };
    dylink.needed.iter().filter_map(find).collect()
}

/// The path without `.` and `..`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised() {
        assert_eq!(normal("/a/b/../libs/./x"), "/a/libs/x");
        assert_eq!(normal("/../x"), "/x");
    }
}
