// The rule of Dense, forward and backward, cell by cell. dense.py says the same with the NumPy layer.

const range = (n) => [...Array(n).keys()];
const named = (known) => known.filter(([, , there]) => there).map(([name, label]) => ({ name, label }));
const SAMPLES = ["sample", "unit"];

function retrace(p, data, bug) {
  const made = numbers(p, data);
  const view = p.view === "backward" ? backward : forward;
  return { figure: "dense", title: call(p), params: p, controls: controls(), ...view(p, made, bug), code: code(p, made) };
}

// The arrays that are given, in the present sizes, and x W, what it is with the bias, and what the layer makes of it.
function numbers(p, data) {
  const sized = (given, shape) => ({ shape, data: fit(given, shape) });
  const made = {
    x: sized(data.x, [p.batch, p.features]),
    W: sized(data.W, [p.features, p.units]),
    b: p.use_bias ? sized(data.b, [p.units]) : null,
    dY: sized(data.dY, [p.batch, p.units]),
  };
  const [x, W] = [made.x.data, made.W.data];
  made.xW = cells([p.batch, p.units]).map(([s, u]) => {
    return total(range(p.features).map((i) => x[s * p.features + i] * W[i * p.units + u]));
  });
  made.z = made.xW.map((v, k) => v + (made.b ? made.b.data[k % p.units] : 0));
  return made;
}

// x and W. On the way back they are drawn with rows and columns exchanged, as the products there read them.
function givenPanels(made, drawn, grid) {
  return {
    x: panel(drawn || "input", ["sample", "feature"], made.x, "input", { edit: true, grid }),
    W: panel(drawn || "kernel", ["feature", "unit"], made.W, "weight", { edit: true, grid }),
  };
}

// --- forward

function forward(p, made, bug) {
  const relu = p.activation === "relu";
  const panels = givenPanels(made);
  const shape = [p.batch, p.units];
  if (made.b) panels.b = panel("bias", ["unit"], made.b, "weight", { edit: true });
  if (relu) panels.z = panel("sums", SAMPLES, blank(shape), "middle");
  panels.y = panel("output", SAMPLES, blank(shape), "result");
  const frames = forwardFrames(p, made, bug);
  fill(panels, frames);
  return {
    panels,
    layout: [["x", "@", "W", ...(made.b ? ["+", "b"] : []), "=", ...(relu ? ["z", "relu →"] : []), "y"]],
    frames,
    asks: forwardAsks(p, made),
    bugs: forwardBugs(p),
  };
}

function forwardFrames(p, made, bug) {
  const relu = p.activation === "relu";
  const name = relu ? "z" : "y";
  const frames = cells([p.batch, p.units]).map(([s, u], at) => {
    return { to: [name, at], op: "dot", terms: sumTerms(p, made, s, u, bug), phase: name };
  });
  for (const at of relu ? range(p.batch * p.units) : []) {
    const frame = { to: ["y", at], op: bug === "linear" ? "copy" : "relu", terms: [["z", at]], phase: "y" };
    if (bug === "after") {
      frame.op = "sum";
      frame.terms = [...(made.xW[at] > 0 ? [["z", at]] : []), ["b", at % p.units]];
    }
    frames.push(frame);
  }
  return frames;
}

// The products behind z[s, u], then the bias.
function sumTerms(p, made, s, u, bug) {
  const row = bug === "first" ? 0 : s;
  const many = p.features - (bug === "last");
  const terms = range(many).map((i) => {
    const weight = bug === "transpose" ? [u, i] : [i, u];
    return ["x", ravel([row, i], made.x.shape), "W", ravel(weight, made.W.shape)];
  });
  if (made.b && bug !== "bias" && bug !== "after") terms.push(["b", bug === "row" ? s : u]);
  return terms;
}

function forwardBugs(p) {
  const [relu, square] = [p.activation === "relu", p.features === p.units && p.units > 1];
  return named([
    ["transpose", "W is read with rows and columns exchanged", square],
    ["row", "the bias goes by the sample instead of the unit", p.use_bias && p.batch <= p.units],
    ["bias", "the bias is forgotten", p.use_bias],
    ["first", "every sample reads the first row of x", p.batch > 1],
    ["last", "the last feature is left out of the sum", p.features > 1],
    ["after", "the bias is added behind ReLU", relu && p.use_bias],
    ["linear", "ReLU is forgotten", relu],
  ]);
}

