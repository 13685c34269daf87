// A worker that always answers: calls and their results, the worker's end, messages of the app, other origins,
// strict policies, cancelled loads, and many calls of all kinds at random.
//
//     node answers.mjs OUT_DIR [GROUP...]
//
// OUT_DIR is the one of tests/python/calls/mod.rs, which has numpy and pandas.

import { calls } from "./answers/calls.mjs";
import { ends } from "./answers/ends.mjs";
import { link } from "./answers/link.mjs";
import { origins } from "./answers/origins.mjs";
import { policies } from "./answers/policies.mjs";
import { random } from "./answers/random.mjs";
import { site } from "./answers/site.mjs";
import { signals } from "./answers/signals.mjs";
import { run } from "./harness.mjs";

const [out, ...chosen] = process.argv.slice(2);
if (!out) {
  console.error("usage: node answers.mjs OUT_DIR [GROUP...]");
  process.exit(2);
}

const GROUPS = { calls, ends, link, signals, origins, policies, random };
const { server, other, gone } = await site(out);

await run(server, async (page, address) => {
  for (const [name, test] of Object.entries(GROUPS)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    console.log(`        ${name}`);
    await test(page, { address, other, gone });
  }
});
