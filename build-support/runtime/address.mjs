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

/**
 * What to write instead of an address that is relative to the page, for the errors of those that do not exist.
 * @param {string} address
 */
export function relativeHint(address) {
  if (/^(\/|[a-z]+:)/i.test(address)) return "";
  const absolute = `/${address.replace(/^(\.\.?\/)+/, "")}`;
  return `. \`${address}\` is relative to the page: for pages at several levels, write \`${absolute}\``;
}
