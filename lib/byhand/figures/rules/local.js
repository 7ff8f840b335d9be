// The rule of LocallyConnected1D beside Conv1D, forward and backward. local.py says the same with the NumPy layers.

const AXES = ["position", "tap", "channel", "filter"];
const COUNTED = { 0: ["to learn", "products"], 1: ["shared", "unshared"] };
const range = (n) => [...Array(n).keys()];
const named = (known) => known.filter(([, , there]) => there).map(([name, label]) => ({ name, label }));

function retrace(params, data, bug) {
  if (params.kernel_size > params.size) {
    return { error: `A kernel of ${params.kernel_size} does not fit into ${params.size} steps. Take a smaller one.` };
  }
  const view = params.view === "backward" ? backward : forward;
  const made = numbers(params, data);
  return { figure: "local", title: call(params), params, controls: controls(), ...view(params, made, bug) };
}

function numbers(p, data) {
  const out = positionsOf(p, p.size);
  const rows = p.weights === "unshared" ? out : 1;
  const array = (given, shape) => ({ shape, data: fit(given, shape) });
  return {
    out,
    rows,
    x: array(data.x, [p.size, p.channels]),
    w: array(data.W, [rows, p.kernel_size, p.channels, p.filters]),
    b: p.use_bias ? array(data.b, [rows, p.filters]) : null,
    dy: array(data.dY, [out, p.filters]),
    row: (o) => (rows > 1 ? o : 0),
  };
}

const positionsOf = (p, steps) => Math.floor((steps - p.kernel_size) / p.strides) + 1;

function panelsOf(made) {
  const each = made.rows > 1 ? "each" : "for all";
  const shared = {
    x: panel("input", ["step", "channel"], made.x, "input", { edit: true, grid: [1, 0] }),
    W: panel(`one kernel ${each}`, AXES, made.w, "weight", { edit: true }),
  };
  if (made.b) shared.b = panel(`one bias ${each}`, ["position", "filter"], made.b, "weight", { edit: true });
  return shared;
}

function forward(p, made, bug) {
  const panels = panelsOf(made);
  panels.y = panel("output", ["position", "filter"], blank([made.out, p.filters]), "result", { grid: [1, 0] });
  panels.n = panel("numbers to learn, products", ["what", "weights"], blank([2, 2]), "result", { names: COUNTED });
  const frames = range(made.out).flatMap((o) =>
    range(p.filters).map((f) => ({
      to: ["y", ravel([o, f], panels.y.shape)],
      op: "dot",
      terms: forwardTerms(p, made, o, f, bug),
    })),
  );
  frames.push(...countFrames(p, made));
  fill(panels, frames);
  return {
    panels,
    layout: [["x"], ["∗", "W", ...(made.b ? ["+", "b"] : []), "=", "y"], ["n"]],
    frames,
    asks: forwardAsks(p, made),
    bugs: named([
      ["share", "every position uses the kernel of the first", made.rows > 1],
      ["flip", "the kernel is flipped", p.kernel_size > 1],
      ["still", "every position reads the first window", made.out > 1],
      ["bias", "the bias is forgotten", p.use_bias],
      ["channel", "only the first channel is summed", p.channels > 1],
    ]),
    code: code(p, made),
  };
}

function forwardTerms(p, made, o, f, bug) {
  const k = p.kernel_size;
  const row = bug === "share" ? 0 : made.row(o);
  const start = bug === "still" ? 0 : o * p.strides;
  const terms = range(k).flatMap((j) => {
    const tap = bug === "flip" ? k - 1 - j : j;
    return range(bug === "channel" ? 1 : p.channels).map((c) => [
      "x", ravel([start + j, c], made.x.shape), "W", ravel([row, tap, c, f], made.w.shape),
    ]);
  });
  return made.b && bug !== "bias" ? [...terms, ["b", ravel([made.row(o), f], made.b.shape)]] : terms;
}

function countFrames(p, made) {
  const kernel = [p.kernel_size, p.channels, p.filters];
  const parts = "taps × channels × filters";
  const sum = (place, terms, note) => ({ to: ["n", place], op: "sum", terms, note, phase: "n" });
  const learn = [[], [made.out]].map((rows, place) => {
    const terms = [[...rows, ...kernel], ...(p.use_bias ? [[...rows, p.filters]] : [])];
    return sum(place, terms, (place ? "positions × " : "") + parts + (p.use_bias ? ", and the biases" : ""));
  });
  return [...learn, ...[2, 3].map((place) => sum(place, [[made.out, ...kernel]], `positions × ${parts}`))];
}

