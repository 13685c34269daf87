/**
 * How Pyodide's WebAssembly module is instantiated: from a response of the loader, and with errors.
 *
 * Pyodide itself fetches the module, logs what fails, and then waits forever. It also adds imports of its
 * own. So it gets an empty module to instantiate, and afterwards the loader instantiates the real one with
 * the completed imports.
 *
 * @module
 */

import { FileError, statusOf, textOf } from "./hosts/request.mjs";

/** The smallest WebAssembly module. */
const EMPTY_WASM = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
const WASM_TYPE = "application/wasm";

/** @returns {Response} */
export function emptyModule() {
  return new Response(EMPTY_WASM, { headers: { "content-type": WASM_TYPE } });
}

/** Fails if this page may not compile WebAssembly. */
export async function checkPolicy() {
  if (typeof WebAssembly !== "object") {
    throw new Error("this browser has no WebAssembly, or it is turned off as in Lockdown Mode of iOS");
  }
  await WebAssembly.compile(EMPTY_WASM).catch((cause) => {
    const line = "script-src 'self' 'wasm-unsafe-eval'";
    throw new Error(`the Content-Security-Policy of this page forbids WebAssembly: send \`${line}\``, { cause });
  });
}

/**
 * Makes the settings of Emscripten instantiate the response.
 * @param {any} settings
 * @param {Promise<Response>} response
 * @param {(error: unknown) => void} fail
 */
export function instantiateFrom(settings, response, fail) {
  const addImports = settings.instantiateWasm;
  /** @type {(imports: any, receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void) => object} */
  settings.instantiateWasm = (imports, receive) => {
    addImports(imports, () => {
      instantiate(response, imports).then(({ instance, module }) => receive(instance, module)).catch(fail);
    });
    return {};
  };
}

/**
 * @param {Promise<Response>} response
 * @param {WebAssembly.Imports} imports
 */
async function instantiate(response, imports) {
  const original = await response;
  // Browsers cache compiled code with the original response, so it is used if its type is right.
  const isTyped = original.headers.get("content-type")?.split(";")[0].trim() === WASM_TYPE;
  const typed = isTyped ? original : new Response(original.body, { headers: { "content-type": WASM_TYPE } });
  return WebAssembly.instantiateStreaming(typed, imports).catch((cause) => {
    throw new FileError(original.url, `it is no WebAssembly module (${statusOf(original)}): ${textOf(cause)}`, cause);
  });
}
