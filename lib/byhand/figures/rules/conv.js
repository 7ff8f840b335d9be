// The rule of Conv1D, Conv2D and Conv3D, forward and backward. conv.py says the same with the NumPy layer.

const AXES = {
  1: ["step", "channel", "filter"],
  2: ["row", "column", "channel", "filter"],
  3: ["frame", "row", "column", "channel", "filter"],
};
const KERNEL = { ...AXES, 3: ["slice", ...AXES[3].slice(1)] };
const GRID = { 1: [1, 0], 3: [1, 2] };
const SIDES = { frame: ["front", "back"], row: ["top", "bottom"], column: ["left", "right"], step: ["left", "right"] };
const MOST = 150;

function refusal(p) {
  if (Math.max(...p.strides) > 1 && Math.max(...p.dilation_rate) > 1) {
    return "Keras refuses strides and dilation above 1 at the same time. Set one of them back to 1.";
  }
  for (const a of p.padding === "valid" ? p.size.keys() : []) {
    const [n, k, d] = [p.size[a], p.kernel_size[a], p.dilation_rate[a]];
    const span = (k - 1) * d + 1;
    if (span > n) {
      const far = d > 1 ? ` with dilation ${d} spans ${span} cells and` : "";
      return `A kernel of ${k}${far} does not fit into ${n} cells without padding. Take a smaller one, or same.`;
    }
  }
  if (p.padding === "causal" && p.rank > 1) return "Causal padding is for Conv1D: only time has a before and an after.";
  if (p.view === "backward" && p.activation) return "The backward view is drawn without an activation.";
  if (p.rank === 3 && drawn(p) > MOST) {
    return `A panel would have ${drawn(p)} cells; the figure draws ${MOST}. Take fewer frames, rows or channels.`;
  }
  return null;
}

function drawn(p) {
  const back = p.view === "backward";
  const reach = (k, a) => (back || p.padding === "same" ? (k - 1) * p.dilation_rate[a] : 0);
  return product(p.kernel_size.map((k, a) => p.size[a] + reach(k, a))) * Math.max(p.channels, back ? p.filters : 1);
}

function retrace(params, data, bug) {
  const error = refusal(params);
  if (error) return { error };
  const g = geometry(params);
  const view = params.view === "backward" ? backward : forward;
  return { figure: "conv", title: call(params), params, controls: controls(params), ...view(params, g, data, bug) };
}

function geometry(p) {
  const [kernel, strides, dilation] = [p.kernel_size, p.strides, p.dilation_rate];
  const pad = padWidths(p.size, kernel, strides, p.padding, dilation);
  const space = p.size.map((n, a) => n + pad[a][0] + pad[a][1]);
  const out = p.size.map((n, a) => outputLength(n, kernel[a], strides[a], p.padding, dilation[a]));
  const w = [...kernel, p.channels, p.filters];
  return { kernel, strides, dilation, pad, space, out, w, x: [...p.size, p.channels], y: [...out, p.filters], xp: [...space, p.channels] };
}

function arrays(p, g, data) {
  const b = p.use_bias ? { shape: [p.filters], data: fit(data.b, [p.filters]) } : null;
  return { x: fit(data.x, g.x), w: fit(data.W, g.w), b };
}

function sharedPanels(p, g, { x, w, b }) {
  const axes = AXES[p.rank];
  const grid = GRID[p.rank];
  const pad = [...g.pad, [0, 0]];
  const shared = {
    x: panel("input", axes.slice(0, p.rank + 1), padded(x, g.x, pad), "input", { edit: true, pad, padtext: "0", grid }),
    W: panel("kernel", KERNEL[p.rank], { shape: g.w, data: w }, "weight", { edit: true, grid }),
  };
  if (b) shared.b = panel("bias", ["filter"], b, "weight", { edit: true });
  return { shared, axes: [...axes.slice(0, p.rank), "filter"], grid };
}

const named = (known) => known.filter(([, , there]) => there).map(([name, label]) => ({ name, label }));
const range = (n) => [...Array(n).keys()];

