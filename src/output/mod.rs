//! Writes the files of `OUT_DIR`: those of a cached build, their precompressed copies if the settings
//! request them, and the constants.
//!
//! A cached build has no copies. A release build after a debug build therefore only compresses.

pub(crate) mod budget;
pub(crate) mod constants;
pub(crate) mod folder;
pub(crate) mod included;
pub(crate) mod index;
pub(crate) mod precompressed;
pub(crate) mod shared;

use std::collections::BTreeSet;
use std::path::Path;

use crate::base::error::Result;
use crate::base::files;
use crate::base::progress::Stages;
use crate::base::zip::EMPTY_ZIP;
use crate::bundle::asset::Asset;
use crate::bundle::names::{
    ASSETS, BUNDLE, DEVELOPMENT, LAZY_ZIP, LOADER, MANIFEST, MANIFEST_WITH_COPIES, SERVED,
    STDLIB_ZIP, is_compressible,
};
use crate::cache::build::CachedBuild;
use crate::development::edit::Edit;
use crate::output::constants::Constants;
use crate::output::included::Included;
use crate::output::index::Index;
use crate::output::precompressed::{Copies, CopySpec};
use crate::pyodide::runtime::Runtime;
use crate::pyodide::session::Session;
use crate::report::{REPORT_JSON, REPORT_TXT, Report};
use crate::settings::compression::{Coding, Encoding};
use crate::settings::config::Config;
use crate::settings::lazy::Lazy;

/// The files that name others, in the order in which they are written: after the files that they name.
const LAST: [&str; 2] = [MANIFEST, DEVELOPMENT];

/// The settings for compression.
#[derive(Debug, Clone, Copy)]
struct Wishes {
    /// Whether all files get copies.
    copies: bool,
    /// The encoding of files that a crate includes, if it was set.
    embed: Option<Encoding>,
}

impl Wishes {
    /// Development builds make no copies, because that starts Node.
    fn of(config: &Config) -> Self {
        if config.development {
            return Self { copies: false, embed: None };
        }
        Self { copies: config.precompress, embed: config.embed_encoding }
    }

    fn codings(self, runtime: &Runtime) -> Vec<Coding> {
        let embedded = self.embed.and_then(Encoding::coding);
        let wanted = Coding::ALL.into_iter().filter(|coding| match coding {
            Coding::Zstd => self.copies && runtime.has_zstd(),
            Coding::Brotli | Coding::Gzip => self.copies || embedded == Some(*coding),
        });
        wanted.collect()
    }

    /// Returns the path of a cached build's file in `OUT_DIR`, if it belongs there.
    fn place(self, path: &str) -> Option<&str> {
        match path {
            MANIFEST if self.copies => None,
            MANIFEST_WITH_COPIES => self.copies.then_some(MANIFEST),
            ASSETS | REPORT_JSON | REPORT_TXT => None,
            path => Some(path),
        }
    }

    fn copy_specs<'a>(self, assets: &'a [Asset], runtime: &Runtime) -> Vec<CopySpec<'a>> {
        let codings = self.codings(runtime);
        let mut specs = Vec::new();
        for asset in assets.iter().filter(|asset| self.place(&asset.path).is_some()) {
            if !is_compressible(&asset.path) {
                continue;
            }
            // The whole bundle changes with each edit of the app, but a page loads its chunks.
            let whole = [BUNDLE, LAZY_ZIP].contains(&asset.path.as_str());
            let eager = asset.eager || whole && self.embed == Some(Encoding::Brotli);
            // The loader can decode zstd as soon as the runtime is loaded.
            let chunk = asset.eager && is_chunk(&asset.path);
            let codings = codings.iter().filter(|coding| chunk || **coding != Coding::Zstd);
            // A snapshot is too long for that.
            let best = eager && self.copies && !is_snapshot(&asset.path);
            specs.extend(codings.map(|coding| CopySpec { asset, coding: *coding, best }));
        }
        specs
    }

    /// Returns the served files as a crate includes them.
    fn included(self, assets: &[Asset], copies: &Copies) -> Vec<Included> {
        let included = assets.iter().filter_map(|asset| {
            let path = index::below_served(self.place(&asset.path)?)?;
            let encodings = self.encodings(asset, copies);
            let (path, sha256) = (path.to_owned(), asset.sha256.clone());
            let Asset { immutable, eager, .. } = *asset;
            Some(Included { path, sha256, encodings, immutable, eager })
        });
        let mut included: Vec<_> = included.collect();
        included.sort_by(|a, b| a.path.cmp(&b.path));
        included
    }

    /// Returns the encodings in which a crate includes a file. Every browser accepts one of them, unless only
    /// Brotli was requested.
    fn encodings(self, asset: &Asset, copies: &Copies) -> Vec<Encoding> {
        let wanted = match self.embed {
            Some(encoding) => vec![encoding],
            None => vec![Encoding::Brotli, Encoding::Gzip],
        };
        let smaller = |encoding: &Encoding| {
            let copy = copies.get(&(asset.path.as_str(), encoding.coding()?))?;
            (copy.len() < asset.bytes).then_some(*encoding)
        };
        let mut encodings: Vec<_> = wanted.iter().filter_map(smaller).collect();
        if encodings.last() != wanted.last() {
            encodings.push(Encoding::Identity);
        }
        encodings
    }
}

/// The outputs of a cached build, or of a development build that changes them.
pub(crate) struct Outputs<'a> {
    pub build: &'a CachedBuild,
    pub edit: Option<&'a Edit>,
}

