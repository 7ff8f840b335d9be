// What a trace says, with no page in sight: names of cells, equations, uses, questions, grading, movement.

const close = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
const fmt = (v) => round(v).replaceAll("-", "−");
const exact = (v) => close(Number(round(v)), v);
const bracketed = (v) => (v < 0 ? `(${fmt(v)})` : fmt(v));
const tuple = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
const count = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
const has = (list, cell) => list.some((c) => same(c, cell));

function round(v) {
  const size = Math.abs(v);
  if (size < 1e-12) return "0"; // what rounding leaves of a 0
  if (size < 0.01) return String(Number(v.toPrecision(2)));
  return String(Number(v.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3)) + 0);
}

function same(a, b) {
  if (a === b || !a || !b || typeof a !== "object" || typeof b !== "object") return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((k) => same(a[k], b[k]));
}

function readNumber(text) {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  const good = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) && Math.abs(plain) <= 1e6;
  return good ? Number(plain) : null;
}

// What the reader wrote, as an answer of this kind; null for what is none.
function readAnswer(kind, given) {
  if (kind === "number") return readNumber(given);
  return kind === "shape" && !/\d/.test(given) ? null : given;
}

// Flat places that hold no data: padding and zeros put between.
function hatched(panel) {
  const edge = (k, a) => panel.pad && (k < panel.pad[a][0] || k >= panel.shape[a] - panel.pad[a][1]);
  const padding = cells(panel.shape).flatMap((index, i) => (index.some(edge) ? [i] : []));
  return new Set([...padding, ...(panel.zeros || [])]);
}

// Along each axis, the coordinates that hold data.
function coordinates(panel) {
  const blank = hatched(panel);
  const seen = panel.shape.map(() => new Set());
  cells(panel.shape).forEach((index, i) => blank.has(i) || index.forEach((k, a) => seen[a].add(k)));
  return seen.map((s) => [...s].sort((a, b) => a - b));
}

// Along each axis, the coordinates that cells are counted by: all of them where what surrounds the data belongs to it.
const counted = (panel) => (panel.ground ? panel.shape.map((n) => [...Array(n).keys()]) : coordinates(panel));

// "y[1, 1]": counted without padding, last axes of one cell left out.
function cellName(trace, [name, i]) {
  const panel = trace.panels[name];
  if (panel.zeros?.includes(i)) return `a zero between the cells of ${name}`;
  if (!panel.ground && hatched(panel).has(i)) return `a padding cell of ${name}`;
  const places = counted(panel);
  const kept = unravel(i, panel.shape).map((k, a) => panel.names?.[a]?.[k] ?? places[a].indexOf(k));
  while (kept.length > 1 && panel.shape[kept.length - 1] === 1) kept.pop();
  return `${name}[${kept.join(", ")}]`;
}

