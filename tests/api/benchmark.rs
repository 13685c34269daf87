//! Times plain Pyodide and the bundle step by step. A failure of plain Pyodide does not fail the build.

use support::files::{assert_same, outputs};
use support::{App, assert_says, build, distribution};

#[test]
fn both_sides_are_timed_step_by_step() {
    // A package of the distribution with a side module.
    let app = App::new("import regex, helper\nprint(regex.findall(r'\\p{Lu}', helper.TEXT))\n");
    app.file("app/helper.py", "TEXT = 'aÄb'\n");
    let builder = app.builder().pyodide_dir(distribution()).requires(["regex"]);
    let report = build(builder.clone().benchmark(1));
    let text = report.text();
    println!("{text}");
    let benchmark = report.benchmark.unwrap();
    assert_eq!((benchmark.scenario.as_str(), benchmark.runs), ("app.py", 1));
    assert_eq!(benchmark.plain_failure, None);
    let plain = benchmark.plain.unwrap();
    for steps in [plain, benchmark.bundle] {
        let parts =
            [steps.load_runtime, steps.fetch_and_mount, steps.side_modules, steps.import_and_run];
        assert!(parts.iter().all(|seconds| *seconds > 0.0), "{steps:?}");
        assert!((parts.iter().sum::<f64>() - steps.total).abs() < 1e-6, "{steps:?}");
        assert!(steps.peak_memory > 50_000_000, "{steps:?}");
    }
    let ratio = benchmark.bundle.total / plain.total;
    assert!((benchmark.ratio().unwrap() - ratio).abs() < 1e-6);
    let lines = ["plain, s", "load runtime", "fetch and mount", "side modules", "import and run"];
    assert_says(&text, &lines);
    assert_says(&text, &["total"]);
    assert!(report.stages.iter().any(|stage| stage.name == "benchmark"));

    let with = outputs(&app.out());
    let report = build(builder);
    assert!(report.benchmark.is_none(), "the settings request none");
    assert_same(&with, &outputs(&app.out()), "the build without a benchmark");
}

#[test]
#[ignore = "long: run by .ci/run"]
fn the_report_says_why_plain_pyodide_cannot_run_the_app() {
    let app = App::new(
        "try:\n    import wave\nexcept ModuleNotFoundError:\n    pass\n\
         else:\n    raise RuntimeError('wave is there')\n",
    );
    let report = build(app.builder().exclude("wave.py").benchmark(2));
    let text = report.text();
    assert!(text.contains("Plain Pyodide could not run it: Traceback"), "{text}");
    let benchmark = report.benchmark.unwrap();
    assert!(benchmark.plain.is_none() && benchmark.ratio().is_none());
    assert!(benchmark.plain_failure.unwrap().contains("RuntimeError: wave is there"));
    assert!(benchmark.bundle.total > 0.0);
    assert!(benchmark.bundle.side_modules < 1e-9, "the runtime itself is none");
}
