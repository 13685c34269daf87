//! Decides for every file of the image whether it is eager or lazy, and records why.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::error::Result;
use crate::base::paths::{LIBRARY_DIR, is_python};
use crate::bundle::reason::Reason;
use crate::image::Image;
use crate::image::file::PackageKind;
use crate::run::record::{Phase, Trace};
use crate::settings::config::Config;
use crate::settings::lazy::Lazy;
use crate::transform::wasm::dylink;

/// Up to this size, in bytes, a file of the app is eager even if no scenario opens it: a request would cost
/// a visitor more. With [`Lazy::Omit`], all files of the app are eager.
const SMALL_APP_FILE_BYTES: u64 = 100_000;

/// The decision for every file of the image.
#[derive(Default)]
pub(crate) struct Selection {
    /// All reasons for each file; the first one decides.
    pub reasons: BTreeMap<String, Vec<Reason>>,
    /// Modules whose code opened a file in a trace.
    pub parents: BTreeMap<String, BTreeSet<String>>,
    /// Sources that a run reads although their bytecode is eager: by `linecache`, `inspect`, `open`.
    pub sources: BTreeSet<String>,
    /// Eager side modules, in load order.
    pub side_modules: Vec<String>,
    pub warnings: Vec<String>,
}

impl Selection {
    pub fn is_eager(&self, path: &str) -> bool {
        self.reasons.get(path).is_some_and(|reasons| reasons.iter().any(Reason::is_eager))
    }

    /// Makes a file eager that a run opened in the bundle, but not in the trace. `as_source`: it is a
    /// source whose bytecode is in the bundle too.
    pub fn add_opened(&mut self, image: &Image, origin: &str, as_source: bool) {
        if as_source {
            self.sources.insert(origin.to_owned());
            return;
        }
        if image.is_side_module(origin) && !self.is_eager(origin) {
            self.side_modules.push(origin.to_owned());
        }
        self.reasons.insert(origin.to_owned(), vec![Reason::Bundle]);
    }

    fn add(&mut self, image: &Image, path: &str, reason: Reason) {
        if !image.files.contains_key(path) {
            return;
        }
        if image.is_side_module(path) && !self.is_eager(path) {
            self.side_modules.push(path.to_owned());
        }
        let reasons = self.reasons.entry(path.to_owned()).or_default();
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }

    /// Adds the dependencies of the eager side modules, recursively.
    fn add_needed(&mut self, image: &Image) -> Result<()> {
        let mut next = 0;
        while let Some(module) = self.side_modules.get(next).cloned() {
            for library in needed(image, &module)? {
                self.add(image, &library, Reason::NeededBy { module: module.clone() });
            }
            next += 1;
        }
        Ok(())
    }
}

/// Selects files by the scenarios' `traces` and by `plain`, the files that plain `loadPyodide` opens.
pub(crate) fn select(
    config: &Config,
    image: &Image,
    traces: &[Trace],
    plain: &[String],
) -> Result<Selection> {
    let mut selection = Selection::default();
    for (path, file) in &image.files {
        let small = file.piece.size <= SMALL_APP_FILE_BYTES || config.lazy == Lazy::Omit;
        if image.package(file).kind == PackageKind::App && small {
            selection.add(image, path, Reason::App);
        }
    }
    for (scenario, trace) in config.scenarios.iter().zip(traces) {
        for (path, phase, module) in &trace.opened {
            let opened = || Reason::Opened { scenario: scenario.name.clone() };
            let reason = if *phase == Phase::Boot { Reason::Boot } else { opened() };
            selection.add(image, path, reason);
            if !module.is_empty() {
                selection.parents.entry(path.clone()).or_default().insert(module.clone());
            }
        }
    }
    for path in plain {
        selection.add(image, path, Reason::PlainLoader);
    }
    let (mut used, mut used_sources) = (BTreeSet::new(), BTreeSet::new());
    for path in image.files.keys() {
        if let Some(index) =
            config.eager_sources.position(&image.names(path)).filter(|_| is_python(path))
        {
            used_sources.insert(index);
            selection.sources.insert(path.clone());
            let glob = config.eager_sources.text(index).to_owned();
            selection.add(image, path, Reason::Eager { glob });
        }
        if let Some(index) = config.eager.position(&image.names(path)) {
            used.insert(index);
            let glob = config.eager.text(index).to_owned();
            selection.add(image, path, Reason::Eager { glob });
        }
    }
    selection.add_needed(image)?;
    for path in image.files.keys() {
        selection.reasons.entry(path.clone()).or_insert_with(|| vec![Reason::NotOpened]);
    }
    selection.warnings = config.eager.unused(&used, "eager");
    selection.warnings.extend(config.eager_sources.unused(&used_sources, "eager_sources"));
    Ok(selection)
}

/// Returns the files of the image that a side module needs. They are found as by the dynamic linker.
fn needed(image: &Image, module: &str) -> Result<Vec<String>> {
    let Some(file) = image.files.get(module) else { return Ok(Vec::new()) };
    let Some(dylink) = dylink(&image.read(file)?) else { return Ok(Vec::new()) };
    let origin = module.rsplit_once('/').map_or("", |(dir, _)| dir);
    let paths = dylink.runtime_path.iter().flat_map(|paths| paths.split(':'));
    let mut dirs: Vec<String> = paths.map(|dir| normal(&dir.replace("$ORIGIN", origin))).collect();
    dirs.extend([origin.to_owned(), LIBRARY_DIR.to_owned()]);
    let find = |name: &String| {
        dirs.iter().map(|dir| format!("{dir}/{name}")).find(|path| image.files.contains_key(path))
    };
    Ok(dylink.needed.iter().filter_map(find).collect())
}

/// Normalises a path: removes `.` and `..`.
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
