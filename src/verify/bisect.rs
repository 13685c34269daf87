//! Finds a minimal set of files that must have another form, by trial.

use std::collections::BTreeSet;

use crate::base::error::Result;
use crate::image::Image;
use crate::transform::form::{Fallback, Fallbacks, Form};

/// The search space, and earlier results.
pub(super) struct Candidates<'a> {
    pub image: &'a Image,
    /// The forms to try, the smaller change first.
    pub forms: &'a [Form],
    /// Fallbacks that stay in every trial.
    pub known: &'a Fallbacks,
    pub files: Vec<&'a String>,
    /// Files that are probably sufficient. They are tried first.
    pub likely: Vec<&'a String>,
    /// Why the files need another form.
    pub why: String,
}

impl Candidates<'_> {
    /// Adds a minimal set of files to the known fallbacks, in the first form that `works`. Returns `None`
    /// if no form works even with all files. Packages are tried before files.
    pub fn search(
        &self,
        mut works: impl FnMut(&Fallbacks) -> Result<bool>,
    ) -> Result<Option<Fallbacks>> {
        for form in self.forms {
            let lesser = |path: &&String| self.known.get(*path).is_none_or(|f| f.form < *form);
            let files: Vec<_> = self.files.iter().copied().filter(lesser).collect();
            let likely: Vec<_> = self.likely.iter().copied().filter(lesser).collect();
            let with = |paths: &[&String]| self.with(*form, paths);
            if !likely.is_empty() && works(&with(&likely))? {
                let files = minimal_subset(&likely, |files| works(&with(files)))?;
                return Ok(Some(with(&files)));
            }
            if files.is_empty() || !works(&with(&files))? {
                continue;
            }
            let package = |path: &String| self.image.files[path].package;
            let of = |packages: &[usize]| -> Vec<&String> {
                files.iter().filter(|path| packages.contains(&package(path))).copied().collect()
            };
            let packages: BTreeSet<_> = files.iter().map(|path| package(path)).collect();
            let packages: Vec<_> = packages.into_iter().collect();
            let packages = minimal_subset(&packages, |packages| works(&with(&of(packages))))?;
            let files = minimal_subset(&of(&packages), |files| works(&with(files)))?;
            return Ok(Some(with(&files)));
        }
        Ok(None)
    }

    fn with(&self, form: Form, paths: &[&String]) -> Fallbacks {
        let fallback = Fallback { form, why: self.why.clone() };
        let mut fallbacks = self.known.clone();
        fallbacks.extend(paths.iter().map(|path| ((*path).clone(), fallback.clone())));
        fallbacks
    }
}

/// Returns a minimal subset that passes. No item can be left out of it, but another subset may be smaller.
/// The full set must pass, the empty set must fail, and adding items must never turn a pass into a failure.
/// Each found item takes about log2 of the number of items in tests.
pub(crate) fn minimal_subset<T: Clone>(
    items: &[T],
    mut passes: impl FnMut(&[T]) -> Result<bool>,
) -> Result<Vec<T>> {
    let mut found: Vec<T> = Vec::new();
    let mut rest = items;
    while !rest.is_empty() {
        // Find the shortest prefix of the rest that passes together with the items found so far.
        let (mut fails, mut enough) = (0, rest.len());
        while enough - fails > 1 {
            let middle = usize::midpoint(fails, enough);
            let tried: Vec<T> = found.iter().chain(&rest[..middle]).cloned().collect();
            if passes(&tried)? {
                enough = middle;
            } else {
                fails = middle;
            }
        }
        found.push(rest[enough - 1].clone());
        rest = &rest[..enough - 1];
        if rest.is_empty() || passes(&found)? {
            break;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_found_item_can_be_left_out() {
        // `A` alone passes, and so do `B` and `C` together. The pair is larger, but minimal.
        let passes =
            |items: &[char]| items.contains(&'A') || "BC".chars().all(|c| items.contains(&c));
        let found = minimal_subset(&['B', 'C', 'A'], |items| Ok(passes(items))).unwrap();
        assert!(passes(&found));
        for left_out in &found {
            let rest: Vec<_> = found.iter().copied().filter(|item| item != left_out).collect();
            assert!(!passes(&rest), "{left_out} can be left out of {found:?}");
        }
    }

    #[test]
    fn the_fewest_are_found() {
        for wanted in [vec![3], vec![0], vec![99], vec![2, 50], vec![97, 98, 99], vec![0, 40, 99]] {
            let mut tests = 0;
            let items: Vec<usize> = (0..100).collect();
            let found = minimal_subset(&items, |items| {
                tests += 1;
                Ok(wanted.iter().all(|item| items.contains(item)))
            });
            let mut found = found.unwrap();
            found.sort_unstable();
            assert_eq!(found, wanted);
            assert!(tests <= 9 * wanted.len(), "{tests} tests for {wanted:?}");
        }
    }
}