function forward(p, g, data, bug) {
  const numbers = arrays(p, g, data);
  const { shared, axes, grid } = sharedPanels(p, g, numbers);
  const panels = { ...shared, y: panel("output", axes, blank(g.y), "result", { grid }) };
  const frames = cells(g.out).flatMap((o) =>
    range(p.filters).map((f) => ({
      to: ["y", ravel([...o, f], g.y)],
      op: p.activation || "dot",
      terms: forwardTerms(p, g, o, f, bug),
    })),
  );
  fill(panels, frames);
  const sign = p.activation ? `→ ${p.activation} →` : "=";
  const bias = p.use_bias ? ["+", "b"] : [];
  return {
    panels,
    layout: [["x", "∗", "W", ...bias, sign, "y"]],
    frames,
    asks: [...forwardAsks(p, g), ...(p.rank === 3 ? clipAsks(p, g, numbers.w) : [])],
    bugs: forwardBugs(p, g),
    code: code(p, g, numbers),
  };
}

function forwardTerms(p, g, o, f, bug) {
  const strides = bug === "stride" ? g.strides.map((s) => Math.max(s - 1, 1)) : g.strides;
  const dilation = bug === "dilation" ? g.dilation.map(() => 1) : g.dilation;
  const shift = bug === "pad" ? oddShift(p, g) : g.kernel.map(() => 0);
  const terms = [];
  for (const [tap, at] of windowAt(o, g.kernel, strides, dilation)) {
    const last = (j, a) => g.kernel[a] - 1 - j;
    let meets = bug === "swap" ? [...tap].reverse() : tap;
    if (bug === "flip") meets = tap.map(last);
    if (bug === "time") meets = tap.map((j, a) => (a ? j : last(j, a)));
    if ((bug === "flat" && tap[0]) || (bug === "short" && tap.every((j, a) => !last(j, a)))) continue;
    const cell = at.map((i, a) => i + shift[a]);
    if (bug === "late") cell[cell.length - 1] += 1;
    if (cell.some((i, a) => i < 0 || i >= g.space[a])) continue;
    for (const c of range(bug === "channel" ? 1 : p.channels)) {
      terms.push(["x", ravel([...cell, c], g.xp), "W", ravel([...meets, c, f], g.w)]);
    }
  }
  return p.use_bias && bug !== "bias" ? [...terms, ["b", f]] : terms;
}

const oddShift = (p, g) => g.pad.map(([before, after]) => (p.padding === "causal" ? before : before - after));

function forwardBugs(p, g) {
  const sided = p.padding !== "valid" && oddShift(p, g).some((n) => n);
  const causal = "all the padding stands after the last step, so a step sees the future";
  const odd = "the odd line of padding stands before the first cell instead of after the last";
  const taps = Math.max(...g.kernel) > 1;
  const late = p.rank === 1 ? "every window begins one step too late" : "every window begins one column too far right";
  const deep = p.rank === 3 && g.kernel[0] > 1;
  const square = p.rank === 2 && taps && g.kernel[0] === g.kernel[1];
  return named([
    ["flip", "the kernel is flipped", taps],
    ["swap", "rows and columns of the kernel are exchanged", square],
    ["time", "the slices of the kernel are laid on in reverse order", deep && Math.max(...g.kernel.slice(1)) > 1],
    ["flat", "only the first slice of the kernel is summed", deep],
    ["short", "the last weight of the kernel is left out", taps],
    ["late", late, true],
    ["pad", p.padding === "causal" ? causal : odd, sided],
    ["bias", "the bias is forgotten", p.use_bias],
    ["stride", "the window moves one cell too few at every step", Math.max(...g.strides) > 1],
    ["dilation", "the dilation is ignored", taps && Math.max(...g.dilation) > 1],
    ["channel", "only the first channel is summed", p.channels > 1],
  ]);
}

function lengthRule(n, k, s, d, padding) {
  if (padding !== "valid") return `ceil(${n} / ${s}) = ${Math.ceil(n / s)}`;
  const span = (k - 1) * d + 1;
  return `floor((${n} − ${span}) / ${s}) + 1 = ${Math.floor((n - span) / s) + 1}`;
}

