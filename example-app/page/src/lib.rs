//! The files of the pages: the Leptos page, which the build script compiles from `client/`, and the plain page
//! of `web/`. They are a crate of their own, so an edit of the Python app compiles none of them.

/// One file of a page.
#[derive(Debug)]
pub struct File {
    /// Relative to the page.
    pub path: &'static str,
    /// The value for the header `Content-Type`.
    pub content_type: &'static str,
    /// The bytes to send.
    pub bytes: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Returns the file at a path. The folder itself is `index.html`.
#[must_use]
pub fn find(path: &str) -> Option<&'static File> {
    let path = if path.is_empty() { "index.html" } else { path };
    FILES.iter().find(|file| file.path == path)
}
