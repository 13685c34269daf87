//! The served files: the pages and the outputs of the build script, all embedded.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::client;
use crate::python::assets;

/// The address of the build script's outputs on the page.
const FOLDER: &str = "pyodide-pack/";

/// Allows everything from this server, nothing from other servers, nothing inline, and the compilation of
/// WebAssembly.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// In a debug build, the page shows developers more.
const MODE: &[u8] = if cfg!(debug_assertions) {
    b"export const DEVELOPMENT = true;\n"
} else {
    b"export const DEVELOPMENT = false;\n"
};

/// The plain page, which always exists.
const PLAIN: &str = "plain.html";

const PAGE: &[(&str, &[u8], &str)] = &[
    (PLAIN, include_bytes!("../web/index.html"), "text/html; charset=utf-8"),
    ("style.css", include_bytes!("../web/style.css"), "text/css; charset=utf-8"),
    ("main.js", include_bytes!("../web/main.js"), "text/javascript; charset=utf-8"),
    ("mode.js", MODE, "text/javascript; charset=utf-8"),
    ("favicon.svg", include_bytes!("../web/favicon.svg"), "image/svg+xml"),
];

/// One file, with the values of its headers.
#[derive(Clone, Debug)]
pub(crate) struct Asset {
    pub(crate) bytes: Cow<'static, [u8]>,
    mime: &'static str,
    encoding: &'static str,
    /// The digest from the build script; empty for the files of the page.
    digest: &'static str,
    immutable: bool,
}

/// Finds the file for the path of a request.
pub(crate) fn find(path: &str) -> Option<Asset> {
    let path = path.strip_prefix('/')?;
    if let Some(name) = path.strip_prefix(FOLDER) {
        return assets::get(name).map(|asset| Asset {
            bytes: asset.bytes(),
            mime: asset.content_type,
            encoding: asset.encoding,
            digest: asset.integrity,
            immutable: asset.immutable,
        });
    }
    let path = match path {
        "" | "index.html" if client::FILES.is_empty() => PLAIN,
        "" => "index.html",
        path => path,
    };
    PAGE.iter().chain(client::FILES).find(|file| file.0 == path).map(|&(_, bytes, mime)| Asset {
        bytes: Cow::Borrowed(bytes),
        mime,
        encoding: "identity",
        digest: "",
        immutable: false,
    })
}

impl Asset {
    /// Returns the headers of the file itself.
    ///
    /// Each file exists in one encoding only, and is sent in that encoding or not at all.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.mime));
        if self.encoding != "identity" {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(self.encoding));
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        headers.insert(header::CACHE_CONTROL, if self.immutable { FOREVER } else { REVALIDATE });
        if let Ok(etag) = HeaderValue::from_str(&self.etag()) {
            headers.insert(header::ETAG, etag);
        }
        headers
    }

    /// Returns the refusal for a client that does not accept the file's encoding, according to
    /// `Accept-Encoding`.
    pub(crate) fn refusal(&self, accept_encoding: &str) -> Option<String> {
        let takes = |item: &str| {
            let (name, weight) = item.split_once(';').unwrap_or((item, "q=1"));
            let weight = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
            [self.encoding, "*"].contains(&name.trim()) && weight.is_some_and(|q| q > 0.0)
        };
        let taken = self.encoding == "identity" || accept_encoding.split(',').any(takes);
        (!taken)
            .then(|| format!("This file is here with Content-Encoding: {} only\n", self.encoding))
    }

    /// Returns whether the client has this very file already, according to `If-None-Match`.
    pub(crate) fn is_known(&self, if_none_match: &str) -> bool {
        let etag = self.etag();
        if_none_match.split(',').map(str::trim).any(|candidate| {
            candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == etag
        })
    }

    fn etag(&self) -> String {
        if self.digest.is_empty() {
            format!("\"{:016x}\"", fnv1a(&self.bytes))
        } else {
            format!("\"{}\"", self.digest)
        }
    }
}

