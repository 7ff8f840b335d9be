// The rule of Softmax: scores become shares, and how each score moves each share. softmax.py says the same with the layer.

const range = (n) => [...Array(n).keys()];
OPERATIONS.exp = (v) => Math.exp(total(v));
OPERATIONS["1/"] = (v) => 1 / total(v);

function retrace(p, data, bug) {
  const rows = data.x.shape[0];
  const back = p.view === "backward";
  const right = drawn(p, data, rows); // the answers do not know of the bug
  fill(right, made(p, rows));
  const panels = drawn(p, data, rows);
  const frames = made(p, rows, bug);
  fill(panels, frames);
  const layout = [["x", "z", "m"], ["e", "r"], ["y"], ...(back ? [["J", "dY", "→", "dX"]] : [])];
  const asks = (back ? backAsks : forwardAsks)(p, right);
  const all = { figure: "softmax", title: call(p), params: p, controls: controls(), panels, layout, frames, asks };
  return { ...all, bugs: bugs(p, rows), code: code(p, panels) };
}

function drawn(p, data, rows) {
  const n = p.classes;
  const [both, row] = [["sample", "class"], ["sample"]];
  const panels = {
    x: panel("scores", both, { shape: [rows, n], data: fit(data.x, [rows, n]) }, "input", { edit: true }),
    z: panel("divided by T", both, blank([rows, n]), "middle"),
    m: panel("largest", row, blank([rows]), "middle"),
    e: panel("exp(z − m)", both, blank([rows, n]), "middle", { look: "bar" }),
    r: panel("1 / sum of e", row, blank([rows]), "middle"),
    y: panel("shares", both, blank([rows, n]), "result", { look: "bar" }),
  };
  if (p.view === "backward") {
    const one = data.dY && data.dY.shape.length === 1; // as the reader changed it: sample 0 alone
    const dY = { shape: [n], data: fit(data.dY, one ? [n] : [rows, n]).slice(0, n) };
    panels.dY = panel("gradient of y, sample 0", ["class"], dY, "input", { edit: true });
    panels.J = panel("slope of y[0, j] by x[0, i]", ["i", "j"], blank([n, n]), "result", { look: "heat" });
    panels.dX = panel("gradient of x, sample 0", ["class"], blank([n]), "gradient");
  }
  return panels;
}

function made(p, rows, bug) {
  const n = p.classes;
  const cold = 1 / p.temperature;
  const frames = [];
  const add = (name, i, op, terms) => frames.push({ to: [name, i], op, terms, phase: name });
  const all = range(rows * n);
  const rowOf = (i) => Math.floor(i / n);
  for (const i of all) add("z", i, "dot", [["x", i, bug === "times" ? p.temperature : cold]]);
  for (const s of range(rows)) add("m", s, "max", range(n).map((c) => ["z", s * n + c]));
  for (const i of all) add("e", i, "exp", [["z", i], ["m", rowOf(i), -1]]);
  for (const s of range(rows)) {
    let read = range(n).map((c) => s * n + c);
    if (bug === "column") read = range(rows).map((k) => k * n + (s % n));
    else if (bug === "all") read = all;
    else if (bug === "last") read = read.slice(0, -1);
    add("r", s, "1/", read.map((i) => ["e", i]));
  }
  for (const i of all) add("y", i, "dot", [["e", i, "r", rowOf(i)]]);
  if (p.view === "forward") return frames;
  const slope = bug === "cold" ? 1 : cold;
  for (const [i, j] of cells([n, n])) {
    let terms = [["y", i, "y", j, bug === "sign" && i !== j ? slope : -slope]];
    if (bug === "alone" && i !== j) terms = [];
    if (i === j) terms = [["y", i, slope], ...(bug === "share" ? [] : terms)];
    add("J", i * n + j, "dot", terms);
  }
  for (const i of range(n)) {
    add("dX", i, "dot", (bug === "diagonal" ? [i] : range(n)).map((j) => ["J", i * n + j, "dY", j]));
  }
  return frames;
}