function forwardAsks(p, made) {
  const { batch, features, units } = p;
  const bias = p.use_bias ? units : 0;
  const [s, u] = [batch - 1, units - 1];
  const relu = p.activation === "relu" ? ", and 0 if that is negative" : "";
  const z = made.z[s * units + u];
  const asks = [
    {
      kind: "number",
      prompt: "Which number stands in the marked cell of y?",
      answer: relu ? Math.max(0, z) : z,
      why: `Row ${s} of x times column ${u} of W${bias ? `, plus b[${u}]` : ""}${relu}.`,
      at: ["y", s * units + u],
    },
    {
      kind: "shape",
      prompt: `x has ${features} features and the layer ${units} units. What is the shape of W in Keras?`,
      answer: [features, units],
      why: "A row for each feature, a column for each unit: x W, with x in front.",
      veil: relu ? ["W", "z", "y"] : ["W", "y"],
    },
    {
      kind: "number",
      prompt: `The batch grows to ${2 * batch} samples. How many numbers has the layer to learn then?`,
      answer: features * units + bias,
      why: `${features} × ${units} weights${bias ? ` and ${units} biases` : ""}, for any batch.`,
    },
    {
      kind: "choice",
      prompt: "W[0, 0] changes, and nothing else. Which numbers of y can change with it?",
      options: ["those of sample 0, in every unit", "those of unit 0, in every sample", "all of them"],
      answer: 1,
      why: "Column 0 of W makes column 0 of y. Every sample passes it.",
    },
  ];
  return units > 1 ? asks : asks.slice(0, 3);
}

// --- backward

function backward(p, made, bug) {
  const relu = p.activation === "relu";
  const panels = givenPanels(made, "drawn transposed", [1, 0]);
  panels.dY = panel("gradient of y", SAMPLES, made.dY, "input", { edit: true });
  if (relu) {
    panels.z = panel("sums", SAMPLES, { shape: made.dY.shape, data: made.z }, "state");
    panels.dz = panel("gradient of z", SAMPLES, blank(made.dY.shape), "middle");
  }
  panels.dW = panel("gradient of the kernel", ["feature", "unit"], blank(made.W.shape), "gradient");
  if (made.b) panels.db = panel("gradient of the bias", ["unit"], blank(made.b.shape), "gradient");
  panels.dX = panel("gradient of the input", ["sample", "feature"], blank(made.x.shape), "gradient");
  const frames = backFrames(p, made, bug);
  fill(panels, frames);
  const d = relu ? "dz" : "dY";
  const layout = relu ? [["dY", "where", "z", "> 0:", "dz"]] : [];
  layout.push(["x", "@", d, "=", "dW"], [d, "@", "W", "=", "dX"]);
  if (made.b) layout.push([`Σ ${d} =`, "db"]);
  return { panels, layout, frames, asks: backAsks(p, made), bugs: backBugs(p) };
}

function backFrames(p, made, bug) {
  const relu = p.activation === "relu";
  const at = (s, u) => [relu ? "dz" : "dY", s * p.units + u];
  const samples = range(p.batch);
  const frames = [];
  for (const k of relu ? range(p.batch * p.units) : []) {
    const passes = bug === "open" || (bug === "dy" ? made.dY.data : made.z)[k] > 0;
    const note = bug ? {} : { note: passes ? "z is above 0" : "z is not above 0" };
    const [op, terms] = passes ? ["copy", [["dY", k]]] : ["sum", []];
    frames.push({ to: ["dz", k], op, terms, phase: "dz", ...note, see: [["z", k]] });
  }
  cells(made.W.shape).forEach(([i, u], k) => {
    const [left, right] = bug === "exchanged" ? [u, i] : [i, u];
    const terms = samples.map((s) => ["x", ravel([bug === "pairs" ? 0 : s, left], made.x.shape), ...at(s, right)]);
    const frame = { to: ["dW", k], op: "dot", terms, phase: "dW" };
    frames.push(bug === "mean" ? { ...frame, op: "mean", n: p.batch } : frame);
  });
  cells(made.x.shape).forEach(([s, i], k) => {
    const terms = range(p.units - (bug === "unit")).map((u) => {
      return [...at(s, u), "W", ravel(bug === "square" ? [u, i] : [i, u], made.W.shape)];
    });
    frames.push({ to: ["dX", k], op: "dot", terms, phase: "dX" });
  });
  for (const u of made.b ? range(p.units) : []) {
    const read = bug === "sample" ? [0] : samples;
    frames.push({ to: ["db", u], op: "sum", terms: read.map((s) => at(s, u)), phase: "db" });
  }
  return frames;
}

