//! Reads the needs of WebAssembly side modules (`.so`) from their `dylink.0` section, and strips other
//! sections.
//!
//! Format: <https://github.com/WebAssembly/tool-conventions/blob/main/DynamicLinking.md>
//!
//! Why not `wasm-opt`: after Brotli 11, six large modules (20.9 MB, 3.85 MB compressed) were 0.12 % smaller
//! with `-O2` and 0.27 % larger with `-Oz`. Natively, it took 3 to 4 s of CPU per MB, measured with one
//! module. With `--all-features`, Node 20 refused numpy's modules (`stringref`). It also rewrites
//! `dylink.0`.

/// What a module needs from the dynamic linker.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Dylink {
    /// File names of the libraries that it needs.
    pub needed: Vec<String>,
    /// Where to search for them; `$ORIGIN` is the module's own folder.
    pub runtime_path: Vec<String>,
}

const MAGIC: &[u8] = b"\0asm\x01\0\0\0";
const CUSTOM_SECTION: u8 = 0;
const SUBSECTION_NEEDED: u32 = 2;
const SUBSECTION_RUNTIME_PATH: u32 = 5;

/// Custom sections that only debuggers and build tools read. Sections whose name starts with [`DWARF`]
/// belong to them, too.
///
/// This list names sections to remove, not sections to keep. Emscripten's runtime reads only `dylink.0`,
/// but engines read others (`metadata.code.branch_hint`), and the app may read any
/// (`WebAssembly.Module.customSections`). A section that is missing from this list costs bytes. One that is
/// missing from a list of sections to keep would break a module.
const FOR_TOOLS: [&str; 6] =
    ["name", "producers", "target_features", "sourceMappingURL", "external_debug_info", "build_id"];
const DWARF: &str = ".debug_";

/// Returns `None` if the bytes are not a side module: its first section must be `dylink.0`.
pub(crate) fn dylink(bytes: &[u8]) -> Option<Dylink> {
    let mut reader = Reader(bytes.strip_prefix(MAGIC)?);
    if reader.byte()? != CUSTOM_SECTION {
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

/// Returns the module without the custom sections that only debuggers and build tools read.
///
/// All other sections are copied byte by byte in their order, so `dylink.0` stays first. JavaScript's stack
/// traces lose the names of functions. Returns `None` if no section can be removed, or if the bytes are not
/// a side module whose sections end with the file. Such a file stays unchanged.
pub(crate) fn stripped(module: &[u8]) -> Option<Vec<u8>> {
    dylink(module)?;
    let mut reader = Reader(module.strip_prefix(MAGIC)?);
    let mut kept = Vec::with_capacity(module.len());
    kept.extend_from_slice(MAGIC);
    while !reader.0.is_empty() {
        let start = reader.0;
        let kind = reader.byte()?;
        let content = reader.block()?;
        if kind != CUSTOM_SECTION || !is_for_tools(Reader(content).block()?) {
            kept.extend_from_slice(&start[..start.len() - reader.0.len()]);
        }
    }
    (kept.len() < module.len()).then_some(kept)
}

fn is_for_tools(section: &[u8]) -> bool {
    FOR_TOOLS.iter().any(|name| name.as_bytes() == section) || section.starts_with(DWARF.as_bytes())
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Reads an unsigned LEB128 number of 32 bits.
    fn number(&mut self) -> Option<u32> {
        let mut value = 0u32;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            if shift == 28 && byte > 0x0f {
                return None; // more than 32 bits
            }
            value |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// Prefixes bytes with their length.
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
    fn section(kind: u8, content: &[u8]) -> Vec<u8> {
        [&[kind, u8::try_from(content.len()).unwrap()], content].concat()
    }

    fn custom(name: &str, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(name.len()).unwrap();
        section(CUSTOM_SECTION, &[&[length], name.as_bytes(), content].concat())
    }

    fn module(sections: &[Vec<u8>]) -> Vec<u8> {
        [MAGIC, &custom("dylink.0", b"\x01\x02\x10\x04"), &sections.concat()].concat()
    }

    /// Returns a module with sections of every kind, and the same module without the removable ones.
    fn with_and_without() -> (Vec<u8>, Vec<u8>) {
        let gone = "name producers target_features sourceMappingURL external_debug_info build_id \
                    .debug_info .debug_line";
        let kept = "metadata.code.branch_hint dylink.0 linking reloc.CODE names .debug app";
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for (kind, name) in (1..).zip(gone.split(' ').chain(kept.split(' '))) {
            let ordinary = section(kind, b"\x04name\x01");
            with.extend([custom(name, b"content"), ordinary.clone()]);
            if kept.split(' ').any(|k| k == name) {
                without.push(custom(name, b"content"));
            }
            without.push(ordinary);
        }
        (module(&with), module(&without))
    }

    #[test]
    fn strips_sections_that_only_tools_read() {
        let (with, without) = with_and_without();
        assert_eq!(stripped(&with).as_ref(), Some(&without));
        assert_eq!(stripped(&without), None, "nothing to remove");
        let debugged = [custom("name", b""), section(10, b"code")];
        assert_eq!(stripped(&module(&debugged)), Some(module(&debugged[1..])));
        let not_first = [MAGIC, &debugged.concat(), &module(&[])[MAGIC.len()..]].concat();
        assert_eq!(stripped(&not_first), None, "dylink.0 must come first");
        assert_eq!(stripped(&[MAGIC, &debugged.concat()].concat()), None, "not a side module");
    }

    #[test]
    fn refuses_lengths_beyond_the_end() {
        let name = custom("name", b"");
        for bad in [
            &b"\x0a\x05code"[..],                // one byte too many
            b"\x0a\xff\xff\xff\xff\x0f",         // 4 GiB
            b"\x0a\x84\x80\x80\x80\x10code",     // 2^32 + 4
            b"\x0a\x84\x80\x80\x80\x80\x00code", // six bytes of length
            b"\x00\x02\x05name",                 // a name that is longer than its section
            b"\x00\x00",                         // a custom section without a name
            b"\x0a",
        ] {
            assert_eq!(stripped(&module(&[name.clone(), bad.to_vec()])), None, "{bad:?}");
        }
        let padded = b"\x0a\x84\x80\x80\x80\x00code".to_vec();
        assert_eq!(stripped(&module(&[name, padded.clone()])), Some(module(&[padded])));
    }

    #[test]
    fn survives_hostile_modules() {
        let (with, _) = with_and_without();
        let dylink_end = module(&[]).len();
        let check = |bytes: &[u8]| {
            if let Some(less) = stripped(bytes) {
                assert!(less.len() < bytes.len());
                assert_eq!(dylink(&less), dylink(bytes));
                assert_eq!(stripped(&less), None);
            }
        };
        for end in 0..with.len() {
            check(&with[..end]);
            assert!(end > dylink_end || stripped(&with[..end]).is_none());
        }
        for at in 0..with.len() {
            for value in 0..=u8::MAX {
                let mut bytes = with.clone();
                bytes[at] = value;
                check(&bytes);
            }
        }
    }
}
