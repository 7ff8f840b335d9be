// The rule of activations: curve and slope, the way back, slopes through depth. activations.py says the same with the
// NumPy layers. Constants that Keras rounds to float32 are rounded here, too.

const range = (n) => [...Array(n).keys()];
const { abs, exp, log1p, max, min, sqrt, tanh, PI, fround } = Math;
const clip = (v, low, high) => min(max(v, low), high);
const sigmoid = (z) => 0.5 * (1 + tanh(0.5 * z));
const softplus = (z) => max(z, 0) + log1p(exp(-abs(z)));
const [SELU_ALPHA, SELU_SCALE] = [1.6732632423543772, 1.0507009873554805];
const [ROOT_HALF, CUBIC, ROOT] = [fround(sqrt(0.5)), fround(0.044715), sqrt(2 / PI)];

// e^(-x²) times a series whose terms all have one sign.
function erf(x) {
  const size = min(abs(x), 6);
  let [term, sum] = [size, size];
  for (let n = 1; n < 200 && term > sum * 1e-17; n++) sum += term *= (2 * size * size) / (2 * n + 1);
  return Math.sign(x) * min((2 / sqrt(PI)) * exp(-size * size) * sum, 1);
}

const inner = (z) => tanh(ROOT * (z + CUBIC * z ** 3));
const elu = (z, alpha) => max(z, 0) + alpha * Math.expm1(min(z, 0));
const leaky = (z, a) => max(z, 0) + fround(a) * min(z, 0);
const between = (v, low, high) => Number(v > low && v < high);

function relu(z, { negative_slope: a, max_value: most, threshold: t }) {
  if (t === 0 && most === null) return a ? leaky(z, a) : max(z, 0);
  const y = z > t ? z : 0;
  return (most === null ? y : clip(y, 0, fround(most))) - a * max(t - z, 0);
}

function reluSlope(z, { negative_slope: a, max_value: most, threshold: t }) {
  if (z > t) return most !== null && (z < 0 || z >= most) ? 0 : 1;
  return t === 0 && most === null ? fround(a) : a;
}

// [f, its slope] by name; both take z and what else the function is given.
const FUNCTIONS = {
  linear: [(z) => z, () => 1],
  relu: [relu, reluSlope],
  leaky_relu: [(z, { negative_slope: a }) => leaky(z, a), (z, { negative_slope: a }) => (z > 0 ? 1 : fround(a))],
  relu6: [(z) => clip(z, 0, 6), (z) => between(z, 0, 6)],
  elu: [(z, { alpha }) => elu(z, alpha), (z, { alpha }) => (z > 0 ? 1 : alpha * exp(z))],
  selu: [
    (z) => SELU_SCALE * elu(z, SELU_ALPHA),
    (z) => SELU_SCALE * (z >= 0 ? 1 : SELU_ALPHA * exp(z)),
  ],
  celu: [(z) => elu(z, 1), (z) => exp(min(z, 0))],
  gelu: [
    (z, { approximate }) => 0.5 * z * (1 + (approximate ? inner(z) : erf(ROOT_HALF * z))),
    (z, { approximate }) => {
      if (!approximate) return 0.5 * (1 + erf(ROOT_HALF * z)) + (z * exp(-((ROOT_HALF * z) ** 2)) * ROOT_HALF) / sqrt(PI);
      const t = inner(z);
      return 0.5 * (1 + t + z * (1 - t * t) * ROOT * (1 + 3 * CUBIC * z * z));
    },
  ],
  silu: [(z) => z * sigmoid(z), (z) => sigmoid(z) * (1 + z * (1 - sigmoid(z)))],
  mish: [
    (z) => z * tanh(softplus(z)),
    (z) => tanh(softplus(z)) + z * (1 - tanh(softplus(z)) ** 2) * sigmoid(z),
  ],
  softplus: [softplus, sigmoid],
  squareplus: [(z) => (z + sqrt(z * z + 4)) / 2, (z) => (1 + z / sqrt(z * z + 4)) / 2],
  sparse_plus: [(z) => (z <= -1 ? 0 : z < 1 ? (z + 1) ** 2 / 4 : z), (z) => clip((z + 1) / 2, 0, 1)],
  sigmoid: [sigmoid, (z) => sigmoid(z) * (1 - sigmoid(z))],
  log_sigmoid: [(z) => -softplus(-z), (z) => sigmoid(-z)],
  hard_sigmoid: [(z) => clip(z + 3, 0, 6) / 6, (z) => between(z, -3, 3) / 6],
  hard_silu: [(z) => (z * clip(z + 3, 0, 6)) / 6, (z) => clip(z + 3, 0, 6) / 6 + (z * between(z, -3, 3)) / 6],
  sparse_sigmoid: [(z) => clip((z + 1) / 2, 0, 1), (z) => between(z, -1, 1) / 2],
  tanh: [tanh, (z) => 1 - tanh(z) ** 2],
  hard_tanh: [(z) => clip(z, -1, 1), (z) => Number(z >= -1 && z <= 1)],
  softsign: [(z) => z / (1 + abs(z)), (z) => 1 / (1 + abs(z)) ** 2],
  exponential: [exp, exp],
  tanh_shrink: [(z) => z - tanh(z), (z) => tanh(z) ** 2],
  soft_shrink: [(z) => (abs(z) > 0.5 ? z - Math.sign(z) / 2 : 0), (z) => Number(abs(z) > 0.5)],
  hard_shrink: [(z) => (abs(z) > 0.5 ? z : 0), (z) => Number(abs(z) > 0.5)],
};
const operation = (name) => (name === "relu" ? "ReLU" : name);
for (const [name, [f, slope]] of Object.entries(FUNCTIONS)) {
  OPERATIONS[operation(name)] ||= (v, frame) => f(total(v), frame.with || {});
  OPERATIONS[`slope of ${operation(name)}`] = (v, frame) => slope(total(v), frame.with || {});
}

