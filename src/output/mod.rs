//! What a build puts into `OUT_DIR`: a stored build's files, compressed copies of them as the settings
//! say, and the constants; and nothing of an earlier build.
//!
//! A stored build has no copies, so that a release build after a debug one compresses, and does
//! nothing else again.

pub(crate) mod budget;
pub(crate) mod constants;
pub(crate) mod precompressed;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::base::error::{Error, Result};
use crate::base::files;
use crate::base::progress::Stages;
use crate::base::zip::EMPTY_ZIP;
use crate::bundle::names::{
    ASSETS, BUNDLE, COLD_ZIP, EMPTY, LOADER, MANIFEST, MANIFEST_WITH_SIBLINGS, SERVED, STDLIB_ZIP,
    TYPES,
};
use crate::bundle::served::Asset;
use crate::cache::Cache;
use crate::cache::build::CachedBuild;
use crate::output::constants::Included;
use crate::output::precompressed::Wanted;
use crate::pyodide::runtime::Runtime;
use crate::report::Report;
use crate::settings::compression::{Coding, Encoding};
use crate::settings::config::Config;
use crate::settings::env::Env;
use crate::settings::lazy::Cold;

/// Writes them, and adds to the report what was compressed.
pub(crate) fn write(
    stored: &CachedBuild,
    report: &mut Report,
    config: &Config,
    runtime: &Runtime,
    env: &Env,
    cache: &Cache,
    stages: &mut Stages,
) -> Result<()> {
    let (embed, siblings) = (config.embed, config.siblings);
    let embedded = embed.and_then(Encoding::coding);
    let codings = Coding::ALL.into_iter().filter(|coding| match coding {
        Coding::Zstd => siblings && runtime.has_zstd(),
        Coding::Brotli | Coding::Gzip => siblings || embedded == Some(*coding),
    });
    let codings: Vec<_> = codings.collect();
    let place = |path| match path {
        MANIFEST if siblings => None,
        MANIFEST_WITH_SIBLINGS => siblings.then_some(MANIFEST),
        ASSETS => None,
        path => Some(path),
    };

    let assets: Vec<Asset> = stored.read(ASSETS)?;
    let mut wanted = Vec::new();
    for asset in assets.iter().filter(|asset| place(&asset.path).is_some()) {
        // The whole bundle changes with each edit of the app, and a page loads its parts instead.
        let embedded = [BUNDLE, COLD_ZIP].contains(&asset.path.as_str());
        let hot = asset.hot || embedded && embed == Some(Encoding::Brotli);
        // No browser reads the types, and no copy is smaller than the empty zip.
        if ![TYPES, EMPTY].contains(&asset.path.as_str()) {
            // The loader decodes zstd, once the runtime is there.
            let part = asset.hot && is_part(&asset.path);
            let codings = codings.iter().filter(|coding| part || **coding != Coding::Zstd);
            let copy = |coding: &Coding| Wanted { asset, coding: *coding, best: hot && siblings };
            wanted.extend(codings.map(copy));
        }
    }
    let before = stages.done.len();
    let stored_bytes = waited_for(&assets).map(|asset| asset.bytes as u64).sum();
    let copies = precompressed::copies(&wanted, stored, runtime, env, cache, stages)?;
    report.stages.extend_from_slice(&stages.done[before..]);
    let wire = waited_for(&assets).map(|asset| {
        let copy = copies.get(&(asset.path.as_str(), Coding::Brotli))?;
        Some(copy.len() as u64)
    });
    let wire: Option<u64> = wire.sum();
    for budget in &config.budgets {
        budget::check(budget, stored_bytes, if siblings { wire } else { None }, report)?;
    }

    let mut written = stored.copy_to(&config.out_dir, place)?;
    for ((path, coding), bytes) in &copies {
        let path = format!("{}{}", place(path).unwrap_or(path), coding.suffix());
        files::write_if_changed(&config.out_dir.join(&path), bytes)?;
        written.insert(path);
    }
    remove_others(&config.out_dir, &written)?;

    let preferred = embed.or(siblings.then_some(Encoding::Brotli)).unwrap_or(Encoding::Stored);
    let included = assets.iter().filter_map(|asset| {
        let path = place(&asset.path)?.strip_prefix(SERVED)?.strip_prefix('/')?;
        let copy = preferred.coding().and_then(|c| copies.get(&(asset.path.as_str(), c)));
        let smaller = copy.is_some_and(|copy| copy.len() < asset.bytes);
        let encoding = if smaller { preferred } else { Encoding::Stored };
        Some(Included { path: path.to_owned(), sha256: asset.sha256.clone(), encoding })
    });
    let mut included: Vec<_> = included.collect();
    included.sort_by(|a, b| a.path.cmp(&b.path));
    let zips = embed.unwrap_or(Encoding::Stored);
    let table = report.table();
    constants::write(&report.pyodide, &table, zips, config.cold, &included, &config.out_dir)?;
    config.export_dir.as_deref().map_or(Ok(()), |dir| export(&config.out_dir, dir))
}

