// The loader in a custom module worker, and `loadWorker`: the traced pair of dialects from the bundle,
// another pair on demand, errors, and cancelled loads.
//
//     node worker.mjs BINARY

import { check, run, serveWith, unexpected, watch } from "./harness.mjs";

const [binary] = process.argv.slice(2);
if (!binary) {
  console.error("usage: node worker.mjs BINARY");
  process.exit(2);
}

const WORKER = `
import { loadBundle, loadWorker } from "./pyodide-pack/loader.js";

const misses = [];
const phases = [];
const { pyodide } = await loadBundle({
  onMiss: ({ path }) => misses.push(path),
  onProgress: ({ phase, loaded, total }) => phases.push([phase, loaded, total]),
});
const app = pyodide.pyimport("app");
const traced = app.transpile("SELECT 1 AS a", "duckdb", "postgres");
const before = misses.length;
const untraced = app.transpile("SELECT a FROM t LIMIT 3", "duckdb", "tsql");
const size = pyodide.runPython("import wave; wave.__file__");
const nested = await loadWorker().then((python) => python.run("6 * 7").finally(() => python.terminate())).catch(String);
postMessage({ traced, before, untraced, misses, phases, size, nested });
`;

/**
 * @typedef {object} Answer
 * @property {string} traced
 * @property {number} before
 * @property {string} untraced
 * @property {string[]} misses
 * @property {[phase: string, loaded: number, total: number][]} phases
 * @property {string} size
 * @property {unknown} nested
 */

/**
 * What the page sees of Python in the loader's own worker.
 * @param {import("./harness.mjs").Page} page
 */
async function askWorker(page) {
  return page.evaluate(async () => {
    const loader = "./pyodide-pack/loader.js";
    const { loadWorker } = /** @type {typeof import("../../build-support/runtime/loader.mjs")} */ (await import(loader));
    /** @type {string[]} */
    const phases = [];
    /** @type {string[]} */
    const lines = [];
    const missed = { files: 0 };
    const python = await loadWorker({
      onProgress: ({ phase }) => phases.push(phase),
      onMiss: () => (missed.files += 1),
      stdout: (line) => lines.push(line),
    });
    const failure = (/** @type {Promise<unknown>} */ promise) =>
      promise.then(
        () => ({ message: "it did not fail", type: "", traceback: "" }),
        (error) => ({ message: error.message, type: error.type, traceback: error.traceback }),
      );
    const traced = await python.call("app.transpile", "SELECT 1 AS a", "duckdb", "postgres");
    const before = missed.files;
    const others = await Promise.all(
      ["tsql", "bigquery"].map((name) => python.call("app.transpile", "SELECT a FROM t LIMIT 3", "duckdb", name)),
    );
    const data = await python.run("print('ä')\nimport asyncio\nawait asyncio.sleep(0)\n{'a': [1, None], 'b': {'c': (2.5, 'x')}}");
    const raised = await failure(python.call("app.transpile", "SELECT FROM WHERE", "duckdb", "tsql"));
    const missing = await failure(python.call("app.no_such_function"));
    const unnamed = await failure(python.call("transpile"));
    const unsent = await failure(python.run("lambda: 1"));
    const after = await python.run("1 + 1");
    const unfinished = failure(python.run("while True: pass"));
    python.terminate();
    const misses = python.misses();
    const absent = await failure(loadWorker({ baseURL: new URL("/no/such/folder/", location.href) }));
    return {
      traced, before, others, data, raised, missing, unnamed, unsent, after, misses, phases, lines, absent,
      missed: missed.files, unfinished: await unfinished,
    };
  });
}

/**
 * Cancels a load in each phase, in a worker or not, and completes one load.
 * @param {import("./harness.mjs").Page} page
 * @param {boolean} worker
 */
