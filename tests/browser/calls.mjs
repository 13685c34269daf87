// Code that no scenario traced, on a page and in a module worker. Typical calls behave as in plain Pyodide.
// Failures of the network and damaged chunks are explained, and a later attempt succeeds.
//
//     node calls.mjs OUT_DIR CALLS EVERY
//
// OUT_DIR is the one of tests/python/calls/mod.rs, with the calls' results in plain Pyodide.

import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { check, listen, mediaType, run } from "./harness.mjs";

const [out, calls, every] = process.argv.slice(2);
if (!every) {
  console.error("usage: node calls.mjs OUT_DIR CALLS EVERY");
  process.exit(2);
}

/** @type {{ name: string, result: string }[]} */
const plain = JSON.parse(await readFile(join(out, "plain.json"), "utf8"));
const names = (await readdir(calls)).filter((name) => name.endsWith(".py")).sort();
const files = await Promise.all(
  names.map(async (name) => [name, await readFile(join(calls, name), "utf8")]),
);

const PAGE = "<!doctype html><title>Calls</title><link rel=icon href='data:,'>";
const DRIVER = `
import { loadBundle } from "/b/loader.js";
import { runCalls } from "/calls_runner.mjs";

const opened = [];
const { pyodide } = await loadBundle({ onMiss: (event) => opened.push(event) });

export async function answer(code) {
  if (code === "calls") {
    const files = await (await fetch("/calls.json")).json();
    return runCalls(pyodide, files, ${Number(every)}, () => opened.splice(0));
  }
  let text = "";
  pyodide.setStdout({ batched: (line) => (text += line + "\\n") });
  await pyodide.runPythonAsync(code);
  return text;
}
`;
const WORKER = `
import { answer } from "/driver.mjs";
onmessage = async ({ data }) => postMessage(await answer(data));
postMessage("ready");
`;
/** @type {Record<string, string | Uint8Array>} */
const made = {
  "page.html": PAGE,
  "driver.mjs": DRIVER,
  "worker.mjs": WORKER,
  "calls.json": JSON.stringify(files),
  "calls_runner.mjs": await readFile(new URL("../support/scripts/calls_runner.mjs", import.meta.url)),
};

/** The network's effect on chunks. */
const network = { cut: false, damaged: 0, chunks: 0 };
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? "", "http://localhost");
  const isChunk = /^\/b\/(lazy|source)\//.test(pathname);
  network.chunks += Number(isChunk);
  if (isChunk && network.cut) {
    request.socket.destroy();
    return;
  }
  const own = made[pathname.slice(1)];
  const file = await (own ?? readFile(join(out, "pyodide-pack", pathname.slice("/b/".length))).catch(() => undefined));
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  let body = Buffer.from(file);
  if (isChunk && network.damaged > 0) {
    network.damaged -= 1;
    body = Buffer.concat([body.subarray(0, -1), Buffer.from([body[body.length - 1] ^ 1])]);
  }
  response.setHeader("content-type", mediaType(pathname));
  response.setHeader("cache-control", "no-store");
  response.end(body);
});

/** @param {string} module */
const attempt = (module) => `
try:
    import ${module}
    print("imported")
except Exception as error:
    print(type(error).__name__, *getattr(error, "__notes__", ["no note"]))
`;

/**
 * @param {string} where
 * @param {(code: string) => Promise<any>} answer
 */
async function behaves(where, answer) {
  network.chunks = 0;
  /** @type {typeof plain} */
  const done = await answer("calls");
  check(`${where}: as many calls`, done.length, plain.length);
  const different = done.filter(({ name, result }, number) => {
    return name !== plain[number].name || result !== plain[number].result;
  });
  check(`${where}: calls as in plain Pyodide`, different.map(({ name }) => name).join(), "");
  console.log(`        ${done.length} calls, ${network.chunks} requests`);
}

/**
 * @param {string} where
 * @param {string} address
 * @param {(code: string) => Promise<string>} answer
 */
async function survives(where, address, answer) {
  check(`${where}: a miss`, await answer(attempt("numpy")), "imported\n");
  network.cut = true;
  const cut = await answer(attempt("sympy"));
  network.cut = false;
  check(`${where}: a network that fails is explained`, cut.startsWith("OSError /lib/python3"));
  check(`${where}: with the file and its chunk`, cut.includes(`/sympy/__init__.py of sympy could not be fetched from ${address}b/`));
  check(`${where}: and forgotten`, await answer(attempt("sympy")), "imported\n");
  network.damaged = 1;
  // Another package, so that no chunk of it is here yet.
  check(`${where}: a chunk that is damaged once`, await answer(attempt("joblib")), "imported\n");
  check(`${where}: was asked for again`, network.damaged, 0);
  network.damaged = 1000;
  const damaged = await answer(attempt("matplotlib"));
  network.damaged = 0;
  check(`${where}: one that stays damaged is explained`, damaged.includes("it is not what the manifest says"));
  check(`${where}: and forgotten`, await answer(attempt("matplotlib")), "imported\n");
  const code = "import sympy, sympy.stats as s\nprint(s.E(s.Die('X', 6)), sympy.sqrt(8))";
  check(`${where}: all is whole`, await answer(code), "7/2 2*sqrt(2)\n");
}

await run(await listen(server), async (page, address) => {
  /** @type {(code: string) => Promise<any>} */
  const onPage = (code) =>
    page.evaluate(async (text) => {
      const driver = "/driver.mjs";
      return (await import(driver)).answer(text);
    }, code);
  /** @type {(code: string) => Promise<any>} */
  const inWorker = (code) =>
    page.evaluate(async (text) => {
      const target = /** @type {any} */ (window);
      const told = () => new Promise((resolve) => (target.worker.onmessage = (/** @type {any} */ { data }) => resolve(data)));
      if (target.worker === undefined) {
        target.worker = new Worker("/worker.mjs", { type: "module" });
        await told();
      }
      target.worker.postMessage(text);
      return told();
    }, code);
  for (const [where, answer] of /** @type {const} */ ([["page", onPage], ["worker", inWorker]])) {
    await page.goto(`${address}page.html`);
    await behaves(where, answer);
    await page.goto("about:blank");
    await page.goto(`${address}page.html`);
    await survives(where, address, answer);
  }
});
