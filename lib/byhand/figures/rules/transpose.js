// The rule of Conv1DTranspose and Conv2DTranspose, told twice. transpose.py says the same with the NumPy layer.

const AXES = { 1: ["step"], 2: ["row", "column"] };
const TRIP = 23; // a length that a convolution with strides shares with its neighbours

const range = (n) => [...Array(n).keys()];
const kind = (p) => `Conv${p.rank}DTranspose`;
const named = (known) => known.filter(([, , there]) => there).map(([name, label]) => ({ name, label }));

function call(p) {
  const parts = [`1, ${short(p.kernel_size)}`];
  if (Math.max(...p.strides) > 1) parts.push(`strides=${short(p.strides)}`);
  if (p.padding !== "valid") parts.push(`padding="${p.padding}"`);
  if (p.output_padding) parts.push(`output_padding=${short(p.output_padding)}`);
  if (!p.use_bias) parts.push("use_bias=False");
  return `${kind(p)}(${parts.join(", ")})`;
}

function refusal(p) {
  const extra = p.output_padding;
  if (extra && extra.some((e, a) => e >= p.strides[a])) {
    return "Keras refuses an output_padding that is not below the stride. Take a larger stride, or less of it.";
  }
  if (extra && p.padding === "same" && p.kernel_size.some((k, a) => k % 2 === 0 && extra[a] === 0)) {
    return (
      "With same, an even kernel and output_padding 0 the output is one cell short of a whole stride, " +
      "and TensorFlow stops with an error. Take None, or 1."
    );
  }
  const g = geometry(p);
  if (Math.max(...g.spread, ...g.canvas) > (p.rank === 2 ? 14 : 24)) {
    return "That makes more cells than one can read. Take a smaller input, kernel or stride.";
  }
  return null;
}

function retrace(params, data, bug) {
  const error = refusal(params);
  if (error) return { error };
  const view = params.view === "backward" ? backward : forward;
  const made = view(params, geometry(params, bug), data, bug);
  return { figure: "transpose", title: call(params), params, controls: controls(params), ...made };
}

function transposedLength(n, k, s, padding, extra) {
  if (extra === null) return n * s + (padding === "valid" ? Math.max(k - s, 0) : 0);
  return (n - 1) * s + k + extra - (padding === "same" ? 2 * Math.floor(k / 2) : 0);
}

// Lengths of one setting. What begins the cut of the canvas, and what is put around the spread x.
function geometry(p, bug) {
  const { size, kernel_size: kernel, strides } = p;
  const same = p.padding === "same";
  const extra = p.output_padding || size.map(() => null);
  const full = size.map((n, a) => (n - 1) * strides[a] + kernel[a]);
  const out = size.map((n, a) => transposedLength(n, kernel[a], strides[a], p.padding, extra[a]));
  const cut = full.map((f, a) => (same ? Math.max(f - out[a], 0) : 0));
  const right = cut.map((n) => Math.floor(n / 2));
  const canvas = full.map((f, a) => Math.max(f, right[a] + out[a]));
  const begin = right.map((b, a) => {
    if (bug === "crop") return cut[a] - b;
    return bug === "extra" && p.output_padding ? (same ? Math.floor(kernel[a] / 2) : -extra[a]) : b;
  });
  const spread = out.map((n, a) => n + kernel[a] - 1);
  const pad = size.map((n, a) => [kernel[a] - 1 - right[a], out[a] - 1 + right[a] - (n - 1) * strides[a]]);
  return { size, kernel, strides, full, out, right, canvas, begin, spread, pad };
}

const flip = (tap, g) => tap.map((j, a) => g.kernel[a] - 1 - j);

// [[input cell, kernel cell], ...] of the stamps that reach output cell o, in the order of the input.
const stampsOn = (g, o) =>
  cells(g.size)
    .map((i) => [i, i.map((m, a) => o[a] + g.begin[a] - m * g.strides[a])])
    .filter(([, tap]) => tap.every((j, a) => j >= 0 && j < g.kernel[a]));

