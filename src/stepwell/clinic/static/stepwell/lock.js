// The lock screen of this phone, over a page that cover.js has covered.
import * as pin from "./pin.js";

const SCREEN = "/offline/lock/"; // alike for everybody, and kept with the shell
const root = document.documentElement;
/** @param {string} name */
const part = (name) => /** @type {HTMLElement} */ (document.querySelector(`[data-lock="${name}"]`));
const field = () => /** @type {HTMLInputElement} */ (document.querySelector("#pin"));
/** @type {Element | null} what had the focus on the page below */
let below = null;

/** @param {boolean} isLocked */
function cover(isLocked) {
  for (const one of document.body.children) one.toggleAttribute("inert", isLocked && one.id !== "lock");
  root.toggleAttribute("data-asked", isLocked);
}

// Until the screen is here, the page shows its way to Help and nothing else.
async function bring() {
  const kept = (await globalThis.caches?.match(SCREEN)) ?? (await fetch(SCREEN));
  if (!kept.ok) throw new Error("no lock screen");
  const page = new DOMParser().parseFromString(await kept.text(), "text/html");
  document.body.append(...page.body.children);
  part("ask").addEventListener("submit", answer);
  part("leave").addEventListener("submit", (event) => {
    event.preventDefault();
    leave();
  });
}

async function ask() {
  below = document.activeElement;
  if (!document.querySelector("#lock")) await bring();
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
  field().focus();
}

/** @param {SubmitEvent} event */
async function answer(event) {
  event.preventDefault();
  const typed = field().value;
  field().value = "";
  if (!pin.isPin(typed)) return show("short");
  const button = /** @type {HTMLButtonElement} */ (part("ask").querySelector("button"));
  button.disabled = true; // the hash takes an old phone a moment
  const isRight = await pin.isRight(typed);
  button.disabled = false;
  if (!isRight) return show("wrong");
  pin.open();
  reveal();
}

function reveal() {
  root.removeAttribute("data-locked");
  root.removeAttribute("data-away");
  cover(false);
  const place = below instanceof HTMLElement && below !== document.body ? below : document.querySelector("main");
  place?.focus({ preventScroll: true });
}

// The PIN goes only once the phone is signed out: nothing opens by pulling the network.
async function leave() {
  const form = /** @type {HTMLFormElement} */ (part("leave"));
  const body = new FormData(/** @type {HTMLFormElement} */ (document.querySelector("#hide"))); // its token
  await globalThis.caches?.delete("pages");
  try {
    const { ok, url } = await fetch(form.action, { method: "POST", body });
    if (!ok) throw new Error("not signed out");
    await pin.forget();
    location.replace(url);
  } catch {
    part("waits").hidden = false;
  }
}

function again() {
  if (!root.hasAttribute("data-asked")) ask();
  else if (!part("spent").hidden) leave();
}

addEventListener("steps-lock", ask);
addEventListener("online", () => root.hasAttribute("data-locked") && again());
if (root.hasAttribute("data-locked")) await ask();
