//! The complete installation, laid out before anything runs: the standard library, every wheel and
//! the app, each file with its path in Pyodide's file system, its owner and where its content is.

pub(crate) mod content;
pub(crate) mod mount;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use crate::base::error::Result;
use crate::base::files;
use crate::base::globs::Globs;
use crate::base::paths::{APP_DIR, LIBRARY_DIR, add_dirs, has_below, parent};
use crate::image::content::{Contents, Part, slice};
use crate::image::mount::Dirs;
use crate::packages::archive::{Index, Unpacked};
use crate::packages::wheel::{Layout, Source, Wheel};
use crate::pyodide::runtime::Runtime;

#[derive(Debug)]
pub(crate) struct Image {
    pub owners: Vec<Owner>,
    /// By number.
    pub parts: Vec<Part>,
    /// SHA-256 of the archive, for parts that come from one.
    pub archives: HashMap<PathBuf, String>,
    pub files: BTreeMap<String, ImageFile>,
    /// All folders, empty ones too.
    pub dirs: BTreeSet<String>,
    /// What is not as the user may expect it.
    pub warnings: Vec<String>,
    /// What `exclude` removed.
    pub dropped: Vec<Dropped>,
    stdlib_dir: String,
}

/// Whoever brought a file.
#[derive(Debug)]
pub(crate) struct Owner {
    pub name: String,
    pub version: String,
    pub kind: OwnerKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnerKind {
    Stdlib,
    Distribution,
    Index,
    App,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct ImageFile {
    pub owner: usize,
    pub part: usize,
    /// Where the content starts in the part, in bytes.
    pub offset: u64,
    /// In bytes.
    pub size: u64,
}

#[derive(Debug)]
pub(crate) struct Dropped {
    pub path: String,
    pub owner: usize,
    pub part: usize,
    pub offset: u64,
    pub size: u64,
    pub glob: String,
}

/// The name that the standard library has as an owner.
pub(crate) const STDLIB: &str = "stdlib";

impl Image {
    /// Lays out the standard library, the wheels in load order, and the app's files.
    ///
    /// `work` is a folder for contents that lie in no archive.
    pub fn new(
        runtime: &Runtime,
        mut stdlib: Unpacked,
        wheels: Vec<(Wheel, Unpacked)>,
        app: &[(String, Vec<u8>)],
        work: &Path,
    ) -> Result<Self> {
        let mut image = Self {
            owners: Vec::new(),
            parts: Vec::new(),
            archives: HashMap::new(),
            files: BTreeMap::new(),
            dirs: BTreeSet::new(),
            warnings: Vec::new(),
            dropped: Vec::new(),
            stdlib_dir: runtime.stdlib_dir(),
        };
        let site_packages = image.site_packages();
        let python = &runtime.distribution.info.python;
        image.add_owner(STDLIB, python, OwnerKind::Stdlib);
        // Its README is in the zip alone, which is not where distributions lie.
        stdlib.index.entries.retain(|entry| !entry.name.starts_with("site-packages/"));
        image.add_archive(stdlib, &Layout::new("", &Index::default(), &runtime.stdlib_dir()))?;

        let mut records = Vec::new();
        for (wheel, unpacked) in wheels {
            let kind = match wheel.source {
                Source::Distribution => OwnerKind::Distribution,
                Source::Index => OwnerKind::Index,
            };
            let owner = image.add_owner(&wheel.name, &wheel.version, kind);
            let root = if wheel.library { LIBRARY_DIR } else { &site_packages };
            let layout = Layout::new(&wheel.file_name, &unpacked.index, root);
            image.add_archive(unpacked, &layout)?;
            if let Some(dist_info) = &layout.dist_info {
                let dir = format!("{site_packages}/{dist_info}");
                records.push((owner, format!("{dir}/INSTALLER"), "pyodide.loadPackage"));
                records.push((owner, format!("{dir}/PYODIDE_SOURCE"), kind.channel()));
            }
        }
        let records =
            records.iter().map(|(owner, path, text)| (*owner, path.clone(), text.as_bytes()));
        image.add_loose(records.collect(), &work.join("records.bin"))?;

        let owner = image.add_owner("app", "", OwnerKind::App);
        let app =
            app.iter().map(|(name, bytes)| (owner, format!("{APP_DIR}/{name}"), bytes.as_slice()));
        image.add_loose(app.collect(), &work.join("app.bin"))?;
        Ok(image)
    }

    fn add_owner(&mut self, name: &str, version: &str, kind: OwnerKind) -> usize {
        self.owners.push(Owner { name: name.to_owned(), version: version.to_owned(), kind });
        self.owners.len() - 1
    }

    /// The files of the newest owner.
    fn add_archive(&mut self, unpacked: Unpacked, layout: &Layout) -> Result<()> {
        let (owner, part) = (self.owners.len() - 1, self.parts.len());
        self.archives.insert(unpacked.content.clone(), unpacked.sha256);
        self.parts.push(Part::new(unpacked.content));
        for dir in &unpacked.index.dirs {
            for target in layout.targets(dir) {
                add_dirs(&mut self.dirs, &target);
            }
        }
        for entry in unpacked.index.entries {
            for target in layout.targets(&entry.name) {
                let file = ImageFile { owner, part, offset: entry.offset, size: entry.size };
                self.add_file(target, file)?;
            }
        }
        Ok(())
    }

    /// Files with contents of their own, written into one new part.
    fn add_loose(&mut self, files: Vec<(usize, String, &[u8])>, part_path: &Path) -> Result<()> {
        let part = self.parts.len();
        let content: Vec<u8> = files.iter().flat_map(|(_, _, bytes)| *bytes).copied().collect();
        files::write_atomic(part_path, &content)?;
        self.parts.push(Part::new(part_path.to_path_buf()));
        let mut offset = 0;
        for (owner, path, bytes) in files {
            let size = bytes.len() as u64;
            self.add_file(path, ImageFile { owner, part, offset, size })?;
            offset += size;
        }
        Ok(())
    }

    /// The later owner of a path wins, as when Pyodide unpacks one wheel after the other.
    fn add_file(&mut self, path: String, file: ImageFile) -> Result<()> {
        if let Some(old) = self.files.get(&path).filter(|old| old.owner != file.owner)
            && self.read(old)? != self.read(&file)?
        {
            let (old, new) = (&self.owners[old.owner].name, &self.owners[file.owner].name);
            self.warnings.push(format!(
                "{path} is in {old} and in {new}, and differs: {new}'s is used, as in Pyodide"
            ));
        }
        add_dirs(&mut self.dirs, parent(&path));
        self.files.insert(path, file);
        Ok(())
    }

    pub fn read(&self, file: &ImageFile) -> Result<Vec<u8>> {
        Ok(slice(self.parts[file.part].bytes()?, file.offset, file.size).to_vec())
    }

    /// Removes what the globs match, before anything is traced.
    pub fn exclude(&mut self, globs: &Globs) {
        let mut used = BTreeSet::new();
        let files = std::mem::take(&mut self.files);
        for (path, file) in files {
            let Some(index) = globs.position(&self.names(&path)) else {
                self.files.insert(path, file);
                continue;
            };
            used.insert(index);
            let ImageFile { owner, part, offset, size } = file;
            let glob = globs.text(index).to_owned();
            self.dropped.push(Dropped { path, owner, part, offset, size, glob });
        }
        // Folders that had nothing else go away too.
        for dropped in &self.dropped {
            let mut dir = parent(&dropped.path);
            while !dir.is_empty() && !has_below(&self.files, dir) && self.dirs.remove(dir) {
                dir = parent(dir);
            }
        }
        self.warnings.extend(globs.unused(&used, "exclude"));
    }

    pub fn site_packages(&self) -> String {
        format!("{}/site-packages", self.stdlib_dir)
    }

    pub fn stdlib_dir(&self) -> &str {
        &self.stdlib_dir
    }

    pub fn owner(&self, file: &ImageFile) -> &Owner {
        &self.owners[file.owner]
    }

    /// The names by which globs may call a file: relative to site-packages, the standard library
    /// or the app, and absolute.
    pub fn names<'a>(&self, path: &'a str) -> Vec<&'a str> {
        let below = |dir: &str| path.strip_prefix(dir).and_then(|rest| rest.strip_prefix('/'));
        let relative = below(&self.site_packages())
            .or_else(|| below(&self.stdlib_dir))
            .or_else(|| below(APP_DIR));
        std::iter::once(path).chain(relative).collect()
    }

