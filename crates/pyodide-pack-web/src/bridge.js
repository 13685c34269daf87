/**
 * Imports a module from an address that is known only at run time, which Rust can't do.
 *
 * @module
 */

/**
 * The object that `loadWorker` resolves to.
 * @typedef {object} WorkerPython
 * @property {(path: string, ...args: unknown[]) => Promise<unknown>} call
 * @property {(code: string) => Promise<unknown>} run
 * @property {() => string[]} misses
 * @property {() => void} terminate
 */

/**
 * @param {string} base address of a folder with `loader.js`, relative to the page
 * @param {object} options of `loadWorker`
 * @returns {Promise<WorkerPython>}
 */
export async function load(base, options) {
  const baseURL = new URL(base, document.baseURI).href;
  const loader = new URL("loader.js", baseURL).href;
  /** @type {{ loadWorker: (options: object) => Promise<WorkerPython> }} */
  const { loadWorker } = await import(loader).catch(async (cause) => {
    const problem = await problemOf(loader, cause);
    throw new Error(`${loader} could not be loaded: ${problem}${hint(base)}`, { cause });
  });
  return loadWorker({ ...options, baseURL });
}

/**
 * What the server answers: browsers do not say why an import failed.
 * @param {string} address
 * @param {unknown} cause
 */
async function problemOf(address, cause) {
  try {
    const response = await fetch(address);
    const type = response.headers.get("content-type") ?? "no type";
    await response.body?.cancel();
    if (!response.ok) return `${response.status} ${response.statusText}`;
    if (!/script/.test(type)) return `the server sends it as ${type} and not as text/javascript`;
    return String(cause);
  } catch {
    return "the server does not answer, or a policy forbids it (CORS, connect-src)";
  }
}

/** @param {string} base */
function hint(base) {
  if (/^(\/|[a-z]+:)/i.test(base)) return "";
  const absolute = `/${base.replace(/^(\.\.?\/)+/, "")}`;
  return `. \`${base}\` is relative to the page: for pages at several levels, write \`${absolute}\``;
}

/**
 * @param {WorkerPython} python
 * @param {string} path of a function
 * @param {unknown[]} args
 */
export function call(python, path, args) {
  return python.call(path, ...args);
}

/**
 * @param {WorkerPython} python
 * @param {string} code
 */
export function run(python, code) {
  return python.run(code);
}

/** @param {WorkerPython} python */
export function misses(python) {
  return python.misses();
}

/** @param {WorkerPython} python */
export function terminate(python) {
  python.terminate();
}
