/**
 * Starts the worker's script, from its own address or through a blob, and explains why it did not start.
 *
 * @module
 */

import { scriptProblem } from "../hosts/scripts.mjs";

/** The name that `trusted-types` of a content security policy has to list. */
const POLICY = "pyodide-pack";
/** How long the explanation may take to ask the server, in milliseconds. */
const PATIENCE = 10_000;

/** @type {any} the policy of this module, which may be created only once */
let trustedScripts;

/**
 * Starts a module worker. Workers must have the page's origin, so the script of another origin is imported
 * by one line in a blob. A sandboxed frame has no origin. There, Chromium starts no module worker from a blob, and
 * WebKit only without credentials, but all browsers start one from a `data:` address.
 * @param {URL} address
 * @param {string} hint for its errors
 * @returns {import("./connection.mjs").Started}
 */
export function startScript(address, hint) {
  const scheme = schemeFor(address);
  const script = scriptOf(address, scheme);
  const release = () => {
    if (scheme === "blob:") URL.revokeObjectURL(script);
  };
  try {
    const worker = new Worker(trusted(script), { type: "module" });
    const problem = async () => {
      const found = await scriptsProblem(address);
      return found === undefined ? undefined : failure(address, found, hint);
    };
    const explain = async () => (await problem()) ?? failure(address, reasons(address, scheme), hint);
    return { worker, release, problem, explain };
  } catch (cause) {
    release();
    throw Object.assign(failure(address, reasons(address, scheme), hint), { cause });
  }
}

/**
 * How the script can be started: `undefined` if from its own address.
 * @param {URL} address
 * @returns {"blob:" | "data:" | undefined}
 */
function schemeFor(address) {
  if (address.origin === globalThis.origin) return undefined;
  return globalThis.origin === "null" ? "data:" : "blob:";
}

/**
 * @param {URL} address
 * @param {"blob:" | "data:" | undefined} scheme
 */
function scriptOf({ href }, scheme) {
  const code = `import ${JSON.stringify(href)};`;
  if (scheme === "blob:") return URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  return scheme === undefined ? href : `data:text/javascript,${encodeURIComponent(code)}`;
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
async function scriptsProblem(address) {
  const signal = AbortSignal.timeout(PATIENCE);
  const files = [address.href, new URL("loader.js", address).href];
  const found = await Promise.all(files.map((file) => scriptProblem(file, signal)));
  return found.find((error) => error !== undefined)?.message;
}

/**
 * What can help when the files themselves can be fetched.
 * @param {URL} address
 * @param {"blob:" | "data:" | undefined} scheme
 */
function reasons({ origin }, scheme) {
  const types = "trustedTypes" in globalThis ? ` With Trusted Types, allow \`trusted-types ${POLICY}\`.` : "";
  if (scheme === undefined) {
    return (
      "a policy forbids it. Allow `worker-src 'self'` in the Content-Security-Policy of the page; if the page " +
      `has Cross-Origin-Embedder-Policy, send that header with worker.js, too.${types}`
    );
  }
  const [page, way] =
    scheme === "data:"
      ? ["has no origin", "or give the sandboxed frame `allow-same-origin`"]
      : [`has another origin, ${globalThis.origin}`, "or serve the folder from the page's own origin"];
  return (
    `the page ${page}, so the worker starts from an address with \`${scheme}\`. Allow \`worker-src ${scheme} ` +
    `${origin}\` and \`script-src ${origin}\` in the Content-Security-Policy of the page, and send ` +
    `Access-Control-Allow-Origin with the folder; ${way}.${types}`
  );
}
