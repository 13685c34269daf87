//! One binary that serves a page with Python, and all files that the page needs.
//!
//! Everything is embedded: the Leptos page from `client/`, the plain page from `web/`, and the build
//! script's outputs of `python/`.

mod args;
mod asset;
/// The Leptos page, as the build script compiled it from `client/`.
mod client {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}
mod server;

use std::io::Write as _;
use std::process::ExitCode;

use args::Command;

/// The build script's outputs: the bundle, the loader, the files fetched on demand.
#[allow(dead_code, reason = "this app serves the assets; the other constants suit other apps")]
mod python {
    include!(concat!(env!("OUT_DIR"), "/pyodide_pack.rs"));
}

fn main() -> ExitCode {
    let command = match args::parse(std::env::args_os().skip(1), args::port_variable()) {
        Ok(command) => command,
        Err(error) => return failure(&error, 2),
    };
    match command {
        Command::Help => {
            say(args::HELP);
            ExitCode::SUCCESS
        }
        Command::Serve(port) => match server::run(port, |address| {
            let hint =
                client::HINT.map_or(String::new(), |hint| format!("\nThe plain page; {hint}"));
            let table = python::REPORT.trim_end();
            say(&format!("{table}\n{hint}\nListening on http://{address}/\n"));
        }) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failure(&error, 1),
        },
    }
}

/// Writes to standard output, even if nobody reads it.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn failure(error: &dyn std::error::Error, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {error}");
    ExitCode::from(code)
}
