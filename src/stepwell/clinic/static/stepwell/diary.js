// A diary that never leaves the phone. Days lie in IndexedDB, each locked with AES-GCM under a key
// made from the person's own words (PBKDF2); without the words nobody opens it. It knows no plan.
/* global idb */

/**
 * @typedef {{ iv: Uint8Array<ArrayBuffer>, data: ArrayBuffer }} Locked
 * @typedef {Record<string, string>} Told what was told of one day
 */

const ROUNDS = 600_000; // of PBKDF2 with SHA-256
const LEAST_LETTERS = 6;
const DAYS = 28;
const AWAY_MS = 60_000;
/** @type {Told} */
const HARD = { pain: "3", self: "4" };

/** @param {string} name */
const part = (name) => /** @type {HTMLElement} */ (document.querySelector(`[data-diary="${name}"]`));
/** @param {string} name */
const form = (name) => /** @type {HTMLFormElement} */ (part(name));
const words = /** @type {HTMLTemplateElement} */ (document.querySelector("#words-said"));
/** @param {string} name */
const word = (name) => words.content.querySelector(`[data-words="${name}"]`)?.textContent ?? "";
/** @param {string} text */
const coded = (text) => new TextEncoder().encode(text);

/** @type {CryptoKey | undefined} only while the diary is open */
let key;
let leftAt = 0;

// --- locked and stored -------------------------------------------------------------------------

const store = () =>
  idb.openDB("diary", 1, {
    upgrade(db) {
      db.createObjectStore("lock");
      db.createObjectStore("days");
    },
  });

/** @param {string} words @param {Uint8Array<ArrayBuffer>} salt */
async function keyOf(words, salt) {
  const raw = await crypto.subtle.importKey("raw", coded(words.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return crypto.subtle.deriveKey(how, raw, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

// The day's name is bound to what is told of it: nothing can be moved to another day.
/** @param {unknown} told @param {string} name @param {CryptoKey | undefined} under @returns {Promise<Locked>} */
async function locked(told, name, under = key) {
  if (!under) throw new Error("the diary is locked");
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: coded(name) };
  return { iv, data: await crypto.subtle.encrypt(how, under, coded(JSON.stringify(told))) };
}

/** @param {Locked} kept @param {string} name @param {CryptoKey | undefined} under */
async function unlocked({ iv, data }, name, under = key) {
  if (!under) throw new Error("the diary is locked");
  const how = { name: "AES-GCM", iv, additionalData: coded(name) };
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, under, data)));
}

/** @param {string} words */
async function begin(words) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const made = await keyOf(words, salt);
  await (await store()).put("lock", { salt, proof: await locked("steps", "lock", made) }, "lock");
  return made;
}

/** @param {string} words */
async function opened(words) {
  const { salt, proof } = await (await store()).get("lock", "lock");
  const tried = await keyOf(words, salt);
  await unlocked(proof, "lock", tried); // throws under any other key
  return tried;
}

/** @returns {Promise<Map<string, Told>>} */
async function days() {
  const db = await store();
  const names = (await db.getAllKeys("days")).map(String);
  const told = await Promise.all(names.map(async (name) => unlocked(await db.get("days", name), name)));
  return new Map(names.map((name, n) => [name, told[n]]));
}

async function erase() {
  key = undefined;
  const db = await store();
  await Promise.all([db.clear("days"), db.clear("lock")]);
}

// --- shown -------------------------------------------------------------------------------------

/** @param {string} [name] */
function say(name) {
  part("said").textContent = name ? word(name) : "";
  part("said").hidden = !name;
}

/** @param {string[]} names */
function only(...names) {
  for (const name of ["begin", "unlock", "open", "erase"]) part(name).hidden = !names.includes(name);
}

async function show() {
  for (const name of Object.keys(does)) form(name).reset();
  part("days").replaceChildren();
  part("help").hidden = true;
  const isBegun = await (await store()).get("lock", "lock");
  if (!isBegun) return only("begin");
  if (!key) return only("unlock", "erase");
  only("open", "erase");
  await list();
  await fill();
}

function lastDays() {
  const noon = new Date();
  noon.setHours(12, 0, 0, 0); // no change of the clocks is near noon
  return Array.from({ length: DAYS }, (_, n) => new Date(noon.getTime() - n * 86_400_000));
}

