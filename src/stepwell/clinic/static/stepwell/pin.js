// The PIN of this phone. Only a hash of it is kept, here and nowhere else. A few digits keep a
// glance out and not an expert, at any number of rounds: so the rounds are few enough for an old phone.
/* global idb */

/** @typedef {{ salt: Uint8Array<ArrayBuffer>, hash: Uint8Array, wrong: number }} Lock */

const ROUNDS = 200_000; // of PBKDF2 with SHA-256
const MOST = 5; // wrong tries
const LIBRARY = "../vendor/idb-8.0.4.umd.js"; // brought only when there is something to ask

async function store() {
  await import(LIBRARY);
  return idb.openDB("lock", 1, { upgrade: (db) => db.createObjectStore("pin") });
}

/** @param {string} pin @param {Uint8Array<ArrayBuffer>} salt */
async function hashOf(pin, salt) {
  const raw = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return new Uint8Array(await crypto.subtle.deriveBits(how, raw, 256));
}

/** @param {string} pin */
export const isPin = (pin) => /^\d{4,6}$/.test(pin);

export const isSet = () => localStorage.getItem("steps-lock") !== null;

/** From now on this tab is in view with the lock open. */
export const open = () => sessionStorage.setItem("steps-seen", String(Date.now()));

/** @param {string} pin */
export async function choose(pin) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  /** @type {Lock} */
  const lock = { salt, hash: await hashOf(pin, salt), wrong: 0 };
  await (await store()).put("pin", lock, "pin");
  open();
  localStorage.setItem("steps-lock", "on");
}

/** How many tries are left; none too when the browser has lost the hash. */
export async function left() {
  /** @type {Lock | undefined} */
  const lock = await (await store()).get("pin", "pin");
  return lock ? Math.max(0, MOST - lock.wrong) : 0;
}

/**
 * Whether this is the PIN. The try counts before it is looked at: closing the page saves none.
 * @param {string} pin
 */
export async function isRight(pin) {
  const db = await store();
  const change = db.transaction("pin", "readwrite");
  /** @type {Lock | undefined} */
  const lock = await change.store.get("pin");
  if (!lock || lock.wrong >= MOST) return false;
  await change.store.put({ ...lock, wrong: lock.wrong + 1 }, "pin");
  await change.done;
  const hash = await hashOf(pin, lock.salt);
  if (hash.some((byte, n) => byte !== lock.hash[n])) return false;
  await db.put("pin", { ...lock, wrong: 0 }, "pin");
  return true;
}

export async function forget() {
  await (await store()).clear("pin");
  localStorage.removeItem("steps-lock");
  sessionStorage.removeItem("steps-seen");
}
