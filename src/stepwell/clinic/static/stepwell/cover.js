// Covers this phone's pages before anything is drawn, so that nothing flashes: out of view, on a
// cold start, and after a minute away. lock.js asks for the PIN. Help is never covered.
{
  const AWAY_MS = 60_000;
  const root = document.documentElement;
  const isOwn = document.currentScript?.hasAttribute("data-own") && !location.pathname.startsWith("/help/");
  let hasLeft = false;

  const isSet = () => {
    try {
      return localStorage.getItem("steps-lock") !== null;
    } catch {
      return false; // a browser that keeps nothing has no lock
    }
  };

  // When this tab was last in view with the lock open; gone as soon as that is too long ago.
  const look = () => {
    const seen = sessionStorage.getItem("steps-seen");
    const away = seen === null ? Infinity : Date.now() - Number(seen);
    const isOpen = 0 <= away && away < AWAY_MS; // a clock that was put back opens nothing
    if (isOpen) sessionStorage.setItem("steps-seen", String(Date.now()));
    else sessionStorage.removeItem("steps-seen");
    root.toggleAttribute("data-away", !isOpen);
    if (isOpen || !isOwn || root.hasAttribute("data-locked")) return;
    root.setAttribute("data-locked", "");
    dispatchEvent(new Event("steps-lock"));
  };

  const back = () => {
    hasLeft = false;
    if (isSet()) look();
    else if (root.hasAttribute("data-locked")) return location.reload(); // signed out elsewhere
    root.removeAttribute("data-covered");
  };

  const leave = () => {
    if (hasLeft || !isSet()) return;
    hasLeft = true; // once: what is gone for long and then closed was not here until then
    if (sessionStorage.getItem("steps-seen")) sessionStorage.setItem("steps-seen", String(Date.now()));
    if (isOwn) root.setAttribute("data-covered", "");
  };

  if (isSet()) look();
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : back()));
  addEventListener("pagehide", leave);
  addEventListener("pageshow", ({ persisted }) => persisted && back());
}
