/**
 * The installed files as Pyodide itself lays them out, or as a bundle shows them:
 * `node tree.mjs plain DISTRIBUTION NAME...`, `node tree.mjs bundle OUT`. Prints one line of JSON:
 * path -> SHA-256, the standard library's files among them.
 *
 * @module
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [kind, folder, ...names] = process.argv.slice(2);

/** @returns {Promise<any>} */
async function load() {
  if (kind === "plain") {
    const { loadPyodide } = await import(pathToFileURL(join(folder, "pyodide.mjs")).href);
    const pyodide = await loadPyodide({ indexURL: `${folder}/` });
    await pyodide.loadPackage(names, { messageCallback() {} });
    return pyodide;
  }
  const { loadBundle } = await import(
    pathToFileURL(join(folder, "pyodide-pack", "loader.mjs")).href
  );
  return loadBundle();
}

const pyodide = await load();
const tree = pyodide.runPython(`
import hashlib, os, sys, zipfile

def tree():
    found = {}
    for top in sorted(os.listdir("/")):
        if top in ("dev", "proc", "tmp", "home", "pyc"):
            continue
        for folder, _, files in os.walk("/" + top):
            for name in files:
                path = folder + "/" + name
                with open(path, "rb") as file:
                    found[path] = hashlib.sha256(file.read()).hexdigest()
    stdlib = "/lib/python%d.%d" % sys.version_info[:2]
    archive = "/lib/python%d%d.zip" % sys.version_info[:2]
    found.pop(archive, None)
    with zipfile.ZipFile(archive) as zipped:
        for name in zipped.namelist():
            if not name.endswith("/"):
                found[stdlib + "/" + name] = hashlib.sha256(zipped.read(name)).hexdigest()
    return found

tree()
`);
process.stdout.write(`${JSON.stringify(tree.toJs({ dict_converter: Object.fromEntries }))}\n`, () => process.exit(0));
