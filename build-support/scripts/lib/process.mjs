/**
 * The process that a script runs in: its end, its network, its optimiser.
 *
 * @module
 */

import dgram from "node:dgram";
import dns from "node:dns";
import net from "node:net";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";

/** @param {import("../jobs.d.ts").Conditions} conditions */
export async function prepare({ prelude, network }) {
  endWithParent();
  if (!network) denyNetwork();
  if (prelude !== null) await import(pathToFileURL(prelude).href);
}

/**
 * To be called before Pyodide is loaded. Emscripten then finds no program, as in browsers, and Python looks for
 * itself where it looks there.
 */
export function hideProgram() {
  process.argv.length = 1;
}

/**
 * To be called before Pyodide is loaded. Most of a run is start-up, where half of the processor's time
 * would be spent on optimising code that does not run again. Code that runs for long is still optimised.
 */
export function optimiseLate() {
  setFlagsFromString("--wasm-tiering-budget=1000000000");
}

/**
 * Makes this process end when the build is killed, even if Python never returns. Another thread checks
 * whether the build, whose process number is the last argument, and the parent still exist. The parent is
 * another process if a script starts Node.
 */
export function endWithParent() {
  const watch = `
    const [build, parent] = [${Number(process.argv[3])}, process.ppid];
    const isAlive = () => {
      try {
        return process.kill(build, 0);
      } catch (error) {
        return error.code === "EPERM";
      }
    };
    setInterval(() => {
      if (process.ppid !== parent || !isAlive()) process.kill(process.pid, "SIGKILL");
    }, 500);`;
  new Worker(watch, { eval: true }).unref();
}

function denyNetwork() {
  const denied = () =>
    new Error("the network is off while tracing; .trace_network(true) in build.rs allows it");
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