// [[cell of the spread x, kernel cell, whether a number of x stands there], ...] of the window at o.
const gathered = (g, o) =>
  cells(g.kernel).flatMap((tap) => {
    const at = tap.map((j, a) => o[a] + j + g.begin[a] - g.right[a]);
    if (at.some((i, a) => i < 0 || i >= g.spread[a])) return []; // with a bug only: there z would be zero
    const steps = at.map((i, a) => i - g.pad[a][0]);
    return [[at, tap, steps.every((q, a) => q >= 0 && q < g.size[a] * g.strides[a] && q % g.strides[a] === 0)]];
  });

function arrays(p, data) {
  const of = (name, shape) => ({ shape, data: fit(data[name], shape) });
  return { x: of("x", p.size), w: of("W", p.kernel_size), b: p.use_bias ? of("b", [1]) : null };
}

// x with zeros between its cells and padding around, and the flat places of the zeros between.
function spreadOut(g, x) {
  const data = Array(product(g.spread)).fill(0);
  const zeros = [];
  for (const [k, at] of cells(g.spread).entries()) {
    const steps = at.map((i, a) => i - g.pad[a][0]);
    if (!steps.every((q, a) => q >= 0 && q <= (g.size[a] - 1) * g.strides[a])) continue;
    if (steps.every((q, a) => q % g.strides[a] === 0)) data[k] = x.data[ravel(steps.map((q, a) => q / g.strides[a]), g.size)];
    else zeros.push(k);
  }
  return { z: { shape: g.spread, data }, zeros };
}

function forward(p, g, data, bug) {
  const { x, w, b } = arrays(p, data);
  const axes = AXES[p.rank];
  const { z, zeros } = spreadOut(g, x);
  const rule = [...new Set(g.size.map((_, a) => lengthRule(p, g, a)))].join(" by ");
  const flipped = { shape: g.kernel, data: cells(g.kernel).map((tap) => w.data[ravel(flip(tap, g), g.kernel)]) };
  const right = { ...g, begin: g.right };
  const hits = { shape: g.out, data: cells(g.out).map((o) => stampsOn(right, o).length) };
  const zeroCells = zeros.length ? zeros : undefined;
  const panels = {
    x: panel("input", axes, x, "input", { edit: true }),
    W: panel("kernel", axes, w, "weight", { edit: true }),
    y: panel(`output, length ${rule}`, axes, blank(g.out), "result"),
    hits: panel("stamps on each cell", axes, hits, "middle", { look: "heat" }),
    z: panel("x, zeros inserted", axes, z, "middle", { pad: g.pad, padtext: "0", zeros: zeroCells }),
    "W↻": panel("kernel, flipped", axes, flipped, "weight"),
    "y′": panel("output, gathered", axes, blank(g.out), "result"),
  };
  if (b) panels.b = panel("bias", ["filter"], b, "weight", { edit: true });
  const frames = [];
  if (p.rank === 1) panels.stamps = stamps(g, bug, frames);
  for (const o of cells(g.out)) frames.push(...outputFrames(p, g, o, bug));
  fill(panels, frames);
  const plus = b ? ["+", "b"] : [];
  const first =
    p.rank === 1
      ? [["x", "W", ...plus.slice(1)], ["stamps"], ["y"]]
      : [["x", "stamps", "W", ...plus, "=", "y"]];
  return {
    panels,
    layout: [...first, ["z", "∗", "W↻", ...plus, "=", "y′", "hits"]],
    frames,
    asks: forwardAsks(p, g, panels),
    bugs: forwardBugs(p, g),
    code: code(p, x, w, b),
  };
}

// One line for each input cell: its scaled kernel, laid where it lands on the canvas.
function stamps(g, bug, frames) {
  const [[n], [k], [s], [canvas]] = [g.size, g.kernel, g.strides, g.canvas];
  const zeros = range(n * canvas).filter((at) => {
    const [i, q] = unravel(at, [n, canvas]);
    return q < i * s || q >= i * s + k;
  });
  const columns = range(canvas).map((q) => q - g.right[0]).map((o) => (o >= 0 && o < g.out[0] ? `y[${o}]` : "cut"));
  for (const i of range(n)) {
    for (const j of range(k)) {
      const terms = [["x", i, "W", bug === "flip" ? k - 1 - j : j]];
      frames.push({ to: ["stamps", i * canvas + i * s + j], op: "dot", terms, phase: "stamp" });
    }
  }
  const more = { zeros: zeros.length ? zeros : undefined, names: { 0: range(n).map((i) => `x[${i}]`), 1: columns } };
  return panel("each x times the kernel", ["stamp", "place"], blank([n, canvas]), "middle", more);
}

