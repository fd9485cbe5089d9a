// Where a person sets this phone's PIN, or takes it off again.
import * as pin from "./pin.js";

/** @param {string} name */
const part = (name) => /** @type {HTMLElement} */ (document.querySelector(`[data-pin="${name}"]`));

/** @param {string} [said] */
function show(said) {
  part("set").hidden = pin.isSet();
  part("on").hidden = !pin.isSet();
  for (const name of ["short", "differ", "wrong", "gone"]) part(name).hidden = name !== said;
  for (const name of ["set", "off"]) /** @type {HTMLFormElement} */ (part(name)).reset();
}

/** What each form does, and which words answer it.
 * @type {Record<string, (typed: string[]) => Promise<string | undefined>>}
 */
const does = {
  async set([one, again]) {
    if (!pin.isPin(one)) return "short";
    if (one !== again) return "differ";
    await pin.choose(one);
    await navigator.storage?.persist?.();
  },
  async off([one]) {
    if (!pin.isPin(one)) return "short";
    if (await pin.isRight(one)) return pin.forget().then(() => "gone");
    if ((await pin.left()) === 0) lock();
    return "wrong";
  },
};

function lock() {
  sessionStorage.removeItem("steps-seen");
  location.assign("/today/");
}

/** @param {SubmitEvent} event */
async function send(event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  button.disabled = true;
  show(await does[form.dataset.pin ?? ""]([...form.querySelectorAll("input")].map(({ value }) => value)));
  button.disabled = false;
}

if (globalThis.crypto?.subtle && "indexedDB" in globalThis) {
  for (const name of Object.keys(does)) part(name).addEventListener("submit", send);
  part("now").addEventListener("click", lock);
  show();
} else {
  part("cannot").hidden = false;
}
