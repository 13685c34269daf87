//! WebAssembly modules in parts, for the loader: Pyodide's core and side modules without the functions that did not
//! run, and chunks with these functions. Plain `loadPyodide` uses whole modules.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::base::error::{Error, Result};
use crate::base::files;
use crate::bundle::asset::Asset;
use crate::bundle::manifest::{FunctionChunk, ManifestSplit, SplitModule};
use crate::bundle::names::{SERVED, hashed_name};
use crate::pyodide::runtime::CORE;
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

/// What the loader gets in parts: Pyodide's core and the eager side modules.
#[derive(Default)]
pub(crate) struct Parts {
    /// The modules that can be split, by path. The core comes last: paths of side modules are absolute.
    modules: BTreeMap<String, Parted>,
    /// Why modules are whole, by path.
    pub whole: BTreeMap<String, String>,
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

impl Parts {
    /// Returns the parts of which nothing is split, for this reason.
    pub fn whole(why: &str) -> Self {
        Self { whole: BTreeMap::from([(CORE.to_owned(), why.to_owned())]), ..Self::default() }
    }

    /// Adds the core. `ran` are the numbers of functions that it defines.
    pub fn add_core(&mut self, whole: Vec<u8>, ran: impl Iterator<Item = u32>) {
        self.add(CORE, Parted::new(whole, None, ran));
    }

    /// Adds a side module.
    pub fn add_module(&mut self, path: &str, whole: Vec<u8>, ran: impl Iterator<Item = u32>) {
        self.add(path, Parted::new(whole, Some(format!("pyodide-pack:{path}")), ran));
    }

    fn add(&mut self, path: &str, module: std::result::Result<Parted, Whole>) {
        match module {
            Ok(module) => drop(self.modules.insert(path.to_owned(), module)),
            Err(why) => drop(self.whole.insert(path.to_owned(), why.to_string())),
        }
    }

    /// Returns the modules that are split, by path.
    pub fn modules(&self) -> impl Iterator<Item = (&str, &Parted)> + Clone {
        let all = self.modules.iter().filter(|(path, _)| !self.whole.contains_key(*path));
        all.map(|(path, module)| (path.as_str(), module))
    }

    /// Returns whether any module is split.
    pub fn are_any(&self) -> bool {
        self.modules().next().is_some()
    }

    /// Returns the core, if it is split.
    pub fn core(&self) -> Option<&Parted> {
        self.get(CORE)
    }

    /// Returns the side modules that are split.
    pub fn side_modules(&self) -> impl Iterator<Item = (&str, &Parted)> {
        self.modules().filter(|(path, _)| *path != CORE)
    }

    /// Returns why side modules are whole, by path.
    pub fn whole_side_modules(&self) -> impl Iterator<Item = (&String, &String)> {
        self.whole.iter().filter(|(path, _)| *path != CORE)
    }

    /// Returns the path of the core, and why it is whole, if it is.
    pub fn whole_core(&self) -> Option<(&String, &String)> {
        self.whole.get_key_value(CORE)
    }

    /// Returns a module, if it is split.
    pub fn get(&self, path: &str) -> Option<&Parted> {
        self.modules.get(path).filter(|_| !self.whole.contains_key(path))
    }

    /// Makes all functions of chunks stay, which are given by the starts of their names, or makes their modules whole.
    pub fn keep_or_leave(&mut self, stems: &[String], keep: bool) {
        for (number, (path, module)) in self.modules.iter_mut().enumerate() {
            let prefix = prefix(number, path);
            let numbers = stems.iter().filter_map(|stem| stem.strip_prefix(&prefix)?.parse().ok());
            let numbers: Vec<_> = numbers.collect();
            if keep {
                module.keep(&numbers);
            } else if !numbers.is_empty() {
                let why = "every run calls other functions of it";
                self.whole.insert(path.clone(), why.to_owned());
            }
        }
    }

    /// Writes the parts into the served folder, and lists them. `digests` returns the SHA-256 of files. The primaries
    /// of side modules are in a zip, and `place` is the number of their chunk, and the offset.
    pub(super) fn write(
        &self,
        outputs: &Path,
        place: impl Fn(&str) -> Option<(usize, u64)>,
        digests: impl FnOnce(&[PathBuf]) -> Result<Vec<String>>,
        assets: &mut Vec<Asset>,
    ) -> Result<(Option<ManifestSplit>, BTreeMap<String, SplitModule>)> {
        let mut writer = Writer { outputs, files: Vec::new() };
        let modules = self.modules.iter().enumerate();
        let modules = modules.filter(|(_, (path, _))| !self.whole.contains_key(*path));
        for (number, (path, module)) in modules.clone() {
            if path == CORE {
                writer.write("core".to_owned(), &module.split.primary, true)?;
            }
            let prefix = prefix(number, path);
            for (number, chunk) in module.split.chunks.iter().enumerate() {
                writer.write(format!("{prefix}{number}"), &chunk.bytes, false)?;
            }
        }
        let mut named = writer.name(digests, assets)?.into_iter();
        let (mut core, mut side_modules) = (None, BTreeMap::new());
        for (_, (path, module)) in modules {
            let primary = if path == CORE { named.next() } else { None };
            let chunks = described(module, &mut named);
            if let Some(Named { file, bytes, .. }) = primary {
                core = Some(ManifestSplit { file, bytes, chunks });
            } else if let Some((chunk, offset)) = place(path) {
                let Split { primary, table, .. } = &module.split;
                let (table, bytes) = (*table, primary.len());
                let module = SplitModule { table, chunk, offset, bytes, chunks };
                side_modules.insert(path.clone(), module);
            }
        }
        Ok((core, side_modules))
    }
}

/// Returns the start of the names of a module's chunks, without a digest.
fn prefix(number: usize, path: &str) -> String {
    if path == CORE { "core/".to_owned() } else { format!("modules/{number}.") }
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
fn described(module: &Parted, named: &mut impl Iterator<Item = Named>) -> Vec<FunctionChunk> {
    let chunks = module.split.chunks.iter().zip(named);
    let chunks = chunks.map(|(chunk, Named { file, bytes, sha256 })| {
        let (crc32, first) = (files::crc32(&chunk.bytes), chunk.first);
        FunctionChunk { file, bytes, sha256, crc32, first, functions: chunk.functions.len() }
    });
    chunks.collect()
}