function retrace(p, data, bug) {
  const n = data.x.data.length;
  const panels = drawn(p, data, n);
  const frames = made(p, panels, n, bug);
  fill(panels, frames);
  const start = ["x", "+", "b", "=", "z"];
  const layout = {
    forward: [start, ["y", "s"]],
    backward: [start, ["y"], ["dY", "×", "s", "=", "dX", "Σ →", "db"]],
    depth: [["x", "+", "b"], ["h", "s", "P"]],
  }[p.view];
  const right = drawn(p, data, n); // the answers do not know of the bug
  fill(right, made(p, right, n));
  if (!Object.values(right).every((made) => made.data.every((v) => abs(v) < 1e12))) {
    return { error: `${p.function} makes numbers too large to show. Take smaller ones, or fewer layers.` };
  }
  const asks = { forward: forwardAsks, backward: backAsks, depth: depthAsks }[p.view](p, right, n);
  const all = { figure: "activations", title: call(p), params: p, controls: controls(p), panels, layout, frames, asks };
  return { ...all, bugs: bugs(p, n), code: code(p, panels), curve: curve(p, n) };
}

// What the function itself takes besides z.
function settings(p) {
  const { function: name, alpha, approximate, negative_slope, max_value, threshold } = p;
  if (name === "relu") return { negative_slope, max_value, threshold };
  return { leaky_relu: { negative_slope: alpha }, elu: { alpha }, gelu: { approximate } }[name] || {};
}

function drawn(p, data, n) {
  const one = ["place"];
  const panels = {
    x: panel("input", one, data.x, "input", { edit: true }),
    b: panel("bias", one, { shape: [1], data: [p.bias] }, "weight"),
  };
  if (p.view === "depth") {
    const deep = ["layer", "place"];
    const names = range(p.depth).map((k) => String(k + 1));
    const rows = { names: { 0: names } };
    const shape = [p.depth, n];
    panels.h = panel("x + b, then f again and again", deep, blank([p.depth + 1, n]), "middle", { names: { 0: ["0", ...names] } });
    panels.s = panel("slope of each layer", deep, blank(shape), "middle", rows);
    panels.P = panel("product of the slopes", deep, blank(shape), "result", { ...rows, look: "heat" });
    return panels;
  }
  panels.z = panel("before f", one, blank([n]), "middle");
  panels.y = panel("f of z", one, blank([n]), "result");
  panels.s = panel("slope of f at z", one, blank([n]), "result");
  if (p.view === "backward") {
    panels.dY = panel("gradient of y", one, { shape: [n], data: fit(data.dY, [n]) }, "input", { edit: true });
    panels.dX = panel("gradient of x", one, blank([n]), "gradient");
    panels.db = panel("gradient of b", one, blank([1]), "gradient");
  }
  return panels;
}

