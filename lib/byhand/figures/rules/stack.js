// The rule of a stack of Conv1D layers: forward, leak test, backward. stack.py says the same with the NumPy layers.

const VIEWS = {
  forward: ["", "input", "output"],
  leak: ["Δ", "change of the input", "change of the output"],
  backward: ["d", "gradient of the input", "gradient of the output"],
};

const range = (n) => [...Array(n).keys()];
const last = (list) => list[list.length - 1];

function geometry(p) {
  const sizes = p.kernel_size.slice(0, p.layers);
  const rates = p.dilation_rate.slice(0, p.layers);
  const reaches = sizes.map((k, n) => (k - 1) * rates[n]);
  const lengths = [p.steps];
  const before = [];
  sizes.forEach((k, n) => {
    before.push(padWidths([lengths[n]], [k], [1], p.padding, [rates[n]])[0][0]);
    lengths.push(outputLength(lengths[n], k, 1, p.padding, rates[n]));
  });
  return { sizes, rates, reaches, lengths, before, field: 1 + total(reaches) };
}

function refusal(p, g) {
  const n = g.lengths.slice(1).findIndex((length) => length < 1);
  if (n >= 0) {
    return (
      `Without padding nothing is left: layer ${n + 1} spans ${g.reaches[n] + 1} steps and gets ${g.lengths[n]}. ` +
      "Take more steps or a smaller dilation."
    );
  }
  if (p.at >= p.steps) return `There is no step ${p.at} among ${p.steps} steps. Change an earlier one.`;
  return null;
}

function retrace(params, data, bug) {
  const g = geometry(params);
  const error = refusal(params, g);
  if (error) return { error };
  const kernels = g.sizes.map((k, n) => fit(data[`W${n + 1}`], [k, 1, 1]));
  const links = range(params.layers).map((n) => linksOf(params, g, n, bug));
  const made = (params.view === "backward" ? backward : forward)(params, g, data, links);
  const weights = Object.fromEntries(
    kernels.map((w, n) => {
      const array = { shape: [g.sizes[n], 1, 1], data: w };
      const more = { edit: true, grid: [1, 0] };
      return [`W${n + 1}`, panel(`kernel of layer ${n + 1}`, ["tap", "channel", "filter"], array, "weight", more)];
    }),
  );
  const panels = { ...made.panels, ...weights };
  fill(panels, made.frames);
  return {
    figure: "stack",
    title: call(params),
    params,
    controls: controls(params),
    panels,
    layout: [...Object.keys(made.panels).map((name) => [name]), Object.keys(weights)],
    frames: made.frames,
    asks: asks(params, g, reach(params, g, kernels), seen(params, g)),
    bugs: bugs(params, g),
    code: code(params, g, data, kernels),
    wires: true,
    ...(params.view === "leak" && { lit: ["Δx", params.at] }),
  };
}

// [[o, tap, i], ...] of layer n: its output o reads its input i through this tap. Padding is left out.
function linksOf(p, g, n, bug) {
  const size = g.sizes[n];
  let rate = g.rates[n];
  let before = g.before[n];
  if (bug === "order") rate = g.rates[p.layers - 1 - n];
  if (bug === "dilation" && n === g.rates.indexOf(Math.max(...g.rates))) rate = 1;
  if (["order", "dilation", "same"].includes(bug)) {
    const reach = (size - 1) * rate;
    before = { valid: 0, causal: reach, same: Math.floor(reach / 2) }[bug === "same" ? "same" : p.padding];
  }
  if (bug === "late" && n === 0) before += 1;
  return range(g.lengths[n + 1]).flatMap((o) =>
    range(size)
      .map((j) => [o, bug === "flip" ? size - 1 - j : j, o + j * rate - before])
      .filter(([, , i]) => i >= 0 && i < g.lengths[n]),
  );
}

function givenOf(p, g, data) {
  return {
    x: fit(data.x, [p.steps, 1]),
    change: range(p.steps).map((i) => (i === p.at ? 1 : 0)),
    dY: p.view === "backward" ? fit(data.dY, [last(g.lengths), 1]) : null,
  };
}

