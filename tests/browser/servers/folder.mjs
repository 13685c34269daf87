// A folder to serve like that of a release build, made from the outputs of a debug build: with compressed
// copies beside all files, of a lower quality.

import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile, chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const BROTLI_QUALITY = 5;
const ZSTD_LEVEL = 3;

/**
 * @param {string} out the outputs
 * @returns {Promise<{ root: string, remove: () => Promise<void> }>} `root` has the folder `pyodide-pack`
 */
export async function folderWithCopies(out) {
  const root = await mkdtemp(join(tmpdir(), "served-"));
  await chmod(root, 0o755); // servers change their user
  const folder = join(root, "pyodide-pack");
  await cp(join(out, "pyodide-pack"), folder, { recursive: true });
  const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  const eager = manifest.chunks.filter((/** @type {any} */ chunk) => chunk.eager);
  await writeZstd(folder, eager.map((/** @type {any} */ { file }) => file));
  manifest.copies = ["zstd", "gzip"];
  await rm(join(folder, "manifest.json.gz"), { force: true });
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    if (/\.(gz|br|zst)$/.test(name) || !(await stat(path)).isFile()) continue;
    if (/^(lazy|source)\b/.test(name)) continue; // nothing of them is loaded
    const bytes = await readFile(path);
    const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
    await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes, { params }));
    await writeFile(`${path}.gz`, await promisify(gzip)(bytes));
  }
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}

/**
 * @param {string} folder
 * @param {string[]} names
 */
async function writeZstd(folder, names) {
  const { loadBundle } = await import(pathToFileURL(join(folder, "loader.js")).href);
  const { _module: zstd } = (await loadBundle()).pyodide;
  for (const name of names) {
    const bytes = await readFile(join(folder, name));
    const limit = zstd._ZSTD_compressBound(bytes.length);
    const [from, to] = [zstd._malloc(bytes.length), zstd._malloc(limit)];
    zstd.HEAPU8.set(bytes, from);
    const size = zstd._ZSTD_compress(to, limit, from, bytes.length, ZSTD_LEVEL);
    await writeFile(join(folder, `${name}.zst`), zstd.HEAPU8.slice(to, to + size));
    for (const pointer of [from, to]) zstd._free(pointer);
  }
}
