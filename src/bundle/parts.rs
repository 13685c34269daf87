//! WebAssembly modules in parts, for the loader: Pyodide's core and side modules without the functions that did not
//! run, and chunks with these functions. Plain `loadPyodide` uses whole modules.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::base::error::{Error, Result};
use crate::base::files;
use crate::bundle::asset::Asset;
use crate::bundle::manifest::{CoreChunk, ManifestSplit, SplitModule};
use crate::bundle::names::{SERVED, hashed_name};
use crate::transform::split::{self, Limits, Split, Stays, Whole};

/// A chunk costs a request and an entry of the manifest.
const LIMITS: Limits = Limits { chunk: 300_000, least: 16_384 };
/// Exports that Pyodide calls where stacks can be switched. Node.js 20 can't, so no trace there shows them; they were
/// found in Chromium 156 and Firefox 140 with Pyodide 314.0.3 and 314.0.7, by its functions that ran in no trace.
const FOR_PROMISES: [&str; 6] = [
    "_pyproxy_apply_promising",
    "run_main_promising",
    "JsvPromise_Syncify",
    "syscall_syncify",
    "enter_promising_task",
    "exit_promising_task",
];
/// How far the functions stay that these call.
const DEPTH: usize = 3;
/// The start of the names of the chunks.
const CORE: &str = "core";
const MODULES: &str = "modules";

/// What the loader gets in parts.
#[derive(Default)]
pub(crate) struct Parts {
    pub core: Core,
    /// Side modules, by path.
    pub modules: BTreeMap<String, Parted>,
    /// Why no side module is split, if that is not for its own sake.
    pub whole_modules: Option<String>,
}

/// How the loader gets the core.
pub(crate) enum Core {
    /// As it is, for this reason.
    Whole(String),
    Parted(Box<Parted>),
}

/// A module in parts.
pub(crate) struct Parted {
    pub whole: Vec<u8>,
    /// The name under which a side module imports its private table.
    table: Option<String>,
    /// For each function that the module defines, whether it stays.
    stays: Vec<bool>,
    pub split: Split,
}

impl Default for Core {
    fn default() -> Self {
        Self::Whole(String::new())
    }
}

impl Core {
    /// Splits a core. `ran` are the numbers of functions that it defines.
    pub fn new(whole: Vec<u8>, ran: impl Iterator<Item = u32>) -> Self {
        match Parted::new(whole, None, ran) {
            Ok(parted) => Self::Parted(Box::new(parted)),
            Err(why) => Self::Whole(why.to_string()),
        }
    }

    pub fn parted(&self) -> Option<&Parted> {
        match self {
            Self::Whole(_) => None,
            Self::Parted(parted) => Some(parted),
        }
    }
}

impl Parts {
    /// Returns the parts of which nothing is split, for this reason.
    pub fn whole(why: &str) -> Self {
        let (core, whole_modules) = (Core::Whole(why.to_owned()), Some(why.to_owned()));
        Self { core, modules: BTreeMap::new(), whole_modules }
    }

    /// Splits less, because a run differs: the side modules become whole, or else the core.
    pub fn back_off(&mut self, why: &str) {
        if self.modules.is_empty() {
            *self = Self::whole(why);
            return;
        }
        self.modules.clear();
        self.whole_modules = Some(why.to_owned());
    }

    /// Adds a side module, unless it stays whole.
    pub fn add_module(&mut self, path: &str, whole: Vec<u8>, ran: impl Iterator<Item = u32>) {
        let table = format!("pyodide-pack:{path}");
        if let Ok(parted) = Parted::new(whole, Some(table), ran) {
            self.modules.insert(path.to_owned(), parted);
        }
    }

    /// Returns whether anything is split.
    pub fn are_any(&self) -> bool {
        self.core.parted().is_some() || !self.modules.is_empty()
    }

    /// Makes all functions of chunks stay, which are given by the starts of their names.
    pub fn keep(&mut self, stems: &[String]) {
        for (number, module) in self.modules.values_mut().enumerate() {
            module.keep(&numbers(stems, &format!("{MODULES}/{number}.")));
        }
        if let Core::Parted(core) = &mut self.core {
            core.keep(&numbers(stems, &format!("{CORE}/")));
        }
    }

    /// Writes the parts into the served folder, and lists them. `digests` returns the SHA-256 of files. The side
    /// modules themselves are in a zip.
    pub(super) fn write(
        &self,
        outputs: &Path,
        digests: impl FnOnce(&[PathBuf]) -> Result<Vec<String>>,
        assets: &mut Vec<Asset>,
    ) -> Result<(Option<ManifestSplit>, BTreeMap<String, SplitModule>)> {
        let mut writer = Writer { outputs, files: Vec::new() };
        let core = self.core.parted();
        if let Some(core) = core {
            writer.write(CORE.to_owned(), &core.split.primary, true)?;
            writer.write_chunks(&format!("{CORE}/"), core)?;
        }
        for (number, module) in self.modules.values().enumerate() {
            writer.write_chunks(&format!("{MODULES}/{number}."), module)?;
        }
        let mut named = writer.name(digests, assets)?.into_iter();
        let core = core.map(|core| {
            let primary = named.next()?;
            let chunks = described(core, &mut named)?;
            Some(ManifestSplit { file: primary.file, bytes: primary.bytes, chunks })
        });
        let mut modules = BTreeMap::new();
        for (path, module) in &self.modules {
            let chunks = described(module, &mut named).unwrap_or_default();
            let table = module.split.table;
            modules.insert(path.clone(), SplitModule { table, chunks });
        }
        Ok((core.flatten(), modules))
    }
}

