//! Formats numbers for people.

pub(crate) fn size(bytes: f64) -> String {
    match bytes {
        0.0..1000.0 => format!("{bytes} B"),
        1000.0..9950.0 => format!("{:.1} kB", bytes / 1000.0),
        9950.0..999_500.0 => format!("{:.0} kB", bytes / 1000.0),
        _ => format!("{:.1} MB", bytes / 1e6),
    }
}

pub(crate) fn duration(milliseconds: f64) -> String {
    if milliseconds < 999.5 {
        format!("{milliseconds:.0} ms")
    } else {
        format!("{:.1} s", milliseconds / 1000.0)
    }
}

/// Returns the milliseconds since the page was opened.
pub(crate) fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}
