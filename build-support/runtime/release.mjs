/**
 * Which loader this is.
 *
 * @module
 */

/** A digest of the loader's modules, which the build puts here. */
export const RELEASE = "development";