function forwardAsks(p, made) {
  const longer = positionsOf(p, 2 * p.size);
  const shared = p.weights === "shared";
  const kernel = p.kernel_size * p.channels * p.filters;
  return [
    {
      kind: "number",
      prompt:
        `The weights are ${p.weights}. x is made twice as long, ${2 * p.size} steps. How many numbers has the layer to ` +
        "learn then?",
      answer: (shared ? 1 : longer) * (kernel + (p.use_bias ? p.filters : 0)),
      why: shared
        ? "As many as before: one kernel serves every position."
        : `There are ${longer} positions then, and each has its own.`,
    },
    {
      kind: "number",
      prompt: "In how many numbers of y is the first weight of W used?",
      answer: shared ? made.out : 1,
      why: shared ? `One kernel serves all ${made.out} positions.` : "Only at its own position.",
      hide: ["y", "n"],
    },
    {
      kind: "choice",
      prompt: `All of x moves ${p.strides} to the right. Away from the ends, what does y do?`,
      options: ["it moves by one place", "it may take other values"],
      answer: shared ? 0 : 1,
      why: shared ? "The same kernel meets the same numbers one place on." : "One place on, another kernel meets them.",
    },
  ];
}

function backward(p, made, bug) {
  const shared = panelsOf(made);
  const fixed = ({ edit, ...rest }) => rest;
  const gradient = (name, axes, shape, more) => panel(`gradient of ${name}`, axes, blank(shape), "gradient", more);
  const panels = {
    dY: panel("gradient of y", ["position", "filter"], made.dy, "input", { edit: true, grid: [1, 0] }),
    W: fixed(shared.W),
    dX: gradient("x", ["step", "channel"], made.x.shape, { grid: [1, 0] }),
    x: fixed(shared.x),
    dW: gradient("W", AXES, made.w.shape),
  };
  if (made.b) panels.db = gradient("b", ["position", "filter"], made.b.shape);
  const frames = backwardFrames(p, made, bug);
  fill(panels, frames);
  return {
    panels,
    layout: [["dY", "∗", "W", "=", "dX"], ["x", "∗ dY =", "dW", ...(made.b ? ["db"] : [])]],
    frames,
    asks: backwardAsks(p, made),
    bugs: named([
      ["sum", "every kernel gets the gradients of all positions, as if it were shared", made.rows > 1],
      ["mean", "dW is averaged over the positions instead of summed", made.rows === 1 && made.out > 1],
      ["first", "dW leaves out the first position", true],
      ["flip", "the kernel is flipped on the way back", p.kernel_size > 1],
    ]),
    code: code(p, made, true),
  };
}

function backwardFrames(p, made, bug) {
  const k = p.kernel_size;
  const positions = range(made.out);
  const dy = (o, f) => ["dY", ravel([o, f], made.dy.shape)];
  const used = (row) => (made.rows === 1 ? positions : [row]);
  const frames = [];
  for (const [i, c] of cells(made.x.shape)) {
    const terms = positions.flatMap((o) => {
      const tap = i - o * p.strides;
      if (tap < 0 || tap >= k) return [];
      const meets = bug === "flip" ? k - 1 - tap : tap;
      return range(p.filters).map((f) => [...dy(o, f), "W", ravel([made.row(o), meets, c, f], made.w.shape)]);
    });
    frames.push({ to: ["dX", ravel([i, c], made.x.shape)], op: "dot", terms, phase: "dX" });
  }
  cells(made.w.shape).forEach(([row, j, c, f], at) => {
    const terms = (bug === "sum" ? positions : used(row))
      .filter((o) => o || bug !== "first")
      .map((o) => ["x", ravel([o * p.strides + j, c], made.x.shape), ...dy(o, f)]);
    const frame = { to: ["dW", at], op: "dot", terms, phase: "dW" };
    frames.push(bug === "mean" ? { ...frame, op: "mean", n: made.out } : frame);
  });
  for (const [row, f] of made.b ? cells(made.b.shape) : []) {
    const terms = used(row).map((o) => dy(o, f));
    frames.push({ to: ["db", ravel([row, f], made.b.shape)], op: "sum", terms, phase: "db" });
  }
  return frames;
}

