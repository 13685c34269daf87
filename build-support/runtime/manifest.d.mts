// The content of `manifest.json`, schema 4: the build writes it, the loader reads it. A test of the build
// compares this file with what it writes, so it has one field per line.

/** An encoding of compressed copies: `FILE.zst`, `FILE.gz`. */
export type Copy = "zstd" | "gzip";

export interface WrittenManifest {
  schema: number;
  /** The `RELEASE` of the loader that the build wrote beside it. */
  loader: string;
  /** The compressed copies beside each eager chunk, the smallest first. */
  copies: Copy[];
  /** Whether the build made a service worker. */
  serviceWorker: boolean;
  /** Whether it is a development build, whose app can be replaced while Python runs. */
  development?: boolean;
  pyodide: Core;
  paths: Paths;
  /** Eager chunks come first. */
  chunks: Chunk[];
  packages: Package[];
  /** In load order. */
  sideModules: SideModule[];
  /**
   * The files of each folder, and the bytecode of each. A file whose chunk number is not in `chunks` can be seen, but
   * not opened. Files of a chunk lie in it in this order.
   */
  dirs: Record<string, IndexEntry[]>;
  /** The offsets that do not follow from the order, by path. */
  offsets?: Record<string, number>;
  /** Python's memory after the imports of the app, if the build made a snapshot. */
  snapshot?: SnapshotFile;
  /** Files that are not in the bundle: package -> folder -> names. */
  omitted: Record<string, Record<string, string[]>>;
}

export type IndexEntry = FileEntry | CompiledEntry;

export type FileEntry = [name: string, size: number, chunk: number];

/** A source, and its bytecode. */
export type CompiledEntry = [name: string, size: number, chunk: number, codeSize: number, codeChunk: number];

/** What the loader makes of it: with the places of all files. */
export type Manifest = Omit<WrittenManifest, "dirs" | "offsets"> & { dirs: import("./packfs.mjs").Dirs };

/** Pyodide's core. */
export interface Core {
  version: string;
  /** Its folder beside the manifest, with a slash at its end. */
  folder: string;
  /** Bytes of `pyodide.asm.wasm`. */
  bytes: number;
  /** Original name of the JavaScript file of the WebAssembly module. */
  asm: string;
  /** Where Pyodide fetches packages from by default. */
  packageBaseUrl: string | null;
  /** The environment that the interpreter needs. */
  env: Record<string, string>;
  /** The module in parts, if the build split it. */
  split?: SplitCore;
}

/** A module like `pyodide.asm.wasm`, without the functions that the app did not run. */
export interface SplitCore {
  file: string;
  bytes: number;
  /** By the numbers of their functions, ascending. */
  chunks: FunctionChunk[];
}

/** A module with functions of a split one. */
export interface FunctionChunk {
  file: string;
  bytes: number;
  /** In base64. */
  sha256: string;
  crc32: number;
  /** The place of the first function in the module's table. */
  first: number;
  /** How many functions it has, one after the other. */
  functions: number;
}

/** Folders of Pyodide's file system, without a slash at the end; `tag` is in names of bytecode: `cpython-3YY`. */
export interface Paths {
  /** The bytecode of `/lib/x.py` is `BYTECODE/lib/x.cpython-3YY.pyc`. */
  bytecode: string;
  app: string;
  stdlib: string;
  tag: string;
}

/** A zip that is served, of uncompressed entries. */
export interface Chunk {
  /** Name relative to the folder of the manifest. */
  file: string;
  bytes: number;
  /** In base64. */
  sha256: string;
  crc32: number;
  /** Whether it is loaded at the start. */
  eager: boolean;
  /** Whether only programs that look at files read it: sources of bytecode, and whole modules of split ones. */
  source?: boolean;
  package: string;
  /** Its offset in pyodide-package-bundle.zip; of a lazy chunk, in pyodide-package-lazy.zip. */
  embedded?: number;
}

/** A snapshot of Python's memory. */
export interface SnapshotFile {
  /** Name relative to the folder of the manifest. */
  file: string;
  bytes: number;
  /** In base64. */
  sha256: string;
  crc32: number;
  /** `first`: at each start; `idle`: fetched after a start, and used from the next one on. */
  use: "first" | "idle";
}

/** A package of the bundle. */
export interface Package {
  name: string;
  version: string;
  /** Its value in Pyodide's `loadedPackages`. */
  channel: string;
}

/** A side module of the bundle. */
export interface SideModule {
  path: string;
  /** Whether it is a shared library, which others link to. */
  library: boolean;
  bytes: number;
  /** The functions that the app did not run, if the build split it. */
  split?: SplitModule;
}

/** What a side module without some functions needs. */
export interface SplitModule {
  /** The size of its table for functions. */
  table: number;
  /** The place of the module without these functions; its path has the whole one. */
  chunk: number;
  offset: number;
  bytes: number;
  /** By the numbers of their functions, ascending. */
  chunks: FunctionChunk[];
}
