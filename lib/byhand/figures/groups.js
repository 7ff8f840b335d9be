// Cells that belong together carry one letter and one colour. A panel says which: "groups", a number for each cell.

const HUES = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a800", "#777777"];
const GROUP_STYLE = `
.byhand td[data-group] { position: relative; padding: 0 0.55rem 0 0.2rem; color: var(--fg); background: color-mix(in srgb, var(--group) 26%, var(--bg)); }
.byhand td[data-group]::after { content: attr(data-group); position: absolute; inset: -3px 0 auto auto; font: 700 0.7rem/1 ui-monospace, monospace; }
.byhand td[data-group]:has(input)::after { content: none; }
.byhand tr:has(> th) ~ tr td[data-group] { padding: 0 0.1rem; }
.byhand tr:has(> th) ~ tr td[data-group]::after { content: none; }
`;

const letterOf = (g) => (g < 26 ? "" : "A") + String.fromCharCode(65 + (g % 26));

function groups(panels) {
  const style = h("style", {}, GROUP_STYLE);

  // Mark the cells of a trace; none while a question is open, which letters might answer.
  function paint(trace, tiles, cell, closed) {
    if (!style.isConnected) panels.prepend(style);
    for (const [name, panel] of closed ? [] : Object.entries(trace.panels)) {
      (panel.groups || []).forEach((g, i) => {
        for (const tile of (g !== null && tiles[keyOf([name, i])]) || []) {
          tile.dataset.group = letterOf(g);
          tile.style.setProperty("--group", HUES[g % HUES.length]);
        }
      });
    }
    return [];
  }

  return { paint, end() {} };
}
