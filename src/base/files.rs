//! Reads files with errors that name the path, writes them atomically, hashes them, and walks folders in a
//! fixed order.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::base::error::{Error, Result};

pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|e| Error::io("read the file", path, e))
}

pub(crate) fn create_dir_all(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|e| Error::io("create the folder", path, e))
}

/// Writes in one step: into a temporary file in the same folder, then by a rename.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    create_dir_all(dir)?;
    let written = tempfile::Builder::new().prefix(".tmp-").tempfile_in(dir).and_then(|mut file| {
        file.write_all(bytes)?;
        make_readable(file.path())?;
        file.persist(path).map_err(|e| e.error)
    });
    written.map(drop).map_err(|e| Error::io("write the file", path, e))
}

/// Temporary files are private to their owner, but a cache or an output may be shared.
#[cfg(unix)]
fn make_readable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the Unix twin can fail")]
fn make_readable(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Moves a file or folder on the same disk into its place, in one step.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    create_dir_all(to.parent().unwrap_or(Path::new(".")))?;
    fs::rename(from, to).map_err(|e| Error::io("move into place", to, e))
}

/// Writes a file unless it has these bytes already, to preserve its modification time.
pub(crate) fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    let has_size = fs::metadata(path).is_ok_and(|old| old.len() == bytes.len() as u64);
    let is_same = has_size && fs::read(path).is_ok_and(|old| old == bytes);
    if is_same { Ok(()) } else { write_atomic(path, bytes) }
}

/// Returns a path with a trailing separator, as Pyodide's options expect folders.
pub(crate) fn with_separator(dir: &Path) -> String {
    format!("{}{}", dir.display(), std::path::MAIN_SEPARATOR)
}

/// Returns the SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Decodes the output of [`hex`]. Characters that are no hexadecimal digits are left out.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let pairs = (0..text.len()).step_by(2).filter_map(|i| text.get(i..i + 2));
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

/// Returns the CRC-32 that zip uses. It detects damage in the cache, not attacks: build scripts are not
/// optimised, and there it is twenty times as fast as SHA-256.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// Creates a temporary folder in `parent` that is deleted when the value is dropped.
pub(crate) fn temp_dir_in(parent: &Path) -> Result<tempfile::TempDir> {
    create_dir_all(parent)?;
    let made = tempfile::Builder::new().prefix("tmp-").tempdir_in(parent);
    made.map_err(|e| Error::io("create a temporary folder in", parent, e))
}

/// What a walk meets besides files.
pub(crate) enum Met {
    Folder,
    /// A name that is not Unicode, which Pyodide could not open.
    ForeignName,
    /// A socket, a device or a pipe.
    Special,
    /// A folder or an entry that can't be read.
    Unreadable(Error),
}

/// Lists every file below `root` as (path relative to it with `/`, path), sorted. Follows symbolic links,
/// except to a folder that contains them. `enter` decides by relative path which folders are entered.
///
/// Names that are not Unicode and links to nothing are left out, and so is what is neither file nor folder.
pub(crate) fn walk(root: &Path, enter: impl Fn(&str) -> bool) -> Result<Vec<(String, PathBuf)>> {
    walk_past(root, |relative, _, met| match met {
        Met::Folder => Ok(enter(relative)),
        Met::Unreadable(error) => Err(error),
        Met::ForeignName | Met::Special => Ok(false),
    })
}

/// Lists files as [`walk`] does. `meet` receives the relative path, the path and the kind of everything else;
/// links to nothing are passed over. It returns whether a folder is entered.
pub(crate) fn walk_past(
    root: &Path,
    mut meet: impl FnMut(&str, &Path, Met) -> Result<bool>,
) -> Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    // Each folder with the real paths of itself and of those that led to it.
    let mut pending = vec![(String::new(), root.to_path_buf(), Vec::new())];
    while let Some((prefix, dir, mut chain)) = pending.pop() {
        let failed = |e| Met::Unreadable(Error::io("read the folder", &dir, e));
        let opened = fs::canonicalize(&dir).and_then(|real| Ok((real, fs::read_dir(&dir)?)));
        let (real, entries) = match opened {
            Ok(opened) => opened,
            Err(e) => {
                meet(&prefix, &dir, failed(e))?;
                continue;
            }
        };
        if chain.contains(&real) {
            continue;
        }
        chain.push(real);
        for entry in entries {
            let path = match entry {
                Ok(entry) => entry.path(),
                Err(e) => {
                    meet(&prefix, &dir, failed(e))?;
                    break;
                }
            };
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let relative =
                if prefix.is_empty() { name.to_string() } else { format!("{prefix}/{name}") };
            let met = match fs::metadata(&path) {
                _ if path.to_str().is_none() => Met::ForeignName,
                Ok(meta) if meta.is_file() => {
                    files.push((relative, path));
                    continue;
                }
                Ok(meta) if meta.is_dir() => Met::Folder,
                Ok(_) => Met::Special,
                // A link to nothing or to itself, or an editor's file that is gone by now.
                Err(e) if path.is_symlink() || e.kind() == ErrorKind::NotFound => continue,
                Err(e) => Met::Unreadable(Error::io("look at", &path, e)),
            };
            let folder = matches!(met, Met::Folder);
            if meet(&relative, &path, met)? && folder {
                pending.push((relative, path, chain.clone()));
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_in_a_fixed_order_and_ends_on_link_loops() {
        let dir = tempfile::tempdir().unwrap();
        for file in ["b/x.py", "a.py", "ü/y z.py", "skip/no.py"] {
            write_atomic(&dir.path().join(file), b"").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(dir.path(), dir.path().join("b/loop")).unwrap();
        let files = walk(dir.path(), |folder| folder != "skip").unwrap();
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a.py", "b/x.py", "ü/y z.py"]);
    }

    #[test]
    #[cfg(unix)]
    fn walks_past_what_is_no_file_and_enters_a_folder_by_each_of_its_names() {
        use std::os::unix::{ffi::OsStrExt, fs::symlink, net::UnixListener};
        let dir = tempfile::tempdir().unwrap();
        write_atomic(&dir.path().join("real/x.csv"), b"").unwrap();
        for (target, link) in [("real", "one"), ("real", "two"), (".#me", ".#me"), ("no", "app")] {
            symlink(target, dir.path().join(link)).unwrap();
        }
        let _socket = UnixListener::bind(dir.path().join("socket")).unwrap();
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9.txt");
        fs::write(dir.path().join(name), b"").unwrap();
        let files = walk(dir.path(), |_| true).unwrap();
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["one/x.csv", "real/x.csv", "two/x.csv"]);
    }

    #[test]
    fn unchanged_files_keep_their_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        write_if_changed(&path, b"1").unwrap();
        let old = std::time::SystemTime::UNIX_EPOCH;
        fs::File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
        write_if_changed(&path, b"1").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), old);
        write_if_changed(&path, b"2").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"2");
    }

    #[test]
    fn digests() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert!(sha256_hex(b"").starts_with("e3b0c44298fc1c14"));
        assert_eq!(unhex(&hex(b"\x00\x7f\xff")), b"\x00\x7f\xff");
    }
}
