//! Puts the app's present files into the outputs of an earlier build, without Node.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;

use crate::base::error::{Error, Result};
use crate::base::files;
use crate::base::paths::APP_DIR;
use crate::base::zip::{Zip, data_offsets};
use crate::bundle::asset::Asset;
use crate::bundle::manifest::ManifestChunk;
use crate::bundle::names::{
    ASSETS, BUNDLE, DEVELOPMENT, MANIFEST, MANIFEST_WITH_COPIES, SERVED, hashed_name,
};
use crate::cache::build::CachedBuild;
use crate::development::manifest::Manifest;
use crate::image::file::APP;

/// One file of the app: path relative to its folder, and content.
pub(crate) type AppFile<'a> = (&'a str, &'a [u8]);

/// The differences between the outputs and those of a cached build.
pub(crate) struct Edit {
    /// All files to serve.
    pub assets: Vec<Asset>,
    /// Files of the cached build that are no outputs.
    pub without: BTreeSet<String>,
    /// Path and content of the outputs that the cached build lacks, in the order in which they are written: a
    /// page that reads a new manifest finds the new files.
    pub files: Vec<(String, Vec<u8>)>,
}

/// `development.json`.
#[derive(Serialize)]
struct Present<'a> {
    /// SHA-256 of `manifest.json`.
    manifest: &'a str,
}

impl Edit {
    /// All of the app's files become eager, as they are.
    pub fn new(build: &CachedBuild, app: &[AppFile]) -> Result<Self> {
        let mut zip = Zip::new();
        for (name, bytes) in app {
            zip.add(&zipped(name), bytes)?;
        }
        let chunk = zip.finish()?;
        let offsets = data_offsets(&chunk)?;
        let bundle = plain_bundle(build, app)?;
        let in_bundle = data_offsets(&bundle)?;
        let first = app.first().map(|(name, _)| zipped(name));
        let embedded =
            first.and_then(|name| in_bundle.get(&name)?.checked_sub(*offsets.get(&name)?));

        let sha256 = files::sha256_hex(&chunk);
        let file = hashed_name(APP, &sha256, "zip");
        let path = format!("{SERVED}/{file}");
        let described = ManifestChunk {
            file,
            bytes: chunk.len(),
            sha256: BASE64_STANDARD.encode(files::unhex(&sha256)),
            crc32: files::crc32(&chunk),
            eager: true,
            source: false,
            package: APP.to_owned(),
            embedded,
        };
        let paths: Vec<_> = app.iter().map(|(name, _)| format!("{APP_DIR}/{name}")).collect();
        let placed = app.iter().zip(&paths).filter_map(|((name, bytes), path)| {
            Some((path.as_str(), bytes.len() as u64, *offsets.get(&zipped(name))?))
        });
        let placed: Vec<_> = placed.collect();
        let mut manifest: Manifest = build.read(MANIFEST)?;
        let replaced = manifest.replace_app(described, &placed);
        let manifest = json(&manifest, build)?;

        let mut without: BTreeSet<_> =
            replaced.iter().map(|file| format!("{SERVED}/{file}")).collect();
        without.extend([BUNDLE, MANIFEST, MANIFEST_WITH_COPIES].map(str::to_owned));
        let chunk_asset =
            Asset { path: path.clone(), bytes: chunk.len(), sha256, eager: true, immutable: true };
        let manifest_asset = Asset::new(MANIFEST, &manifest, true);
        let present = json(&Present { manifest: &manifest_asset.sha256 }, build)?;
        let own = [chunk_asset, manifest_asset, Asset::new(DEVELOPMENT, &present, false)];
        let mut assets: Vec<Asset> = build.read(ASSETS)?;
        assets.retain(|asset| !without.contains(&asset.path));
        assets.extend(own);
        let files = vec![
            (BUNDLE.to_owned(), bundle),
            (path, chunk),
            (MANIFEST.to_owned(), manifest),
            (DEVELOPMENT.to_owned(), present),
        ];
        Ok(Self { assets, without, files })
    }
}

/// Returns the bundle for plain `loadPyodide`.
fn plain_bundle(build: &CachedBuild, app: &[AppFile]) -> Result<Vec<u8>> {
    let folder = zipped("");
    let old = files::read(&build.path(BUNDLE))?;
    let mut zip = Zip::with_entries_of(&old, |name| !name.starts_with(&folder))?;
    for (name, bytes) in app {
        zip.add(&zipped(name), bytes)?;
    }
    zip.finish()
}

fn zipped(name: &str) -> String {
    format!("{}/{name}", APP_DIR.trim_start_matches('/'))
}

fn json(value: &impl Serialize, build: &CachedBuild) -> Result<Vec<u8>> {
    serde_json::to_vec(value)
        .map_err(|e| Error::json("describe the outputs of", &build.path(MANIFEST), e))
}
