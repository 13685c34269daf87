//! The bundle for plain `loadPyodide`.

use std::path::Path;

use crate::base::error::Result;
use crate::base::files;
use crate::base::paths::LIBRARY_DIR;
use crate::base::zip::Zip;
use crate::bundle::names::{BUNDLE, STDLIB_ZIP};
use crate::bundle::pack::Packed;
use crate::bundle::select::Selection;
use crate::image::{Image, OwnerKind};

/// Completes a bundle that was unpacked without the JavaScript loader.
pub(crate) const PLAIN_LOADER: &str =
    include_str!("../../build-support/runtime/pyodide_pack_loader.py");
const PLAIN_LOADER_NAME: &str = "pyodide_pack_loader.py";

/// What a bundle for the plain three lines has besides the packages and the app.
pub(super) fn loader_files(image: &Image, selection: &Selection) -> Vec<(String, Vec<u8>)> {
    let modules = selection.side_modules.iter().map(|path| {
        let scope = if path.starts_with(LIBRARY_DIR) { "global" } else { "local" };
        format!("{path}\t{scope}\n")
    });
    let packages = loaded_packages(image).map(|(name, _, channel)| format!("{name}\t{channel}\n"));
    plain_loader_files(image, &modules.collect::<String>(), &packages.collect::<String>())
}

fn plain_loader_files(image: &Image, modules: &str, packages: &str) -> Vec<(String, Vec<u8>)> {
    let site_packages = image.site_packages();
    let site_packages = site_packages.trim_start_matches('/');
    vec![
        ("bundle-packages.txt".into(), packages.into()),
        ("bundle-so-list.txt".into(), modules.into()),
        (format!("{site_packages}/{PLAIN_LOADER_NAME}"), PLAIN_LOADER.into()),
    ]
}

/// Name, version and channel of each package, as `pyodide.loadedPackages` has them.
pub(crate) fn loaded_packages(image: &Image) -> impl Iterator<Item = (&str, &str, &str)> {
    image.owners.iter().filter_map(|owner| {
        let channel = match owner.kind {
            OwnerKind::Distribution => "default channel",
            OwnerKind::Index => owner.kind.channel(),
            OwnerKind::Stdlib | OwnerKind::App => return None,
        };
        Some((owner.name.as_str(), owner.version.as_str(), channel))
    })
}

/// A bundle without packages and app, to learn what the plain three lines themselves open.
pub(crate) fn plain_loader_zip(image: &Image) -> Result<Vec<u8>> {
    let mut zip = Zip::new();
    for (name, bytes) in plain_loader_files(image, "", "") {
        zip.add(&name, &bytes)?;
    }
    zip.finish()
}

/// Writes the two zips for the plain three lines.
pub(crate) fn write_plain(packed: &Packed, outputs: &Path) -> Result<()> {
    files::write_atomic(&outputs.join(BUNDLE), &packed.bundle)?;
    files::write_atomic(&outputs.join(STDLIB_ZIP), &packed.stdlib)
}
