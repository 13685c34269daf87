/**
 * A Pyodide whose file system holds an installation, and that tells which of its files are opened.
 *
 * @module
 */

import { closeSync, openSync, readSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { mount, settle } from "../runtime/packfs.mjs";
import { ENVIRONMENT } from "./scenario.mjs";

/**
 * An installation, and what starts it.
 * @typedef {object} Mounted
 * @property {string} runtime folder of the Pyodide runtime, ends with a separator
 * @property {string} emptyZip path of an empty zip: the standard library lies in files
 * @property {string} packages folder for packages that the app loads itself: empty
 * @property {Record<string, string>} env further environment of the interpreter
 * @property {import("../runtime/packfs.mjs").Dirs} dirs
 * @property {string[]} parts paths of the files that hold the contents
 */

/**
 * @param {Mounted} mounted
 * @param {(path: string) => void} onOpen is told of each file when it is first opened
 * @param {Record<string, string>} [env]
 * @returns {Promise<{ pyodide: any, close: () => void }>}
 */
export async function startTraced({ runtime, emptyZip, packages, dirs, parts, ...rest }, onOpen, env) {
  const descriptors = parts.map((path) => openSync(path, "r"));
  let count = -1;
  const { loadPyodide } = await import(pathToFileURL(`${runtime}pyodide.mjs`).href);
  const pyodide = await loadPyodide({
    indexURL: runtime,
    packageBaseUrl: packages,
    packageCacheDir: packages,
    stdLibURL: emptyZip,
    env: { ...rest.env, ...ENVIRONMENT, ...env },
    /** @param {any} FS */
    fsInit: async (FS) => {
      count = mount(FS, dirs, {
        view: () => undefined,
        load({ path, size, part, offset }) {
          onOpen(path);
          return readPiece(descriptors[part], offset, size);
        },
      });
    },
  });
  if (count < 0) throw new Error("this Pyodide ignores the option fsInit of loadPyodide");
  settle(pyodide);
  return { pyodide, close: () => descriptors.forEach(closeSync) };
}

/**
 * @param {number} descriptor of an open file
 * @param {number} offset
 * @param {number} size
 * @returns {Uint8Array}
 */
export function readPiece(descriptor, offset, size) {
  const bytes = new Uint8Array(size);
  for (let done = 0; done < size; ) {
    const count = readSync(descriptor, bytes, done, size - done, offset + done);
    if (count === 0) throw new Error("a file of contents ends early");
    done += count;
  }
  return bytes;
}
