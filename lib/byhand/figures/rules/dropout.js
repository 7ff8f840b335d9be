// The rule of Dropout and SpatialDropout1D. dropout.py says the same with the NumPy layers.

const range = (n) => [...Array(n).keys()];
const named = (known) => known.filter(([, , there]) => there).map(([name, label]) => ({ name, label }));
const FULL = { cell: [true, true], row: [true, false], column: [false, true], all: [false, false] };

function retrace(p, data, bug) {
  const made = numbers(p, data);
  const views = { forward: [forward, forwardFrames], calls: [several, callFrames], backward: [backward, backFrames] };
  const [draw, step] = views[p.view];
  const panels = draw(p, made);
  const frames = step(p, made, bug);
  fill(panels, frames);
  return {
    figure: "dropout",
    title: call(p, made),
    params: p,
    controls: controls(p, made),
    panels,
    layout: layout(p, made),
    frames,
    asks: asks(p, made, panels),
    bugs: bugs(p, made),
    code: code(p, made),
  };
}

// The arrays in the present sizes, and what decides which numbers stay.
function numbers(p, data) {
  const spatial = p.kind === "SpatialDropout1D";
  const made = { shape: [p.rows, p.columns], sequence: p.sequence || spatial, share: spatial ? "column" : p.share };
  made.mask = made.shape.map((n, a) => (FULL[made.share][a] ? n : 1));
  made.size = product(made.shape);
  for (const name of ["x", "dY"]) {
    const given = data[name] && { shape: data[name].shape.slice(-2), data: data[name].data };
    made[name] = fit(given, made.shape);
  }
  const u = data.u.data;
  made.u = u;
  made.seed = data.seed.data[0];
  made.rate = p.rate;
  made.draws = p.training && p.rate > 0;
  made.kept = Number((1 - p.rate).toFixed(10));
  made.count = p.view === "calls" ? p.calls : p.call + 1;
  made.cells = product(made.mask);
  made.numbers = (n) => u.slice((n - 1) * made.cells, n * made.cells);
  made.stays = (n, k) => Number(made.numbers(n)[k] >= p.rate);
  made.place = (i) => ravel(unravel(i, made.shape).map((at, a) => Math.min(at, made.mask[a] - 1)), made.mask);
  return made;
}

const axesOf = (made) => (made.sequence ? ["step", "channel"] : ["sample", "feature"]);
const maskOf = (made, n) => range(made.cells).map((k) => made.stays(n, k));
const givenPanel = (made, name, label) =>
  panel(label, axesOf(made), { shape: made.shape, data: made[name] }, "input", { edit: true });

function maskPanels(made, role) {
  return {
    stays: panel("mask", axesOf(made), { shape: made.mask, data: maskOf(made, made.count) }, role),
    scale: panel("for survivors", ["number"], { shape: [1], data: [1 / made.kept] }, role),
  };
}

// --- one call

function forward(p, made) {
  const panels = { x: givenPanel(made, "x", "input") };
  if (made.draws) {
    panels.u = panel("random numbers", axesOf(made), { shape: made.mask, data: made.numbers(made.count) }, "state");
    Object.assign(panels, maskPanels(made, "middle"));
  }
  panels.y = panel("output", axesOf(made), blank(made.shape), "result");
  return panels;
}

function forwardFrames(p, made, bug) {
  const frames = made.draws ? maskFrames(made, bug) : [];
  for (const i of range(made.size)) frames.push({ to: ["y", i], ...passed(made, "x", i, bug), phase: "y" });
  return frames;
}

function maskFrames(made, bug) {
  const frames = range(made.cells).map((k) => {
    const stays = made.stays(made.count, k);
    const note = bug ? {} : { note: stays ? "u is not below the rate" : "u is below the rate" };
    const value = bug === "flip" ? 1 - stays : stays;
    return { to: ["stays", k], op: "copy", terms: [[value]], phase: "mask", ...note, see: [["u", k]] };
  });
  return [...frames, scaleFrame(made, bug)];
}

function scaleFrame(made, bug) {
  if (bug === "down") return { to: ["scale", 0], op: "copy", terms: [[made.kept]], phase: "mask" };
  const n = bug === "plain" ? 1 : bug === "rate" ? made.rate : made.kept;
  return { to: ["scale", 0], op: "mean", terms: [[1]], n, phase: "mask" };
}

