//! The complete installation, laid out before anything runs: the standard library, every wheel and the app.
//! Each file has its path in Pyodide's file system, its package and the place of its content.

pub(crate) mod content;
pub(crate) mod file;
pub(crate) mod mount;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use crate::base::error::Result;
use crate::base::files;
use crate::base::globs::Globs;
use crate::base::paths::{
    APP_DIR, LIBRARY_DIR, add_dirs, extension_module, has_below, is_shared_object, parent,
};
use crate::image::content::{Bytes, ContentId, Contents, Piece};
use crate::image::file::{APP, Excluded, ImageFile, Package, PackageKind, STDLIB};
use crate::image::mount::Dirs;
use crate::packages::archive::{Index, Unpacked};
use crate::packages::wheel::{Source, Wheel, WheelLayout};
use crate::pyodide::runtime::Runtime;

/// A larger app, in bytes, probably has files that it does not need.
const LARGE_APP_BYTES: u64 = 1_000_000;

#[derive(Debug)]
pub(crate) struct Image {
    /// In load order: the standard library, the wheels, the app.
    pub packages: Vec<Package>,
    pub contents: Contents,
    /// SHA-256 of the archive, for contents that an archive provides.
    pub archives: HashMap<ContentId, String>,
    pub files: BTreeMap<String, ImageFile>,
    /// All folders, including empty ones.
    pub dirs: BTreeSet<String>,
    /// Warnings about unexpected contents.
    pub warnings: Vec<String>,
    /// Files that `exclude` removed.
    pub excluded: Vec<Excluded>,
    /// Paths of the WebAssembly side modules.
    side_modules: BTreeSet<String>,
    stdlib_dir: String,
}

/// The inputs of an installation.
pub(crate) struct Installation<'a> {
    pub stdlib: Unpacked,
    /// In load order.
    pub wheels: Vec<(Wheel, Unpacked)>,
    /// The app's files, by name.
    pub app: &'a [(String, Vec<u8>)],
}

impl Image {
    /// Installs everything; `work` is a folder for contents of no archive.
    pub fn new(runtime: &Runtime, installation: Installation, work: &Path) -> Result<Self> {
        let mut image = Self::empty(runtime.stdlib_dir());
        let Installation { mut stdlib, wheels, app } = installation;
        image.add_package(STDLIB, &runtime.lock.info.python, PackageKind::Stdlib);
        // The zip's own `site-packages` has only a README; packages are installed elsewhere.
        stdlib.index.entries.retain(|entry| !entry.name.starts_with("site-packages/"));
        let (index, stdlib_dir) = (Index::default(), runtime.stdlib_dir());
        let layout = WheelLayout::new("", &index, &stdlib_dir);
        image.add_archive(stdlib, &layout)?;
        image.add_wheels(wheels, work)?;
        let package = image.add_package(APP, "", PackageKind::App);
        let app = app
            .iter()
            .map(|(name, bytes)| (package, format!("{APP_DIR}/{name}"), bytes.as_slice()));
        image.add_loose(app.collect(), &work.join("app.bin"))?;
        Ok(image)
    }

    fn empty(stdlib_dir: String) -> Self {
        Self {
            packages: Vec::new(),
            contents: Contents::default(),
            archives: HashMap::new(),
            files: BTreeMap::new(),
            dirs: BTreeSet::new(),
            warnings: Vec::new(),
            excluded: Vec::new(),
            side_modules: BTreeSet::new(),
            stdlib_dir,
        }
    }

    /// Returns an image of these files (path, package, content) for tests. Packages are in the order of
    /// their first file; `stdlib` and `app` have their usual meaning.
    #[cfg(test)]
    pub fn in_memory(files: &[(&str, &str, &str)]) -> Self {
        let mut image = Self::empty("/lib/python3.14".to_owned());
        for (path, name, bytes) in files {
            let known = image.packages.iter().position(|package| package.name == *name);
            let package = known.unwrap_or_else(|| {
                let kind = match *name {
                    STDLIB => PackageKind::Stdlib,
                    APP => PackageKind::App,
                    _ => PackageKind::Distribution,
                };
                image.add_package(name, "1.0", kind)
            });
            let content = image.contents.add_bytes(bytes.as_bytes().to_vec());
            let piece = Piece { content, offset: 0, size: bytes.len() as u64 };
            image.add_file((*path).to_owned(), ImageFile { package, piece }).unwrap();
        }
        image
    }