function made(p, panels, n, bug) {
  const f = operation(p.function);
  const given = { with: settings(p) };
  const frames = [];
  const add = (name, i, op, terms, more) => frames.push({ to: [name, i], op, terms, phase: name, ...more });
  const valueOf = (name, i, cell) => {
    const v = bug === "sides" || bug === "abs" ? panels.x.data[i] + p.bias : 0;
    const leak = p.function === "leaky_relu" ? p.alpha : p.negative_slope;
    if (bug === "sides") add(name, i, "sum", [v <= 0 ? cell : [...cell, leak]]);
    else add(name, i, f, [v < 0 ? [...cell, -1] : cell], given);
  };
  const slopeOf = (name, i, cell) => {
    if (bug === "one") add(name, i, "sum", [[1]]);
    else add(name, i, `slope of ${f}`, [cell], given);
  };
  const start = p.view === "depth" ? "h" : "z";
  for (const i of range(n)) add(start, i, "sum", bug === "bias" ? [["x", i]] : [["x", i], ["b", 0]]);
  for (const k of p.view === "depth" ? range(p.depth) : []) {
    const row = range(n).map((i) => k * n + i);
    for (const i of row) slopeOf("s", i, ["h", bug === "first" ? i % n : i]);
    for (const i of row) valueOf("h", i + n, ["h", i]);
    for (const i of row) {
      if (bug === "plus") add("P", i, "sum", [...(k ? [["P", i - n]] : []), ["s", i]]);
      else add("P", i, k ? "dot" : "copy", [k ? ["P", i - n, "s", i] : ["s", i]]);
    }
  }
  if (p.view === "depth") return frames;
  for (const i of range(n)) valueOf("y", i, ["z", i]);
  for (const i of range(n)) slopeOf("s", i, [bug === "at_y" ? "y" : bug === "at_dy" ? "dY" : "z", i]);
  if (p.view === "backward") {
    for (const i of range(n)) add("dX", i, "dot", [["dY", i, "s", i]]);
    add("db", 0, "sum", range(bug === "alone" ? 1 : n).map((i) => ["dX", i]));
  }
  return frames;
}

// What the picture shows: f and its slope at even steps, and the cells of each point (z, slope, y, further).
function curve(p, n) {
  const [f, slope] = FUNCTIONS[p.function];
  const all = range(161).map((k) => -8 + k / 10);
  const [y, slopes] = [f, slope].map((g) => all.map((z) => g(z, settings(p)) + 0));
  const deep = (i) => [["h", i], ["s", i], ["h", i + n], ["P", i], ...(i < n ? [["x", i]] : [])];
  const flat = (i) => ["z", "s", "y", "x", "dY", "dX"].map((name) => [name, i]);
  const points = p.view === "depth" ? range(p.depth * n).map(deep) : range(n).map(flat);
  return { low: -8, high: 8, y, slope: slopes, points };
}

// --- questions

const ENDS = {
  linear: [1, 1], elu: [0, 1], selu: [0, 1], celu: [0, 1], gelu: [0, 1], silu: [0, 1], mish: [0, 1], softplus: [0, 1],
  squareplus: [0, 1], sparse_plus: [0, 1], log_sigmoid: [1, 0], hard_silu: [0, 1], exponential: [0, 1],
  tanh_shrink: [1, 1], soft_shrink: [1, 1], hard_shrink: [1, 1],
};
const STRAIGHT = ["linear", "relu", "leaky_relu", "relu6", "hard_tanh", "soft_shrink", "hard_shrink"];

function ends(p) {
  if (p.function === "relu") return [p.negative_slope !== 0, p.max_value === null];
  if (p.function === "leaky_relu") return [p.alpha !== 0, true];
  return (ENDS[p.function] || [0, 0]).map(Boolean);
}

