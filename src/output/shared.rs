//! Finished builds and their compressed copies in the shared cache.

use std::path::Path;

use crate::base::error::Result;
use crate::base::files;
use crate::base::progress::Stages;
use crate::bundle::asset::Asset;
use crate::bundle::names::ASSETS;
use crate::cache::bucket::Bucket;
use crate::cache::build::CachedBuild;
use crate::cache::checked::{self, FRONT_BYTES};
use crate::output::Wishes;
use crate::output::precompressed::CopySpec;
use crate::pyodide::session::Session;
use crate::remote::entry::{Entry, UploadFile};
use crate::remote::{Found, Reply};
use crate::report::{REPORT_JSON, REPORT_TXT, Report};

/// Fills the folder of a build's outputs, and takes the build's copies into the cache. Returns whether the server
/// has the build.
pub(crate) fn read(
    key: &str,
    outputs: &Path,
    session: Session,
    stages: &mut Stages,
) -> Result<bool> {
    let entries = [build_entry(key), copies_entry(key, session)];
    let Some(Reply { found, work: _work }) = request(&entries, session, stages)? else {
        return Ok(false);
    };
    let mut found = found.into_iter();
    let (build, copies) = (found.next().flatten(), found.next().flatten());
    if let Some(copies) = copies {
        keep_copies(&copies, session)?;
    }
    let Some(build) = build else { return Ok(false) };
    if !is_whole(&build) {
        session.remote.reject(&entries[0], "its files are not those of a build");
        return Ok(false);
    }
    for file in &build.files {
        build.take(&file.path, &outputs.join(&file.path))?;
    }
    Ok(true)
}

/// Takes the copies of a build into the cache. Returns whether the server has them.
pub(super) fn read_copies(
    build: &CachedBuild,
    session: Session,
    stages: &mut Stages,
) -> Result<bool> {
    let entries = [copies_entry(&build.key(), session)];
    let reply = request(&entries, session, stages)?;
    let found = reply.as_ref().and_then(|reply| reply.found.first()?.as_ref());
    found.map_or(Ok(false), |found| keep_copies(found, session).map(|()| true))
}

/// Notes a build that was made here.
pub(crate) fn offer_build(build: &CachedBuild, session: Session) {
    let files = build.outputs().map(|path| UploadFile {
        path: path.to_owned(),
        source: build.path(path),
        skip: 0,
    });
    session.remote.offer(&build_entry(&build.key()), files);
}

/// Notes the copies of a build, of which some were made here.
pub(super) fn offer_copies(copies: &[CopySpec], build: &CachedBuild, session: Session) {
    let bucket = session.cache.bucket(Bucket::Precompressed);
    let mut names: Vec<_> = copies.iter().map(CopySpec::name).collect();
    names.sort();
    names.dedup();
    let files = names.into_iter().map(|name| UploadFile {
        source: bucket.join(&name),
        path: name,
        skip: FRONT_BYTES,
    });
    session.remote.offer(&copies_entry(&build.key(), session), files);
}

/// Writes to the server what this build made, and adds the time to the report.
pub(crate) fn write(report: &mut Report, session: Session, stages: &mut Stages) -> Result<()> {
    if !session.remote.has_offers() {
        return Ok(());
    }
    let result = stages.run("write the shared cache", || {
        session.remote.write();
        Ok(())
    });
    report.stages.extend(stages.done.last().cloned());
    result
}

fn build_entry(key: &str) -> Entry {
    Entry::new("build", key)
}

/// Returns the entry for the copies that the settings request.
fn copies_entry(key: &str, session: Session) -> Entry {
    Entry::new("copies", &format!("{key} {:?}", Wishes::of(session.config)))
}

fn request(entries: &[Entry], session: Session, stages: &mut Stages) -> Result<Option<Reply>> {
    if !session.remote.may_have(entries) {
        return Ok(None);
    }
    stages.run("read the shared cache", || Ok(session.remote.read(entries)))
}

/// Returns whether the files are exactly those that the build lists, with its report.
fn is_whole(build: &Found) -> bool {
    let read = |path: &str| std::fs::read(build.dir.join(path)).ok();
    let assets = read(ASSETS).and_then(|json| serde_json::from_slice::<Vec<Asset>>(&json).ok());
    let report = read(REPORT_JSON).and_then(|json| serde_json::from_slice::<Report>(&json).ok());
    let (Some(assets), Some(_)) = (assets, report) else { return false };
    let mut listed: Vec<_> =
        assets.iter().map(|asset| (asset.path.as_str(), asset.sha256.as_str())).collect();
    let found = build.files.iter().map(|file| (file.path.as_str(), file.sha256.as_str()));
    let others = [ASSETS, REPORT_JSON, REPORT_TXT];
    let mut found: Vec<_> = found.filter(|(path, _)| !others.contains(path)).collect();
    listed.sort_unstable();
    found.sort_unstable();
    listed == found
}

/// Copies files into the bucket of copies. Their names are those of the bucket.
fn keep_copies(found: &Found, session: Session) -> Result<()> {
    let bucket = session.cache.bucket(Bucket::Precompressed);
    for file in found.files.iter().filter(|file| !file.path.contains('/')) {
        let bytes = files::read(&found.dir.join(&file.path))?;
        checked::write_bytes(&bucket.join(&file.path), &bytes)?;
    }
    Ok(())
}
