//! Bundles for pages that work without a network.

use std::fs;

use pyodide_pack::Split;
use support::files::read_all;
use support::{App, build, tmp};

/// Writes two deployments of an app, which `tests/browser/offline.mjs` uses.
#[test]
fn a_service_worker_is_written_if_wanted() {
    for release in [1, 2] {
        let app = App::new(&format!(
            "def release():\n    return {release}\n\n\ndef size(name):\n    \
             return len(dir(__import__(name)))\n\n\nprint(release())\n"
        ));
        build(app.builder());
        let without = read_all(&app.out());
        build(app.builder().service_worker(true).split(Split::Always));
        let with = read_all(&app.out());
        let script = "pyodide-pack/service-worker.js";
        assert!(!without.contains_key(script) && with.contains_key(script));
        let manifest = |files: &support::files::Files| {
            String::from_utf8(files["pyodide-pack/manifest.json"].clone()).unwrap()
        };
        assert!(manifest(&without).contains("\"serviceWorker\":false"));
        assert!(manifest(&with).contains("\"serviceWorker\":true"));

        let kept = tmp().join(format!("offline/{release}"));
        let _ = fs::remove_dir_all(&kept);
        for (name, bytes) in with {
            let path = kept.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
}
