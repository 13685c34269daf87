//! Writes the files of `OUT_DIR`: those of a cached build, their precompressed copies if the settings
//! request them, and the constants.
//!
//! A cached build has no copies. A release build after a debug build therefore only compresses.

pub(crate) mod budget;
pub(crate) mod constants;
pub(crate) mod folder;
pub(crate) mod precompressed;
pub(crate) mod shared;

use std::path::Path;

use crate::base::error::Result;
use crate::base::files;
use crate::base::progress::Stages;
use crate::base::zip::EMPTY_ZIP;
use crate::bundle::asset::Asset;
use crate::bundle::names::{
    ASSETS, BUNDLE, LAZY_ZIP, LOADER, MANIFEST, MANIFEST_WITH_COPIES, SERVED, STDLIB_ZIP,
    is_compressible,
};
use crate::cache::build::CachedBuild;
use crate::output::constants::{Constants, Included};
use crate::output::precompressed::{Copies, CopySpec};
use crate::pyodide::runtime::Runtime;
use crate::pyodide::session::Session;
use crate::report::{REPORT_JSON, REPORT_TXT, Report};
use crate::settings::compression::{Coding, Encoding};
use crate::settings::config::Config;
use crate::settings::lazy::Lazy;

/// The settings for compression.
#[derive(Debug, Clone, Copy)]
struct Wishes {
    /// Whether all files get copies.
    copies: bool,
    /// The encoding of files that a crate includes, if it was set.
    embed: Option<Encoding>,
}

impl Wishes {
    fn of(config: &Config) -> Self {
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
            let best = eager && self.copies;
            specs.extend(codings.map(|coding| CopySpec { asset, coding: *coding, best }));
        }
        specs
    }

    /// Returns the served files as a crate includes them.
    fn included(self, assets: &[Asset], copies: &Copies) -> Vec<Included> {
        let preferred = self.embed.or(self.copies.then_some(Encoding::Brotli));
        let preferred = preferred.unwrap_or(Encoding::Identity);
        let included = assets.iter().filter_map(|asset| {
            let path = self.place(&asset.path)?.strip_prefix(SERVED)?.strip_prefix('/')?;
            let copy = preferred.coding().and_then(|c| copies.get(&(asset.path.as_str(), c)));
            let smaller = copy.is_some_and(|copy| copy.len() < asset.bytes);
            let encoding = if smaller { preferred } else { Encoding::Identity };
            let (path, sha256) = (path.to_owned(), asset.sha256.clone());
            let Asset { immutable, eager, .. } = *asset;
            Some(Included { path, sha256, encoding, immutable, eager })
        });
        let mut included: Vec<_> = included.collect();
        included.sort_by(|a, b| a.path.cmp(&b.path));
        included
    }
}

/// Writes the outputs, and adds the times of compression to the report.
pub(crate) fn write(
    build: &CachedBuild,
    report: &mut Report,
    session: Session,
    stages: &mut Stages,
) -> Result<()> {
    let Session { config, runtime, .. } = session;
    let wishes = Wishes::of(config);
    let assets: Vec<Asset> = build.read(ASSETS)?;
    let before = stages.done.len();
    let specs = wishes.copy_specs(&assets, runtime);
    let copies = precompressed::copies(&specs, build, session, stages)?;
    report.stages.extend_from_slice(&stages.done[before..]);
    check_budgets(config, &assets, &copies, report)?;

    let mut written = build.copy_to(&config.out_dir, |path| wishes.place(path))?;
    for ((path, coding), bytes) in &copies {
        let path = format!("{}{}", wishes.place(path).unwrap_or(path), coding.suffix());
        files::write_if_changed(&config.out_dir.join(&path), bytes)?;
        written.insert(path);
    }
    folder::remove_others(&config.out_dir, &written)?;
    let constants = Constants {
        version: &report.pyodide,
        table: &report.table(),
        encoding: config.embed_encoding.unwrap_or(Encoding::Identity),
        lazy: config.lazy,
        assets: &wishes.included(&assets, &copies),
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
    let compressed = waited_for(assets).map(|asset| {
        let copy = copies.get(&(asset.path.as_str(), Coding::Brotli))?;
        Some(copy.len() as u64)
    });
    let compressed = compressed.sum::<Option<u64>>().filter(|_| config.precompress);
    let check = |budget| budget::check(budget, uncompressed, compressed, report);
    config.budgets.iter().try_for_each(check)
}

/// Returns the files that `loadBundle` fetches before the app starts, except Pyodide's core.
fn waited_for(assets: &[Asset]) -> impl Iterator<Item = &Asset> {
    let manifest = |path: &str| path == MANIFEST_WITH_COPIES || path == LOADER;
    assets
        .iter()
        .filter(move |asset| asset.eager && (is_chunk(&asset.path) || manifest(&asset.path)))
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
        let path = path.strip_prefix(SERVED)?.strip_prefix('/')?.to_owned();
        let sha256 = files::sha256_hex(bytes);
        let (encoding, immutable, eager) = (Encoding::Identity, false, false);
        Some(Included { path, sha256, encoding, immutable, eager })
    });
    let served: Vec<_> = served.collect();
    let constants = Constants {
        version: "",
        table: "",
        encoding: Encoding::Identity,
        lazy: Lazy::OnDemand,
        assets: &served,
    };
    constants::write(&constants, out_dir)
}
