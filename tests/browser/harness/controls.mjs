// Finds and uses the controls of a page as its user knows them: by label, by text.

/** @typedef {import("./page.mjs").Page} Page */

/**
 * Replaces the text of a text area, or chooses an option by its text.
 * @param {Page} page
 * @param {string} label
 * @param {string} value
 */
export async function fill(page, label, value) {
  await page.evaluate(
    ([label, value]) => {
      const found = [...document.querySelectorAll("label")].find(({ textContent }) => textContent === label);
      const control = /** @type {HTMLSelectElement | HTMLTextAreaElement} */ (found?.control);
      if (control instanceof HTMLSelectElement) {
        const number = [...control.options].findIndex(({ text }) => text === value);
        if (number === -1) throw new Error(`${label} has no option ${value}`);
        control.selectedIndex = number;
      } else {
        control.value = value;
      }
      control.dispatchEvent(new Event("input", { bubbles: true }));
      control.dispatchEvent(new Event("change", { bubbles: true }));
    },
    [label, value],
  );
}

/**
 * @param {Page} page
 * @param {string} label
 */
export async function focus(page, label) {
  await page.evaluate((label) => {
    const found = [...document.querySelectorAll("label")].find(({ textContent }) => textContent === label);
    found?.control?.focus();
  }, label);
}

/**
 * Clicks the element that has this text itself.
 * @param {Page} page
 * @param {string} selector
 * @param {string} text
 */
export async function click(page, selector, text) {
  await page.evaluate(
    ([selector, text]) => {
      const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);
      const found = all.find(({ textContent }) => textContent?.trim() === text);
      if (found === undefined) throw new Error(`no ${selector} has the text ${text}`);
      found.click();
    },
    [selector, text],
  );
}

/**
 * The texts of elements.
 * @param {Page} page
 * @param {string} selector
 */
export async function texts(page, selector) {
  return page.evaluate(
    (selector) => [...document.querySelectorAll(selector)].map(({ textContent }) => textContent ?? ""),
    selector,
  );
}

/**
 * The text of the first element.
 * @param {Page} page
 * @param {string} selector
 */
export async function text(page, selector) {
  return (await texts(page, selector))[0] ?? "";
}
