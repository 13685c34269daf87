//! Finds the modules that sources seem to import, by a look at their `import` lines. A string may look like
//! such a line, so the result is for people, and nothing depends on it.

use std::collections::BTreeSet;

/// Returns the absolute names of modules after `import` and `from`, and of what is imported from them, which may
/// be a module too.
pub(super) fn imported(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in joined_lines(source) {
        let line = line.trim_start();
        if let Some(names) = line.strip_prefix("import ") {
            found.extend(names.split(',').filter_map(module));
        } else if let Some((from, names)) =
            line.strip_prefix("from ").and_then(|rest| rest.split_once(" import "))
            && let Some(from) = module(from)
        {
            let names = names.trim().trim_matches(['(', ')']);
            let names = names.split(',').filter_map(module).map(|name| format!("{from}.{name}"));
            found.extend(names.collect::<Vec<_>>());
            found.insert(from);
        }
    }
    found
}

/// Returns the dotted name before `as`. Relative names, which are the app's own, are left out.
fn module(text: &str) -> Option<String> {
    let name = text.split_whitespace().next()?;
    let is_name = |part: &str| {
        part.chars().all(|c| c.is_alphanumeric() || c == '_')
            && part.starts_with(|c: char| !c.is_numeric())
    };
    name.split('.').all(is_name).then(|| name.to_owned())
}

/// Returns lines without comments. A line with an open bracket, or with a backslash at its end, goes on.
fn joined_lines(source: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in source.lines() {
        let line = line.split('#').next().unwrap_or_default().trim_end();
        let (text, backslash) = line.strip_suffix('\\').map_or((line, false), |text| (text, true));
        match lines.last_mut().filter(|_| goes_on) {
            Some(last) => {
                last.push(' ');
                last.push_str(text.trim_start());
            }
            None => lines.push(text.to_owned()),
        }
        let whole = lines.last().map_or("", String::as_str).trim_start();
        let bracket = whole.starts_with("from ") && whole.contains('(') && !whole.contains(')');
        goes_on = backslash || bracket;
    }
    lines
}

#[test]
fn all_forms_of_imports_are_seen() {
    let source = "\
import a, b.c as d  # e\n\
if x:\n    import f.g\n\
from h.i import (\n    j,  # no\n    k as l,\n)\n\
from .m import n\n\
from o import *\n\
from p \\\n  import q\n\
importlib.x()\n\
text = 'import r'\n";
    let found: Vec<_> = imported(source).into_iter().collect();
    assert_eq!(found, ["a", "b.c", "f.g", "h.i", "h.i.j", "h.i.k", "o", "p", "p.q"]);
}
