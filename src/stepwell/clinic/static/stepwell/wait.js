// Ten minutes by this phone's own clock. Nothing moves but a number, once a minute.

const box = document.querySelector("#wait");
const minutes = Number(box.dataset.minutes);
let ends = 0;

function begin() {
  ends = Date.now() + minutes * 60_000;
  const lang = document.documentElement.lang;
  const format = { hour: "2-digit", minute: "2-digit", hour12: false };
  box.querySelector("time").textContent = new Date(ends).toLocaleTimeString(lang === "en" ? "en-GB" : lang, format);
  show();
}

function show() {
  const left = Math.max(0, Math.ceil((ends - Date.now()) / 60_000));
  box.querySelector("[data-left]").hidden = left === 0;
  box.querySelector("[data-waiting]").hidden = left === 0;
  box.querySelector("[data-done]").hidden = left > 0;
  for (const [name, isSo] of [["one", left === 1], ["many", left > 1]]) {
    box.querySelector(`[data-${name}]`).hidden = !isSo;
  }
  const said = box.querySelector("[data-number]");
  if (said.textContent !== String(left)) said.textContent = String(left);
}

begin();
setInterval(show, 5000);
addEventListener("pageshow", ({ persisted }) => persisted && show());
