// The rule of max and average pooling, forward and backward. pool.py says the same with the NumPy layer.

const range = (n) => [...Array(n).keys()];
const kind = (p) => `${p.kind === "max" ? "Max" : "Average"}Pooling${p.rank}D`;
const named = (known) => known.filter(([, , there]) => there).map(([name, label]) => ({ name, label }));
const spaceAxes = (p) => (p.rank === 1 ? ["step"] : ["row", "column"]);

function call(p) {
  const strides = p.strides ? `, strides=${short(p.strides)}` : "";
  return `${kind(p)}(${short(p.pool_size)}${strides}${p.padding === "valid" ? "" : `, padding="${p.padding}"`})`;
}

function retrace(params, data, bug) {
  for (const [a, k] of params.pool_size.entries()) {
    const n = params.size[a];
    if (params.padding === "valid" && k > n) {
      return { error: `A window of ${k} does not fit into ${n} cells without padding. Take a smaller one, or same.` };
    }
  }
  const g = geometry(params);
  const x = { shape: g.x, data: fit(data.x, g.x) };
  const view = params.view === "backward" ? backward : forward;
  return { figure: "pool", title: call(params), params, controls: controls(params), ...view(params, g, x, data, bug) };
}

function geometry(p) {
  const { size, pool_size: pool, channels } = p;
  const strides = p.strides || pool;
  const one = pool.map(() => 1);
  const pad = padWidths(size, pool, strides, p.padding, one);
  const out = size.map((n, a) => outputLength(n, pool[a], strides[a], p.padding, 1));
  const space = size.map((n, a) => n + pad[a][0] + pad[a][1]);
  const padding = pad.some(([before, after]) => before + after);
  // How far the windows move when the odd padding, or without padding the rest, is on the wrong side.
  const wrong = size.map((n, a) =>
    padding ? pad[a][0] - pad[a][1] : Math.max(n - (out[a] - 1) * strides[a] - pool[a], 0),
  );
  const inside = (cell) => cell.every((i, a) => i >= pad[a][0] && i < pad[a][0] + size[a]);
  const covered = (o, bug) =>
    windowAt(o, pool, strides, one)
      .map(([, cell]) => cell.map((i, a) => i + (bug === "shift" ? wrong[a] : 0)))
      .filter((cell) => cell.every((i, a) => i >= 0 && i < space[a]));
  const real = (o, bug) => covered(o, bug).filter(inside);
  const own = (cell) => cell.map((i, a) => i - pad[a][0]);
  const [x, y, xp] = [size, out, space].map((n) => [...n, channels]);
  return { size, pool, strides, pad, padding, out, wrong, inside, covered, real, own, x, y, xp };
}

function inputPanel(p, g, x, edit) {
  const axes = [...spaceAxes(p), "channel"];
  const grid = p.rank === 1 ? [1, 0] : undefined;
  const pad = [...g.pad, [0, 0]];
  const padtext = p.kind === "max" ? "-inf" : "–";
  return { shown: panel("input", axes, padded(x.data, g.x, pad), "input", { edit, pad, padtext, grid }), axes, grid };
}

const counts = (g) => cells(g.out).map((o) => g.real(o).length);
const each = (p, g) => cells(g.out).flatMap((o) => range(p.channels).map((c) => [o, c, ravel([...o, c], g.y)]));

function forward(p, g, x, data, bug) {
  const { shown, axes, grid } = inputPanel(p, g, x, true);
  const panels = { x: shown, y: panel("output", axes, blank(g.y), "result", { grid }) };
  const average = p.kind === "average";
  if (average) panels.n = panel("cells counted", axes.slice(0, -1), { shape: g.out, data: counts(g) }, "middle");
  const frames = each(p, g).map(([o, c, k]) => forwardFrame(p, g, x, o, c, k, bug));
  fill(panels, frames);
  const side = g.padding ? "the odd padding stands in front" : "the cells left over are cut off in front, not behind";
  return {
    panels,
    layout: [average ? ["x", "mean →", "y", "n"] : ["x", "max →", "y"]],
    frames,
    asks: forwardAsks(p, g, x),
    bugs: named([
      ["divide", "padding is counted in the divisor", average && g.padding],
      ["zeros", "padding counts as 0", !average && g.padding],
      ["shift", side, g.wrong.some((n) => n)],
      ["sum", "the sum is not divided", average],
      ["first", "each window leaves out its first cell", !average && product(g.pool) > 1],
    ]),
    code: code(p, x),
  };
}

