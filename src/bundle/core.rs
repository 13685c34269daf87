//! Pyodide's core: whole for plain `loadPyodide`, and for the loader without the functions that did not run.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::base::error::{Error, Result};
use crate::base::files;
use crate::bundle::asset::Asset;
use crate::bundle::manifest::{CoreChunk, ManifestSplit};
use crate::bundle::names::{SERVED, hashed_name};
use crate::pyodide::runtime::Runtime;
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

/// How the loader gets the core.
pub(crate) enum Core {
    /// As it is, for this reason.
    Whole(String),
    Split(Box<SplitCore>),
}

impl Core {
    /// Splits the core of a runtime. `ran` are the numbers of functions that it defines.
    pub fn new(runtime: &Runtime, ran: impl Iterator<Item = u32>) -> Result<Self> {
        let whole = files::read(&runtime.wasm())?;
        Ok(match SplitCore::new(whole, ran) {
            Ok(split) => Self::Split(Box::new(split)),
            Err(why) => Self::Whole(why.to_string()),
        })
    }

    pub fn split(&self) -> Option<&SplitCore> {
        match self {
            Self::Whole(_) => None,
            Self::Split(split) => Some(split),
        }
    }

    /// Makes all functions of these chunks stay.
    pub fn keep(self, chunks: &[usize]) -> Self {
        let Self::Split(mut split) = self else { return self };
        match split.keep(chunks) {
            Ok(()) => Self::Split(split),
            Err(why) => Self::Whole(why.to_string()),
        }
    }
}

/// The parts of a split core.
pub(crate) struct SplitCore {
    whole: Vec<u8>,
    /// For each function that the core defines, whether it stays.
    stays: Vec<bool>,
    pub split: Split,
}

impl SplitCore {
    fn new(whole: Vec<u8>, ran: impl Iterator<Item = u32>) -> Result<Self, Whole> {
        let mut stays = Vec::new();
        for number in ran.map(|number| number as usize) {
            if stays.len() <= number {
                stays.resize(number + 1, false);
            }
            stays[number] = true;
        }
        let split = split_by(&whole, &stays)?;
        Ok(Self { whole, stays, split })
    }

    fn keep(&mut self, chunks: &[usize]) -> Result<(), Whole> {
        for chunk in chunks.iter().filter_map(|number| self.split.chunks.get(*number)) {
            for function in &chunk.functions {
                if self.stays.len() <= *function {
                    self.stays.resize(function + 1, false);
                }
                self.stays[*function] = true;
            }
        }
        self.split = split_by(&self.whole, &self.stays)?;
        Ok(())
    }

    /// Writes the parts into the served folder, and lists them. `digests` returns the SHA-256 of files.
    pub(super) fn write(
        &self,
        outputs: &Path,
        digests: impl FnOnce(&[PathBuf]) -> Result<Vec<String>>,
        assets: &mut Vec<Asset>,
    ) -> Result<ManifestSplit> {
        let served = outputs.join(SERVED);
        let chunks = self.split.chunks.iter().enumerate();
        let chunks = chunks.map(|(number, chunk)| (format!("core/{number}"), &chunk.bytes));
        let parts: Vec<_> =
            [("core".to_owned(), &self.split.primary)].into_iter().chain(chunks).collect();
        let unnamed = |stem: &str| served.join(format!("{stem}.wasm"));
        for (stem, bytes) in &parts {
            files::write_atomic(&unnamed(stem), bytes)?;
        }
        let paths: Vec<_> = parts.iter().map(|(stem, _)| unnamed(stem)).collect();
        let mut written = Vec::new();
        for ((stem, bytes), sha256) in parts.iter().zip(digests(&paths)?) {
            let file = hashed_name(stem, &sha256, "wasm");
            files::rename(&unnamed(stem), &served.join(&file))?;
            let (path, eager) = (format!("{SERVED}/{file}"), written.is_empty());
            written.push((file, bytes.len(), BASE64_STANDARD.encode(files::unhex(&sha256))));
            assets.push(Asset { path, bytes: bytes.len(), sha256, eager, immutable: true });
        }
        let mut written = written.into_iter();
        let Some((file, bytes, _)) = written.next() else {
            let error = std::io::Error::other("a digest is missing");
            return Err(Error::io("read back the outputs in", outputs, error));
        };
        let chunks = self.split.chunks.iter().zip(written);
        let chunks = chunks.map(|(chunk, (file, bytes, sha256))| CoreChunk {
            file,
            bytes,
            sha256,
            crc32: files::crc32(&chunk.bytes),
            first: chunk.first,
            functions: chunk.functions.len(),
        });
        Ok(ManifestSplit { file, bytes, chunks: chunks.collect() })
    }
}

fn split_by(whole: &[u8], stays: &[bool]) -> Result<Split, Whole> {
    split::split(
        whole,
        &Stays { defined: stays, exports: &FOR_PROMISES, depth: DEPTH },
        None,
        LIMITS,
    )
}
