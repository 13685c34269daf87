/**
 * Mounts an index of files into Pyodide's in-memory file system before the interpreter starts.
 *
 * Every file of the index exists at once: `stat`, `listdir` and the importer see it with its size.
 * Its content is a view into bytes that are already here, or it is loaded when the file is first
 * opened. Tracing, validation and production all mount with this module and differ only in
 * their {@link Source}.
 *
 * @module
 */

/**
 * One file: name, size in bytes, number of the part that holds it, offset in that part.
 * @typedef {[name: string, size: number, part: number, offset: number]} Entry
 */

/**
 * The files of each folder, by the folder's absolute path; an empty list makes an empty folder.
 * @typedef {Record<string, Entry[]>} Dirs
 */

/**
 * @typedef {object} PackFile
 * @property {string} path absolute path in Pyodide's file system
 * @property {number} size in bytes
 * @property {number} part number of the part that holds the content
 * @property {number} offset of the content in that part
 */

/**
 * Where contents come from.
 * @typedef {object} Source
 * @property {(file: PackFile) => Uint8Array | undefined} view the content if it is here already; never
 *   written to and never copied, so it may be a view into a larger buffer
 * @property {(file: PackFile) => Uint8Array} load called when a file without a view is first
 *   opened; if it throws, `open` fails, with `ENOENT` if that is the error's `code`, else with `EIO`, and
 *   the next `open` tries again
 * @property {(path: string) => void} [absent] called when a path is asked for that is not there
 */

/** Regular file, readable and writable for all: what an installation by Pyodide has. */
const MODE = 0o100666;
/** Emscripten's numbers. */
const EIO = 29;
const ENOENT = 44;
/** Where bytecode lies: `/pyc/lib/x.cpython-314.pyc` is that of `/lib/x.py`. */
const BYTECODE_DIR = "/pyc/";

/**
 * @param {any} FS Pyodide's file system
 * @param {Dirs} dirs
 * @param {Source} source
 * @returns {number} how many files were mounted
 */
export function mount(FS, dirs, source) {
  const MEMFS = FS.filesystems.MEMFS;
  const plain = MEMFS.stream_ops;

  /** @type {WeakMap<object, PackFile>} nodes whose content has not been loaded yet */
  const cold = new WeakMap();
  /** @type {WeakMap<object, PackFile>} */
  const bytecode = new WeakMap();

  /**
   * Gives a node bytes of its own, so that it is a plain file of the file system from here on.
   * @param {any} node
   * @param {boolean} keep whether the old content is still wanted
   */
  function own(node, keep) {
    if (node.stream_ops !== streamOps) return;
    if (keep) {
      warm(node);
      node.contents = node.contents.slice();
    } else {
      node.contents = new Uint8Array(0);
      node.usedBytes = 0;
    }
    cold.delete(node);
    node.node_ops = node.packfsPlain.node;
    node.stream_ops = node.packfsPlain.stream;
  }

  /** @param {any} node */
  function warm(node) {
    const file = cold.get(node);
    if (file === undefined) return;
    let bytes;
    try {
      bytes = source.load(file);
      if (bytes.length !== file.size) {
        throw new Error(`${file.path}: ${bytes.length} bytes instead of ${file.size}`);
      }
    } catch (error) {
      const { code } = /** @type {{ code?: unknown }} */ (error);
      throw new FS.ErrnoError(code === "ENOENT" ? ENOENT : EIO);
    }
    node.contents = bytes;
    cold.delete(node);
  }

  /**
   * Bytecode holds only as long as its source is the one that was mounted.
   * @param {PackFile} file
   */
  function isStale({ path }) {
    const source = path.slice(BYTECODE_DIR.length - 1).replace(/\.[^./]+\.pyc$/, ".py");
    try {
      return FS.lookupPath(source).node.stream_ops !== streamOps;
    } catch {
      return true;
    }
  }

  const streamOps = {
    llseek: plain.llseek,
    read: plain.read,
    mmap: plain.mmap,
    /** @param {any} stream */
    open({ node }) {
      const file = bytecode.get(node);
      if (file !== undefined && isStale(file)) throw new FS.ErrnoError(ENOENT);
      warm(node);
    },
    /** @type {(stream: any, ...rest: any[]) => number} */
    write(stream, ...rest) {
      own(stream.node, true);
      return plain.write(stream, ...rest);
    },
    /** @type {(stream: any, buffer: any, offset: number, length: number) => number} */
    msync(stream, buffer, offset, length) {
      own(stream.node, true);
      plain.write(stream, buffer, 0, length, offset, false);
      return 0;
    },
  };
  const nodeOps = {
    getattr: MEMFS.node_ops.getattr,
    /** @type {(node: any, attributes: any) => void} */
    setattr(node, attributes) {
      if (attributes.size !== undefined && attributes.size !== null) {
        own(node, attributes.size > 0);
      }
      MEMFS.node_ops.setattr(node, attributes);
    },
  };

  let count = 0;
  for (const [dir, entries] of Object.entries(dirs)) {
    FS.mkdirTree(dir);
    const parent = FS.lookupPath(dir).node;
    if (source.absent !== undefined) watchLookups(parent, dir, source.absent);
    for (const [name, size, part, offset] of entries) {
      if (parent.contents[name] !== undefined) FS.unlink(`${dir}/${name}`);
      const file = { path: dir === "/" ? `/${name}` : `${dir}/${name}`, size, part, offset };
      const node = MEMFS.createNode(parent, name, MODE, 0);
      node.packfsPlain = { node: node.node_ops, stream: node.stream_ops };
      node.usedBytes = size;
      const here = source.view(file);
      if (here === undefined) cold.set(node, file);
      else node.contents = here;
      node.node_ops = nodeOps;
      node.stream_ops = streamOps;
      if (file.path.startsWith(BYTECODE_DIR)) bytecode.set(node, file);
      count += 1;
    }
  }
  return count;
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
 * Loads shared libraries, in this order, with their symbols visible to all later side modules:
 * they must be there before the first module that needs them is imported.
 *
 * @param {any} pyodide
 * @param {string[]} paths
 */
export async function loadLibraries(pyodide, paths) {
  // Private, but what loadPackage itself calls, in all supported versions.
  for (const path of paths) await pyodide._api.loadDynlib(path, true, []);
}

/**
 * Completes the start of an interpreter whose standard library lies in files. From 315 on
 * `encodings` is frozen, and looks for its other modules in the zip, which is empty.
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
`,
    { globals: names },
  );
  names.destroy();
}