function forwardAsks(p, g) {
  const axes = AXES[p.rank];
  const lengths = p.size.map((n, a) => `${axes[a]}s: ${lengthRule(n, g.kernel[a], g.strides[a], g.dilation[a], p.padding)}`);
  const asks = [
    {
      kind: "shape",
      prompt: `x has shape ${sizeText(g.x)}. What is the shape of y for one sample, channels last?`,
      answer: g.y,
      why: `${lengths.join(", ")}; the last axis counts the filters, ${p.filters}.`,
    },
  ];
  if (p.padding === "causal") {
    asks.push({
      kind: "choice",
      prompt: `padding='causal' adds ${g.pad[0][0]} zeros to x. Where do they stand?`,
      options: ["all before the first step", "all after the last step", "half on each side"],
      answer: 0,
      why: "A window then ends at its own step and never sees a later one.",
      veil: ["x", "y"],
    });
  }
  const a = p.padding === "same" ? g.pad.findIndex((w) => (w[0] + w[1]) % 2) : -1;
  if (a >= 0) {
    const [before, after] = SIDES[axes[a]];
    asks.push({
      kind: "choice",
      prompt:
        `padding='same' needs ${total(g.pad[a])} more ${axes[a]}${total(g.pad[a]) > 1 ? "s" : ""} of zeros, an odd number. ` +
        "On which side does Keras put the odd one?",
      options: [before, after, "half a cell on each side"],
      answer: 1,
      why: `Keras puts ${g.pad[a][0]} on the ${before} and ${g.pad[a][1]} on the ${after}.`,
      veil: ["x", "y"],
    });
  }
  const outside = ([, cell]) => cell.some((i, b) => i < g.pad[b][0] || i >= g.pad[b][0] + p.size[b]);
  const touching = cells(g.out)
    .filter((o) => windowAt(o, g.kernel, g.strides, g.dilation).some(outside))
    .flatMap((o) => range(p.filters).map((f) => ["y", ravel([...o, f], g.y)]));
  if (touching.length && touching.length < product(g.y)) {
    asks.push({
      kind: "cell",
      prompt: "Select a cell of y whose window reaches into the padding.",
      answer: touching,
      why: "Its window covers at least one hatched cell.",
    });
  }
  return asks;
}

function clipAsks(p, g, w) {
  const deep = g.kernel[0];
  const last = g.pad[0][0] + p.size[0] - 1;
  const asks = [];
  const reads = ([t]) => range(deep).some((j) => t * g.strides[0] + j * g.dilation[0] === last);
  const late = cells(g.y).flatMap((o, i) => (reads(o) ? [["y", i]] : []));
  if (late.length && late.length < product(g.y)) {
    asks.push({
      kind: "cell",
      prompt: "Select a cell of y that reads the last frame of x.",
      answer: late,
      why: `The kernel is ${deep} slice${deep > 1 ? "s" : ""} deep and reaches the last one at the end.`,
    });
  }
  if (g.strides[0] === 1 && g.pad[0][0] === g.pad[0][1]) {
    const same = cells(g.w).every(([h, ...k], i) => w[i] === w[ravel([deep - 1 - h, ...k], g.w)]);
    asks.push({
      kind: "choice",
      prompt: "Any clip is played backwards, the kernel stays as it is. What does y do?",
      options: ["its frames come backwards, with the same numbers", "it may take other numbers"],
      answer: same ? 0 : 1,
      why: same
        ? "The kernel is the same in both directions of time."
        : "The first slice of the kernel meets what was later before.",
    });
  }
  return asks;
}

