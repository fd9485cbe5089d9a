// Says what this phone keeps and what waits on it; the worker does the work.

const words = document.querySelector("#phone");
const { kept, stale } = document.documentElement.dataset;

function say(when, isSo, change = () => {}) {
  const line = words.querySelector(`[data-when="${when}"]`);
  if (isSo) change(line);
  line.hidden = !isSo;
}

function count(number) {
  return (line) => {
    line.querySelector("[data-one]").hidden = number !== 1;
    line.querySelector("[data-many]").hidden = number === 1;
    line.querySelector("[data-number]").textContent = String(number);
  };
}

function show({ waiting, untold, unread, sent }) {
  say("untold", untold);
  say("waiting", waiting > 0, count(waiting));
  say("sent", sent > 0, count(sent));
  say("quiet", document.documentElement.dataset.kept !== undefined || waiting + sent + unread.length > 0);
  say("unread", unread.length > 0, (line) => {
    line.querySelector("[data-typed]").textContent = unread[0].unread;
    line.querySelector("a").href = `/check-in/?on=${unread[0].on}`;
  });
}

if (words && "serviceWorker" in navigator) {
  say("quiet", kept !== undefined);
  say("kept", kept !== undefined, (line) => {
    const at = new Date(Number(kept));
    const format = { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" };
    const { lang } = document.documentElement;
    line.querySelector("time").textContent = at.toLocaleString(lang === "en" ? "en-GB" : lang, format);
  });
  say("stale", stale !== undefined);
  navigator.serviceWorker.addEventListener("message", ({ data }) => show(data));
  await navigator.serviceWorker.register("/sw.js").catch(() => {}); // no network: the old one does
  const { active } = await navigator.serviceWorker.ready;
  const send = () => active.postMessage("send");
  addEventListener("online", send);
  send();
}
