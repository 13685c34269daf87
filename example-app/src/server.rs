//! The server: the pages, and the files of Python below `pyodide-pack/`.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// The build script's outputs: the bundle, the loader, the files fetched on demand.
#[allow(dead_code, reason = "this app serves the assets; the other constants suit other apps")]
pub(crate) mod python {
    include!(concat!(env!("OUT_DIR"), "/pyodide_pack.rs"));
}

/// Allows everything from this server, nothing from other servers, nothing inline, and the compilation of
/// WebAssembly.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) fn router() -> Router {
    // `get` also answers HEAD, and answers all other methods with 405.
    Router::new()
        .route("/pyodide-pack/{*path}", get(python))
        .fallback(get(page))
        .layer(map_response(with_common_headers))
}

/// Answers with a file of the build script's outputs.
async fn python(Path(path): Path<String>, request: HeaderMap) -> Result<Response, StatusCode> {
    let asset = python::assets::get(&path).ok_or(StatusCode::NOT_FOUND)?;
    let header = |name| request.get(name).and_then(|value| value.to_str().ok());
    let answer = asset.response(header(header::ACCEPT_ENCODING), header(header::IF_NONE_MATCH));
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(*name, &**value);
    }
    response.body(Body::from(answer.body)).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// Answers with a file of the pages.
async fn page(uri: Uri, request: HeaderMap) -> Result<Response, StatusCode> {
    let path = uri.path().strip_prefix('/').unwrap_or_default();
    let file = example_page::find(path).ok_or(StatusCode::NOT_FOUND)?;
    let mut hash = DefaultHasher::new();
    file.bytes.hash(&mut hash);
    let etag = format!("\"{:016x}\"", hash.finish());
    let is_known = request.get(header::IF_NONE_MATCH).is_some_and(|known| *known == etag);
    let headers = [
        (header::CONTENT_TYPE, file.content_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::ETAG, &etag),
    ];
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok((headers, file.bytes).into_response())
}

async fn with_common_headers(mut response: Response) -> Response {
    response.headers_mut().extend([
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ]);
    response
}

#[cfg(test)]
mod tests;
