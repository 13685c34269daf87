//! Cold files: whether they lie beside the bundle, in one more zip, or nowhere.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::base::paths::parent;
use crate::image::{Dirs, Image, mounted};
use crate::select::Selection;
use crate::shipment::{Shipment, Shipped};

/// What becomes of files that are not in the bundle; for [`Builder::cold`](crate::Builder::cold).
///
/// ```no_run
/// # fn main() -> pyodide_pack::Result<()> {
/// use pyodide_pack::{Builder, Cold};
/// Builder::new("python").cold(Cold::Embedded).build()?; // nothing is fetched, ever
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Cold {
    /// They lie in chunks beside the bundle, and are fetched when they are first opened.
    #[default]
    Separate,
    /// They lie in one more zip, `pyodide-package-cold.zip`, which `pyodide_pack.rs` has as `COLD`, for
    /// `loadBundle({ bundle, stdlib, cold, manifest })`.
    Embedded,
    /// They are nowhere. Python says what it says of files that are not installed, with a note that
    /// names the file, its distribution and the line to add to `build.rs`. Sources of bytecode that is
    /// in the bundle can be seen, but not opened.
    Dropped,
}

/// Files that are nowhere: distribution -> folder -> names.
pub(crate) type Dropped = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// What is mounted where cold files are dropped, and what was dropped. Sources of hot bytecode, without
/// which it would not be found, are mounted in the part `nowhere`.
pub(crate) fn without_cold(
    image: &Image,
    shipment: &Shipment,
    selection: &Selection,
    place: impl Fn(&Shipped) -> Option<(usize, u64)>,
    nowhere: usize,
) -> (Dirs, Dropped) {
    let place = |shipped: &Shipped| {
        let seen = shipped.has_bytecode && selection.is_hot(&shipped.origin);
        if shipped.hot { place(shipped) } else { seen.then_some((nowhere, 0)) }
    };
    let files = shipment.files.iter().filter_map(|shipped| {
        let (part, offset) = place(shipped)?;
        Some((shipped.path.as_str(), shipped.file.size, part, offset))
    });
    let dirs = mounted(&BTreeSet::new(), files);
    let mut dropped = Dropped::new();
    for shipped in &shipment.files {
        if shipped.path == shipped.origin && !shipped.hot {
            let distribution = image.owner(&shipped.file).name.clone();
            let folder = parent(&shipped.path);
            let name = shipped.path[folder.len()..].trim_start_matches('/').to_owned();
            let folders = dropped.entry(distribution).or_default();
            folders.entry(folder.to_owned()).or_default().push(name);
        }
    }
    (dirs, dropped)
}
