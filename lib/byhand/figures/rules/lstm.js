// The LSTM, step by step, forward and back through time. figures/lstm.py says the same.

const GATES = ["i", "f", "c", "o"];
const PLACES = { order: { i: 0, o: 1, f: 2, g: 3 }, swap: { f: 0, i: 1, g: 2, o: 3 } };
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
  ],
};

function retrace(params, data, bug) {
  const { steps: T, features: C, units: u } = params;
  const backward = params.view === "backward";
  const shapes = { x: [T, C], W: [C, 4, u], U: [u, 4, u], b: [4, u], h0: [u], c0: [u], dy: [u] };
  const given = {};
  for (const name in shapes) given[name] = { shape: shapes[name], data: quarters(data[name], shapes[name]) };
  const panels = { ...weights(given), ...made(given, T, C, u) };
  // The way back starts from the right forward pass, whatever rule is wrong in it.
  const forward = forwardFrames(params, backward ? null : bug);
  fill(panels, forward);
  let frames = forward;
  if (backward) {
    const slope = (v) => v * (1 - v);
    const gates = ["i", "f", "g", "o"].map((gate) => panels[gate].data);
    panels.slope.data = panels.slope.data.map((_, k) => {
      const [t, gate, j] = unravel(k, [T, 4, u]);
      const v = gates[gate][t * u + j];
      return forcedAt(params, gate, t) ? 0 : gate === 2 ? 1 - v * v : slope(v);
    });
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
      ? [["f", "o", "c", "dh", "dc"], ["i", "g", "dz", "dx"], ["W", "U", "dy"]]
      : [["x", "W", "U", "b"], ["z", "i", "f", "g", "o"], ["c0", "c", "tanh(c)", "h", "h0"]],
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

function weights(given) {
  const more = (grid) => ({ edit: true, grid, names: { gate: GATES } });
  return {
    x: panel("input", ["time", "feature"], given.x, "input", { edit: true }),
    W: panel("kernel", ["feature", "gate", "unit"], given.W, "weight", more([0, 2])),
    U: panel("recurrent kernel", ["unit before", "gate", "unit"], given.U, "weight", more([0, 2])),
    b: panel("bias", ["gate", "unit"], given.b, "weight", more([null, 1])),
    h0: panel("first h", ["unit"], given.h0, "input", { edit: true }),
    c0: panel("first c", ["unit"], given.c0, "input", { edit: true }),
  };
}

function made(given, T, C, u) {
  const gate = { grid: [0, 2], names: { gate: GATES } };
  const of = (label, role, look) => panel(label, ["time", "unit"], blank([T, u]), role, { look });
  const cut = (label, role) => panel(label, ["time", "gate", "unit"], blank([T, 4, u]), role, gate);
  return {
    z: cut("z = xW + hU + b", "middle"),
    i: of("input gate", "middle", "bar"),
    f: of("forget gate", "middle", "bar"),
    g: of("candidate", "middle", "heat"),
    o: of("output gate", "middle", "bar"),
    c: of("cell", "state", "heat"),
    "tanh(c)": of("tanh of c", "middle", "heat"),
    h: of("output", "result", "heat"),
    dy: panel("gradient of the last h", ["unit"], given.dy, "gradient", { edit: true }),
    slope: cut("slope of each gate", "middle"),
    "slope(c)": of("slope of tanh at c", "middle"),
    dh: of("gradient of h", "gradient", "heat"),
    dc: of("gradient of c", "gradient", "heat"),
    dz: cut("gradient of z", "gradient"),
    dx: panel("gradient of x", ["time", "feature"], blank([T, C]), "gradient", { look: "heat" }),
  };
}

// The cell of state `name` that step t finds: the first state before step 0.
const old = (name, t, j, u) => (t ? [name, (t - 1) * u + j] : [name + "0", j]);
const range = (n) => [...Array(n).keys()];

function forwardFrames(params, bug) {
  const { steps: T, features: C, units: u } = params;
  const place = PLACES[bug] || { i: 0, f: 1, g: 2, o: 3 };
  const frames = [];
  for (let t = 0; t < T; t++) {
    const add = (name, index, op, terms, phase, more) =>
      frames.push({ to: [name, index], op, terms, phase: `step ${t + 1}: ${phase}`, ...more });
    for (const k of range(4 * u)) {
      const terms = range(C).map((a) => ["x", t * C + a, "W", a * 4 * u + k]);
      terms.push(...range(u).map((a) => [...old("h", t, a, u), "U", a * 4 * u + k]));
      if (!(bug === "bias" && Math.floor(k / u) === 1)) terms.push(["b", k]);
      add("z", t * 4 * u + k, "dot", terms, "z");
    }
    for (const gate of "ifgo") {
      const forced = forcedAt(params, "if_o".indexOf(gate), t);
      for (const j of range(u)) {
        const terms = [["z", t * 4 * u + place[gate] * u + j]];
        if (forced) add(gate, t * u + j, "set", [], "gates", { value: forced[0], note: "forced by you" });
        else add(gate, t * u + j, gate === "g" && bug !== "squash" ? "tanh" : "sigmoid", terms, "gates");
      }
    }
    const each = (write) => range(u).forEach((j) => write(t * u + j, j));
    each((at, j) => add("c", at, "sum", [["f", at, ...old("c", t, j, u)], ["i", at, "g", at]], "cell"));
    each((at, j) => {
      const read = bug === "late" ? old("c", t, j, u) : ["c", at];
      add("tanh(c)", at, bug === "plain" ? "copy" : "tanh", [read], "output");
    });
    each((at) => add("h", at, "dot", [["o", at, "tanh(c)", at]], "output"));
  }
  return frames;
}

function backFrames(params, bug) {
  const { steps: T, features: C, units: u } = params;
  const frames = [];
  for (let t = T - 1; t >= 0; t--) {
    const add = (name, index, terms, phase, op = "dot", more = {}) =>
      frames.push({ to: [name, index], op, terms, phase: `step ${t + 1}: ${phase}`, ...more });
    const last = t === T - 1;
    const z = t * 4 * u;
    for (const j of range(u)) {
      const through = range(4 * u).map((k) => ["dz", z + 4 * u + k, "U", j * 4 * u + k]);
      add("dh", t * u + j, last ? [["dy", j]] : bug === "cut" ? [] : through, "into h");
    }
    for (const j of range(u)) {
      const at = t * u + j;
      const terms = [["dh", at, "o", at, ...(bug === "slope" ? [] : ["slope(c)", at])]];
      if (!last) terms.push(["dc", at + u, "f", bug === "step" ? at : at + u]);
      add("dc", at, terms, "into c");
    }
    for (const k of range(4 * u)) {
      const gate = Math.floor(k / u);
      const at = t * u + (k % u);
      const partner = [["g", at], old("c", t, k % u, u), ["i", at], ["tanh(c)", at]][gate];
      const term = [gate === 3 ? "dh" : "dc", at, ...partner, "slope", z + k];
      if (!forcedAt(params, gate, t)) add("dz", z + k, [term], "into z");
      else add("dz", z + k, [], "into z", "set", { value: 0, note: "a forced gate does not listen to z" });
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
    ...[..."ifo"].map((gate) => choice(`force_${gate}`, `gate ${gate}`, ["free", 0, 1])),
    span("force_from", "from step", 1, 8),
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
      "f · c before is 0, whatever c was. What this step writes, i · g, is all there is. Try it: gate f to 0.",
    ),
    choice(
      `Say f is 1 and i is 0 from step 2 on. What is c at step ${T} then?`,
      ["c of step 1", "0", "1"],
      0,
      "Each step multiplies c by 1 and adds 0, so c keeps its value for as long as the gates stay so. Try it.",
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
      `Say f is 1 at each step. How much of the gradient of c at step ${T} comes straight to c at step 1?`,
      ["all of it", `one part in ${T}`, "nearly nothing"],
      0,
      "1 · 1 · 1 ... stays 1. With f below 1 the product shrinks with each step: the cell forgets backward too.",
    ),
    {
      kind: "cell",
      prompt: "Which c has the largest gradient, sign aside?",
      answer: sizes.flatMap((size, k) => (size > limit ? [["dc", k]] : [])),
      why: "Each step back multiplies by f; what that step's own h passes in comes on top.",
    },
  ];
}

function code(given, params) {
  const { steps: t, features: c, units: u } = params;
  const array = (name, shape) => arrayCode(given[name].data, shape);
  const values = [array("W", [c, 4 * u]), array("U", [u, 4 * u]), array("b", [4 * u])].join(", ");
  const states = ["h0", "c0"].map((name) => array(name, [1, u])).join(", ");
  const forced = [..."ifo"].some((gate) => params[`force_${gate}`] !== "free");
  const lines = (imports, layer, wayBack) =>
    [
      "import numpy as np",
      imports,
      "",
      ...(forced ? [`# the figure forces gates from step ${params.force_from}; this code does not`] : []),
      `x = ${array("x", [1, t, c])}`,
      `layer = ${layer}(${u}, return_sequences=True, dtype="float64")`,
      "layer.build(x.shape)",
      `layer.set_weights([${values}])`,
      `print(layer(x, initial_state=[${states}]))`,
      ...wayBack,
    ].join("\n");
  const back = [`dy = np.zeros((1, ${t}, ${u}))`, `dy[0, -1] = ${array("dy", [u])}`, "print(layer.backward(dy))"];
  return {
    keras: lines("import tensorflow as tf", "tf.keras.layers.LSTM", []),
    numpy: lines("from byhand.layers import LSTM", "LSTM", params.view === "backward" ? back : []),
  };
}
