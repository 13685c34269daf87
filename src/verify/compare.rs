//! Finds differences between two runs of a scenario.

use crate::base::error::{Error, ErrorKind};
use crate::run::record::Run;
use crate::settings::app::Scenario;
use crate::verify::route::Route;

/// How a run from the bundle differs from the trace.
pub(crate) struct Difference {
    /// A short text that holds for other apps too: `it raised ValueError`.
    pub why: String,
    pub error: Error,
    /// The exception's traceback, if any.
    pub traceback: String,
    /// Modules that only one side imported, if that is the difference.
    pub modules: Vec<String>,
}

impl Difference {
    pub fn new(why: String, error: Error) -> Self {
        Self { why, error, traceback: String::new(), modules: Vec::new() }
    }

    /// Creates a difference; `why` summarises it, and `cause` is the detail.
    fn of(scenario: &Scenario, route: Route, why: String, cause: &str, hint: &str) -> Self {
        let what = format!("{}: {why} from the bundle, through {}", scenario.name, route.title());
        let error = Error::new(ErrorKind::Verify, what)
            .at(scenario.source.display())
            .because(cause)
            .hint(hint);
        Self::new(why, error)
    }
}

/// Returns the exception of the run as a difference. A traced scenario never ends with one.
pub(crate) fn exception(scenario: &Scenario, run: &Run, route: Route) -> Option<Difference> {
    let exception = run.exception.as_ref()?;
    let (why, traceback) = (format!("it raised {}", exception.kind), exception.traceback.clone());
    let difference = Difference::of(scenario, route, why, &traceback, DEFECT);
    Some(Difference { traceback, ..difference })
}

/// Returns modules that only one side imported; `own` are those of plain `loadPyodide` itself.
pub(crate) fn modules(
    scenario: &Scenario,
    traced: &Run,
    run: &Run,
    route: Route,
    own: &[String],
) -> Option<Difference> {
    let own = if route == Route::Plain { own } else { &[] };
    let (before, after) = (&traced.modules, &run.modules);
    let missing: Vec<_> = before.keys().filter(|name| !after.contains_key(*name)).collect();
    let added = after.keys().filter(|name| !before.contains_key(*name) && !own.contains(*name));
    let added: Vec<_> = added.collect();
    let lines = [("only in the trace", &missing), ("only from the bundle", &added)];
    let lines = lines.iter().filter(|(_, names)| !names.is_empty()).map(|(what, names)| {
        let names: Vec<_> = names.iter().map(|name| name.as_str()).collect();
        format!("{what}: {}", names.join(", "))
    });
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() {
        return None;
    }
    let modules = missing.into_iter().chain(added).cloned().collect();
    let hint = "make the scenario repeatable: it may depend on time, chance or the network";
    let why = "it imported different modules".to_owned();
    let difference = Difference::of(scenario, route, why, &lines.join("\n"), hint);
    Some(Difference { modules, ..difference })
}

/// Returns a difference in standard output; `line` names the first one.
pub(crate) fn stdout(scenario: &Scenario, line: &str, route: Route) -> Difference {
    Difference::of(scenario, route, "it printed different output".to_owned(), line, DEFECT)
}

const DEFECT: &str = "this may be a defect of pyodide-pack; please report it, with the app";

/// Returns the first line that differs in more than addresses, line numbers, and the marks below a line of a
/// traceback. Bytecode of packages has no columns, so their lines have no marks.
pub(super) fn first_difference(one: &str, other: &str) -> Option<String> {
    let (one, other) = (masked(one), masked(other));
    let compared = |text: &'_ str| -> Vec<(usize, String)> {
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !is_mark(line));
        lines.map(|(number, line)| (number, line.to_owned())).collect()
    };
    let (one, other) = (compared(&one), compared(&other));
    let same = one.iter().zip(&other).take_while(|((_, a), (_, b))| a == b).count();
    if same == one.len() && same == other.len() {
        return None;
    }
    let line = |lines: &[(usize, String)]| {
        lines.get(same).map_or("(the end)".to_owned(), |(_, line)| line.clone())
    };
    let number = one.get(same).or(other.get(same)).map_or(0, |(number, _)| *number);
    Some(format!("line {number}: {:?}, then {:?}", line(&one), line(&other)))
}

/// Returns whether a line marks parts of the line before it in a traceback.
fn is_mark(line: &str) -> bool {
    let marks = line.trim();
    line.starts_with(' ')
        && !marks.is_empty()
        && marks.chars().all(|c| matches!(c, '^' | '~' | ' '))
}

/// Returns text with the digits of every `0x...` and every `line ...` replaced.
fn masked(text: &str) -> String {
    let text = replaced(text, "0x", |c| c.is_ascii_hexdigit());
    replaced(&text, ", line ", |c| c.is_ascii_digit())
}

fn replaced(text: &str, before: &str, is_digit: impl Fn(char) -> bool) -> String {
    let mut parts = text.split(before);
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        masked += before;
        let rest = part.trim_start_matches(&is_digit);
        if rest.len() < part.len() {
            masked.push('#');
        }
        masked += rest;
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_do_not_count() {
        let (one, other) = ("<A object at 0x12ab>, 0xg\n", "<A object at 0xffff0>, 0xg\n");
        assert_eq!(first_difference(one, other), None);
        assert_eq!(masked(one), "<A object at 0x#>, 0xg\n");
    }

    #[test]
    fn marks_and_line_numbers_of_tracebacks_do_not_count() {
        let one = "  File \"x.py\", line 12, in f\n    return 1 / 0\n           ~~^~~\nend\n";
        let other = "  File \"x.py\", line 11, in f\n    return 1 / 0\nend\n";
        assert_eq!(first_difference(one, other), None);
        let more = other.replace("end", "END");
        assert_eq!(first_difference(one, &more).unwrap(), "line 4: \"end\", then \"END\"");
        assert!(first_difference("^\n", "").is_some(), "no mark: it has no indentation");
        assert!(first_difference("line 1\n", "line 2\n").is_some(), "no frame of a traceback");
    }

    #[test]
    fn the_first_different_line_is_named() {
        let difference = first_difference("a\nb\n", "a\nc\n").unwrap();
        assert_eq!(difference, "line 2: \"b\", then \"c\"");
        assert!(first_difference("a\n", "a\nb\n").unwrap().contains("(the end)"));
    }
}
