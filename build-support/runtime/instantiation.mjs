/**
 * How Pyodide's WebAssembly module is instantiated: from a response of the loader, and with errors.
 *
 * Pyodide itself fetches the module, logs what fails, and then waits forever. So it gets an empty module.
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
  // Safari compiles whatever the policy says, and refuses to instantiate.
  await WebAssembly.instantiate(EMPTY_WASM).catch((cause) => {
    const line = "script-src 'self' 'wasm-unsafe-eval'";
    throw new Error(`the Content-Security-Policy of this page forbids WebAssembly: send \`${line}\``, { cause });
  });
}

/**
 * Where the module comes from: what was requested already, and a request for the case that it breaks off.
 * @typedef {{ address: string, first: Promise<Response>, again: () => Promise<Response> }} WasmSource
 */

/**
 * @param {WasmSource} source
 * @param {WebAssembly.Imports} imports
 */
export async function instantiateFrom({ address, first, again }, imports) {
  const response = await first;
  return compile(response, imports).catch(async () => {
    const second = await again();
    return compile(second, imports).catch((cause) => {
      const isOther = cause instanceof WebAssembly.CompileError;
      const what = isOther ? "it is no WebAssembly module" : "it did not arrive whole";
      throw new FileError(address, `${what} (${statusOf(second)}): ${textOf(cause)}`, cause);
    });
  });
}

/**
 * @param {Response} original
 * @param {WebAssembly.Imports} imports
 */
async function compile(original, imports) {
  // Browsers cache compiled code with the original response, so it is used if its type is right.
  const isTyped = original.headers.get("content-type")?.split(";")[0].trim() === WASM_TYPE;
  const typed = isTyped ? original : new Response(original.body, { headers: { "content-type": WASM_TYPE } });
  return WebAssembly.instantiateStreaming(typed, imports);
}
