// What the time until the first result consists of, in the engine that the variable ENGINE names.
//
//     node browser_parts.mjs OUT_DIR CODE
//
// OUT_DIR is that of a build. CODE runs after the start. Prints milliseconds from the start of the navigation,
// and the sums of what WebAssembly took. Variables like JSC_useOMGJIT=0 reach WebKit.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { browse, engine, listen, mediaType } from "../tests/browser/harness.mjs";

const [out, code] = process.argv.slice(2);
if (code === undefined) {
  console.error("usage: node browser_parts.mjs OUT_DIR CODE");
  process.exit(2);
}

const PAGE = "<!doctype html><title>Parts</title><link rel=icon href='data:,'>";
const server = createServer(async (request, response) => {
  const name = (request.url ?? "/").slice(1);
  const body = name === "" ? PAGE : await readFile(join(out, "pyodide-pack", name)).catch(() => undefined);
  response.writeHead(body === undefined ? 404 : 200, { "content-type": mediaType(name || "page.html") }).end(body);
});
const { address, stop } = await listen(server);
await browse(async (page) => {
  await page.goto(address);
  const parts = await page.evaluate(async (code) => {
    /** @type {Record<string, number>} */
    const spent = {};
    const add = (/** @type {string} */ name, /** @type {number} */ from) => {
      spent[name] = (spent[name] ?? 0) + performance.now() - from;
      spent[`${name}, times`] = (spent[`${name}, times`] ?? 0) + 1;
    };
    const api = /** @type {any} */ (WebAssembly);
    for (const name of ["compile", "instantiate", "compileStreaming", "instantiateStreaming"]) {
      const original = api[name];
      api[name] = async (/** @type {unknown[]} */ ...given) => {
        const from = performance.now();
        try {
          return await original.apply(WebAssembly, given);
        } finally {
          add(name, from);
        }
      };
    }
    for (const name of ["Module", "Instance"]) {
      api[name] = new Proxy(api[name], {
        construct(original, given) {
          const from = performance.now();
          const made = Reflect.construct(original, given);
          add(name, from);
          return made;
        },
      });
    }
    const from = performance.now();
    const loader = "/loader.js";
    const { loadBundle } = await import(loader);
    /** @type {string[]} */
    const phases = [];
    const onProgress = (/** @type {{ phase: string }} */ { phase }) => {
      const line = `${phase} ${Math.round(performance.now() - from)}`;
      if (!phases.at(-1)?.startsWith(phase)) phases.push(line);
    };
    const { pyodide } = await loadBundle({ onProgress });
    const started = performance.now();
    pyodide.runPython(code);
    const first = performance.now();
    pyodide.runPython("sum(i * i % 7 for i in range(300_000))");
    const loop = performance.now() - first;
    return { phases: phases.join(", "), start: started - from, code: first - started, loop, ...spent };
  }, code);
  console.log(engine);
  for (const [name, value] of Object.entries(parts)) {
    console.log(`  ${name}: ${typeof value === "number" ? Math.round(value) : value}`);
  }
});
await stop();
process.exit(0);
