//! The page of the example app as a Leptos program: Python in a worker, called from Rust.

#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(target_arch = "wasm32")]
mod misses;
#[cfg(target_arch = "wasm32")]
mod reloaded;
#[cfg(target_arch = "wasm32")]
mod status;
#[cfg(target_arch = "wasm32")]
mod text;

#[cfg(target_arch = "wasm32")]
fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::App);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!(
        "This is a page: build it with --target wasm32-unknown-unknown, or run `trunk serve`"
    );
    std::process::exit(2);
}
