// Lines behind the panels, from each cell that a sum reads to the cell it makes; those of the cell in question are lit.

// A style of its own: figures without wires do not carry it. The front end of a notebook holds one sheet for all figures.
const WIRE_STYLE = `
.bh-wired { position: relative; isolation: isolate; }
.bh-wired .bh-row { margin: 2.1rem 0; }
.byhand .bh-wired :is(caption, th[scope="col"]) { background: var(--bg); }
.bh-wired .bh-panel > p { background: var(--bg); }
.bh-wires { position: absolute; inset: 0; width: 100%; height: 100%; z-index: -1; overflow: hidden; pointer-events: none; }
.bh-wires line { stroke: var(--line); stroke-width: 1; opacity: 0.55; }
.bh-wires line.bh-odd { stroke: var(--green); stroke-dasharray: 7 4; opacity: 0.9; }
.bh-wires line.bh-lit { stroke: var(--blue); stroke-width: 3; opacity: 1; }
@media (min-width: 700px) { .bh-wired .bh-item:only-child .bh-panel { display: flex; align-items: center; }
.byhand .bh-wired .bh-item:only-child .bh-panel > p { width: 6.5rem; min-width: 6.5rem; } }
@media (max-width: 699px) { .bh-wired .bh-item:only-child .bh-panel { display: flex; flex-wrap: wrap-reverse; align-items: center; }
.byhand .bh-wired .bh-item:only-child .bh-panel > p { order: 1; width: auto; min-width: 0; }
.bh-wired .bh-ends .bh-blocks { flex-wrap: nowrap; gap: 2px; } }
@media (max-width: 480px) { .byhand .bh-wired td[data-cell] { min-width: 24px; font-size: 0.75rem; border-width: 2px; } }
@media (forced-colors: active) { .bh-wires line { stroke: CanvasText; } .bh-wires line.bh-lit { stroke: Highlight; } }
`;

// Every [from, to] of a trace in the order of its steps; weights stand on the lines, not at their ends.
function pairsOf(trace, frames = trace.frames, keep = () => true) {
  const ends = (term) => cellsOf(term).filter(([name]) => trace.panels[name].role !== "weight");
  const drawn = frames.filter(({ to }) => trace.wires === true || trace.wires.includes(to[0]));
  return drawn.flatMap(({ terms, to }) => terms.filter(keep).flatMap((term) => ends(term).map((from) => [from, to])));
}

// The pairs by which a cell came about, back to the beginning; of a given cell all by which it goes on; of a weight
// those it stands on. Steps make what later steps read, so one walk along them is enough.
function kinOf(trace, cell) {
  if (trace.panels[cell[0]].role === "weight") {
    return pairsOf(trace, uses(trace, cell), (term) => has(cellsOf(term), cell));
  }
  const back = makerOf(trace, cell) >= 0;
  const pairs = back ? pairsOf(trace).reverse() : pairsOf(trace);
  const reached = new Set([keyOf(cell)]);
  return pairs.filter(([from, to]) => {
    const [near, far] = back ? [to, from] : [from, to];
    return reached.has(keyOf(near)) && reached.add(keyOf(far));
  });
}

function wires(panels) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "bh-wires");
  svg.setAttribute("aria-hidden", "true");
  const style = h("style", {}, WIRE_STYLE);
  let lines = []; // [from, to, whether it is lit], lit ones last
  let odd; // cells of every other group
  let tiles = {};

  // Where lines meet a cell: the middle of it, or of its block where a panel has several, and the upper and lower edge
  // of its table. Null out of sight: a long panel scrolls by itself.
  function spot(cell, origin) {
    const tile = tiles[keyOf(cell)]?.[0];
    if (!tile) return null;
    const [blocks, table] = [".bh-blocks", "table"].map((part) => tile.closest(part));
    const end = blocks.children.length > 1 ? table : tile;
    const [across, down, sight] = [end, table, blocks].map((e) => e.getBoundingClientRect());
    const x = (across.left + across.right) / 2;
    const inSight = x >= sight.left && x <= sight.right;
    return inSight && { x: x - origin.left, top: down.top - origin.top, bottom: down.bottom - origin.top };
  }

  // A line that runs between two tables and never behind their cells and captions.
  function between(from, to) {
    const [y1, y2] = from.bottom <= to.top ? [from.bottom, to.top] : [from.top, to.bottom];
    return { x1: from.x, y1, x2: to.x, y2 };
  }

  function draw() {
    const origin = panels.getBoundingClientRect();
    svg.replaceChildren();
    const placed = {}; // cells of one block have one line, lit if one of them is
    for (const [from, to, lit] of lines) {
      const [start, end] = [spot(from, origin), spot(to, origin)];
      if (!start || !end) continue;
      const places = between(start, end);
      placed[Object.values(places)] = [from, to, lit, places];
    }
    for (const [from, to, lit, places] of Object.values(placed).sort((a, b) => a[2] - b[2])) {
      const line = document.createElementNS(svg.namespaceURI, "line");
      for (const [key, v] of Object.entries(places)) line.setAttribute(key, v.toFixed(1));
      line.dataset.wire = `${keyOf(from)} ${keyOf(to)}`;
      line.setAttribute("class", `${odd.has(keyOf(to)) ? "bh-odd" : ""} ${lit ? "bh-lit" : ""}`);
      svg.append(line);
    }
  }

  // Panels below one another, too long for the page, scroll as one, the longer ones on when the shorter are at their
  // end: what a line joins is in sight together.
  function together({ target }) {
    const rows = [...panels.querySelectorAll(".bh-wired .bh-ends .bh-blocks")];
    const left = target.scrollLeft;
    const ended = left >= target.scrollWidth - target.clientWidth - 1;
    for (const row of rows.includes(target) ? rows : []) if (!ended || row.scrollLeft < left) row.scrollLeft = left;
    draw();
  }

  const watch = new ResizeObserver(draw);
  watch.observe(panels);
  panels.addEventListener("scroll", together, true);

  // Draw the lines of a trace, none if `closed`; returns the cells to light.
  function paint(trace, drawn, cell, closed) {
    panels.classList.toggle("bh-wired", Boolean(trace.wires));
    tiles = drawn;
    const lit = trace.wires && cell && !closed ? kinOf(trace, cell) : [];
    const joined = trace.wires ? pairsOf(trace) : [];
    const all = closed ? [] : joined;
    for (const cell of joined.flat()) tiles[keyOf(cell)]?.[0].closest(".bh-panel").classList.add("bh-ends");
    const marked = new Set(lit.map(String));
    odd = new Set(trace.frames.filter((frame) => frame.group % 2).map((frame) => keyOf(frame.to)));
    const each = [...new Map(all.map((pair) => [String(pair), pair]))]; // two terms may read one cell
    const look = each.map(([name, pair]) => [...pair, marked.has(name)]);
    lines = look.sort((a, b) => a[2] - b[2]);
    if (!svg.isConnected) panels.prepend(style, svg);
    draw();
    return lit.flat();
  }

  return { paint, end: () => watch.disconnect() };
}
