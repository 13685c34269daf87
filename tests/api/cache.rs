//! Every read of the cache verifies it.

use std::fs;

use pyodide_pack::Encoding;
use support::app::SOURCES;
use support::cache::runtime;
use support::files::{assert_same, copy, outputs, read_all};
use support::{App, build};

#[test]
fn a_damaged_cache_is_made_again() {
    let app = App::new("print('damaged?')\n");
    let cache = app.dir("cache");
    let name = runtime().file_name().unwrap();
    copy(runtime(), &cache.join("runtimes-v1").join(name), |_| false);
    let builder =
        || app.builder().python_files(SOURCES).embed_encoding(Encoding::Gzip).cache_dir(&cache);
    build(builder());
    let first = outputs(&app.out());
    for bucket in ["unpacked-v1", "runtimes-v1", "builds-v1", "digests-v1", "compressed-v1"] {
        let files = read_all(&cache.join(bucket));
        assert!(!files.is_empty(), "{bucket}");
        for (name, bytes) in files {
            // Half of the file, with a flipped bit.
            let mut half = bytes[..bytes.len() / 2].to_vec();
            if let Some(last) = half.last_mut() {
                *last ^= 1;
            }
            fs::write(cache.join(bucket).join(name), half).unwrap();
        }
    }
    fs::remove_dir_all(app.out()).unwrap();
    let report = build(builder());
    assert!(!report.cached, "it used a damaged build");
    assert_same(&first, &outputs(&app.out()), "the build from a damaged cache");
}
