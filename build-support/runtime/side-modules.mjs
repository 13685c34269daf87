/**
 * The side modules of the bundle. They are instantiated before Python imports them: compiled side by side, and while
 * other files arrive.
 *
 * @module
 */

import { loadLibraries, withContents } from "./packfs.mjs";
import { ON_PAGE, SYNCHRONOUS_COMPILE_LIMIT } from "./platform.mjs";

/** @typedef {import("./manifest.d.mts").Manifest} Manifest */
/** @typedef {import("./packfs.mjs").PackFile} PackFile */
/** The shortest content of a module. */
const WASM_START = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
/** @typedef {{ path: string, library: boolean, isSplit: boolean, file: PackFile }} SideModule */

export class SideModules {
  /** @type {SideModule[]} in the order in which the app loaded them */
  #all;

  /** @param {Manifest} manifest */
  constructor({ sideModules, dirs }) {
    this.#all = sideModules.flatMap(({ path, library, split }) => {
      const file = split === undefined ? fileAt(path, dirs) : primaryOf(path, split);
      return file === undefined ? [] : [{ path, library, isSplit: split !== undefined, file }];
    });
  }

  /** Their paths, in that order. */
  get paths() {
    return this.#all.map(({ path }) => path);
  }

  /**
   * Whether a chunk has some of them.
   * @param {number} chunk
   */
  areIn(chunk) {
    return this.#all.some(({ file }) => file.container === chunk);
  }

  /**
   * Loads those that have arrived. Python finds them loaded when it imports them, and loads the others then.
   * @param {any} pyodide
   * @param {(file: PackFile) => Uint8Array | undefined} view
   */
  async load(pyodide, view) {
    const { LDSO, GOT, loadWebAssemblyModule } = pyodide._module;
    const isKnown = [LDSO?.loadedLibsByName, GOT, loadWebAssemblyModule].every((part) => part !== undefined);
    const compiled = this.#all.map(({ library, file }) => {
      const bytes = library || !isKnown ? undefined : view(file);
      return bytes && !isTooLarge(file) ? WebAssembly.compile(/** @type {BufferSource} */ (bytes)) : undefined;
    });
    // What can't be compiled fails when it is imported, if it is.
    compiled.forEach((module) => module?.catch(() => {}));
    /** @type {Map<string, Uint8Array>} */
    const primaries = new Map();
    for (const { path, isSplit, file } of this.#all) {
      const primary = isSplit ? view(file) : undefined;
      if (primary !== undefined) primaries.set(path, primary);
    }
    // Emscripten also reads the files of modules that others link to.
    await withContents(pyodide.FS, primaries, () => this.#instantiateAll(pyodide, compiled));
  }

  /**
   * Loads all before Python starts, each at the address that follows from the order.
   * @param {any} emscripten Pyodide's module
   * @param {(file: PackFile) => Uint8Array | undefined} view
   */
  async preload(emscripten, view) {
    const { LDSO, HEAPU8, getDylinkMetadata, growMemory, loadDynamicLibrary } = emscripten;
    const bytes = this.#all.map(({ file }) => /** @type {Uint8Array<ArrayBuffer>} */ (view(file)));
    // A page may only instantiate a large one while it compiles it.
    const modules = await Promise.all(this.#all.map(({ file }, at) => (isTooLarge(file) ? bytes[at] : WebAssembly.compile(bytes[at]))));
    // Before Python starts, Emscripten takes memory without making it longer.
    const needed = modules.map(getDylinkMetadata).reduce((sum, { memorySize, memoryAlign }) => sum + memorySize + (2 << memoryAlign), 0);
    if (HEAPU8.length < emscripten.___heap_base + needed) growMemory(HEAPU8.length + needed);
    /** @type {string[]} */
    const aliases = [];
    for (const [number, { path, library }] of this.#all.entries()) {
      await instantiate(path, modules[number], emscripten, number < modules.length - 1);
      if (!library) continue;
      loadDynamicLibrary(path, { global: true, nodelete: true });
      // Modules name the libraries that they link to without their folders.
      const alias = path.slice(path.lastIndexOf("/") + 1);
      LDSO.loadedLibsByName[alias] = LDSO.loadedLibsByName[path];
      aliases.push(alias);
    }
    for (const alias of aliases) delete LDSO.loadedLibsByName[alias];
  }

  /**
   * Makes Python know those that are instantiated, so that imports read no files for them.
   * @param {any} pyodide
   */
  async open(pyodide) {
    // Emscripten reads them all the same.
    const contents = new Map(this.#all.map(({ path }) => [path, WASM_START]));
    await withContents(pyodide.FS, contents, async () => {
      for (const { path, library } of this.#all) await pyodide._api.loadDynlib(path, library, []);
    });
  }

  /**
   * @param {any} pyodide
   * @param {(Promise<WebAssembly.Module> | undefined)[]} compiled
   */
  async #instantiateAll(pyodide, compiled) {
    await loadLibraries(pyodide, this.#all.filter(({ library }) => library).map(({ path }) => path));
    for (const [number, { path, library, file }] of this.#all.entries()) {
      // One after the other: a page answers meanwhile.
      const module = await compiled[number]?.catch(() => undefined);
      // Private, but what loadPackage itself calls, in all supported versions.
      const load = () => pyodide._api.loadDynlib(path, false, []);
      if (module !== undefined) {
        try {
          await instantiate(path, module, pyodide._module);
        } catch {
          // Its import fails in the same way, if there is one.
        }
        // From now on, Emscripten knows the path, and the import reads no file.
        await load().catch(() => {});
      } else if (!library && isTooLarge(file)) await load();
    }
  }
}

/**
 * Whether this thread can't compile it without returning to the event loop.
 * @param {PackFile} file
 */
function isTooLarge({ size }) {
  return ON_PAGE && size > SYNCHRONOUS_COMPILE_LIMIT;
}

/**
 * @param {string} path
 * @param {WebAssembly.Module | Uint8Array} module or its bytes
 * @param {any} emscripten Pyodide's module
 * @param {boolean} [allowUndefined] whether later modules may define its symbols
 */
async function instantiate(path, module, { LDSO, GOT, loadWebAssemblyModule }, allowUndefined = false) {
  if (LDSO.loadedLibsByName[path] !== undefined) return;
  moveKnown(GOT);
  const loadAsync = module instanceof Uint8Array;
  const exports = await loadWebAssemblyModule(module, { global: false, nodelete: true, allowUndefined, loadAsync }, path, {});
  LDSO.loadedLibsByName[path] = { refcount: Infinity, name: path, exports, global: false };
}

/**
 * Moves symbols whose address is known to the object's prototype. There they are found, but not listed: after each
 * module, Emscripten lists all symbols, to find those whose address is not known.
 * @param {Record<string, WebAssembly.Global>} symbols
 */
function moveKnown(symbols) {
  let known = Object.getPrototypeOf(symbols);
  if (known === Object.prototype) {
    known = {};
    Object.setPrototypeOf(symbols, known);
  }
  for (const [name, entry] of Object.entries(symbols)) {
    // Both stand for unknown addresses, in different versions.
    if (entry.value === 0 || entry.value === -1) continue;
    known[name] = entry;
    delete symbols[name];
  }
}

/**
 * The place of a module without the functions that did not run.
 * @param {string} path
 * @param {import("./manifest.d.mts").SplitModule} split
 * @returns {PackFile}
 */
function primaryOf(path, { bytes, chunk, offset }) {
  return { path, size: bytes, container: chunk, offset };
}

/**
 * @param {string} path
 * @param {Manifest["dirs"]} dirs
 * @returns {PackFile | undefined}
 */
function fileAt(path, dirs) {
  const slash = path.lastIndexOf("/");
  const entry = dirs[path.slice(0, slash)]?.find(([name]) => name === path.slice(slash + 1));
  if (entry === undefined) return undefined;
  const [, size, container, offset] = entry;
  return { path, size, container, offset };
}
