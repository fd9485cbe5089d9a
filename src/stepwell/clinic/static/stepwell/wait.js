// Ten minutes by this phone's own clock. Nothing moves but a number, once a minute.

/** @param {string} name */
const part = (name) => /** @type {HTMLElement} */ (document.querySelector(`#wait${name}`));
const minutes = Number(part("").dataset.minutes);
let ends = 0;

function begin() {
  ends = Date.now() + minutes * 60_000;
  const lang = document.documentElement.lang;
  /** @type {Intl.DateTimeFormatOptions} */
  const format = { hour: "2-digit", minute: "2-digit", hour12: false };
  part(" time").textContent = new Date(ends).toLocaleTimeString(lang === "en" ? "en-GB" : lang, format);
  show();
}

function show() {
  const left = Math.max(0, Math.ceil((ends - Date.now()) / 60_000));
  part(" [data-left]").hidden = left === 0;
  part(" [data-waiting]").hidden = left === 0;
  part(" [data-done]").hidden = left > 0;
  part(" [data-one]").hidden = left !== 1;
  part(" [data-many]").hidden = left <= 1;
  const said = part(" [data-number]");
  if (said.textContent !== String(left)) said.textContent = String(left);
}

begin();
setInterval(show, 5000);
addEventListener("pageshow", ({ persisted }) => persisted && show());