// What becomes of cell i of x or dY: the operation and its terms.
function passed(made, name, i, bug) {
  let k = made.place(i);
  if (!made.draws) {
    if (bug === "classic") return { op: "dot", terms: [[name, i, made.kept]] };
    if (bug === "up") return { op: "mean", terms: [[name, i]], n: made.kept };
    if (bug === "drop") return { op: "mean", terms: [[name, i, made.stays(made.count, k)]], n: made.kept };
    return { op: "copy", terms: [[name, i]] };
  }
  const at = unravel(i, made.shape);
  if (bug === "across") k = made.mask[0] > 1 ? at[1] : at[0];
  let stays = ["stays", k];
  if (bug === "own") stays = [Number(made.u[i] >= made.rate)];
  else if (bug === "anew") stays = [made.stays(made.count + 1, k)];
  else if (bug === "all") stays = [];
  return { op: "dot", terms: [[name, i, ...stays, ...(bug === "unscaled" ? [] : ["scale", 0])]] };
}

// --- several calls

function several(p, made) {
  const panels = { x: givenPanel(made, "x", "input") };
  const names = [...axesOf(made), "call"];
  if (made.draws) {
    const data = range(made.cells).flatMap((k) => range(made.count).map((t) => made.stays(t + 1, k)));
    panels.stays = panel("masks", names, { shape: [...made.mask, made.count], data }, "middle");
    panels.scale = panel("for survivors", ["number"], { shape: [1], data: [1 / made.kept] }, "middle");
  }
  panels.y = panel("outputs", names, blank([...made.shape, made.count]), "result");
  panels.mean = panel("mean so far", names, blank([...made.shape, made.count]), "result");
  return panels;
}

function callFrames(p, made, bug) {
  const n = made.count;
  const frames = made.draws ? [scaleFrame(made, bug)] : [];
  for (const t of range(n)) {
    for (const k of range(made.draws ? made.cells : 0)) {
      const value = made.stays(bug === "same" ? 1 : t + 1, k);
      frames.push({ to: ["stays", k * n + t], op: "copy", terms: [[value]], phase: "mask" });
    }
    for (const i of range(made.size)) {
      const terms = [["x", i, "stays", made.place(i) * n + t, "scale", 0]];
      const how = made.draws ? { op: "dot", terms } : passed(made, "x", i, bug);
      frames.push({ to: ["y", i * n + t], ...how, phase: "y" });
    }
    const past = range(t + 1);
    for (const i of range(made.size)) {
      const stayed = total(past.map((at) => made.stays(at + 1, made.place(i))));
      const over = bug === "stayed" ? Math.max(stayed, 1) : t + 1;
      const terms = past.map((at) => ["y", i * n + at]);
      frames.push({ to: ["mean", i * n + t], op: "mean", terms, n: over, phase: "mean" });
    }
  }
  return frames;
}

// --- backward

function backward(p, made) {
  const panels = { dY: givenPanel(made, "dY", "gradient of y") };
  if (made.draws) Object.assign(panels, maskPanels(made, "state"));
  panels.dX = panel("gradient of x", axesOf(made), blank(made.shape), "gradient");
  return panels;
}

const backFrames = (p, made, bug) =>
  range(made.size).map((i) => ({ to: ["dX", i], ...passed(made, "dY", i, bug), phase: "dX" }));

function layout(p, made) {
  if (p.view === "calls") return made.draws ? [["x", "scale"], ["stays"], ["y"], ["mean"]] : [["x"], ["y"], ["mean"]];
  const back = p.view === "backward";
  const [given, result] = back ? ["dY", "dX"] : ["x", "y"];
  if (!made.draws) return [[given, "=", result]];
  const rows = [[given, "·", "stays", "·", "scale", "=", result]];
  return back ? rows : [["u", "≥ rate → stays"], ...rows];
}

// --- questions

const WEIGHTS = {
  kind: "number",
  prompt: "How many weights does this layer learn?",
  answer: 0,
  why: "None. It has a rate, which you choose, and random numbers.",
};

function asks(p, made, panels) {
  if (!made.draws) return idleAsks(p, made, panels);
  return { forward: forwardAsks, calls: callAsks, backward: backAsks }[p.view](p, made, panels);
}