function forwardFrame(p, g, x, o, c, k, bug) {
  const covered = g.covered(o, bug);
  const real = covered.filter(g.inside);
  const average = p.kind === "average";
  const frame = { to: ["y", k], op: average ? "mean" : "max" };
  if (average) frame.n = bug === "divide" ? product(g.pool) : bug === "sum" ? 1 : real.length;
  const read = bug === "zeros" ? covered : bug === "first" && real.length > 1 ? real.slice(1) : real;
  frame.terms = read.map((cell) => ["x", ravel([...cell, c], g.xp)]);
  const note = bug ? "" : noteOf(p, g, o, c, x);
  if (note) frame.note = note;
  const see = covered.filter((cell) => !read.includes(cell)).map((cell) => ["x", ravel([...cell, c], g.xp)]);
  if (average) see.push(["n", ravel(o, g.out)]);
  return see.length ? { ...frame, see } : frame;
}

function noteOf(p, g, o, c, x) {
  const hatched = g.covered(o).length - g.real(o).length;
  const winners = winning(g, x, o, c, "both").length;
  const said = [];
  if (hatched) {
    const tail = p.kind === "max" ? "minus infinity" : "not counted";
    said.push(`${hatched} ${hatched === 1 ? "cell" : "cells"} of the window ${hatched === 1 ? "is" : "are"} padding: ${tail}`);
  }
  if (p.kind === "max" && winners > 1) said.push(`${winners} cells are largest; on the way back the first one wins`);
  return said.join("; ");
}

const valueAt = (g, x, cell, c = 0) => x.data[ravel([...g.own(cell), c], g.x)];

// The cells of window o that win channel c: the first largest one; with a bug the last, or all of them.
function winning(g, x, o, c, bug) {
  const real = g.real(o);
  const top = Math.max(...real.map((cell) => valueAt(g, x, cell, c)));
  const equal = real.filter((cell) => valueAt(g, x, cell, c) === top);
  return bug === "both" ? equal : bug === "last" ? equal.slice(-1) : equal.slice(0, 1);
}

function backward(p, g, x, data, bug) {
  const average = p.kind === "average";
  const { shown, axes, grid } = inputPanel(p, g, x, average ? undefined : true);
  const counted = { shape: g.y, data: range(product(g.y)).map((k) => k + 1) }; // each its own: one sees where it goes
  const dy = { shape: g.y, data: fit(data.dY || counted, g.y) };
  const panels = { x: shown, dY: panel("gradient of y", axes, dy, "input", { edit: true, grid }) };
  let frames = [];
  if (average) {
    const n = counts(g);
    panels.n = panel("cells counted", axes.slice(0, -1), { shape: g.out, data: n }, "middle");
    panels.share = panel("share of each cell", axes, blank(g.y), "middle", { grid });
    frames = each(p, g).map(([o, , k]) => {
      const at = ravel(o, g.out);
      return { to: ["share", k], op: "mean", terms: [["dY", k]], n: bug === "divide" ? product(g.pool) : n[at], phase: "divide", see: [["n", at]] };
    });
  }
  panels.dX = panel("gradient of x", axes, blank(g.x), "gradient", { grid });
  frames.push(...gradientFrames(p, g, x, bug));
  fill(panels, frames);
  return {
    panels,
    layout: [average ? ["dY", "÷", "n", "=", "share", "→", "dX"] : ["x", "dY", "→", "dX"]],
    frames,
    asks: backAsks(p, g, x, panels, frames),
    bugs: named([
      ["last", "the last of equal cells wins", !average],
      ["both", "each of the equal cells gets the whole gradient", !average],
      ["all", "every cell of a window gets the whole gradient", !average && product(g.pool) > 1],
      ["divide", "padding is counted in the divisor", average && g.padding],
      ["overwrite", "where windows overlap, the last gradient replaces the others", true],
    ]),
    code: code(p, x, dy),
  };
}

