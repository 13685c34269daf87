// The jobs that the build passes to these scripts as JSON, and their results. Each job names the type of its
// result. A test of the build compares its own types with this file, so it has one field per line. The only
// types are string, number, boolean, null, literals, interfaces by name, T[], tuples, Record<string, T> and
// unions.

/** The conditions that a scenario runs under. */
export interface Conditions {
  /** Path of a JavaScript module to import first. */
  prelude: string | null;
  /** Whether the network may be used. */
  network: boolean;
}

export interface Scenario {
  /** Path of the Python file on the build machine. */
  source: string;
  /** Path that it appears to have in Pyodide. */
  filename: string;
}

/** An installation, and what starts it. */
export interface Mounted {
  /** Folder of the Pyodide runtime; ends with a separator. */
  runtime: string;
  /** Path of an empty zip, which replaces that of the standard library. */
  emptyZip: string;
  /** Empty folder, where Pyodide looks for packages that the app loads itself; ends with a separator. */
  packages: string;
  /** Folder of bytecode in Pyodide, without a slash at the end. */
  bytecodeDir: string;
  /** Folder of packages in Pyodide. */
  sitePackages: string;
  /** Further environment of the interpreter. */
  env: Record<string, string>;
  /** The files of each folder. `content` is an index into `contents`. */
  dirs: Record<string, [name: string, size: number, content: number, offset: number][]>;
  /** Paths of the content files on the build machine. */
  contents: string[];
}

/** How a scenario ended, and what can be seen of it from outside. */
export interface Run {
  exception: Exception | null;
  stdout: string;
  /** Imported modules and their files; "" if built in. */
  modules: Record<string, string>;
  seconds: Seconds;
}

export interface Exception {
  type: string;
  message: string;
  traceback: string;
}

export interface Seconds {
  /** From the start of the runtime to the first line of the scenario. */
  boot: number;
  /** The scenario itself. */
  run: number;
}

/** snapshot.mjs; the result is a MadeSnapshot. */
export interface SnapshotJob extends Conditions {
  /** The folder to serve. */
  served: string;
  /** Folder of the Pyodide runtime; ends with a separator. */
  core: string;
  /** Empty folder, where Pyodide looks for packages; ends with a separator. */
  packages: string;
  /** Names of the modules to import, in this order. */
  modules: string[];
  /** Path for the snapshot. */
  file: string;
  /** Path for the result. */
  result: string;
}

export interface MadeSnapshot {
  /** Size of the file. */
  bytes: number;
  /** Size of Python's memory. */
  memory: number;
  /** Digest of the file in hexadecimal. */
  sha256: string;
  /** Checksum of the file. */
  crc32: number;
  /** The imported modules that asked for entropy, and whose state no start renews. */
  random: string[];
}

/** trace.mjs; the result is a Trace. */
export interface TraceJob extends Conditions {
  mounted: Mounted;
  /** Shared libraries to load first, in this order. */
  libraries: string[];
  scenario: Scenario;
  /** File for the bytecode of the modules that the run compiled, if it is wanted. */
  bytecode: string | null;
  /** Path of a WebAssembly module for the core that notes which of its functions ran, if that is wanted. */
  core: string | null;
  /** Paths of the mounted side modules that note which of their functions ran. */
  modules: string[];
  /** Whether they also note what a start from a snapshot runs. */
  renews: boolean;
  /** Path for the result. */
  result: string;
}

export interface Trace extends Run {
  /** Path of each source that the run compiled; offset and size of its bytecode. */
  compiled: [path: string, offset: number, size: number][];
  /** In the order of the first opening. `module` is the one whose code opened the file, "" if unknown. */
  opened: [path: string, phase: "boot" | "run", module: string][];
  /** Numbers of the functions of the core that ran, if it notes them. */
  ran: number[];
  /** The same for each of `modules` that was loaded. */
  ranIn: [path: string, functions: number[]][];
}

/** replay.mjs; the result is a Replayed. */
export interface ReplayJob extends Conditions {
  /** Through loadBundle, or through plain loadPyodide. */
  route: "loader" | "plain";
  /** The folder that is served. */
  served: string;
  /** Path of pyodide-package-bundle.zip. */
  bundle: string;
  /** Path of python_stdlib_stripped.zip. */
  stdlib: string;
  /** Folder of Pyodide's core for plain loadPyodide; ends with a separator. */
  core: string;
  /** Path of a core for the loader that notes which of its functions ran, if that is wanted. */
  noting: string | null;
  /** Path of a snapshot that the loader must start from, if there is one. */
  snapshot: string | null;
  /** Empty folder, as in Mounted. */
  packages: string;
  scenario: Scenario;
  result: string;
}

