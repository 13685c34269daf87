/**
 * Another WebAssembly module than the one that Pyodide would instantiate.
 *
 * @module
 */

/**
 * Makes the settings of Emscripten instantiate a module. Pyodide completes the imports with its own instantiation,
 * whose result is not used.
 * @param {any} settings
 * @param {(imports: WebAssembly.Imports) => Promise<{ instance: { exports: WebAssembly.Exports }, module: WebAssembly.Module }>} instantiate
 * @param {(error: unknown) => void} fail
 */
export function instantiateBy(settings, instantiate, fail) {
  const addImports = settings.instantiateWasm;
  /** @type {(imports: any, receive: (instance: { exports: WebAssembly.Exports }, module: WebAssembly.Module) => void) => object} */
  settings.instantiateWasm = (imports, receive) => {
    addImports(imports, () => {
      instantiate(imports).then(({ instance, module }) => receive(instance, module)).catch(fail);
    });
    return {};
  };
}
