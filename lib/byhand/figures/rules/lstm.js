// The LSTM, step by step, forward and back through time. figures/lstm.py says the same.

const GATES = ["i", "f", "g", "o"];
const COLUMNS = ["i", "f", "c", "o"]; // as Keras names the blocks of its weights
const ORDER = { order: [0, 2, 3, 1], swap: [1, 0, 2, 3] }; // which block of z each gate reads, if a bug says otherwise
const BUGS = {
  forward: [
    ["order", "the columns are read in the order i, o, f, c"],
    ["swap", "input gate and forget gate are swapped"],
    ["bias", "the forget gate's bias is left out"],
    ["plain", "tanh is missing on the way out"],
    ["late", "h reads the cell before it is renewed"],
    ["squash", "the candidate goes through sigmoid in place of tanh"],
  ],
  backward: [
    ["cut", "the gradient does not go back through U"],
    ["slope", "the slope of tanh is left out on the way into the cell"],
    ["step", "c is multiplied on its way back by the forget gate of the wrong step"],
    ["line", "the gradient of c does not go on to the step before"],
    ["gate", "the slope of each gate is left out on the way into z"],
  ],
};

function retrace(params, data, bug) {
  const { steps: T, features: C, units: u } = params;
  const backward = params.view === "backward";
  const shapes = { x: [T, C], W: [C, 4, u], U: [u, 4, u], b: [4, u], h0: [u], c0: [u], dy: [u] };
  const given = {};
  for (const name in shapes) given[name] = { shape: shapes[name], data: quarters(data[name], shapes[name]) };
  const panels = { ...weights(given, T), ...made(given, T, C, u) };
  // The way back starts from the right forward pass, whatever rule is wrong in it.
  const forward = forwardFrames(params, backward ? null : bug);
  fill(panels, forward);
  let frames = forward;
  if (backward) {
    panels.slope.data = panels.gates.data.map((v, k) => (unravel(k, [T, 4, u])[1] === 2 ? 1 - v * v : v * (1 - v)));
    panels["slope(c)"].data = panels["tanh(c)"].data.map((v) => 1 - v * v);
    fill(panels, (frames = backFrames(params, bug)));
  } else for (const name of ["dy", "slope", "slope(c)", "dh", "dc", "dz", "dx"]) delete panels[name];
  return {
    figure: "lstm",
    title: `LSTM(${u}) on ${T} steps of ${C} ${C === 1 ? "feature" : "features"}`,
    params,
    controls: controls(),
    panels,
    layout: backward
      ? [["gates"], ["c", "dc"], ["dy", "dh"], ["dz", "dx"], ["W", "U"]]
      : [["x", "h0", "c0"], ["W", "U", "b"], ["z", "gates"], ["c", "tanh(c)", "h"]],
    frames,
    asks: backward ? backAsks(params, panels) : asks(params, panels),
    bugs: BUGS[params.view].map(([name, label]) => ({ name, label })),
    code: code(given, params),
  };
}

// `fit` whose filled up numbers are quarters: whole ones would drive the gates to 0 and 1.
function quarters(given, shape) {
  return fit(given && { ...given, data: given.data.map((v) => 4 * v) }, shape).map((v) => v / 4);
}

// The value gate 0, 1 or 3 (i, f, o) is forced to at step t, in a list; null where it is free.
function forcedAt(params, gate, t) {
  const value = params[["force_i", "force_f", "", "force_o"][gate]];
  return value === undefined || value === "free" || t + 1 < params.force_from ? null : [value];
}

// Steps are counted from 1, so that h0 and c0 stand before the first.
const stepNames = (T) => ({ 0: range(T).map((t) => String(t + 1)) });