function gradientFrames(p, g, x, bug) {
  const average = p.kind === "average";
  const came = range(product(g.x)).map(() => []);
  for (const [o, c, k] of each(p, g)) {
    for (const cell of average || bug === "all" ? g.real(o) : winning(g, x, o, c, bug)) {
      came[ravel([...g.own(cell), c], g.x)].push([average ? "share" : "dY", k]);
    }
  }
  const idle = average ? "no window covers this cell" : "it won no window";
  return came.map((all, i) => {
    const terms = bug === "overwrite" ? all.slice(-1) : all;
    const frame = { to: ["dX", i], op: "sum", terms, phase: "add up" };
    const index = unravel(i, g.x);
    const own = index.map((k, a) => k + (g.pad[a] ? g.pad[a][0] : 0));
    if (!average) frame.see = [["x", ravel(own, g.xp)]];
    return terms.length ? frame : { ...frame, note: idle };
  });
}

function lengthRule(n, k, s, padding) {
  if (padding === "same") return `ceil(${n} / ${s}) = ${Math.ceil(n / s)}`;
  return `floor((${n} − ${k}) / ${s}) + 1 = ${Math.floor((n - k) / s) + 1}`;
}

function forwardAsks(p, g, x) {
  const average = p.kind === "average";
  const hide = average ? ["y", "n"] : ["y"];
  const lengths = spaceAxes(p).map((axis, a) => `${axis}s: ${lengthRule(g.size[a], g.pool[a], g.strides[a], p.padding)}`);
  const asks = [
    {
      kind: "shape",
      prompt: `x has shape ${sizeText(g.x)}. What is the shape of y for one sample, channels last?`,
      answer: g.y,
      veil: hide,
      why: `${lengths.join(", ")}; the channels stay ${p.channels}.`,
    },
  ];
  const places = cells(g.out);
  const fewest = Math.min(...places.map((o) => g.real(o).length));
  const edge = places.find((o) => g.real(o).length === fewest);
  const at = ["y", ravel([...edge, 0], g.y)];
  const hatched = g.covered(edge).length - fewest;
  const real = g.real(edge);
  const values = real.map((cell) => valueAt(g, x, cell));
  const top = Math.max(...values);
  if (average) {
    asks.push({
      kind: "number",
      prompt: "By which number is the sum of the marked window divided?",
      answer: fewest,
      at,
      hide,
      why:
        `Of the ${fewest + hatched} cells of the window ${hatched || "none"} ` +
        `${hatched > 1 ? "are" : "is"} padding, so ${fewest} count${fewest === 1 ? "s" : ""}.`,
    });
  } else {
    asks.push({
      kind: "cell",
      prompt: "Which cell of x wins the marked window?",
      answer: real.filter((_, i) => values[i] === top).map((cell) => ["x", ravel([...cell, 0], g.xp)]),
      at,
      why: "The largest number of the window, sign and all. Padding can never win.",
    });
  }
  if (g.padding) {
    asks.push({
      kind: "choice",
      prompt: "padding='same' lets windows reach past the edge. What stands there for this layer?",
      options: ["zeros", average ? "nothing: not counted" : "minus infinity", "the edge again"],
      answer: 1,
      veil: ["x"],
      hide,
      why: average ? "Zeros that count would make the edge smaller than it is." : "Zeros would beat negative numbers.",
    });
  }
  asks.push({
    kind: "number",
    prompt: "What is the marked cell of y?",
    at,
    answer: average ? total(values) / values.length : top,
    why: average ? `The sum of its window, divided by ${values.length}.` : "The largest number of its window.",
  });
  return asks;
}

