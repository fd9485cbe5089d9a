// What the phone does without a network. It stands before the pages and changes nothing in them
// but this: a page that was kept says when, and shows no amount once that is too long ago.
//
// Kept pages lie in a cache of their own, which goes when somebody signs out, hides or signs in.
// A check-in that cannot be sent waits in IndexedDB under its own id, and is sent once.
/* global CONFIG, idb */

/**
 * A check-in that waits: what was told, when by this phone, and what the service could not read of it.
 * @typedef {{ id: string, told: [string, string][], at: number, isDanger: boolean, unread: string, on?: string }} Waiting
 * @typedef {import("idb").IDBPDatabase} Store
 */

const phone = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

const SHELL = `shell-${CONFIG.version}`;
const PAGES = "pages";
const PLAN = "/the-newest-plan"; // beside the pages: which plan the phone last heard of
const PATIENCE_MS = 6000; // a network that takes longer is none
const KEPT_AT = "X-Steps-Kept";
const AMOUNT = /<!--amount-->[\s\S]*?<!--\/amount-->/g;
const NO_AMOUNT = "<!--amount--><!--/amount-->";

phone.addEventListener("install", (event) => event.waitUntil(prepare()));
phone.addEventListener("activate", (event) => event.waitUntil(takeOver()));
phone.addEventListener("fetch", (event) => answer(event));
phone.addEventListener("message", (event) => event.waitUntil(asked(event)));

async function prepare() {
  const shell = await caches.open(SHELL);
  // A file that the page has just brought is asked about, not sent again.
  await shell.addAll(CONFIG.shellFiles.map((address) => new Request(address, { cache: "no-cache" })));
  const mine = { "X-Steps-Shell": "1" }; // nothing of one's own: this stays after signing out
  const brought = await fetch(CONFIG.shell, { cache: "no-store", headers: mine });
  const headers = new Headers({ "Content-Type": "text/html; charset=utf-8" });
  headers.set("Content-Security-Policy", brought.headers.get("Content-Security-Policy") ?? "default-src 'none'");
  for (const [address, html] of Object.entries(await brought.json())) {
    await shell.put(address, new Response(html, { headers }));
  }
  if (await caches.match(CONFIG.diary[0])) await keepDiary(); // a new version keeps what was kept
  await phone.skipWaiting();
}

/** @param {ExtendableMessageEvent} event */
async function asked({ data }) {
  if (data === "keep the diary") await keepDiary();
  else await tell(await send().catch(() => 0));
}

async function takeOver() {
  const old = (await caches.keys()).filter((name) => name.startsWith("shell-") && name !== SHELL);
  await Promise.all(old.map((name) => caches.delete(name)));
  await phone.clients.claim();
}

// --- answering ---------------------------------------------------------------------------------

/** @param {FetchEvent} event */
function answer(event) {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.method === "POST") {
    if (CONFIG.ends.includes(pathname)) event.waitUntil(forget());
    if (pathname === CONFIG.checkIn) event.respondWith(told(event));
  } else if (request.mode === "navigate") {
    event.respondWith(page(request));
  } else if (pathname.startsWith(CONFIG.files)) {
    event.respondWith(file(request));
  }
}

/** @param {Request} request */
async function file(request) {
  return (await caches.match(request, { ignoreSearch: true })) ?? fetch(request);
}

/** @param {Request} request */
async function page(request) {
  try {
    const fresh = await soon(request);
    await keep(request, fresh.clone());
    return fresh;
  } catch {
    return kept(request);
  }
}

/** @param {Request} request */
function soon(request) {
  return fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
}

// --- keeping pages -----------------------------------------------------------------------------

/** @param {Request} request @param {Response} fresh */
async function keep(request, fresh) {
  const { pathname, search } = new URL(fresh.url);
  if (CONFIG.ends.includes(pathname)) await forget();
  if (!fresh.ok || search || !CONFIG.kept.includes(pathname)) return;
  const headers = new Headers(fresh.headers);
  headers.set(KEPT_AT, String(Date.now()));
  const pages = await caches.open(PAGES);
  const plan = headers.get("X-Steps-Plan");
  if (plan !== null) await pages.put(PLAN, new Response(plan));
  await pages.put(pathname, new Response(await fresh.text(), { headers }));
}

// The diary is nobody's until its words are typed: it stays when somebody signs out.
async function keepDiary() {
  const shell = await caches.open(SHELL);
  /** @type {RequestInit} */
  const how = { cache: "no-cache", credentials: "omit" };
  await shell.addAll(CONFIG.diary.map((address) => new Request(address, how)));
}

