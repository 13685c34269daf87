//! The page: a query, two dialects, and Python's translation.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use pyodide_pack_web::{Error, Loader, Python, Reload};

use crate::misses::Misses;
use crate::reloaded::Reloaded;
use crate::status::{State, Status};
use crate::text::{duration, now};

/// The address of the build's outputs on the server.
const BUNDLE: &str = "pyodide-pack/";
/// The query and dialects that the app traces, too.
const EXAMPLE: &str = include_str!("../../python/example.sql");

/// The result of a run.
#[derive(Clone)]
enum Outcome {
    Text(String),
    Failure { title: &'static str, error: Error },
}

/// The state of the page.
#[derive(Clone, Copy)]
struct Page {
    python: RwSignal<Option<Python>, LocalStorage>,
    dialects: RwSignal<Vec<String>>,
    read: RwSignal<String>,
    write: RwSignal<String>,
    query: RwSignal<String>,
    outcome: RwSignal<Outcome>,
    is_running: RwSignal<bool>,
    state: RwSignal<State>,
    misses: RwSignal<Vec<pyodide_pack_web::Miss>>,
    lines: RwSignal<Vec<String>>,
    reload: RwSignal<Option<Reload>>,
}

impl Page {
    fn new() -> Self {
        Self {
            python: RwSignal::new_local(None),
            dialects: RwSignal::new(Vec::new()),
            read: RwSignal::new("DuckDB".to_owned()),
            write: RwSignal::new("Postgres".to_owned()),
            query: RwSignal::new(EXAMPLE.to_owned()),
            outcome: RwSignal::new(Outcome::Text(String::new())),
            is_running: RwSignal::new(false),
            state: RwSignal::new(State::Loading(None)),
            misses: RwSignal::new(Vec::new()),
            lines: RwSignal::new(Vec::new()),
            reload: RwSignal::new(None),
        }
    }

    /// Loads Python and translates the example.
    async fn start(self) {
        let begin = now();
        if let Err(error) = self.load().await {
            self.fail("Python did not start", "Python did not start", error);
            return;
        }
        self.transpile(|_| format!("Ready in {}", duration(now() - begin))).await;
    }

    async fn load(self) -> Result<(), Error> {
        let python = Loader::new(BUNDLE)
            .on_progress(move |progress| self.state.set(State::Loading(Some(progress))))
            .on_miss(move |miss| self.misses.update(|misses| misses.push(miss)))
            .on_reload(move |reload| {
                if reload.error.is_none() {
                    self.run();
                }
                self.reload.set(Some(reload));
            })
            .load()
            .await?;
        self.dialects.set(python.call("app.dialects", ()).await?);
        self.python.set(Some(python));
        Ok(())
    }

    /// Translates the query; `done` makes a status text from the milliseconds.
    async fn transpile(self, done: impl Fn(f64) -> String) {
        let Some(python) = self.python.get_untracked() else { return };
        if self.is_running.get_untracked() {
            return;
        }
        self.is_running.set(true);
        self.state.set(State::Done("Transpiling".to_owned()));
        let begin = now();
        let args =
            (self.query.get_untracked(), self.read.get_untracked(), self.write.get_untracked());
        match python.call("app.transpile", args).await {
            Ok(text) => {
                self.outcome.set(Outcome::Text(text));
                self.state.set(State::Done(done(now() - begin)));
            }
            Err(error) => self.fail("Python raised an error", "Not transpiled", error),
        }
        // In a debug build the page shows developers more.
        if cfg!(debug_assertions) {
            self.lines.set(python.misses());
        }
        self.is_running.set(false);
    }

    fn fail(self, title: &'static str, status: &str, error: Error) {
        self.outcome.set(Outcome::Failure { title, error });
        self.state.set(State::Done(status.to_owned()));
    }

    fn run(self) {
        let names = move || (self.read.get_untracked(), self.write.get_untracked());
        let done = move |time| {
            let (read, write) = names();
            format!("{read} to {write} in {}", duration(time))
        };
        spawn_local(async move { self.transpile(done).await });
    }

    /// The translated query, or why it failed.
    fn result(self) -> impl IntoView {
        let text = move || match self.outcome.get() {
            Outcome::Text(text) => Some(text),
            Outcome::Failure { .. } => None,
        };
        let failure = move || match self.outcome.get() {
            Outcome::Text(_) => None,
            Outcome::Failure { title, error } => Some((title, error)),
        };
        view! {
            <pre
                id="output"
                class="code"
                role="region"
                aria-label="Translated query"
                aria-busy=move || self.is_running.get().then_some("true")
                tabindex="0"
                hidden=move || text().is_none()
            >
                {text}
            </pre>
            <div id="error" class="error" role="alert" tabindex="0" hidden=move || failure().is_none()>
                <h2 id="error-title">{move || failure().map(|(title, _)| title)}</h2>
                <pre id="error-text" class="code">
                    {move || failure().map(|(_, error)| error.to_string())}
                </pre>
            </div>
        }
    }
}

/// A labelled choice of a dialect. It offers the current choice before Python has listed the others.
#[component]
fn Dialect(
    id: &'static str,
    label: &'static str,
    chosen: RwSignal<String>,
    names: RwSignal<Vec<String>>,
) -> impl IntoView {
    let options = move || {
        let known = names.get();
        let all = if known.is_empty() { vec![chosen.get_untracked()] } else { known };
        let option = |name: String| {
            let is_chosen = name == chosen.get_untracked();
            view! { <option value=name.clone() selected=is_chosen>{name.clone()}</option> }
        };
        all.into_iter().map(option).collect_view()
    };
    view! {
        <div class="pane-head">
            <label for=id>{label}</label>
            <select
                id=id
                disabled=move || names.with(Vec::is_empty)
                on:change=move |event| chosen.set(event_target_value(&event))
            >
                {options}
            </select>
        </div>
    }
}

#[component]
pub(crate) fn App() -> impl IntoView {
    let page = Page::new();
    spawn_local(page.start());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        page.run();
    };
    let keys = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            page.run();
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <header class="masthead">
            <h1>"SQL transpiler"</h1>
            <p>
                "Python and " <a href="https://github.com/tobymao/sqlglot" rel="noreferrer">"sqlglot"</a>
                ", running in this page. Your query goes nowhere."
            </p>
        </header>
        <main>
            <form id="form" autocomplete="off" on:submit=submit>
                <div class="panes">
                    <div class="pane">
                        <Dialect id="read" label="From" chosen=page.read names=page.dialects />
                        <label class="visually-hidden" for="query">"Query to translate"</label>
                        <textarea
                            id="query"
                            class="code"
                            spellcheck="false"
                            autocapitalize="off"
                            wrap="off"
                            aria-keyshortcuts="Control+Enter"
                            prop:value=page.query
                            on:input=move |event| page.query.set(event_target_value(&event))
                        ></textarea>
                    </div>
                    <div class="pane">
                        <Dialect id="write" label="To" chosen=page.write names=page.dialects />
                        {page.result()}
                    </div>
                </div>
                <div class="actions">
                    <button id="run" type="submit" disabled=move || page.python.with(Option::is_none)>
                        "Transpile"
                    </button>
                    <span class="hint" aria-hidden="true"><kbd>"Ctrl"</kbd>" + "<kbd>"Enter"</kbd></span>
                    <Status state=page.state />
                    <Reloaded reload=page.reload />
                </div>
            </form>
            <Misses misses=page.misses lines=page.lines />
        </main>
    }
}
