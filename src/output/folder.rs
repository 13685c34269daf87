//! Removes files of earlier builds from the folders of the outputs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::base::error::{Error, Result};
use crate::base::files;
use crate::bundle::names::{BUNDLE, LAZY_ZIP, SERVED, STDLIB_ZIP};
use crate::output::LAST;
use crate::output::index::below_served;
use crate::settings::compression::Coding;

/// Copies the files to serve, those that name others at the end, and removes all others.
pub(super) fn export(out_dir: &Path, dir: &Path) -> Result<()> {
    let (served, target) = (out_dir.join(SERVED), dir.join(SERVED));
    let mut written = BTreeSet::new();
    let mut found = files::walk(&served, |_| true)?;
    found.sort_by_key(|(path, _)| LAST.iter().position(|last| below_served(last) == Some(path)));
    for (path, source) in found {
        files::write_if_changed(&target.join(&path), &files::read(&source)?)?;
        written.insert(path);
    }
    let all = files::walk(&target, |_| true)?.into_iter().map(|(path, _)| path);
    remove_unwritten(&target, all, &written)
}

/// Removes files of an earlier build: in the served folder all that were not `written`, beside it those
/// with the names of outputs.
pub(super) fn remove_others(out_dir: &Path, written: &BTreeSet<String>) -> Result<()> {
    let served = out_dir.join(SERVED);
    let old = if served.exists() { files::walk(&served, |_| true)? } else { Vec::new() };
    let old = old.into_iter().map(|(path, _)| format!("{SERVED}/{path}"));
    let copies = [BUNDLE, STDLIB_ZIP, LAZY_ZIP]
        .into_iter()
        .flat_map(|zip| Coding::ALL.map(|coding| format!("{zip}{}", coding.suffix())));
    let beside = copies.chain([LAZY_ZIP.to_owned()]).filter(|path| out_dir.join(path).exists());
    // A process that was killed while it wrote left these files.
    let half = files::walk(out_dir, |_| false)?.into_iter().map(|(path, _)| path);
    let half = half.filter(|path| path.starts_with(".tmp-"));
    remove_unwritten(out_dir, old.chain(beside).chain(half), written)
}

/// Removes files of a folder that were not `written`.
fn remove_unwritten(
    dir: &Path,
    paths: impl Iterator<Item = String>,
    written: &BTreeSet<String>,
) -> Result<()> {
    for path in paths.filter(|path| !written.contains(path)) {
        let path = dir.join(path);
        fs::remove_file(&path).map_err(|e| Error::io("remove the old output", &path, e))?;
    }
    Ok(())
}
