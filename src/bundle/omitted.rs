//! Lists the lazy files that `Lazy::Omit` leaves out.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::paths::parent;
use crate::bundle::layout::{BundleFile, Layout, placed};
use crate::bundle::select::Selection;
use crate::image::Image;
use crate::image::mount::{self, Dirs};

/// Omitted files: package -> folder -> names.
pub(crate) type Omitted = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// The folders to mount without lazy files, and the omitted files. Sources of eager bytecode must exist for
/// the importer, so they are mounted without content, with the chunk number `nowhere`.
pub(super) fn without_lazy(
    image: &Image,
    layout: &Layout,
    selection: &Selection,
    place: impl Fn(&BundleFile) -> Option<(usize, u64)>,
    nowhere: usize,
) -> (Dirs<usize>, Omitted) {
    let place = |file: &BundleFile| {
        let seen = file.has_bytecode && selection.is_eager(&file.origin);
        if file.eager { place(file) } else { seen.then_some((nowhere, 0)) }
    };
    let dirs = mount::dirs(&BTreeSet::new(), placed(&layout.files, place));
    let mut omitted = Omitted::new();
    for file in &layout.files {
        if file.path == file.origin && !file.eager {
            let package = image.package(&file.file).name.clone();
            let folder = parent(&file.path);
            let name = file.path[folder.len()..].trim_start_matches('/').to_owned();
            let folders = omitted.entry(package).or_default();
            folders.entry(folder.to_owned()).or_default().push(name);
        }
    }
    (dirs, omitted)
}