function backBugs(p) {
  const [relu, square, many] = [p.activation === "relu", p.features === p.units && p.units > 1, p.batch > 1];
  return named([
    ["open", "ReLU is forgotten on the way back", relu],
    ["dy", "ReLU asks whether dY is above 0, instead of z", relu],
    ["mean", "dW is averaged over the batch instead of summed", many],
    ["exchanged", "dW has rows and columns exchanged", square],
    ["pairs", "dW takes the first row of x for every sample", many],
    ["square", "dX reads W without transposing it", square],
    ["unit", "dX leaves out the last unit", p.units > 1],
    ["sample", "db takes the first sample alone", many && p.use_bias],
  ]);
}

function backAsks(p, made) {
  const { batch, features, units } = p;
  const last = features - 1;
  const relu = p.activation === "relu";
  const dz = made.dY.data.map((v, k) => (relu && !(made.z[k] > 0) ? 0 : v));
  const asks = [
    {
      kind: "cell",
      prompt: `Suppose feature ${last} is 0 in every sample. Select a cell of dW that is 0 then, whatever dY is.`,
      answer: range(units).map((u) => ["dW", last * units + u]),
      why: `Row ${last} of dW: each of its products has x[sample, ${last}] as a factor.`,
    },
    {
      kind: "number",
      prompt: "Which number stands in the marked cell of dW?",
      answer: total(range(batch).map((s) => made.x.data[s * features] * dz[s * units + units - 1])),
      why: `Feature 0 of each sample times the gradient of unit ${units - 1}, added up over the samples.`,
      at: ["dW", units - 1],
    },
    {
      kind: "choice",
      prompt: "Every sample is put in a second time, with the same dY. What becomes of dW?",
      options: ["it stays", "it halves", "it doubles"],
      answer: 2,
      why: "dW adds up over the samples. If a mean is wanted, the loss divides, and dY is smaller.",
    },
  ];
  const shut = made.z.flatMap((v, k) => (v > 0 ? [] : [["dz", k]]));
  if (relu && shut.length) {
    asks.push({
      kind: "cell",
      prompt: "Through which cells of dz can no gradient pass? Select one.",
      answer: shut,
      why: "z is not above 0 there: ReLU is flat, and its slope is 0.",
    });
  }
  return asks;
}

// --- settings, code

function controls() {
  const choice = (name, label, options, more) => ({ name, label, kind: "choice", options, ...more });
  return [
    choice("view", "direction", ["forward", "backward"], { look: "switch" }),
    choice("batch", "samples", [1, 2, 3]),
    choice("features", "features", [1, 2, 3, 4]),
    choice("units", "units", [1, 2, 3, 4]),
    choice("activation", "activation", ["none", "relu"]),
    { name: "use_bias", label: "bias", kind: "flag" },
  ];
}

function call(p) {
  const relu = p.activation === "relu" ? ', activation="relu"' : "";
  return `Dense(${p.units}${relu}${p.use_bias ? "" : ", use_bias=False"})`;
}

function code(p, made) {
  const text = ({ shape, data }) => arrayCode(data, shape);
  const weights = [made.W, made.b].filter(Boolean).map(text);
  const layer = [
    `layer = ${call(p)}`,
    `x = ${text(made.x)}`,
    "layer.build(x.shape)",
    `layer.set_weights([${weights.join(", ")}])`,
  ];
  const start = ["import numpy as np"];
  const own = [...start, "from byhand.layers import Dense", "", ...layer, "y = layer(x)"];
  let keras = [...start, "from keras.layers import Dense", "", ...layer, "y = layer(x)"];
  if (p.view === "backward") {
    const dy = `dy = ${text(made.dY)}`;
    own.push(dy, "dx = layer.backward(dy)", "dweights = layer.get_gradients()");
    const tape = [
      dy,
      "x = tf.Variable(x, dtype=tf.float32)",
      "with tf.GradientTape() as tape:",
      "    y = layer(x)",
      "dx, *dweights = tape.gradient(y, [x, *layer.trainable_weights], tf.constant(dy, tf.float32))",
    ];
    keras = [...start, "import tensorflow as tf", "from tensorflow.keras.layers import Dense", "", ...layer, ...tape];
  }
  return { keras: keras.join("\n"), numpy: own.join("\n") };
}
