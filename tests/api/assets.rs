//! The module `assets` of `pyodide_pack.rs`: which encoding a client gets, and with which headers. Both
//! versions are compiled here as they are in a crate.

use std::borrow::Cow;

/// Files that are part of the program: one in three encodings, one in two, one that did not get smaller.
mod embedded {
    include!("../../build-support/rust/asset.rs");
    include!("../../build-support/rust/embedded.rs");

    const NAMED: Asset = Asset {
        path: "app.0123456789abcdef.zip",
        content_type: "application/zip",
        encoding: "br",
        integrity: "sha256-AAAA",
        immutable: true,
        eager: true,
        copies: &[("br", b"b"), ("gzip", b"gz")],
    };

    pub static ALL: &[Asset] = &[
        NAMED,
        Asset {
            path: "manifest.json",
            content_type: "application/json",
            encoding: "br",
            immutable: false,
            copies: &[("br", b"b"), ("gzip", b"gz"), ("identity", b"plain")],
            ..NAMED
        },
        Asset { path: "tiny", encoding: "identity", copies: &[("identity", b"plain")], ..NAMED },
    ];
}

/// Files in a folder.
#[allow(dead_code)]
mod disk {
    include!("../../build-support/rust/asset.rs");
    include!("../../build-support/rust/disk.rs");

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/quoting");
    const INDEX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/no-such-index.tsv");

    pub static ALL: &[Asset] = &[Asset {
        path: "no such file",
        content_type: "application/json",
        encoding: "identity",
        integrity: "sha256-AAAA",
        immutable: false,
        eager: false,
        copies: &[("identity", "no such file")],
    }];
}

fn asset(path: &str) -> &'static embedded::Asset {
    embedded::get(path).unwrap()
}

#[test]
fn a_client_gets_the_encoding_that_it_prefers() {
    // The rules of RFC 9110, section 12.5.3. "-" means that nothing is acceptable.
    let rows = [
        // What browsers send, over HTTPS and over HTTP.
        (Some("gzip, deflate, br, zstd"), "br", "br", "identity"),
        (Some("gzip, deflate"), "gzip", "gzip", "identity"),
        // Without the header, everything is accepted.
        (None, "gzip", "gzip", "identity"),
        // An empty header accepts nothing but the file itself.
        (Some(""), "-", "identity", "identity"),
        (Some("identity"), "-", "identity", "identity"),
        (Some("deflate, zstd"), "-", "identity", "identity"),
        // Weights.
        (Some("br;q=0.5, gzip;q=0.8"), "gzip", "gzip", "identity"),
        (Some("br;q=0.999, gzip;q=0.99"), "br", "br", "identity"),
        (Some("gzip;q=0.001"), "gzip", "gzip", "identity"),
        (Some("br;q=1.000;x"), "br", "br", "identity"),
        (Some("gzip;q=0.5, identity"), "gzip", "identity", "identity"),
        (Some("gzip;q=0, br;q=0.0"), "-", "identity", "identity"),
        // Entries for everything else.
        (Some("*"), "br", "br", "identity"),
        (Some("br;q=0, *"), "gzip", "gzip", "identity"),
        (Some("gzip, *;q=0"), "gzip", "gzip", "-"),
        (Some("identity;q=0"), "-", "-", "-"),
        (Some("identity;q=0, gzip"), "gzip", "gzip", "-"),
        (Some("*;q=0, identity;q=0.1"), "-", "identity", "identity"),
        // Spelling.
        (Some("GZip ; Q=0.5 ,BR; q=0.4"), "gzip", "gzip", "identity"),
        (Some("x-gzip"), "gzip", "gzip", "identity"),
        (Some(",, gzip ,"), "gzip", "gzip", "identity"),
        // An entry that can't be read does not count.
        (Some("br;q=2, gzip;q=0.1"), "gzip", "gzip", "identity"),
        (Some("br;q=1.1, br;q=-1, br;q=0.0001, br;level=1"), "-", "identity", "identity"),
        (Some("brotli, gzip2"), "-", "identity", "identity"),
    ];
    for (accepted, compressed, all, tiny) in rows {
        for (path, expected) in
            [("app.0123456789abcdef.zip", compressed), ("manifest.json", all), ("tiny", tiny)]
        {
            let chosen = asset(path).negotiate(accepted).map(|(encoding, _)| encoding);
            assert_eq!(chosen.unwrap_or("-"), expected, "{path} for {accepted:?}");
        }
    }
}

#[test]
fn a_response_has_all_headers() {
    let chunk = asset("app.0123456789abcdef.zip?again=1");
    let response = chunk.response(Some("gzip"), Some("\"other\""));
    assert_eq!((response.status, &*response.body), (200, &b"gz"[..]));
    let headers = [
        ("cache-control", Cow::Borrowed("public, max-age=31536000, immutable")),
        ("etag", Cow::Borrowed("W/\"sha256-AAAA\"")),
        ("vary", Cow::Borrowed("accept-encoding")),
        ("content-type", Cow::Borrowed("application/zip")),
        ("content-encoding", Cow::Borrowed("gzip")),
    ];
    assert_eq!(response.headers, headers);

    let response = asset("tiny").response(None, None);
    assert_eq!((response.status, &*response.body), (200, &b"plain"[..]));
    let names: Vec<_> = response.headers.iter().map(|header| header.0).collect();
    assert_eq!(names, ["cache-control", "etag", "content-type"]);
    assert_eq!(asset("manifest.json").cache_control(), "no-cache");
    assert!(chunk.eager && embedded::ALL.iter().all(|asset| asset.integrity == chunk.integrity));

    let refused = chunk.response(Some("identity"), None);
    assert_eq!((refused.status, refused.headers), (406, vec![("vary", "accept-encoding".into())]));
    assert_eq!(&*refused.body, b"this file has only these encodings: br, gzip\n");
}

#[test]
fn a_client_that_has_the_file_gets_no_body() {
    let manifest = asset("manifest.json");
    let etag = manifest.etag();
    for known in [&etag, "*", "\"sha256-AAAA\"", &format!("\"x\" , {etag}")] {
        let response = manifest.response(Some("br"), Some(known));
        assert_eq!((response.status, response.body.len()), (304, 0), "{known}");
        let names: Vec<_> = response.headers.iter().map(|header| header.0).collect();
        assert_eq!(names, ["cache-control", "etag", "vary"]);
    }
    for other in ["", "\"sha256-AAA\"", "sha256-AAAA", "W/\"other\""] {
        assert_eq!(manifest.response(Some("br"), Some(other)).status, 200, "{other}");
    }
}

#[test]
fn all_encodings_of_a_file_are_there() {
    let encodings: Vec<_> = asset("manifest.json").encodings().collect();
    let expected: [(_, Cow<[u8]>); 3] =
        [("br", b"b"[..].into()), ("gzip", b"gz"[..].into()), ("identity", b"plain"[..].into())];
    assert_eq!(encodings, expected);
    assert_eq!(*asset("manifest.json").bytes(), *b"b");
    assert!(
        ["", "nothing", "../tiny", "/tiny"].into_iter().all(|path| embedded::get(path).is_none())
    );
}

#[test]
#[should_panic(expected = "This program is from a development build, and reads its files there.")]
fn a_file_that_is_gone_is_named() {
    drop(disk::get("no such file?x").unwrap().response(None, None));
}
