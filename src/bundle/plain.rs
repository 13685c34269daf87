//! The additional files of a bundle for plain `loadPyodide`.

use crate::base::error::Result;
use crate::base::paths::{APP_DIR, LIBRARY_DIR, parent};
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

/// Returns the folders that Python imports as namespace packages, and those of data. They exist even if no file
/// in them is in the bundle.
pub(super) fn namespaces(image: &Image) -> impl Iterator<Item = &str> {
    let roots = [image.site_packages(), APP_DIR.to_owned()];
    let is_namespace = move |dir: &str| {
        let below = roots.iter().find_map(|root| dir.strip_prefix(root)?.strip_prefix('/'));
        let is_name = |part: &str| part.chars().all(|c| c.is_alphanumeric() || c == '_');
        let has_init = |dir: &str| image.files.contains_key(&format!("{dir}/__init__.py"));
        below.is_some_and(|below| {
            let depth = below.split('/').count();
            below.split('/').all(is_name)
                && !std::iter::successors(Some(dir), |dir| Some(parent(dir)))
                    .take(depth)
                    .any(has_init)
        })
    };
    image.dirs.iter().map(String::as_str).filter(move |dir| is_namespace(dir))
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
