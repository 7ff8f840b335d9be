// Full, grouped, depthwise, separable and pointwise convolution at one output position. figures/wiring.py and
// wiring_asks.py say the same.

const LARGEST = 150; // weights, or twice the cells of x; more would be a wall of numbers
const KINDS = ["full", "grouped", "depthwise", "separable", "pointwise"];
const COUNTS = ["kernels", "biases", "together", "products"];
const POSITION = ["row", "column"];
const LAST = { W: ["channel", "filter"], D: ["channel", "multiplier"], P: ["channel", "filter"] };
const GRADIENT = { y: "dY", M: "dM", x: "dX" };
const range = (n) => [...Array(n).keys()];

function retrace(p, data, bug) {
  const error = refusal(p);
  if (error) return { error };
  const plan = planOf(p);
  const make = p.view === "backward" ? backward : forward;
  return {
    figure: "wiring",
    title: call(p),
    params: p,
    controls: controls(p),
    ...make(p, plan, data, bug),
  };
}

const divides = (p) => p.channels % p.groups === 0 && p.filters % p.groups === 0;

function refusal(p) {
  const { channels: c, filters: f, groups: g } = p;
  if (p.kind === "grouped" && !divides(p)) {
    return `${g} groups need channels and filters that ${g} divides; here are ${c} and ${f}. Keras refuses it as well.`;
  }
  const plan = planOf(p);
  const weights = total(plan.steps.map((s) => product(s.shape)));
  if (weights <= LARGEST && 2 * product(plan.x) <= LARGEST) return null;
  return `${weights} weights are too many to read. Take a smaller kernel, or fewer channels.`;
}

// One step from channels to channels. wires: [[channel in, channel out, the weight's last two coordinates], ...]
function stepOf(source, weight, target, size, channels, out, groups, multiplier = 0) {
  const [own, each] = [channels / groups, out / groups];
  const shape = multiplier ? [...size, channels, multiplier] : [...size, own, out];
  const wires = multiplier
    ? range(channels).flatMap((c) => range(multiplier).map((i) => [c, c * multiplier + i, [c, i]]))
    : range(out).flatMap((f) => range(own).map((c) => [Math.floor(f / each) * own + c, f, [c, f]]));
  return { source, weight, target, size, channels, out, groups, shape, wires };
}

const grouped = ({ groups }, channel, all) => (groups > 1 ? { group: Math.floor((channel * groups) / all) } : {});

function planOf(p) {
  const { channels: c, filters: f, depth_multiplier: m } = p;
  const size = p.kind === "pointwise" ? [1, 1] : p.kernel_size;
  const groups = p.kind === "grouped" ? p.groups : 1;
  const deep = p.kind === "depthwise" || p.kind === "separable";
  const out = p.kind === "depthwise" ? c * m : f;
  const middle = p.kind === "separable" ? c * m : 0;
  const steps = middle
    ? [stepOf("x", "D", "M", size, c, middle, c, m), stepOf("M", "P", "y", [1, 1], middle, f, 1)]
    : [stepOf("x", deep ? "D" : "W", "y", size, c, out, deep ? c : groups, deep ? m : 0)];
  return { size, groups, out, middle, steps, x: [...size, c] };
}

function arrays(p, plan, given) {
  const array = (name, shape) => ({ shape, data: fit(given[name], shape) });
  const weights = plan.steps.map((s) => array(s.weight, s.shape));
  return { x: array("x", plan.x), weights, b: p.use_bias ? array("b", [plan.out]) : null };
}

function givenPanels(p, plan, { x, weights, b }) {
  const label = plan.middle ? { D: "depthwise kernel", P: "pointwise kernel" } : {};
  const seen = `window seen from row ${p.at[0]} and column ${p.at[1]}`;
  const panels = { x: panel(seen, [...POSITION, "channel"], x, "input", { edit: true }) };
  plan.steps.forEach(({ weight, size }, n) => {
    const [, , rows, columns] = weights[n].shape;
    const small = product(size) === 1 && weight !== "D";
    const look = small && { grid: [2, 3], names: { 2: numbered(rows), 3: numbered(columns) } };
    const axes = [...POSITION, ...LAST[weight]];
    panels[weight] = panel(label[weight] || "kernel", axes, weights[n], "weight", { edit: true, ...look });
  });
  if (b) panels.b = rowOf("bias", b, "weight", { edit: true });
  return panels;
}

const numbered = (n) => range(n).map(String);
const rowOf = (label, array, role, more) =>
  panel(label, ["channel"], array, role, { names: { 0: numbered(array.shape[0]) }, ...more });
