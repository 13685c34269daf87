/**
 * What `loadBundle({ worker: true })` starts as a module worker.
 *
 * @module
 */

import { answerPage, loadBundle } from "./loader.mjs";

answerPage(loadBundle);