function weights(given, T) {
  const kernel = (label, axis, name) => {
    return panel(label, [axis, "gate", "unit"], given[name], "weight", { edit: true, names: { 1: COLUMNS } });
  };
  return {
    x: panel("input", ["time", "feature"], given.x, "input", { edit: true, grid: [1, 0], names: stepNames(T) }),
    h0: panel("first h", ["unit"], given.h0, "input", { edit: true }),
    c0: panel("first c", ["unit"], given.c0, "input", { edit: true }),
    W: kernel("kernel", "feature", "W"),
    U: kernel("recurrent kernel", "unit before", "U"),
    b: panel("bias", ["gate", "unit"], given.b, "weight", { edit: true, grid: [1, 0], names: { 0: COLUMNS } }),
  };
}

// What the layer makes. Time runs to the right in every panel.
function made(given, T, C, u) {
  const times = stepNames(T);
  const grid = [1, 0];
  const strip = (label, role, look = "heat") =>
    panel(label, ["time", "unit"], blank([T, u]), role, { look: look || undefined, grid, names: times });
  const table = (label, role, rows, look) =>
    panel(label, ["time", "gate", "unit"], blank([T, 4, u]), role, { look, grid, names: { ...times, 1: rows } });
  return {
    z: table("xW + hU + b", "middle", COLUMNS),
    gates: table("σ(z), and tanh(z) for g", "middle", GATES, "bar"),
    c: strip("cell", "state"),
    "tanh(c)": strip("squashed cell", "middle"),
    h: strip("output", "result"),
    dy: panel("gradient of the last h", ["unit"], given.dy, "gradient", { edit: true }),
    slope: table("slope of each gate", "middle", GATES),
    "slope(c)": strip("slope of tanh at c", "middle", null),
    dh: strip("gradient of h", "gradient"),
    dc: strip("gradient of c", "gradient"),
    dz: table("gradient of z", "gradient", COLUMNS, "heat"),
    dx: panel("gradient of x", ["time", "feature"], blank([T, C]), "gradient", { look: "heat", grid, names: times }),
  };
}

// The cell of state `name` that step t finds: the first state before step 0.
const old = (name, t, j, u) => (t ? [name, (t - 1) * u + j] : [name + "0", j]);
const range = (n) => [...Array(n).keys()];

function forwardFrames(params, bug) {
  const { steps: T, features: C, units: u } = params;
  const order = ORDER[bug] || [0, 1, 2, 3];
  const frames = [];
  const add = (name, index, op, terms, phase, more) => frames.push({ to: [name, index], op, terms, phase, ...more });
  for (const t of range(T)) {
    const z = t * 4 * u; // the first of this step's cells in z and in gates
    for (const k of range(4 * u)) {
      const terms = range(C).map((a) => ["x", t * C + a, "W", a * 4 * u + k]);
      terms.push(...range(u).map((a) => [...old("h", t, a, u), "U", a * 4 * u + k]));
      if (!(bug === "bias" && Math.floor(k / u) === 1)) terms.push(["b", k]);
      add("z", z + k, "dot", terms, "z");
    }
    for (const k of range(4 * u)) {
      const [gate, j] = [Math.floor(k / u), k % u];
      const forced = forcedAt(params, gate, t);
      const op = gate === 2 && bug !== "squash" ? "tanh" : "sigmoid";
      if (forced) add("gates", z + k, "set", [], "gates", { value: forced[0] });
      else add("gates", z + k, op, [["z", z + order[gate] * u + j]], "gates");
    }
    for (const j of range(u)) {
      const [i, f, g] = range(3).map((gate) => ["gates", z + gate * u + j]);
      add("c", t * u + j, "sum", [[...f, ...old("c", t, j, u)], [...i, ...g]], "cell");
    }
    for (const j of range(u)) {
      const read = bug === "late" ? old("c", t, j, u) : ["c", t * u + j];
      add("tanh(c)", t * u + j, bug === "plain" ? "copy" : "tanh", [read], "output");
    }
    for (const j of range(u)) add("h", t * u + j, "dot", [["gates", z + 3 * u + j, "tanh(c)", t * u + j]], "output");
  }
  return frames;
}