// One frame as an equation. parts: the terms as texts, in order.
function spell(trace, frame) {
  const { panels } = trace;
  let rounded = false;
  const show = (v) => ((rounded ||= !exact(v)), bracketed(v));
  let parts = frame.terms.map((term) => factors(term).map((f) => show(reading(panels, f))).join("×"));
  const result = panels[frame.to[0]].data[frame.to[1]];
  rounded ||= !exact(result);
  let [open, between, shut] = ["", " + ", ""];
  const extreme = /^m(ax|in)$/.test(frame.op);
  if (extreme) [open, between, shut] = [`${frame.op}(`, ", ", ")"];
  else if (frame.op === "mean") [open, shut] = parts.length > 1 ? ["(", `) / ${frame.n}`] : ["", ` / ${frame.n}`];
  else if (!["dot", "sum", "copy", "set"].includes(frame.op)) [open, shut] = [`${frame.op}(`, ")"];
  const alone = extreme || (parts.length === 1 && /\w\($/.test(open)); // such a number needs no brackets
  if (alone) parts = parts.map((part) => part.replace(/^\(([^()]*)\)$/, "$1"));
  const plain = open + shut === "" && parts.length < 2 && !(parts[0] || "").includes("×");
  const left = cellName(trace, frame.to);
  const end = plain ? fmt(result) : `${rounded ? "≈" : "="} ${fmt(result)}`;
  const note = frame.note ? ` (${frame.note})` : frame.op === "set" ? " (set by hand)" : "";
  const middle = plain ? "" : open + parts.join(between) + shut + " ";
  return { left, open, parts: plain ? [] : parts, between, shut, end, note, text: `${left} = ${middle}${end}${note}` };
}

const cellsOf = (term) => factors(term).filter((f) => f.panel).map((f) => [f.panel, f.index]);
const reads = (frame, cell) => frame.terms.some((term) => has(cellsOf(term), cell));
const uses = (trace, cell) => trace.frames.filter((frame) => reads(frame, cell));
const makerOf = (trace, cell) => trace.frames.findLastIndex((frame) => same(frame.to, cell));
// The steps a given cell has to do with: those that read it; of one that none reads, those it stands beside.
function touched(trace, cell) {
  const read = uses(trace, cell);
  const empty = hatched(trace.panels[cell[0]]).has(cell[1]);
  if (read.length || empty || makerOf(trace, cell) >= 0) return read;
  return trace.frames.filter(({ see }) => has(see || [], cell));
}
const made = (trace) => [...new Set(trace.frames.map((frame) => frame.to[0]))];

// A panel as it is drawn: axes of the rows and columns, and the rest, last first: the blocks beside each other.
function axesOf(panel) {
  const [rows, columns] = panel.grid || (panel.shape.length > 1 ? [0, 1] : [null, 0]);
  return { rows, columns, rest: panel.shape.map((_, a) => a).filter((a) => a !== rows && a !== columns).reverse() };
}

// Its blocks: {said: what sets this block apart, lines: rows of flat places}.
function blocksOf(panel) {
  const { rows, columns, rest } = axesOf(panel);
  const along = (axis) => [...Array(axis === null ? 1 : panel.shape[axis]).keys()];
  const places = coordinates(panel);
  const nth = (a, k) => (places[a].includes(k) ? `${panel.axes[a]} ${places[a].indexOf(k)}` : `zeros ${k}`);
  return cells(rest.map((a) => panel.shape[a])).map((fixed) => {
    const at = (r, c) => panel.shape.map((_, a) => (a === rows ? r : a === columns ? c : fixed[rest.indexOf(a)]));
    const lines = along(rows).map((r) => along(columns).map((c) => ravel(at(r, c), panel.shape)));
    const part = (a, n) => panel.names?.[a]?.[fixed[n]] ?? nth(a, fixed[n]);
    const said = rest.map((a, n) => panel.shape[a] > 1 && part(a, n)).filter(Boolean).join(", ");
    return { said, lines };
  });
}

function shapeText(panel) {
  const inner = counted(panel).map((axis) => axis.length);
  const outer = `${panel.zeros ? "spread" : "padded"} to ${tuple(panel.shape)}`;
  return same(inner, panel.shape) ? tuple(inner) : `${tuple(inner)}, ${outer}`;
}

function list(names) {
  return names.slice(0, 6).join(", ") + (names.length > 6 ? ` and ${names.length - 6} more` : "");
}

// The cells that a cell is multiplied with, wherever it is used.
function partners(trace, cell) {
  const found = {};
  for (const term of trace.frames.flatMap((frame) => frame.terms)) {
    const read = cellsOf(term);
    if (has(read, cell)) for (const other of read) if (!same(other, cell)) found[other] = other;
  }
  return Object.values(found);
}

function spellUses(trace, cell) {
  const users = touched(trace, cell).map((frame) => cellName(trace, frame.to));
  const blank = hatched(trace.panels[cell[0]]).has(cell[1]);
  const start = cellName(trace, cell) + (blank ? "" : ` = ${fmt(trace.panels[cell[0]].data[cell[1]])}`);
  const met = partners(trace, cell).map(([name]) => name);
  const meets = [...new Set(met)].map((name) => `${count(met.filter((n) => n === name).length, "cell")} of ${name}`);
  const end = meets.length ? ` It meets ${meets.join(" and ")}.` : "";
  return `${start} is used in ${count(users.length, "result")}${users.length ? ": " + list(users) : ""}.${end}`;
}

// A step with which a walk around n cells meets all of them.
const stride = (n) => [7, 5, 3, 2].find((prime) => n % prime) || 1;

// The questions of a trace and two that every trace has; `turn` varies the cells asked for.
function questions(trace, turn) {
  const drawn = new Set(trace.layout.flat());
  const good = ({ to, terms }) => {
    const { role, data } = trace.panels[to[0]];
    const short = terms.length > 1 && terms.length < 13;
    return short && drawn.has(to[0]) && role !== "middle" && exact(data[to[1]]);
  };
  const frames = [trace.frames.filter(good), trace.frames].find((f) => f.length);
  const frame = frames[(stride(frames.length) * turn + 4) % frames.length];
  const read = new Set(trace.frames.flatMap((f) => f.terms.flatMap(cellsOf)).map(([name]) => name));
  // Where lines lead on through several layers, "used" could mean all of them.
  const given = !trace.wires && trace.layout.flat().find((name) => trace.panels[name]?.edit && read.has(name));
  const asks = [...trace.asks];
  asks.push({
    kind: "number",
    prompt: `Which number stands in ${cellName(trace, frame.to)}?`,
    answer: trace.panels[frame.to[0]].data[frame.to[1]],
    why: spell(trace, frame).text,
    at: frame.to,
  });
  if (given) {
    const blank = hatched(trace.panels[given]);
    const open = trace.panels[given].data.flatMap((_, i) => (blank.has(i) ? [] : [[given, i]]));
    const cell = open[(stride(open.length) * turn + 1) % open.length];
    const answer = uses(trace, cell).length;
    const prompt = `In how many results is ${cellName(trace, cell)} used?`;
    asks.push({ kind: "number", prompt, answer, why: spellUses(trace, cell), mark: cell });
  }
  return asks;
}

// Those of the trace in order, each once, then the others by turns.
function nextQuestion(trace, turn, asked) {
  const all = questions(trace, turn);
  const known = (q) => asked.some((old) => old.prompt === q.prompt && same(old.answer, q.answer));
  const others = all.slice(trace.asks.length);
  return trace.asks.find((q) => !known(q)) || others[turn % others.length];
}

// The panels of which a cell may be the answer.
const panelsAsked = (ask) => (ask?.kind === "cell" ? [...new Set(ask.answer.map(([name]) => name))] : []);

function grade(ask, given) {
  if (ask.kind === "shape") return same((String(given).match(/\d+/g) || []).map(Number), ask.answer);
  if (ask.kind === "cell") return has(ask.answer, given);
  if (ask.kind === "choice") return given === ask.answer;
  const whole = Number.isInteger(ask.answer);
  return Math.abs(given - ask.answer) <= (whole ? 1e-6 : 0.01 * Math.max(1, Math.abs(ask.answer)));
}

function solution(trace, ask) {
  if (ask.kind === "number") return fmt(ask.answer);
  if (ask.kind === "choice") return ask.options[ask.answer];
  return ask.kind === "shape" ? tuple(ask.answer) : list(ask.answer.map((cell) => cellName(trace, cell)));
}

// What a question hides: numbers, and whole panels where even the form would tell.
function covers(trace, ask) {
  const all = made(trace);
  const veil = ask.veil || (ask.kind === "shape" ? all : []);
  return { veil, hide: ask.hide || all };
}

// The data of a panel with one number changed: what `edits` holds.
function changed(panel, i, v) {
  const blank = hatched(panel);
  const data = panel.data.map((old, k) => (k === i ? v : old)).filter((_, k) => !blank.has(k));
  return { shape: coordinates(panel).map((axis) => axis.length), data };
}

const wrongCells = (right, wrong) =>
  right.frames.map((f) => f.to).filter(([p, i]) => !close(right.panels[p].data[i], wrong.panels[p].data[i]));

// The cell that a key leads to; blocks stand beside each other.
function move(panel, index, key, whole) {
  const { rows, columns, rest } = axesOf(panel);
  const at = unravel(index, panel.shape);
  const blocks = rest.map((a) => panel.shape[a]);
  let block = ravel(rest.map((a) => at[a]), blocks);
  const turn = (step) => {
    if (at[columns] + step >= 0 && at[columns] + step < panel.shape[columns]) at[columns] += step;
    else if (block + step >= 0 && block + step < product(blocks)) {
      block += step;
      at[columns] = step > 0 ? 0 : panel.shape[columns] - 1;
      unravel(block, blocks).forEach((k, n) => (at[rest[n]] = k));
    }
  };
  if (key === "ArrowRight") turn(1);
  else if (key === "ArrowLeft") turn(-1);
  else if (key === "ArrowDown" && rows !== null) at[rows] = Math.min(at[rows] + 1, panel.shape[rows] - 1);
  else if (key === "ArrowUp" && rows !== null) at[rows] = Math.max(at[rows] - 1, 0);
  else if (key === "Home" || key === "End") {
    if (whole) return key === "Home" ? 0 : product(panel.shape) - 1;
    at[columns] = key === "Home" ? 0 : panel.shape[columns] - 1;
  } else return null;
  return ravel(at, panel.shape);
}

const pick = (params, name) => name.split(".").reduce((inside, key) => inside[key], params);

function put(params, name, value) {
  const [first, ...rest] = name.split(".");
  const copy = Array.isArray(params) ? [...params] : { ...params };
  copy[first] = rest.length ? put(params[first], rest.join("."), value) : value;
  return copy;
}

const replay = (trace) =>
  trace.frames.map((f) => [...f.to, trace.panels[f.to[0]].data[f.to[1]], frameValue(trace.panels, f)]);

const core = {
  retrace, replay, fmt, exact, readNumber, cellName, spell, uses, partners, spellUses, questions, nextQuestion, grade, covers,
  wrongCells, blocksOf, hatched, changed, move, put,
};
