// Pages with strict policies, and pages below the folder's own path.

import { check, watch } from "../harness.mjs";
import { checkText } from "./calls.mjs";
import { load } from "./origins.mjs";
import { open } from "./site.mjs";

const SELF = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'";
const TRUSTED = "require-trusted-types-for 'script'; trusted-types";

/** @type {(page: import("./site.mjs").Page, site: import("./site.mjs").Site) => Promise<void>} */
export async function policies(page, { address }) {
  const folder = `${address}pyodide-pack/`;
  await open(page, address, { "content-security-policy": `${TRUSTED} pyodide-pack` });
  check("Trusted Types with our policy", await load(page, folder), '"[42]"');
  await open(page, address, { "content-security-policy": `${TRUSTED} other` });
  const hasTypes = await page.evaluate(() => "trustedTypes" in globalThis);
  const untrusted = await load(page, folder);
  checkText("and without it", untrusted, hasTypes ? /allow `trusted-types pyodide-pack`/ : '"[42]"');
  await open(page, address, { "content-security-policy": `${SELF}; worker-src 'none'` });
  checkText("a policy against all workers", await load(page, folder), /Allow `worker-src 'self'`/);

  await open(page, address, { "permissions-policy": "sync-xhr=()" });
  const { isForbidden, missed, inWorker } = await page.evaluate(async () => {
    const { loadBundle, loadWorker, outcome } = /** @type {any} */ (globalThis);
    const isForbidden = /** @type {any} */ (document).featurePolicy?.allowsFeature("sync-xhr") === false;
    const code = "try:\n  import wave\n  text = 'imported'\nexcept OSError as e:\n  text = str(e.__notes__)\ntext";
    const { pyodide } = await loadBundle();
    const missed = await outcome(pyodide.runPythonAsync(code));
    const python = await loadWorker();
    return { isForbidden, missed, inWorker: await outcome(python.run(code)) };
  });
  checkText("a policy against synchronous requests", missed, isForbidden ? /sync-xhr.*loadWorker/ : '"imported"');
  check("and in a worker", inWorker, '"imported"');

  await checkEmbedded(page, address);
  await checkDeepLinks(page, address);
}

/**
 * Bytes that a program embeds, with nothing but them.
 * @param {import("./site.mjs").Page} page
 * @param {string} address
 */
async function checkEmbedded(page, address) {
  await open(page, address, { "content-security-policy": SELF });
  const complaints = watch(page, new URL(address).origin);
  const text = await page.evaluate(async (address) => {
    const { loadBundle, outcome } = /** @type {any} */ (globalThis);
    const bytes = async (/** @type {string} */ file) => (await fetch(`${address}${file}`)).arrayBuffer();
    const bundle = await bytes("pyodide-package-bundle.zip");
    const stdlib = await bytes("python_stdlib_stripped.zip");
    const loading = loadBundle({ bundle, stdlib });
    return outcome(loading.then((/** @type {any} */ { pyodide }) => pyodide.runPython("import json; json.dumps([1])")));
  }, address);
  check("embedded bytes under a strict policy", text, '"[1]"');
  check("without a complaint of the browser", complaints.join("\n"), "");
}

/**
 * The address of the folder on pages at other levels, with the module that the Rust client uses.
 * @param {import("./site.mjs").Page} page
 * @param {string} address
 */
async function checkDeepLinks(page, address) {
  await open(page, address, {}, "deep/link/page.html");
  const [relative, absolute, worker] = await page.evaluate(async () => {
    const { loadWorker, outcome } = /** @type {any} */ (globalThis);
    const name = "/bridge.js";
    const { load } = await import(name);
    const answer = async (/** @type {string} */ base) => {
      const loading = load(base, {});
      return outcome(loading.then((/** @type {any} */ python) => python.run("6 * 7")));
    };
    return [await answer("pyodide-pack/"), await answer("/pyodide-pack/"), await outcome(loadWorker({ baseURL: "pyodide-pack/" }))];
  });
  const tried = `${address}deep/link/pyodide-pack/`;
  checkText("a relative address names what was tried", relative, new RegExp(`${tried}loader\\.js`));
  checkText("and what to write", relative, /write `\/pyodide-pack\/`/);
  check("which works", absolute, "42");
  checkText("so does the loader", worker, new RegExp(`${tried}worker\\.js: the server answered 404[^]*write \`/pyodide-pack/\``));
}