function backward(p, g, data, bug) {
  const numbers = arrays(p, g, data);
  const { shared, axes, grid } = sharedPanels(p, g, numbers);
  const dy = fit(data.dY, g.y);
  const flipped = cells(g.w).map((k) => numbers.w[ravel(k.map((j, a) => (a < p.rank ? g.kernel[a] - 1 - j : j)), g.w)]);
  const spread = spreadGradient(p, g, dy);
  const { edit, ...x } = shared.x;
  const gradient = (label, names, shape, more) => panel(label, names, blank(shape), "gradient", more);
  const panels = {
    dY: panel("gradient of y", axes, spread, "input", { edit: true, pad: spread.pad, padtext: "0", zeros: spread.zeros, grid }),
    "W↻": panel("kernel, flipped", KERNEL[p.rank], { shape: g.w, data: flipped }, "weight", { grid }),
    dX: gradient("gradient of x", AXES[p.rank].slice(0, p.rank + 1), g.x, { grid }),
    x,
    dW: gradient("gradient of W", KERNEL[p.rank], g.w, { grid }),
  };
  if (p.use_bias) panels.db = gradient("gradient of b", ["filter"], [p.filters]);
  const frames = backwardFrames(p, g, panels.dY, bug);
  fill(panels, frames);
  return {
    panels,
    layout: [
      ["dY", "∗", "W↻", "=", "dX"],
      ["x", "∗ dY =", "dW", ...(p.use_bias ? ["Σ dY =", "db"] : [])],
    ],
    frames,
    asks: backwardAsks(p, g),
    bugs: named([
      ["flip", "the kernel is not flipped on the way back", Math.max(...g.kernel) > 1],
      ["mean", "dW is averaged over the windows instead of summed", product(g.out) > 1],
      ["first", "dW leaves out the first window", true],
    ]),
    code: code(p, g, numbers, dy),
  };
}

// dY with stride - 1 zeros between its cells, padded so that the flipped kernel walks over all of x.
function spreadGradient(p, g, dy) {
  const wide = [...g.out.map((n, a) => (n - 1) * g.strides[a] + 1), p.filters];
  const pad = p.size.map((n, a) => {
    const reach = (g.kernel[a] - 1) * g.dilation[a];
    const front = reach - g.pad[a][0];
    return [front, n + reach - front - wide[a]];
  });
  pad.push([0, 0]);
  const between = Array(product(wide)).fill(0);
  const inserted = Array(product(wide)).fill(1);
  cells(g.y).forEach((k, i) => {
    const at = ravel(k.map((j, a) => (a < p.rank ? j * g.strides[a] : j)), wide);
    between[at] = dy[i];
    inserted[at] = 0;
  });
  const zeros = padded(inserted, wide, pad).data.flatMap((is, i) => (is ? [i] : []));
  return { ...padded(between, wide, pad), pad, zeros: zeros.length ? zeros : undefined };
}

function backwardFrames(p, g, dY, bug) {
  const { shape, pad } = dY;
  const empty = new Set(dY.zeros);
  const isData = ([, cell]) =>
    cell.every((i, a) => i >= pad[a][0] && i < shape[a] - pad[a][1]) && !empty.has(ravel([...cell, 0], shape));
  const frames = [];
  for (const i of cells(p.size)) {
    const taps = windowAt(i, g.kernel, g.kernel.map(() => 1), g.dilation).filter(isData);
    for (const c of range(p.channels)) {
      const terms = taps.flatMap(([tap, cell]) => {
        const meets = bug === "flip" ? tap.map((j, a) => g.kernel[a] - 1 - j) : tap;
        return range(p.filters).map((f) => ["dY", ravel([...cell, f], shape), "W↻", ravel([...meets, c, f], g.w)]);
      });
      frames.push({ to: ["dX", ravel([...i, c], g.x)], op: "dot", terms, phase: "dX" });
    }
  }
  const place = (o, f) => ravel([...o.map((j, a) => pad[a][0] + j * g.strides[a]), f], shape);
  const positions = cells(g.out);
  for (const tap of cells(g.kernel)) {
    const used = bug === "first" ? positions.slice(1) : positions;
    for (const c of range(p.channels)) {
      for (const f of range(p.filters)) {
        const terms = used.map((o) => {
          const cell = o.map((j, a) => j * g.strides[a] + tap[a] * g.dilation[a]);
          return ["x", ravel([...cell, c], g.xp), "dY", place(o, f)];
        });
        const frame = { to: ["dW", ravel([...tap, c, f], g.w)], op: "dot", terms, phase: "dW" };
        frames.push(bug === "mean" ? { ...frame, op: "mean", n: positions.length } : frame);
      }
    }
  }
  for (const f of p.use_bias ? range(p.filters) : []) {
    frames.push({ to: ["db", f], op: "sum", terms: positions.map((o) => ["dY", place(o, f)]), phase: "db" });
  }
  return frames;
}

