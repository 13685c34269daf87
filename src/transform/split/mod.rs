//! Splits a WebAssembly module by function: a primary with the functions that ran, and chunks with the others.
//!
//! The primary has the same types, functions, exports and table slots as the original, under the same indices. In
//! the place of a moved function is a stub, which loads the function's chunk with the first call. Function pointers
//! are those of the original, because the stub is the function.

mod bytes;
mod chunk;
mod coverage;
mod module;
mod plan;
mod primary;
mod sections;
mod stub;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::transform::split::module::Module;
use crate::transform::split::plan::Plan;

const MAGIC: &[u8] = b"\0asm\x01\0\0\0";
/// The module of imports that the loader answers itself, and the start of the names of exports for it.
const OWN: &str = "pyodide-pack";

/// A split module.
pub(crate) struct Split {
    pub primary: Vec<u8>,
    /// The size of the private table.
    pub table: u32,
    pub chunks: Vec<Chunk>,
}

/// Moved functions.
pub(crate) struct Chunk {
    /// A module.
    pub bytes: Vec<u8>,
    /// The slot of the first function. The slots are consecutive, in the order of the chunks.
    pub first: u32,
    /// The functions, by the numbers of what the module defines.
    pub functions: Vec<usize>,
}

/// Why a module is not split.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    /// Too little would move.
    Small,
    /// Something that the splitter does not know.
    Unknown(&'static str),
    /// A side module with something that its chunks can't reach.
    Private(&'static str),
    Malformed,
    /// The error of the reader.
    Unreadable(String),
}

impl fmt::Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Small => f.write_str("too few of its functions did not run"),
            Self::Unknown(what) => write!(f, "it has {what} that is unknown"),
            Self::Private(what) => write!(f, "it defines {what}"),
            Self::Malformed => f.write_str("it is malformed"),
            Self::Unreadable(error) => write!(f, "it can't be read: {error}"),
        }
    }
}

/// How the primary gets its private table.
#[derive(Debug, PartialEq, Eq)]
enum TableName {
    /// From `env`, under this name. No index changes, because the module defines no tables.
    Imported(String),
    Exported,
}

/// The functions that stay in the primary.
pub(crate) struct Stays<'a> {
    /// For each function that the module defines, whether it stays. Those after the end of the list do not.
    pub defined: &'a [bool],
    /// Exported functions that stay. The module may lack some.
    pub exports: &'a [&'a str],
    /// How far the functions stay that these call: with 1 those that they call themselves.
    pub depth: usize,
}

/// Sizes in bytes of code.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// The size of a chunk, which may be larger by one function.
    pub chunk: usize,
    /// A module stays whole if less than this would move.
    pub least: usize,
}

/// Splits a module into a primary and chunks.
///
/// A side module imports its private table under `name`; the core has none, and exports the table.
pub(crate) fn split(
    bytes: &[u8],
    stays: &Stays,
    name: Option<&str>,
    limits: Limits,
) -> Result<Split, Whole> {
    let module = Module::read(bytes)?;
    let table = match name {
        Some(name) => {
            module.check_side()?;
            TableName::Imported(name.to_owned())
        }
        None => TableName::Exported,
    };
    let plan = Plan::new(&module, stays, &table, limits)?;
    let primary = primary::write(&module, &plan, &table)?;
    let mut chunks = Vec::new();
    for chunk in &plan.chunks {
        let first = chunk.functions.first().and_then(|function| plan.moved.get(function));
        let defined = |function: &usize| function - module.imported_functions;
        chunks.push(Chunk {
            bytes: chunk::write(&module, &plan, chunk)?,
            first: *first.ok_or(Whole::Malformed)?,
            functions: chunk.functions.iter().map(defined).collect(),
        });
    }
    Ok(Split { primary, table: plan.table_size(), chunks })
}

/// Returns the core with notes about which functions ran.
pub(crate) fn core_with_coverage(module: &[u8]) -> Result<Vec<u8>, Whole> {
    coverage::core(&Module::read(module)?)
}

/// Returns a side module with notes about which functions ran.
pub(crate) fn side_with_coverage(module: &[u8]) -> Result<Vec<u8>, Whole> {
    coverage::side(&Module::read(module)?)
}