impl Parted {
    fn new(
        whole: Vec<u8>,
        table: Option<String>,
        ran: impl Iterator<Item = u32>,
    ) -> std::result::Result<Self, Whole> {
        let mut stays = Vec::new();
        ran.for_each(|number| add(&mut stays, number as usize));
        let split = split_by(&whole, table.as_deref(), &stays)?;
        Ok(Self { whole, table, stays, split })
    }

    /// Makes all functions of these chunks stay.
    fn keep(&mut self, chunks: &[usize]) {
        if chunks.is_empty() {
            return;
        }
        for chunk in chunks.iter().filter_map(|number| self.split.chunks.get(*number)) {
            chunk.functions.iter().for_each(|function| add(&mut self.stays, *function));
        }
        match split_by(&self.whole, self.table.as_deref(), &self.stays) {
            Ok(split) => self.split = split,
            // Nearly nothing is left: a primary that is the whole module.
            Err(_) => {
                self.split = Split { primary: self.whole.clone(), table: 0, chunks: Vec::new() };
            }
        }
    }
}

fn add(stays: &mut Vec<bool>, function: usize) {
    if stays.len() <= function {
        stays.resize(function + 1, false);
    }
    stays[function] = true;
}

fn split_by(
    whole: &[u8],
    table: Option<&str>,
    stays: &[bool],
) -> std::result::Result<Split, Whole> {
    let exports: &[&str] = if table.is_none() { &FOR_PROMISES } else { &[] };
    split::split(whole, &Stays { defined: stays, exports, depth: DEPTH }, table, LIMITS)
}

/// Returns the numbers after a prefix.
fn numbers(stems: &[String], prefix: &str) -> Vec<usize> {
    stems.iter().filter_map(|stem| stem.strip_prefix(prefix)?.parse().ok()).collect()
}

/// A file with a digest in its name.
struct Named {
    file: String,
    bytes: usize,
    sha256: String,
}

/// Writes files, and names them by their content when all are there.
struct Writer<'a> {
    outputs: &'a Path,
    /// The start of the name, the size, and whether a page waits for it.
    files: Vec<(String, usize, bool)>,
}

impl Writer<'_> {
    fn write(&mut self, stem: String, bytes: &[u8], eager: bool) -> Result<()> {
        files::write_atomic(&self.unnamed(&stem), bytes)?;
        self.files.push((stem, bytes.len(), eager));
        Ok(())
    }

    fn write_chunks(&mut self, prefix: &str, module: &Parted) -> Result<()> {
        let mut chunks = module.split.chunks.iter().enumerate();
        chunks.try_for_each(|(number, chunk)| {
            self.write(format!("{prefix}{number}"), &chunk.bytes, false)
        })
    }

    fn name(
        self,
        digests: impl FnOnce(&[PathBuf]) -> Result<Vec<String>>,
        assets: &mut Vec<Asset>,
    ) -> Result<Vec<Named>> {
        let paths: Vec<_> = self.files.iter().map(|(stem, ..)| self.unnamed(stem)).collect();
        let digests = if paths.is_empty() { Vec::new() } else { digests(&paths)? };
        if digests.len() != paths.len() {
            let error = std::io::Error::other("a digest is missing");
            return Err(Error::io("read back the outputs in", self.outputs, error));
        }
        let mut named = Vec::new();
        for ((stem, bytes, eager), sha256) in self.files.iter().zip(digests) {
            let (file, bytes) = (hashed_name(stem, &sha256, "wasm"), *bytes);
            files::rename(&self.unnamed(stem), &self.outputs.join(SERVED).join(&file))?;
            let base64 = BASE64_STANDARD.encode(files::unhex(&sha256));
            let path = format!("{SERVED}/{file}");
            assets.push(Asset { path, bytes, sha256, eager: *eager, immutable: true });
            named.push(Named { file, bytes, sha256: base64 });
        }
        Ok(named)
    }

    fn unnamed(&self, stem: &str) -> PathBuf {
        self.outputs.join(SERVED).join(format!("{stem}.wasm"))
    }
}

/// Describes the chunks of a module, whose files are the next ones.
fn described(module: &Parted, named: &mut impl Iterator<Item = Named>) -> Option<Vec<CoreChunk>> {
    let chunks = module.split.chunks.iter().map(|chunk| {
        let Named { file, bytes, sha256 } = named.next()?;
        let (crc32, first) = (files::crc32(&chunk.bytes), chunk.first);
        Some(CoreChunk { file, bytes, sha256, crc32, first, functions: chunk.functions.len() })
    });
    chunks.collect()
}