function namesOf(p) {
  const [first] = VIEWS[p.view];
  const [x, y] = first === "d" ? ["X", "Y"] : ["x", "y"];
  return [first + x, ...range(p.layers - 1).map((n) => `${first}h${n + 1}`), first + y];
}

// The panel of what goes into layer n.
function row(p, n, array, role, edit) {
  const [, input, output] = VIEWS[p.view];
  const label = n === 0 ? input : n === p.layers ? output : `after layer ${n}`;
  const look = p.view === "forward" ? undefined : "heat";
  return panel(label, ["step", "channel"], array, role, { grid: [1, 0], look, edit: edit || undefined });
}

function forward(p, g, data, links) {
  const { x, change } = givenOf(p, g, data);
  const names = namesOf(p);
  const array = (n) => (n ? blank([g.lengths[n], 1]) : { shape: [p.steps, 1], data: p.view === "leak" ? change : x });
  const role = (n) => (n === 0 ? "input" : n === p.layers ? "result" : "middle");
  const panels = Object.fromEntries(names.map((name, n) => [name, row(p, n, array(n), role(n), name === "x")]));
  let spans = Object.fromEntries(range(p.steps).map((i) => [i, [i, i]]));
  const frames = links.flatMap((linked, n) => {
    spans = spansOf(linked, spans);
    return range(g.lengths[n + 1]).map((o) => {
      const met = linked.filter(([made]) => made === o);
      const terms = met.map(([, j, i]) => [names[n], i, `W${n + 1}`, j]);
      const said = note(p, n, g.sizes[n] - met.length, spans[o], names[0]);
      return { to: [names[n + 1], o], op: "dot", terms, ...(said && { note: said }) };
    });
  });
  return { panels, frames };
}

// {o: [first, last]}: from where to where the output o of a layer sees x, if its inputs see `spans`.
function spansOf(linked, spans) {
  const seen = {};
  for (const [o, , i] of linked) if (spans[i]) (seen[o] ||= []).push(...spans[i]);
  return Object.fromEntries(Object.entries(seen).map(([o, steps]) => [o, [Math.min(...steps), Math.max(...steps)]]));
}

// What a frame of layer n says of taps that read no cell and, at the end of a stack, of the steps it sees.
function note(p, n, missing, span, x) {
  const said = missing ? [`${missing} tap${missing > 1 ? "s" : ""} in the padding`] : [];
  if (span && p.layers > 1 && n === p.layers - 1) said.push(`sees ${x}[${span[0]}] to ${x}[${span[1]}]`);
  return said.join("; ");
}

function backward(p, g, data, links) {
  const { dY } = givenOf(p, g, data);
  const names = namesOf(p);
  const array = (n) => (n < p.layers ? blank([g.lengths[n], 1]) : { shape: [g.lengths[n], 1], data: dY });
  const role = (n) => (n === 0 ? "gradient" : n === p.layers ? "input" : "middle");
  const panels = Object.fromEntries(names.map((name, n) => [name, row(p, n, array(n), role(n), name === "dY")]));
  const frames = range(p.layers)
    .reverse()
    .flatMap((n) =>
      range(g.lengths[n]).map((i) => {
        const met = links[n].filter(([, , read]) => read === i);
        return { to: [names[n], i], op: "dot", terms: met.map(([o, j]) => [names[n + 1], o, `W${n + 1}`, j]) };
      }),
    );
  return { panels, frames };
}

// {o: [first, last]}: from where to where the output o of the whole stack sees x.
function seen(p, g) {
  const own = Object.fromEntries(range(p.steps).map((i) => [i, [i, i]]));
  return range(p.layers).reduce((spans, n) => spansOf(linksOf(p, g, n), spans), own);
}

// reach[i] = the outputs y[o] that move when x[i] is changed: the sum over all paths is not 0.
function reach(p, g, kernels) {
  const links = range(p.layers).map((n) => linksOf(p, g, n));
  return range(p.steps).map((at) => {
    let moves = range(p.steps).map((i) => (i === at ? 1 : 0));
    links.forEach((linked, n) => {
      const next = Array(g.lengths[n + 1]).fill(0);
      for (const [o, j, i] of linked) next[o] += moves[i] * kernels[n][j];
      moves = next;
    });
    return moves.flatMap((v, o) => (Math.abs(v) > 1e-9 ? [o] : []));
  });
}

