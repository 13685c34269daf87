/**
 * Snapshots of Python's memory.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { crc32 } from "../../runtime/bytes.mjs";

/**
 * The content of a snapshot, as manifests describe it.
 * @param {Uint8Array} bytes of the file
 */
export function contentOf(bytes) {
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex"), crc32: crc32(bytes) };
}

/**
 * Does what a restored start does and a normal one does not.
 * @param {any} pyodide
 */
export function renew(pyodide) {
  // Emscripten looks for the end of the memory when it loads side modules before Python.
  pyodide._module._emscripten_get_sbrk_ptr();
  const names = pyodide.globals.get("dict")();
  pyodide.runPython(readFileSync(new URL("../../runtime/snapshot/refresh.py", import.meta.url), "utf8"), { globals: names });
  const hasZones = pyodide.runPython('"dateutil.tz.tz" in sys.modules', { globals: names });
  names.get("refresh")(pyodide.toPy({}), pyodide.toPy({ PYODIDE_PACK: "1" }), hasZones);
}
