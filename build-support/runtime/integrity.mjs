/**
 * Digests as in `<script integrity>`.
 *
 * @module
 */

/**
 * Whether bytes have one of the digests. As in browsers, only those of the strongest algorithm count.
 * @param {string} integrity
 * @param {(algorithm: string) => string | Promise<string>} digestOf the digest of the bytes, in base64
 */
export async function hasIntegrity(integrity, digestOf) {
  const digests = [...integrity.matchAll(/\b(sha(?:256|384|512))-(\S+)/g)];
  const strongest = digests.map(([, algorithm]) => algorithm).sort().pop();
  if (strongest === undefined) return false;
  const actual = await digestOf(strongest);
  return digests.some(([, algorithm, digest]) => algorithm === strongest && digest === actual);
}