function backFrames(params, bug) {
  const { steps: T, features: C, units: u } = params;
  const frames = [];
  const add = (name, index, terms, phase, op = "dot", more = {}) =>
    frames.push({ to: [name, index], op, terms, phase, ...more });
  for (const t of range(T).reverse()) {
    const last = t === T - 1;
    const z = t * 4 * u;
    for (const j of range(u)) {
      const through = range(4 * u).map((k) => ["dz", z + 4 * u + k, "U", j * 4 * u + k]);
      add("dh", t * u + j, last ? [["dy", j]] : bug === "cut" ? [] : through, "into h");
    }
    for (const j of range(u)) {
      const slope = bug === "slope" ? [] : ["slope(c)", t * u + j];
      const terms = [["dh", t * u + j, "gates", z + 3 * u + j, ...slope]];
      if (!last && bug !== "line") terms.push(["dc", (t + 1) * u + j, "gates", (bug === "step" ? z : z + 4 * u) + u + j]);
      const note = "the third factor is the slope of tanh";
      add("dc", t * u + j, terms, "into c", "dot", bug === "slope" ? {} : { note });
    }
    for (const k of range(4 * u)) {
      const [gate, j] = [Math.floor(k / u), k % u];
      const [dc, dh] = [["dc", t * u + j], ["dh", t * u + j]];
      const [i, g] = [0, 2].map((place) => ["gates", z + place * u + j]);
      const met = [[...dc, ...g], [...dc, ...old("c", t, j, u)], [...dc, ...i], [...dh, "tanh(c)", t * u + j]][gate];
      const note = `the last factor is the slope of ${gate === 2 ? "tanh" : "sigmoid"}`;
      if (!forcedAt(params, gate, t)) {
        if (bug === "gate") add("dz", z + k, [met], "into z");
        else add("dz", z + k, [[...met, "slope", z + k]], "into z", "dot", { note });
      } else add("dz", z + k, [], "into z", "set", { value: 0, note: "a forced gate does not listen to z" });
    }
    for (const a of range(C)) {
      add("dx", t * C + a, range(4 * u).map((k) => ["dz", z + k, "W", a * 4 * u + k]), "into x");
    }
  }
  return frames;
}

function controls() {
  const choice = (name, label, options) => ({ name, label, kind: "choice", options, look: "switch" });
  const span = (name, label, min, max) => ({ name, label, kind: "range", min, max, step: 1 });
  return [
    choice("view", "pass", ["forward", "backward"]),
    span("steps", "steps", 3, 8),
    span("features", "features", 1, 2),
    span("units", "units", 1, 3),
    ...[..."ifo"].map((gate) => ({
      ...choice(`force_${gate}`, `gate ${gate}`, ["free", 0, 1]),
      labels: [`${gate} free`, `${gate} = 0`, `${gate} = 1`],
    })),
    span("force_from", "force from step", 1, 8),
  ];
}

function asks(params, panels) {
  const { steps: T, features: C, units: u } = params;
  const last = (T - 1) * u;
  const c = panels.c.data[last];
  const choice = (prompt, options, answer, why) => ({ kind: "choice", prompt, options, answer, hide: [], why });
  return [
    {
      kind: "number",
      prompt: "What is z of the input gate, unit 0, at step 1?",
      answer: panels.z.data[0],
      at: ["z", 0],
      why: "x W + h U + b, each with the column of gate i and unit 0.",
    },
    {
      kind: "choice",
      prompt: `Look at c, unit 0, at step ${T}. What is h there?`,
      options: ["above 0", "below 0", "exactly 0"],
      answer: c > 0 ? 0 : c < 0 ? 1 : 2,
      at: ["h", last],
      hide: ["h", "tanh(c)"],
      why: "h = o · tanh(c). The output gate is never below 0 and tanh keeps the sign, so h has the sign of c.",
    },
    choice(
      "Which gate decides how much of the old cell is kept?",
      ["the input gate i", "the forget gate f", "the output gate o"],
      1,
      "c = f · c before + i · g: the old cell is multiplied by f alone. At f = 1 nothing of it is lost.",
    ),
    choice(
      `Say the forget gate is 0 at step ${T}. What is c at step ${T} then?`,
      [`c of step ${T - 1}`, `i · g of step ${T}`, "0"],
      1,
      "f · c before is 0, whatever c was: only what this step writes, i · g, is there. Try it with f = 0.",
    ),
    choice(
      `Say f is 1 and i is 0 from step 2 on. What is c at step ${T} then?`,
      ["c of step 1", "0", "1"],
      0,
      "Each step multiplies c by 1 and adds 0, so c stays as it is. Try it with f = 1 and i = 0.",
    ),
    {
      kind: "number",
      prompt: "How many weights does this layer have?",
      answer: 4 * u * (C + u + 1),
      hide: [],
      why: `4 · ${u} · (${C} + ${u} + 1): four gates of ${u}, each with ${C} from x, ${u} from h and 1 bias.`,
    },
  ];
}