function backAsks(p, g, x, panels, frames) {
  const gradient = frames.filter((f) => f.to[0] === "dX");
  const most = Math.max(...gradient.map((f) => f.terms.length));
  const busy = gradient.find((f) => f.terms.length === most);
  const average = p.kind === "average";
  const asks = [];
  if (average) {
    const smallest = Math.min(...panels.n.data);
    const at = panels.n.data.lastIndexOf(smallest) * p.channels;
    asks.push({
      kind: "number",
      prompt: "How much does each cell of the marked window get?",
      at: ["share", at],
      answer: panels.share.data[at],
      why: `Its gradient divided by ${smallest}, the number of real cells.`,
    });
  } else {
    const places = cells(g.out);
    const tied = places.find((o) => winning(g, x, o, 0, "both").length > 1);
    const k = ravel([...(tied || places[places.length - 1]), 0], g.y);
    asks.push(
      {
        kind: "cell",
        prompt: "Which cell of dX gets the marked gradient?",
        at: ["dY", k],
        answer: gradient.filter((f) => f.terms.some((term) => term[1] === k)).map((f) => f.to),
        why: "It goes where the largest number of that window stood" + (tied ? ", the first of them." : "."),
      },
      {
        kind: "choice",
        prompt: "The largest number stands in a window twice. Where does its gradient go?",
        options: ["all of it to the first", "half of it to each", "all of it to each"],
        answer: 0,
        hide: [],
        why: "One winner a window: the first in row order.",
      },
    );
  }
  const single = average ? "One window sends it its share." : "One window sends it its gradient.";
  asks.push({
    kind: "number",
    prompt: "What is the gradient of the marked cell of x?",
    at: busy.to,
    answer: panels.dX.data[busy.to[1]],
    why: most > 1 ? `Gradients of ${most} windows meet in this cell and are added.` : single,
  });
  return asks;
}

function controls(p) {
  const choice = (name, label, options, more) => ({ name, label, kind: "choice", options, ...more });
  const strides = [null, ...[1, 2, 3].map((n) => Array(p.rank).fill(n))];
  const axes = spaceAxes(p);
  return [
    choice("view", "direction", ["forward", "backward"], { look: "switch" }),
    choice("kind", "takes", ["max", "average"], { look: "switch" }),
    ...axes.map((axis, a) => choice(`size.${a}`, `input ${axis}s`, [4, 5, 6, 7, 8])),
    ...axes.map((axis, a) => choice(`pool_size.${a}`, `window ${axis}s`, [1, 2, 3, 4])),
    choice("strides", "strides", strides, { labels: ["None", "1", "2", "3"] }),
    choice("padding", "padding", ["valid", "same"], { look: "switch" }),
    choice("channels", "channels", [1, 2]),
  ];
}

function code(p, x, dy) {
  const batch = (array) => arrayCode(array.data, [1, ...array.shape]);
  const lines = [`layer = ${call(p)}`, `x = ${batch(x)}`, ...(dy ? [`dy = ${batch(dy)}`] : [])];
  const imports = dy ? ["import tensorflow as tf"] : [];
  const keras = dy
    ? [
        "x = tf.Variable(x, dtype=tf.float32)",
        "with tf.GradientTape() as tape:",
        "    y = layer(x)",
        "dx = tape.gradient(y, x, tf.constant(dy, tf.float32))",
      ]
    : ["y = layer(x)"];
  const byHand = ["y = layer(x)", ...(dy ? ["dx = layer.backward(dy)"] : [])];
  const from = (source) => `from ${source} import ${kind(p)}`;
  return {
    keras: ["import numpy as np", ...imports, from(dy ? "tensorflow.keras.layers" : "keras.layers"), "", ...lines, ...keras].join("\n"),
    numpy: ["import numpy as np", from("byhand.layers"), "", ...lines, ...byHand].join("\n"),
  };
}
