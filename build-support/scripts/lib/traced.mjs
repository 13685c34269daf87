/**
 * A Pyodide whose file system has an installation, and that reports which of its files are opened.
 *
 * @module
 */

import { closeSync, openSync, readSync } from "node:fs";

import { mount, settle, splitAtStart } from "../../runtime/packfs.mjs";
import { ENVIRONMENT, startPyodide } from "./pyodide.mjs";

/**
 * @param {import("../jobs.d.ts").Mounted} mounted
 * @param {(path: string) => void} onOpen called for each file when it is first opened
 * @param {{ env?: Record<string, string>, options?: object }} [more] environment, and options of `loadPyodide`
 * @returns {Promise<{ pyodide: any, close: () => void }>}
 */
export async function startTraced(mounted, onOpen, { env, options } = {}) {
  const { runtime, emptyZip, packages, bytecodeDir, sitePackages, contents } = mounted;
  const descriptors = contents.map((path) => openSync(path, "r"));
  const [dirs, packageDirs] = splitAtStart(mounted.dirs, sitePackages, bytecodeDir);
  /** @type {import("../../runtime/packfs.mjs").Source} */
  const source = {
    bytecodeDir,
    view: () => undefined,
    load({ path, size, container, offset }) {
      onOpen(path);
      return readPiece(descriptors[container], offset, size);
    },
  };
  let count = -1;
  const pyodide = await startPyodide(runtime, {
    ...options,
    packageBaseUrl: packages,
    packageCacheDir: packages,
    stdLibURL: emptyZip,
    env: { ...mounted.env, ...ENVIRONMENT, ...env },
    /** @param {any} FS */
    fsInit: async (FS) => {
      count = mount(FS, dirs, source);
    },
  });
  if (count < 0) throw new Error("this Pyodide ignores the option fsInit of loadPyodide");
  mount(pyodide.FS, packageDirs, source, false);
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
    if (count === 0) throw new Error("a content file ends early");
    done += count;
  }
  return bytes;
}
