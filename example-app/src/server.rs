//! The server: a listener on this machine, and one handler for every path.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use crate::args::Port;
use crate::asset;

const HINT: &str = "hint: choose another one with `--port N`, or let `--port 0` take any free one";

/// Why the server stopped or did not start, and what to do about it.
#[derive(Debug)]
pub(crate) enum Error {
    Runtime(io::Error),
    Taken(RangeInclusive<u16>),
    Bind(u16, io::Error),
    Serve(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Runtime(cause) => write!(f, "the server could not be started: {cause}"),
            Self::Taken(ports) => {
                let (first, last) = (ports.start(), ports.end());
                if first == last {
                    write!(f, "port {first} is taken by another program\n{HINT}")
                } else {
                    write!(f, "all ports from {first} to {last} are taken\n{HINT}")
                }
            }
            Self::Bind(port, cause) => write!(f, "port {port} can't be used: {cause}\n{HINT}"),
            Self::Serve(cause) => write!(f, "the server stopped: {cause}"),
        }
    }
}

impl std::error::Error for Error {}

/// Serves until the process ends. Calls `ready` with the address once the server listens.
pub(crate) fn run(port: Port, ready: impl FnOnce(SocketAddr)) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;
    runtime.block_on(async {
        let (listener, address) = bind(port).await?;
        ready(address);
        axum::serve(listener, router()).await.map_err(Error::Serve)
    })
}

async fn bind(port: Port) -> Result<(TcpListener, SocketAddr), Error> {
    let ports = match port {
        Port::Exactly(port) => port..=port,
        Port::From(port) => port..=port.saturating_add(999),
    };
    for port in ports.clone() {
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        match bound.and_then(|listener| listener.local_addr().map(|address| (listener, address))) {
            Ok(bound) => return Ok(bound),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(Error::Bind(port, error)),
        }
    }
    Err(Error::Taken(ports))
}

fn router() -> Router {
    // `get` also answers HEAD, and answers all other methods with 405.
    Router::new().fallback(get(answer)).layer(axum::middleware::map_response(
        |mut response: Response| async {
            response.headers_mut().extend(asset::common_headers());
            response
        },
    ))
}

async fn answer(uri: Uri, request: HeaderMap) -> Response {
    let Some(asset) = asset::find(uri.path()) else {
        return (StatusCode::NOT_FOUND, "Not found\n").into_response();
    };
    let headers = asset.headers();
    let condition = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if condition.is_some_and(|condition| asset.is_known(condition)) {
        let mut response = (StatusCode::NOT_MODIFIED, headers).into_response();
        response.headers_mut().remove(header::CONTENT_TYPE);
        response.headers_mut().remove(header::CONTENT_ENCODING);
        return response;
    }
    let accepted = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    if let Some(text) = asset.refusal(accepted.unwrap_or_default()) {
        let vary = [(header::VARY, "accept-encoding")];
        return (StatusCode::NOT_ACCEPTABLE, vary, text).into_response();
    }
    let body = match asset.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    (headers, body).into_response()
}
