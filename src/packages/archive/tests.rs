//! Which archives are unpacked, and which are refused with which message.

use super::*;
use zip::write::SimpleFileOptions;

use crate::base::error::Result;
use crate::cache::Cache;

/// Returns a zip of these entries.
fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let stored = bytes.is_empty().then_some(zip::CompressionMethod::Stored);
        let options = SimpleFileOptions::default()
            .compression_method(stored.unwrap_or(zip::CompressionMethod::Deflated));
        if name.ends_with('/') {
            zip.add_directory(*name, options).unwrap();
        } else {
            zip.start_file(*name, options).unwrap();
            zip.write_all(bytes).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

fn unpack(entries: &[(&str, &[u8])], mangle: impl Fn(&mut Vec<u8>)) -> Result<Vec<String>> {
    let never = |_: &Path, _: &Path| unreachable!("this archive is not odd");
    unpack_with(entries, mangle, &never).map(|(entries, _)| entries)
}

/// Returns the entries with their contents, and the warnings.
fn unpack_with(
    entries: &[(&str, &[u8])],
    mangle: impl Fn(&mut Vec<u8>),
    repack: &Repack,
) -> Result<(Vec<String>, Vec<String>)> {
    let mut bytes = zipped(entries);
    mangle(&mut bytes);
    let dir = tempfile::tempdir().unwrap();
    let cache = Cache::open(dir.path()).unwrap();
    let path = dir.path().join("x.whl");
    fs::write(&path, bytes).unwrap();
    Unpacked::of(&path, "0", &cache, repack)?;
    // Warnings are cached as well.
    let unpacked = Unpacked::of(&path, "0", &cache, &|_, _| unreachable!("it is cached"))?;
    let content = fs::read(&unpacked.content).unwrap();
    let text = |e: &Entry| {
        let bytes =
            &content[usize::try_from(e.offset).unwrap()..][..usize::try_from(e.size).unwrap()];
        format!("{}={}", e.name, String::from_utf8_lossy(bytes))
    };
    Ok((unpacked.index.entries.iter().map(text).collect(), unpacked.index.warnings))
}

#[test]
fn unpacks_contents_in_order() {
    let entries: [(&str, &[u8]); 4] =
        [("b.py", b"1"), ("d/", b""), ("d/ü.py", b""), ("a.py", b"22")];
    assert_eq!(unpack(&entries, |_| {}).unwrap(), ["b.py=1", "d/ü.py=", "a.py=22"]);
}

#[test]
fn refuses_hostile_names() {
    for name in
        ["../x", "/x", "a/../../x", "C:/x", "a//b", "./a", "..", "..\\x", "a/..\\..\\x", "\\x"]
    {
        let error = unpack(&[(name, b"")], |_| {}).unwrap_err().to_string();
        assert!(error.contains("x.whl") && error.contains("can't be unpacked"), "{name}: {error}");
    }
    let clash: [(&str, &[u8]); 2] = [("a", b""), ("a/b", b"")];
    assert!(unpack(&clash, |_| {}).unwrap_err().to_string().contains("as a file and as a folder"));
}

/// Returns the refusal of a hostile archive, without the text that all refusals share.
fn refusal(entries: &[(&str, &[u8])], mangle: impl Fn(&mut Vec<u8>)) -> String {
    let error = unpack(entries, mangle).unwrap_err().to_string();
    assert!(error.contains("x.whl"), "{error}");
    println!("{error}");
    error
}

/// Replaces bytes everywhere, in the local headers and in the directory.
fn replace(bytes: &mut [u8], old: &[u8], new: &[u8]) {
    for at in 0..=bytes.len() - old.len() {
        if bytes[at..].starts_with(old) {
            bytes[at..at + new.len()].copy_from_slice(new);
        }
    }
}

/// Changes at most 32 bits of each header; the offset differs between the local header and the directory.
fn patch(bytes: &mut [u8], local: usize, central: usize, value: &[u8]) {
    for at in 0..bytes.len() - 4 {
        let field = match &bytes[at..at + 4] {
            b"PK\x03\x04" => at + local,
            b"PK\x01\x02" => at + central,
            _ => continue,
        };
        bytes[field..field + value.len()].copy_from_slice(value);
    }
}

#[test]
fn refuses_hostile_entries() {
    let two: [(&str, &[u8]); 2] = [("aa.py", b"1"), ("ab.py", b"2")];
    let text = refusal(&two, |b| replace(b, b"ab.py", b"aa.py"));
    assert!(text.contains("\"aa.py\"") && text.contains("twice, with different"), "{text}");
    let text = refusal(&[("é.py", b"1")], |b| replace(b, "é".as_bytes(), b"\xff\xff"));
    assert!(text.contains("marked as UTF-8, and is not"), "{text}");
    let text = refusal(&[("a.py", b"1")], |b| patch(b, 8, 10, &[9, 0]));
    assert!(text.contains("compression method, 9,"), "{text}");
    let encrypted = |b: &mut Vec<u8>| patch(b, 6, 8, &[1, 0]);
    let text = refusal(&[("a.py", b"1")], encrypted);
    assert!(text.contains("ncrypted") || text.contains("assword"), "{text}");
    // The mode of a symbolic link, in the upper half of the external attributes.
    let link = |b: &mut Vec<u8>| {
        let at = b.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        b[at + 40..at + 42].copy_from_slice(&0o120_777u16.to_le_bytes());
    };
    let text = refusal(&[("a.py", b"/etc")], link);
    assert!(text.contains("symbolic link"), "{text}");
    for lie in [3u32, 5000] {
        let text = refusal(&[("a.py", b"12345678")], |b| patch(b, 22, 24, &lie.to_le_bytes()));
        assert!(text.contains("a.py"), "{text}");
    }
}

#[test]
fn takes_unusual_names_with_a_warning() {
    let entries: [(&str, &[u8]); 3] = [("A.py", b"1"), ("a.py", b"2"), ("d\\x.py", b"3")];
    let never = |_: &Path, _: &Path| unreachable!("this archive is not odd");
    let (entries, warnings) = unpack_with(&entries, |_| {}, &never).unwrap();
    assert_eq!(entries, ["A.py=1", "a.py=2", "d\\x.py=3"]);
    let expected = [
        "has names that differ only in letter case: \"a.py\"",
        "has backslashes in names, which do not separate folders in Pyodide: \"d\\\\x.py\"",
    ];
    assert_eq!(warnings, expected);
}

/// Writes these entries, as if Python had read them from the archive.
fn again<'a>(entries: &'a [(&str, &[u8])]) -> impl Fn(&Path, &Path) -> Result<()> + 'a {
    |_, to| {
        fs::write(to, zipped(entries)).unwrap();
        Ok(())
    }
}

