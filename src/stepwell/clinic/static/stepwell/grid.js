// Down, Up and Enter move between days in a returned sheet. Without this file Tab does.
const grid = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-grid]"));
/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1, Enter: 1 };

grid?.addEventListener("keydown", (event) => {
  const cell = /** @type {HTMLElement} */ (event.target);
  const step = STEPS[event.key];
  const { column } = cell.dataset;
  if (!step || !column) return;
  event.preventDefault();
  /** @type {NodeListOf<HTMLElement>} */
  const all = grid.querySelectorAll(`[data-column="${column}"]`);
  const cells = [...all];
  const next = cells[cells.indexOf(cell) + step];
  (next ?? (step > 0 ? grid.querySelector("button") : undefined))?.focus();
});
