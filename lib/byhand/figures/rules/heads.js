// The rule of three heads on one map, forward and backward. heads.py says the same with the NumPy layers.

const HEADS = ["GAP", "GMP", "Flatten"];
const CLASSES = ["class 0", "class 1"];
const MAP = ["row", "column"];
const TITLE = "Three heads: GlobalAveragePooling2D, GlobalMaxPooling2D, Flatten";
const range = (n) => [...Array(n).keys()];
const named = (known) => known.filter(([, , there]) => there).map(([name, label]) => ({ name, label }));

function retrace(params, data, bug) {
  for (const [a, axis] of ["row", "column"].entries()) {
    const [n, k, first] = [params.size[a], params.blob[a], params.place[a]];
    if (first + k > n) {
      return { error: `A blob of ${k} ${axis}s does not fit at ${axis} ${first} of ${n}. Move it first, or take a smaller one.` };
    }
  }
  const view = params.view === "backward" ? backward : forward;
  return { figure: "heads", title: TITLE, params, controls: controls(params), ...view(params, data, bug) };
}

// --- numbers

const mapShape = (p) => [...p.size, p.channels];
const channelNames = (p) => range(p.channels).map((c) => `channel ${c}`);
const places = (p) => p.size.map((n, a) => n - p.blob[a] + 1);
const around = (p) => [...p.size.map((n, a) => [p.place[a], n - p.blob[a] - p.place[a]]), [0, 0]];

// The blob cut to its size, or grown to it: its edge is repeated, a further channel is the first turned round.
function grown(given, shape) {
  const [rows, columns, channels] = given.shape;
  return cells(shape).map(([i, j, c]) => {
    const there = Math.min(j, columns - 1);
    const from = [Math.min(i, rows - 1), c < channels ? there : columns - 1 - there, c < channels ? c : 0];
    return given.data[ravel(from, given.shape)];
  });
}

// `fit` by a pattern that tells the channels and the classes apart, and a step along the diagonal.
function weights(given, shape) {
  return given ? fit(given, shape) : cells(shape).map(([i, j, c, k]) => pattern([i, 2 * j, 0, c + 2 * k]));
}

function inputs(p, data) {
  const pad = around(p);
  const x = padded(grown(data.x, [...p.blob, p.channels]), [...p.blob, p.channels], pad);
  const look = { edit: true, pad, ground: "empty", look: "heat" };
  const kernel = { shape: [p.channels, 2], data: fit(data.V, [p.channels, 2]) };
  const own = { shape: [...mapShape(p), 2], data: weights(data.F, [...mapShape(p), 2]) };
  return {
    x: panel("feature maps", [...MAP, "channel"], x, "input", look),
    V: panel("weights behind GAP and GMP", ["channel", "class"], kernel, "weight", { edit: true, names: { 0: channelNames(p), 1: CLASSES } }),
    F: panel("weights behind Flatten", [...MAP, "channel", "class"], own, "weight", { edit: true }),
  };
}

// Map c as a list, cell by cell.
const mapOf = (p, x, c) => cells(p.size).map((cell) => x[ravel([...cell, c], mapShape(p))]);

// The place in F of the weight that meets x[i, j, c] for class k.
function weightAt(p, i, j, c, k, bug) {
  const [rows, columns] = p.size;
  return ((bug === "order" ? j * rows + i : i * columns + j) * p.channels + c) * 2 + k;
}

// --- forward

