/**
 * The bytecode that a run compiled while it imported modules.
 *
 * @module
 */

import { writeFileSync } from "node:fs";

import { sourceOf } from "../../runtime/packfs.mjs";

/** Sizes in bytes, as in Python's `importlib._bootstrap_external`: magic number, flags, source hash, code. */
const FLAGS = 4;
const HASH = 8;
const CODE = 16;
/** The file has a hash of its source, which is not compared. */
const UNCHECKED_HASH = 1;

/**
 * Lets the importer write what it compiles, which Pyodide turns off.
 * @param {any} pyodide
 */
export function keepBytecode(pyodide) {
  pyodide.runPython("import sys; sys.dont_write_bytecode = False");
}

/**
 * Writes the bytecode into one file. Python never compares it with its source.
 * @param {any} FS
 * @param {string} dir folder of bytecode
 * @param {string} output
 * @returns {import("../jobs.d.ts").Trace["compiled"]}
 */
export function saveBytecode(FS, dir, output) {
  /** @type {Buffer[]} */
  const contents = [];
  /** @type {import("../jobs.d.ts").Trace["compiled"]} */
  const compiled = [];
  let end = 0;
  for (const path of written(FS, dir)) {
    const bytes = Buffer.from(FS.readFile(path));
    bytes.writeUInt32LE(UNCHECKED_HASH, FLAGS);
    bytes.fill(0, HASH, CODE);
    contents.push(bytes);
    compiled.push([sourceOf(path, dir), end, bytes.length]);
    end += bytes.length;
  }
  writeFileSync(output, Buffer.concat(contents));
  return compiled;
}

/**
 * The bytecode below a folder, except what was mounted there.
 * @param {any} FS
 * @param {string} dir
 * @returns {string[]} paths, sorted
 */
function written(FS, dir) {
  if (!FS.analyzePath(dir).exists) return [];
  return FS.readdir(dir)
    .filter((/** @type {string} */ name) => name !== "." && name !== "..")
    .sort()
    .flatMap((/** @type {string} */ name) => {
      const path = `${dir}/${name}`;
      const { node } = FS.lookupPath(path);
      if (FS.isDir(node.mode)) return written(FS, path);
      return node.packfsPlain === undefined && name.endsWith(".pyc") ? [path] : [];
    });
}