function forwardAsks(p, made, panels) {
  const found = [];
  const first = range(made.size).find((i) => made.x[i] && made.stays(made.count, made.place(i)));
  if (first !== undefined) {
    found.push({
      kind: "number",
      prompt: "The number at the marked place stays. What is it in y?",
      answer: panels.y.data[first],
      why: "A survivor is divided by 1 − rate, so that it makes up for those that are dropped.",
      at: ["y", first],
    });
  }
  found.push({
    kind: "number",
    prompt: `The mask has shape ${sizeText(full(made, made.mask))}. How many random numbers does one call draw?`,
    answer: made.cells,
    why: `One for each cell of the mask: ${made.cells}.`,
    veil: ["u", "stays", "y"],
  });
  const together = range(made.size).filter((i) => i && made.place(i) === made.place(0)).map((i) => ["y", i]);
  if (together.length) {
    found.push({
      kind: "cell",
      prompt: "y[0, 0] is dropped. Select another cell of y that is then dropped for certain.",
      answer: together,
      why: "Where the mask has size 1, one draw serves the whole axis.",
      hide: ["u", "stays", "y"],
    });
  }
  found.push({
    kind: "choice",
    prompt: "The layer is called again in training, with the same x. Which mask does it use?",
    options: ["the same", "a new one"],
    answer: 1,
    why: "Each call draws new numbers, also where the layer has a seed. The seed fixes their order.",
    hide: [],
  });
  return found;
}

function callAsks(p, made, panels) {
  return [
    {
      kind: "choice",
      prompt: "To what does the mean come near, with more and more calls?",
      options: ["x", "x times 1 − rate", "0"],
      answer: 0,
      why: "A number stays with chance 1 − rate and is then divided by 1 − rate.",
    },
    {
      kind: "number",
      prompt: "Which number stands in the marked cell of the mean?",
      answer: panels.mean.data.at(-1),
      why: `The sum over all ${made.count} calls, divided by ${made.count}, zeros included.`,
      at: ["mean", made.size * made.count - 1],
      hide: ["mean"],
    },
  ];
}

function backAsks(p, made, panels) {
  const found = [
    {
      kind: "number",
      prompt: "A gradient of 1 comes to a number that stayed. What does it give to dX?",
      answer: panels.scale.data[0],
      why: "y was x times the scale, so its slope is the scale.",
      hide: ["scale", "dX"],
    },
    {
      kind: "choice",
      prompt: "Which mask does the way back use?",
      options: ["that of the forward call", "a new one", "none"],
      answer: 0,
      why: "The gradient belongs to the function that was computed.",
    },
  ];
  const shut = range(made.size).filter((i) => !made.stays(made.count, made.place(i))).map((i) => ["dX", i]);
  if (shut.length) {
    found.push({
      kind: "cell",
      prompt: "Select a cell of dX that is 0, whatever dY is.",
      answer: shut,
      why: "x was dropped there: it had no part in y.",
    });
  }
  return found;
}

function idleAsks(p, made, panels) {
  const name = { forward: "y", calls: "mean", backward: "dX" }[p.view];
  const number = {
    kind: "number",
    prompt: `Which number stands in the marked cell of ${name}?`,
    answer: panels[name].data.at(-1),
    why: p.training ? "With rate 0 nothing happens." : "Outside training the layer changes nothing.",
    at: [name, panels[name].data.length - 1],
  };
  if (p.training) return [number, WEIGHTS];
  const why = {
    kind: "choice",
    prompt: "Why does inference not multiply by 1 − rate?",
    options: ["training has scaled already", "the next layer does it", "the loss does it"],
    answer: 0,
    why: "The survivors were divided by 1 − rate in training. That is called inverted dropout.",
  };
  return [number, WEIGHTS, why];
}

