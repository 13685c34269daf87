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