const middlePanel = (plan) => rowOf("after the depthwise step", blank([plan.middle]), "middle");
const names = (plan) => plan.steps.map((s) => s.weight);

function forward(p, plan, data, bug) {
  const given = arrays(p, plan, data);
  const panels = givenPanels(p, plan, given);
  if (plan.middle) panels.M = middlePanel(plan);
  panels.y = rowOf("output there", blank([plan.out]), "result");
  const [shown, counting] = cost(p, bug);
  panels.cost = shown;
  const frames = [...plan.steps.flatMap((_, n) => stepFrames(p, plan, n, bug)), ...counting];
  fill(panels, frames);
  return {
    panels,
    wires: ["M", "y"],
    layout: [["x"], ...(plan.middle ? [["M"]] : []), ["y"], [...names(plan), ...(given.b ? ["b"] : [])], ["cost"]],
    frames,
    asks: forwardAsks(p, plan, panels),
    bugs: bugs(p, plan),
    code: code(p, plan, given),
  };
}

// The wires of a step as the rule with this bug would lay them.
function reached(step, bug) {
  const { weight, wires, channels, groups, out } = step;
  const [own, each] = [channels / groups, out / groups];
  if (bug === "next" && weight === "W") return wires.map(([c, f, w]) => [(c + own) % channels, f, w]);
  if (bug === "dealt" && weight === "W") return wires.map(([, f, w]) => [w[0] * groups + Math.floor(f / each), f, w]);
  if (bug === "alone" && weight === "W") return range(out).map((f) => [f % channels, f, [f % channels, f]]);
  if (bug === "order" && weight === "D") return wires.map(([, , w]) => [w[0], w[1] * channels + w[0], w]);
  if (bug === "mixed" && weight === "D") {
    return range(out).flatMap((q) => range(channels).map((c) => [c, q, [c, q % step.shape[3]]]));
  }
  return wires;
}

function stepFrames(p, plan, n, bug) {
  const step = plan.steps[n];
  const wires = reached(step, bug);
  const last = n === plan.steps.length - 1;
  const read = [...step.size, step.channels];
  return range(step.out).map((f) => {
    const into = wires.filter(([, out]) => out === f);
    const terms = into.flatMap(([c, , w]) =>
      cells(step.size).map((tap) => [step.source, ravel([...tap, c], read), step.weight, ravel([...tap, ...w], step.shape)]),
    );
    if (p.use_bias) {
      if (last && bug !== "forgotten") for (const _ of bug === "each" ? into : [0]) terms.push(["b", f]);
      if (!last && bug === "twice") terms.push(["b", f % plan.out]);
    }
    return { to: [step.target, f], op: "dot", terms, phase: step.target, ...grouped(step, f, step.out) };
  });
}

// The weights and multiplications of every kind that these settings allow, one kind a row.
function cost(p, bug) {
  const rows = KINDS.filter((kind) => kind !== "grouped" || divides(p));
  const width = COUNTS.length;
  const frames = rows.flatMap((kind, row) => {
    const plan = planOf({ ...p, kind });
    const own = kind === p.kind;
    const whole = [[...plan.size, p.channels, plan.out]];
    const shapes = own && bug === "undivided" ? whole : plan.steps.map((s) => s.shape);
    const biases = plan.out + (own && bug === "both" ? plan.middle : 0);
    const made = [
      [shapes],
      p.use_bias ? [[[biases]]] : [[], { note: "no bias" }],
      [[["cost", row * width], ["cost", row * width + 1]]],
      [shapes.map((shape) => [...shape, ...p.out])],
    ];
    return made.map(([terms, more], column) => {
      const op = terms.length > 1 ? "sum" : "dot";
      return { to: ["cost", row * width + column], op, terms, phase: "cost", ...more };
    });
  });
  const label = `weights of every kind, and products for an output of ${p.out[0]} by ${p.out[1]}`;
  const names = { 0: rows, 1: COUNTS };
  return [panel(label, ["kind", "count"], blank([rows.length, width]), "result", { names }), frames];
}

// ------------------------------------------------------------------------------------------------------- the way back

