// Workers for a folder of another origin, and in sandboxed frames.

import { check } from "../harness.mjs";
import { checkText } from "./calls.mjs";
import { open } from "./site.mjs";

/**
 * Loads from a base address, and runs code that needs a lazy file.
 * @param {import("./site.mjs").Page} page
 * @param {string} baseURL
 * @returns {Promise<string>}
 */
export async function load(page, baseURL) {
  return page.evaluate(async (baseURL) => {
    const { loadWorker, outcome } = /** @type {any} */ (globalThis);
    const loading = loadWorker({ baseURL });
    const loaded = loading.then((/** @type {any} */ python) => python.run("import wave, json; json.dumps([6 * 7])"));
    const text = await outcome(loaded);
    await loading.then((/** @type {any} */ python) => python.terminate(), () => {});
    return text;
  }, baseURL);
}

/** @type {(page: import("./site.mjs").Page, site: import("./site.mjs").Site) => Promise<void>} */
export async function origins(page, { address, other, gone }) {
  await open(page, address);
  check("a folder of another origin", await load(page, `${other}shared/pyodide-pack/`), '"[42]"');
  const closed = await load(page, `${other}pyodide-pack/`);
  checkText("one that is not shared", closed, /worker\.js could not be started: .*worker\.js: the server can't be reached, or does not let/);
  const absent = await load(page, `${address}no/such/folder/`);
  checkText("a folder that does not exist", absent, /could not be started: http\S+\/no\/such\/folder\/worker\.js: the server answered 404 Not Found/);
  const octets = await load(page, `${address}octets/pyodide-pack/`);
  checkText("a server that does not know scripts", octets, /sends it as application\/octet-stream, but scripts must be/);
  const nowhere = await load(page, gone);
  checkText("a server that does not answer", nowhere, /worker\.js: the server can't be reached/);

  const policy = `default-src 'self' ${other}; script-src 'self' 'wasm-unsafe-eval' ${other}; worker-src 'self'`;
  await open(page, address, { "content-security-policy": policy });
  const forbidden = await load(page, `${other}shared/pyodide-pack/`);
  checkText("a policy that forbids blobs", forbidden, /the page has another origin.*Allow `worker-src blob: http/);
  await open(page, address, { "content-security-policy": policy.replace("worker-src 'self'", `worker-src blob: ${other}`) });
  check("one that allows them", await load(page, `${other}shared/pyodide-pack/`), '"[42]"');

  await open(page, address);
  const framed = await frame(page, `${address}shared/frame.html`, { baseURL: `${address}shared/pyodide-pack/` });
  check("a sandboxed frame", framed, "[42]");
  const strict = { "content-security-policy": "worker-src 'self'" };
  const refused = await frame(page, `${address}shared/frame.html`, { baseURL: `${address}shared/pyodide-pack/` }, strict);
  checkText("one whose policy forbids blobs", refused, /has no origin.*`worker-src data: http.*allow-same-origin/);
}

/**
 * @param {import("./site.mjs").Page} page
 * @param {string} address
 * @param {object} options of `loadWorker`
 * @param {object} [headers]
 * @returns {Promise<string>}
 */
async function frame(page, address, options, headers = {}) {
  const parameters = new URLSearchParams({ options: JSON.stringify(options), headers: JSON.stringify(headers) });
  return page.evaluate(async (source) => {
    const { outcome } = /** @type {any} */ (globalThis);
    const answer = new Promise((resolve) => addEventListener("message", ({ data }) => resolve(data), { once: true }));
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.src = source;
    document.body.append(frame);
    const text = await outcome(answer);
    frame.remove();
    return text.startsWith('"') ? JSON.parse(text) : text;
  }, `${address}?${parameters}`);
}
