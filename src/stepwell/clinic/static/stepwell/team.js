// The plan editor's preview while somebody types. Without this file the Preview button does the same.
const form = document.querySelector("form[data-preview]");
const place = document.getElementById("preview");
const said = document.getElementById("preview-said");
const PAUSE = 400;
let waiting, asking;

async function ask() {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(form.dataset.preview, {
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

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const told = page.querySelector("[data-said]")?.dataset.said ?? "";
  place.replaceChildren(...page.body.childNodes);
  if (said.textContent !== told) said.textContent = told;
}

if (form && place) {
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(ask, PAUSE); };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  if (!place.querySelector("[data-said]")) ask();
}