/** @param {Date} day */
const named = (day) => [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
const language = () => (document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang);
/** @param {Date} day */
const spoken = (day) => day.toLocaleDateString(language(), { weekday: "long", day: "numeric", month: "long" });

async function list() {
  const told = await days();
  /** @param {string} name @param {string} value */
  const label = (name, value) => document.querySelector(`label[for="${name}-${value}"]`)?.textContent;
  const known = lastDays().filter((day) => told.has(named(day)));
  const lines = known.map((day) => {
    const of = told.get(named(day)) ?? {};
    const line = document.createElement("li");
    const answers = ["used", "pain", "pull", "self"].map((name) => label(name, of[name])).filter(Boolean);
    line.textContent = [`${spoken(day)}: ${answers.join(", ")}`, of.note].filter(Boolean).join(". ");
    return line;
  });
  part("days").replaceChildren(...lines);
  part("untold").textContent = String(DAYS - known.length);
  const chosen = chosenDay();
  const picked = chosen.value;
  chosen.replaceChildren(...lastDays().map((day) => new Option(spoken(day), named(day))));
  if (picked) chosen.value = picked;
}

const chosenDay = () => /** @type {HTMLSelectElement} */ (form("day").elements.namedItem("on"));

async function fill() {
  const on = chosenDay().value;
  const told = (await days()).get(on) ?? {};
  form("day").reset();
  chosenDay().value = on;
  for (const [name, value] of Object.entries(told)) {
    const asked = form("day").elements.namedItem(name);
    if (asked && "value" in asked) asked.value = value;
  }
  hard();
}

function hard() {
  const told = new FormData(form("day"));
  part("help").hidden = !Object.entries(HARD).some(([name, value]) => told.get(name) === value);
}

// --- done --------------------------------------------------------------------------------------

/**
 * What each form does, and which words answer it.
 * @type {Record<string, (told: Told) => Promise<string | undefined>>}
 */
const does = {
  async begin({ words, again }) {
    if (words.length < LEAST_LETTERS) return "short";
    if (words !== again) return "differ";
    key = await begin(words);
  },
  async unlock({ words }) {
    try {
      key = await opened(words);
    } catch {
      return "wrong";
    }
  },
  async day({ on, ...rest }) {
    await (await store()).put("days", await locked(rest, on), on);
    await list();
    return "saved";
  },
  async gone({ sure }) {
    if (!sure) return "";
    await erase();
    return "erased";
  },
};

/** @param {SubmitEvent} event */
async function send(event) {
  event.preventDefault();
  const sent = /** @type {HTMLFormElement} */ (event.target);
  const name = sent.dataset.diary ?? "";
  const button = /** @type {HTMLButtonElement} */ (sent.querySelector("button"));
  button.disabled = true; // making the key takes an old phone a few seconds
  const told = /** @type {Told} */ (Object.fromEntries(new FormData(sent)));
  const answer = await does[name](told);
  button.disabled = false;
  if (name !== "day" && !["short", "differ", "wrong", ""].includes(answer ?? "opened")) await show();
  say(answer);
}

async function lock() {
  key = undefined;
  say("");
  await show();
}

async function take() {
  const told = Object.fromEntries([...(await days())].sort());
  const file = new Blob([JSON.stringify({ diary: told }, undefined, 2)], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = "steps-diary.json";
  link.click();
  URL.revokeObjectURL(link.href);
}

function away() {
  if (document.hidden) leftAt = Date.now();
  else if (key && Date.now() - leftAt >= AWAY_MS) lock();
}

if (globalThis.crypto?.subtle && "indexedDB" in globalThis) {
  for (const name of Object.keys(does)) form(name).addEventListener("submit", send);
  part("day").addEventListener("change", ({ target }) => (target === chosenDay() ? fill() : hard()));
  part("lock").addEventListener("click", lock);
  part("take").addEventListener("click", take);
  document.addEventListener("visibilitychange", away);
  await show();
} else {
  part("cannot").hidden = false;
}
navigator.serviceWorker?.ready.then(({ active }) => active?.postMessage("keep the diary"));
