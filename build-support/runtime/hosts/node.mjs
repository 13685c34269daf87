/**
 * Files beside the loader, from the disk, in Node.
 *
 * @module
 */

import { EMPTY_ZIP } from "../bytes.mjs";
import { hasIntegrity } from "../integrity.mjs";
import { FileError } from "./request.mjs";

/**
 * @param {string | URL} base a path or a file URL
 * @returns {Promise<import("./host.mjs").Host>}
 */
export async function nodeHost(base) {
  const importModule = (/** @type {string} */ name) => import(/* @vite-ignore */ name);
  const fs = await importModule("node:fs");
  const { createHash } = await importModule("node:crypto");
  const { createRequire } = await importModule("node:module");
  const vm = await importModule("node:vm");
  const os = await importModule("node:os");
  const path = await importModule("node:path");
  const { fileURLToPath, pathToFileURL } = await importModule("node:url");
  const zlib = await importModule("node:zlib");
  const text = String(base);
  const root = text.startsWith("file:") ? fileURLToPath(text) : path.resolve(text);
  const address = (/** @type {string} */ file) => path.join(root, file);
  const read = (/** @type {string} */ file) => {
    const bytes = fs.readFileSync(address(file));
    // Node reads small files into a buffer that they share.
    return new Uint8Array(bytes.length === bytes.buffer.byteLength ? bytes.buffer : bytes);
  };
  const digestOf = (/** @type {string} */ algorithm, /** @type {Uint8Array} */ bytes) =>
    /** @type {string} */ (createHash(algorithm).update(bytes).digest("base64"));
  return {
    address,
    folder: (given) => {
      const text = String(given);
      return path.join(text.startsWith("file:") ? fileURLToPath(text) : path.resolve(text), path.sep);
    },
    async text(file, { integrity }) {
      const bytes = read(file);
      if (integrity !== undefined && !(await hasIntegrity(integrity, (algorithm) => digestOf(algorithm, bytes)))) {
        throw new FileError(address(file), "it is not what `integrity` says");
      }
      return new TextDecoder().decode(bytes);
    },
    ahead: () => {},
    compresses: async () => true,
    async bytes({ file, sha256 }, _copy, onBytes) {
      const bytes = read(file);
      if (digestOf("sha256", bytes) !== sha256) {
        throw new FileError(address(file), "it is not what the manifest says");
      }
      onBytes(bytes.length);
      return bytes;
    },
    bytesNow: (file) => ({ bytes: read(file), answer: "" }),
    inflates: () => true,
    inflate: async (format, bytes) =>
      new Uint8Array(format === "gzip" ? zlib.gunzipSync(bytes) : zlib.brotliDecompressSync(bytes)),
    async load(file, { classic }) {
      if (!classic) return import(/* @vite-ignore */ file.includes("://") ? file : pathToFileURL(file).href);
      const names = ["require", "__dirname", "__filename"];
      const importModuleDynamically = vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER ?? importModule;
      const options = { filename: file, importModuleDynamically };
      const run = vm.compileFunction(fs.readFileSync(file, "utf8"), names, options);
      run(createRequire(file), path.dirname(file), file);
      return {};
    },
    wasm: async (file) => new Response(read(path.relative(root, file)), { headers: { "content-type": "application/wasm" } }),
    json: () => Promise.reject(new Error("Pyodide reads its files itself in Node")),
    async emptyZip(alone) {
      if (!alone) return address("empty.zip");
      const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "pyodide-pack-")), "empty.zip");
      fs.writeFileSync(file, EMPTY_ZIP);
      return file;
    },
  };
}
