// Lazy chunks that do not arrive: the note of the exception says why.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { filesOf } from "../../../build-support/runtime/index.mjs";
import { check } from "../harness.mjs";

/** @typedef {import("../harness.mjs").Page} Page */
/** @typedef {import("./site.mjs").Failure} Failure */

/** @type {[Failure, RegExp][]} */
const SAYS = [
  ["403", /the server answered 403/],
  ["404", /the server answered 404 Not Found: .*reload the page/],
  ["204", /the server answered 204/],
  ["451", /the server answered 451/],
  ["page", /text\/html\): .*reload the page/],
  ["early", /can't be reached/],
  ["late", /can't be reached|is not what the manifest says/],
  ["type", /^read$/],
];
const READ = `
def read(path):
    try:
        with open(path, "rb") as file:
            return "read" if file.read() else "empty"
    except OSError as error:
        return "\\n".join([str(error), *getattr(error, "__notes__", ())])
`;

/**
 * @param {Page} page
 * @param {string} origin
 * @param {import("./site.mjs").Site} site
 */
export async function checkLazy(page, origin, site) {
  await page.goto(origin);
  const base = `${origin}lazy.none.0/pyodide-pack/`;
  const manifest = JSON.parse(await readFile(join(site.folder, "manifest.json"), "utf8"));
  const chunk = manifest.chunks.findIndex((/** @type {any} */ { file }) => file.startsWith("lazy/stdlib."));
  const [path] = Object.entries(filesOf(manifest)).flatMap(([folder, files]) =>
    files.filter((file) => file[2] === chunk).map(([name]) => `${folder}/${name}`),
  );
  for (const where of /** @type {const} */ (["page", "worker"])) {
    await page.evaluate(
      async ({ base, where, code }) => {
        const { loadBundle, loadWorker } = await import(`${base}loader.js`);
        const python = where === "page" ? (await loadBundle()).pyodide : await loadWorker();
        const run = (/** @type {string} */ text) => (where === "page" ? python.runPython(text) : python.run(text));
        await run(code);
        Object.assign(globalThis, { read: (/** @type {string} */ path) => run(`read(${JSON.stringify(path)})`) });
      },
      { base, where, code: READ },
    );
    const read = () => page.evaluate((path) => /** @type {any} */ (globalThis).read(path), path);
    for (const [failure, says] of SAYS) {
      site.lazy = failure;
      const note = await read();
      const address = base + manifest.chunks[chunk].file;
      const isNamed = failure === "type" || note.includes(address);
      check(`${where}: lazy, ${failure}`, says.test(note) && isNamed ? "" : note, "");
    }
    site.lazy = "none";
  }
}
