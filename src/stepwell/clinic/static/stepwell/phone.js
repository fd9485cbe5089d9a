// Says what this phone keeps and what waits on it; the worker does the work.

/**
 * What the worker tells: how many wait, whether one of them is of danger, how many were sent, and
 * what could not be read.
 * @typedef {{ waiting: number, untold: boolean, sent: number, unread: { unread: string, on: string }[] }} State
 * @typedef {(line: HTMLElement) => void} Change
 */

const words = document.querySelector("#phone");
const { kept, stale } = document.documentElement.dataset;

/** @param {ParentNode} place @param {string} which @returns {HTMLElement} */
const part = (place, which) => /** @type {HTMLElement} */ (place.querySelector(which));

/** @param {string} when @param {boolean} isSo @param {Change} [change] */
function say(when, isSo, change = () => {}) {
  const line = part(document, `#phone [data-when="${when}"]`);
  if (isSo) change(line);
  line.hidden = !isSo;
}

/** @param {number} number @returns {Change} */
function count(number) {
  return (line) => {
    part(line, "[data-one]").hidden = number !== 1;
    part(line, "[data-many]").hidden = number === 1;
    part(line, "[data-number]").textContent = String(number);
  };
}

/** @param {State} state */
function show({ waiting, untold, unread, sent }) {
  say("untold", untold);
  say("waiting", waiting > 0, count(waiting));
  say("sent", sent > 0, count(sent));
  say("quiet", document.documentElement.dataset.kept !== undefined || waiting + sent + unread.length > 0);
  say("unread", unread.length > 0, (line) => {
    part(line, "[data-typed]").textContent = unread[0].unread;
    part(line, "a").setAttribute("href", `/check-in/?on=${unread[0].on}`);
  });
}

if (words && "serviceWorker" in navigator) {
  say("quiet", kept !== undefined);
  say("kept", kept !== undefined, (line) => {
    const at = new Date(Number(kept));
    /** @type {Intl.DateTimeFormatOptions} */
    const format = { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" };
    const { lang } = document.documentElement;
    part(line, "time").textContent = at.toLocaleString(lang === "en" ? "en-GB" : lang, format);
  });
  say("stale", stale !== undefined);
  navigator.serviceWorker.addEventListener("message", ({ data }) => show(data));
  await navigator.serviceWorker.register("/sw.js").catch(() => {}); // no network: the old one does
  const { active } = await navigator.serviceWorker.ready;
  const send = () => active?.postMessage("send");
  addEventListener("online", send);
  send();
}
