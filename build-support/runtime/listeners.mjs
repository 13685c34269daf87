/**
 * Functions that the program passed to hear of events.
 *
 * @module
 */

/**
 * Calls such a function. What it throws is reported as an uncaught error, and decides nothing.
 * @template E
 * @param {(event: E) => void} listener
 * @param {E} event
 */
export function tell(listener, event) {
  try {
    listener(event);
  } catch (error) {
    if (typeof reportError === "function") reportError(error);
    else console.error(error);
  }
}