function backwardAsks(p, g) {
  const corner = p.size.map(() => 0).join(", ");
  const meets = cells(g.out)
    .flatMap((o) => windowAt(o, g.kernel, g.strides, g.dilation))
    .filter(([, cell]) => cell.every((i, a) => i === g.pad[a][0])).length;
  const first = p.rank === 1 ? "step" : "pixel";
  return [
    {
      kind: "shape",
      prompt: "What is the shape of dW, the gradient of the kernel?",
      answer: g.w,
      why: "A gradient always has the shape of what it belongs to: one number for each weight.",
      veil: ["dX", "dW", "db", "W↻"],
    },
    {
      kind: "number",
      prompt: `From how many cells of dY does the first ${first} x[${corner}] get its gradient, for each channel and filter?`,
      answer: meets,
      why:
        `It was inside ${meets} window${meets === 1 ? "" : "s"} on the way forward, and ` +
        `${meets === 1 ? "that" : "each"} sends one back.`,
      at: ["dX", 0],
    },
  ];
}

const kind = (p) => `Conv${p.rank}D`;

function call(p) {
  let text = `${p.filters}, ${short(p.kernel_size)}`;
  if (Math.max(...p.strides) > 1) text += `, strides=${short(p.strides)}`;
  if (p.padding !== "valid") text += `, padding="${p.padding}"`;
  if (Math.max(...p.dilation_rate) > 1) text += `, dilation_rate=${short(p.dilation_rate)}`;
  if (p.activation) text += `, activation="${p.activation}"`;
  if (!p.use_bias) text += ", use_bias=False";
  return `${kind(p)}(${text})`;
}

function code(p, g, { x, w, b }, dy) {
  const weights = arrayCode(w, g.w) + (b ? `, ${arrayCode(b.data, b.shape)}` : "");
  const lines = [
    `layer = ${call(p)}`,
    `x = ${arrayCode(x, [1, ...g.x])}`,
    "layer.build(x.shape)",
    `layer.set_weights([${weights}])`,
  ];
  let keras = ["y = layer(x)"];
  const byHand = ["y = layer(x)"];
  if (dy) {
    lines.push(`dy = ${arrayCode(dy, [1, ...g.y])}`);
    keras = [
      "x = tf.Variable(x, dtype=tf.float32)",
      "with tf.GradientTape() as tape:",
      "    y = layer(x)",
      "dx, *dweights = tape.gradient(y, [x, *layer.trainable_weights], tf.constant(dy, tf.float32))",
    ];
    byHand.push("dx = layer.backward(dy)", "dweights = layer.get_gradients()");
  }
  const text = (imports, last) => ["import numpy as np", ...imports, "", ...lines, ...last].join("\n");
  const from = (module) => `from ${module} import ${kind(p)}`;
  return {
    keras: text(dy ? ["import tensorflow as tf", from("tensorflow.keras.layers")] : [from("keras.layers")], keras),
    numpy: text([from("byhand.layers")], byHand),
  };
}

function controls(p) {
  const choice = (name, label, options, more) => ({ name, label, kind: "choice", options, ...more });
  const clip = p.rank === 3;
  const same = (top) => range(top).map((n) => Array(p.rank).fill(n + 1));
  const sizes = (what, label, names, options) =>
    range(p.rank).map((a) => choice(`${what}.${a}`, `${label} ${names[a]}s`, options(a)));
  return [
    choice("view", "direction", ["forward", "backward"], { look: "switch" }),
    ...sizes("size", "input", AXES[p.rank], (a) => (clip ? (a ? [3, 4, 5] : [2, 3, 4]) : [4, 5, 6, 7, 8])),
    ...sizes("kernel_size", "kernel", KERNEL[p.rank], () => (clip ? [1, 2, 3] : [1, 2, 3, 4, 5])),
    choice("strides", "strides", same(clip ? 2 : 3), { labels: clip ? ["1", "2"] : ["1", "2", "3"] }),
    choice("padding", "padding", ["valid", "same", ...(p.rank === 1 ? ["causal"] : [])]),
    choice("dilation_rate", "dilation", same(2), { labels: ["1", "2"] }),
    choice("channels", "channels", clip ? [1, 2] : [1, 2, 3]),
    choice("filters", "filters", [1, 2]),
  ];
}

