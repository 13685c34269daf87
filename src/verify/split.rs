//! Finds the modules without which a run matches its trace in parts. It knows no module by name.

use crate::base::error::Result;
use crate::bundle::parts::Parts;
use crate::verify::bisect::minimal_subset;

/// Makes the fewest modules whole with which a run `works`, or all modules. `why` says what differs in other runs.
pub(super) fn back_off(
    parts: &mut Parts,
    why: &str,
    mut works: impl FnMut(&Parts) -> Result<bool>,
) -> Result<()> {
    let all: Vec<String> = parts.modules().map(|(path, _)| path.to_owned()).collect();
    let before = parts.whole.clone();
    let marked = |paths: &[String]| {
        let reasons = paths.iter().map(|path| (path.clone(), format!("otherwise {why}")));
        before.clone().into_iter().chain(reasons).collect()
    };
    let mut with = |paths: &[String]| {
        parts.whole = marked(paths);
        works(parts)
    };
    let found = if with(&all)? { minimal_subset(&all, with)? } else { all };
    parts.whole = marked(&found);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a side module with much code that does not run.
    fn side_module() -> Vec<u8> {
        let code = "(drop (i64.const 0x7fffffffffffffff))".repeat(2000);
        let text = format!(
            r#"(module
              (@custom "dylink.0" (before first) "\01\04\08\02\00\00")
              (import "env" "__memory_base" (global i32))
              (import "env" "__table_base" (global i32))
              (func {code}))"#
        );
        wat::parse_str(text).unwrap()
    }

    fn parts() -> Parts {
        let mut parts = Parts::default();
        for path in ["/a.so", "/b.so", "/c.so", "/d.so", "/e.so"] {
            parts.add_module(path, side_module(), std::iter::empty());
        }
        assert_eq!(parts.modules().count(), 5, "{:?}", parts.whole);
        parts
    }

    #[test]
    fn only_the_modules_that_a_run_needs_become_whole() {
        for needed in [vec!["/a.so"], vec!["/b.so", "/e.so"]] {
            let mut parts = parts();
            let works = |parts: &Parts| Ok(needed.iter().all(|path| parts.get(path).is_none()));
            back_off(&mut parts, "it prints 2", works).unwrap();
            let whole: Vec<_> = parts.whole.iter().collect();
            assert_eq!(parts.whole.keys().collect::<Vec<_>>(), needed);
            assert!(whole.iter().all(|(_, why)| *why == "otherwise it prints 2"), "{whole:?}");
        }
    }

    #[test]
    fn all_become_whole_if_that_does_not_suffice() {
        let mut parts = parts();
        back_off(&mut parts, "it prints 2", |_| Ok(false)).unwrap();
        assert_eq!((parts.modules().count(), parts.whole.len()), (0, 5));
    }
}
