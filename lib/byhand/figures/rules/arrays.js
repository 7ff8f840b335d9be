// What the rules of the figures share: arithmetic of frames, arrays as panels. windows.py says the same.

const total = (v) => v.reduce((a, b) => a + b, 0);

const OPERATIONS = {
  dot: total,
  sum: total,
  max: (v) => Math.max(...v),
  min: (v) => Math.min(...v),
  mean: (v, frame) => total(v) / frame.n,
  sigmoid: (v) => 0.5 * (1 + Math.tanh(0.5 * total(v))),
  tanh: (v) => Math.tanh(total(v)),
  relu: (v) => Math.max(0, total(v)),
  "1/√": (v) => 1 / Math.sqrt(total(v)),
  set: (v, frame) => frame.value,
  copy: (v) => v[0],
};

// A term's factors: {panel, index} for a cell, {number} for a bare number.
function factors(term) {
  const found = [];
  for (let k = 0; k < term.length; k++) {
    found.push(typeof term[k] === "string" ? { panel: term[k], index: term[++k] } : { number: term[k] });
  }
  return found;
}

const reading = (panels, f) => ("number" in f ? f.number : panels[f.panel].data[f.index]);

const termValue = (panels, term) => factors(term).reduce((made, f) => made * reading(panels, f), 1);

const frameValue = (panels, frame) => OPERATIONS[frame.op](frame.terms.map((t) => termValue(panels, t)), frame) + 0;

// Compute, in order, every cell that frames make.
function fill(panels, frames) {
  for (const frame of frames) panels[frame.to[0]].data[frame.to[1]] = frameValue(panels, frame);
}

const product = (sizes) => sizes.reduce((a, b) => a * b, 1);

// All indices of an array of this shape, in row-major order.
const cells = (shape) => shape.reduce((all, n) => all.flatMap((k) => [...Array(n).keys()].map((i) => [...k, i])), [[]]);

const ravel = (index, shape) => index.reduce((flat, i, axis) => flat * shape[axis] + i, 0);

function unravel(flat, shape) {
  const index = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(flat % shape[axis]);
    flat = Math.floor(flat / shape[axis]);
  }
  return index;
}

// The whole number, -1 to 3, that stands at a place for which nobody gave one.
const pattern = (index) => (total(index.map((i, axis) => i * [2, 3, 4, 7, 11][axis])) % 5) - 1;

// The numbers of `given` ({shape, data}) cut to `shape`, filled up by the pattern where it is too small. Flat.
function fit(given, shape) {
  const old = given && given.shape.length === shape.length ? given.shape : shape.map(() => 0);
  return cells(shape).map((k) => (k.every((i, axis) => i < old[axis]) ? given.data[ravel(k, old)] : pattern(k)));
}

// One panel of a trace. undefined among `more` is left out.
function panel(label, axes, array, role, more = {}) {
  const kept = Object.fromEntries(Object.entries(more).filter(([, v]) => v !== undefined));
  return { label, axes, shape: array.shape, data: array.data, role, ...kept };
}

// A result to be filled by frames.
const blank = (shape) => ({ shape, data: Array(product(shape)).fill(0) });

// Texts: as Python writes them.
const written = (v) => String(+v.toFixed(4) + 0);
const sizeText = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
const short = (values) => (new Set(values).size === 1 ? String(values[0]) : sizeText(values));
const arrayCode = (data, shape) => `np.array([${data.map(written).join(", ")}], float).reshape${sizeText(shape)}`;
