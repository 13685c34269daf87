//! Bisection.

use std::collections::BTreeSet;

use crate::base::error::Result;
use crate::image::Image;
use crate::transform::form::{Finding, Form, Kept};

/// Adds to `kept` the fewest of these files, in the first of the forms with which that `works`;
/// `None` if it does not even with all of them. Those that are `likely` to be enough are tried first, and
/// then owners before files.
pub(crate) fn keep_fewest(
    image: &Image,
    forms: &[Form],
    kept: &Kept,
    why: &str,
    files: &[&String],
    likely: &[&String],
    mut works: impl FnMut(&Kept) -> Result<bool>,
) -> Result<Option<Kept>> {
    let owner_of = |path: &String| image.files[path].owner;
    for form in forms {
        let lesser = |path: &&String| kept.get(*path).is_none_or(|finding| finding.form < *form);
        let candidates: Vec<_> = files.iter().copied().filter(lesser).collect();
        let with = |paths: &[&String]| {
            let finding = Finding { form: *form, why: why.to_owned() };
            let mut kept = kept.clone();
            kept.extend(paths.iter().map(|path| ((*path).clone(), finding.clone())));
            kept
        };
        let likely: Vec<_> = likely.iter().copied().filter(lesser).collect();
        if !likely.is_empty() && works(&with(&likely))? {
            let files = fewest(&likely, |files| works(&with(files)))?;
            return Ok(Some(with(&files)));
        }
        if candidates.is_empty() || !works(&with(&candidates))? {
            continue;
        }
        let of = |owners: &[usize]| -> Vec<&String> {
            candidates.iter().filter(|path| owners.contains(&owner_of(path))).copied().collect()
        };
        let owners: BTreeSet<_> = candidates.iter().map(|path| owner_of(path)).collect();
        let owners: Vec<_> = owners.into_iter().collect();
        let owners = fewest(&owners, |owners| works(&with(&of(owners))))?;
        let files = fewest(&of(&owners), |files| works(&with(files)))?;
        return Ok(Some(with(&files)));
    }
    Ok(None)
}

/// The fewest items that pass, provided that all of them do, that none of them does not, and that
/// what passes also passes with more. An item among them takes about log2 of their number tests.
pub(crate) fn fewest<T: Clone>(
    items: &[T],
    mut passes: impl FnMut(&[T]) -> Result<bool>,
) -> Result<Vec<T>> {
    let mut found: Vec<T> = Vec::new();
    let mut rest = items;
    while !rest.is_empty() {
        // Some first ones of the rest pass together with what was found, and fewer don't.
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
    fn the_fewest_are_found() {
        for wanted in [vec![3], vec![0], vec![99], vec![2, 50], vec![97, 98, 99], vec![0, 40, 99]] {
            let mut tests = 0;
            let items: Vec<usize> = (0..100).collect();
            let found = fewest(&items, |items| {
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
