/**
 * Addresses: of folders, and relative ones.
 *
 * @module
 */

/**
 * The address with a slash at its end, so that names of files can be appended.
 * @param {string} address
 */
export function directory(address) {
  return address.endsWith("/") ? address : `${address}/`;
}

/**
 * What relative addresses are relative to: the page, and in a worker its script.
 * @returns {string | undefined}
 */
export function baseAddress() {
  return globalThis.document?.baseURI ?? globalThis.location?.href;
}

/**
 * The absolute form of a folder's address in browsers, with a slash at its end.
 * @param {string | URL} address
 */
export function folderAt(address) {
  return new URL(directory(String(address)), baseAddress()).href;
}

/** Options with addresses of the page, which a worker would take relative to its own script. */
const ADDRESSES = ["indexURL", "lockFileURL", "packageBaseUrl"];

/**
 * The options with absolute addresses.
 * @template {{ [option: string]: unknown }} T
 * @param {T} options
 * @returns {T}
 */
export function absoluteAddresses(options) {
  const given = ADDRESSES.filter((name) => typeof options[name] === "string");
  return { ...options, ...Object.fromEntries(given.map((name) => [name, new URL(String(options[name]), baseAddress()).href])) };
}

/**
 * What to write instead of an address that is relative to the page, for the errors of those that do not exist.
 * @param {string} address
 */
export function relativeHint(address) {
  if (/^(\/|[a-z]+:)/i.test(address)) return "";
  const absolute = `/${address.replace(/^(\.\.?\/)+/, "")}`;
  return `. \`${address}\` is relative to the page: for pages at several levels, write \`${absolute}\``;
}
