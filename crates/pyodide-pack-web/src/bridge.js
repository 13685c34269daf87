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
 * What this file uses of the loader.
 * @typedef {object} LoaderModule
 * @property {(options: object) => Promise<WorkerPython>} loadWorker
 * @property {(options: { baseURL: string }) => Promise<void>} keepOffline
 */

/**
 * @param {string} base address of a folder with `loader.js`, relative to the page
 * @returns {Promise<{ baseURL: string, module: LoaderModule }>}
 */
async function importLoader(base) {
  const folder = base.endsWith("/") ? base : `${base}/`;
  const baseURL = new URL(folder, document.baseURI).href;
  const loader = new URL("loader.js", baseURL).href;
  const module = await import(loader).catch(async (cause) => {
    const problem = await problemOf(loader, cause);
    throw new Error(`${loader} could not be loaded: ${problem}${hint(folder)}`, { cause });
  });
  return { baseURL, module };
}

/**
 * @param {string} base
 * @param {object} options of `loadWorker`
 */
export async function load(base, options) {
  const { baseURL, module } = await importLoader(base);
  return module.loadWorker({ ...options, baseURL });
}

/** @param {string} base */
export async function keepOffline(base) {
  const { baseURL, module } = await importLoader(base);
  return module.keepOffline({ baseURL });
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