#[test]
fn takes_what_python_packed_again_after_the_same_checks() {
    let twice: [(&str, &[u8]); 3] = [("aa.py", b"1"), ("b.py", b"2"), ("ab.py", b"1")];
    let same = |b: &mut Vec<u8>| replace(b, b"ab.py", b"aa.py");
    let taken = unpack_with(&twice, same, &again(&[("aa.py", b"1"), ("b.py", b"2")])).unwrap();
    assert_eq!(taken.0, ["aa.py=1", "b.py=2"]);
    assert_eq!(taken.1, ["contains entries twice, with the same content: \"aa.py\""]);

    // The names in cp437.
    let unmarked = |b: &mut Vec<u8>| {
        replace(b, b"xx.py", b"\x81\x84.py");
        replace(b, b"yy.py", "ü.py".as_bytes());
    };
    let two: [(&str, &[u8]); 2] = [("xx.py", b"1"), ("yy.py", b"2")];
    let taken = unpack_with(&two, unmarked, &again(&[("üä.py", b"1"), ("├╝.py", b"2")])).unwrap();
    assert_eq!(taken.0, ["üä.py=1", "├╝.py=2"]);
    let expected =
        "has names without the mark of UTF-8, which Python reads as cp437: \"üä.py\" and 1 more";
    assert_eq!(taken.1, [expected]);

    // LZMA.
    let method = |b: &mut Vec<u8>| patch(b, 8, 10, &[14, 0]);
    let taken = unpack_with(&[("a.py", b"?")], method, &again(&[("a.py", b"1")])).unwrap();
    assert_eq!(taken, (vec!["a.py=1".to_owned()], Vec::new()));
    for hostile in [&[("../a.py", &b"1"[..])][..], &[("a", b""), ("a/b", b"")]] {
        assert!(unpack_with(&[("a.py", b"?")], method, &again(hostile)).is_err());
    }
    // Before anything is packed again.
    let never = |_: &Path, _: &Path| unreachable!("the directory is hostile");
    let zeros = vec![0; 70 << 20];
    for (name, content) in [("a.bin", &zeros[..]), ("../a.py", b"?")] {
        assert!(unpack_with(&[(name, content)], method, &never).is_err(), "{name}");
    }
}

#[test]
fn refuses_bombs() {
    let zeros = vec![0; 70 << 20];
    let text = refusal(&[("a.bin", &zeros)], |_| {});
    assert!(text.contains("compression ratio"), "{text}");
}

#[test]
fn takes_many_entries() {
    let names: Vec<_> = (0..66_000).map(|n| format!("{n}")).collect();
    let entries: Vec<_> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(unpack(&entries, |_| {}).unwrap().len(), 66_000);
}

#[test]
fn refuses_damage() {
    let content = b"some content that is stored or compressed";
    let flip = |bytes: &mut Vec<u8>| bytes[40] ^= 1;
    refusal(&[("a.py", content)], flip);
    refusal(&[("a.py", content)], |bytes| patch(bytes, 14, 16, &[1, 2, 3, 4]));
    for length in [0, 10, 50, 90] {
        refusal(&[("a.py", content)], |bytes| bytes.truncate(length));
    }
}
