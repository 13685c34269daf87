//! The badge that says what became of the last edit of the app.

use leptos::prelude::*;
use pyodide_pack_web::Reload;

use crate::text::duration;

fn text(reload: &Reload) -> String {
    if let Some(error) = &reload.error {
        return error.to_string();
    }
    let modules = match reload.modules.len() {
        1 => "1 module".to_owned(),
        count => format!("{count} modules"),
    };
    format!("reloaded {modules} in {}", duration(reload.milliseconds))
}

fn traceback(reload: &Reload) -> Option<String> {
    Some(reload.error.as_ref()?.traceback()?.to_owned())
}

#[component]
pub(crate) fn Reloaded(reload: RwSignal<Option<Reload>>) -> impl IntoView {
    let is_failure =
        move || reload.with(|reload| reload.as_ref().is_some_and(|it| it.error.is_some()));
    view! {
        <span
            id="reload"
            class="badge"
            class:failure=is_failure
            role="status"
            title=move || reload.with(|reload| reload.as_ref().and_then(traceback))
            hidden=move || reload.with(Option::is_none)
        >
            {move || reload.with(|reload| reload.as_ref().map(text))}
        </span>
    }
}
