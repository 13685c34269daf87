/**
 * Mounts an index of files into Pyodide's in-memory file system before the interpreter starts.
 *
 * Every file of the index exists at once: `stat`, `listdir` and the importer see it with its size. Its
 * content is a view into bytes that have arrived, or it is loaded when the file is first opened. Traces,
 * replays and production all mount with this module, and differ only in their {@link Source}.
 *
 * @module
 */

/**
 * One file: name, size in bytes, number of its container, offset in it. A container is a chunk of the
 * bundle, or in traces a content file of the build.
 * @typedef {[name: string, size: number, container: number, offset: number]} Entry
 */

/**
 * The files of each folder, by the folder's absolute path. An empty list makes an empty folder.
 * @typedef {Record<string, Entry[]>} Dirs
 */

/**
 * @typedef {object} PackFile
 * @property {string} path absolute path in Pyodide's file system
 * @property {number} size in bytes
 * @property {number} container number of the container that holds the content
 * @property {number} offset of the content in it
 */

/**
 * Where contents come from.
 * @typedef {object} Source
 * @property {string} bytecodeDir folder of bytecode, without a slash at the end; see {@link sourceOf}
 * @property {(file: PackFile) => Uint8Array | undefined} view the content if it has arrived already. It is
 *   never written to and never copied, so it may be a view into a larger buffer
 * @property {(file: PackFile) => Uint8Array} load called when a file without a view is first opened. If it
 *   throws, `open` fails, with `ENOENT` if that is the error's `code`, else with `EIO`, and the next `open`
 *   tries again
 * @property {(path: string) => void} [absent] called when a program looks for a path that does not exist
 */

/** Regular file, readable and writable for all, as Pyodide installs files. */
const MODE = 0o100666;
/** Emscripten's numbers. */
const EIO = 29;
const ENOENT = 44;

/**
 * The installed file that a mounted one is made of: the bytecode of `/lib/x.py` is
 * `/pyc/lib/x.cpython-314.pyc`. Other files are their own source.
 * @param {string} path
 * @param {string} bytecodeDir `/pyc`
 */
export function sourceOf(path, bytecodeDir) {
  if (!path.startsWith(`${bytecodeDir}/`)) return path;
  return path.slice(bytecodeDir.length).replace(/\.[^./]+\.pyc$/, ".py");
}

/**
 * @param {any} FS Pyodide's file system
 * @param {Dirs} dirs
 * @param {Source} source
 * @param {boolean} [replace] whether a file replaces one that exists already
 * @returns {number} how many files were mounted
 */
export function mount(FS, dirs, source, replace = true) {
  const files = new PackedFiles(FS, source);
  let count = 0;
  for (const [dir, entries] of Object.entries(dirs)) {
    FS.mkdirTree(dir);
    const parent = FS.lookupPath(dir).node;
    if (source.absent !== undefined) watchLookups(parent, dir, source.absent);
    for (const entry of entries) {
      if (replace || parent.contents[entry[0]] === undefined) files.add(parent, dir, entry);
    }
    count += entries.length;
  }
  return count;
}

/**
 * Splits an index into what Python's start may see, and the packages, which appear after it as in plain
 * Pyodide. Otherwise `site` would run `.pth` files and `sitecustomize`, which plain Pyodide never runs.
 * @template {Dirs} D
 * @param {D} dirs
 * @param {string} sitePackages folder of the packages
 * @param {string} bytecodeDir as in {@link Source}
 * @returns {[before: D, after: D]}
 */
export function splitAtStart(dirs, sitePackages, bytecodeDir) {
  const roots = [sitePackages, bytecodeDir + sitePackages];
  const isLate = (/** @type {string} */ dir) => roots.some((root) => dir === root || dir.startsWith(`${root}/`));
  const entries = Object.entries(dirs);
  const early = entries.filter(([dir]) => !isLate(dir));
  const late = entries.filter(([dir]) => isLate(dir));
  // `site` adds the folder to the search path only if it exists.
  early.push([sitePackages, []]);
  return [/** @type {D} */ (Object.fromEntries(early)), /** @type {D} */ (Object.fromEntries(late))];
}

/** Files of Emscripten's MEMFS whose content belongs to a {@link Source} until they are written to. */
class PackedFiles {
  #FS;
  #source;
  /** @type {WeakMap<object, PackFile>} nodes whose content has not been loaded yet */
  #unloaded = new WeakMap();
  /** @type {WeakMap<object, string>} nodes, with the paths at which they were mounted */
  #paths = new WeakMap();
  #nodeOps;
  #streamOps;

  /**
   * @param {any} FS
   * @param {Source} source
   */
  constructor(FS, source) {
    this.#FS = FS;
    this.#source = source;
    const { MEMFS } = FS.filesystems;
    this.#nodeOps = this.#nodeOperations(MEMFS.node_ops);
    this.#streamOps = this.#streamOperations(MEMFS.stream_ops);
  }

  /**
   * @param {any} parent node of the folder
   * @param {string} dir its path
   * @param {Entry} entry
   */
  add(parent, dir, [name, size, container, offset]) {
    const FS = this.#FS;
    if (parent.contents[name] !== undefined) FS.unlink(`${dir}/${name}`);
    const file = { path: dir === "/" ? `/${name}` : `${dir}/${name}`, size, container, offset };
    const node = FS.filesystems.MEMFS.createNode(parent, name, MODE, 0);
    node.packfsPlain = { node: node.node_ops, stream: node.stream_ops };
    node.usedBytes = size;
    const view = this.#source.view(file);
    if (view === undefined) this.#unloaded.set(node, file);
    else node.contents = view;
    node.node_ops = this.#nodeOps;
    node.stream_ops = this.#streamOps;
    this.#paths.set(node, file.path);
  }

