//! Plain Pyodide and the bundle, step by step; and plain Pyodide failing is no failure of the build.

use crate::support::{App, distribution, snapshot};

#[test]
fn both_sides_are_timed_step_by_step() {
    // A package of the distribution with a side module.
    let app = App::new("import regex, helper\nprint(regex.findall(r'\\p{Lu}', helper.TEXT))\n");
    app.file("app/helper.py", "TEXT = 'aÄb'\n");
    let builder = app.builder().pyodide_dir(distribution()).requires(["regex"]);
    let report = builder.clone().benchmark(1).build().unwrap_or_else(|error| panic!("{error}"));
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
    for line in
        ["plain, s", "load runtime", "fetch and mount", "side modules", "import and run", "total"]
    {
        assert!(text.contains(line), "{line:?} is missing:\n{text}");
    }
    assert!(report.stages.iter().any(|stage| stage.name == "benchmark"));

    let mut with = snapshot(&app.out());
    let report = builder.build().unwrap_or_else(|error| panic!("{error}"));
    assert!(report.benchmark.is_none(), "nobody asked for it");
    let mut without = snapshot(&app.out());
    for files in [&mut with, &mut without] {
        files.retain(|path, _| !path.starts_with("pyodide-pack-report."));
    }
    assert_eq!(with, without);
}

#[test]
fn that_plain_pyodide_cannot_run_it_is_said() {
    let app = App::new(
        "try:\n    import wave\nexcept ModuleNotFoundError:\n    pass\n\
         else:\n    raise RuntimeError('wave is there')\n",
    );
    let report = app.builder().exclude("wave.py").benchmark(2).build();
    let report = report.unwrap_or_else(|error| panic!("{error}"));
    let text = report.text();
    assert!(text.contains("Plain Pyodide could not run it: Traceback"), "{text}");
    let benchmark = report.benchmark.unwrap();
    assert!(benchmark.plain.is_none() && benchmark.ratio().is_none());
    assert!(benchmark.plain_failure.unwrap().contains("RuntimeError: wave is there"));
    assert!(benchmark.bundle.total > 0.0);
    assert!(benchmark.bundle.side_modules < 1e-9, "the runtime itself is none");
}