// The flat places of what is nearest to 0.
function smallest(values) {
  const least = min(...values.map(abs)) + 1e-9;
  return values.flatMap((v, i) => (abs(v) <= least ? [i] : []));
}

function forwardAsks(p, { y, s }, n) {
  const [left, right] = ends(p);
  const asks = [
    {
      kind: "cell",
      prompt: "At which of these numbers is the curve flattest? Select it in s.",
      answer: smallest(s.data).map((i) => ["s", i]),
      why: "The slope there is nearest to 0.",
      hide: ["y", "s"],
    },
    {
      kind: "choice",
      prompt: "Where does this function saturate: on which side does its slope go to 0?",
      options: ["on the left alone", "on the right alone", "on both sides", "on neither side"],
      answer: left ? (right ? 3 : 1) : right ? 0 : 2,
      why: "Where the curve runs level, a change of z no longer changes y.",
    },
    {
      kind: "choice",
      prompt: "What is the marked slope?",
      options: ["above 0", "0", "below 0"],
      answer: s.data[0] > 1e-12 ? 0 : s.data[0] < -1e-12 ? 2 : 1,
      why: "The tangent rises, lies level or falls there.",
      at: ["s", 0],
      hide: ["y", "s"],
    },
  ];
  if (STRAIGHT.includes(p.function)) {
    asks.push({
      kind: "number",
      prompt: "Which number stands in the marked cell of y?",
      answer: y.data[n - 1],
      why: "The function is made of straight pieces; ask on which of them z lies.",
      at: ["y", n - 1],
      hide: ["y", "s"],
    });
  }
  return asks;
}

function backAsks(p, { s, dX }, n) {
  const shut = s.data.flatMap((v, i) => (v === 0 ? [["dX", i]] : []));
  const asks = [
    {
      kind: "number",
      prompt: "Which number stands in the marked cell of dX?",
      answer: dX.data[n - 1],
      why: "The gradient of y times the slope at that place: the chain rule.",
      at: ["dX", n - 1],
      hide: ["dX", "db"],
    },
    {
      kind: "choice",
      prompt: "Every number of dY is doubled. What becomes of s?",
      options: ["it stays", "it doubles", "it halves"],
      answer: 0,
      why: "The slope depends on z alone. dX doubles.",
    },
    {
      kind: "choice",
      prompt: "x[0] changes, and nothing else. Which numbers of y can change with it?",
      options: ["y[0] alone", "all of them"],
      answer: 0,
      why: "The function is applied to each number by itself. Softmax is the exception.",
    },
  ];
  if (shut.length) {
    asks.push({
      kind: "cell",
      prompt: "Where can no gradient pass, whatever dY is? Select the place in dX.",
      answer: shut,
      why: "The slope there is 0, and 0 times anything is 0.",
      hide: ["s", "dX", "db"],
    });
  }
  return asks;
}

function depthAsks(p, { P }, n) {
  const deep = min(p.depth, 2);
  const row = P.data.slice((deep - 1) * n, deep * n).map(abs);
  const at = (deep - 1) * n + row.findIndex((v) => v >= max(...row) - 1e-9); // worth an answer
  const last = (p.depth - 1) * n;
  return [
    {
      kind: "number",
      prompt: `Which number stands in the marked cell: the product of the first ${deep} slopes?`,
      answer: P.data[at],
      why: "The slope of a chain of functions is the product of their slopes.",
      at: ["P", at],
      hide: ["P"],
    },
    {
      kind: "choice",
      prompt: "The slope of sigmoid is at most 1/4. What is the most that 3 layers of it can pass on?",
      options: ["1/12", "1/64", "3/4"],
      answer: 1,
      why: "1/4 × 1/4 × 1/4 = 1/64.",
    },
    {
      kind: "cell",
      prompt: "Through which place does the least gradient come? Select it in the last row of P.",
      answer: smallest(P.data.slice(last)).map((i) => ["P", last + i]),
      why: "Its product of slopes is nearest to 0.",
      hide: ["P"],
    },
  ];
}

// --- wrong rules, settings, code

