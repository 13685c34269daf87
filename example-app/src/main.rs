//! One binary that serves a page with Python, and all files that the page needs: the pages of `page/`, and the
//! build script's outputs of `python/`.

mod server;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use clap::Parser;
use tokio::net::TcpListener;

/// Serves a SQL transpiler that runs in the browser, on this machine only.
#[derive(Parser)]
struct Args {
    /// The port to listen on; 0 takes any free one, and without it the first free one from 8000 upwards
    #[arg(long, env)]
    port: Option<u16>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let port = Args::parse().port;
    let served = async {
        let listener = listen(port).await?;
        announce(listener.local_addr()?);
        axum::serve(listener, server::router()).await
    };
    let Err(error) = served.await else { return ExitCode::SUCCESS };
    let port = port.map_or("8000 to 8999".to_owned(), |port| port.to_string());
    eprintln!(
        "error: port {port}: {error}\nhint: choose another one with `--port N`, or let `--port 0` take a free one"
    );
    ExitCode::FAILURE
}

async fn listen(port: Option<u16>) -> io::Result<TcpListener> {
    let ports = port.map_or(8000..=8999, |port| port..=port);
    let addresses: Vec<_> =
        ports.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port))).collect();
    TcpListener::bind(&addresses[..]).await
}

/// Prints the sizes of the build, and the address for the browser.
fn announce(address: SocketAddr) {
    println!("{}", server::python::REPORT.trim_end());
    if let Some(hint) = example_page::HINT {
        println!("\nThe plain page; {hint}");
    }
    println!("\nListening on http://{address}/");
}
