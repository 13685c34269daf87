//! A mounted file is a file: whatever a program does with it, hot or cold, as in a plain
//! installation, and the bundle's bytes stay as they were.

use crate::support::{App, Route, run};

const CODE: &str = include_str!("support/files.py");

#[test]
fn files_can_be_written_and_the_bundle_is_not() {
    let app = App::new("print(open('hot.txt').read())\n");
    app.file("app/hot.txt", "hot text");
    app.builder().build().unwrap();
    for route in [Route::Embedded, Route::Loader] {
        let ran = run(&app.out(), route, CODE);
        assert_eq!((ran.error, ran.stdout.as_str()), (None, "done\n"));
        assert!(!ran.written, "the bundle's bytes changed");
        assert!(ran.misses.iter().any(|path| path.ends_with("/wave.py")), "{:?}", ran.misses);
    }
}