function bugs(p, n) {
  const deep = p.view === "depth";
  const sided = p.function === "leaky_relu" || (p.function === "relu" && p.threshold === 0 && p.max_value === null);
  return [
    ["at_y", "the slope is taken at y instead of z", !deep],
    ["at_dy", "the slope is taken at dY instead of z", p.view === "backward"],
    ["first", "every layer takes its slope at the first h", deep],
    ["plus", "the slopes are added instead of multiplied", deep],
    ["one", "every slope is 1, as if there were no activation", true],
    ["sides", "the two sides of 0 are exchanged", sided && !deep],
    ["abs", "the sign of z is dropped", !sided && !deep],
    ["bias", "the bias is forgotten", p.bias !== 0],
    ["alone", "db takes the first place alone", p.view === "backward" && n > 1],
  ].filter(([, , there]) => there).map(([name, label]) => ({ name, label }));
}

function controls(p) {
  const slider = (name, label, low, high, step) => ({ name, label, kind: "range", min: low, max: high, step });
  const choice = (name, label, options, more) => ({ name, label, kind: "choice", options, ...more });
  const found = [
    choice("view", "view", ["forward", "backward", "depth"], { look: "switch" }),
    choice("function", "function", Object.keys(FUNCTIONS)),
    slider("bias", "bias", -5, 5, 0.25),
  ];
  if (p.function === "leaky_relu") found.push(slider("alpha", "negative_slope", 0, 2, 0.1));
  if (p.function === "elu") found.push(slider("alpha", "alpha", 0, 2, 0.1));
  if (p.function === "relu") {
    found.push(slider("negative_slope", "negative_slope", 0, 1, 0.1));
    found.push(choice("max_value", "max_value", [null, 1, 2, 6], { labels: ["None", "1", "2", "6"] }));
    found.push(choice("threshold", "threshold", [0, 1, 2]));
  }
  if (p.function === "gelu") found.push({ name: "approximate", label: "approximate", kind: "flag" });
  if (p.view === "depth") found.push(slider("depth", "depth", 1, 10, 1));
  return found;
}

function call(p) {
  const { function: name, alpha } = p;
  if (name === "relu") {
    const defaults = { max_value: null, negative_slope: 0, threshold: 0 };
    const given = Object.keys(defaults).filter((key) => p[key] !== defaults[key]);
    return `ReLU(${given.map((key) => `${key}=${p[key]}`).join(", ")})`;
  }
  if (name === "leaky_relu") return `LeakyReLU(negative_slope=${alpha})`;
  if (name === "elu") return `ELU(alpha=${alpha})`;
  if (name === "gelu" && p.approximate) return "Activation(partial(gelu, approximate=True))";
  return `Activation("${name}")`;
}

function code(p, { x, dY }) {
  const text = call(p);
  const kind = text.split("(")[0];
  const special = text.includes("partial");
  const partial = special ? ["from functools import partial"] : [];
  const gelu = (place) => (special ? [`from ${place}.activations import gelu`] : []);
  const array = ({ data, shape }) => arrayCode(data, shape);
  const body = [`layer = ${text}`, `x = ${array(x)}`, `b = ${p.bias}`, "y = layer(x + b)"];
  const start = ["import numpy as np", ...partial];
  const own = [...start, `from byhand.layers import ${kind}`, ...gelu("byhand.layers"), "", ...body];
  let keras = [...start, `from keras.layers import ${kind}`, ...gelu("keras"), "", ...body];
  if (p.view === "backward") {
    const dy = `dy = ${array(dY)}`;
    own.push(dy, "dx = layer.backward(dy)");
    const tape = [
      dy,
      "x = tf.Variable(x, dtype=tf.float32)",
      "with tf.GradientTape() as tape:",
      "    y = layer(x + b)",
      "dx = tape.gradient(y, x, tf.constant(dy, tf.float32))",
    ];
    const imports = ["import tensorflow as tf", `from tensorflow.keras.layers import ${kind}`, ...gelu("tensorflow.keras")];
    keras = [...start, ...imports, "", ...body.slice(0, 3), ...tape];
  }
  return { keras: keras.join("\n"), numpy: own.join("\n") };
}