function forwardAsks(p, { x }) {
  const row = x.data.slice(0, p.classes);
  const found = [
    {
      kind: "number",
      prompt: "What is the sum of row 0 of y?",
      answer: 1,
      why: "They are shares: each e divided by the sum of all.",
    },
    {
      kind: "cell",
      prompt: "Which share of sample 0 is the largest? Select it in y.",
      answer: row.flatMap((v, i) => (v === Math.max(...row) ? [["y", i]] : [])),
      why: "The largest score has the largest share: softmax keeps the order.",
    },
    {
      kind: "choice",
      prompt: "Every score of a row grows by 10. What becomes of its shares?",
      options: ["they stay", "they grow", "they come nearer to each other"],
      answer: 0,
      why: "The largest is taken off first, and it has grown by 10, too.",
    },
  ];
  if (row.length > 1) {
    found.push({
      kind: "choice",
      prompt: "The scores of a row differ. T grows. What becomes of the largest share?",
      options: ["it grows", "it shrinks", "it stays"],
      answer: 1,
      why: "Scores divided by a large T are nearly equal, and so are their shares.",
    });
  }
  return found;
}

function backAsks(p, { J }) {
  const asks = [
    {
      kind: "number",
      prompt: "What is the sum of row 0 of J?",
      answer: 0,
      why: "The shares always add up to 1: what one gains, the others lose.",
      hide: ["J", "dX"],
    },
    {
      kind: "number",
      prompt: "Which number stands in the marked cell of J?",
      answer: J.data[0],
      why: "y[0] (1 − y[0]), divided by T: a share moves most when it is near one half.",
      at: ["J", 0],
      hide: ["J", "dX"],
    },
    {
      kind: "choice",
      prompt: "Every number of dY is the same. What is dX?",
      options: ["0 throughout", "the same as dY", "dY times the shares"],
      answer: 0,
      why: "Each row of J adds up to 0.",
    },
  ];
  if (p.classes > 1) {
    asks.push({
      kind: "choice",
      prompt: "Score 0 grows. What does the share of class 1 do?",
      options: ["it grows", "it shrinks", "it stays"],
      answer: 1,
      why: "J[0, 1] = −y[0] y[1] / T is below 0.",
    });
  }
  return asks;
}

function bugs(p, rows) {
  const [back, many] = [p.view === "backward", p.classes > 1];
  return [
    ["column", "the sum runs down a column of e instead of along the row", rows > 1],
    ["all", "one sum is taken over the whole batch", rows > 1],
    ["last", "the last class is left out of the sum", many],
    ["times", "the scores are multiplied by T instead of divided", p.temperature !== 1],
    ["alone", "each share is thought to hang on its own score alone", back && many],
    ["sign", "J has the wrong sign off the diagonal", back && many],
    ["share", "J has the share itself on the diagonal", back],
    ["cold", "J forgets to divide by T", back && p.temperature !== 1],
    ["diagonal", "dX reads the diagonal of J alone", back && many],
  ].filter(([, , there]) => there).map(([name, label]) => ({ name, label }));
}

function controls() {
  const view = { name: "view", label: "direction", kind: "choice", options: ["forward", "backward"], look: "switch" };
  return [
    view,
    { name: "classes", label: "classes", kind: "choice", options: [1, 2, 3, 4, 5, 6] },
    { name: "temperature", label: "temperature", kind: "range", min: 0.25, max: 5, step: 0.25 },
  ];
}

const call = (p) => (p.temperature === 1 ? "Softmax()" : `Softmax()(x / ${p.temperature})`);

function code(p, { x, dY }) {
  const back = p.view === "backward";
  const rows = back ? 1 : x.shape[0];
  const text = arrayCode(x.data.slice(0, rows * p.classes), [rows, p.classes]);
  const lines = ["layer = Softmax()", `T = ${p.temperature}`, `x = ${text}`];
  const own = ["import numpy as np", "from byhand.layers import Softmax", "", ...lines, "y = layer(x / T)"];
  let keras = ["import numpy as np", "from keras.layers import Softmax", "", ...lines, "y = layer(x / T)"];
  if (back) {
    const dy = `dy = ${arrayCode(dY.data, [1, p.classes])}`;
    own.push(dy, "dx = layer.backward(dy) / T");
    const tape = [
      dy,
      "x = tf.Variable(x, dtype=tf.float32)",
      "with tf.GradientTape() as tape:",
      "    y = layer(x / T)",
      "dx = tape.gradient(y, x, tf.constant(dy, tf.float32))",
    ];
    const start = ["import numpy as np", "import tensorflow as tf", "from tensorflow.keras.layers import Softmax", ""];
    keras = [...start, ...lines, ...tape];
  }
  return { keras: keras.join("\n"), numpy: own.join("\n") };
}
