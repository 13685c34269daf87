/**
 * Starts the worker's script, from its own address or through a blob, and explains why it did not start.
 *
 * @module
 */

/** The name that `trusted-types` of a content security policy has to list. */
const POLICY = "pyodide-pack";
/** How long the explanation may take to ask the server, in milliseconds. */
const PATIENCE = 10_000;

/** @type {any} the policy of this module, which may be created only once */
let trustedScripts;

/**
 * Starts a module worker. Workers must have the page's origin, so the script of another origin is imported
 * by one in a blob. So it is in a sandboxed frame, whose origin is none.
 * @param {URL} address
 * @param {string} hint for its errors
 * @returns {import("./connection.mjs").Started}
 */
export function startScript(address, hint) {
  const isOwn = address.origin === globalThis.origin;
  const code = new Blob([`import ${JSON.stringify(address.href)};`], { type: "text/javascript" });
  const script = isOwn ? address.href : URL.createObjectURL(code);
  const release = () => {
    if (!isOwn) URL.revokeObjectURL(script);
  };
  try {
    const worker = new Worker(trusted(script), { type: "module" });
    return { worker, release, explain: async () => failure(address, (await problem(address)) ?? reasons(address, isOwn), hint) };
  } catch (cause) {
    release();
    throw Object.assign(failure(address, reasons(address, isOwn), hint), { cause });
  }
}

/**
 * @param {URL} address
 * @param {string} why
 * @param {string} hint
 */
function failure(address, why, hint) {
  return new Error(`the worker ${address} could not be started: ${why}${hint}`);
}

/**
 * The address, as pages with Trusted Types want it.
 * @param {string} script
 * @returns {string}
 */
function trusted(script) {
  const types = /** @type {any} */ (globalThis).trustedTypes;
  if (types === undefined) return script;
  try {
    trustedScripts ??= types.createPolicy(POLICY, { createScriptURL: (/** @type {string} */ text) => text });
  } catch {
    return script; // the page's default policy may accept it
  }
  return trustedScripts.createScriptURL(script);
}

/**
 * What the server answers: browsers do not say why a worker did not start.
 * @param {URL} address
 */
async function problem(address) {
  return (await problemOf(address)) ?? problemOf(new URL("loader.mjs", address));
}

/**
 * @param {URL} file
 * @returns {Promise<string | undefined>}
 */
async function problemOf(file) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), PATIENCE);
  try {
    const response = await fetch(file, { signal: controller.signal });
    const type = response.headers.get("content-type") ?? "no type";
    await response.body?.cancel();
    if (!response.ok) return `${file}: ${response.status} ${response.statusText}`;
    if (!/^(text|application)\/(x-)?(java|ecma)script/.test(type)) {
      return `${file} comes as ${type}: configure the server to send it as text/javascript`;
    }
    return undefined;
  } catch {
    return `${file} can't be fetched: the server does not answer, or a policy forbids it (CORS, connect-src)`;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What can help when the files themselves can be fetched.
 * @param {URL} address
 * @param {boolean} isOwn
 */
function reasons({ origin }, isOwn) {
  const trustedTypes =
    "trustedTypes" in globalThis ? ` With Trusted Types, allow \`trusted-types ${POLICY}\`.` : "";
  const own =
    "a policy forbids it. Allow `worker-src 'self'` in the Content-Security-Policy of the page; if the page " +
    "has Cross-Origin-Embedder-Policy, send that header with worker.mjs, too.";
  const other =
    `the page has another origin (${globalThis.origin}), so the worker starts through a blob. Allow \`worker-src ` +
    `blob: ${origin}\` and \`script-src ${origin}\` in the Content-Security-Policy of the page, and send ` +
    "Access-Control-Allow-Origin with the folder; or serve the folder from the page's own origin, which a " +
    "sandboxed frame has only with `allow-same-origin`.";
  return (isOwn ? own : other) + trustedTypes;
}
