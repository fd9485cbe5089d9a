// The last answer saves, when a finger gives it. Keys and screen readers use Save.

const form = document.querySelector("form.check-in");
const told = new Set();
let touched = -Infinity;

/** Every question in sight has an answer, and nothing that is extra is open. */
function isWhole() {
  if (form.querySelector("details[open]")) return false;
  const inSight = [...form.querySelectorAll("input[type=radio]")].filter(
    (one) => one.offsetParent && !one.closest("details"),
  );
  return inSight.every(
    ({ name }) => told.has(name) || form.querySelector(`[name="${name}"]:checked:not([value=""])`),
  );
}

if (form && !isWhole()) {
  for (const line of form.querySelectorAll("[data-saves-itself]")) line.hidden = false;
  form.addEventListener("pointerup", ({ timeStamp }) => {
    touched = timeStamp;
  });
  form.addEventListener("click", ({ target, timeStamp }) => {
    if (target.type !== "radio") return;
    told.add(target.name);
    if (timeStamp - touched < 1000 && isWhole()) form.requestSubmit();
  });
}
