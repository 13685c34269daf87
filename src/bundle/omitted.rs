//! Cold files: whether they lie beside the bundle, in one more zip, or nowhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::paths::parent;
use crate::bundle::layout::{Shipment, Shipped};
use crate::bundle::select::Selection;
use crate::image::Image;
use crate::image::mount::{Dirs, mounted};

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
