//! What the report says about a build.

use std::path::Path;

use serde_json::{Value, json};

use crate::bundle::layout::{Bundled, Layout};
use crate::bundle::parts::Parts;
use crate::bundle::reason::Reason;
use crate::engine::border;
use crate::engine::scripts::Script;
use crate::pyodide::runtime::CORE;
use crate::report::Report;
use crate::report::collect::Findings;
use crate::report::file::{FallbackForm, FileForm, Loading};
use crate::report::sizes::{self, Measured};
use crate::settings::lazy::Lazy;
use crate::tests::house::{House, SITE, compile};
use crate::transform::form::{Fallback, Fallbacks, Form};

/// Returns the report of a bundle in which all files except `pkg.b` are eager, and `pkg.a` keeps its
/// docstrings.
fn report(lazy: Lazy) -> Report {
    let mut house = House::new(|task, job| {
        Ok(Ok(match task.script {
            Script::Compile => compile(job),
            Script::Sizes => {
                let sizes = |file: &Value| {
                    let ranges = file["ranges"].as_array().unwrap().iter();
                    ranges.map(|_| json!(7)).collect::<Value>()
                };
                job["files"].as_array().unwrap().iter().map(sizes).collect()
            }
            other => panic!("{other:?} is unexpected"),
        }))
    });
    let excluded = ["pkg/c.py".to_owned()];
    let globs = crate::base::globs::Globs::parse(&excluded, "exclude").unwrap();
    house.image.exclude(&globs);
    let variants = house.variants();
    let mut selection = house.selection();
    let b = format!("{SITE}/pkg/b.py");
    selection.reasons.insert(b, vec![Reason::NotOpened]);
    let a = format!("{SITE}/pkg/a.py");
    selection.parents.entry(a.clone()).or_default().insert("pkg".to_owned());
    let fallback = Fallback { form: Form::WithDocstrings, why: "it raised".to_owned() };
    let fallbacks = Fallbacks::from([(a, fallback)]);
    variants.add(&house.compiler(), &fallbacks).unwrap();
    let layout = Layout::new(&house.image, &selection, &variants, &fallbacks);
    let parts = &Parts::whole("of a test");
    let core = (Path::new(CORE), 1);
    let measured = Measured { image: &house.image, layout: &layout, parts, core };
    let sizes = sizes::measure(measured, &house.engine, &house.cache).unwrap();
    let bundled = Bundled { layout, selection, fallbacks };
    let (image, variants, bundled, sizes) = (&house.image, &variants, &bundled, &sizes);
    let findings = Findings { lazy, image, variants, bundled, parts, replays: &[], sizes };
    let report = findings.report("314.0.3", &[]);
    // The report survives a round trip through its file.
    serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap()
}

#[test]
fn every_file_has_its_loading_form_reasons_and_parents() {
    let report = report(Lazy::OnDemand);
    let file = |name: &str| {
        let path = format!("{SITE}/pkg/{name}");
        report.files.iter().find(|file| file.path == path).unwrap()
    };
    assert_eq!((file("a.py").loading, &file("a.py").form), (Loading::Eager, &FileForm::Bytecode));
    assert_eq!(file("a.py").parents, ["pkg"]);
    assert_eq!(file("a.py").eager_gzip, 7);
    assert_eq!((file("b.py").loading, file("b.py").eager_bytes), (Loading::Lazy, 0));
    assert_eq!(file("b.py").reasons, [Reason::NotOpened]);
    assert_eq!((file("c.py").loading, &file("c.py").form), (Loading::Excluded, &FileForm::Absent));
    assert_eq!(file("c.py").reason(), "exclude \"pkg/c.py\"");
    let [fallback] = &report.fallbacks[..] else { panic!("{:?}", report.fallbacks) };
    assert_eq!((fallback.form, &*fallback.package), (FallbackForm::WithDocstrings, "pkg"));
}

#[test]
fn rows_add_up_and_omitted_files_are_not_lazy() {
    let report = report(Lazy::Omit);
    let row = report.packages.iter().find(|row| row.name == "pkg").unwrap();
    assert_eq!((row.files, row.eager_files, row.omitted_files, row.excluded_files), (4, 2, 1, 1));
    assert_eq!((row.gzip, row.eager_gzip), (4 * 7, 2 * 7));
    let core = &report.packages[0];
    assert_eq!((&*core.name, core.files, core.gzip, core.eager_gzip), ("pyodide", 1, 7, 7));
    assert_eq!(report.total.files, core.files + report.files.len());
    assert!(report.files.iter().all(|file| file.loading != Loading::Lazy));
    let text = report.text();
    assert!(text.contains("what is not in the bundle is left out."), "{text}");
    assert!(
        text.contains("kept with docstrings: /lib/python3.14/site-packages/pkg/a.py"),
        "{text}"
    );
}

#[test]
fn results_of_scripts_are_read_as_they_are_described() {
    use crate::run::record::Trace;
    let trace: Trace = serde_json::from_value(border::sample("Trace")).unwrap();
    border::check("Trace", &serde_json::to_value(trace).unwrap());
}