/// The headers of every response.
pub(crate) fn common_headers() -> [(HeaderName, HeaderValue); 3] {
    [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ]
}

/// Returns the 64-bit Fowler-Noll-Vo hash, which suffices to distinguish builds of a file.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(asset: &Asset, name: HeaderName) -> Option<String> {
        asset.headers().get(name).and_then(|value| value.to_str().ok()).map(String::from)
    }

    fn asset(path: &str) -> Asset {
        find(path).unwrap_or_else(|| panic!("{path} is missing"))
    }

    #[test]
    fn the_page_is_there() {
        assert_eq!(asset("/").bytes, asset("/index.html").bytes);
        for (path, mime) in [
            ("/", "text/html; charset=utf-8"),
            ("/plain.html", "text/html; charset=utf-8"),
            ("/style.css", "text/css; charset=utf-8"),
            ("/main.js", "text/javascript; charset=utf-8"),
            ("/mode.js", "text/javascript; charset=utf-8"),
            ("/favicon.svg", "image/svg+xml"),
        ] {
            assert_eq!(header(&asset(path), header::CONTENT_TYPE).as_deref(), Some(mime));
            assert_eq!(header(&asset(path), header::CACHE_CONTROL).as_deref(), Some("no-cache"));
            assert_eq!(header(&asset(path), header::CONTENT_ENCODING), None);
        }
    }

    #[test]
    fn every_output_of_the_build_script_is_there() {
        for &assets::Asset { path, content_type: mime, encoding, .. } in assets::ALL {
            let asset = asset(&format!("/pyodide-pack/{path}"));
            assert_eq!(Some(asset.bytes.clone()), assets::get(path).map(assets::Asset::bytes));
            assert_eq!(header(&asset, header::CONTENT_TYPE).as_deref(), Some(mime));
            let expected = (encoding != "identity").then_some(encoding);
            assert_eq!(header(&asset, header::CONTENT_ENCODING).as_deref(), expected);
            if matches!(path, "loader.js" | "manifest.json") {
                assert_eq!(header(&asset, header::CACHE_CONTROL).as_deref(), Some("no-cache"));
            }
        }
    }

    #[test]
    fn an_encoded_and_hashed_file_says_so() {
        let asset = Asset {
            bytes: Cow::Borrowed(b"x"),
            mime: "application/zip",
            encoding: "br",
            digest: "sha384-x",
            immutable: true,
        };
        assert_eq!(header(&asset, header::CONTENT_ENCODING).as_deref(), Some("br"));
        assert_eq!(
            header(&asset, header::CACHE_CONTROL).as_deref(),
            Some("public, max-age=31536000, immutable")
        );
    }

    #[test]
    fn an_encoding_that_the_client_does_not_take_is_not_sent() {
        let page = asset("/");
        let gzip = Asset { encoding: "gzip", ..page.clone() };
        for taken in
            ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, gzip;q=0.8", "identity, *;q=0.1"]
        {
            assert_eq!(gzip.refusal(taken), None, "{taken}");
        }
        for other in ["", "identity", "br", "gzip;q=0", "br, gzip; q=0.0", "x-gzip-not"] {
            let text = "This file is here with Content-Encoding: gzip only\n";
            assert_eq!(gzip.refusal(other).as_deref(), Some(text), "{other}");
        }
        assert_eq!(page.refusal(""), None);
    }

    #[test]
    fn nothing_else_is_found() {
        for path in
            ["", "/nothing", "/pyodide-pack/", "/pyodide-pack/../main.js", "//", "/web/main.js"]
        {
            assert!(find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn etags_are_compared_weakly() {
        let page = asset("/");
        let etag = page.etag();
        assert!(page.is_known(&etag));
        assert!(page.is_known(&format!("\"other\", W/{etag}")));
        assert!(page.is_known("*"));
        assert!(!page.is_known("\"other\""));
        assert_ne!(etag, asset("/main.js").etag());
    }
}