  /** @param {any} plain those of MEMFS */
  #nodeOperations(plain) {
    return {
      getattr: plain.getattr,
      /** @type {(node: any, attributes: any) => void} */
      setattr: (node, attributes) => {
        if (attributes.size !== undefined && attributes.size !== null) {
          this.#own(node, attributes.size > 0);
        }
        plain.setattr(node, attributes);
      },
    };
  }

  /** @param {any} plain those of MEMFS */
  #streamOperations(plain) {
    return {
      llseek: plain.llseek,
      read: plain.read,
      mmap: plain.mmap,
      /** @param {any} stream */
      open: ({ node }) => {
        if (this.#isStale(this.#paths.get(node) ?? "")) throw new this.#FS.ErrnoError(ENOENT);
        this.#load(node);
      },
      /** @type {(stream: any, ...rest: any[]) => number} */
      write: (stream, ...rest) => {
        this.#own(stream.node, true);
        return plain.write(stream, ...rest);
      },
      /** @type {(stream: any, buffer: any, offset: number, length: number) => number} */
      msync: (stream, buffer, offset, length) => {
        this.#own(stream.node, true);
        plain.write(stream, buffer, 0, length, offset, false);
        return 0;
      },
    };
  }

  /**
   * Turns a file into a plain one of MEMFS, with bytes of its own.
   * @param {any} node
   * @param {boolean} keep whether the old content is still needed
   */
  #own(node, keep) {
    if (node.stream_ops !== this.#streamOps) return;
    if (keep) {
      this.#load(node);
      node.contents = node.contents.slice();
    } else {
      node.contents = new Uint8Array(0);
      node.usedBytes = 0;
    }
    this.#unloaded.delete(node);
    node.node_ops = node.packfsPlain.node;
    node.stream_ops = node.packfsPlain.stream;
  }

  /** @param {any} node */
  #load(node) {
    const file = this.#unloaded.get(node);
    if (file === undefined) return;
    let bytes;
    try {
      bytes = this.#source.view(file) ?? this.#source.load(file);
      if (bytes.length !== file.size) {
        throw new Error(`${file.path}: ${bytes.length} bytes instead of ${file.size}`);
      }
    } catch (error) {
      const { code } = /** @type {{ code?: unknown }} */ (error);
      throw new this.#FS.ErrnoError(code === "ENOENT" ? ENOENT : EIO);
    }
    node.contents = bytes;
    this.#unloaded.delete(node);
  }

  /**
   * Whether a file is bytecode whose source is not the mounted one any more: it was written to or removed, or
   * another file was moved, linked or mounted to its path.
   * @param {string} path of a mounted file
   */
  #isStale(path) {
    const { bytecodeDir } = this.#source;
    if (!path.startsWith(`${bytecodeDir}/`)) return false;
    const source = sourceOf(path, bytecodeDir);
    try {
      const { node } = this.#FS.lookupPath(source);
      return node.stream_ops !== this.#streamOps || this.#paths.get(node) !== source;
    } catch {
      return true;
    }
  }
}

/**
 * @param {any} node of a folder
 * @param {string} dir
 * @param {(path: string) => void} absent
 */
function watchLookups(node, dir, absent) {
  const { node_ops: plain } = node;
  node.node_ops = {
    ...plain,
    /** @type {(parent: any, name: string) => any} */
    lookup(parent, name) {
      absent(`${dir}/${name}`);
      return plain.lookup(parent, name);
    },
  };
}

/**
 * Gives mounted files other content while an action runs.
 * @param {any} FS
 * @param {Map<string, Uint8Array>} contents by path
 * @param {() => Promise<void>} action
 */
export async function withContents(FS, contents, action) {
  const restore = Array.from(contents, ([path, content]) => {
    const { node } = FS.lookupPath(path);
    const { contents, usedBytes, node_ops, stream_ops } = node;
    const { node: plainNode, stream: plainStream } = node.packfsPlain;
    Object.assign(node, { contents: content, usedBytes: content.length, node_ops: plainNode, stream_ops: plainStream });
    return () => Object.assign(node, { contents, usedBytes, node_ops, stream_ops });
  });
  try {
    await action();
  } finally {
    for (const undo of restore) undo();
  }
}

/**
 * Loads shared libraries in this order, with their symbols visible to all later side modules. They must
 * be loaded before a module that links to them is imported.
 *
 * @param {any} pyodide
 * @param {string[]} paths
 */
export async function loadLibraries(pyodide, paths) {
  // Private, but what loadPackage itself calls, in all supported versions.
  for (const path of paths) await pyodide._api.loadDynlib(path, true, []);
}

/**
 * Completes the start of an interpreter whose standard library consists of files, and whose packages
 * appeared after the start. From 315 on, `encodings` is frozen, and looks for its other modules in the zip,
 * which is empty.
 *
 * @param {any} pyodide
 */
export function settle(pyodide) {
  const names = pyodide.globals.get("dict")();
  pyodide.runPython(
    `
import encodings, sys
zipped = "/lib/python%d%d.zip/" % sys.version_info[:2]
unzipped = "/lib/python%d.%d/" % sys.version_info[:2]
encodings.__path__[:] = [path.replace(zipped, unzipped) for path in encodings.__path__]
for finder in sys.path_importer_cache.values():
    if finder is not None:
        finder.invalidate_caches()
`,
    { globals: names },
  );
  names.destroy();
}