impl Outputs<'_> {
    fn assets(&self) -> Result<Vec<Asset>> {
        self.edit.map_or_else(|| self.build.read(ASSETS), |edit| Ok(edit.assets.clone()))
    }

    /// Writes the files, and returns their paths. Calls `announce` when all files are there but those that name
    /// others.
    fn write(
        &self,
        wishes: Wishes,
        out_dir: &Path,
        announce: impl FnOnce() -> Result<()>,
    ) -> Result<BTreeSet<String>> {
        let is_output = |path: &str| self.edit.is_none_or(|edit| !edit.without.contains(path));
        let place = |path| wishes.place(path).filter(|_| is_output(path));
        let is_last = |path: &str| LAST.contains(&path);
        let copied =
            self.build.copy_to(out_dir, |path| place(path).filter(|place| !is_last(place)))?;
        let mut written = copied;
        let own = self.edit.map_or(&[][..], |edit| &edit.files);
        let (last, own): (Vec<_>, Vec<_>) = own.iter().partition(|(path, _)| is_last(path));
        let mut write = |files: Vec<&(String, Vec<u8>)>| {
            for (path, bytes) in files {
                files::write_if_changed(&out_dir.join(path), bytes)?;
                written.insert(path.clone());
            }
            Ok(())
        };
        write(own)?;
        announce()?;
        write(last)?;
        for last in LAST {
            let named = |path| place(path).filter(|place| *place == last);
            written.extend(self.build.copy_to(out_dir, named)?);
        }
        Ok(written)
    }
}

/// Writes the outputs, and adds the times of compression to the report.
pub(crate) fn write(
    outputs: &Outputs,
    report: &mut Report,
    session: Session,
    stages: &mut Stages,
) -> Result<()> {
    let Session { config, runtime, env, .. } = session;
    let wishes = Wishes::of(config);
    let assets = outputs.assets()?;
    let before = stages.done.len();
    let specs = wishes.copy_specs(&assets, runtime);
    let copies = precompressed::copies(&specs, outputs.build, session, stages)?;
    report.stages.extend_from_slice(&stages.done[before..]);
    if !config.development {
        check_budgets(config, &assets, &copies, report)?;
    }

    let included = wishes.included(&assets, &copies);
    let last = Index::read(&config.out_dir);
    let mut index = Index::new(&included);
    if config.development {
        index = index.with_former(&last);
    }
    let mut written = outputs.write(wishes, &config.out_dir, || {
        index.clone().while_last_has(&LAST, &last).write(&config.out_dir)
    })?;
    index.write(&config.out_dir)?;
    for ((path, coding), bytes) in &copies {
        let path = format!("{}{}", wishes.place(path).unwrap_or(path), coding.suffix());
        files::write_if_changed(&config.out_dir.join(&path), bytes)?;
        written.insert(path);
    }
    written.extend(index.paths());
    folder::remove_others(&config.out_dir, &written)?;
    let constants = Constants {
        version: &report.pyodide,
        table: &report.table(),
        encoding: wishes.embed.unwrap_or(Encoding::Identity),
        lazy: config.lazy,
        assets: &included,
        from_disk: config.development && !env.is_for_wasm(),
    };
    constants::write(&constants, &config.out_dir)?;
    config.export_dir.as_deref().map_or(Ok(()), |dir| folder::export(&config.out_dir, dir))
}

fn check_budgets(
    config: &Config,
    assets: &[Asset],
    copies: &Copies,
    report: &Report,
) -> Result<()> {
    let uncompressed = waited_for(assets).map(|asset| asset.bytes as u64).sum();
    let sent = |asset: &Asset| {
        let copy = copies.get(&(asset.path.as_str(), Coding::Brotli));
        copy.map_or(asset.bytes, Vec::len) as u64
    };
    let compressed = config.precompress.then(|| waited_for(assets).map(sent).sum());
    let check = |budget| budget::check(budget, uncompressed, compressed, report);
    config.budgets.iter().try_for_each(check)
}

/// Returns the files that `loadWorker` fetches before the app starts.
fn waited_for(assets: &[Asset]) -> impl Iterator<Item = &Asset> {
    let is_fetched = |path: &str| path.starts_with(SERVED) && path != MANIFEST;
    assets.iter().filter(move |asset| asset.eager && is_fetched(&asset.path))
}

fn is_snapshot(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|end| end == "bin")
}

/// Returns whether a path is one of the manifest's chunks.
fn is_chunk(path: &str) -> bool {
    path.starts_with(SERVED) && Path::new(path).extension().is_some_and(|end| end == "zip")
}

/// Writes valid outputs without content, for documentation builds.
pub(crate) fn write_skipped(out_dir: &Path) -> Result<()> {
    let skipped = "export async function loadBundle() {\n  throw new Error(\"the build skipped pyodide-pack\");\n}\n";
    let files: [(&str, &[u8]); 4] = [
        (BUNDLE, EMPTY_ZIP),
        (STDLIB_ZIP, EMPTY_ZIP),
        (LOADER, skipped.as_bytes()),
        (MANIFEST, b"{}"),
    ];
    for (path, bytes) in files {
        files::write_if_changed(&out_dir.join(path), bytes)?;
    }
    folder::remove_others(out_dir, &files.iter().map(|(path, _)| (*path).to_owned()).collect())?;
    let served = files.iter().filter_map(|(path, bytes)| {
        let path = index::below_served(path)?.to_owned();
        let sha256 = files::sha256_hex(bytes);
        let (encodings, immutable, eager) = (vec![Encoding::Identity], false, false);
        Some(Included { path, sha256, encodings, immutable, eager })
    });
    let served: Vec<_> = served.collect();
    let constants = Constants {
        version: "",
        table: "",
        encoding: Encoding::Identity,
        lazy: Lazy::OnDemand,
        assets: &served,
        from_disk: false,
    };
    Index::new(&served).write(out_dir)?;
    constants::write(&constants, out_dir)
}