function backward(p, plan, data, bug) {
  const given = arrays(p, plan, data);
  const panels = givenPanels(p, plan, given);
  const shape = [plan.out];
  const dy = { shape, data: fit(atPosition(data.dY, p.at), shape) };
  const shown = { dY: rowOf("gradient of y", dy, "input", { edit: true }) };
  if (plan.middle) shown.dM = rowOf("gradient of M", blank([plan.middle]), "gradient");
  shown.dX = panel("gradient of x", [...POSITION, "channel"], blank(plan.x), "gradient");
  for (const name of [...names(plan), "x"]) shown[name] = panels[name];
  if (plan.middle) {
    shown.M = middlePanel(plan);
    fill({ ...panels, M: shown.M }, stepFrames(p, plan, 0)); // by the right rule, whatever is wrong on the way back
  }
  const weights = [...names(plan), ...(given.b ? ["b"] : [])];
  for (const name of weights) {
    const { axes, shape, grid, names } = panels[name];
    shown[`d${name}`] = panel(`gradient of ${name}`, axes, blank(shape), "gradient", { grid, names });
  }
  const frames = backwardFrames(p, plan, bug);
  fill(shown, frames);
  const inputs = plan.middle ? ["x", "M"] : ["x"];
  return {
    panels: shown,
    wires: ["dM", "dX"],
    layout: [["dY"], ...(plan.middle ? [["dM"]] : []), ["dX"], names(plan), inputs, weights.map((name) => `d${name}`)],
    frames,
    asks: backwardAsks(p, plan, shown),
    bugs: bugs(p, plan),
    code: code(p, plan, given, dy),
  };
}

// Of a gradient of the whole output the position that is drawn.
function atPosition(given, at) {
  if (!given || given.shape.length === 1) return given;
  const [, columns, channels] = given.shape;
  const first = (at[0] * columns + at[1]) * channels;
  return { shape: [channels], data: given.data.slice(first, first + channels) };
}

function backwardFrames(p, plan, bug) {
  const frames = [];
  for (const step of [...plan.steps].reverse()) {
    const wires = reached(step, bug);
    const into = GRADIENT[step.source];
    for (const tap of cells(step.size)) {
      for (const c of range(step.channels)) {
        const sent = wires.filter(([channel]) => channel === c);
        let terms = sent.map(([, f, w]) => [GRADIENT[step.target], f, step.weight, ravel([...tap, ...w], step.shape)]);
        if (bug === "last") terms = terms.slice(-1);
        const mean = bug === "mean" ? { op: "mean", n: Math.max(terms.length, 1) } : { op: "dot" };
        const to = [into, ravel([...tap, c], [...step.size, step.channels])];
        frames.push({ to, terms, phase: into, ...mean, ...grouped(step, c, step.channels) });
      }
    }
  }
  for (const step of plan.steps) {
    const wires = reached(step, bug);
    const name = `d${step.weight}`;
    for (const place of cells(step.shape)) {
      const [row, column, ...last] = place;
      const terms = wires.filter(([, , w]) => w[0] === last[0] && w[1] === last[1]).map(([c, f]) => [
        step.source, ravel([row, column, c], [...step.size, step.channels]), GRADIENT[step.target], f,
      ]);
      frames.push({ to: [name, ravel(place, step.shape)], op: "dot", terms, phase: name });
    }
  }
  if (p.use_bias) {
    for (const f of range(plan.out)) frames.push({ to: ["db", f], op: "sum", terms: [["dY", f]], phase: "db" });
  }
  return frames;
}

// ----------------------------------------------------------------------------------- controls, bugs, questions, code

const kindOf = (p) => ({ depthwise: "DepthwiseConv2D", separable: "SeparableConv2D" })[p.kind] || "Conv2D";

function call(p) {
  const size = short(p.kernel_size);
  let text = { depthwise: size, pointwise: `${p.filters}, 1` }[p.kind] || `${p.filters}, ${size}`;
  if (p.kind === "grouped") text += `, groups=${p.groups}`;
  if ((p.kind === "depthwise" || p.kind === "separable") && p.depth_multiplier > 1) {
    text += `, depth_multiplier=${p.depth_multiplier}`;
  }
  if (!p.use_bias) text += ", use_bias=False";
  return `${kindOf(p)}(${text})`;
}

function controls(p) {
  const choice = (name, label, options, more) => ({ name, label, kind: "choice", options, ...more });
  const pairs = (name, label, options) =>
    choice(name, label, options.map((n) => [n, n]), { labels: options.map((n) => `${n} by ${n}`) });
  const list = [
    choice("view", "direction", ["forward", "backward"], { look: "switch" }),
    choice("kind", "kind", KINDS),
    choice("channels", "channels in", [1, 2, 3, 4, 6]),
    choice("filters", "filters", [1, 2, 3, 4, 6]),
    choice("groups", "groups", [1, 2, 3, 4, 6]),
    choice("depth_multiplier", "depth multiplier", [1, 2, 3]),
    pairs("kernel_size", "kernel", [1, 2, 3]),
    { name: "use_bias", label: "bias", kind: "flag" },
  ];
  if (p.view === "forward") list.push(pairs("out", "output size", [1, 4, 28, 112]));
  return list;
}