// The two frames of one output cell: added up from stamps, and gathered from the spread x.
function outputFrames(p, g, o, bug) {
  const at = ravel(o, g.out);
  const bias = p.use_bias ? [["b", 0]] : [];
  const turn = (tap) => ravel(bug === "flip" ? flip(tap, g) : tap, g.kernel);
  const last = (all) => (bug === "overwrite" ? all.slice(-1) : all);
  const found = stampsOn(g, o);
  const terms = last(found).map(([i, tap]) =>
    p.rank === 1 ? ["stamps", i[0] * g.canvas[0] + o[0] + g.begin[0]] : ["x", ravel(i, g.size), "W", turn(tap)],
  );
  const seen = last(gathered(g, o).filter(([, , real]) => real || bug !== "overwrite"));
  const window = seen.map(([cell, tap]) => ["z", ravel(cell, g.spread), "W↻", turn(tap)]);
  const see = (name) => [[name, at], ["hits", at]];
  const op = p.rank === 1 ? "sum" : "dot";
  const add = { to: ["y", at], op, terms: [...terms, ...bias], phase: "add", see: see("y′") };
  if (!found.length) add.note = "no stamp reaches this cell";
  return [add, { to: ["y′", at], op: "dot", terms: [...window, ...bias], phase: "gather", see: see("y") }];
}

function forwardBugs(p, g) {
  const same = p.padding === "same";
  const extra = p.output_padding;
  const side = same ? "output_padding adds its cells behind, as PyTorch does" : "output_padding adds its cells in front";
  const odd = g.full.some((f, a) => (f - g.out[a]) % 2);
  return named([
    ["flip", "the kernel is flipped before it is stamped", true],
    ["overwrite", "where stamps overlap, the last one replaces the others", true],
    ["crop", "the odd cell is cut off in front, not behind", same && odd],
    ["extra", side, extra && Math.max(...extra) > 0],
  ]);
}

function backward(p, g, data, bug) {
  const { x, w, b } = arrays(p, data);
  const axes = AXES[p.rank];
  const pad = g.right.map((first, a) => [first, g.canvas[a] - first - g.out[a]]);
  // explain() gives dY with its filter axis
  const dy = { shape: g.out, data: fit(data.dY && { ...data.dY, shape: data.dY.shape.slice(0, p.rank) }, g.out) };
  const dyPanel = panel("gradient of y", axes, padded(dy.data, g.out, pad), "input", { edit: true, pad, padtext: "0" });
  const panels = {
    dY: dyPanel,
    W: panel("kernel", axes, w, "weight", { edit: true }),
    dX: panel("gradient of x", axes, blank(g.size), "gradient"),
    x: panel("input", axes, x, "input", { edit: true }),
    dW: panel("gradient of W", axes, blank(g.kernel), "gradient"),
  };
  const below = ["x", "∗ dY =", "dW"];
  if (b) {
    panels.db = panel("gradient of b", ["filter"], blank([1]), "gradient");
    below.push("Σ dY =", "db");
  }
  const frames = backwardFrames(p, g, bug);
  fill(panels, frames);
  return {
    panels,
    layout: [["dY", "∗", "W", "=", "dX"], below],
    frames,
    asks: backAsks(p, g, panels, frames),
    bugs: named([
      ["flip", "the kernel is flipped on the way back", true],
      ["stride", "the kernel moves one cell at a time over dY, not by the stride", Math.max(...g.strides) > 1],
      ["mean", "dW is averaged over the input cells, not summed", true],
    ]),
    code: code(p, x, w, b, dy),
  };
}

