// Small conveniences. Every page works without this file.

// Shift three times within two seconds hides the page.
const hide = /** @type {HTMLFormElement | null} */ (document.querySelector("#hide"));
/** @type {number[]} */
let presses = [];
document.addEventListener("keydown", (event) => {
  if (event.key !== "Shift" || event.repeat) {
    if (event.key !== "Shift") presses = [];
    return;
  }
  presses = [...presses, event.timeStamp].filter((at) => event.timeStamp - at < 2000);
  if (presses.length === 3 && hide) hide.requestSubmit();
});

// A second tap on "Save" does nothing; the server would not mind either.
/** @param {string} which @returns {NodeListOf<HTMLFormElement>} */
const forms = (which) => document.querySelectorAll(which);
for (const form of forms("form.check-in, form.act")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of forms("form[data-sent]")) delete form.dataset.sent;
});
