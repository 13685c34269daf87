//! The additional files of a bundle for plain `loadPyodide`.

use crate::base::error::Result;
use crate::base::paths::LIBRARY_DIR;
use crate::base::zip::Zip;
use crate::bundle::select::Selection;
use crate::image::Image;
use crate::image::file::PackageKind;

/// The module that completes a bundle unpacked without the JavaScript loader.
pub(super) const PLAIN_LOADER: &str =
    include_str!("../../build-support/runtime/pyodide_pack_loader.py");
const PLAIN_LOADER_NAME: &str = "pyodide_pack_loader.py";

/// Returns the name and content of each file.
pub(super) fn files(image: &Image, selection: &Selection) -> Vec<(String, Vec<u8>)> {
    let modules = selection.side_modules.iter().map(|path| {
        let scope = if path.starts_with(LIBRARY_DIR) { "global" } else { "local" };
        format!("{path}\t{scope}\n")
    });
    let packages = loaded_packages(image).map(|(name, _, channel)| format!("{name}\t{channel}\n"));
    files_of(image, &modules.collect::<String>(), &packages.collect::<String>())
}

fn files_of(image: &Image, modules: &str, packages: &str) -> Vec<(String, Vec<u8>)> {
    let site_packages = image.site_packages();
    let site_packages = site_packages.trim_start_matches('/');
    vec![
        ("bundle-packages.txt".into(), packages.into()),
        ("bundle-so-list.txt".into(), modules.into()),
        (format!("{site_packages}/{PLAIN_LOADER_NAME}"), PLAIN_LOADER.into()),
    ]
}

/// Returns name, version and channel of each package, as `pyodide.loadedPackages` has them.
pub(super) fn loaded_packages(image: &Image) -> impl Iterator<Item = (&str, &str, &str)> {
    image.packages.iter().filter_map(|package| {
        let channel = match package.kind {
            PackageKind::Distribution => "default channel",
            PackageKind::Index => package.kind.channel(),
            PackageKind::Stdlib | PackageKind::App => return None,
        };
        Some((package.name.as_str(), package.version.as_str(), channel))
    })
}

/// Returns a bundle without packages and app, which shows what plain `loadPyodide` itself opens.
pub(crate) fn empty_bundle(image: &Image) -> Result<Vec<u8>> {
    let mut zip = Zip::new();
    for (name, bytes) in files_of(image, "", "") {
        zip.add(&name, &bytes)?;
    }
    zip.finish()
}