function asks(p, g, moves, seenBy) {
  if (p.view === "backward") return backwardAsks(p, moves);
  return p.view === "leak" ? leakAsks(p, moves) : forwardAsks(p, g, moves, seenBy);
}

function forwardAsks(p, g, moves, seenBy) {
  const parts = g.sizes.map((k, n) => `${k - 1}×${g.rates[n]}`).join(" + ");
  const out = last(g.lengths);
  const mark = Math.max(out - 2, 0);
  const back = total(g.before);
  const [first] = seenBy[mark];
  const cut = mark < back ? `, which is padding. Of the steps behind its lines x[${first}] is the first` : "";
  const middle = Math.floor(p.steps / 2);
  const made = [
    {
      kind: "number",
      prompt:
        "How long is the receptive field of a cell of y: from the first step of x that it sees to the last, where no " +
        "edge cuts it short?",
      answer: g.field,
      why: `1 + ${parts} = ${g.field}: every layer adds (kernel − 1) × dilation.`,
      hide: [],
    },
    {
      kind: "number",
      prompt: `Which is the earliest step of x that y[${mark}] sees? Give its index.`,
      answer: first,
      why: `The layers together reach ${back} step${back === 1 ? "" : "s"} to the front: ${mark} − ${back} = ${mark - back}${cut}.`,
      at: ["y", mark],
      hide: [],
    },
    {
      kind: "choice",
      prompt: `x[${middle}] is changed. Can a cell of y with a smaller index move?`,
      options: ["no", "yes"],
      answer: Number(moves[middle].some((o) => o < middle)),
      why: {
        causal: "A causal window ends at its own step: nothing that comes later is read.",
        same: "Padding of same stands on both sides: a window also reads what comes later.",
        valid: "Without padding y[o] begins at x[o] and reads on from there.",
      }[p.padding],
      hide: [],
    },
    {
      kind: "number",
      prompt: `The stack has ${total(g.sizes)} weights. How many would one layer without dilation need to see as far?`,
      answer: g.field,
      why: `One for each step of its receptive field, ${g.field}.`,
      hide: [],
    },
  ];
  if (p.padding === "valid") {
    made.unshift({
      kind: "shape",
      prompt: `x has shape ${sizeText([p.steps, 1])}. What is the shape of y for one sample?`,
      answer: [out, 1],
      why: `Every layer takes away (kernel − 1) × dilation: ${p.steps} − ${g.field - 1} = ${out} steps.`,
    });
  }
  return made;
}

function leakAsks(p, moves) {
  const [found, at] = [moves[p.at], p.at];
  const run = found.length > 2 && last(found) - found[0] + 1 === found.length;
  const said = run ? `y[${found[0]}] to y[${last(found)}]` : found.map((o) => `y[${o}]`).join(", ") || "none of them";
  const made = [
    {
      kind: "number",
      prompt: `1 is added to x[${at}]. How many cells of y move?`,
      answer: found.length,
      why: `It moves ${said}.`,
    },
  ];
  if (found.length) {
    made.push({
      kind: "cell",
      prompt: `1 is added to x[${at}]. Select the first cell of y that moves.`,
      answer: [["Δy", found[0]]],
      why: {
        causal: "No earlier one: nothing leaks back in time.",
        same: "It comes before the change where a window reads ahead.",
        valid: "A window begins at its own index and reads on from there.",
      }[p.padding],
    });
  }
  return made;
}

function backwardAsks(p, moves) {
  const middle = Math.floor(p.steps / 2);
  const heard = moves[middle].length;
  const made = [
    {
      kind: "number",
      prompt: `From how many cells of dY does dX[${middle}] get its gradient?`,
      answer: heard,
      why: `From those that x[${middle}] moved on the way forward, ${heard}.`,
      at: ["dX", middle],
    },
  ];
  if (p.layers > 1) {
    made.push({
      kind: "choice",
      prompt: "Which kernel does the gradient meet first on its way back?",
      options: ["that of the first layer", "that of the last layer"],
      answer: 1,
      why: "The way back begins at y, and the last layer made y.",
      hide: [],
    });
  }
  return made;
}

