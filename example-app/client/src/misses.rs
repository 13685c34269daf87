//! The list of files that were fetched on demand.

use leptos::prelude::*;
use pyodide_pack_web::Miss;

use crate::text::{duration, size};

/// Returns the path relative to its folder on `sys.path`.
fn shown(path: &str) -> &str {
    let after = |folder: &str| path.split_once(folder).map(|(_, rest)| rest);
    let below_stdlib =
        |rest: &'_ str| rest.split_once('/').map_or(0, |(version, _)| version.len() + 1);
    after("/site-packages/")
        .or_else(|| after("/lib/python3.").map(|rest| &rest[below_stdlib(rest)..]))
        .unwrap_or(path)
}

fn total(misses: &[Miss]) -> String {
    let files = match misses.len() {
        0 => return String::new(),
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    };
    let sum = |part: fn(&Miss) -> f64| misses.iter().map(part).sum::<f64>();
    let (bytes, milliseconds) = (sum(|miss| miss.bytes), sum(|miss| miss.milliseconds));
    format!("{files}, {}, {}", size(bytes), duration(milliseconds))
}

fn row(miss: &Miss) -> impl IntoView + use<> {
    let came = miss.bytes > 0.0;
    let number = |text: String| if came { text } else { "–".to_owned() };
    view! {
        <tr title=(!came).then_some("came with an earlier file")>
            <td title=miss.path.clone()>{shown(&miss.path).to_owned()}</td>
            <td>{miss.package.clone()}</td>
            <td class="number">{number(size(miss.bytes))}</td>
            <td class="number">{number(duration(miss.milliseconds))}</td>
        </tr>
    }
}

#[component]
pub(crate) fn Misses(misses: RwSignal<Vec<Miss>>, lines: RwSignal<Vec<String>>) -> impl IntoView {
    let none = move || misses.with(Vec::is_empty);
    view! {
        <section class="misses" aria-labelledby="misses-title">
            <div class="misses-head">
                <h2 id="misses-title">"Fetched on demand"</h2>
                <p id="misses-total">{move || misses.with(|misses| total(misses))}</p>
            </div>
            <p id="misses-none" class="note" hidden=move || !none()>
                "Nothing so far. The build traced DuckDB to Postgres, so that pair is here from the start. \
                 Choose another dialect, and the files that it needs appear in this list."
            </p>
            <div
                id="misses-table"
                class="table"
                role="region"
                aria-labelledby="misses-title"
                tabindex="0"
                hidden=none
            >
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"File"</th>
                            <th scope="col">"Package"</th>
                            <th scope="col" class="number">"Size"</th>
                            <th scope="col" class="number">"Time"</th>
                        </tr>
                    </thead>
                    <tbody id="misses">
                        {move || misses.with(|misses| misses.iter().map(row).collect_view())}
                    </tbody>
                </table>
            </div>
            <details id="misses-lines" class="lines" hidden=move || lines.with(Vec::is_empty)>
                <summary>"Lines for build.rs that put these files into the bundle"</summary>
                <pre id="misses-code" class="code" tabindex="0">
                    {move || lines.with(|lines| lines.join("\n"))}
                </pre>
            </details>
        </section>
    }
}
