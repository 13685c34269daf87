use std::borrow::Cow;

/// One file to serve.
#[derive(Clone, Copy)]
pub struct Asset {
    /// Relative to the folder `pyodide-pack`.
    pub path: &'static str,
    /// Value for the header `Content-Type`.
    pub content_type: &'static str,
    /// How [`bytes`](Self::bytes) are compressed, as in `Content-Encoding`: `br`, `gzip` or `identity`.
    pub encoding: &'static str,
    /// Digest of the decoded bytes, as in `<script integrity>`.
    pub integrity: &'static str,
    /// Whether the path changes with the content, so that caches may keep the file for ever.
    pub immutable: bool,
    /// Whether a page waits for the file at the start.
    pub eager: bool,
    /// Each encoding with its content, the smallest first.
    copies: &'static [(&'static str, Content)],
}

/// A response to `GET`, for any HTTP server. A response to `HEAD` has no body.
pub struct Response {
    /// 200, 304 (the client has the file) or 406 (the client accepts none of the encodings).
    pub status: u16,
    /// Names and values, without `Content-Length`.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The bytes to send.
    pub body: Cow<'static, [u8]>,
}

impl Asset {
    /// Returns the file in its smallest encoding, which [`encoding`](Self::encoding) names.
    #[must_use]
    pub fn bytes(&self) -> Cow<'static, [u8]> {
        read(self.copies[0].1)
    }

    /// Returns all encodings of the file, each with its bytes.
    pub fn encodings(&self) -> impl Iterator<Item = (&'static str, Cow<'static, [u8]>)> + use<> {
        self.copies.iter().map(|&(encoding, content)| (encoding, read(content)))
    }

    /// Chooses an encoding for a client. `accept_encoding` is its `Accept-Encoding`, if it sent one.
    /// Returns `None` if the client accepts none of the file's encodings.
    #[must_use]
    pub fn negotiate(
        &self,
        accept_encoding: Option<&str>,
    ) -> Option<(&'static str, Cow<'static, [u8]>)> {
        // Without the header, everything is accepted. Programs that omit it can rather decode gzip.
        let accepted = accept_encoding.unwrap_or("gzip, identity;q=0.9, *;q=0.5");
        let weighed = self.copies.iter().map(|copy| (weight(accepted, copy.0), copy));
        // The first one of equals.
        let best = weighed.rev().max_by_key(|(weight, _)| *weight);
        let (_, &(encoding, content)) = best.filter(|(weight, _)| *weight > 0)?;
        Some((encoding, read(content)))
    }

    /// Returns the value for the header `Cache-Control`.
    #[must_use]
    pub fn cache_control(&self) -> &'static str {
        if self.immutable { "public, max-age=31536000, immutable" } else { "no-cache" }
    }

    /// Returns the value for the header `ETag`. It is the same for all encodings, and therefore weak.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("W/\"{}\"", self.integrity)
    }

    /// Returns the response to a request with these values of `Accept-Encoding` and `If-None-Match`.
    #[must_use]
    pub fn response(
        &self,
        accept_encoding: Option<&str>,
        if_none_match: Option<&str>,
    ) -> Response {
        let etag = self.etag();
        let known = if_none_match.is_some_and(|tags| is_listed(&etag, tags));
        let mut headers = vec![
            ("cache-control", Cow::Borrowed(self.cache_control())),
            ("etag", Cow::Owned(etag)),
        ];
        if self.encoding != "identity" {
            headers.push(("vary", Cow::Borrowed("accept-encoding")));
        }
        if known {
            return Response { status: 304, headers, body: Cow::Borrowed(&[]) };
        }
        let Some((encoding, body)) = self.negotiate(accept_encoding) else {
            let names: Vec<_> = self.copies.iter().map(|copy| copy.0).collect();
            let text = format!("this file has only these encodings: {}\n", names.join(", "));
            let body = Cow::Owned(text.into_bytes());
            let headers = vec![("vary", Cow::Borrowed("accept-encoding"))];
            return Response { status: 406, headers, body };
        };
        headers.push(("content-type", Cow::Borrowed(self.content_type)));
        if encoding != "identity" {
            headers.push(("content-encoding", Cow::Borrowed(encoding)));
        }
        Response { status: 200, headers, body }
    }
}

/// Returns how much a client wants an encoding, or 0 if it does not accept it (RFC 9110, 12.5.3).
fn weight(accept_encoding: &str, encoding: &str) -> u32 {
    let named = |name: &str| {
        accept_encoding.split(',').find_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let own = parts.next()?;
            let same = own.eq_ignore_ascii_case(name) || name == "gzip" && own == "x-gzip";
            same.then(|| parts.next().map_or(Some(1000), thousandths)).flatten()
        })
    };
    let listed = named(encoding).or_else(|| named("*"));
    // Without an entry, `identity` is accepted, but everything that is listed comes first.
    listed.map_or(u32::from(encoding == "identity"), |weight| 2 * weight)
}

/// Reads `q=0.5`. Other parameters do not exist.
fn thousandths(parameter: &str) -> Option<u32> {
    let (name, value) = parameter.split_once('=')?;
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    let is_weight = name.eq_ignore_ascii_case("q") && ["0", "1"].contains(&whole);
    let is_number = part.len() <= 3 && part.bytes().all(|digit| digit.is_ascii_digit());
    let weight = format!("{whole}{part:0<3}").parse().ok()?;
    (is_weight && is_number && weight <= 1000).then_some(weight)
}

/// Returns whether `If-None-Match` names an entity tag. All tags count as weak.
fn is_listed(etag: &str, if_none_match: &str) -> bool {
    if_none_match.trim() == "*" || if_none_match.split(',').any(|tag| opaque(tag) == opaque(etag))
}

fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag)
}
