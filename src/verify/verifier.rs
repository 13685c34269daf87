//! Bundles, replays every scenario from the outputs, and corrects the bundle until each run matches its
//! trace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::{files, parallel};
use crate::bundle::layout::{Bundled, Layout};
use crate::bundle::parts::Parts;
use crate::bundle::select::Selection;
use crate::bundle::served::Bundler;
use crate::image::Image;
use crate::settings::lazy::Lazy;
use crate::transform::Variants;
use crate::transform::form::Fallbacks;
use crate::transform::python::Compiler;
use crate::verify::compare::Difference;
use crate::verify::fallbacks::FallbackSearch;
use crate::verify::memo::FallbackMemo;
use crate::verify::replay::{Baseline, Cores, Outcome, Replay, Replayer};
use crate::verify::route::Route;
use crate::verify::split::back_off;

/// The maximum number of rounds that add files opened only in the bundle.
const ROUNDS: usize = 3;

pub(crate) struct Verifier<'a> {
    pub bundler: Bundler<'a>,
    pub compiler: Compiler<'a>,
    pub variants: &'a Variants,
    pub replayer: Replayer<'a>,
    pub memo: &'a FallbackMemo<'a>,
    pub baselines: &'a [Baseline<'a>],
    /// The user's setting for lazy files.
    pub lazy: Lazy,
    /// A core that notes which of its functions run, or why no module is to be split.
    pub noting: std::result::Result<&'a Path, &'a str>,
}

/// A bundle whose runs all match their traces.
pub(crate) struct Verified {
    pub bundled: Bundled,
    pub parts: Parts,
    /// The runs of `loadBundle`, by scenario.
    pub replays: Vec<Replay>,
}

/// The runs of one bundle.
struct Round<'a> {
    replays: Vec<Replay>,
    /// Missed files, sorted.
    missed: Vec<String>,
    /// Chunks of modules that were needed.
    cold: Vec<String>,
    differs: Option<(&'a Baseline<'a>, Route, Box<Difference>)>,
}

