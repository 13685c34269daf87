//! A server that keeps what it receives in memory, and that can lie and refuse.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::fetch::server::{Answer, Request, Server};

/// Content by path: `ac/KEY` and `cas/SHA256`.
pub type Content = BTreeMap<String, Vec<u8>>;

pub struct Store {
    content: Arc<Mutex<Content>>,
    pub server: Server,
}

impl Store {
    /// Starts a server with this content.
    pub fn new(content: Content) -> Self {
        Self::with(content, |_| None)
    }

    /// Starts a server. `instead` returns an answer of its own to a request.
    pub fn with(
        content: Content,
        instead: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        let content = Arc::new(Mutex::new(content));
        let kept = Arc::clone(&content);
        let server = Server::new(move |request, _| {
            instead(request).unwrap_or_else(|| answer(request, &mut lock(&kept)))
        });
        Self { content, server }
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.server.address())
    }

    pub fn content(&self) -> Content {
        lock(&self.content).clone()
    }
}

fn lock(content: &Mutex<Content>) -> std::sync::MutexGuard<'_, Content> {
    content.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(request: &Request, content: &mut Content) -> Answer {
    let path = request.target.trim_start_matches('/');
    match (request.method.as_str(), content.get(path)) {
        ("PUT", _) => {
            content.insert(path.to_owned(), request.body.clone());
            Answer::new("201 Created", b"")
        }
        (_, None) => Answer::new("404 Not Found", b"no such file"),
        ("HEAD", Some(bytes)) => Answer::ok(b"").length(Some(bytes.len())),
        (_, Some(bytes)) => Answer::ok(bytes),
    }
}