function bugs(p, made) {
  const square = made.shape[0] === made.shape[1] && made.shape[0] > 1;
  const shared = made.share !== "cell" && made.cells !== made.size;
  const across = ["across", "the mask is laid along the other axis", square && ["row", "column"].includes(made.share)];
  if (!made.draws) {
    return named([
      ["classic", "inference multiplies by 1 − rate", made.rate > 0],
      ["up", "inference divides by 1 − rate", made.rate > 0 && p.view !== "calls"],
      ["drop", "inference drops, too", made.rate > 0 && p.view !== "calls"],
    ]);
  }
  const known = {
    forward: [
      ["plain", "the survivors are not scaled", true],
      ["rate", "the survivors are divided by the rate", made.rate !== 0.5],
      ["down", "the survivors are multiplied by 1 − rate", true],
      ["flip", "the numbers below the rate stay", true],
      ["own", "every number has a draw of its own", shared],
      across,
    ],
    calls: [
      ["same", "every call takes the mask of the first", made.count > 1],
      ["plain", "the survivors are not scaled", true],
      ["stayed", "the mean leaves out the calls that dropped the number", true],
    ],
    backward: [
      ["anew", "the way back draws a mask of its own", true],
      ["unscaled", "the gradient is not scaled", true],
      ["all", "the gradient passes where x was dropped", true],
      across,
    ],
  };
  return named(known[p.view]);
}

// --- settings, code

const full = (made, shape) => (made.sequence ? [1, ...shape] : shape);

function controls(p, made) {
  const choice = (name, label, options, more) => ({ name, label, kind: "choice", options, ...more });
  const [row, column] = made.sequence ? ["steps", "channels"] : ["samples", "features"];
  const views = ["one call", "many calls", "backward"];
  const list = [
    choice("view", "view", ["forward", "calls", "backward"], { labels: views, look: "switch" }),
    choice("training", "used in", [true, false], { labels: ["training", "inference"], look: "switch" }),
    choice("kind", "layer", ["Dropout", "SpatialDropout1D"]),
    choice("rate", "rate", [0, 0.2, 0.25, 0.5, 0.75, 0.8]),
  ];
  if (p.kind === "Dropout") {
    const shapes = ["row", "column", "all"].map((name) => made.shape.map((n, a) => (FULL[name][a] ? n : 1)));
    const labels = ["None", ...shapes.map((shape) => sizeText(full(made, shape)))];
    list.push(choice("share", "noise_shape", ["cell", "row", "column", "all"], { labels }));
  }
  list.push(choice("rows", row, [1, 2, 3, 4]), choice("columns", column, [1, 2, 3, 4]));
  const last = p.view === "calls" ? choice("calls", "calls", [1, 2, 4, 8]) : choice("call", "call", range(8));
  return [...list, last];
}

function call(p, made) {
  const noise = p.kind === "Dropout" && made.share !== "cell" ? `, noise_shape=${sizeText(full(made, made.mask))}` : "";
  return `${p.kind}(${made.rate}${noise})`;
}

function code(p, made) {
  const mode = `training=${p.training ? "True" : "False"}`;
  const array = (name) => arrayCode(made[name], full(made, made.shape));
  const [x, dy] = [`x = ${array("x")}`, `dy = ${array("dY")}`];
  const [back, many] = [p.view === "backward", p.view === "calls"];
  const mean = `mean = np.mean([layer(x, ${mode}) for call in range(${made.count})], axis=0)`;
  const own = ["import numpy as np", `from byhand.layers import ${p.kind}`, ""];
  own.push(`layer = ${call(p, made).slice(0, -1)}, seed=${made.seed})`, x);
  own.push(...(many ? [mean] : [`for call in range(${made.count}):`, `    y = layer(x, ${mode})`]));
  if (back) own.push(dy, "dx = layer.backward(dy)");
  const keras = ["import numpy as np", "import tensorflow as tf", `from tensorflow.keras.layers import ${p.kind}`, ""];
  keras.push(`layer = ${call(p, made)}`, x);
  let run = `layer(x, ${mode})`;
  if (many) keras.push(mean);
  else if (made.draws) {
    const stays = arrayCode(maskOf(made, made.count), full(made, made.mask));
    keras.push("# The layer draws masks of its own; this is the figure's.", `stays = ${stays}`);
    run = `x * stays / (1 - ${made.rate})`;
  }
  if (back) {
    keras.push(
      dy,
      "x = tf.Variable(x, dtype=tf.float32)",
      "with tf.GradientTape() as tape:",
      `    y = ${run}`,
      "dx = tape.gradient(y, x, tf.constant(dy, tf.float32))",
    );
  } else if (!many) keras.push(`y = ${run}`);
  return { keras: keras.join("\n"), numpy: own.join("\n") };
}
