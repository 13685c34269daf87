//! Makes wheels and digests.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Returns the file name of a wheel for [`wheel`].
#[must_use]
pub fn wheel_name(module: &str) -> String {
    format!("{module}-1.0-py3-none-any.whl")
}

/// Returns a wheel of version 1.0, always with the same bytes. `metadata` follows the usual fields, and
/// `record` is its RECORD.
#[must_use]
pub fn wheel(module: &str, metadata: &str, record: &str, files: &[(&str, &str)]) -> Vec<u8> {
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    wheel_of_bytes(module, metadata, record, &files)
}

/// Returns the same with files that are not text.
#[must_use]
pub fn wheel_of_bytes(
    module: &str,
    metadata: &str,
    record: &str,
    files: &[(&str, &[u8])],
) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let name = module.replace('_', "-");
    let info = format!("{module}-1.0.dist-info");
    let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{metadata}");
    let tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
    let own = [
        (format!("{info}/METADATA"), metadata.as_bytes()),
        (format!("{info}/WHEEL"), tags.as_bytes()),
        (format!("{info}/RECORD"), record.as_bytes()),
    ];
    let given = files.iter().map(|(file, content)| ((*file).to_owned(), *content));
    for (file, content) in given.chain(own) {
        zip.start_file(file, stored).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Writes a wheel that needs `six` into a folder. `ANSWER` of its module distinguishes wheels.
pub fn put_wheel(folder: &Path, module: &str, answer: u32) {
    let init = (format!("{module}/__init__.py"), format!("ANSWER = {answer}\n"));
    let bytes = wheel(module, "Requires-Dist: six\n", "", &[(&init.0, &init.1)]);
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(wheel_name(module)), bytes).unwrap();
}

/// Returns the SHA-256 in hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
