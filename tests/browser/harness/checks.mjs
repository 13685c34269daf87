// Checks, and the line with their counts.

/** @type {{ passed: number, failed: number, skipped: number }} */
export const count = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {string} name
 * @param {unknown} actual
 * @param {unknown} [expected]
 */
export function check(name, actual, expected = true) {
  if (Object.is(actual, expected)) {
    count.passed += 1;
    console.log(`ok      ${name}`);
  } else {
    count.failed += 1;
    console.log(`FAILED  ${name}\n  expected: ${show(expected)}\n  actual:   ${show(actual)}`);
  }
}

/** @param {unknown} value */
function show(value) {
  return typeof value === "string" ? value.replaceAll("\n", "\n            ") : JSON.stringify(value);
}

/** Prints the counts, and returns the exit code of the process. */
export function conclude() {
  const { passed, failed, skipped } = count;
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed === 0 ? 0 : 1;
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} seconds
 * @param {string} what
 * @returns {Promise<T>}
 */
export function within(promise, seconds, what) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing after ${seconds} s`)), seconds * 1000);
  });
  return /** @type {Promise<T>} */ (Promise.race([promise, late])).finally(() => clearTimeout(timer));
}
