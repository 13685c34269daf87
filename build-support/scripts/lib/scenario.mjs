/**
 * The run of one scenario, the same for traces, replays and benchmarks.
 *
 * @module
 */

import { readFileSync } from "node:fs";

/**
 * Collects what Python prints, and lets it read an end of file.
 * @param {any} pyodide
 * @returns {{ text: () => string }}
 */
function redirect(pyodide) {
  /** @type {Uint8Array[]} */
  const written = [];
  pyodide.setStdin({ stdin: () => null, isatty: false });
  pyodide.setStdout({
    /** @param {Uint8Array} bytes */
    write(bytes) {
      written.push(bytes.slice());
      return bytes.length;
    },
    isatty: false,
  });
  pyodide.setStderr({
    /** @param {Uint8Array} bytes */
    write(bytes) {
      process.stderr.write(bytes.slice());
      return bytes.length;
    },
    isatty: false,
  });
  return { text: () => Buffer.concat(written).toString("utf8") };
}

/**
 * @param {any} pyodide
 * @param {import("../jobs.d.ts").Scenario} scenario
 * @returns {Promise<Omit<import("../jobs.d.ts").Run, "seconds">>}
 */
export async function runScenario(pyodide, scenario) {
  const output = redirect(pyodide);
  const helper = readFileSync(new URL("scenario.py", import.meta.url), "utf8");
  const names = pyodide.globals.get("dict")();
  pyodide.runPython(helper, { globals: names });
  const source = new Uint8Array(readFileSync(scenario.source));
  const failure = (await names.get("run")(source, scenario.filename)).toJs();
  const modules = names.get("modules")().toJs({ dict_converter: Object.fromEntries });
  const [type, message, traceback] = failure;
  return {
    exception: type === undefined ? null : { type, message, traceback },
    stdout: output.text(),
    modules,
  };
}
