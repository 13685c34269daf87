/**
 * Where this code runs.
 *
 * @module
 */

export const IN_NODE = typeof process === "object" && typeof process.versions?.node === "string";
/** On the main thread of a page. */
export const ON_PAGE = typeof document === "object" && typeof window === "object";

/** What to do where the policy of a page forbids synchronous requests; empty elsewhere. */
export function requestHint() {
  const policy = ON_PAGE ? /** @type {any} */ (document).featurePolicy : undefined;
  if (policy?.allowsFeature("sync-xhr") !== false) return "";
  return ": the Permissions-Policy of this page forbids synchronous requests (sync-xhr). Use loadWorker";
}
