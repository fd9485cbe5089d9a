// The plan editor's preview while somebody types. Without this file the Preview button does the same.
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-preview]"));
const place = document.getElementById("preview");
const said = document.getElementById("preview-said");
const PAUSE = 400;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;
/** @type {AbortController | undefined} */
let asking;

/** @param {HTMLFormElement} form */
async function ask(form) {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(form.dataset.preview ?? "", {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Requested-With": "fetch" },
      signal: asking.signal,
    });
    if (answer.ok && !answer.redirected) show(await answer.text());
  } catch {
    // Offline, or a newer question is on its way: what is shown stays, and the button still works.
  }
}

/** @param {string} html */
function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const told = page.querySelector("[data-said]")?.getAttribute("data-said") ?? "";
  place?.replaceChildren(...page.body.childNodes);
  if (said && said.textContent !== told) said.textContent = told;
}

if (form && place) {
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(ask, PAUSE, form); };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  if (!place.querySelector("[data-said]")) ask(form);
}
