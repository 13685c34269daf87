//! The only component.

use pyodide_pack_web::{Error, Loader};
use yew::platform::spawn_local;
use yew::prelude::*;

async fn greeting() -> Result<String, Error> {
    let python = Loader::new("pyodide-pack/").load().await?;
    python.call("app.greet", ("Ada",)).await
}

#[component]
pub(crate) fn Page() -> Html {
    let text = use_state(|| "Python starts".to_owned());
    let setter = text.setter();
    use_effect_with((), move |()| {
        spawn_local(async move {
            setter.set(greeting().await.unwrap_or_else(|error| error.to_string()));
        });
    });
    html! { <p>{ &*text }</p> }
}