function bugs(p, plan) {
  const [first, last] = [plan.steps[0], plan.steps[plan.steps.length - 1]];
  const c = p.channels;
  const there = p.view === "forward";
  const biased = there && p.use_bias;
  const grouped = plan.groups > 1;
  const deep = first.weight === "D";
  const middle = plan.middle > 0;
  const before = deep && !middle ? c : last.channels / last.groups;
  const known = [
    ["next", "each group reads the channels of the group after it", grouped],
    ["dealt", "the channels are dealt out to the groups in turn, not in blocks", grouped && c > plan.groups],
    ["alone", "each filter reads one channel alone, as in a depthwise layer", !grouped && !deep && c > 1],
    ["order", "the copies of a channel do not stand side by side, but C places apart", deep && p.depth_multiplier > 1 && c > 1],
    ["mixed", "the depthwise kernels add up all channels", deep && c > 1],
    ["forgotten", "the bias is forgotten", biased],
    ["each", "the bias is added once for each channel that is read", biased && (!deep || middle) && before > 1],
    ["twice", "the depthwise step adds a bias as well", biased && middle],
    ["undivided", "the kernel is counted as if every output read every channel", there && c > 1 && (grouped || (deep && !middle))],
    ["both", "the biases of both steps are counted, but only one step has them", biased && middle],
    ["last", "where several gradients meet, the last one replaces the others", !there],
    ["mean", "the gradients that meet are averaged, not added", !there],
  ];
  return known.filter(([, , fits]) => fits).map(([name, label]) => ({ name, label }));
}

const times = (numbers) => numbers.join(" · ");

function counts(p, plan) {
  const shapes = plan.steps.map((s) => s.shape);
  const kernels = shapes.map(product);
  const said = [...shapes.map(times), ...(p.use_bias ? [String(plan.out)] : [])].join(" + ");
  const inner = kernels.length === 1 ? String(kernels[0]) : `(${kernels.join(" + ")})`;
  const all = total(kernels);
  return [all + (p.use_bias ? plan.out : 0), said, all * product(p.out), `${inner} · ${times(p.out)}`];
}

function forwardAsks(p, plan, panels) {
  const results = ["y", "cost", ...(plan.middle ? ["M"] : [])];
  const [weights, sumText, products, productText] = counts(p, plan);
  const step = plan.steps[0];
  const last = plan.steps[plan.steps.length - 1];
  const asks = [
    {
      kind: "number",
      prompt: `How many weights does this layer have${p.use_bias ? ", biases included?" : "?"}`,
      answer: weights,
      veil: [...names(plan), ...(p.use_bias ? ["b"] : []), "cost"],
      hide: [],
      why: `${sumText} = ${weights}.`,
    },
    {
      kind: "choice",
      prompt: `Can channel 0 of x change the last channel of y, number ${plan.out - 1}?`,
      options: ["yes", "no"],
      answer: reaches(plan, 0, plan.out - 1) ? 0 : 1,
      hide: results,
      why: whyReached(p, plan),
    },
    {
      kind: "shape",
      prompt: `What is the shape of ${last.weight}, the ${panels[last.weight].label}?`,
      answer: last.shape,
      veil: [last.weight, ...results],
      why: last.weight === "D"
        ? "Height, width, channels, depth multiplier: each channel has kernels of its own."
        : "Height, width, channels that one output reads, outputs.",
    },
    {
      kind: "number",
      prompt: `How many multiplications does an output of ${p.out[0]} by ${p.out[1]} take?`,
      answer: products,
      hide: ["cost"],
      why: `${productText} = ${products}. A position uses each weight once, and a bias is only added.`,
    },
  ];
  if (step.wires.length < step.channels * step.out) asks.push(readerAsk(step, results));
  if (plan.middle && p.use_bias) {
    asks.push({
      kind: "number",
      prompt: "How many biases does this layer have?",
      answer: plan.out,
      veil: ["b", "cost"],
      hide: [],
      why: `One for each filter, ${plan.out}. Between the two steps there is none.`,
    });
  }
  return asks;
}

