//! `manifest.json`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::bundle::omitted::Dropped;
use crate::image::mount::Dirs;

/// `manifest.json`, as `loader.mjs` reads it.
#[derive(Serialize)]
pub(super) struct Manifest<'a> {
    pub schema: u32,
    /// Encodings of copies beside the hot parts that the loader decodes itself, the best first.
    pub siblings: Vec<&'static str>,
    pub pyodide: Pyodide<'a>,
    pub parts: Vec<ManifestPart<'a>>,
    pub packages: Vec<Package<'a>>,
    #[serde(rename = "sideModules")]
    pub side_modules: Vec<SideModule<'a>>,
    pub dirs: Dirs,
    pub dropped: Dropped,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pyodide<'a> {
    pub version: &'a str,
    pub asm: &'static str,
    pub package_base_url: Option<String>,
    pub env: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
pub(super) struct ManifestPart<'a> {
    pub file: String,
    pub bytes: usize,
    pub sha256: String,
    pub crc32: u32,
    pub hot: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub source: bool,
    pub distribution: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedded: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct Package<'a> {
    pub name: &'a str,
    pub version: &'a str,
    pub channel: &'a str,
}

#[derive(Serialize)]
pub(super) struct SideModule<'a> {
    pub path: &'a str,
    pub library: bool,
    pub bytes: u64,
}