    /// Files and folders as `packfs.mjs` mounts them: the image itself.
    pub fn mounted(&self) -> Dirs {
        let files = self.files.iter().map(|(path, f)| (path.as_str(), f.size, f.part, f.offset));
        mount::mounted(&self.dirs, files)
    }

    /// The standard library alone, also what `exclude` removes of it.
    pub fn mounted_stdlib(&self) -> Dirs {
        let stdlib = |owner: usize| self.owners[owner].kind == OwnerKind::Stdlib;
        let files = self.files.iter().filter(|(_, f)| stdlib(f.owner));
        let files = files.map(|(path, f)| (path.as_str(), f.size, f.part, f.offset));
        let dropped = self.dropped.iter().filter(|d| stdlib(d.owner));
        let dropped = dropped.map(|d| (d.path.as_str(), d.size, d.part, d.offset));
        mount::mounted(&BTreeSet::new(), files.chain(dropped))
    }

    /// The contents of all files.
    pub fn contents(&self) -> Result<Contents<'_>> {
        Contents::of(self.parts.iter())
    }
}

impl OwnerKind {
    /// What Pyodide calls the place that a package came from.
    pub fn channel(self) -> &'static str {
        match self {
            Self::Distribution => "pyodide",
            Self::Stdlib | Self::Index | Self::App => "pypi",
        }
    }
}
