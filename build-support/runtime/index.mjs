/**
 * The index of a manifest: the files of each folder, written without what can be derived from it.
 *
 * @module
 */

import { STDLIB } from "./eager.mjs";

/** @typedef {import("./manifest.d.mts").WrittenManifest} WrittenManifest */
/** @typedef {import("./packfs.mjs").Dirs} Dirs */

/** The length of a zip entry's header, in bytes, without the name. */
const HEADER = 30;

/**
 * The files of each folder with their offsets: files of a chunk lie in it in the order of the index.
 * @param {WrittenManifest} manifest
 * @returns {Dirs}
 */
export function filesOf({ dirs: written, offsets = {}, chunks, paths: { bytecode, stdlib, tag } }) {
  const encoder = new TextEncoder();
  /** @type {Dirs} */
  const dirs = {};
  /** @type {number[]} where the next entry of each chunk begins */
  const ends = [];
  /** @type {(dir: string, name: string, zipped: string, size: number, chunk: number) => void} */
  const add = (dir, name, zipped, size, chunk) => {
    // The zip of the standard library is rooted at its folder, the others at `/`.
    const isStdlib = chunks[chunk]?.eager && chunks[chunk].package === STDLIB && zipped.startsWith(`${stdlib}/`);
    const { length } = encoder.encode(zipped.slice(isStdlib ? stdlib.length + 1 : 1));
    const offset = offsets[`${dir}/${name}`] ?? (ends[chunk] ?? 0) + HEADER + length;
    ends[chunk] = offset + size;
    (dirs[dir] ??= []).push([name, size, chunk, offset]);
  };
  for (const [dir, entries] of Object.entries(written)) {
    dirs[dir] ??= [];
    for (const entry of entries) {
      const [name, size, chunk] = entry;
      add(dir, name, `${dir}/${name}`, size, chunk);
      if (entry.length === 3) continue;
      const [, , , codeSize, codeChunk] = entry;
      add(bytecode + dir, name.replace(/\.py$/, `.${tag}.pyc`), `${dir}/${name}c`, codeSize, codeChunk);
    }
  }
  return dirs;
}
