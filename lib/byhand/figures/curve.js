// The curve of a function of one number above the panels, its slope dashed, a dot for each number, a tangent at one.

const CURVE_STYLE = `
.bh-curve { display: block; width: 100%; max-width: 30rem; height: auto; }
.bh-curve :is(path, line) { fill: none; stroke: var(--line); stroke-width: 1; }
.bh-curve .bh-f { stroke: var(--blue); stroke-width: 3; }
.bh-curve .bh-df { stroke: var(--green); stroke-width: 2; stroke-dasharray: 6 4; }
.bh-curve .bh-tangent { stroke: var(--red); stroke-width: 3; }
.bh-curve circle { fill: var(--fg); stroke: var(--bg); stroke-width: 1.5; }
.bh-curve circle.bh-here { fill: var(--red); }
.bh-curve text { fill: var(--quiet); font-size: 13px; text-anchor: middle; }
.bh-curve + p { min-height: 1.4em; }
@media (forced-colors: active) { .bh-curve :is(path, line) { stroke: CanvasText; } .bh-curve .bh-tangent { stroke: Highlight; } }
`;

// What is drawn of a trace, in a box of 480 by 300: paths, dots and the tangent; curve.py draws the same in a still.
function curveOf(trace, cell, closed) {
  const { low, high, y, slope, points } = trace.curve;
  const seen = [...y, ...(closed ? [] : slope)].filter((v) => abs8(v));
  const [bottom, top] = [Math.min(0, ...seen) - 0.25, Math.max(1, ...seen) + 0.25];
  const right = (z) => 30 + (440 * (z - low)) / (high - low);
  const down = (v) => 290 - (280 * (v - bottom)) / (top - bottom);
  const pen = (values) => {
    const on = values.map((v, k) => [right(low + (k * (high - low)) / (values.length - 1)), down(v)]);
    const inside = on.filter(([, d]) => d >= 10 && d <= 290);
    return `M${inside.map((place) => place.map((n) => n.toFixed(1)).join(" ")).join("L")}`;
  };
  const read = ([name, i]) => trace.panels[name].data[i];
  const here = Math.max(points.findIndex((p) => cell && keyOf(p[0]) === keyOf(cell)), -1);
  const any = points.findIndex((p) => cell && p.some((c) => keyOf(c) === keyOf(cell)));
  const chosen = here >= 0 ? here : Math.max(any, 0);
  const places = points.map(([z, s, v]) => ({ z: read(z), s: read(s), y: read(v) }));
  const fits = ({ z, y: v }) => z >= low && z <= high && v >= bottom && v <= top;
  const { z, s, y: v } = places[chosen];
  const reach = 1.6 / Math.hypot(1, (s * (280 / (top - bottom))) / (440 / (high - low)));
  const tangent = [z - reach, v - s * reach, z + reach, v + s * reach].map((n, k) => (k % 2 ? down(n) : right(n)));
  const dots = places.map((place, k) => ({ x: right(place.z), y: down(place.y), here: k === chosen, in: fits(place) }));
  const ticks = [bottom, top].map((n) => Math.trunc(n)).filter((n, k, all) => n && all.indexOf(n) === k);
  return { f: pen(y), df: pen(slope), dots, tangent: fits(places[chosen]) && tangent, right, down, ticks, low, high };
}

const abs8 = (v) => Math.abs(v) <= 8;

function curve(panels) {
  const style = h("style", {}, CURVE_STYLE);
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const put = (tag, given, text) => {
    const made = document.createElementNS(space, tag);
    for (const [key, v] of Object.entries(given)) made.setAttribute(key, typeof v === "number" ? v.toFixed(1) : v);
    if (text) made.textContent = text;
    svg.append(made);
  };
  svg.setAttribute("class", "bh-curve");
  svg.setAttribute("viewBox", "0 0 480 308");
  svg.setAttribute("role", "img");
  const legend = h("p", { class: "bh-quiet", "aria-hidden": "true" });

  // While a question is open there is the curve alone.
  function paint(trace, tiles, cell, closed) {
    const { f, df, dots, tangent, right, down, ticks, low, high } = curveOf(trace, cell, closed);
    svg.replaceChildren();
    svg.setAttribute("aria-label", `${trace.title} as a curve${closed ? "" : ", its slope dashed, a tangent at one number"}`);
    put("line", { x1: 30, x2: 470, y1: down(0), y2: down(0) });
    put("line", { x1: right(0), x2: right(0), y1: 10, y2: 290 });
    for (let n = low; n <= high; n += 2) {
      put("line", { x1: right(n), x2: right(n), y1: down(0) - 4, y2: down(0) + 4 });
      put("text", { x: right(n), y: 304 }, fmt(n)); // below all curves
    }
    for (const n of ticks) put("text", { x: right(0) - 14, y: down(n) + 4 }, fmt(n));
    if (!closed) put("path", { class: "bh-df", d: df });
    put("path", { class: "bh-f", d: f });
    if (!closed && tangent) {
      const [x1, y1, x2, y2] = tangent;
      put("line", { class: "bh-tangent", x1, y1, x2, y2 });
    }
    for (const dot of closed ? [] : [...dots].sort((a, b) => a.here - b.here)) {
      if (dot.in) put("circle", { class: dot.here ? "bh-here" : "", cx: dot.x, cy: dot.y, r: dot.here ? 6 : 4 });
    }
    legend.textContent = closed ? "Solid: f." : "Solid: f. Dashed: its slope. Short and thick: the tangent at the large dot.";
    if (!svg.isConnected) panels.prepend(style, svg, legend);
    return [];
  }

  return { paint, end() {} };
}
