//! The status of the page: a text, and a bar while Python loads.

use leptos::prelude::*;
use pyodide_pack_web::{LoadPhase, Progress};

use crate::text::size;

#[derive(Clone, PartialEq)]
pub(crate) enum State {
    Loading(Option<Progress>),
    Done(String),
}

impl State {
    fn text(&self) -> String {
        let phase = match self {
            Self::Done(text) => return text.clone(),
            Self::Loading(progress) => progress.map(|progress| progress.phase),
        };
        let text = match phase {
            Some(LoadPhase::Core) => "Fetching Python",
            Some(LoadPhase::Fetch) => "Fetching the bundle",
            Some(LoadPhase::Mount) => "Mounting the files",
            Some(LoadPhase::Start) => "Starting Python",
            Some(LoadPhase::Ready) => "Starting the app",
            _ => "Loading",
        };
        text.to_owned()
    }

    /// Bytes that have arrived, and all bytes, while they arrive.
    fn bytes(&self) -> Option<(f64, f64)> {
        match self {
            Self::Loading(Some(Progress { loaded, total, .. }))
                if 0.0 < *loaded && loaded < total =>
            {
                Some((*loaded, *total))
            }
            _ => None,
        }
    }
}

#[component]
pub(crate) fn Status(state: RwSignal<State>) -> impl IntoView {
    // Separate values, so screen readers announce only changes.
    let text = Memo::new(move |_| state.with(State::text));
    let bytes = Memo::new(move |_| state.with(State::bytes));
    let amount =
        move || bytes.get().map(|(loaded, total)| format!("{} of {}", size(loaded), size(total)));
    let is_done = move || state.with(|state| matches!(state, State::Done(_)));
    view! {
        <div class="status">
            <span id="status" role="status">{text}</span>
            <span id="amount" class="amount" aria-hidden="true">{amount}</span>
            <progress
                id="progress"
                aria-label="Loading Python"
                hidden=is_done
                value=move || bytes.get().map(|(loaded, _)| loaded.to_string())
                max=move || bytes.get().map(|(_, total)| total.to_string())
            ></progress>
        </div>
    }
}
