/**
 * What tracing and validation have in common: the conditions that a scenario runs under, and the
 * run itself. Node only.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import dns from "node:dns";
import dgram from "node:dgram";
import net from "node:net";
import { setFlagsFromString } from "node:v8";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

/**
 * @typedef {object} Scenario
 * @property {string} source path of the Python file on the host
 * @property {string} filename path that it seems to have in Pyodide
 */

/**
 * @typedef {object} Conditions
 * @property {string | null} prelude path of a JavaScript module to import first
 * @property {boolean} network whether the scenario may use the network
 */

/**
 * @typedef {object} Run
 * @property {{ type: string, message: string, traceback: string } | null} exception
 * @property {string} stdout
 * @property {Record<string, string>} modules imported module -> file, "" if built in
 */

/** The environment that Pyodide starts with here: hashes, and so set orders, are repeatable. */
export const ENVIRONMENT = { PYTHONHASHSEED: "0" };

/** @returns {any} the job that the build script wrote */
export function readJob() {
  return JSON.parse(readFileSync(process.argv[2], "utf8"));
}

/**
 * @param {string} path
 * @param {unknown} result
 */
export function writeResult(path, result) {
  writeFileSync(path, JSON.stringify(result));
}

/** @param {Conditions} conditions */
export async function prepare({ prelude, network }) {
  endWithParent();
  if (!network) denyNetwork();
  if (prelude !== null) await import(pathToFileURL(prelude).href);
}

/**
 * To be called before Pyodide is loaded. Most of a run is start-up, where half of the processor's
 * time would go into optimising code that does not run again; what runs for long still is.
 */
export function optimiseLate() {
  setFlagsFromString("--wasm-tiering-budget=1000000000");
}

/**
 * A build that is killed takes this process with it, even if Python never returns: another thread
 * looks whether the parent, whose number is the last argument, is still there.
 */
export function endWithParent() {
  const watch = `
    const parent = ${Number(process.argv[3])};
    setInterval(() => {
      if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
    }, 500);`;
  new Worker(watch, { eval: true }).unref();
}

function denyNetwork() {
  const denied = () =>
    new Error("the network is off while tracing; Builder::trace_network(true) allows it");
  const refuse = () => {
    throw denied();
  };
  const target = /** @type {any} */ (globalThis);
  target.fetch = async () => refuse();
  for (const name of ["WebSocket", "EventSource", "XMLHttpRequest"]) {
    if (name in target) target[name] = class { constructor() { refuse(); } };
  }
  net.Socket.prototype.connect = refuse;
  net.Server.prototype.listen = refuse;
  dgram.createSocket = refuse;
  dns.lookup = /** @type {any} */ (refuse);
  dns.promises.lookup = async () => refuse();
}

/**
 * Collects what Python prints, and gives it an end of file to read.
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
 * @param {Scenario} scenario
 * @returns {Promise<Run>}
 */
export async function runScenario(pyodide, scenario) {
  const output = redirect(pyodide);
  const helper = readFileSync(new URL("scenario.py", import.meta.url), "utf8");
  const names = pyodide.globals.get("dict")();
  pyodide.runPython(helper, { globals: names });
  const source = readFileSync(scenario.source, "utf8");
  const failure = (await names.get("run")(source, scenario.filename)).toJs();
  const modules = names.get("modules")().toJs({ dict_converter: Object.fromEntries });
  const [type, message, traceback] = failure;
  return {
    exception: type === undefined ? null : { type, message, traceback },
    stdout: output.text(),
    modules,
  };
}

/**
 * @param {Uint8Array} bytes
 * @returns {string} SHA-256 in hexadecimal
 */
export function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}
