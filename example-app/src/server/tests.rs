use axum::extract::Request;
use tower::ServiceExt as _;

use super::*;

async fn get(path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, bytes.to_vec())
}

#[tokio::test]
async fn the_pages_are_there_and_are_not_sent_twice() {
    for (path, content_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/plain.html", "text/html; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/main.js", "text/javascript; charset=utf-8"),
        ("/mode.js", "text/javascript; charset=utf-8"),
        ("/favicon.svg", "image/svg+xml"),
    ] {
        let (status, headers, body) = get(path, &[]).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(headers[header::CONTENT_TYPE], content_type);
        assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
        assert!(!body.is_empty());
        let etag = headers[header::ETAG].to_str().unwrap();
        let (status, headers, body) = get(path, &[("if-none-match", etag)]).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        assert_eq!(headers[header::ETAG], etag);
    }
    assert_eq!(get("/", &[]).await.2, get("/index.html", &[]).await.2);
    assert_ne!(get("/", &[]).await.1[header::ETAG], get("/main.js", &[]).await.1[header::ETAG]);
}

#[tokio::test]
async fn every_output_of_the_build_script_is_there() {
    for asset in python::assets::ALL {
        let accepted = [("accept-encoding", "gzip, deflate, br")];
        let (status, headers, body) =
            get(&format!("/pyodide-pack/{}", asset.path), &accepted).await;
        assert_eq!((status, body), (StatusCode::OK, asset.bytes().into_owned()), "{}", asset.path);
        assert_eq!(headers[header::CONTENT_TYPE], asset.content_type);
        assert_eq!(headers[header::CACHE_CONTROL], asset.cache_control());
        let encoding = headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap());
        assert_eq!(encoding.unwrap_or("identity"), asset.encoding);
    }
    let known = python::assets::get("loader.js").unwrap().etag();
    let (status, ..) = get("/pyodide-pack/loader.js?again=1", &[("if-none-match", &known)]).await;
    assert_eq!(status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn nothing_else_is_found() {
    for path in [
        "/nothing",
        "/pyodide-pack/",
        "/pyodide-pack/nothing",
        "/pyodide-pack/../main.js",
        "//",
        "/web/main.js",
    ] {
        assert_eq!(get(path, &[]).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn every_response_has_the_policy() {
    for path in ["/", "/nothing", "/pyodide-pack/manifest.json"] {
        let (_, headers, _) = get(path, &[]).await;
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], POLICY, "{path}");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }
}
