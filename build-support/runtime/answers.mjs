/**
 * Answers to requests that Pyodide makes while it starts, and that the loader has made already or does not
 * need at all.
 *
 * @module
 */

import { baseAddress } from "./address.mjs";

/** @typedef {Map<string, () => Response | Promise<Response>>} Answers by absolute address */

/** @type {WeakSet<RequestInit>} */
const own = new WeakSet();

/**
 * Marks a request of the loader itself, which no answer is for.
 * @param {RequestInit} init
 */
export function unanswered(init) {
  own.add(init);
  return init;
}

/**
 * Answers requests for these addresses, and leaves all others to the browser.
 * @param {Answers} answers
 * @returns {() => void} ends it
 */
export function answerRequests(answers) {
  const before = globalThis.fetch;
  let isOver = false;
  /** @type {typeof fetch} */
  const answering = (input, init) => {
    const isOwn = init !== undefined && own.has(init);
    const answer = isOver || isOwn ? undefined : answers.get(addressOf(input));
    return answer === undefined ? before.call(globalThis, input, init) : Promise.resolve().then(answer);
  };
  globalThis.fetch = answering;
  return () => {
    isOver = true;
    // Otherwise someone else has wrapped it since, and it passes everything on.
    if (globalThis.fetch === answering) globalThis.fetch = before;
  };
}

/** @param {RequestInfo | URL} input */
function addressOf(input) {
  const address = typeof input === "string" || input instanceof URL ? input : input.url;
  try {
    return new URL(address, baseAddress()).href;
  } catch {
    return "";
  }
}