function backwardFrames(p, g, bug) {
  const frames = [];
  const reads = (i, tap, s) => ["dY", ravel(i.map((m, a) => m * s[a] + tap[a]), g.canvas)];
  const strides = bug === "stride" ? g.strides.map(() => 1) : g.strides;
  for (const i of cells(g.size)) {
    const weight = (tap) => ravel(bug === "flip" ? flip(tap, g) : tap, g.kernel);
    const terms = cells(g.kernel).map((tap) => [...reads(i, tap, strides), "W", weight(tap)]);
    frames.push({ to: ["dX", ravel(i, g.size)], op: "dot", terms, phase: "dX" });
  }
  const mean = bug === "mean" ? { op: "mean", n: product(g.size) } : { op: "dot" };
  for (const tap of cells(g.kernel)) {
    const terms = cells(g.size).map((i) => ["x", ravel(i, g.size), ...reads(i, tap, g.strides)]);
    frames.push({ to: ["dW", ravel(tap, g.kernel)], terms, phase: "dW", ...mean });
  }
  if (p.use_bias) {
    const terms = cells(g.out).map((o) => ["dY", ravel(o.map((i, a) => i + g.right[a]), g.canvas)]);
    frames.push({ to: ["db", 0], op: "sum", terms, phase: "db" });
  }
  return frames;
}

function ruleText(n, k, s, padding, extra) {
  const length = transposedLength(n, k, s, padding, extra);
  if (extra === null) return padding === "same" ? `${n} · ${s} = ${length}` : `${n} · ${s} + max(${k} − ${s}, 0) = ${length}`;
  const less = padding === "same" ? ` − 2 · ${Math.floor(k / 2)}` : "";
  return `(${n} − 1) · ${s} + ${k} + ${extra}${less} = ${length}`;
}

const extraOf = (p, a) => (p.output_padding ? p.output_padding[a] : null);
const lengthRule = (p, g, a) => ruleText(g.size[a], g.kernel[a], g.strides[a], p.padding, extraOf(p, a));

function forwardAsks(p, g, panels) {
  const hits = panels.hits.data;
  const most = Math.max(...hits);
  const full = hits.flatMap((n, k) => (n === most ? [["y", k]] : []));
  const last = p.rank - 1;
  const [k, s, extra] = [g.kernel[last], g.strides[last], extraOf(p, last)];
  const before = (n) => outputLength(n, k, s, p.padding, 1);
  const trip = before(TRIP);
  const shares = range(60).filter((n) => n >= k && before(n) === trip);
  const asks = [
    {
      kind: "shape",
      prompt: `x has shape ${sizeText([...g.size, 1])}. What is the shape of y for one sample, channels last?`,
      answer: [...g.out, 1],
      veil: [...(p.rank === 1 ? ["stamps"] : []), "y", "hits", "z", "y′"],
      why: `${g.size.map((_, a) => `${AXES[p.rank][a]}s: ${lengthRule(p, g, a)}`).join(", ")}; one filter.`,
    },
    {
      kind: "number",
      prompt:
        `A convolution with this kernel size, stride and padding makes ${trip} cells of ${TRIP}. ` +
        `How many does this layer make of ${trip}?`,
      answer: transposedLength(trip, k, s, p.padding, extra),
      hide: [],
      why:
        `${ruleText(trip, k, s, p.padding, extra)}. ` +
        `The convolution makes ${trip} of ${shares.join(" and of ")}, so the way back is a choice.`,
    },
  ];
  if (full.length < hits.length) {
    asks.push({
      kind: "cell",
      prompt: "Select a cell of y on which the most stamps land.",
      answer: full,
      hide: ["y", "y′", "hits"],
      why: most === 1 ? "One stamp lands there, and nowhere two." : `${most} stamps land there.`,
    });
  }
  const even = g.kernel.every((n, a) => n % g.strides[a] === 0);
  asks.push(
    {
      kind: "choice",
      prompt: "Away from the edges, does each cell of y get the same number of stamps?",
      options: ["yes", "no, some get more: a checkerboard"],
      answer: even ? 0 : 1,
      hide: ["hits"],
      why: even
        ? "The stride divides the kernel size, so the stamps cover the canvas evenly."
        : "The stride does not divide the kernel size, so some cells get more stamps than their neighbours.",
    },
    {
      kind: "number",
      prompt: "What is the marked cell of y?",
      at: full[0],
      answer: panels.y.data[full[0][1]],
      hide: ["y", "y′"],
      why: most === 1 ? "One stamp lies there." : `The numbers of ${most} stamps add up there.`,
    },
  );
  return asks;
}

