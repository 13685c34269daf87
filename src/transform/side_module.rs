//! WebAssembly side modules (`.so`): what their `dylink.0` section says that they need.
//!
//! Format: <https://github.com/WebAssembly/tool-conventions/blob/main/DynamicLinking.md>

/// What a module asks of the dynamic linker.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Dylink {
    /// File names of the libraries that it needs.
    pub needed: Vec<String>,
    /// Where to look for them; `$ORIGIN` is the module's own folder.
    pub runtime_path: Vec<String>,
}

const MAGIC: &[u8] = b"\0asm\x01\0\0\0";
const SUBSECTION_NEEDED: u32 = 2;
const SUBSECTION_RUNTIME_PATH: u32 = 5;

/// Whether a path looks like a shared object: `x.so`, `libx.so.1.2`.
pub(crate) fn is_side_module(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.find(".so").is_some_and(|at| {
        let version = &name[at + 3..];
        version.split('.').skip(1).all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
            && (version.is_empty() || version.starts_with('.'))
    })
}

/// `None` if the bytes are not a side module: its first section must be `dylink.0`.
pub(crate) fn dylink(bytes: &[u8]) -> Option<Dylink> {
    let mut reader = Reader(bytes.strip_prefix(MAGIC)?);
    if reader.byte()? != 0 {
        return None;
    }
    let mut section = Reader(reader.block()?);
    if section.block()? != b"dylink.0" {
        return None;
    }
    let mut dylink = Dylink::default();
    while !section.0.is_empty() {
        let kind = section.number()?;
        let mut content = Reader(section.block()?);
        match kind {
            SUBSECTION_NEEDED => dylink.needed = content.strings()?,
            SUBSECTION_RUNTIME_PATH => dylink.runtime_path = content.strings()?,
            _ => {}
        }
    }
    Some(dylink)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Unsigned LEB128 of 32 bits.
    fn number(&mut self) -> Option<u32> {
        let mut value = 0u32;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// Bytes behind their length.
    fn block(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (block, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(block)
    }

    fn strings(&mut self) -> Option<Vec<String>> {
        let count = self.number()?;
        let text = |reader: &mut Self| String::from_utf8(reader.block()?.to_vec()).ok();
        (0..count).map(|_| text(self)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_side_modules() {
        for path in ["/a/x.so", "x.cpython-314-wasm32-emscripten.so", "libx.so.1", "libx.so.1.2"] {
            assert!(is_side_module(path), "{path}");
        }
        for path in ["x.py", "x.so.py", "x.sock", "x.so.1a", "so", "x.so."] {
            assert!(!is_side_module(path), "{path}");
        }
    }

    #[test]
    fn reads_needed_and_runtime_path() {
        let mut section = b"\x08dylink.0".to_vec();
        section.extend(b"\x01\x02\x10\x04"); // memory information
        section.extend(b"\x02\x09\x01\x07liba.so");
        section.extend(b"\x05\x09\x01\x07$ORIGIN");
        let mut module = MAGIC.to_vec();
        module.extend([0, u8::try_from(section.len()).unwrap()]);
        module.extend(section);
        let expected =
            Dylink { needed: vec!["liba.so".into()], runtime_path: vec!["$ORIGIN".into()] };
        assert_eq!(dylink(&module), Some(expected));
        for end in 0..module.len() {
            let _ = dylink(&module[..end]);
        }
        assert_eq!(dylink(MAGIC), None);
        assert_eq!(dylink(b"\x7fELF"), None);
    }
}