function forward(p, data, bug) {
  const panels = inputs(p, data);
  const { channels } = p;
  const x = panels.x.data;
  Object.assign(panels, {
    p: panel("pooled by GAP and by GMP", ["head", "channel"], blank([2, channels]), "middle", { names: { 0: HEADS.slice(0, 2), 1: channelNames(p) } }),
    s: panel("scores: GAP, GMP, Flatten", ["head", "class"], blank([3, 2]), "result", { names: { 0: HEADS, 1: CLASSES } }),
    CAM: panel("class activation map", [...MAP, "class"], blank([...p.size, 2]), "result", { look: "heat" }),
    "mean(CAM)": panel("its mean", ["class"], blank([2]), "middle", { names: { 0: CLASSES } }),
    moved: panel("s[Flatten] for every place of the blob", [...MAP, "class"], blank([...places(p), 2]), "result", { look: "heat" }),
  });
  const frames = forwardFrames(p, x, bug);
  fill(panels, frames);
  return {
    panels,
    layout: [["x", "→", "p", "→", "s"], ["V", "CAM", "mean →", "mean(CAM)"], ["F", "moved"]],
    frames,
    asks: asks(p, panels),
    bugs: named([
      ["sum", "GAP does not divide the sum", true],
      ["nonzero", "GAP divides by the number of cells that are not 0", x.includes(0)],
      ["column", "GAP runs down the first column alone", p.size[1] > 1],
      ["farthest", "GMP takes the number farthest from 0", x.some((v) => v < 0)],
      ["transpose", "V is read with channel and class exchanged", channels === 2],
      ["order", "Flatten reads the map column by column", Math.min(...p.size) > 1],
      ["other", "the class activation map has the weights of the other class", true],
    ]),
    code: code(p, panels),
  };
}

function forwardFrames(p, x, bug) {
  const { size, channels } = p;
  const shape = mapShape(p);
  const every = cells(size);
  const frames = [];
  const add = (name, index, op, terms, phase, more) => frames.push({ to: [name, index], op, terms, phase, ...more });
  const at = (i, j, c) => ["x", ravel([i, j, c], shape)];
  const kernel = (c, k) => ["V", bug === "transpose" ? k * 2 + c : c * 2 + k];
  const spot = (cell, k) => ravel([...cell, k], [...size, 2]);

  for (const c of range(channels)) {
    const read = bug === "column" ? every.filter(([, j]) => j === 0) : every;
    const held = Math.max(mapOf(p, x, c).filter((v) => v !== 0).length, 1);
    const n = bug === "sum" ? 1 : bug === "nonzero" ? held : read.length;
    add("p", c, "mean", read.map((cell) => at(...cell, c)), "pool", { n });
  }
  for (const c of range(channels)) {
    const map = mapOf(p, x, c);
    const ties = map.filter((v) => v === Math.max(...map)).length;
    const sizes = map.map(Math.abs);
    const read = bug === "farthest" ? [every[sizes.indexOf(Math.max(...sizes))]] : every;
    const note = `${ties} cells are largest; on the way back they share`;
    add("p", channels + c, "max", read.map((cell) => at(...cell, c)), "pool", ties > 1 && !bug ? { note } : {});
  }
  for (const [head, k] of cells([2, 2])) {
    add("s", head * 2 + k, "dot", range(channels).map((c) => ["p", head * channels + c, ...kernel(c, k)]), "score");
  }
  for (const k of range(2)) {
    add("s", 4 + k, "dot", cells(shape).map(([i, j, c]) => [...at(i, j, c), "F", weightAt(p, i, j, c, k, bug)]), "score");
  }
  for (const [i, j, k] of cells([...size, 2])) {
    const other = bug === "other" ? 1 - k : k;
    add("CAM", spot([i, j], k), "dot", range(channels).map((c) => [...at(i, j, c), "V", c * 2 + other]), "map");
  }
  for (const k of range(2)) {
    const note = bug ? {} : { note: `the same as s[GAP, class ${k}]` };
    add("mean(CAM)", k, "mean", every.map((cell) => ["CAM", spot(cell, k)]), "map", { n: every.length, ...note });
  }
  for (const [r, l, k] of cells([...places(p), 2])) {
    const terms = cells([...p.blob, channels]).map(([i, j, c]) => [
      ...at(p.place[0] + i, p.place[1] + j, c),
      ...["F", weightAt(p, r + i, l + j, c, k, bug)],
    ]);
    const here = r === p.place[0] && l === p.place[1] && !bug;
    const note = here ? { note: `here it is: s[Flatten, class ${k}]` } : {};
    add("moved", ravel([r, l, k], [...places(p), 2]), "dot", terms, "move", note);
  }
  return frames;
}

// --- backward