    fn add_package(&mut self, name: &str, version: &str, kind: PackageKind) -> usize {
        self.packages.push(Package { name: name.to_owned(), version: version.to_owned(), kind });
        self.packages.len() - 1
    }

    /// Adds the wheels, and the files that Pyodide itself writes for each.
    fn add_wheels(&mut self, wheels: Vec<(Wheel, Unpacked)>, work: &Path) -> Result<()> {
        let site_packages = self.site_packages();
        let mut records = Vec::new();
        for (wheel, unpacked) in wheels {
            let kind = match wheel.source {
                Source::Distribution => PackageKind::Distribution,
                Source::Index => PackageKind::Index,
            };
            let package = self.add_package(&wheel.name, &wheel.version, kind);
            let root = if wheel.library { LIBRARY_DIR } else { &site_packages };
            let layout = WheelLayout::new(&wheel.file_name, &unpacked.index, root);
            let unusual = unpacked.index.warnings.iter();
            self.warnings.extend(unusual.map(|what| format!("{} {what}", wheel.file_name)));
            self.add_archive(unpacked, &layout)?;
            if let Some(dist_info) = &layout.dist_info {
                let dir = format!("{site_packages}/{dist_info}");
                let mut record = |name: &str, text: &str| {
                    records.push((package, format!("{dir}/{name}"), text.to_owned()));
                };
                record("INSTALLER", "pyodide.loadPackage");
                record("PYODIDE_SOURCE", kind.channel());
                if wheel.source == Source::Index {
                    // For `micropip.freeze`. The name is relative to `packageBaseUrl`, as in lock files.
                    record("PYODIDE_URL", &wheel.file_name);
                    record("PYODIDE_SHA256", &wheel.sha256);
                }
            }
        }
        let records =
            records.iter().map(|(package, path, text)| (*package, path.clone(), text.as_bytes()));
        self.add_loose(records.collect(), &work.join("records.bin"))
    }

    /// Adds the files of the last package.
    fn add_archive(&mut self, unpacked: Unpacked, layout: &WheelLayout) -> Result<()> {
        let package = self.packages.len() - 1;
        let content = self.contents.add(unpacked.content);
        self.archives.insert(content, unpacked.sha256);
        for dir in &unpacked.index.dirs {
            for target in layout.targets(dir) {
                add_dirs(&mut self.dirs, &target);
            }
        }
        for entry in unpacked.index.entries {
            for target in layout.targets(&entry.name) {
                let piece = Piece { content, offset: entry.offset, size: entry.size };
                self.add_file(target, ImageFile { package, piece })?;
            }
        }
        Ok(())
    }

    /// Adds files with new contents, which go into one new content file.
    fn add_loose(&mut self, files: Vec<(usize, String, &[u8])>, path: &Path) -> Result<()> {
        let all: Vec<u8> = files.iter().flat_map(|(_, _, bytes)| *bytes).copied().collect();
        files::write_atomic(path, &all)?;
        let content = self.contents.add(path.to_path_buf());
        let mut offset = 0;
        for (package, path, bytes) in files {
            let size = bytes.len() as u64;
            let piece = Piece { content, offset, size };
            self.add_file(path, ImageFile { package, piece })?;
            offset += size;
        }
        Ok(())
    }

    /// Adds a file. The later package of a path wins, as when Pyodide unpacks one wheel after the other.
    fn add_file(&mut self, path: String, file: ImageFile) -> Result<()> {
        if let Some(old) = self.files.get(&path).filter(|old| old.package != file.package)
            && *self.read(old)? != *self.read(&file)?
        {
            let (old, new) = (&self.package(old).name, &self.package(&file).name);
            self.warnings.push(format!(
                "{path} differs between {old} and {new}: the bundle has the file of {new}, as in Pyodide"
            ));
        }
        if is_shared_object(&path) && file::is_side_module(&self.read(&file)?) {
            self.side_modules.insert(path.clone());
        } else {
            self.side_modules.remove(&path);
        }
        add_dirs(&mut self.dirs, parent(&path));
        self.files.insert(path, file);
        Ok(())
    }

