// The lock screen of this phone, over a page that cover.js has covered.
import * as pin from "./pin.js";

const root = document.documentElement;
const lock = /** @type {HTMLElement} */ (document.querySelector("#lock"));
/** @param {string} name */
const part = (name) => /** @type {HTMLElement} */ (lock.querySelector(`[data-lock="${name}"]`));
const field = /** @type {HTMLInputElement} */ (lock.querySelector("input:not([name])"));
/** @type {Element | null} what had the focus on the page below */
let below = null;

/** @param {boolean} isLocked */
function cover(isLocked) {
  for (const one of document.body.children) one.toggleAttribute("inert", isLocked && one !== lock);
}

async function ask() {
  below = document.activeElement;
  cover(true);
  await show();
}

/** @param {string} [wrong] which words answer the last try */
async function show(wrong) {
  const tries = await pin.left();
  for (const name of ["short", "wrong"]) part(name).hidden = name !== wrong || tries === 0;
  part("left").textContent = String(tries);
  part("ask").hidden = tries === 0;
  part("spent").hidden = tries > 0;
  if (tries === 0) return leave();
  field.value = "";
  field.focus();
}

/** @param {SubmitEvent} event */
async function answer(event) {
  event.preventDefault();
  if (!pin.isPin(field.value)) return show("short");
  const button = /** @type {HTMLButtonElement} */ (part("ask").querySelector("button"));
  button.disabled = true; // the hash takes an old phone a moment
  const isRight = await pin.isRight(field.value);
  button.disabled = false;
  if (!isRight) return show("wrong");
  pin.open();
  reveal();
}

function reveal() {
  field.value = "";
  root.removeAttribute("data-locked");
  root.removeAttribute("data-away");
  cover(false);
  const place = below instanceof HTMLElement && below !== document.body ? below : document.querySelector("main");
  place?.focus({ preventScroll: true });
}

// The PIN goes only once the phone is signed out: nothing opens by pulling the network.
async function leave() {
  const form = /** @type {HTMLFormElement} */ (part("leave"));
  await globalThis.caches?.delete("pages");
  try {
    const { ok, url } = await fetch(form.action, { method: "POST", body: new FormData(form) });
    if (!ok) throw new Error("not signed out");
    await pin.forget();
    location.replace(url);
  } catch {
    part("waits").hidden = false;
  }
}

part("ask").addEventListener("submit", answer);
part("leave").addEventListener("submit", (event) => {
  event.preventDefault();
  leave();
});
addEventListener("steps-lock", ask);
addEventListener("online", () => part("spent").hidden || leave());
if (root.hasAttribute("data-locked")) await ask();
