// The first result of the same app on every series of Pyodide: nothing is fetched on demand for it, no file and no
// function. Every file is requested once.
//
//     node start.mjs OUT_DIR...
//
// Each folder has the outputs for one version; `app.py` is in the folder `app` beside it.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { check, listen, mediaType, run, unexpected, watch } from "./harness.mjs";

const outs = process.argv.slice(2);
if (outs.length === 0) {
  console.error("usage: node start.mjs OUT_DIR...");
  process.exit(2);
}

const PAGE = `<!doctype html><title>Start</title><link rel=icon href="data:,">`;
/** How often each file was requested, by path. @type {Map<string, number>} */
const requests = new Map();
const server = createServer(async (request, response) => {
  const [, number, file] = /^\/(\d+)\/(.+)$/.exec(request.url?.split("?")[0] ?? "") ?? [];
  const path = number === undefined ? undefined : join(outs[Number(number)], file);
  const body = path === undefined ? PAGE : await readFile(path).catch(() => undefined);
  if (body === undefined) return void response.writeHead(404).end();
  if (request.method === "GET") requests.set(file, (requests.get(file) ?? 0) + 1);
  response.writeHead(200, { "content-type": mediaType(file ?? "page.html") }).end(body);
});

run(await listen(server), async (page, address) => {
  const complaints = watch(page, new URL(address).origin);
  for (const [number, out] of outs.entries()) {
    const code = await readFile(join(out, "../app/app.py"), "utf8");
    const { pyodide } = JSON.parse(await readFile(join(out, "pyodide-pack/manifest.json"), "utf8"));
    const isSplit = pyodide.split !== undefined && pyodide.split.chunks.length > 5;
    check(`${pyodide.version}: the core is split`, isSplit, !pyodide.version.startsWith("0."));
    for (const where of /** @type {const} */ (["page", "worker"])) {
      requests.clear();
      await page.goto(address);
      const found = await page.evaluate(
        async ([folder, where, code]) => {
          const { loadBundle, loadWorker } = await import(`/${folder}/pyodide-pack/loader.js`);
          /** @type {string[]} */
          const misses = [];
          /** @type {string[]} */
          const printed = [];
          const options = {
            onMiss: (/** @type {{ path: string }} */ { path }) => misses.push(path),
            stdout: (/** @type {string} */ line) => printed.push(line),
          };
          if (where === "page") (await loadBundle(options)).pyodide.runPython(code);
          else await (await loadWorker(options)).run(code);
          return { misses: misses.join(), printed: printed.length > 0 };
        },
        [String(number), where, code],
      );
      check(`${pyodide.version}, ${where}: the app prints`, found.printed, true);
      check(`${pyodide.version}, ${where}: nothing is fetched on demand`, found.misses, "");
      const first = [...requests].filter(([file]) => /\.zip$|manifest|pyodide-pack\/core\.|\.asm\./.test(file));
      const twice = first.filter(([, count]) => count > 1);
      check(`${pyodide.version}, ${where}: no file is requested twice`, twice.join(), "");
    }
  }
  // A page that is left fetches no chunks for later.
  check("no other errors", await unexpected(page, complaints, /\/(core|modules)\/\d+\./), "");
});