async function giveUp(page, worker) {
  return page.evaluate(async (worker) => {
    const loader = "./pyodide-pack/loader.js";
    const { loadBundle, loadWorker } = await import(loader);
    const load = worker ? loadWorker : loadBundle;
    const ends = [];
    for (const at of ["before", "core", "fetch", "mount", "start"]) {
      const controller = new AbortController();
      const stop = () => controller.abort(new Error(`given up: ${at}`));
      if (at === "before") stop();
      const { signal } = controller;
      const loading = load({ signal, onProgress: (/** @type {any} */ { phase }) => phase === at && stop() });
      ends.push(await loading.then(() => "it did not end", (/** @type {Error} */ { message }) => message));
    }
    const controller = new AbortController();
    const python = await load({ signal: controller.signal });
    controller.abort(); // too late to matter
    const sum = await (worker ? python.run("1 + 1") : python.pyodide.runPython("1 + 1"));
    return [...ends, sum].join("\n");
  }, worker);
}

const PAGE = "<!doctype html><title>Worker</title><link rel=icon href=favicon.svg>";

await run(await serveWith(binary, { "test.html": PAGE, "test-worker.mjs": WORKER }), async (page, address) => {
  const complaints = watch(page, new URL(address).origin);
  await page.goto(new URL("test.html", address).href);
  const answer = await page.evaluate(
    () =>
      new Promise((/** @type {(answer: Answer) => void} */ resolve, reject) => {
        const worker = new Worker("test-worker.mjs", { type: "module" });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
      }),
  );
  check("the traced pair", answer.traced, "SELECT\n  1 AS a;");
  check("fetches nothing", answer.before, 0);
  check("another dialect", answer.untraced, "SELECT\nTOP 3\n  a\nFROM t;");
  check("came on demand", answer.misses.some((path) => path.includes("dialects/tsql.")));
  check("as did the standard library", answer.misses.some((path) => path.includes("/wave.")));
  const [phase, loaded, total] = answer.phases.at(-1) ?? [];
  check("the last phase is ready", phase, "ready");
  check("all bytes were counted", loaded, total);

  check("a worker starts another one", answer.nested, 42);

  const asked = await askWorker(page);
  check("loadWorker: the traced pair", asked.traced, "SELECT\n  1 AS a;");
  check("fetches nothing", asked.before, 0);
  check("two questions at once", asked.others.join("\n"), "SELECT\nTOP 3\n  a\nFROM t;\nSELECT\n  a\nFROM t\nLIMIT 3;");
  check("are heard of", asked.missed > 0 && asked.misses.some((line) => line.startsWith('.eager("sqlglot/')));
  check("data comes as data", JSON.stringify(asked.data), '{"a":[1,null],"b":{"c":[2.5,"x"]}}');
  check("standard output comes", asked.lines.join(), "ä");
  check("progress comes", asked.phases.at(-1), "ready");
  check("an exception has its type", asked.raised.type, "TranspileError");
  check("its message", asked.raised.message.startsWith("TranspileError: "), true);
  check("and its traceback", /^Traceback [^]*app\.py", line \d+, in transpile/.test(asked.raised.traceback));
  check("a function that does not exist", asked.missing.message.includes("no_such_function") ? "" : asked.missing.message, "");
  check("a call without a module", asked.unnamed.message, "`transpile` names no module: write `app.transpile`");
  check("what can't be sent says so", /of type function, which can't be sent to the page/.test(asked.unsent.message) ? "" : asked.unsent.message, "");
  check("and does no harm", asked.after, 2);
  check("terminated", asked.unfinished.message, "the worker was terminated");
  check("no worker there", /\/no\/such\/folder\/worker\.js could not be started: .*404/.test(asked.absent.message) ? "" : asked.absent.message, "");
  const expected = ["before", "core", "fetch", "mount", "start"].map((at) => `given up: ${at}`);
  check("loads given up in a worker", await giveUp(page, true), [...expected, 2].join("\n"));
  check("and on the page", await giveUp(page, false), [...expected, 2].join("\n"));
  // The cancelled requests, and the folder that does not exist.
  const others = await unexpected(page, complaints, /_ABORTED|STREAM_CLOSED|\/no\/such\/|404 \(Not Found\)/);
  check("the browser had nothing to complain about", others, "");
});
