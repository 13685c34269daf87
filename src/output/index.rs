//! The list of the served files, which programs of development builds read: a line for each file, with path,
//! content type, integrity, whether it is immutable, whether it is eager, and its age.
//!
//! A page may still have the manifest of the build before. So the files of one former build stay, and the
//! list has them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::base::error::Result;
use crate::base::files;
use crate::bundle::names::{ASSET_INDEX, SERVED};
use crate::output::included::Included;

/// The last field of the files of the newest build.
const CURRENT: &str = "current";
/// The last field of files that only the build before has.
const FORMER: &str = "former";

/// The lines by path, each without its path.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Index(BTreeMap<String, String>);

impl Index {
    pub fn new(assets: &[Included]) -> Self {
        let line = |asset: &Included| {
            let Included { immutable, eager, .. } = asset;
            let (content_type, integrity) = (asset.content_type(), asset.integrity());
            format!("{content_type}\t{integrity}\t{immutable}\t{eager}\t{CURRENT}")
        };
        Self(assets.iter().map(|asset| (asset.path.clone(), line(asset))).collect())
    }

    /// Reads the list of the last build. Without one, it is empty.
    pub fn read(out_dir: &Path) -> Self {
        let text = fs::read_to_string(out_dir.join(ASSET_INDEX)).unwrap_or_default();
        let lines = text.lines().filter_map(|line| line.split_once('\t'));
        Self(lines.map(|(path, line)| (path.to_owned(), line.to_owned())).collect())
    }

    /// Adds the files of the build before, and of no older one.
    pub fn with_former(mut self, last: &Self) -> Self {
        let is_current = |line: &str| line.ends_with(CURRENT);
        let unchanged = last.0.iter().filter(|(_, line)| is_current(line)).eq(&self.0);
        for (path, line) in &last.0 {
            // The same build once more makes nothing older.
            if unchanged || is_current(line) {
                let line = line.replace(CURRENT, FORMER);
                self.0.entry(path.clone()).or_insert(line);
            }
        }
        self
    }

    /// Returns the list while a build is written: these files are still those of the `last` build.
    pub fn while_last_has(mut self, paths: &[&str], last: &Self) -> Self {
        for path in paths.iter().filter_map(|path| below_served(path)) {
            self.0.remove(path);
            if let Some(line) = last.0.get(path) {
                self.0.insert(path.to_owned(), line.clone());
            }
        }
        self
    }

    /// Returns the paths of all files, relative to the outputs.
    pub fn paths(&self) -> BTreeSet<String> {
        self.0.keys().map(|path| format!("{SERVED}/{path}")).collect()
    }

    pub fn write(&self, out_dir: &Path) -> Result<()> {
        let lines = self.0.iter().map(|(path, line)| format!("{path}\t{line}\n"));
        files::write_if_changed(&out_dir.join(ASSET_INDEX), lines.collect::<String>().as_bytes())
    }
}

/// Returns an output's path relative to the served folder, if it is there.
pub(crate) fn below_served(path: &str) -> Option<&str> {
    path.strip_prefix(SERVED)?.strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::compression::Encoding;

    /// Returns the list of a build with these files: each has a path, and a content.
    fn index(files: &[(&str, &str)]) -> Index {
        let included = files.iter().map(|(path, content)| Included {
            path: (*path).to_owned(),
            sha256: files::sha256_hex(content.as_bytes()),
            encodings: vec![Encoding::Identity],
            immutable: false,
            eager: false,
        });
        Index::new(&included.collect::<Vec<_>>())
    }

    fn names(index: &Index) -> Vec<(&str, &str)> {
        let lines = index.0.iter();
        lines.map(|(path, line)| (path.as_str(), line.rsplit('\t').next().unwrap())).collect()
    }

    #[test]
    fn files_of_one_former_build_stay() {
        let builds = ["1", "2", "2", "3"].map(|build| {
            let app = format!("app.{build}.zip");
            index(&[("loader.js", "same"), ("manifest.json", build), (&app, build)])
        });
        let mut last = Index::default();
        let mut seen = Vec::new();
        for build in builds {
            last = build.with_former(&last);
            let apps = names(&last).into_iter().filter(|(path, _)| path.starts_with("app."));
            seen.push(
                apps.map(|(path, age)| format!("{path} {age}")).collect::<Vec<_>>().join(", "),
            );
            assert!(names(&last).contains(&("loader.js", CURRENT)));
        }
        let expected = [
            "app.1.zip current",
            "app.1.zip former, app.2.zip current",
            // The same build once more.
            "app.1.zip former, app.2.zip current",
            "app.2.zip former, app.3.zip current",
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn while_a_build_is_written_the_manifest_is_the_last_one() {
        let (last, next) = (
            index(&[("manifest.json", "1")]),
            index(&[("manifest.json", "2"), ("app.2.zip", "2")]),
        );
        let manifest = ["pyodide-pack/manifest.json"];
        let between = next.clone().with_former(&last).while_last_has(&manifest, &last);
        assert_eq!(between.0["manifest.json"], last.0["manifest.json"]);
        assert_eq!(between.0["app.2.zip"], next.0["app.2.zip"]);
        // The first build of all has no manifest yet.
        let between = next.while_last_has(&manifest, &Index::default());
        assert_eq!(names(&between), [("app.2.zip", CURRENT)]);
    }

    #[test]
    fn the_list_is_read_as_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Index::read(dir.path()).0.is_empty());
        let written = index(&[("a b/ü.js", "x"), ("manifest.json", "1")]);
        written.write(dir.path()).unwrap();
        assert!(Index::read(dir.path()) == written);
    }
}
