// A panel as a table of numbers, drawn once; the stage lights its cells.

const keyOf = ([name, i]) => `${name}:${i}`;

function cellAt(target) {
  const key = target.closest?.("td[data-cell]")?.dataset.cell;
  const cut = key?.lastIndexOf(":");
  return key ? [key.slice(0, cut), Number(key.slice(cut + 1))] : null;
}

// Scroll a long row, never the page, until a cell of it is in sight.
function intoSight(tile) {
  const row = tile.closest(".bh-blocks");
  const [cell, sight] = [tile, row].map((part) => part.getBoundingClientRect());
  row.scrollLeft += Math.min(cell.left - sight.left - 6, 0) + Math.max(cell.right - sight.right + 6, 0);
}

// The panel with a caption. veiled: not even its form is told, nor the rest of a label after a comma, which may work
// the form out; hidden: its numbers are not told; change(i): whether a reader may change a cell. Every cell is put into
// `tiles`, a list for each key.
function panelTable(name, panel, { veiled, hidden, change, tiles }) {
  const shape = shapeText(panel).replace(/, (?=\d)/g, ",\u00a0"); // a shape stays on one line
  const said = veiled ? panel.label.split(",")[0] : `${panel.label} `;
  const caption = h("p", { class: "bh-quiet" }, h("b", {}, name), ` ${said}`, veiled ? "" : shape);
  if (veiled) return h("div", { class: "bh-panel" }, caption, h("div", { class: "bh-veil" }, "?"));
  const again = tiles[keyOf([name, 0])] ? ", again" : "";
  const blank = hatched(panel);
  const full = panel.look === "bar" ? 1 : Math.max(...panel.data.map(Math.abs)) || 1;
  const cell = (i) => {
    const v = panel.data[i];
    const props = { role: "gridcell", tabindex: i ? -1 : 0, "data-cell": keyOf([name, i]) };
    let text = hidden ? "?" : fmt(v);
    if (blank.has(i)) {
      text = (panel.padtext || "0").replace("-inf", "−∞");
      Object.assign(props, { class: "bh-pad", "aria-label": `${panel.ground || "padding"} ${text}` });
    } else if (!hidden) {
      props.class = v < 0 && "bh-neg";
      props.style = panel.look && `--v:${Math.round((100 * Math.abs(v)) / full)}%`;
    }
    props["aria-readonly"] = String(!change(i));
    const tile = h("td", props, text);
    (tiles[keyOf([name, i])] ||= []).push(tile);
    return tile;
  };
  const { rows, columns } = axesOf(panel);
  const header = (scope, text) => h("th", { scope, role: `${scope === "col" ? "column" : scope}header` }, text);
  const [down, across] = [panel.names?.[rows], panel.names?.[columns]];
  const table = ({ said, lines }) => {
    const line = (places, r) => h("tr", { role: "row" }, down && header("row", down[r]), places.map(cell));
    const corner = down && h("td", { role: "presentation" });
    const top = across && h("tr", { role: "row" }, corner, across.map((text) => header("col", text)));
    const label = `${name}, ${panel.label}${said && `, ${said}`}${again}`;
    const body = h("tbody", { role: "presentation" }, top, lines.map(line));
    const look = panel.look && `bh-${panel.look}`;
    return h("table", { role: "grid", "aria-label": label, class: look }, said && h("caption", {}, said), body);
  };
  return h("div", { class: "bh-panel" }, caption, h("div", { class: "bh-blocks" }, blocksOf(panel).map(table)));
}
