/**
 * Where this code runs.
 *
 * @module
 */

export const IN_NODE = typeof process === "object" && typeof process.versions?.node === "string";
/** On the main thread of a page. */
export const ON_PAGE = typeof document === "object" && typeof window === "object";