async function forget() {
  await caches.delete(PAGES);
}

/** @param {Request} request @returns {Promise<Response>} */
async function kept(request) {
  const { pathname, search } = new URL(request.url);
  const pages = await caches.open(PAGES);
  const page = search ? undefined : await pages.match(pathname);
  if (!page) return (await caches.match(pathname)) ?? (await caches.match(CONFIG.offline)) ?? Response.error();
  const text = await page.text();
  const stale = text.includes("<!--amount-->") && (await isStale(page, pages));
  const html = shown(text, page.headers.get(KEPT_AT), stale);
  if (stale) await pages.put(pathname, new Response(html, { headers: page.headers }));
  return new Response(html, { headers: page.headers });
}

// Too long ago, kept under another plan than the newest one, or the phone's clock was put back.
/** @param {Response} page @param {Cache} pages */
async function isStale(page, pages) {
  const newest = await (await pages.match(PLAN))?.text();
  const hours = (Date.now() - Number(page.headers.get(KEPT_AT))) / 3_600_000; // the phone's own clock
  const inTime = 0 <= hours && hours < Number(page.headers.get("X-Steps-Hours"));
  return !inTime || page.headers.get("X-Steps-Plan") !== newest;
}

// The day and the id of a form that was kept are another day's and another form's.
/** @param {string} html @param {string | null} at @param {boolean} stale */
function shown(html, at, stale) {
  const own = html
    .replace(/<html( data-kept="\d*")?( data-stale)?/, `<html data-kept="${at}"${stale ? " data-stale" : ""}`)
    .replace(/(name="event_id" value=")[^"]*/g, () => `name="event_id" value="${crypto.randomUUID()}`)
    .replace(/(name="on" value=")[^"]*/, "$1");
  return stale ? own.replace(AMOUNT, NO_AMOUNT) : own;
}

// --- check-ins that wait -----------------------------------------------------------------------

const store = () => idb.openDB("steps", 1, { upgrade: (db) => db.createObjectStore("waiting", { keyPath: "id" }) });

/** @param {FetchEvent} event */
async function told(event) {
  const form = await event.request.clone().formData();
  try {
    return await soon(event.request);
  } catch {
    return wait([...form.entries()].flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])));
  }
}

/** @param {[string, string][]} entries */
async function wait(entries) {
  const id = new Map(entries).get("event_id") || crypto.randomUUID();
  const isDanger = entries.some(([name, value]) => CONFIG.dangers[name]?.includes(value));
  const told = entries.filter(([name]) => name !== "csrfmiddlewaretoken");
  await (await store()).put("waiting", { id, told, at: Date.now(), isDanger, unread: "" });
  if (isDanger) await (await caches.open(PAGES)).delete(PLAN); // no amount is shown after this
  return Response.redirect(isDanger ? CONFIG.help : CONFIG.today, 303);
}

async function send() {
  const db = await store();
  /** @type {Waiting[]} */
  const all = await db.getAll("waiting");
  const waiting = all.filter((one) => !one.unread);
  if (!waiting.length) return 0;
  const door = await fetch(CONFIG.queue, { cache: "no-store" });
  if (!door.ok || door.redirected) return 0;
  const { token } = await door.json();
  let sent = 0;
  for (const one of waiting.sort((a, b) => a.at - b.at)) sent += await sendOne(db, one, token);
  return sent;
}

/** @param {Store} db @param {Waiting} one @param {string} token */
async function sendOne(db, one, token) {
  const waited = Math.max(0, Math.round((Date.now() - one.at) / 1000));
  const body = new URLSearchParams([...one.told, ["waited_s", String(waited)]]);
  const answer = await fetch(CONFIG.queue, { method: "POST", body, headers: { "X-CSRFToken": token } });
  if (!answer.ok || answer.redirected) return 0;
  const { unread, on } = await answer.json();
  if (unread) await db.put("waiting", { ...one, unread, on });
  else await db.delete("waiting", one.id);
  return 1;
}

/** @param {number} sent */
async function tell(sent) {
  /** @type {Waiting[]} */
  const all = await (await store()).getAll("waiting");
  const waiting = all.filter((one) => !one.unread);
  const state = {
    sent,
    waiting: waiting.length,
    untold: waiting.some((one) => one.isDanger),
    unread: all.filter((one) => one.unread).map(({ unread, on }) => ({ unread, on })),
  };
  for (const page of await phone.clients.matchAll({ type: "window" })) page.postMessage(state);
}
