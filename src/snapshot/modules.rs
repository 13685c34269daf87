//! The modules that are imported before a snapshot is made.

use std::collections::{BTreeSet, HashMap};

use crate::image::Image;
use crate::image::file::APP;
use crate::run::startup::Startup;
use crate::verify::replay::Baseline;

/// A module of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Module {
    pub name: String,
    /// The number of its package.
    pub package: usize,
}

/// Returns the modules that every scenario imports, in the order of the first one. Modules of the app are not among
/// them, so that they run at each start, and neither are modules without a file, which others import.
pub(super) fn imported(image: &Image, startup: &Startup, baselines: &[Baseline]) -> Vec<Module> {
    let Some((first, others)) = baselines.split_first() else { return Vec::new() };
    let known: BTreeSet<_> = startup.plain.modules.iter().collect();
    let opened = first.trace.opened.iter().enumerate();
    let order: HashMap<_, _> = opened.rev().map(|(at, (path, ..))| (path.as_str(), at)).collect();
    let modules = first.trace.run.modules.iter().filter_map(|(name, path)| {
        let package = image.files.get(path)?.package;
        let is_wanted = image.packages[package].name != APP
            && !known.contains(name)
            && others.iter().all(|other| other.trace.run.modules.contains_key(name));
        let at = order.get(path.as_str()).copied().unwrap_or(usize::MAX);
        is_wanted.then(|| (at, Module { name: name.clone(), package }))
    });
    let mut modules: Vec<_> = modules.collect();
    modules.sort_by(|(one, a), (other, b)| (one, &a.name).cmp(&(other, &b.name)));
    modules.into_iter().map(|(_, module)| module).collect()
}
