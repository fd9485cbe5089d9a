// The last answer saves, when a finger gives it. Keys and screen readers use Save.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form.check-in"));
/** @type {Set<string>} */
const told = new Set();
let touched = -Infinity;

/** @param {HTMLFormElement} form Every question in sight has an answer, and nothing extra is open. */
function isWhole(form) {
  if (form.querySelector("details[open]")) return false;
  const all = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[type=radio]"));
  const inSight = [...all].filter((one) => one.offsetParent && !one.closest("details"));
  return inSight.every(
    ({ name }) => told.has(name) || form.querySelector(`[name="${name}"]:checked:not([value=""])`),
  );
}

if (form && !isWhole(form)) {
  for (const line of form.querySelectorAll("[data-saves-itself]")) line.removeAttribute("hidden");
  form.addEventListener("pointerup", ({ timeStamp }) => {
    touched = timeStamp;
  });
  form.addEventListener("click", ({ target, timeStamp }) => {
    if (!(target instanceof HTMLInputElement) || target.type !== "radio") return;
    told.add(target.name);
    if (timeStamp - touched < 1000 && isWhole(form)) form.requestSubmit();
  });
}
