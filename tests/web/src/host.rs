//! The program on the machine of the build.

use std::error::Error;
use std::path::Path;

use crate::wasm::Program;

/// Writes `tests.js` and what it needs into the folder of the first argument.
pub(crate) fn write() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(folder), None) = (arguments.next(), arguments.next()) else {
        return Err("usage: pyodide-pack-web-tests FOLDER".into());
    };
    let own = std::env::current_exe()?;
    // The example's page has the same folder, and most of what this program needs.
    let target_dir = own.parent().ok_or("this program is in no folder")?.join("client");
    let program = Program {
        package: env!("CARGO_PKG_NAME"),
        cargo: Path::new(env!("CARGO")),
        target_dir: &target_dir,
        is_release: false,
    };
    program.write("tests", Path::new(&folder))
}