    /// Returns whether a file is a WebAssembly side module. Its name alone does not say so.
    pub fn is_side_module(&self, path: &str) -> bool {
        self.side_modules.contains(path)
    }

    pub fn read(&self, file: &ImageFile) -> Result<Bytes> {
        self.contents.read(file.piece)
    }

    /// Removes the files that the globs match, before the first trace.
    pub fn exclude(&mut self, globs: &Globs) {
        let mut used = BTreeSet::new();
        let files = std::mem::take(&mut self.files);
        for (path, file) in files {
            let Some(index) = globs.position(&self.names(&path)) else {
                self.files.insert(path, file);
                continue;
            };
            used.insert(index);
            self.excluded.push(Excluded { path, file, glob: globs.text(index).to_owned() });
        }
        // Folders that are empty now are removed too.
        for excluded in &self.excluded {
            let mut dir = parent(&excluded.path);
            while !dir.is_empty() && !has_below(&self.files, dir) && self.dirs.remove(dir) {
                dir = parent(dir);
            }
        }
        self.warnings.extend(globs.unused(&used, "exclude"));
        self.warn_about_foreign_extensions();
        self.warn_about_large_app();
    }

    fn warn_about_foreign_extensions(&mut self) {
        let foreign = self.files.keys().filter(|path| !self.is_side_module(path));
        let warnings = foreign.filter_map(|path| {
            let module = extension_module(path)?;
            Some(format!(
                "{path} is no WebAssembly side module: `import {module}` would fail, as in plain Pyodide"
            ))
        });
        self.warnings.extend(warnings.collect::<Vec<_>>());
    }

    fn warn_about_large_app(&mut self) {
        let own = self.files.iter().filter(|(_, file)| self.package(file).kind == PackageKind::App);
        let mut own: Vec<_> = own
            .map(|(path, file)| (file.piece.size, self.names(path).pop().unwrap_or(path)))
            .collect();
        let total = own.iter().map(|(size, _)| size).sum();
        if total <= LARGE_APP_BYTES {
            return;
        }
        own.sort_by(|a, b| b.cmp(a));
        let largest =
            own.iter().take(3).map(|(size, name)| format!("{name} ({})", megabytes(*size)));
        self.warnings.push(format!(
            "the app's own files have {}; the largest are {}: leave out what the app does not need with \
             .exclude(\"GLOB\") in build.rs",
            megabytes(total),
            largest.collect::<Vec<_>>().join(", ")
        ));
    }

    pub fn site_packages(&self) -> String {
        format!("{}/site-packages", self.stdlib_dir)
    }

    pub fn stdlib_dir(&self) -> &str {
        &self.stdlib_dir
    }

    pub fn package(&self, file: &ImageFile) -> &Package {
        &self.packages[file.package]
    }

    /// Returns the names of a file that globs may match: relative to site-packages, to the standard library
    /// or to the app, and absolute.
    pub fn names<'a>(&self, path: &'a str) -> Vec<&'a str> {
        let below = |dir: &str| path.strip_prefix(dir).and_then(|rest| rest.strip_prefix('/'));
        let relative = below(&self.site_packages())
            .or_else(|| below(&self.stdlib_dir))
            .or_else(|| below(APP_DIR));
        std::iter::once(path).chain(relative).collect()
    }

    /// Returns the image as a run mounts it.
    pub fn mount(&self) -> Dirs<ContentId> {
        let files = self.files.iter().map(|(path, file)| file.at(path));
        mount::dirs(&self.dirs, files)
    }

    /// Returns the standard library alone, including its excluded files.
    pub fn mount_stdlib(&self) -> Dirs<ContentId> {
        let stdlib = |file: &ImageFile| self.package(file).kind == PackageKind::Stdlib;
        let files = self.files.iter().filter(|(_, file)| stdlib(file));
        let files = files.map(|(path, file)| file.at(path));
        let excluded = self.excluded.iter().filter(|excluded| stdlib(&excluded.file));
        let excluded = excluded.map(|excluded| excluded.file.at(&excluded.path));
        mount::dirs(&BTreeSet::new(), files.chain(excluded))
    }
}

fn megabytes(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let megabytes = bytes as f64 / 1e6;
    format!("{megabytes:.2} MB")
}
