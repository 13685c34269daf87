// Pages with a `process` that is not Node's: as Electron has it, and as bundlers put it on pages.
//
//     node processes.mjs OUT_DIR

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { check, listen, mediaType, run } from "./harness.mjs";

const [out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node processes.mjs OUT_DIR");
  process.exit(2);
}

const VERSIONS = "versions: { node: '22.0.0' }";
/** What a script of the page declares, by name. */
const PROCESSES = {
  none: "",
  electron: `globalThis.process = { ${VERSIONS}, type: 'renderer', [Symbol.toStringTag]: 'process' }`,
  polyfill: `globalThis.process = { ${VERSIONS}, browser: true }`,
  // Both claims of Node: the name of the object, too.
  bundler: `globalThis.process = { ${VERSIONS}, browser: true, env: {}, [Symbol.toStringTag]: 'process' }`,
  plain: `globalThis.process = { ${VERSIONS}, nextTick: queueMicrotask }`,
  empty: "globalThis.process = { env: { NODE_ENV: 'production' }, versions: {} }",
  declared: `var process = { ${VERSIONS}, browser: true }`,
  frozen: `globalThis.process = Object.freeze({ ${VERSIONS}, browser: true, type: 'renderer' })`,
};

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? "", "http://localhost");
  const name = /** @type {keyof typeof PROCESSES} */ (pathname.slice(1));
  const page = PROCESSES[name];
  const body =
    page === undefined
      ? await readFile(join(out, pathname)).catch(() => undefined)
      : `<!doctype html><title>${name}</title><link rel=icon href="data:,"><script>${page}</script>`;
  if (body === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader("content-type", mediaType(page === undefined ? pathname : "page.html"));
  response.end(body);
});

await run(await listen(server), async (page, address) => {
  for (const name of Object.keys(PROCESSES)) {
    await page.goto(`${address}${name}`);
    const answers = await page.evaluate(async () => {
      const { loadBundle, loadWorker } = await import(/** @type {string} */ ("/pyodide-pack/loader.js"));
      const given = globalThis.process;
      const code = "import wave, asyncio\nawait asyncio.sleep(0)\nwave.__name__";
      // Two at once: the page gets its own object back after the last.
      const [{ pyodide }, worker] = await Promise.all([loadBundle(), loadWorker(), loadBundle()]);
      const answers = [await pyodide.runPythonAsync(code), await worker.run(code)];
      worker.terminate();
      return [...answers, String(globalThis.process === given)];
    });
    check(`with ${name}, Python runs on the page and in a worker`, answers.join(" "), "wave wave true");
  }
});
