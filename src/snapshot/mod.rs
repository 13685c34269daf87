//! Makes the snapshot of Python's memory from the verified outputs. Packages that can't be in it are left out.

pub(crate) mod maker;
pub(crate) mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::base::error::Result;
use crate::bundle::snapshot::SnapshotFile;
use crate::image::Image;
use crate::run::startup::Startup;
use crate::settings::snapshot::Snapshot;
use crate::snapshot::maker::Maker;
use crate::snapshot::modules::{Module, imported};
use crate::verify::bisect::minimal_subset;
use crate::verify::replay::{Baseline, Replayer};

pub(crate) struct Snapshots<'a> {
    pub image: &'a Image,
    pub startup: &'a Startup,
    pub replayer: Replayer<'a>,
    pub outputs: &'a Path,
    pub runtime: &'a Path,
    pub usage: Snapshot,
}

/// A snapshot, or why there is none.
#[derive(Default)]
pub(crate) struct Made {
    pub file: Option<SnapshotFile>,
    /// How many modules were imported for it.
    pub modules: usize,
    /// Why packages are not in it, by name.
    pub left_out: BTreeMap<String, String>,
    pub missing: Option<String>,
}

impl Made {
    pub fn none(why: &str) -> Self {
        Self { missing: Some(why.to_owned()), ..Self::default() }
    }
}

impl<'a> Snapshots<'a> {
    /// Makes a snapshot with as many packages as it can have. Every scenario has run from it.
    pub fn make(&self, baselines: &'a [Baseline<'a>]) -> Result<Made> {
        let Self { image, outputs, runtime, replayer, .. } = *self;
        let maker = Maker { replayer, outputs, runtime, baselines };
        let path = replayer.recorder.engine.work().join("snapshot.bin");
        let all = imported(image, self.startup, baselines);
        let without = |packages: &[usize]| {
            let some = all.iter().filter(|module| !packages.contains(&module.package));
            let modules: Vec<Module> = some.cloned().collect();
            Ok(maker.make(&modules, &path)?.map(|content| (content, modules.len())))
        };
        let packages: BTreeSet<_> = all.iter().map(|module| module.package).collect();
        let packages: Vec<_> = packages.into_iter().collect();
        let mut left_out = BTreeMap::new();
        let mut made = without(&[])?;
        if made.is_err() && without(&packages)?.is_ok() {
            let few = minimal_subset(&packages, |some| Ok(without(some)?.is_ok()))?;
            for package in &few {
                let others: Vec<_> = few.iter().filter(|p| *p != package).copied().collect();
                let why = without(&others)?.err().unwrap_or_default();
                left_out.insert(image.packages[*package].name.clone(), why);
            }
            made = without(&few)?;
        }
        let (content, modules) = match made {
            Ok(made) => made,
            Err(why) => return Ok(Made::none(&why)),
        };
        let file = Some(SnapshotFile { path, content, usage: self.usage });
        Ok(Made { file, modules, left_out, missing: None })
    }
}
