//! Bundles, replays every scenario from the outputs, and mends: until each does what its trace did.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::parallel;
use crate::bundle::layout::Layout;
use crate::bundle::names::{CORE, SERVED};
use crate::bundle::select::Selection;
use crate::bundle::served::Bundler;
use crate::settings::lazy::Lazy;
use crate::transform::Variants;
use crate::transform::form::Fallbacks;
use crate::transform::python::Compiler;
use crate::verify::compare::Difference;
use crate::verify::fallbacks::FallbackSearch;
use crate::verify::memo::FallbackMemo;
use crate::verify::replay::{Baseline, Outcome, Replay, Replayer};
use crate::verify::route::Route;

/// How often files that were opened in the bundle alone are added before it is given up.
const ROUNDS: usize = 3;

pub(crate) struct Verifier<'a> {
    pub bundler: Bundler<'a>,
    pub compiler: Compiler<'a>,
    pub variants: &'a Variants,
    pub replayer: Replayer<'a>,
    pub memo: &'a FallbackMemo<'a>,
    pub baselines: &'a [Baseline<'a>],
    /// What becomes of lazy files in the end.
    pub lazy: Lazy,
}

/// A bundle whose runs are all as traced.
pub(crate) struct Verified {
    pub layout: Layout,
    pub selection: Selection,
    pub fallbacks: Fallbacks,
    /// Those of `loadBundle`, by scenario.
    pub replays: Vec<Replay>,
}

/// What the runs of one bundle did.
struct Round<'a> {
    replays: Vec<Replay>,
    /// Mounted files that were missed, sorted.
    missed: Vec<String>,
    differs: Option<(&'a Baseline<'a>, Route, Box<Difference>)>,
}

impl Verifier<'_> {
    /// Starts with the fallbacks that are known, or with the hints that this app needs and those that
    /// are needed by untraced modules.
    pub fn verify(
        &self,
        mut selection: Selection,
        (hints, known): (Fallbacks, bool),
        needed: &Fallbacks,
    ) -> Result<Verified> {
        let mut fallbacks = if known {
            hints
        } else {
            self.search(&selection).necessary(hints, needed, self.baselines)?
        };
        let mut rounds = 0;
        // Until all runs are as traced, what they miss must be there to be learned of.
        let mut lazy = Lazy::OnDemand;
        loop {
            let image = self.compiler.image;
            let layout = Layout::new(image, &selection, self.variants, &fallbacks);
            self.bundler.bundle(&layout, &selection, lazy)?;
            let Round { replays, missed, differs } = self.replay_all()?;
            // Files first: plain `loadPyodide` may lack nothing else.
            if !missed.is_empty() {
                rounds += 1;
                if rounds > ROUNDS {
                    return Err(opens_other_files(&missed));
                }
                let missed = |path: &String| missed.binary_search(path).is_ok();
                for file in layout.files.iter().filter(|file| missed(&file.path)) {
                    selection.add_opened(&file.origin, file.has_bytecode);
                }
                continue;
            }
            let Some((baseline, route, difference)) = differs else {
                if lazy != self.lazy {
                    lazy = self.lazy;
                    continue;
                }
                self.memo.store(&fallbacks, image)?;
                return Ok(Verified { layout, selection, fallbacks, replays });
            };
            let search = self.search(&selection);
            match search.search(&difference, &fallbacks, baseline, route)? {
                Some(more) => fallbacks = more,
                None => return Err(difference.error),
            }
        }
    }

    fn search<'s>(&'s self, selection: &'s Selection) -> FallbackSearch<'s> {
        let Self { compiler, variants, replayer, .. } = *self;
        FallbackSearch { compiler, variants, replayer, selection }
    }

    fn replay_all(&self) -> Result<Round<'_>> {
        let routes = |baseline| Route::ALL.map(|route| (baseline, route));
        let runs: Vec<_> = self.baselines.iter().flat_map(routes).collect();
        let outputs = self.bundler.outputs;
        let core = outputs.join(SERVED).join(CORE);
        let outcomes = parallel::in_parallel(&runs, |(baseline, route)| {
            self.replayer.replay(outputs, &core, baseline, *route)
        })?;
        let mut round = Round { replays: Vec::new(), missed: Vec::new(), differs: None };
        for ((baseline, route), outcome) in runs.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Same(replay) if route == Route::Loader => round.replays.push(replay),
                Outcome::Same(_) => {}
                Outcome::Missed(paths) => round.missed.extend(paths),
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

fn opens_other_files(missed: &[String]) -> Error {
    let files = missed.join("\n");
    Error::new(ErrorKind::Verify, "the app opens other files at every run from the bundle")
        .because(format!("opened, but not in the bundle:\n{files}"))
        .hint("does it depend on time, chance or the network? Make it repeatable")
}