function backAsks(p, g, panels, frames) {
  const at = ravel(g.size.map((n) => Math.floor(n / 2)), g.size);
  const frame = frames.find((f) => f.to[0] === "dX" && f.to[1] === at);
  const own = cells(g.out).map((o) => ravel(o.map((i, a) => i + g.right[a]), g.canvas));
  return [
    {
      kind: "choice",
      prompt: "Which layer walks over dY as the way back does?",
      options: ["a convolution with the same kernel and stride", "a transposed convolution", "a pooling layer"],
      answer: 0,
      hide: [],
      why: "dX is a convolution of dY with W, moved by the stride. The layer is its transpose.",
    },
    {
      kind: "cell",
      prompt: "Select a cell of dY that reaches the marked cell of dX.",
      at: ["dX", at],
      answer: frame.terms.filter((term) => own.includes(term[1])).map((term) => term.slice(0, 2)),
      why: "The cells on which x of that place put its stamp, and no others.",
    },
    {
      kind: "number",
      prompt: "What is the marked cell of dX?",
      at: ["dX", at],
      answer: panels.dX.data[at],
      why: "Each cell of its stamp, times the weight that made it.",
    },
  ];
}

function controls(p) {
  const choice = (name, label, options, more) => ({ name, label, kind: "choice", options, ...more });
  const axes = AXES[p.rank];
  const each = (numbers) => numbers.map((n) => Array(p.rank).fill(n));
  return [
    choice("view", "direction", ["forward", "backward"], { look: "switch" }),
    ...axes.map((axis, a) => choice(`size.${a}`, `input ${axis}s`, p.rank === 1 ? [2, 3, 4, 5] : [2, 3, 4])),
    ...axes.map((axis, a) => choice(`kernel_size.${a}`, `kernel ${axis}s`, [2, 3, 4, 5])),
    choice("strides", "strides", each([1, 2, 3]), { labels: ["1", "2", "3"] }),
    choice("padding", "padding", ["valid", "same"], { look: "switch" }),
    choice("output_padding", "output_padding", [null, ...each([0, 1, 2])], { labels: ["None", "0", "1", "2"] }),
  ];
}

function code(p, x, w, b, dy) {
  const batch = (array) => arrayCode(array.data, [1, ...array.shape, 1]);
  const lines = [
    `layer = ${call(p)}`,
    `x = ${batch(x)}`,
    "layer.build(x.shape)",
    `layer.set_weights([${arrayCode(w.data, [...w.shape, 1, 1])}${b ? ", " + arrayCode(b.data, b.shape) : ""}])`,
    ...(dy ? [`dy = ${batch(dy)}`] : []),
  ];
  const keras = dy
    ? [
        "x = tf.Variable(x, dtype=tf.float32)",
        "with tf.GradientTape() as tape:",
        "    y = layer(x)",
        "dx, *dweights = tape.gradient(y, [x, *layer.trainable_weights], tf.constant(dy, tf.float32))",
      ]
    : ["y = layer(x)"];
  const byHand = ["y = layer(x)", ...(dy ? ["dx = layer.backward(dy)", "dweights = layer.get_gradients()"] : [])];
  const imports = dy ? ["import tensorflow as tf"] : [];
  const from = (source) => `from ${source} import ${kind(p)}`;
  return {
    keras: ["import numpy as np", ...imports, from(dy ? "tensorflow.keras.layers" : "keras.layers"), "", ...lines, ...keras].join("\n"),
    numpy: ["import numpy as np", from("byhand.layers"), "", ...lines, ...byHand].join("\n"),
  };
}
