//! A miss where the interpreter has no room left: at the recursion limit, or while an interrupt waits; and
//! with an `onMiss` that throws.

use std::sync::OnceLock;

use support::wheels::{wheel, wheel_name};
use support::{App, build};

use super::{Steps, steps};

/// The functions that the steps call.
const CODE: &str = include_str!("tight.py");
/// The number of files of each kind, as in `tight.py`.
const COUNT: usize = 150;

/// Opens eager files at each depth. The build fails if they can't be opened while it traces, but can be in the
/// bundle.
const APP: &str = "\
import json, sys, sysconfig, narrow
folder = sysconfig.get_path('purelib') + '/narrow'
def read(depth, number):
    if depth > 0:
        return read(depth - 1, number)
    with open(f'{folder}/eager{number}.txt', 'rb') as file:
        return file.read()
for number in range(EAGER):
    try:
        print(read(sys.getrecursionlimit() - EAGER + number, number))
    except RecursionError:
        print('too deep')
";
const EAGER: usize = 40;

/// A bundle with a package of lazy text files and modules, built once.
fn narrow() -> &'static App {
    static BUILT: OnceLock<App> = OnceLock::new();
    BUILT.get_or_init(|| {
        let app = App::shared("lazy-tight", &APP.replace("EAGER", &EAGER.to_string()));
        let mut files = vec![("narrow/__init__.py".to_owned(), String::new())];
        let eager = |number| (format!("narrow/eager{number}.txt"), format!("eager {number}"));
        files.extend((0..EAGER).map(eager));
        for number in 0..COUNT {
            files.push((format!("narrow/{number}.txt"), format!("text {number}")));
            files.push((format!("narrow/m{number}.py"), format!("ANSWER = 'module {number}'\n")));
        }
        let files: Vec<_> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
        app.file(&format!("wheels/{}", wheel_name("narrow")), wheel("narrow", "", "", &files));
        build(app.builder().requires(["narrow"]).find_links(app.dir("wheels")));
        app
    })
}

/// Runs one statement after the functions are defined, and parses what it shows.
fn shown<T: for<'a> serde::Deserialize<'a>>(options: &str, statement: &str) -> (T, Steps) {
    let ran = steps(&narrow().out(), options, &[CODE, statement]);
    let value = serde_json::from_str(&ran.printed[1]).unwrap_or_else(|e| panic!("{e}\n{ran:?}"));
    (value, ran)
}

/// Returns the depths at which an outcome was another one the second time, with both.
fn changes([first, second]: &[Vec<String>; 2]) -> Vec<String> {
    let pairs = first.iter().zip(second).enumerate();
    pairs
        .filter(|(_, (one, other))| one != other)
        .map(|(at, (one, other))| format!("{at}: {one} | {other}"))
        .collect()
}

#[test]
fn a_miss_below_the_recursion_limit_is_like_a_file_that_is_present() {
    for (call, names, right) in [("read", "f'{n}.txt'", "text "), ("load", "f'm{n}'", "module ")] {
        let statement = format!("show(depths({call}, [{names} for n in range(COUNT)]))");
        let (outcomes, ran): ([Vec<String>; 2], _) = shown("{}", &statement);
        assert_eq!(changes(&outcomes), [""; 0], "{call}");
        let [first, _] = outcomes;
        let is_right = |outcome: &&String| outcome.starts_with(right);
        let others: Vec<_> = first.iter().filter(|outcome| !is_right(outcome)).collect();
        assert!(!others.is_empty() && others.len() < COUNT / 2, "{first:?}");
        assert!(others.iter().all(|outcome| *outcome == "RecursionError"), "{others:?}");
        let missed = ran.events.iter().filter(|event| event.path.contains("/narrow/")).count();
        assert!(missed > COUNT / 2, "{missed}");
        assert!(ran.events.iter().all(|event| event.error.is_none()), "{:?}", ran.events);
    }
}

#[test]
fn a_refusal_below_the_recursion_limit_has_its_note() {
    let statement = "show(depths(read, [f'{n}.txt' for n in range(COUNT)]))";
    let (outcomes, _): ([Vec<String>; 2], _) = shown(r#"{"strict":true}"#, statement);
    assert_eq!(changes(&outcomes), [""; 0]);
    let noted =
        |outcome: &String| outcome.starts_with("OSError ") && outcome.contains("add .eager(");
    let refused = outcomes[0].iter().filter(|outcome| noted(outcome)).count();
    let too_deep = outcomes[0].iter().filter(|outcome| *outcome == "RecursionError").count();
    assert_eq!(refused + too_deep, COUNT, "{outcomes:?}");
    assert!(refused > COUNT / 2 && too_deep > 0);
}

#[test]
fn an_interrupt_that_waits_during_a_miss_arrives() {
    let statement = "show([interrupted(n, f'{n}.txt') for n in range(COUNT)])";
    let (outcomes, _): (Vec<Vec<String>>, _) = shown("{}", statement);
    assert_eq!(outcomes, vec![["KeyboardInterrupt"]; COUNT]);
    // A file that is refused may be refused before the interrupt arrives.
    let (outcomes, _): (Vec<Vec<String>>, _) = shown(r#"{"strict":true}"#, statement);
    for outcome in outcomes {
        let [refused @ .., last] = &outcome[..] else { panic!("nothing was raised") };
        assert_eq!(last, "KeyboardInterrupt");
        assert!(refused.iter().all(|kind| kind == "OSError") && refused.len() < 2, "{outcome:?}");
    }
}

#[test]
fn an_error_of_on_miss_is_reported_and_the_file_is_opened() {
    let (text, ran): (String, _) =
        shown(r#"{"refusing":true}"#, "show(read('0.txt') + load('m0'))");
    assert_eq!(text, "text 0module 0");
    assert!(ran.events.iter().all(|event| event.error.is_none()), "{:?}", ran.events);
    assert_eq!(ran.reported, vec!["Error: onMiss refuses"; ran.events.len()]);
}