export interface Replayed extends Run {
  /** Lazy files that were opened. */
  missed: string[];
  /** Chunks of modules that were needed: the starts of their names. */
  cold: string[];
  /** Numbers of the functions of the core that ran, if it notes them. */
  ran: number[];
}

/** startup.mjs; the result is a Learned. */
export interface StartupJob {
  /** The standard library. */
  mounted: Mounted;
  /** Path of a zip that contains only pyodide_pack_loader.py. */
  archive: string;
  /** Path for the bytecode. */
  output: string;
  result: string;
}

export interface Learned {
  /** Python's tag in names of compiled files: cpython-314. */
  tag: string;
  plain: PlainStart;
  /** Path of the source; place of its bytecode in the output. */
  files: [path: string, offset: number, size: number][];
}

/** The needs of a start by plain loadPyodide besides the app, including unpacking a bundle. */
export interface PlainStart {
  /** Paths of files. */
  opened: string[];
  /** Names of imported modules. */
  modules: string[];
}

/** compile.mjs; the result is a CompileResult. */
export interface CompileJob {
  /** The standard library. */
  mounted: Mounted;
  units: CompileUnit[];
  result: string;
}

/** Files of one content file, which are transformed alike. */
export interface CompileUnit {
  /** Path of the content file. */
  content: string;
  files: [path: string, offset: number, size: number][];
  options: CompileOptions;
  /** Path for the transformed contents. */
  output: string;
}

/** The parts of a file to keep. */
export interface CompileOptions {
  /** Whether to compile, instead of stripping the source. */
  bytecode: boolean;
  docstrings: boolean;
  comments: boolean;
  asserts: boolean;
  line_numbers: boolean;
  /** The columns of instructions, which a line number implies. */
  columns: boolean;
}

export interface CompileResult {
  /** For each unit, in its order of files. */
  units: Place[][];
}

/** The result for a file, which has one of the two fields. */
export interface Place {
  /** In the unit's output. */
  done?: [offset: number, size: number];
  /** Why the file has to stay as it is. */
  refused?: string;
}

/** uses.mjs; the result is Uses[], one for each archive. */
export interface UsesJob {
  /** The standard library. */
  mounted: Mounted;
  archives: UsesArchive[];
  result: string;
}

export interface UsesArchive {
  /** Path of the content file. */
  content: string;
  /** Python files, relative to the folder that modules are imported from. */
  files: [path: string, offset: number, size: number][];
}

/** What the code of an archive uses. Lists are sorted. */
export interface Uses {
  /** Files whose own docstrings it uses. */
  own: string[];
  /** Files that use docstrings of other objects. */
  readers: string[];
  /** Top-level modules that may use docstrings of other packages. */
  shares: string[];
  /** Top-level modules that it imports. */
  imports: string[];
  /** Files that read the columns of code. */
  columns: string[];
}

/** benchmark.mjs; the result is a Measured. */
export interface BenchmarkJob extends Conditions {
  side: "plain" | "bundle";
  /** Folder of the Pyodide runtime; ends with a separator. */
  runtime: string;
  /** The folder that is served. */
  served: string;
  /** Folder with wheels of the distribution, named as in its lock file; ends with a separator. */
  wheels: string;
  /** Packages for plain Pyodide to load: names, and paths of other wheels. */
  packages: string[];
  /** The app's files: path in Pyodide, path on the build machine. */
  app: [name: string, path: string][];
  scenario: Scenario;
  result: string;
}

export interface Measured {
  /** Why the scenario did not end well. */
  failure: string | null;
  steps: BenchmarkSteps;
}

/** Seconds, as the report names them; the memory is in bytes. */
export interface BenchmarkSteps {
  load_runtime: number;
  fetch_and_mount: number;
  side_modules: number;
  import_and_run: number;
  total: number;
  peak_memory: number;
}

/** sizes.mjs; the result is number[][], the gzip size of each range of each file. */
export interface SizesJob {
  files: SizesFile[];
  result: string;
}

export interface SizesFile {
  /** Path of the content file. */
  content: string;
  ranges: [offset: number, size: number][];
}

/** digests.mjs; the result is string[], the SHA-256 of each file in hexadecimal. */
export interface DigestsJob {
  files: string[];
  result: string;
}

/** compress.mjs; the result is true. */
export interface CompressJob {
  /** Folder of a Pyodide runtime, for zstd; ends with a separator. */
  runtime: string;
  /** The slowest first. */
  files: CompressFile[];
  result: string;
}

export interface CompressFile {
  source: string;
  target: string;
  encoding: "br" | "gzip" | "zstd";
  level: number;
}

/** repack.mjs; the result is a Repacked. */
export interface RepackJob {
  /** Folder of the Pyodide runtime; ends with a separator. */
  runtime: string;
  /** Path of a zip. */
  archive: string;
  /** Path for the same zip without compression, with each name once and in UTF-8. */
  output: string;
  result: string;
}

