//! Turns the report of the build that recorded into that of a development build.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::paths::{APP_DIR, is_python};
use crate::bundle::reason::Reason;
use crate::development::edit::AppFile;
use crate::development::imports::imported;
use crate::image::file::APP;
use crate::report::file::{FileForm, FileReport, Loading};
use crate::report::{Development, Report};

/// Returns the report of a build with these files of the app. Sizes with gzip are known for unchanged files only.
pub(crate) fn summarise(mut report: Report, app: &[AppFile]) -> Report {
    let from_verified = report.development.is_none();
    let (own, others): (Vec<_>, Vec<_>) =
        report.files.into_iter().partition(|file| file.path.starts_with(&format!("{APP_DIR}/")));
    let old: BTreeMap<&str, &FileReport> = own.iter().map(|f| (f.path.as_str(), f)).collect();
    let files = app.iter().map(|(name, bytes)| {
        let (path, bytes) = (format!("{APP_DIR}/{name}"), bytes.len() as u64);
        let same = old.get(path.as_str()).filter(|old| old.bytes == bytes && old.eager_gzip > 0);
        FileReport {
            package: APP.to_owned(),
            bytes,
            eager_bytes: bytes,
            eager_gzip: same.map_or(bytes, |old| old.eager_gzip),
            form: FileForm::Installed,
            loading: Loading::Eager,
            reasons: vec![Reason::App],
            parents: Vec::new(),
            path,
        }
    });
    let files: Vec<_> = files.collect();
    report.eager_bytes = report.eager_bytes + sum(&files) - sum(&own);
    if let Some(row) = report.packages.iter_mut().find(|row| row.name == APP) {
        let before = row.clone();
        row.files = files.len();
        row.eager_files = files.len();
        row.eager_gzip = files.iter().map(|file| file.eager_gzip).sum();
        row.gzip = row.eager_gzip;
        let (total, row) = (&mut report.total, row.clone());
        total.files = total.files + row.files - before.files;
        total.eager_files = total.eager_files + row.eager_files - before.eager_files;
        total.gzip = total.gzip + row.gzip - before.gzip;
        total.eager_gzip = total.eager_gzip + row.eager_gzip - before.eager_gzip;
    }
    let to_trace = to_trace(&others, app);
    report.files = others;
    report.files.extend(files);
    report.files.sort_by(|a, b| a.path.cmp(&b.path));
    report.scenarios.clear();
    report.benchmark = None;
    report.warnings.insert(0, warning(from_verified, &to_trace));
    report.development = Some(Development { from_verified, to_trace });
    report
}

fn sum(files: &[FileReport]) -> u64 {
    files.iter().map(|file| file.eager_bytes).sum()
}

fn warning(from_verified: bool, to_trace: &[String]) -> String {
    let from = if from_verified { "a verified build" } else { "a development build" };
    let mut text =
        format!("development build, not verified: the eager packages are those of {from}");
    if !to_trace.is_empty() {
        text += "; not traced yet, so fetched on demand: ";
        text += &to_trace.join(", ");
    }
    text
}

/// Returns modules of packages that the app imports and that are lazy.
fn to_trace(others: &[FileReport], app: &[AppFile]) -> Vec<String> {
    let lazy = others.iter().filter(|file| file.loading == Loading::Lazy);
    let lazy: BTreeSet<&str> = lazy.map(|file| file.path.as_str()).collect();
    let roots = roots(others);
    let is_lazy = |module: &String| {
        let path = module.replace('.', "/");
        roots.iter().any(|root| {
            ["/__init__.py", ".py"]
                .iter()
                .any(|end| lazy.contains(format!("{root}/{path}{end}").as_str()))
        })
    };
    let sources = app.iter().filter(|(name, _)| is_python(name));
    let modules = sources.flat_map(|(_, bytes)| imported(&String::from_utf8_lossy(bytes)));
    modules.filter(is_lazy).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Returns the folders of the standard library and of packages.
fn roots(files: &[FileReport]) -> BTreeSet<&str> {
    let start = files.iter().find_map(|file| file.path.strip_suffix("/os.py"));
    let site = files.iter().find_map(|file| {
        let end = file.path.find("/site-packages/")? + "/site-packages".len();
        Some(&file.path[..end])
    });
    start.into_iter().chain(site).collect()
}