function backAsks(params, panels) {
  const { steps: T, units: u } = params;
  const sizes = panels.dc.data.map(Math.abs);
  const limit = Math.max(...sizes) * (1 - 1e-9);
  const choice = (prompt, options, answer, why) => ({ kind: "choice", prompt, options, answer, hide: [], why });
  return [
    {
      kind: "number",
      prompt: `The loss reads the last h. What is the gradient of h, unit 0, at step ${T}?`,
      answer: panels.dy.data[0],
      at: ["dh", (T - 1) * u],
      why: "No later step reads this h, so its gradient is what the loss sends: dy.",
    },
    choice(
      "From c of one step straight to c of the step before: what is the gradient multiplied by?",
      ["f", "i", "o", "the slope of tanh"],
      0,
      "c = f · c before + i · g, so the slope of c for c before is f. No tanh stands in this path.",
    ),
    choice(
      `Say f is always 1. How much of the gradient of c at step ${T} comes straight to c at step 1?`,
      ["all of it", `one part in ${T}`, "nearly nothing"],
      0,
      "1 · 1 · 1 stays 1. With f below 1 the product shrinks with each step, back as well as forth.",
    ),
    {
      kind: "cell",
      prompt: "Which c has the largest gradient, sign aside?",
      answer: sizes.flatMap((size, k) => (size >= limit ? [["dc", k]] : [])),
      why: "Each step back multiplies by f; what that step's own h passes in comes on top.",
    },
  ];
}

function code(given, params) {
  const { steps: t, features: c, units: u } = params;
  const array = (name, shape) => arrayCode(given[name].data, shape);
  const weights = [array("W", [c, 4 * u]), array("U", [u, 4 * u]), array("b", [4 * u])].join(", ");
  const states = ["h0", "c0"].map((name) => array(name, [1, u])).join(", ");
  const forced = [..."ifo"].some((gate) => params[`force_${gate}`] !== "free");
  const back = params.view === "backward";
  const lines = [
    ...(forced ? [`# the figure forces gates from step ${params.force_from}; this code does not`] : []),
    `layer = LSTM(${u}, return_sequences=True)`,
    `x = ${array("x", [1, t, c])}`,
    "layer.build(x.shape)",
    `layer.set_weights([${weights}])`,
    `states = [${states}]`,
    ...(back ? [`dy = np.zeros((1, ${t}, ${u}))`, `dy[0, -1] = ${array("dy", [u])}`] : []),
  ];
  const call = "y = layer(x, initial_state=states)";
  const keras = back
    ? [
        "x = tf.Variable(x, dtype=tf.float32)",
        "with tf.GradientTape() as tape:",
        `    ${call}`,
        "dx, *dweights = tape.gradient(y, [x, *layer.trainable_weights], tf.constant(dy, tf.float32))",
      ]
    : [call];
  const byHand = [call, ...(back ? ["dx = layer.backward(dy)", "dweights = layer.get_gradients()"] : [])];
  const imports = back ? ["import tensorflow as tf"] : [];
  const from = back ? "tensorflow.keras.layers" : "keras.layers";
  return {
    keras: ["import numpy as np", ...imports, `from ${from} import LSTM`, "", ...lines, ...keras].join("\n"),
    numpy: ["import numpy as np", "from byhand.layers import LSTM", "", ...lines, ...byHand].join("\n"),
  };
}
