//! Text of the user's files, decoded as pip and Python do.

use std::path::Path;

use encoding_rs::{Encoding, UTF_8};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;

/// Reads a file in the encoding that its byte order mark or its first two lines declare, or in UTF-8.
pub(super) fn read(path: &Path) -> Result<String> {
    let bytes = files::read(path)?;
    let encoding = declared(&bytes).map_err(|name| {
        Error::new(ErrorKind::Config, format!("a file declares the unknown encoding {name:?}"))
            .at(path.display())
            .hint("save it as UTF-8, and remove the declaration")
    })?;
    let encoding = encoding.unwrap_or(UTF_8);
    let (text, used, has_errors) = encoding.decode(&bytes);
    if has_errors {
        return Err(Error::new(ErrorKind::Config, format!("a file is not {}", used.name()))
            .at(path.display())
            .hint(
                "save it as UTF-8, or declare its encoding in the first line: # -*- coding: latin-1 -*-",
            ));
    }
    Ok(text.into_owned())
}

/// Reads a Python file as far as it is text. What is not becomes the replacement character.
pub(super) fn read_lossy(path: &Path) -> Result<String> {
    let bytes = files::read(path)?;
    let encoding = declared(&bytes).ok().flatten().unwrap_or(UTF_8);
    Ok(encoding.decode(&bytes).0.into_owned())
}

/// Returns the encoding that the first two lines declare, or the unknown name of one.
///
/// Format: <https://docs.python.org/3/reference/lexical_analysis.html#encoding-declarations>
fn declared(bytes: &[u8]) -> std::result::Result<Option<&'static Encoding>, String> {
    for line in bytes.split(|byte| *byte == b'\n').take(2) {
        let line = String::from_utf8_lossy(line);
        if !line.trim_start_matches([' ', '\t', '\x0c', '\u{feff}']).starts_with('#') {
            continue;
        }
        let Some((_, rest)) = line.split_once("coding") else { continue };
        let Some(rest) = rest.strip_prefix([':', '=']) else { continue };
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let name: String = rest.trim_start().chars().take_while(|c| is_name(*c)).collect();
        // Python's names have more separators.
        let label = name.to_lowercase().replace('_', "-");
        let label = if label == "latin-1" { "latin1" } else { &label };
        return Encoding::for_label(label.as_bytes()).map(Some).ok_or(name);
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Result<String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("requirements.txt");
        files::write_atomic(&path, bytes).unwrap();
        read(&path)
    }

    #[test]
    fn text_is_decoded_as_it_declares() {
        let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(order).collect()
        };
        for bytes in [
            b"\xef\xbb\xbfsix # \xc3\xbc".to_vec(),
            utf16("\u{feff}six # ü", u16::to_le_bytes),
            utf16("\u{feff}six # ü", u16::to_be_bytes),
            "six # ü".into(),
        ] {
            assert_eq!(of(&bytes).unwrap(), "six # ü");
        }
        for name in ["latin-1", "latin_1", "iso-8859-1", "cp1252", "windows-1252"] {
            let text = of(format!("# -*- coding: {name} -*-\nx = '?'").as_bytes()).unwrap();
            assert!(text.ends_with("'?'"));
            let bytes = [format!("#\n# coding={name}\n").as_bytes(), b"\xfc"].concat();
            assert!(of(&bytes).unwrap().ends_with('ü'), "{name}");
        }
    }

    #[test]
    fn what_is_no_text_is_named_with_the_line_that_helps() {
        for (bytes, part) in [(&b"\xfc"[..], "not UTF-8"), (b"# coding: klingon\n", "\"klingon\"")]
        {
            let error = of(bytes).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("save it as UTF-8"), "{error}");
        }
    }
}