function bugs(p, g) {
  const widest = g.rates.indexOf(Math.max(...g.rates)) + 1;
  const taps = Math.max(...g.sizes) > 1;
  const uneven = g.rates.some((d, n) => d !== g.rates[p.layers - 1 - n]);
  return [
    ["same", "the padding stands on both sides, so a step sees the future", p.padding === "causal" && taps],
    ["dilation", `layer ${widest} forgets its dilation`, taps && Math.max(...g.rates) > 1],
    ["order", "the dilations are given out in reverse order", taps && uneven],
    ["late", "layer 1 reads one step too early", true],
    ["flip", "the kernels are flipped", taps],
  ].flatMap(([name, label, there]) => (there ? [{ name, label }] : []));
}

function controls(p) {
  const choice = (name, label, options, more) => ({ name, label, kind: "choice", options, ...more });
  const labels = ["forward", "leak test", "backward"];
  return [
    choice("view", "view", ["forward", "leak", "backward"], { labels, look: "switch" }),
    choice("layers", "layers", [1, 2, 3, 4]),
    choice("steps", "steps", [8, 12, 16]),
    choice("kernel_size", "kernel", [Array(4).fill(2), Array(4).fill(3)], { labels: ["2", "3"] }),
    choice("padding", "padding", ["causal", "same", "valid"]),
    ...range(p.layers).map((n) => choice(`dilation_rate.${n}`, `dilation ${n + 1}`, [1, 2, 3, 4, 8])),
    ...(p.view === "leak" ? [choice("at", "changed step", range(p.steps))] : []),
  ];
}

function layerText(p, n) {
  let text = `1, ${p.kernel_size[n]}`;
  if (p.padding !== "valid") text += `, padding="${p.padding}"`;
  if (p.dilation_rate[n] > 1) text += `, dilation_rate=${p.dilation_rate[n]}`;
  return text;
}

const call = (p) =>
  `${p.layers} layer${p.layers > 1 ? "s" : ""} of Conv1D, ${p.padding}, ` +
  `dilation ${p.dilation_rate.slice(0, p.layers).join(", ")}`;

function code(p, g, data, kernels) {
  const { x, change, dY } = givenOf(p, g, data);
  const lines = [
    "model = Sequential([",
    ...range(p.layers).map((n) => `    Conv1D(${layerText(p, n)}, use_bias=False),`),
    "])",
    `x = ${arrayCode(x, [1, p.steps, 1])}`,
    "model.build(x.shape)",
    `model.set_weights([${kernels.map((w, n) => arrayCode(w, [g.sizes[n], 1, 1])).join(", ")}])`,
  ];
  const back = p.view === "backward";
  if (p.view === "leak") lines.push(`change = ${arrayCode(change, [1, p.steps, 1])}`);
  let keras = p.view === "leak" ? ["y = model(x + change) - model(x)"] : ["y = model(x)"];
  let byHand = keras;
  if (back) {
    lines.push(`dy = ${arrayCode(dY, [1, last(g.lengths), 1])}`);
    keras = [
      "x = tf.Variable(x, dtype=tf.float32)",
      "with tf.GradientTape() as tape:",
      "    y = model(x)",
      "dx = tape.gradient(y, x, tf.constant(dy, tf.float32))",
    ];
    byHand = ["y = model(x)", "dx = model.backward(dy)"];
  }
  const framework = back ? "tensorflow.keras" : "keras";
  const tensorflow = back ? ["import tensorflow as tf"] : [];
  const theirs = [`from ${framework} import Sequential`, `from ${framework}.layers import Conv1D`];
  const own = ["from byhand.layers import Conv1D", "from byhand.training import Sequential"];
  return {
    keras: ["import numpy as np", ...tensorflow, ...theirs, "", ...lines, ...keras].join("\n"),
    numpy: ["import numpy as np", ...own, "", ...lines, ...byHand].join("\n"),
  };
}
