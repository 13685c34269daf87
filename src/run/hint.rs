//! What to do about the exception of a scenario.

use crate::base::paths::APP_DIR;
use crate::pyodide::runtime::Runtime;
use crate::run::record::Exception;
use crate::settings::app::App;
use crate::settings::config::Config;

/// Returns the hint for an exception of a traced scenario: a line to write, if one can help.
pub(super) fn hint_for(exception: &Exception, config: &Config, runtime: &Runtime) -> String {
    let message = &exception.message;
    let installs = exception.traceback.contains("micropip.install");
    if let Some(hint) = left_out(exception, &config.app) {
        hint
    } else if installs && !config.trace_network || message == "No module named 'micropip'" {
        format!(
            "packages come with the bundle, and the network is off while tracing: add {} to build.rs \
             instead of installing with micropip",
            line_for_micropip(&exception.traceback)
        )
    } else if message.contains("the network is off while tracing") {
        "add .trace_network(true) to build.rs, or keep network access out of the scenario".into()
    } else if message.contains("stack switching") || message.contains("stack switch") {
        "asyncio.run, run_until_complete and run_sync need Node.js 22 or newer, and in browsers those with \
         JavaScript Promise Integration; everywhere else write `await main()` at the top of the app"
            .into()
    } else if exception.kind == "ModuleNotFoundError" {
        missing_module(message, config, runtime)
    } else if message.contains("document") || message.contains("window") {
        "Node has no DOM: define the globals that the app expects in a module, and add .prelude(\"MODULE.mjs\") to build.rs"
            .into()
    } else {
        "the scenario must run in Pyodide without the bundle's help: correct it, or the code that it calls"
            .into()
    }
}

/// Returns the hint for a file or a module that is in the app's folder, but was left out.
fn left_out(exception: &Exception, app: &App) -> Option<String> {
    let named = exception.message.split('\'').nth(1)?;
    let paths = match exception.kind.as_str() {
        "ModuleNotFoundError" => {
            let path = named.replace('.', "/");
            vec![format!("{path}.py"), path]
        }
        "FileNotFoundError" => {
            let name = named.strip_prefix(APP_DIR).unwrap_or(named);
            vec![name.trim_start_matches("./").trim_start_matches('/').to_owned()]
        }
        _ => return None,
    };
    paths.iter().find_map(|path| {
        let why = app.why_left_out(path)?;
        let below = if app.root.join(path).is_dir() { "/**" } else { "" };
        Some(format!(
            "{path} is in the app's folder, but left out ({why}): add .eager(\"{path}{below}\") to build.rs"
        ))
    })
}

fn missing_module(message: &str, config: &Config, runtime: &Runtime) -> String {
    let module = message.split('\'').nth(1).unwrap_or("...");
    let top = module.split('.').next().unwrap_or(module);
    let known: Vec<_> = config.requires.iter().map(|r| r.name.as_str()).collect();
    let provider = runtime.lock.provider(top).map(|p| p.name.as_str());
    let line = format!(".requires([\"{}\"])", provider.unwrap_or(top));
    let provided = match provider {
        Some(name) => format!("{name} of the Pyodide distribution provides {top}: add {line}"),
        None => format!("if a distribution provides {top}, add it: {line}"),
    };
    format!(
        "{provided} to build.rs (now required: [{}]); if it is a module of your own, it must be in the \
         app's folder",
        known.join(", ")
    )
}

/// Returns the line for `build.rs` with the packages that `micropip.install` in a traceback names literally.
fn line_for_micropip(traceback: &str) -> String {
    let call = traceback.split("micropip.install(").nth(1).unwrap_or_default();
    let arguments = call.split(')').next().unwrap_or_default();
    let quoted = arguments.split(['"', '\'']).skip(1).step_by(2);
    let mut packages: Vec<_> = quoted.map(|package| format!("\"{package}\"")).collect();
    if packages.is_empty() {
        packages.push("\"PACKAGE\"".to_owned());
    }
    format!(".requires([{}])", packages.join(", "))
}