impl Verifier<'_> {
    /// Starts with known fallbacks, or with the hints that this app needs and the fallbacks that untraced
    /// modules need.
    pub fn verify(
        &self,
        mut selection: Selection,
        (hints, known): (Fallbacks, bool),
        needed: &Fallbacks,
    ) -> Result<Verified> {
        let mut fallbacks = hints;
        if !known {
            fallbacks = self.search(&selection).necessary(fallbacks, needed, self.baselines)?;
        }
        let mut rounds = 0;
        // Until all runs match, lazy files must exist: only then can a run report its misses.
        let mut lazy = Lazy::OnDemand;
        let mut parts = Parts::whole(self.noting.err().unwrap_or_default());
        let mut noting = self.noting.ok();
        loop {
            let image = self.compiler.image;
            let layout = Layout::new(image, &selection, self.variants, &fallbacks);
            let bundle = |parts: &Parts| {
                let bundler = Bundler { parts: Some(parts), ..self.bundler };
                bundler.bundle(&layout, &selection, lazy)
            };
            bundle(&parts)?;
            let Round { replays, missed, cold, differs } = self.replay_all(noting)?;
            // Missed files come first: they may be the only defect of plain `loadPyodide`.
            if !missed.is_empty() {
                rounds += 1;
                if rounds > ROUNDS {
                    return Err(opens_other_files(&missed));
                }
                add_opened(&mut selection, &layout, image, &missed);
                continue;
            }
            if !cold.is_empty() {
                rounds += 1;
                parts.keep_or_leave(&cold, rounds <= ROUNDS);
                continue;
            }
            let Some((baseline, route, difference)) = differs else {
                // Only a run that matches has called what the app needs.
                if noting.take().is_some() {
                    parts = self.split(&layout, &replays)?;
                    if parts.are_any() {
                        continue;
                    }
                }
                if lazy != self.lazy {
                    lazy = self.lazy;
                    continue;
                }
                self.memo.store(&fallbacks, image)?;
                let bundled = Bundled { layout, selection, fallbacks };
                return Ok(Verified { bundled, parts, replays });
            };
            let search = self.search(&selection);
            if let Some(more) = search.search(&difference, &fallbacks, baseline, route)? {
                fallbacks = more;
            } else if noting.take().is_some() {
                parts = Parts::whole(&format!("if functions are noted, {}", difference.why));
            } else if route == Route::Plain || !parts.are_any() {
                return Err(difference.error);
            } else {
                back_off(&mut parts, &difference.why, |parts| {
                    bundle(parts)?;
                    self.replay(baseline, route, None).map(|outcome| !outcome.differs())
                })?;
            }
        }
    }

    /// Splits the core by what all runs called, and the eager side modules by what the traces called.
    fn split(&self, layout: &Layout, replays: &[Replay]) -> Result<Parts> {
        let traces = || self.baselines.iter().map(|baseline| baseline.trace);
        let ran = traces().flat_map(|trace| &trace.ran);
        let ran = ran.chain(replays.iter().flat_map(|replay| &replay.ran));
        let core = files::read(&self.bundler.runtime.wasm())?;
        let mut parts = Parts::default();
        parts.add_core(core, ran.copied());
        let mut modules: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
        for (path, ran) in traces().flat_map(|trace| &trace.ran_in) {
            modules.entry(path).or_default().extend(ran);
        }
        let image = self.compiler.image;
        for file in
            layout.files.iter().filter(|file| file.eager && image.is_side_module(&file.path))
        {
            if let Some(ran) = modules.get(file.path.as_str()) {
                let whole = image.read(&file.file)?.to_vec();
                parts.add_module(&file.path, whole, ran.iter().copied());
            } else {
                parts.whole.insert(file.path.clone(), "no function of it was noted".to_owned());
            }
        }
        Ok(parts)
    }

    fn search<'s>(&'s self, selection: &'s Selection) -> FallbackSearch<'s> {
        let Self { compiler, variants, replayer, .. } = *self;
        FallbackSearch { compiler, variants, replayer, selection }
    }

    fn replay(&self, baseline: &Baseline, route: Route, noting: Option<&Path>) -> Result<Outcome> {
        let Bundler { runtime, outputs, .. } = self.bundler;
        self.replayer.replay(outputs, Cores { plain: &runtime.dir, noting }, baseline, route)
    }

    fn replay_all(&self, noting: Option<&Path>) -> Result<Round<'_>> {
        let routes = |baseline| Route::ALL.map(|route| (baseline, route));
        let runs: Vec<_> = self.baselines.iter().flat_map(routes).collect();
        let outcomes = parallel::in_parallel(&runs, |(baseline, route)| {
            self.replay(baseline, *route, noting)
        })?;
        let mut round =
            Round { replays: Vec::new(), missed: Vec::new(), cold: Vec::new(), differs: None };
        for ((baseline, route), outcome) in runs.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Same(replay) if route == Route::Loader => round.replays.push(replay),
                Outcome::Same(_) => {}
                Outcome::Missed { files, cold } => {
                    round.missed.extend(files);
                    round.cold.extend(cold);
                }
                Outcome::Differs(found) => {
                    round.differs = round.differs.or(Some((baseline, route, found)));
                }
            }
        }
        round.missed.sort();
        round.missed.dedup();
        Ok(round)
    }
}

/// Makes files eager that runs opened.
fn add_opened(selection: &mut Selection, layout: &Layout, image: &Image, missed: &[String]) {
    let missed = |path: &String| missed.binary_search(path).is_ok();
    for file in layout.files.iter().filter(|file| missed(&file.path)) {
        selection.add_opened(image, &file.origin, file.has_bytecode);
    }
}

fn opens_other_files(missed: &[String]) -> Error {
    let files = missed.join("\n");
    Error::new(ErrorKind::Verify, "the app opens different files in every run from the bundle")
        .because(format!("opened, but not in the bundle:\n{files}"))
        .hint("make the app repeatable: it may depend on time, chance or the network")
}