export interface Repacked {
  /** Why Python can't read the archive. */
  failure: string | null;
}

/** fetch.mjs; the result is FetchOutcome[], one for each file. */
export interface FetchJob {
  /** Address of the folder that the files are in. */
  base: string;
  files: FetchFile[];
  userAgent: string;
  /** How many files are fetched at the same time. */
  parallel: number;
  /** How many attempts in a row may fail without a new byte. */
  tries: number;
  /** Pause before the second attempt; doubled before each further one. */
  pauseMs: number;
  /** The longest accepted Retry-After. */
  waitMs: number;
  /** The longest time in which nothing arrives. */
  idleMs: number;
  redirects: number;
  /** The size of the largest allowed file. */
  bytes: number;
  result: string;
}

export interface FetchFile {
  /** Name in the base folder, or an address of its own. */
  name: string;
  /** Where the file goes, in a folder of its own. */
  path: string;
  sha256: string;
}

export interface FetchOutcome {
  /** Without credentials. */
  url: string;
  failure: FetchFailure | null;
}

export interface FetchFailure {
  message: string;
  cause: FailureCause;
}

/** Of a request. */
export type FailureCause = "network" | "certificate" | "proxy" | "status" | "content" | "disk";

/** remote.mjs; the result is a RemoteAnswer. Address and token are in the environment, so that no file has them. */
export interface RemoteJob {
  reads: RemoteRead[];
  writes: RemoteWrite[];
  /** Paths on the server whose content is wrong. They are written although they exist. */
  wrong: string[];
  userAgent: string;
  /** How many requests run at the same time. */
  parallel: number;
  /** The longest time until there is a connection. */
  connectMs: number;
  /** The longest time in which nothing is sent and nothing arrives. */
  idleMs: number;
  /** The longest time for everything. */
  totalMs: number;
  redirects: number;
  /** The size of the largest allowed file. */
  bytes: number;
  result: string;
}

export interface RemoteRead {
  /** The name of the entry below `ac/`: 64 hexadecimal digits. */
  key: string;
  /** Where the files of the entry go. */
  folder: string;
}

export interface RemoteWrite {
  key: string;
  files: UploadFile[];
}

export interface UploadFile {
  /** The path in the entry. */
  path: string;
  /** Path of the file. */
  source: string;
  /** How many bytes at its start are not part of the content. */
  skip: number;
}

/** A file of an entry. */
export interface RemoteFile {
  path: string;
  sha256: string;
  bytes: number;
}

export interface RemoteAnswer {
  /** For each entry to read. */
  found: RemoteFound[];
  /** Bytes that were sent. */
  written: number;
  wrong: RemoteWrong[];
  /** Why the server was not used further. */
  failure: RemoteFailure | null;
}

/** null if the server does not have all of it. */
export type RemoteFound = RemoteFile[] | null;

export interface RemoteWrong {
  /** The path on the server. */
  path: string;
  message: string;
}

export interface RemoteFailure {
  message: string;
  /** The status of the answer; 0 without an answer. */
  status: number;
  cause: FailureCause;
}

/** pip_driver.py, which becomes pip; the result is a PipFailure, or nothing. */
export interface PipJob {
  requirements: string[];
  constraints: string[];
  /** Exactly these wheels, without their dependencies and without the distribution. */
  exact: boolean;
  /** The packages of the Pyodide distribution. */
  distribution: [name: string, version: string, depends: string[]][];
  /** Further lines for the metadata of stubs, by package: their extras. */
  extras: Record<string, string[]>;
  /** The tags in the names of stubs. */
  stub_tag: string;
  /** The environment of Pyodide for markers. */
  markers: Record<string, string>;
  platforms: string[];
  /** Version of Python. */
  python: string;
  /** Folders with wheels. */
  find_links: string[];
  offline: boolean;
  /** Folder for temporary files. */
  work: string;
  /** Folder for the wheels. */
  destination: string;
  /** Path for the PipFailure. */
  result: string;
}

/** Requirements that can't be satisfied together. */
export interface PipFailure {
  conflicts: PipConflict[];
}

export interface PipConflict {
  /** The package. */
  name: string;
  requirement: string;
  /** Name and version of the package that states it, or "the constraints"; "" if the job states it. */
  parent: string;
  /** Whether it excludes the distribution's version of the package. */
  excludes: boolean;
  /** The newest version that the requirement allows, if pip can use no allowed file; else "". */
  version: string;
  /** Names of its wheels. If there are none, it is a source distribution only. */
  wheels: string[];
  /** The versions of Python that it needs, if Pyodide has another; else "". */
  python: string;
}
