//! A mounted file behaves like a file of a plain installation, whether it is eager or lazy. The bytes of
//! the bundle never change.

use support::{App, Route, build, run};

mod changed_modules;

const CODE: &str = include_str!("files.py");

#[test]
fn files_can_be_written_and_the_bundle_is_not() {
    let app = App::new("print(open('eager.txt').read())\n");
    app.file("app/eager.txt", "eager text");
    build(app.builder());
    for route in [Route::Embedded, Route::Loader] {
        let ran = run(&app.out(), route, CODE);
        assert_eq!((ran.error, ran.stdout.as_str()), (None, "done\n"));
        assert!(!ran.written, "the bundle's bytes changed");
        assert!(ran.misses.iter().any(|path| path.ends_with("/wave.py")), "{:?}", ran.misses);
    }
}
