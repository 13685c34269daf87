// Collects a page's errors inside of the page, for WebKit, whose driver reports none.

/** @typedef {import("./page.mjs").PageEvent} PageEvent */
/** @typedef {typeof globalThis & { testEvents?: PageEvent[], testRequests?: number }} Collecting */

/** Runs in the page, as soon as it has a document. */
export function collector() {
  /** @type {PageEvent[]} */
  const events = [];
  /** @type {Collecting} */ (globalThis).testEvents = events;
  const { error } = console;
  console.error = (...values) => {
    events.push({ kind: "console", text: values.map(String).join(" ") });
    error.apply(console, values);
  };
  addEventListener("error", ({ message }) => events.push({ kind: "page error", text: message }));
  addEventListener("unhandledrejection", ({ reason }) => events.push({ kind: "page error", text: String(reason) }));
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    events.push({ kind: "console", text: `Content Security Policy: ${violatedDirective}: ${blockedURI}` });
  });
}

/** Runs in the page: returns what happened since the last call. */
export function collect() {
  const page = /** @type {Collecting} */ (globalThis);
  const names = performance.getEntriesByType("resource").map(({ name }) => name);
  const requests = names.slice(page.testRequests ?? 0);
  page.testRequests = names.length;
  return [
    ...(page.testEvents?.splice(0) ?? []),
    ...requests.map((url) => /** @type {PageEvent} */ ({ kind: "request", url })),
  ];
}
