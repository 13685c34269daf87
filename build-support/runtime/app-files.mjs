/**
 * The app's files in Python's file system, as an edit replaces them.
 *
 * @module
 */

/** @typedef {import("./manifest.d.mts").Manifest} Manifest */
/** @typedef {import("./manifest.d.mts").Chunk} Chunk */
/** @typedef {(file: import("./packfs.mjs").PackFile) => Uint8Array | undefined} View */

/**
 * Whether a chunk, if it exists, has the app's files. They are eager in a development build.
 * @param {Chunk | undefined} chunk
 */
export function isOfApp(chunk) {
  return chunk !== undefined && chunk.eager && chunk.package === "app";
}

export class AppFiles {
  #FS;
  /** @type {Map<string, Uint8Array>} path -> content, as the last build made it */
  #files;
  /** @type {Set<string>} */
  #folders;

  /**
   * @param {any} FS
   * @param {Manifest} manifest whose files are mounted
   * @param {View} view
   */
  constructor(FS, manifest, view) {
    this.#FS = FS;
    this.#files = contents(manifest, view);
    this.#folders = foldersOf(manifest);
  }

  /**
   * Writes the files that differ, and removes those that are gone. Other files stay, and so do changes that
   * the program made to files that do not differ.
   * @param {Manifest} manifest
   * @param {View} view
   * @returns {string[]} the paths of both
   */
  update(manifest, view) {
    const files = contents(manifest, view);
    const folders = foldersOf(manifest);
    const removed = [...this.#files.keys()].filter((path) => !files.has(path));
    const written = [...files].filter(([path, content]) => !areSame(content, this.#files.get(path)));
    this.#files = files;
    for (const path of removed) this.#remove("unlink", path);
    // The innermost first. A folder with files of the program stays.
    const left = [...this.#folders].filter((folder) => !folders.has(folder)).sort((a, b) => b.length - a.length);
    for (const folder of left) this.#remove("rmdir", folder);
    this.#folders = folders;
    for (const folder of folders) this.#FS.mkdirTree(folder);
    for (const [path, content] of written) this.#write(path, content);
    return [...removed, ...written.map(([path]) => path)];
  }

  /**
   * @param {"unlink" | "rmdir"} how
   * @param {string} path
   */
  #remove(how, path) {
    try {
      this.#FS[how](path);
    } catch {
      // The program removed it, or put something else there.
    }
  }

  /**
   * @param {string} path
   * @param {Uint8Array} content
   */
  #write(path, content) {
    this.#remove("unlink", path); // who has it open goes on with the old content
    try {
      this.#FS.writeFile(path, content);
    } catch (cause) {
      throw new Error(`${path} could not be written: the program made something else at its path`, { cause });
    }
  }
}

/**
 * @param {Manifest} manifest
 * @param {View} view
 * @returns {Map<string, Uint8Array>}
 */
function contents({ dirs, chunks }, view) {
  const files = new Map();
  for (const [dir, entries] of Object.entries(dirs)) {
    for (const [name, size, container, offset] of entries) {
      if (!isOfApp(chunks[container])) continue;
      const path = `${dir}/${name}`;
      files.set(path, view({ path, size, container, offset }) ?? new Uint8Array(0));
    }
  }
  return files;
}

/**
 * All folders of the app, also those that have only folders.
 * @param {Manifest} manifest
 */
function foldersOf({ dirs, paths: { app } }) {
  /** @type {Set<string>} */
  const folders = new Set();
  for (const dir of Object.keys(dirs)) {
    for (let folder = dir; folder.startsWith(`${app}/`); folder = folder.slice(0, folder.lastIndexOf("/"))) {
      folders.add(folder);
    }
  }
  return folders;
}

/**
 * @param {Uint8Array} content
 * @param {Uint8Array} [other]
 */
function areSame(content, other) {
  return content.length === other?.length && content.every((byte, at) => byte === other[at]);
}
