//! Names that Rust and JavaScript both know, and that no manifest or job carries.

use crate::base::zip::EMPTY_ZIP;
use crate::bundle::{loader, names};
use crate::engine::scripts::{IMPORTS, content};

#[test]
fn they_are_the_same_on_both_sides() {
    let [js, ..] = loader::shipped();
    let says = |line: &str| assert!(js.contains(line), "loader.js does not say `{line}`");
    says("const MANIFEST_SCHEMA = 4;");
    says("const FILE = \"manifest.json\";");
    assert_eq!(names::MANIFEST, format!("{}/manifest.json", names::SERVED));
    says("const DEVELOPMENT_FILE = \"development.json\";");
    assert_eq!(names::DEVELOPMENT, format!("{}/development.json", names::SERVED));
    says("address(\"empty.zip\")");
    assert_eq!(names::EMPTY, format!("{}/empty.zip", names::SERVED));
    says("\"worker.js\"");
    assert_eq!(names::WORKER, format!("{}/worker.js", names::SERVED));
    // A zip without entries: its signature and zeros.
    assert!(EMPTY_ZIP.starts_with(b"PK\x05\x06") && EMPTY_ZIP[4..].iter().all(|byte| *byte == 0));
    says("Uint8Array.of(80, 75, 5, 6, ...new Array(18).fill(0))");
    assert_eq!(EMPTY_ZIP.len(), 4 + 18);
    let imports = content(IMPORTS);
    assert!(imports.contains(&format!("\\n{}\"", crate::verify::raised::RESULT)), "{imports}");
    assert!(imports.contains("json.loads(r\"\"\"NAMES\"\"\")"));
}
