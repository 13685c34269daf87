//! One wheel: the installed paths of its files, and a check of its RECORD.

use std::collections::BTreeMap;

use crate::base::error::Result;
use crate::base::paths::is_wheel;
use crate::packages::archive::{Index, Unpacked};
use crate::packages::names::listed;
use crate::pyodide::lock::LockedPackage;
use crate::settings::requirement::Name;
use serde::{Deserialize, Serialize};

/// An archive to install, found by name and SHA-256.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wheel {
    /// The name as in `pyodide.loadedPackages`.
    pub name: String,
    pub version: String,
    pub file_name: String,
    pub sha256: String,
    pub source: Source,
    /// Whether it is a shared library for `/usr/lib`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub library: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Source {
    Distribution,
    Index,
}

impl From<&LockedPackage> for Wheel {
    fn from(package: &LockedPackage) -> Self {
        let file_name = package.file_name.rsplit('/').next().unwrap_or_default();
        Self {
            name: package.name.clone(),
            version: package.version.clone(),
            file_name: file_name.to_owned(),
            sha256: package.sha256.to_lowercase(),
            source: Source::Distribution,
            library: package.is_library(),
        }
    }
}

/// Installed paths of an archive's files, as in Pyodide's own `pyodide/_package_loader.py`.
pub(crate) struct WheelLayout<'a> {
    /// The folder into which the whole archive is unpacked.
    root: &'a str,
    /// `NAME.data/data/`: its files are copied to `/` too.
    data: Option<String>,
    /// `NAME.dist-info`: the folder of the installer's records.
    pub dist_info: Option<String>,
}

impl<'a> WheelLayout<'a> {
    /// Reads a layout; `root` is site-packages, or `/usr/lib` for shared libraries.
    pub fn new(file_name: &str, index: &Index, root: &'a str) -> Self {
        let is_wheel = is_wheel(file_name);
        let name = Name::new(file_name.split('-').next().unwrap_or_default());
        let find = |suffix: &str| {
            let tops =
                index.entries.iter().filter_map(|e| e.name.split_once('/')).map(|(top, _)| top);
            let fits = |top: &&str| {
                top.ends_with(suffix) && Name::new(top).as_str().starts_with(name.as_str())
            };
            tops.filter(fits).min().filter(|_| is_wheel).map(str::to_owned)
        };
        Self {
            root,
            data: find(".data").map(|top| format!("{top}/data/")),
            dist_info: find(".dist-info"),
        }
    }

    /// Returns the absolute paths of an entry.
    pub fn targets(&self, name: &str) -> Vec<String> {
        let mut targets = vec![format!("{}/{name}", self.root)];
        let data = self.data.as_deref().and_then(|data| name.strip_prefix(data));
        targets.extend(data.map(|below| format!("/{below}")));
        targets
    }
}

/// Returns a warning if the archive lacks a file of a wheel's [RECORD], or has it with another size. The
/// SHA-256 of the whole wheel protects the contents.
///
/// [RECORD]: https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file
pub(crate) fn check_record(unpacked: &Unpacked) -> Result<Option<String>> {
    let entries = &unpacked.index.entries;
    let is_record =
        |name: &str| name.ends_with(".dist-info/RECORD") && name.matches('/').count() == 1;
    let Some(record) = entries.iter().find(|entry| is_record(&entry.name)) else { return Ok(None) };
    let text = unpacked.read(record)?;
    let sizes: BTreeMap<_, _> = entries.iter().map(|e| (e.name.as_str(), e.size)).collect();
    let text = String::from_utf8_lossy(&text);
    let rows = text.lines().filter(|line| !line.trim().is_empty()).map(record_row);
    let files = rows.filter(|(name, _)| !name.ends_with('/'));
    let wrong = files.filter_map(|(name, stated)| match (sizes.get(name.as_str()), stated) {
        (None, _) => Some(format!("{name:?} is not in the archive")),
        (Some(size), Some(stated)) if *size != stated => {
            Some(format!("{name:?} has {size} bytes instead of {stated}"))
        }
        _ => None,
    });
    Ok(listed("has a wrong RECORD", &wrong.collect::<Vec<_>>()))
}

/// Parses name and size of a line `name,hash,size`. Names with commas or quotes are quoted.
fn record_row(line: &str) -> (String, Option<u64>) {
    let (name, rest) = match line.strip_prefix('"').and_then(|quoted| quoted.rsplit_once("\",")) {
        Some((name, rest)) => (name.replace("\"\"", "\""), rest),
        None => match line.split_once(',') {
            Some((name, rest)) => (name.to_owned(), rest),
            None => (line.to_owned(), ""),
        },
    };
    (name, rest.rsplit(',').next().and_then(|size| size.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::archive::Entry;

    #[test]
    fn data_files_are_installed_twice() {
        let entry = |name: &str| Entry { name: name.to_owned(), offset: 0, size: 0 };
        let names = [
            "Foo.bar/x.py",
            "foo_bar-1.0.data/data/share/man/x.1",
            "foo_bar-1.0.dist-info/METADATA",
        ];
        let index = Index { entries: names.map(entry).to_vec(), ..Index::default() };
        let layout = WheelLayout::new("foo_bar-1.0-py3-none-any.whl", &index, "/s");
        assert_eq!(layout.dist_info.as_deref(), Some("foo_bar-1.0.dist-info"));
        assert_eq!(layout.targets(names[0]), ["/s/Foo.bar/x.py"]);
        assert_eq!(
            layout.targets(names[1]),
            ["/s/foo_bar-1.0.data/data/share/man/x.1", "/share/man/x.1"]
        );
        assert!(WheelLayout::new("foo_bar-1.0.zip", &index, "/s").dist_info.is_none());
    }

    #[test]
    fn rows_of_a_record() {
        assert_eq!(record_row("a/b.py,sha256=x,12"), ("a/b.py".to_owned(), Some(12)));
        assert_eq!(record_row("a.dist-info/RECORD,,"), ("a.dist-info/RECORD".to_owned(), None));
        assert_eq!(record_row("\"a,\"\"b.py\",sha256=x,3"), ("a,\"b.py".to_owned(), Some(3)));
    }
}
