// The link between page and worker: messages of the app, errors that nobody caught, options that can't be sent.

import { check } from "../harness.mjs";
import { checkText } from "./calls.mjs";
import { open } from "./site.mjs";

const CALLBACKS = `
import js
from pyodide.ffi import create_proxy
def divide(*args): 1 / 0
js.setTimeout(create_proxy(divide), 0)
js.eval("setTimeout(() => { throw new TypeError('thrown in a timer') }, 0)")
js.eval("setTimeout(() => { throw undefined }, 0)")
js.eval("setTimeout(() => { Promise.reject(new Error('not handled')) }, 0)")
js.eval("setTimeout(() => { Promise.reject(undefined) }, 0)")
state = 5
`;

/** @type {(page: import("./site.mjs").Page, site: import("./site.mjs").Site) => Promise<void>} */
export async function link(page, { address }) {
  await open(page, address);
  const { errors, state, messages } = await page.evaluate(async (callbacks) => {
    const { loadWorker, outcome } = /** @type {any} */ (globalThis);
    /** @type {any[]} */
    const errors = [];
    let told = () => {};
    const all = new Promise((resolve) => (told = () => resolve(undefined)));
    const python = await loadWorker({
      onError(/** @type {any} */ error) {
        errors.push({ message: error.message, type: error.type, traceback: error.traceback });
        if (errors.length === 5) told();
      },
    });
    await python.run(callbacks);
    await outcome(all);
    const state = await outcome(python.run("state"));
    const messages = await outcome(python.run(`
import js, json
from pyodide.ffi import create_proxy, to_js
for text in ['hello', 'null', '{"id": 1, "value": 2}', '{"ended": {}}']:
    js.postMessage(js.JSON.parse(json.dumps(text) if text == 'hello' else text))
js.onmessage = create_proxy(print)
"sent"`));
    python.terminate();
    return { errors, state, messages };
  }, CALLBACKS);
  const texts = errors.map(({ message }) => message).sort().join("\n");
  checkText("errors that nobody caught are reported", texts, /not handled[^]*thrown in a timer/);
  check("all of them", errors.length, 5);
  const division = errors.find(({ type }) => type === "ZeroDivisionError");
  check("those of Python with their text", division?.message, "ZeroDivisionError: division by zero");
  checkText("and traceback", division?.traceback ?? "", /^Traceback [^]*in divide/);
  check("and the worker goes on", state, "5");
  check("messages of the app do no harm", messages, '"sent"');

  const options = await page.evaluate(async () => {
    const { loadWorker, outcome } = /** @type {any} */ (globalThis);
    return Promise.all([
      outcome(loadWorker({ stdin: () => "line" })),
      outcome(loadWorker({ env: { A: Symbol("a") } })),
      outcome(loadWorker({ fsInit: () => {} })),
    ]);
  });
  const way = "which can't be sent to a worker: call loadBundle in a worker of your own";
  check("an option that can't be sent", options[0], `Error: the option \`stdin\` is a function, ${way}`);
  check("or a part of one", options[1], `Error: the option \`env\`["A"] is a symbol, ${way}`);
  check("or a function for Pyodide", options[2], `Error: the option \`fsInit\` is a function, ${way}`);
}
