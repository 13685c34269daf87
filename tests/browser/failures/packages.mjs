// Packages that are not in the bundle: from a folder of the page, and from a server that can't be reached.

import { execFileSync } from "node:child_process";

import { check } from "../harness.mjs";

/** @typedef {import("../harness.mjs").Page} Page */

/** A wheel of the name that Pyodide's lock file has. */
const WHEEL = `
import io, sys, zipfile
data = io.BytesIO()
with zipfile.ZipFile(data, "w") as wheel:
    info = sys.argv[1].removesuffix("-py3-none-any.whl") + ".dist-info/"
    version = info.split("-")[1].removesuffix(".dist")
    wheel.writestr("click/__init__.py", "answer = 42\\n")
    wheel.writestr(info + "METADATA", f"Metadata-Version: 2.1\\nName: click\\nVersion: {version}\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", "")
sys.stdout.buffer.write(data.getvalue())
`;

/**
 * @param {Page} page
 * @param {string} origin
 * @param {import("./site.mjs").Site} site
 * @param {string} closed an address without a server
 */
export async function checkPackages(page, origin, site, closed) {
  const base = `${origin}none/pyodide-pack/`;
  await page.goto(`${origin}some/where/`);
  const name = await page.evaluate(async (base) => {
    const { pyodide } = await (await import(`${base}loader.js`)).loadBundle();
    return pyodide.lockfile.packages.click.file_name;
  }, base);
  const wheel = execFileSync("python3", ["-c", WHEEL, name]);
  site.files.set(`/some/where/wheels/${name}`, wheel);
  for (const where of /** @type {const} */ (["page", "worker"])) {
    const found = await loadClick(page, base, where, "wheels/");
    check(`${where}: a package from an address relative to the page`, found.answer === 42 ? "" : JSON.stringify(found), "");
    const lost = await loadClick(page, base, where, closed);
    const isNamed = lost.lines.some((line) => line.includes(closed + name) && line.includes("not in this bundle"));
    check(`${where}: a package that can't be fetched names the address`, isNamed ? "" : JSON.stringify(lost), "");
  }
}

/**
 * @param {Page} page
 * @param {string} base address of the folder
 * @param {"page" | "worker"} where
 * @param {string} packageBaseUrl
 * @returns {Promise<{ answer: unknown, lines: string[] }>}
 */
async function loadClick(page, base, where, packageBaseUrl) {
  return page.evaluate(
    async ({ base, where, packageBaseUrl }) => {
      const { loadBundle, loadWorker } = await import(`${base}loader.js`);
      /** @type {string[]} */
      const lines = [];
      const add = (/** @type {string} */ line) => lines.push(line);
      const options = { packageBaseUrl, stdout: add, stderr: add };
      const code = `
import pyodide_js
await pyodide_js.loadPackage("click", checkIntegrity=False)
try:
    from click import answer
except ImportError as error:
    answer = str(error)
answer`;
      if (where === "page") {
        const { pyodide } = await loadBundle(options);
        return { answer: await pyodide.runPythonAsync(code), lines };
      }
      const python = await loadWorker(options);
      const answer = await python.run(code);
      python.terminate();
      return { answer, lines };
    },
    { base, where, packageBaseUrl },
  );
}
