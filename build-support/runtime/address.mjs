/**
 * Addresses of folders.
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

/** Options with addresses of the page, which a worker would take relative to its own script. */
const ADDRESSES = ["indexURL", "lockFileURL", "packageBaseUrl"];

/**
 * The options with absolute addresses.
 * @template {{ [option: string]: unknown }} T
 * @param {T} options
 * @param {string} base address of the page
 * @returns {T}
 */
export function absoluteAddresses(options, base) {
  const given = ADDRESSES.filter((name) => typeof options[name] === "string");
  return { ...options, ...Object.fromEntries(given.map((name) => [name, new URL(String(options[name]), base).href])) };
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