/// Copies what is to be served, and removes what is not.
fn export(out_dir: &Path, dir: &Path) -> Result<()> {
    let (served, target) = (out_dir.join(SERVED), dir.join(SERVED));
    let mut written = BTreeSet::new();
    for (path, source) in files::walk(&served, |_| true)? {
        files::write_if_changed(&target.join(&path), &files::read(&source)?)?;
        written.insert(path);
    }
    let all = files::walk(&target, |_| true)?.into_iter().map(|(path, _)| path);
    remove_unwritten(&target, all, &written)
}

/// What `loadBundle` fetches before the app starts, Pyodide's core apart.
fn waited_for(assets: &[Asset]) -> impl Iterator<Item = &Asset> {
    let manifest = |path: &str| path == MANIFEST_WITH_SIBLINGS || path == LOADER;
    assets.iter().filter(move |asset| asset.hot && (is_part(&asset.path) || manifest(&asset.path)))
}

/// Whether it is one of the manifest's parts.
fn is_part(path: &str) -> bool {
    path.starts_with(SERVED) && Path::new(path).extension().is_some_and(|end| end == "zip")
}

/// Removes what an earlier build left: in the served folder everything but what was `written`, beside
/// it what is known by name.
fn remove_others(out_dir: &Path, written: &BTreeSet<String>) -> Result<()> {
    let served = out_dir.join(SERVED);
    let old = if served.exists() { files::walk(&served, |_| true)? } else { Vec::new() };
    let old = old.into_iter().map(|(path, _)| format!("{SERVED}/{path}"));
    let copies = [BUNDLE, STDLIB_ZIP, COLD_ZIP]
        .into_iter()
        .flat_map(|zip| Coding::ALL.map(|coding| format!("{zip}{}", coding.suffix())));
    let beside = copies.chain([COLD_ZIP.to_owned()]).filter(|path| out_dir.join(path).exists());
    // What a process left that was killed while it wrote.
    let half = files::walk(out_dir, |_| false)?.into_iter().map(|(path, _)| path);
    let half = half.filter(|path| path.starts_with(".tmp-"));
    remove_unwritten(out_dir, old.chain(beside).chain(half), written)
}

/// Removes files of a folder, but for those that were `written`.
fn remove_unwritten(
    dir: &Path,
    paths: impl Iterator<Item = String>,
    written: &BTreeSet<String>,
) -> Result<()> {
    for path in paths.filter(|path| !written.contains(path)) {
        let path = dir.join(path);
        fs::remove_file(&path).map_err(|e| Error::io("remove the old output", &path, &e))?;
    }
    Ok(())
}

/// Valid outputs without content, for documentation builds.
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
    remove_others(out_dir, &files.iter().map(|(path, _)| (*path).to_owned()).collect())?;
    let served = files.iter().filter_map(|(path, bytes)| {
        let path = path.strip_prefix(SERVED)?.strip_prefix('/')?.to_owned();
        Some(Included { path, sha256: files::sha256_hex(bytes), encoding: Encoding::Stored })
    });
    let served: Vec<_> = served.collect();
    constants::write("", "", Encoding::Stored, Cold::Separate, &served, out_dir)
}
