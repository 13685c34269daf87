//! Lazy files: fetched on demand, embedded, or omitted with an explanation.

use std::path::Path;

use serde::Deserialize;
use support::wheels::{wheel, wheel_name};
use support::{App, node};

mod misses;
mod settings;
mod tight;

/// The output of `lazy.mjs`.
#[derive(Debug, Deserialize)]
struct Steps {
    /// The output of each piece of code.
    printed: Vec<String>,
    events: Vec<Event>,
    /// What the loader wrote to the console.
    reported: Vec<String>,
    /// Settings for `build.rs` that the loader proposes.
    lines: Vec<String>,
    /// Lazy chunks that were read, without those of sources.
    prefetched: usize,
}

#[derive(Debug, Deserialize)]
struct Event {
    path: String,
    package: String,
    chunk: String,
    bytes: u64,
    stack: Vec<String>,
    error: Option<String>,
}

/// Loads the bundle in `out` and performs these steps: code to run, or chunks to damage (`damage:PATH` of a
/// mounted file) and to repair (`repair`).
fn steps(out: &Path, options: &str, steps: &[&str]) -> Steps {
    let mut arguments = vec![Path::new("lazy.mjs"), out, Path::new(options)];
    arguments.extend(steps.iter().map(Path::new));
    node(&arguments)
}

const SITE: &str = "/lib/python3.14/site-packages";

/// The end of a `try` statement, which prints the exception and its notes.
const NOTES: &str = "except Exception as error:\n    \
                     print(type(error).__name__, *getattr(error, '__notes__', ['no note']))\n";

/// Imports a package, but neither its module `later` nor its `data.txt`.
const APP: &str = "import shop\nprint(shop.NAME)\n";

/// Puts the package beside the app.
fn with_shop(app: App) -> App {
    let files = [
        ("shop/__init__.py", "NAME = 'shop'\n"),
        ("shop/later.py", "ANSWER = 42\n"),
        ("shop/data.txt", "data"),
    ];
    app.file(&format!("wheels/{}", wheel_name("shop")), wheel("shop", "", "", &files));
    app
}