function backwardAsks(p, made) {
  const shared = p.weights === "shared";
  return [
    {
      kind: "number",
      prompt: "From how many products is each number of dW summed?",
      answer: shared ? made.out : 1,
      why: shared
        ? `The weight was used at ${made.out} positions, and each sends its part.`
        : "The weight was used at one position alone.",
      at: ["dW", 0],
    },
    {
      kind: "shape",
      prompt: "What is the shape of dW: positions, taps, channels, filters?",
      answer: made.w.shape,
      why: "A gradient always has the shape of what it belongs to.",
      veil: ["dX", "dW", "db"],
    },
  ];
}

function controls() {
  const choice = (name, label, options, more) => ({ name, label, kind: "choice", options, ...more });
  return [
    choice("view", "direction", ["forward", "backward"], { look: "switch" }),
    choice("weights", "weights", ["shared", "unshared"], { look: "switch" }),
    choice("size", "input steps", [4, 5, 6, 7, 8]),
    choice("kernel_size", "kernel steps", [1, 2, 3, 4, 5]),
    choice("strides", "strides", [1, 2, 3]),
    choice("channels", "channels", [1, 2]),
    choice("filters", "filters", [1, 2]),
  ];
}

const kind = (p) => (p.weights === "unshared" ? "LocallyConnected1D" : "Conv1D");

function call(p) {
  const stride = p.strides > 1 ? `, strides=${p.strides}` : "";
  return `${kind(p)}(${p.filters}, ${p.kernel_size}${stride}${p.use_bias ? "" : ", use_bias=False"})`;
}

const one = ({ shape, data }) => arrayCode(data, [1, ...shape]);

function code(p, made, back) {
  let numpy = layerCode(p, made, "import numpy as np\nfrom byhand.layers");
  if (back) numpy += `\ndy = ${one(made.dy)}\ndx = layer.backward(dy)\ndweights = layer.get_gradients()`;
  if (p.weights === "unshared") return { keras: formulaCode(p, made, back), numpy };
  if (!back) return { keras: layerCode(p, made, "import numpy as np\nfrom keras.layers"), numpy };
  const keras = layerCode(p, made, "import numpy as np\nimport tensorflow as tf\nfrom tensorflow.keras.layers");
  const tape = tapeCode(made, "y = layer(x)", "*layer.trainable_weights");
  return { keras: keras.replace(/\ny = layer\(x\)$/, "") + tape, numpy };
}

function layerCode(p, made, head) {
  const { rows, w, b } = made;
  const unshared = p.weights === "unshared";
  const kernel = unshared ? [rows, p.kernel_size * p.channels, p.filters] : w.shape.slice(1);
  const weights = [arrayCode(w.data, kernel)];
  if (b) weights.push(arrayCode(b.data, unshared ? b.shape : [p.filters]));
  return [
    `${head} import ${kind(p)}`,
    "",
    `layer = ${call(p)}`,
    `x = ${one(made.x)}`,
    "layer.build(x.shape)",
    `layer.set_weights([${weights.join(", ")}])`,
    "y = layer(x)",
  ].join("\n");
}

function formulaCode(p, made, back) {
  const module = back ? "tf" : "ops";
  const [s, k] = [p.strides, p.kernel_size];
  const lines = [
    "import numpy as np",
    back ? "import tensorflow as tf" : "from keras import ops",
    "",
    "# Keras 3 has no LocallyConnected1D: the same sum, a kernel for each position",
    `x = ${one(made.x)}`,
    `w = ${arrayCode(made.w.data, made.w.shape)}`,
    ...(made.b ? [`b = ${arrayCode(made.b.data, made.b.shape)}`] : []),
  ];
  const make = [
    `windows = ${module}.stack([x[:, o * ${s} : o * ${s} + ${k}] for o in range(${made.out})], axis=1)`,
    `y = ${module}.einsum("nokc,okcf->nof", windows, w)${made.b ? " + b" : ""}`,
  ];
  if (!back) return [...lines, ...make].join("\n");
  const names = made.b ? ["w", "b"] : ["w"];
  const variables = names.map((name) => `${name} = tf.Variable(${name}, dtype=tf.float32)`);
  return [...lines, ...variables].join("\n") + tapeCode(made, make.join("\n    "), names.join(", "));
}

const tapeCode = (made, forward, sources) =>
  [
    `\ndy = ${one(made.dy)}`,
    "x = tf.Variable(x, dtype=tf.float32)",
    "with tf.GradientTape() as tape:",
    `    ${forward}`,
    `dx, *dweights = tape.gradient(y, [x, ${sources}], tf.constant(dy, tf.float32))`,
  ].join("\n");
