// Every end of a worker rejects what is pending at once, and all later calls.

import { check } from "../harness.mjs";
import { checkText } from "./calls.mjs";
import { open } from "./site.mjs";

/** How a worker ends, and what its calls say. @type {[name: string, code: string, expected: RegExp][]} */
const ENDS = [
  ["an app that closes its worker", "import js; js.close()", /^Error: the worker closed itself$/],
  ["an app that ends Python", "import os; os._exit(3)", /^Error: Python ended: /],
  ["one that aborts", "import os; os.abort()", /^Error: Python ended: /],
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
  await checkCrash(page);
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

/**
 * A worker that is gone without a word, as after a crash.
 * @param {import("./site.mjs").Page} page
 */
async function checkCrash(page) {
  const [pending, later] = await page.evaluate(async () => {
    const { Worker: Plain, loadWorker, outcome } = /** @type {any} */ (globalThis);
    /** @type {Worker[]} */
    const workers = [];
    Object.assign(globalThis, {
      Worker: class extends Plain {
        /** @param {any[]} args */
        constructor(...args) {
          super(...args);
          workers.push(/** @type {any} */ (this));
        }
      },
    });
    const python = await loadWorker();
    const pending = outcome(python.run("while True: pass"));
    workers[0].terminate();
    const ends = [await pending, await outcome(python.run("1"))];
    Object.assign(globalThis, { Worker: Plain });
    return ends;
  });
  checkText("a worker that crashed: what is pending", pending, /^Error: the worker ended/);
  checkText("a worker that crashed: later calls", later, /^Error: the worker ended/);
}