// Whether a channel of x can change a channel of y.
function reaches(plan, channel, output) {
  let here = new Set([channel]);
  for (const { wires } of plan.steps) here = new Set(wires.filter(([c]) => here.has(c)).map(([, f]) => f));
  return here.has(output);
}

function whyReached(p, plan) {
  if (plan.middle) return "The depthwise step keeps the channels apart, but the pointwise step reads all of them.";
  if (p.kind === "depthwise") {
    const last = plan.out - 1;
    const from = Math.floor(last / p.depth_multiplier);
    return `A depthwise layer never mixes channels: y ${last} is made from channel ${from} of x alone.`;
  }
  if (plan.groups === 1) return "Every filter reads every channel.";
  const each = plan.out / plan.groups;
  const belong = each === 1 ? "output belongs" : "outputs belong";
  return `${each} ${belong} to each group, and a group reads its own channels only.`;
}

// "channel 0", "channels 0 and 1", "channels 0, 1 and 2"
function channelsSaid(channels) {
  const most = channels.slice(0, -1).join(", ");
  const last = channels[channels.length - 1];
  return most ? `channels ${most} and ${last}` : `channel ${last}`;
}

function readerAsk(step, results) {
  const f = step.out > 2 ? step.out - 2 : step.out - 1;
  const channels = [...new Set(step.wires.filter(([, out]) => out === f).map(([c]) => c))].sort((a, b) => a - b);
  const read = [...step.size, step.channels];
  return {
    kind: "cell",
    prompt: `Select a cell of x that is used for channel ${f} of ${step.target}.`,
    at: [step.target, f],
    answer: channels.flatMap((c) => cells(step.size).map((tap) => ["x", ravel([...tap, c], read)])),
    hide: results,
    why: `It reads ${channelsSaid(channels)} of x and no other.`,
  };
}

function backwardAsks(p, plan, panels) {
  const step = plan.steps[0];
  const source = GRADIENT[step.target];
  const senders = step.wires.filter(([c]) => c === 0).map(([, f]) => f);
  const asks = [
    {
      kind: "number",
      prompt: `From how many channels of ${source} does channel 0 of dX get its gradient?`,
      answer: senders.length,
      at: ["dX", 0],
      why: `From ${channelsSaid(senders)}, which read${senders.length > 1 ? "" : "s"} channel 0 on the way forward.`,
    },
    {
      kind: "shape",
      prompt: `What is the shape of d${step.weight}, the gradient of ${step.weight}?`,
      answer: step.shape,
      veil: [...Object.keys(panels).filter((name) => name.startsWith("d") && name !== "dY"), ...names(plan)],
      why: "A gradient has the shape of what it belongs to: one number for each weight.",
    },
  ];
  if (senders.length < step.out) {
    asks.push({
      kind: "cell",
      prompt: `Select a cell of ${source} that sends nothing to channel 0 of x.`,
      answer: range(step.out).filter((f) => !senders.includes(f)).map((f) => [source, f]),
      why: "No wire leads from there to channel 0.",
    });
  }
  return asks;
}

function code(p, plan, { x, weights, b }, dy) {
  const array = ({ shape, data }) => arrayCode(data, shape);
  const one = ({ shape, data }) => arrayCode(data, [1, ...shape]);
  const lines = [
    `layer = ${call(p)}`,
    `x = ${one(x)}`,
    "layer.build(x.shape)",
    `layer.set_weights([${[...weights, ...(b ? [b] : [])].map(array).join(", ")}])`,
    ...(dy ? [`dy = ${arrayCode(dy.data, [1, 1, 1, ...dy.shape])}`] : []),
  ];
  const keras = dy
    ? [
        "x = tf.Variable(x, dtype=tf.float32)",
        "with tf.GradientTape() as tape:",
        "    y = layer(x)",
        "dx, *dweights = tape.gradient(y, [x, *layer.trainable_weights], tf.constant(dy, tf.float32))",
      ]
    : ["y = layer(x)"];
  const byHand = ["y = layer(x)", ...(dy ? ["dx = layer.backward(dy)", "dweights = layer.get_gradients()"] : [])];
  const kind = kindOf(p);
  const [imports, from] = dy ? [["import tensorflow as tf"], "tensorflow.keras.layers"] : [[], "keras.layers"];
  return {
    keras: ["import numpy as np", ...imports, `from ${from} import ${kind}`, "", ...lines, ...keras].join("\n"),
    numpy: ["import numpy as np", `from byhand.layers import ${kind}`, "", ...lines, ...byHand].join("\n"),
  };
}