function backward(p, data, bug) {
  const panels = inputs(p, data);
  const x = panels.x.data;
  const whole = { shape: [2], data: [product(p.size), 0] }; // so that the shares are whole
  const ds = { shape: [2], data: fit(data.ds || whole, [2]) };
  Object.assign(panels, {
    ds: panel("gradient of the scores", ["class"], ds, "gradient", { edit: true, names: { 0: CLASSES } }),
    dp: panel("gradient of the pooled numbers", ["channel"], blank([p.channels]), "middle", { names: { 0: channelNames(p) } }),
  });
  for (const head of HEADS) {
    const axes = [...MAP, "channel"];
    panels[`dX(${head})`] = panel(`gradient of x through ${head}`, axes, blank(mapShape(p)), "gradient", { look: "heat" });
  }
  const frames = backFrames(p, x, bug);
  fill(panels, frames);
  const many = product(p.size) > 1;
  return {
    panels,
    layout: [["ds", "V", "→", "dp"], ["x", "dX(GMP)"], ["dX(GAP)", "dX(Flatten)"], ["F"]],
    frames,
    asks: backAsks(p, panels),
    bugs: named([
      ["whole", "GAP gives every cell the whole gradient", many],
      ["nonzero", "GAP shares among the cells that are not 0", x.includes(0)],
      ["spread", "GMP shares among all cells", many],
      ["last", "GMP gives it to the last cell of the map", many],
      ["order", "Flatten reads the map column by column", Math.min(...p.size) > 1],
    ]),
    code: code(p, panels),
  };
}

// Which cells of a list are its largest.
const largest = (map) => map.map((v) => v === Math.max(...map));

function backFrames(p, x, bug) {
  const shape = mapShape(p);
  const cellCount = product(p.size);
  const frames = range(p.channels).map((c) => {
    return { to: ["dp", c], op: "dot", terms: range(2).map((k) => ["V", c * 2 + k, "ds", k]), phase: "score" };
  });
  const add = (cell, head, op, terms, more) => {
    frames.push({ to: [`dX(${head})`, ravel(cell, shape)], op, terms, phase: "map", ...more });
  };
  for (const [i, j, c] of cells(shape)) {
    const held = mapOf(p, x, c).map((v) => v !== 0);
    const n = bug === "whole" ? 1 : bug === "nonzero" ? held.filter(Boolean).length : cellCount;
    if (bug !== "nonzero" || held[i * p.size[1] + j]) add([i, j, c], "GAP", "mean", [["dp", c]], { n });
    else add([i, j, c], "GAP", "sum", []);
  }
  for (const [i, j, c] of cells(shape)) {
    let won = largest(mapOf(p, x, c));
    if (bug === "spread") won = won.map(() => true);
    else if (bug === "last") won = won.map((_, k) => k === cellCount - 1);
    const n = won.filter(Boolean).length;
    const see = [["x", ravel([i, j, c], shape)]];
    if (!won[i * p.size[1] + j]) add([i, j, c], "GMP", "sum", [], { ...(bug ? {} : { note: "it is not the largest" }), see });
    else if (n === 1) add([i, j, c], "GMP", "copy", [["dp", c]], { see });
    else add([i, j, c], "GMP", "mean", [["dp", c]], { n, see });
  }
  for (const [i, j, c] of cells(shape)) {
    add([i, j, c], "Flatten", "dot", range(2).map((k) => ["F", weightAt(p, i, j, c, k, bug), "ds", k]));
  }
  return frames;
}

// --- questions, settings, code

function asks(p, panels) {
  const [rows, columns] = p.size;
  const map = panels.CAM.data.filter((_, i) => i % 2 === 0);
  return [
    {
      kind: "choice",
      prompt: "The blob moves by one cell and stays inside. Which heads keep their scores under any weights?",
      options: ["GAP and GMP", "GAP alone", "GMP alone", "all three"],
      answer: 0,
      why: "A mean and a maximum do not ask where. Flatten has other weights at every place.",
    },
    {
      kind: "number",
      prompt: "What is the marked pooled number?",
      at: ["p", 0],
      answer: panels.p.data[0],
      why: `The sum of channel 0, divided by all ${rows * columns} cells; empty cells count.`,
    },
    {
      kind: "choice",
      prompt: "The blob grows, by numbers above 0 and below its largest. Which pooled numbers change?",
      options: ["both", "GAP's alone", "GMP's alone", "none"],
      answer: 1,
      why: "The sum grows and the number of cells does not. The largest number stays what it was.",
    },
    {
      kind: "number",
      prompt: "How many weights does Dense with 2 classes and no bias need behind Flatten?",
      answer: rows * columns * p.channels * 2,
      veil: ["F"],
      why: `${rows} × ${columns} × ${p.channels} numbers, each with 2 weights. Behind GAP or GMP: ${p.channels} × 2.`,
    },
    {
      kind: "cell",
      prompt: "Which cell of CAM is the largest for class 0?",
      answer: largest(map).flatMap((won, i) => (won ? [["CAM", 2 * i]] : [])),
      why: "Where the maps, times the weights of class 0, add up to most. It moves with the blob.",
    },
  ];
}

