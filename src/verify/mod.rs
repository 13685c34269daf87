//! Packs, runs every scenario from what was packed, and mends: until each does what its trace did.

pub(crate) mod bisect;
pub(crate) mod fallbacks;
pub(crate) mod imports;
pub(crate) mod memo;
pub(crate) mod replay;
pub(crate) mod route;

use std::path::{Path, PathBuf};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::parallel;
use crate::bundle::layout::{Shipment, Shipped};
use crate::bundle::names::{CORE, SERVED};
use crate::bundle::select::Selection;
use crate::bundle::{pack, plain, served};
use crate::image::Image;
use crate::settings::lazy::Cold;
use crate::transform::Transformed;
use crate::transform::form::Kept;
use crate::transform::python::Compiler;
use crate::verify::fallbacks::Backoff;
use crate::verify::memo::Findings;
use crate::verify::replay::{Outcome, Traced, Validator, Verdict};
use crate::verify::route::Route;

/// How often files that were opened in the bundle alone are added before it is given up.
const ROUNDS: usize = 3;

pub(crate) struct Prover<'a> {
    pub image: &'a Image,
    pub compiler: &'a Compiler<'a>,
    pub validator: &'a Validator<'a>,
    pub findings: &'a Findings<'a>,
    pub traced: &'a [Traced<'a>],
    /// What becomes of cold files in the end.
    pub cold: Cold,
    pub outputs: &'a Path,
}

/// A bundle whose runs are all as traced.
pub(crate) struct Proof {
    pub shipment: Shipment,
    pub kept: Kept,
    /// By scenario.
    pub verdicts: Vec<Verdict>,
}

impl Prover<'_> {
    /// `kept` is how the first bundle differs from what was asked for.
    pub fn prove(
        &self,
        selection: &mut Selection,
        transformed: &mut Transformed,
        mut kept: Kept,
    ) -> Result<Proof> {
        let mut rounds = 0;
        // Until all runs are as traced, what they miss is there to be learned of.
        let mut cold = Cold::Separate;
        loop {
            let shipment = Shipment::new(self.image, selection, transformed, &kept);
            self.pack(&shipment, selection, transformed, cold)?;
            let mut missed: Vec<String> = Vec::new();
            let mut broken = None;
            let mut verdicts = Vec::new();
            for (traced, route, outcome) in self.run()? {
                match outcome {
                    Outcome::Proven(verdict) if route == Route::Loader => verdicts.push(verdict),
                    Outcome::Proven(_) => {}
                    Outcome::Missed(paths) => missed.extend(paths),
                    Outcome::Broken(found) => broken = broken.or(Some((traced, route, found))),
                }
            }
            // Files first: the plain three lines may lack nothing else.
            if !missed.is_empty() {
                rounds += 1;
                if rounds > ROUNDS {
                    return Err(opens_other_files(&missed));
                }
                missed.sort();
                missed.dedup();
                let opened = |shipped: &&Shipped| missed.binary_search(&shipped.path).is_ok();
                let opened: Vec<_> = shipment.files.iter().filter(opened).collect();
                selection.add_opened(&opened);
                continue;
            }
            let Some((traced, route, broken)) = broken else {
                if cold != self.cold {
                    cold = self.cold;
                    continue;
                }
                self.findings.store(&kept, self.image)?;
                return Ok(Proof { shipment, kept, verdicts });
            };
            let backoff = self.backoff(selection);
            match backoff.search(&broken, &kept, transformed, traced, route)? {
                Some(more) => kept = more,
                None => return Err(broken.error),
            }
        }
    }

    pub fn backoff<'a>(&'a self, selection: &'a Selection) -> Backoff<'a> {
        let Self { image, compiler, validator, .. } = *self;
        Backoff { image, compiler, validator, selection }
    }

    fn pack(
        &self,
        shipment: &Shipment,
        selection: &Selection,
        transformed: &Transformed,
        cold: Cold,
    ) -> Result<()> {
        let contents = transformed.contents(self.image)?;
        let packed = pack::pack(self.image, shipment, selection, &contents)?;
        plain::write_plain(&packed, self.outputs)?;
        let Self { image, compiler, outputs, .. } = *self;
        served::write_served(compiler, image, shipment, selection, packed, cold, outputs)
    }

    fn run(&self) -> Result<Vec<(Traced<'_>, Route, Outcome)>> {
        let runs: Vec<_> =
            self.traced.iter().flat_map(|t| Route::ALL.map(|route| (*t, route))).collect();
        let core: PathBuf = self.outputs.join(SERVED).join(CORE);
        let outcomes = parallel::in_parallel(&runs, |(traced, route)| {
            self.validator.validate(self.outputs, &core, *traced, *route)
        })?;
        Ok(runs
            .into_iter()
            .zip(outcomes)
            .map(|((t, route), outcome)| (t, route, outcome))
            .collect())
    }
}

fn opens_other_files(missed: &[String]) -> Error {
    let files = missed.join("\n");
    Error::new(ErrorKind::Validate, "the app opens other files at every run from the bundle")
        .because(format!("opened, but not in the bundle:\n{files}"))
        .hint("does it depend on time, chance or the network? Make it repeatable")
}
