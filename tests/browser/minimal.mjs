// The program of docs/minimal-program.md: its page shows Python's output.
//
//     node minimal.mjs BINARY

import { check, run, unexpected, watch } from "./harness.mjs";

const [binary] = process.argv.slice(2);
if (!binary) {
  console.error("usage: node minimal.mjs BINARY");
  process.exit(2);
}

await run(binary, async (page, address) => {
  const complaints = watch(page, new URL(address).origin);
  await page.goto(address);
  await page.waitFor(() => document.body.textContent?.includes("Python"));
  check("the page has Python's greeting", await page.evaluate(() => document.body.innerText), "Hello, Ada, from Python");
  // The page has no icon, which the console reports.
  const others = await unexpected(page, complaints, /\/favicon\.ico|status of 404/);
  check("the browser had nothing else to complain about", others, "");
});
