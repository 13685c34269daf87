/**
 * The script of the module worker that `loadWorker` starts.
 *
 * @module
 */

import { answerPage, loadBundle } from "./loader.mjs";

answerPage(loadBundle);
