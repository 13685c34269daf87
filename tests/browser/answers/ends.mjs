// Every end of a worker rejects what is pending at once, and all later calls.

import { check } from "../harness.mjs";
import { checkText } from "./calls.mjs";
import { open } from "./site.mjs";

/** How a worker ends, and what its calls say. @type {[name: string, code: string, expected: RegExp][]} */
const ENDS = [
  ["an app that closes its worker", "import js; js.close()", /^Error: the worker closed itself$/],
  ["a worker that is gone without a word", "import js; js.eval('DedicatedWorkerGlobalScope.prototype.close.call(self)')", /^Error: the worker ended/],
  ["a fatal error of Pyodide", "import pyodide_js; pyodide_js._module._trigger_fatal_error()", /^Error: Python ended: /],
  ["memory that is not Python's", "import ctypes; ctypes.memset(2 ** 32 - 8, 1, 100)", /^Error: Python ended: /],
];

/** @type {(page: import("./site.mjs").Page, site: import("./site.mjs").Site) => Promise<void>} */
export async function ends(page, { address }) {
  await open(page, address);
  const terminated = await page.evaluate(async () => {
    const { loadWorker, outcome } = /** @type {any} */ (globalThis);
    const python = await loadWorker();
    const pending = [outcome(python.run("while True: pass")), outcome(python.run("1"))];
    python.terminate();
    python.terminate();
    return [...(await Promise.all(pending)), await outcome(python.run("1")), await outcome(python.call("json.dumps", 1))];
  });
  check("terminate() rejects all calls", [...new Set(terminated)].join(), "Error: the worker was terminated");
  for (const [name, code, expected] of ENDS) {
    const [endless, own, later] = await page.evaluate(async (code) => {
      const { loadWorker, outcome } = /** @type {any} */ (globalThis);
      const python = await loadWorker();
      const endless = outcome(python.run("import asyncio; await asyncio.Event().wait()"));
      const own = outcome(python.run(`${code}\nimport asyncio; await asyncio.Event().wait()`));
      return [await endless, await own, await outcome(python.run("1"))];
    }, code);
    checkText(`${name}: what is pending`, endless, expected);
    checkText(`${name}: the call itself`, own, /^Error: /);
    checkText(`${name}: later calls`, later, expected);
  }
  const [full, after] = await page.evaluate(async () => {
    const { loadWorker, outcome } = /** @type {any} */ (globalThis);
    const python = await loadWorker();
    const full = await outcome(python.run("a = []\nwhile True: a.append(bytearray(2 ** 30))"));
    const after = await outcome(python.run("a.clear(); 1 + 1"));
    python.terminate();
    return [full, after];
  });
  checkText("a program that needs too much memory", full, /^Error: MemoryError/);
  check("and its worker", after, "2");
}
