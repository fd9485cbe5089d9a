// Down, Up and Enter move between days in a returned sheet. Without this file Tab does.
const grid = document.querySelector("form[data-grid]");
const STEPS = { ArrowDown: 1, ArrowUp: -1, Enter: 1 };

grid?.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  const column = event.target.dataset?.column;
  if (!step || !column) return;
  event.preventDefault();
  const cells = [...grid.querySelectorAll(`[data-column="${column}"]`)];
  const next = cells[cells.indexOf(event.target) + step];
  (next ?? (step > 0 ? grid.querySelector("button") : undefined))?.focus();
});