function backAsks(p, panels) {
  const last = p.channels - 1;
  const won = largest(mapOf(p, panels.x.data, last));
  const winners = won.flatMap((is, i) => (is ? [["dX(GMP)", i * p.channels + last]] : []));
  return [
    {
      kind: "cell",
      prompt: "Which cell of x gets the marked gradient through GMP? Select it in dX(GMP).",
      at: ["dp", last],
      answer: winners,
      why: `The one where the largest number of channel ${last} stands.${winners.length > 1 ? " Equal winners share." : ""}`,
    },
    {
      kind: "number",
      prompt: "What gradient does the marked cell get through GAP?",
      at: ["dX(GAP)", 0],
      answer: panels["dX(GAP)"].data[0],
      why: `dp[channel 0] divided by ${product(p.size)}, as every cell of that channel does, empty or not.`,
    },
    {
      kind: "choice",
      prompt: "A cell is empty and the blob's numbers are above 0. Which heads can send it a gradient?",
      options: ["none: it is 0", "GMP", "GAP and Flatten", "all three"],
      answer: 2,
      why: "GAP shares with every cell and Flatten has a weight for it. GMP sends to winners alone.",
    },
  ];
}

function controls(p) {
  const squares = (name, label, sizes) => {
    return { name, label, kind: "choice", options: sizes.map((n) => [n, n]), labels: sizes.map((n) => `${n} × ${n}`) };
  };
  const slider = (a, label) => {
    return { name: `place.${a}`, label, kind: "range", min: 0, max: Math.max(p.size[a] - p.blob[a], 0), step: 1 };
  };
  return [
    { name: "view", label: "direction", kind: "choice", options: ["forward", "backward"], look: "switch" },
    slider(0, "blob down"),
    slider(1, "blob right"),
    squares("blob", "blob", [1, 2, 3]),
    squares("size", "map", [3, 4, 5]),
    { name: "channels", label: "channels", kind: "choice", options: [1, 2] },
  ];
}

function code(p, { x, V, F, ds }) {
  const flat = [product(mapShape(p)), 2];
  const arrays = [`x = ${arrayCode(x.data, [1, ...x.shape])}`, `V = ${arrayCode(V.data, V.shape)}`, `F = ${arrayCode(F.data, flat)}`];
  const layers = "Flatten, GlobalAveragePooling2D, GlobalMaxPooling2D";
  const heads = "average, largest, flat = GlobalAveragePooling2D(), GlobalMaxPooling2D(), Flatten()";
  let run = ["y = np.concatenate([average(x) @ V, largest(x) @ V, flat(x) @ F])"];
  let keras = ["x, V, F = (tf.constant(a, tf.float32) for a in (x, V, F))", ...run];
  if (p.view === "backward") {
    arrays.push(`ds = ${arrayCode(ds.data, [1, 2])}`);
    run = [
      "average(x), largest(x), flat(x)",
      "backs = [average.backward(ds @ V.T), largest.backward(ds @ V.T), flat.backward(ds @ F.T)]",
      "dx = np.concatenate(backs)",
    ];
    keras = [
      "x, V, F, ds = (tf.constant(a, tf.float32) for a in (x, V, F, ds))",
      "with tf.GradientTape(persistent=True) as tape:",
      "    tape.watch(x)",
      "    scores = [average(x) @ V, largest(x) @ V, flat(x) @ F]",
      "dx = np.concatenate([tape.gradient(s, x, ds) for s in scores])",
    ];
  }
  const start = ["import numpy as np", "import tensorflow as tf", `from tensorflow.keras.layers import ${layers}`, ""];
  const own = ["import numpy as np", `from byhand.layers import ${layers}`, ""];
  return {
    keras: [...start, ...arrays, heads, ...keras].join("\n"),
    numpy: [...own, ...arrays, heads, ...run].join("\n"),
  };
}
